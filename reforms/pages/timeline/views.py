"""时限: the year as a page, and as a calendar; and 阶段节点 of all measures under the filters of the measures page."""

import datetime as dt
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agencies.access import Verb, access
from agencies.lib.left_out import LeftOut, usable_form
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.said import chips, in_words
from reforms.lib.filters import usable_filters
from reforms.lib.words import day_text
from reforms.pages.measures.address import read_filters, without_a_day_ahead
from reforms.pages.overview.charts import Segment, in_segments
from reforms.pages.paging import PAGE_SIZE
from reforms.pages.visitors import kept_for_visitors
from reforms.reminders.calendar import WorkingDays
from reforms.timeline.milestones import MilestoneStage, at_stage, counts_by_stage, milestones_under, rows_of
from reforms.timeline.year import Load, Month, year_of

BAR = 200  # units of a bar as long as the fullest month


@access(Verb.READ)
@require_safe
@kept_for_visitors
def timeline(request: HttpRequest) -> HttpResponse:
    """What falls due when in a year, under the filters of the measures page."""
    filters, left_out, asked = _read(request)
    year, days = year_of(filters, asked), WorkingDays.stored()
    context = {
        "filters": filters,
        "view": filters.view,
        "chips": chips(filters),
        "left_out": in_words(left_out),
        "year": year,
        "months": [_shown(month, year.most, filters, days) for month in year.months if not month.whole.is_free],
        "query": filters.data.urlencode(),
    }
    return render(request, "timeline/timeline.html", context)


def _read(request: HttpRequest) -> tuple[MeasureFilter, LeftOut, int | None]:
    """The filters of the address as far as they can be used, what of it cannot, and the year that it asks for."""
    data: QueryDict = request.GET.copy()
    said = "".join(data.pop("year", [])[-1:])
    year = int(said) if said.isascii() and said.isdecimal() and 1900 <= int(said[:5]) <= 2200 else None
    return *usable_filters(partial(read_filters, request), data), year


def _shown(month: Month, most: int, filters: MeasureFilter, days: WorkingDays) -> dict[str, Any]:
    first, last = month.days[0].day, month.days[-1].day
    whole = _line(month.whole, most, filters, first, last)
    lines = [_line(one, most, filters, one.day, one.day) | {"works": days.works(one.day)} for one in month.days]
    return {"first": month.whole.day, "whole": whole, "days": lines}


def _line(due: Load, most: int, filters: MeasureFilter, first: dt.date, last: dt.date) -> dict[str, Any]:
    query = filters.data.copy()
    for name in ("deadline", "deadline_after", "deadline_before", "ordering", "page"):
        query.pop(name, None)
    one = {"deadline": first.isoformat()} if first == last else {}
    span = one or {"deadline_after": first.isoformat(), "deadline_before": last.isoformat()}
    steps = {"due_after": first.isoformat(), "due_before": last.isoformat()}
    # Some lists may not tell their status: the bar is as long as what is told.
    told = in_segments(due.lights, BAR * sum(one.count for one in due.lights) / most) if most else ()
    plain = [Segment("plain", "", due.total, 0, round(BAR * due.total / most, 2))] if most else []
    return {
        "due": due,
        "address": f"{reverse('measures')}?{joined(query, span)}",
        # All of the filters: a milestone has a day of its own.
        "milestones": f"{reverse('milestones')}?{joined(filters.data, steps)}",
        "segments": told or plain,
        "lights": due.lights,
    }


def joined(query: QueryDict, chosen: dict[str, str]) -> str:
    """An address's query with more of it."""
    return "&".join(part for part in (query.urlencode(), urlencode(chosen)) if part)


class MilestonesForm(forms.Form):
    """Which milestones of the measures: how far they are, and when they are due."""

    stage = forms.ChoiceField(label=_("进度"), choices=[("", _("全部")), *MilestoneStage.choices], required=False)
    due_after = forms.DateField(label=_("计划日期自"), required=False)
    due_before = forms.DateField(label=_("计划日期至"), required=False)


@access(Verb.READ)
@require_safe
def milestones(request: HttpRequest) -> HttpResponse:
    """Milestones by day, some at a time; each with its measure."""
    filters, form, left_out = _read_milestones(request)
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


def _read_milestones(request: HttpRequest) -> tuple[MeasureFilter, MilestonesForm, LeftOut]:
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
