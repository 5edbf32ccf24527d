"""The numbers of the overview. Each is made by the query behind its link, so that it equals the rows there."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from agencies.access import Principal
from reforms.catalogue.course import Completed, Course, LightCount, MonthEnd, Tallied, course_of, light_counts, trend_of
from reforms.catalogue.rows import MeasureRow, Viewpoint, counted_measures, rows_with
from reforms.catalogue.seen import SHOWN_LIGHTS, SeenMeasures, counted, day_of, distinct, lights_by, numbered
from reforms.columns.facts import NO_DAY, Column, among, place_of
from reforms.models import (
    DONE,
    DUE_SOON_DAYS,
    Assignment,
    Light,
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
    agencies (reforms.catalogue.leads)."""

    totals: Totals
    national: tuple[Progress, ...]
    overdue: tuple[MeasureRow, ...]
    course: Course
    trend: tuple[MonthEnd, ...]
    soon: tuple[MeasureRow, ...]
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
    tally, items = _tally(seen, measures), _items(seen, measures)
    until = view.on + dt.timedelta(days=DUE_SOON_DAYS)
    totals = _totals(tally, items.every, view)
    return Overview(
        totals=totals,
        national=_national(tally, items),
        overdue=_overdue(seen, measures),
        course=course_of(tally, _completions(seen, measures), view),
        trend=trend_of(view, slugs) if view.sees_status else (),
        soon=_soon(seen, measures, until),
        soon_until=until,
    )


def stats_of(view: Viewpoint, slugs: Collection[str] = ()) -> Stats:
    """The counts for the lists looked at, or for those of `slugs`, for the API."""
    seen = SeenMeasures(view)
    measures = seen.counted(slugs)
    items = _items(seen, measures)
    return Stats(
        totals=_totals(_tally(seen, measures), items.every, view),
        sections=distinct(seen.of["section_id"][measures]),
        national_items=items.national,
        agency_names=_names_beside(view, slugs),
    )


def _names_beside(view: Viewpoint, slugs: Collection[str]) -> int:
    """How many printed names, groups among them, as a reader counts them in the list."""
    measures = counted_measures(view).filter(reform_list__slug__in=slugs) if slugs else counted_measures(view)
    beside = Assignment.objects.filter(measure__in=measures.values("pk"))
    return beside.values("printed_name").distinct().count()


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
    wanted = seen.counted() & among(seen.of[name], [one.pk for one in subjects])
    groups = lights_by(seen.of[name][wanted], seen.told_light[wanted])
    return [progress_of(one, groups.get(one.pk, {})) for one in subjects]


def _overdue(seen: SeenMeasures, measures: Column) -> tuple[MeasureRow, ...]:
    """What has been overdue longest."""
    late = measures & seen.told & (seen.light == place_of(Light.OVERDUE))
    return tuple(rows_with(seen.first_due(late, OVERDUE_SHOWN), seen.view))


def _soon(seen: SeenMeasures, measures: Column, until: dt.date) -> tuple[MeasureRow, ...]:
    first, last = seen.view.on.toordinal(), until.toordinal()
    # Where the status is not told, the printed deadline alone decides.
    still_open = ~seen.told | (seen.light == place_of(Light.DUE_SOON))
    due = measures & (seen.deadline >= first) & (seen.deadline <= last) & still_open
    return tuple(rows_with(seen.first_due(due, SOON_SHOWN), seen.view))
