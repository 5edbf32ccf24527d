"""The numbers of the overview. Each is made by the query behind its link, so that it equals the rows there."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from agencies.access import Principal
from reforms.catalogue.course import Course, LightCount, MonthEnd, Tallied, course_of, light_counts, trend_of
from reforms.catalogue.rows import MeasureRow, Viewpoint, counted_measures, rows_with
from reforms.models import (
    DUE_SOON_DAYS,
    Assignment,
    Light,
    MeasureQuerySet,
    ReformList,
    ReformListQuerySet,
    Section,
    Status,
    has_begun,
)

OVERDUE_SHOWN = 10
SOON_SHOWN = 8
NATIONAL = F("item__is_national")


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
    measures = _measures(view, slugs)
    tally, items = _tally(measures, view), _items(measures)
    until = view.on + dt.timedelta(days=DUE_SOON_DAYS)
    totals = _totals(tally, items["items"], view)
    return Overview(
        totals=totals,
        national=_national(tally, items),
        overdue=_overdue(measures, view) if totals.light(Light.OVERDUE) else (),
        course=course_of(measures, tally, view),
        trend=trend_of(view, slugs) if view.sees_status else (),
        soon=_soon(measures, view, until),
        soon_until=until,
    )


def stats_of(view: Viewpoint, slugs: Collection[str] = ()) -> Stats:
    """The counts for the lists looked at, or for those of `slugs`, for the API."""
    measures = _measures(view, slugs)
    items = _items(measures)
    beside = Assignment.objects.filter(measure__in=measures.values("pk"))
    return Stats(
        # Which of them are national is not asked again: it would be read beside each measure.
        totals=_totals(_tally(measures, view, national=Value(False)), items["items"], view),  # noqa: FBT003  # a value in SQL
        sections=items["sections"],
        national_items=items["national"],
        # Printed names, groups among them, as a reader counts them in the list.
        agency_names=beside.values("printed_name").distinct().count(),
    )


def _tally(measures: MeasureQuerySet, view: Viewpoint, national: Combinable = NATIONAL) -> list[Tallied]:
    """Every measure once: a single reading of them, of which most numbers are made."""
    told = view.tells_status() if view.sees_status else Q(pk=None)  # which nothing matches
    facts = view.facts
    awaits = Q(**{f"{facts}status": Status.UNDER_REVIEW}) & told
    rows = (
        measures.order_by()
        .with_light(view.on, facts=facts, told=told)
        .annotate(national=national)
        .values_list("light", "shown_deadline", "national")
        .annotate(
            n=Count("pk"),
            standing=Count("pk", filter=Q(**{f"{facts}is_standing": True})),
            awaiting=Count("pk", filter=awaits),
        )
    )
    found = rows.values_list("light", "shown_deadline", "national", "n", "standing", "awaiting")
    return [Tallied(Light(light) if light else None, *rest) for light, *rest in found]


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


def _national(tally: Sequence[Tallied], items: Mapping[str, int]) -> tuple[Progress, ...]:
    """The national ones and the others; nothing where the lists mark none, or all."""
    counts: dict[bool, Counts] = {True: {}, False: {}}
    for one in tally:
        counts[one.is_national][one.light] = counts[one.is_national].get(one.light, 0) + one.count
    if not counts[True] or not counts[False]:
        return ()
    number = {True: items["national"], False: items["items"] - items["national"]}
    return tuple(progress_of(Origin(which, number[which]), counts[which]) for which in (True, False))


def _items(measures: MeasureQuerySet) -> dict[str, int]:
    return measures.order_by().aggregate(
        items=Count("item", distinct=True),
        national=Count("item", distinct=True, filter=Q(item__is_national=True)),
        sections=Count("section", distinct=True),
    )


def _measures(view: Viewpoint, slugs: Collection[str]) -> MeasureQuerySet:
    # What the viewpoint looks at is every list that is meant where none is named.
    counted = counted_measures(view).with_shown_deadline(view.deadline)
    return counted.filter(reform_list__slug__in=slugs) if slugs else counted


def _told(measures: MeasureQuerySet, view: Viewpoint) -> MeasureQuerySet:
    return measures.filter(view.tells_status())


# How many show each light; None are those of which it is not told.
Counts = dict[Light | None, int]


def grouped(rows: Iterable[tuple[int, str | None, int]]) -> dict[int, Counts]:
    groups: dict[int, Counts] = {}
    for key, light, count in rows:
        groups.setdefault(key, {})[Light(light) if light else None] = count
    return groups


def progress_of(subject: Any, counts: Counts) -> Progress:
    return Progress(subject, sum(counts.values()), light_counts(counts) if any(counts) else ())


def sections_of(reform_list: ReformList, view: Viewpoint) -> QuerySet[Section]:
    """The sections of a list with measures that count, in its order."""
    used = counted_measures(view).filter(section=OuterRef("pk"))
    # With its list, whose name stands in the address of each.
    found = Section.objects.filter(Exists(used), reform_list=reform_list)
    return found.select_related("reform_list").order_by("number")


def progress_of_lists(lists: Collection[ReformList], view: Viewpoint) -> list[Progress]:
    """Each of these with its measures by light, in their order: one query."""
    return _progress_by("reform_list", lists, view)


def progress_of_sections(sections: Collection[Section], view: Viewpoint) -> list[Progress]:
    """The same of sections."""
    return _progress_by("section", sections, view)


def _progress_by(name: str, subjects: Collection[Any], view: Viewpoint) -> list[Progress]:
    rows = (
        counted_measures(view)
        .filter(**{f"{name}__in": [one.pk for one in subjects]})
        .order_by()
        .with_light(view.on, facts=view.facts, told=view.tells_status())
        .values_list(name, "light")
        .annotate(n=Count("pk"))
    )
    groups = grouped(rows.values_list(name, "light", "n"))
    return [progress_of(one, groups.get(one.pk, {})) for one in subjects]


def _overdue(measures: MeasureQuerySet, view: Viewpoint) -> tuple[MeasureRow, ...]:
    """What has been overdue longest."""
    late = _told(measures, view).with_light(view.on, facts=view.facts).filter(light=Light.OVERDUE)
    keys = late.order_by("shown_deadline", "reform_list_id", "row").values_list("pk", flat=True)[:OVERDUE_SHOWN]
    return tuple(rows_with(list(keys), view))


def _soon(measures: MeasureQuerySet, view: Viewpoint, until: dt.date) -> tuple[MeasureRow, ...]:
    due = measures.filter(shown_deadline__range=(view.on, until))
    if view.sees_status:
        # Where the status is not told, the printed deadline alone decides.
        due = due.with_light(view.on, facts=view.facts).filter(Q(light=Light.DUE_SOON) | ~view.tells_status())
    keys = due.order_by("shown_deadline", "reform_list_id", "row").values_list("pk", flat=True)[:SOON_SHOWN]
    return tuple(rows_with(list(keys), view))
