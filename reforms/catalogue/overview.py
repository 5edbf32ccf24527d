"""The numbers of the overview, and who leads what. Each is made by the query behind its link, so that it equals the
rows there."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from agencies.access import Principal
from agencies.models import Agency
from reforms.catalogue.course import Completed, Course, LightCount, MonthEnd, Tallied, course_of, light_counts, trend_of
from reforms.catalogue.rows import MeasureRow, Viewpoint, counted_measures, rows_with
from reforms.catalogue.seen import SHOWN_LIGHTS, SeenMeasures, day_of, lights_by
from reforms.columns.reading import NO_DAY, Column, among, counted, different, distinct, numbered, place_of
from reforms.models import (
    DONE,
    DUE_SOON_DAYS,
    Assignment,
    Light,
    Part,
    ReformList,
    ReformListQuerySet,
    Section,
    Status,
    has_begun,
)

OVERDUE_SHOWN = 10
SOON_SHOWN = 8
UNDER_REVIEW, CLOSED = place_of(Status.UNDER_REVIEW), place_of(Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Progress:
    """A list, a section or a leading agency with its measures by light."""

    subject: Any
    total: int
    lights: tuple[LightCount, ...]

    def count(self, light: Light) -> int:
        """How many show that light; 0 where it is not told."""
        return next((c.count for c in self.lights if c.light == light), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts of what is in force. `lights` is empty where the status may not be seen."""

    items: int
    measures: int
    dated: int
    standing: int
    lights: tuple[LightCount, ...]

    def light(self, name: str) -> int:
        """How many show the light with that value; 0 where it is not told."""
        return next((c.count for c in self.lights if c.light == name), 0)

    @property
    def overdue(self) -> int:
        """How many are overdue; 0 where it is not told."""
        return self.light(Light.OVERDUE)

    @property
    def settled(self) -> int:
        """In place or closed."""
        return self.light(Light.CLOSED) + self.light(Light.STANDING)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whether reforms are national ones (国家改革任务), and how many items they are."""

    is_national: bool
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The totals with what only the API counts beside."""

    totals: Totals
    sections: int
    national_items: int
    agency_names: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All numbers of the overview page, but for its tables of lists or sections, which are shown page by page, and of
    agencies (`leads_of`). `soon` are the first of `soon_count`."""

    totals: Totals
    national: tuple[Progress, ...]
    overdue: tuple[MeasureRow, ...]
    course: Course
    trend: tuple[MonthEnd, ...]
    soon: tuple[MeasureRow, ...]
    soon_count: int
    soon_until: dt.date


def lists_of_overview(who: Principal, slugs: Collection[str] = ()) -> ReformListQuerySet:
    """Those of `slugs` that are open to `who`; when none is named, all that are and that are not archived."""
    lists: ReformListQuerySet = ReformList.objects.readable_by(who)
    return lists.filter(slug__in=slugs) if slugs else lists.filter(archived_on=None)


def counted_and_later(lists: ReformListQuerySet, view: Viewpoint) -> tuple[ReformListQuerySet, ReformListQuerySet]:
    """Those of the lists that count on the day looked at, and those that came later."""
    if not view.past:
        return lists, lists.none()
    return lists.filter(has_begun(view.on)), lists.exclude(has_begun(view.on))


def overview_of(view: Viewpoint, slugs: Collection[str] = ()) -> Overview:
    """All numbers for the lists looked at, or for those of `slugs`: a constant number of queries."""
    seen = SeenMeasures(view)
    measures = seen.counted(slugs)
    counts = _counts(seen, measures, slugs)
    until = view.on + dt.timedelta(days=DUE_SOON_DAYS)
    soon = _soon(seen, measures, until)
    return Overview(
        totals=_totals(counts.tally, counts.items.every, view),
        national=_national(counts.tally, counts.items),
        overdue=_overdue(seen, measures),
        course=counts.course,
        trend=trend_of(view, slugs) if view.sees_status else (),
        soon=tuple(rows_with(seen.first_due(soon, SOON_SHOWN), seen.view)),
        soon_count=int(soon.sum()),
        soon_until=until,
    )


def stats_of(view: Viewpoint, slugs: Collection[str] = ()) -> Stats:
    """The counts for the lists looked at, or for those of `slugs`, for the API."""
    seen = SeenMeasures(view)
    measures = seen.counted(slugs)
    counts = _counts(seen, measures, slugs)
    items = counts.items
    return Stats(
        totals=_totals(counts.tally, items.every, view),
        sections=distinct(seen.of["section_id"][measures]),
        national_items=items.national,
        agency_names=_names_beside(view, slugs),
    )


def _names_beside(view: Viewpoint, slugs: Collection[str]) -> int:
    """How many printed names, groups among them, as a reader counts them in the list."""
    measures = counted_measures(view).filter(reform_list__slug__in=slugs) if slugs else counted_measures(view)
    beside = Assignment.objects.filter(measure__in=measures.values("pk"))
    return beside.values("printed_name").distinct().count()


@dataclass(frozen=True, slots=True)
class _Counts:
    """What both tell, counted once."""

    tally: Sequence[Tallied]
    items: "_Items"
    course: Course


def _counts(seen: SeenMeasures, measures: Column, slugs: Collection[str]) -> _Counts:
    names = ("item_id", "item__is_national", "is_standing", "status", "closed_on", "claimed_on")
    made_from = measures, seen.told, seen.deadline, seen.told_light, *(seen.of[name] for name in names)

    def made() -> _Counts:
        tally = _tally(seen, measures)
        return _Counts(tally, _items(seen, measures), course_of(tally, _completions(seen, measures), seen.view))

    return seen.remembered(("overview", tuple(sorted(slugs)), seen.view.on), made_from, made)


def _tally(seen: SeenMeasures, measures: Column) -> list[Tallied]:
    """Every measure once, by light, deadline and origin."""
    days, day = numbered(seen.deadline[measures])
    # A number for each combination.
    shape = (len(days), len(SHOWN_LIGHTS), 2)
    kind = (day * shape[1] + seen.told_light[measures]) * 2 + seen.of["item__is_national"][measures]
    standing, awaiting = seen.of["is_standing"][measures], ((seen.of["status"] == UNDER_REVIEW) & seen.told)[measures]
    counts, in_place, claimed = (
        np.bincount(some, minlength=math.prod(shape)).reshape(shape) for some in (kind, kind[standing], kind[awaiting])
    )
    return [
        Tallied(SHOWN_LIGHTS[shown], day_of(days[at]), bool(national), n, int(in_place[where]), int(claimed[where]))
        for where, n in _more_than_none(counts)
        for at, shown, national in (where,)
    ]


def _more_than_none(counts: Column) -> list[tuple[tuple[int, ...], int]]:
    """Where in a table something was counted, and how many."""
    return [(where, int(counts[where])) for where in zip(*(one.tolist() for one in counts.nonzero()), strict=True)]


@dataclass(frozen=True, slots=True)
class _Items:
    every: int
    national: int


def _items(seen: SeenMeasures, measures: Column) -> _Items:
    items, national = seen.of["item_id"], seen.of["item__is_national"]
    return _Items(distinct(items[measures]), distinct(items[measures & national]))


def _completions(seen: SeenMeasures, measures: Column) -> list[Completed]:
    """How many were completed on each day; none where the status is not told."""
    done = measures & seen.told & among(seen.of["status"], [place_of(one) for one in DONE])
    closed, claimed = seen.of["closed_on"], seen.of["claimed_on"]
    day = np.where(closed != NO_DAY, closed, claimed)
    verified = counted(day[done & (seen.of["status"] == CLOSED)])
    every = counted(day[done])
    return [Completed(dt.date.fromordinal(on), n, verified.get(on, 0)) for on, n in every.items()]


def _totals(tally: Sequence[Tallied], items: int, view: Viewpoint) -> Totals:
    counts: Counter[Light | None] = Counter()
    for one in tally:
        counts[one.light] += one.count
    return Totals(
        items=items,
        measures=counts.total(),
        dated=sum(one.count for one in tally if one.deadline),
        standing=sum(one.standing for one in tally),
        lights=light_counts(counts) if view.sees_status else (),
    )


def _national(tally: Sequence[Tallied], items: _Items) -> tuple[Progress, ...]:
    """The national ones and the others; nothing where the lists mark none, or all."""
    counts: dict[bool, Counts] = {True: {}, False: {}}
    for one in tally:
        counts[one.is_national][one.light] = counts[one.is_national].get(one.light, 0) + one.count
    if not counts[True] or not counts[False]:
        return ()
    number = {True: items.national, False: items.every - items.national}
    return tuple(progress_of(Origin(which, number[which]), counts[which]) for which in (True, False))


# How many show each light; None are those of which it is not told.
Counts = dict[Light | None, int]


def progress_of(subject: Any, counts: Counts) -> Progress:
    return Progress(subject, sum(counts.values()), light_counts(counts) if any(counts) else ())


def sections_of(reform_list: ReformList, view: Viewpoint) -> QuerySet[Section]:
    """The sections of a list with measures that count, in its order."""
    used = counted_measures(view).filter(section=OuterRef("pk"))
    # With its list, whose name stands in the address of each.
    found = Section.objects.filter(Exists(used), reform_list=reform_list)
    return found.select_related("reform_list").order_by("number")


def progress_of_lists(lists: Collection[ReformList], view: Viewpoint) -> list[Progress]:
    """Each of these with its measures by light, in their order."""
    return _progress_by("reform_list_id", lists, view)


def progress_of_sections(sections: Collection[Section], view: Viewpoint) -> list[Progress]:
    """The same of sections."""
    return _progress_by("section_id", sections, view)


def _progress_by(name: str, subjects: Collection[Any], view: Viewpoint) -> list[Progress]:
    seen = SeenMeasures(view)
    counted, of_each, ids = seen.counted(), seen.of[name], tuple(one.pk for one in subjects)

    def made() -> dict[int, Counts]:
        wanted = counted & among(of_each, ids)
        return lights_by(of_each[wanted], seen.told_light[wanted])

    groups = seen.remembered((name, ids), (counted, of_each, seen.told_light), made)
    return [progress_of(one, groups.get(one.pk, {})) for one in subjects]


def _overdue(seen: SeenMeasures, measures: Column) -> tuple[MeasureRow, ...]:
    """What has been overdue longest."""
    late = measures & seen.told & (seen.light == place_of(Light.OVERDUE))
    return tuple(rows_with(seen.first_due(late, OVERDUE_SHOWN), seen.view))


def _soon(seen: SeenMeasures, measures: Column, until: dt.date) -> Column:
    first, last = seen.view.on.toordinal(), until.toordinal()
    # Where the status is not told, the printed deadline alone decides.
    still_open = ~seen.told | (seen.light == place_of(Light.DUE_SOON))
    due: Column = measures & (seen.deadline >= first) & (seen.deadline <= last) & still_open
    return due


# Who leads what goes by the printed leads: a measure that is led jointly counts for each of them. Sorted by how much
# they lead, which is an order of size, not of merit.


@dataclass(frozen=True, slots=True)
class PrintedCounts:
    """Beside how many measures that count an agency is printed as lead, and as responsible."""

    lead: int = 0
    responsible: int = 0


def printed_counts(view: Viewpoint, slugs: Collection[str] = ()) -> dict[int, PrintedCounts]:
    """Of each agency, by id (in the lists of `slugs` where any are given); those that are beside none are left out."""
    seen = SeenMeasures(view)
    measures = seen.counted(slugs)
    lead, responsible = (seen.agencies(measures, part) for part in (Part.LEAD, Part.RESPONSIBLE))
    return {pk: PrintedCounts(lead.get(pk, 0), responsible.get(pk, 0)) for pk in lead.keys() | responsible.keys()}


def leads_of(
    view: Viewpoint, most: int | None = None, reform_list: ReformList | None = None
) -> tuple[list[Progress], int]:
    """Those that lead most (of one list where that is given), no more than `most`, and how many there are."""
    groups = lights_by_lead(view, reform_list)
    order = sorted(groups, key=lambda agency: (-sum(groups[agency].values()), agency))
    agencies = Agency.objects.in_bulk(order[:most])
    return [progress_of(agencies[pk], groups[pk]) for pk in order[:most]], len(order)


def lights_by_lead(view: Viewpoint, reform_list: ReformList | None = None) -> dict[int, Counts]:
    """How many measures that count each leads (of one list where that is given), by light."""
    seen = SeenMeasures(view)
    slugs = (reform_list.slug,) if reform_list else ()
    measures, lead = seen.counted(slugs), seen.columns.beside[Part.LEAD]

    def made() -> dict[int, Counts]:
        beside = measures[lead.at]
        return lights_by(lead.agency[beside], seen.told_light[lead.at[beside]])

    return seen.remembered(("by lead", slugs), (measures, lead.at, lead.agency, seen.told_light), made)


def _led(view: Viewpoint, reform_list: ReformList) -> Iterator[tuple[int, int, Light | None, int]]:
    """How many of the measures that count each agency leads, by section and light."""
    seen = SeenMeasures(view)
    measures, lead = seen.counted([reform_list.slug]), seen.columns.beside[Part.LEAD]
    beside = measures[lead.at]
    at = lead.at[beside]
    columns = (lead.agency[beside], seen.of["section_id"][at], seen.told_light[at])
    # A number for each combination.
    shape = tuple(int(column.max(initial=0)) + 1 for column in columns)
    kinds, counts = different(np.ravel_multi_index(columns, shape))
    for *where, n in zip(*np.unravel_index(kinds, shape), counts, strict=True):
        agency, section, light = map(int, where)
        yield agency, section, SHOWN_LIGHTS[light], int(n)


@dataclass(frozen=True, slots=True)
class LeadCell:
    """How many measures of a section an agency leads, and how many of them are overdue (0 where it is not told)."""

    section: Section
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class LeadRow:
    """An agency, its cells by section, and its measures by light."""

    agency: Agency
    cells: tuple[LeadCell, ...]
    progress: Progress

    @property
    def overdue(self) -> int:
        """How many of all it leads are overdue."""
        return self.progress.count(Light.OVERDUE)


# By agency, section and light.
Counted = dict[int, dict[int, Counts]]


def led_by_section(reform_list: ReformList, view: Viewpoint) -> Counted:
    """How many measures of each section each agency leads, those that lead most first."""
    counts: Counted = {}
    for agency, section, light, n in _led(view, reform_list):
        counts.setdefault(agency, {}).setdefault(section, {})[light] = n
    totals = {agency: sum(sum(lights.values()) for lights in found.values()) for agency, found in counts.items()}
    return {agency: counts[agency] for agency in sorted(totals, key=lambda agency: (-totals[agency], agency))}


@dataclass(frozen=True, slots=True)
class Matrix:
    """Leading agencies across sections; `others` lead something too and have no row. `most` is the largest count of a
    cell, by which shades are told."""

    sections: Sequence[Section]
    rows: list[LeadRow]
    others: int
    most: int


def matrix_of(counts: Counted, sections: Sequence[Section], agencies: Sequence[int]) -> Matrix:
    """These agencies across these sections."""
    by_id = Agency.objects.in_bulk(agencies)
    rows = [_row(by_id[pk], counts[pk], sections) for pk in agencies]
    most = max((cell.count for row in rows for cell in row.cells), default=0)
    return Matrix(sections, rows, len(counts) - len(rows), most)


def _row(agency: Agency, counts: Mapping[int, Counts], sections: Collection[Section]) -> LeadRow:
    cells = tuple(
        LeadCell(one, sum(found.values()), found.get(Light.OVERDUE, 0))
        for one in sections
        for found in (counts.get(one.pk, {}),)
    )
    together: Counts = {}
    for found in counts.values():
        for light, n in found.items():
            together[light] = together.get(light, 0) + n
    return LeadRow(agency, cells, progress_of(agency, together))


# What is neither closed nor in place.
OPEN = (Status.NOT_REPORTED, Status.IN_PROGRESS, Status.UNDER_REVIEW)
OPEN_LIGHTS = (Light.OVERDUE, Light.DUE_SOON, Light.ON_TRACK, Light.AWAITING_REPORT, Light.UNDER_REVIEW)


def open_by_holder(view: Viewpoint, slugs: Collection[str] = ()) -> dict[int, dict[Light | None, int]]:
    """How many of the measures on which each agency must act are open, by light: of lists that tell their status (of
    those of `slugs` where any are given)."""
    seen = SeenMeasures(view)
    duties = seen.columns.duties
    unfinished = seen.counted(slugs) & seen.told & among(seen.of["status"], [place_of(status) for status in OPEN])
    held = unfinished[duties.at]
    return lights_by(duties.of["agency_id"][held], seen.light[duties.at[held]])
