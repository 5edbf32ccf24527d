"""阶段节点 of all measures under the filters of the measures page."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agencies.access import Verb, access
from agencies.lib.left_out import LeftOut, usable_form
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.said import chips, in_words
from reforms.lib.filters import usable_filters
from reforms.lib.words import day_text
from reforms.pages.measures.table import read_filters, without_a_day_ahead
from reforms.pages.paging import PAGE_SIZE
from reforms.timeline.milestones import MilestoneStage, at_stage, counts_by_stage, milestones_under, rows_of


class MilestonesForm(forms.Form):
    """Which milestones of the measures: how far they are, and when they are due."""

    stage = forms.ChoiceField(label=_("进度"), choices=[("", _("全部")), *MilestoneStage.choices], required=False)
    due_after = forms.DateField(label=_("计划日期自"), required=False)
    due_before = forms.DateField(label=_("计划日期至"), required=False)


@access(Verb.READ)
@require_safe
def milestones(request: HttpRequest) -> HttpResponse:
    """Milestones by day, some at a time; each with its measure."""
    filters, form, left_out = _read(request)
    view, asked = filters.view, form.cleaned_data
    found = milestones_under(filters)
    for name, lookup in (("due_after", "due_on__gte"), ("due_before", "due_on__lte")):
        if asked[name]:
            found = found.filter(**{lookup: asked[name]})
    counts = counts_by_stage(found, view.on)
    if asked["stage"]:
        found = found.filter(at_stage(MilestoneStage(asked["stage"]), view.on))
    paginator = Paginator(found.select_related("agency").order_by("due_on", "pk"), PAGE_SIZE)
    paginator.count = counts[asked["stage"]]
    page = paginator.get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "view": view,
        "chips": chips(filters),
        "left_out": in_words(left_out, {"stage": MilestoneStage}),
        "tabs": [(value, label, counts[value]) for value, label in form.fields["stage"].choices],  # type: ignore[attr-defined]  # of a choice field
        # What links that change the filters of measures keep.
        "own": "".join(f"&{urlencode({name: value})}" for name, value in asked.items() if value),
        "stage": asked["stage"],
        "span": _span(asked["due_after"], asked["due_before"]),
        "page": page,
        "rows": rows_of(list(page), view),
    }
    return render(request, "timeline/milestones.html", context)


def _read(request: HttpRequest) -> tuple[MeasureFilter, MilestonesForm, LeftOut]:
    """The filters of measures, those of their milestones, and what of the address is not used."""
    data, own = without_a_day_ahead(request), QueryDict(mutable=True)
    for name in MilestonesForm.base_fields:
        if name in data:
            own[name] = data.pop(name)[-1]
    filters, left_out = usable_filters(lambda asked: read_filters(request, asked), data)
    form, also = usable_form(MilestonesForm, own)
    return filters, form, left_out + also


def _span(first: dt.date | None, last: dt.date | None) -> str:
    """2022年6月1日–2022年6月30日, with one end open where only the other is asked for; empty for neither."""
    if first == last:
        return day_text(first) if first else ""
    return "–".join(day_text(day) if day else "" for day in (first, last))
