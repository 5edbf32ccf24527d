"""The numbers of the overview. Each is made by the query behind its link, so that it equals the rows there."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, QuerySet

from agencies.access import Principal
from agencies.models import Agency
from reforms.catalogue.rows import MeasureRow, Viewpoint, counted_measures, rows_with
from reforms.models import (
    DUE_SOON_DAYS,
    SHAPES,
    Assignment,
    Light,
    MeasureQuerySet,
    Part,
    ReformList,
    ReformListQuerySet,
    Section,
    has_begun,
    light_case,
)

SOON_SHOWN = 8


@dataclass(frozen=True, slots=True)
class LightCount:
    """How many measures show a light."""

    light: Light
    count: int

    @property
    def shape(self) -> str:
        """By which it is known without its colour."""
        return SHAPES[self.light]


@dataclass(frozen=True, slots=True)
class Progress:
    """A list, a section or a leading agency with its measures by light."""

    subject: Any
    total: int
    lights: tuple[LightCount, ...]

    def count(self, light: Light) -> int:
        """How many show that light; 0 where it is not told."""
        return next((c.count for c in self.lights if c.light == light), 0)


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline with the measures due on it and how many of those are closed."""

    day: dt.date
    planned: int
    done: int


@dataclass(frozen=True, slots=True)
class Closing:
    """How many measures were closed on one day."""

    day: dt.date
    count: int


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
    def settled(self) -> int:
        """In place or closed."""
        return self.light(Light.CLOSED) + self.light(Light.STANDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The totals with what only the API counts beside."""

    totals: Totals
    sections: int
    national_items: int
    agency_names: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All numbers of the overview page, but for its tables of lists or sections, which are shown page by page."""

    totals: Totals
    leads: tuple[Progress, ...]
    deadlines: tuple[Due, ...]
    closings: tuple[Closing, ...]
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
    tally = _tally(measures, view)
    until = view.on + dt.timedelta(days=DUE_SOON_DAYS)
    return Overview(
        totals=_totals(tally, _items(measures)["items"], view),
        leads=_leads(measures, view),
        deadlines=_deadlines(tally),
        closings=_closings(measures, view) if view.sees_status else (),
        soon=_soon(measures, view, until),
        soon_until=until,
    )


def stats_of(view: Viewpoint, slugs: Collection[str] = ()) -> Stats:
    """The counts for the lists looked at, or for those of `slugs`, for the API."""
    measures = _measures(view, slugs)
    items = _items(measures)
    beside = Assignment.objects.filter(measure__in=measures.values("pk"))
    return Stats(
        totals=_totals(_tally(measures, view), items["items"], view),
        sections=items["sections"],
        national_items=items["national"],
        # Printed names, groups among them, as a reader counts them in the list.
        agency_names=beside.values("printed_name").distinct().count(),
    )


@dataclass(frozen=True, slots=True)
class _Tally:
    """How many measures show a light (None: it is not told) and have a deadline, and how many of them are in place."""

    light: Light | None
    deadline: dt.date | None
    count: int
    standing: int


def _tally(measures: MeasureQuerySet, view: Viewpoint) -> list[_Tally]:
    """Every measure once, by light and deadline: a single reading of them, of which several numbers are made."""
    told = view.tells_status() if view.sees_status else Q(pk=None)  # which nothing matches
    rows = (
        measures.order_by()
        .with_light(view.on, facts=view.facts, told=told)
        .values_list("light", "shown_deadline")
        .annotate(n=Count("pk"), standing=Count("pk", filter=Q(**{f"{view.facts}is_standing": True})))
    )
    found = rows.values_list("light", "shown_deadline", "n", "standing")
    return [_Tally(Light(light) if light else None, day, n, standing) for light, day, n, standing in found]


def _totals(tally: Sequence[_Tally], items: int, view: Viewpoint) -> Totals:
    counts: Counter[Light | None] = Counter()
    for one in tally:
        counts[one.light] += one.count
    return Totals(
        items=items,
        measures=counts.total(),
        dated=sum(one.count for one in tally if one.deadline),
        standing=sum(one.standing for one in tally),
        lights=_lights(counts) if view.sees_status else (),
    )


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


def _lights(counts: Mapping[Any, int]) -> tuple[LightCount, ...]:
    return tuple(LightCount(light, counts.get(light, 0)) for light in Light)


# How many show each light; None are those of which it is not told.
Counts = dict[Light | None, int]


def _grouped(rows: Iterable[tuple[int, str | None, int]]) -> dict[int, Counts]:
    groups: dict[int, Counts] = {}
    for key, light, count in rows:
        groups.setdefault(key, {})[Light(light) if light else None] = count
    return groups


def _progress(subject: Any, counts: Counts) -> Progress:
    return Progress(subject, sum(counts.values()), _lights(counts) if any(counts) else ())


def sections_of(reform_list: ReformList, view: Viewpoint) -> QuerySet[Section]:
    """The sections of a list with measures that count, in its order."""
    used = counted_measures(view).filter(section=OuterRef("pk"))
    return Section.objects.filter(Exists(used), reform_list=reform_list).order_by("number")


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
    groups = _grouped(rows.values_list(name, "light", "n"))
    return [_progress(one, groups.get(one.pk, {})) for one in subjects]


def _leads(measures: MeasureQuerySet, view: Viewpoint) -> tuple[Progress, ...]:
    """Leading agencies, those that lead most first: an order of size, not of merit."""
    rows = (
        # From the printed leads: a measure that is led jointly counts for each of them.
        _beside(measures, view)
        .order_by()
        .annotate(
            light=light_case(
                view.on, prefix="past__" if view.past else "measure__", told=view.tells_status("measure__")
            )
        )
        .values_list("agency", "light")
        .annotate(n=Count("measure"))
        .values_list("agency", "light", "n")
    )
    groups = _grouped(rows)
    agencies = Agency.objects.in_bulk(groups)
    found = [_progress(agencies[pk], counts) for pk, counts in groups.items()]
    return tuple(sorted(found, key=lambda progress: (-progress.total, progress.subject.pk)))


def _beside(measures: MeasureQuerySet, view: Viewpoint) -> "QuerySet[Assignment]":
    """The leads printed beside these measures, on a past day with where each measure stood then."""
    leads = Assignment.objects.filter(part=Part.LEAD, measure__in=measures.values("pk"))
    if not view.past:
        return leads
    # As MeasureQuerySet.as_of, from one table further away.
    ended = Q(measure__standings__until=None) | Q(measure__standings__until__gt=view.on)
    begun = Q(measure__standings__since__lte=view.on)
    return leads.annotate(past=FilteredRelation("measure__standings", condition=begun & ended))


def _deadlines(tally: Iterable[_Tally]) -> tuple[Due, ...]:
    """What falls due when. Done is what is closed by the day looked at, whenever it was due."""
    planned: Counter[dt.date] = Counter()
    done: Counter[dt.date] = Counter()
    for one in tally:
        if one.deadline:
            planned[one.deadline] += one.count
            done[one.deadline] += one.count if one.light == Light.CLOSED else 0
    return tuple(Due(day, planned[day], done[day]) for day in sorted(planned))


def _closings(measures: MeasureQuerySet, view: Viewpoint) -> tuple[Closing, ...]:
    day = f"{view.facts}closed_on"
    closed = _told(measures, view).filter(**{f"{day}__lte": view.on}).order_by(day).values(day).annotate(n=Count("pk"))
    return tuple(Closing(row[day], row["n"]) for row in closed if row[day])


def _soon(measures: MeasureQuerySet, view: Viewpoint, until: dt.date) -> tuple[MeasureRow, ...]:
    due = measures.filter(shown_deadline__range=(view.on, until))
    if view.sees_status:
        # Where the status is not told, the printed deadline alone decides.
        due = due.with_light(view.on, facts=view.facts).filter(Q(light=Light.DUE_SOON) | ~view.tells_status())
    keys = due.order_by("shown_deadline", "reform_list_id", "row").values_list("pk", flat=True)[:SOON_SHOWN]
    return tuple(rows_with(list(keys), view))
