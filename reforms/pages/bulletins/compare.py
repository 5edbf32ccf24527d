"""两日对比: a list on two days side by side, by default since its last issued 通报, and the measures of each change."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agencies.access import Principal, Verb, access, principal_of, today
from agencies.lib.left_out import usable_form
from reforms.catalogue.compare import LABELS, TwoDays
from reforms.catalogue.rows import viewpoint
from reforms.lib.filters import tell_day_ahead
from reforms.models import DUE_SOON_DAYS, Bulletin, ReformList
from reforms.pages.paging import page_of_keys

CAME, WENT = "came", "went"


class CompareForm(forms.Form):
    """Which list, from which day to which; `show` are the measures of one figure, those that came or `way` went."""

    list = forms.ModelChoiceField(
        ReformList.objects.none(), label=gettext_lazy("清单"), to_field_name="slug", required=False
    )
    on = forms.DateField(label=gettext_lazy("截至"), required=False)
    show = forms.ChoiceField(label=gettext_lazy("指标"), choices=LABELS, required=False)
    way = forms.ChoiceField(label=gettext_lazy("增减"), choices=[(CAME, CAME), (WENT, WENT)], required=False)

    def __init__(self, data: QueryDict, *, who: Principal) -> None:
        super().__init__(data)
        self.fields["list"].queryset = lists_of(who)  # type: ignore[attr-defined]  # a model choice field
        # No name for an attribute.
        self.fields["from"] = forms.DateField(label=gettext_lazy("起"), required=False)

    def clean(self) -> dict[str, Any]:
        """The first day comes before the last."""
        said: dict[str, Any] = super().clean() or {}
        begin = said.get("from")
        if begin and begin >= min(said.get("on") or today(), today()):
            self.add_error("from", ValidationError(_("应早于截至的日期。"), code="not_before"))
        return said


def lists_of(who: Principal) -> Any:
    """The latest first."""
    return ReformList.objects.readable_by(who).filter(archived_on=None).order_by("-year", "pk")


@access(Verb.READ_STATUS)
@never_cache
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """The numbers, and the measures of the one that the address asks for."""
    who = principal_of(request)
    form, left_out = usable_form(lambda usable: CompareForm(usable, who=who), request.GET)
    tell_day_ahead(request, today())
    said, lists = form.cleaned_data, lists_of(who)
    chosen = said["list"] or lists.first()
    if chosen is None:
        return render(request, "bulletins/compare.html", {"left_out": left_out})
    later = min(said["on"] or today(), today())
    issued = _last_issued(chosen, later, who)
    earlier = said["from"] or (issued.on if issued else later - dt.timedelta(days=DUE_SOON_DAYS))
    days, show, came = TwoDays(chosen, earlier, later, today()), said["show"], said["way"] != WENT
    context = {
        "days": days,
        "chosen": chosen,
        "lists": list(lists.only("slug", "title", "short_title")),
        "issued": issued if issued and issued.on == earlier else None,
        "differences": days.differences(),
        "left_out": left_out,
        "show": show,
        "came": came,
    }
    if show:
        keys = days.changed(show, came=came).order_by("row", "pk").values_list("pk", flat=True)
        view = viewpoint(who, later, [chosen.slug], today=today())
        context |= {"shown": page_of_keys(request, keys, view), "view": view, "label": LABELS[show]}
    return render(request, "bulletins/compare.html", context)


def _last_issued(reform_list: ReformList, before: dt.date, who: Principal) -> Bulletin | None:
    """The last one of an earlier day that was issued."""
    readable = Bulletin.objects.readable_by(who).filter(state=Bulletin.State.ISSUED, kind=Bulletin.Kind.BULLETIN)
    return readable.filter(reform_list=reform_list, on__lt=before).order_by("-on", "-pk").first()
