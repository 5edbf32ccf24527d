"""样式: every component in its states, from the fragments that pages are made of, for whoever works on them."""

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, acting
from reforms.catalogue.course import light_counts
from reforms.catalogue.rows import counted_measures, rows_with, viewpoint
from reforms.models import Disposition, Light
from reforms.pages.forms import Day, Words
from reforms.pages.overview.charts import bar

ROWS = 3


class Sample(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("简称"), max_length=20, help_text=_("不超过20字。"))
    reason = Words(label=_("理由"), max_length=200)
    until = Day(label=_("日期"))
    kind = forms.ChoiceField(label=_("在册情况"), choices=Disposition.choices)
    agreed = forms.BooleanField(label=_("已核对"))


@access(Verb.READ)
@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """The components, on the data that are there; only in development and in the demonstration."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    view = viewpoint(**acting(request))
    counts = light_counts({light: 3 * place + 1 for place, light in enumerate(Light)})
    keys = counted_measures(view).order_by("reform_list", "row").values_list("pk", flat=True)[:ROWS]
    return render(
        request,
        "style/style.html",
        {
            "view": view,
            "every_light": list(Light),
            "lights": {counted.light: counted.count for counted in counts},
            "bars": [bar(counts), bar(counts[:1]), bar(())],
            "rows": rows_with(list(keys), view),
            "empty_form": Sample(auto_id="empty_%s"),
            "wrong_form": Sample(QueryDict("name=" + "x" * 30), auto_id="wrong_%s"),
            "page": Paginator(range(500), 50).get_page(request.GET.get("page", 3)),
        },
    )
