"""Counting what stands in a 通报.

It is read as the office reads it, of today or of a past day. Bodies outside the government's line are not named in it
(《政府督查工作条例》): they count in the totals, and stand in none of the tables by agency.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils import translation

from agencies.access import Principal
from agencies.models import Agency
from reforms.bulletins.figures import Counts, Figures, MovedDeadline, NamedMeasure, Silent
from reforms.catalogue.compare import TwoDays
from reforms.catalogue.overview import leads_of, overview_of, progress_of_sections, sections_of
from reforms.catalogue.rows import MeasureRow, Viewpoint, counted_measures, rows_with, viewpoint
from reforms.models import DUE_SOON_DAYS, DeadlineAdjustment, Extension, Light, ProgressReport, ReformList
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import not_on_time
from reforms.reports.periods import unreported
from reforms.reports.permissions import last_readable

Said = Mapping[int, dict[int, ProgressReport]]  # the last report of each agency, by measure


def figures_of(
    reform_list: ReformList, on: dt.date, *, since: dt.date | None, who: Principal, today: dt.date
) -> Figures:
    """Of the list on a business date; `closed` are those that were closed after `since` (None: in the month before)."""
    # An official document is Chinese, whatever the language of whoever drafts it.
    with translation.override("zh-hans"):
        return _figures(reform_list, viewpoint(who, on, [reform_list.slug], today=today), since, today)


def _figures(reform_list: ReformList, view: Viewpoint, since: dt.date | None, today: dt.date) -> Figures:
    on, overview = view.on, overview_of(view, [reform_list.slug])
    rows = _rows(reform_list, view)
    late = [row for row in rows if row.light is Light.OVERDUE]
    going = [row for row in rows if row.light in (Light.ON_TRACK, Light.DUE_SOON)]
    soon = [row for row in rows if row.light is Light.DUE_SOON]
    # A list's first bulletin has none before it.
    said = last_readable([row.id for row in going], view.who, on)
    begun = since or on - dt.timedelta(days=DUE_SOON_DAYS)
    closed = [row for row in rows if row.closed_on and begun < row.closed_on <= on]
    outside = _outside(rows)
    leads, _all = leads_of(view, reform_list=reform_list)
    inside = [progress for progress in leads if not progress.subject.outside_line]
    return Figures(
        on=on.isoformat(),
        first=since is None,
        items=overview.totals.items,
        measures=overview.totals.measures,
        lights={one.light.value: one.count for one in overview.totals.lights},
        sections=[
            _counts(one.subject.title, one) for one in progress_of_sections(sections_of(reform_list, view), view)
        ],
        # In the order of the directory, and not of merit.
        agencies=[_counts(one.subject.name, one) for one in sorted(inside, key=lambda one: one.subject.pk)],
        overdue=_lines(late, outside, lambda row: -(row.days_left or 0)),
        behind=_lines(_behind(going, said), outside),
        returned=_lines(_returned(going, said, on), outside),
        soon=_lines(soon, outside, lambda row: row.days_left or 0),
        closed=_lines(closed, outside),
        unreported=_unreported(reform_list, on),
        moved=_moved(rows, on),
        newly_overdue=TwoDays(reform_list, begun, on, today).changed(Light.OVERDUE, came=True).count(),
    )


def _rows(reform_list: ReformList, view: Viewpoint) -> list[MeasureRow]:
    found = counted_measures(view).filter(reform_list=reform_list).order_by("row", "pk")
    return rows_with(list(found.values_list("pk", flat=True)), view)


def _counts(name: str, progress: Any) -> Counts:
    return Counts(name=name, measures=progress.total, lights={one.light.value: one.count for one in progress.lights})


def _outside(rows: Iterable[MeasureRow]) -> frozenset[int]:
    # One query for all rows, instead of the agency of each lead.
    leads = {party.id for row in rows for party in row.leads}
    return frozenset(Agency.objects.filter(pk__in=leads, outside_line=True).values_list("pk", flat=True))


def _lines(
    rows: Iterable[MeasureRow],
    outside: frozenset[int],
    days: Callable[[MeasureRow], int] = lambda _row: 0,
) -> list[NamedMeasure]:
    """Those that somebody within the government's line leads."""
    named = ((row, [party.name for party in row.leads if party.id not in outside]) for row in rows)
    return [
        NamedMeasure(
            number=row.place,
            title=row.title,
            leads=leads,
            deadline=row.shown_deadline.isoformat() if row.shown_deadline else "",
            days=days(row),
        )
        for row, leads in named
        if leads
    ]


def _behind(rows: list[MeasureRow], said: Said) -> list[MeasureRow]:
    """Those whose lead says that it is behind (滞后); the light is still that of the date."""
    behind = ProgressReport.Outlook.BEHIND
    return [row for row in rows if any(report.outlook == behind for report in _of_leads(row, said.get(row.id, {})))]


def _returned(rows: list[MeasureRow], said: Said, on: dt.date) -> list[MeasureRow]:
    """Those whose lead claimed, had the claim sent back by that day, and has said nothing since."""
    back = ProgressReport.State.RETURNED
    return [
        row
        for row in rows
        if any(
            one.state == back and one.decided_on and one.decided_on <= on
            for one in _of_leads(row, said.get(row.id, {}))
        )
    ]


def _of_leads(row: MeasureRow, reports: dict[int, ProgressReport]) -> list[ProgressReport]:
    return [reports[party.id] for party in row.leads if party.id in reports]


def _unreported(reform_list: ReformList, on: dt.date) -> list[Silent]:
    late = not_on_time(unreported(on, [reform_list]), on, on, WorkingDays.stored())
    counts = Counter(late.order_by("agency").values_list("agency_id", flat=True))
    names = dict(Agency.objects.filter(pk__in=counts).values_list("pk", "name"))
    return [Silent(agency=names[pk], measures=counts[pk]) for pk in sorted(counts)]


def _moved(rows: list[MeasureRow], on: dt.date) -> list[MovedDeadline]:
    """延期 and 时限调整 up to the day, in the order of the list."""
    by_id = {row.id: row for row in rows}
    granted = Extension.objects.granted().filter(measure__in=by_id, decided_on__lte=on)
    adjusted = DeadlineAdjustment.objects.filter(measure__in=by_id, on__lte=on)
    moves: list[tuple[int, dt.date | None, dt.date | None, dt.date | None, str]] = [
        (one.measure_id, one.decided_on, one.former, one.granted, "延期申请获批") for one in granted
    ]
    moves += [(one.measure_id, one.on, one.former, one.deadline, one.reference) for one in adjusted]
    # Rows come in the order of the list; what moved is sorted by that, then by day.
    order = {pk: place for place, pk in enumerate(by_id)}
    return [
        MovedDeadline(
            number=by_id[pk].place,
            title=by_id[pk].title,
            former=former.isoformat() if former else "",
            until=until.isoformat() if until else "",
            by=by,
        )
        for pk, _day, former, until, by in sorted(moves, key=lambda move: (order[move[0]], move[1] or on))
    ]
