"""The numbers of the overview. Each is made by the query behind its link, so that it equals the rows there."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, FilteredRelation, Q, QuerySet

from agencies.access import Principal
from agencies.models import Agency
from reforms.catalogue.rows import MeasureRow, Viewpoint, counted_measures, measure_rows
from reforms.models import (
    DUE_SOON_DAYS,
    SHAPES,
    Assignment,
    Item,
    Light,
    MeasureQuerySet,
    Part,
    ReformList,
    Section,
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
    """A section or a leading agency with its measures by light."""

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

    sections: int
    items: int
    national_items: int
    measures: int
    agency_names: int
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
class Overview:
    """All numbers of the overview page."""

    totals: Totals
    sections: tuple[Progress, ...]
    leads: tuple[Progress, ...]
    deadlines: tuple[Due, ...]
    closings: tuple[Closing, ...]
    soon: tuple[MeasureRow, ...]
    soon_until: dt.date


def lists_of_overview(who: Principal, slugs: Collection[str] = ()) -> list[ReformList]:
    """Those of `slugs` that are open to `who`; when none is named, all that are and that are not archived."""
    lists = ReformList.objects.readable_by(who)
    return list(lists.filter(slug__in=slugs) if slugs else lists.filter(archived_on=None))


def overview_of(lists: Sequence[ReformList], view: Viewpoint) -> Overview:
    """All numbers for these lists: a constant number of queries."""
    measures = _measures(lists, view)
    until = view.on + dt.timedelta(days=DUE_SOON_DAYS)
    return Overview(
        totals=totals_of(lists, view),
        sections=_sections(measures, view),
        leads=_leads(measures, view),
        deadlines=_deadlines(measures, view),
        closings=_closings(measures, view) if view.sees_status else (),
        soon=_soon(measures, view, until),
        soon_until=until,
    )


def totals_of(lists: Sequence[ReformList], view: Viewpoint) -> Totals:
    """The counts for these lists, for the overview's sentence and the API's stats."""
    measures = _measures(lists, view)
    items = Item.objects.filter(pk__in=measures.values("item"))
    return Totals(
        sections=measures.order_by().values("section").distinct().count(),
        items=items.count(),
        national_items=items.filter(is_national=True).count(),
        measures=measures.count(),
        # Printed names, groups among them, as a reader counts them in the list.
        agency_names=Assignment.objects.filter(measure__in=measures.values("pk"))
        .values("printed_name")
        .distinct()
        .count(),
        dated=measures.filter(shown_deadline__isnull=False).count(),
        standing=measures.filter(**{f"{view.facts}is_standing": True}).count(),
        lights=_lights(_told(measures, view).light_counts(view.on, facts=view.facts)) if view.sees_status else (),
    )


def _measures(lists: Sequence[ReformList], view: Viewpoint) -> MeasureQuerySet:
    return counted_measures(view).filter(reform_list__in=lists).with_shown_deadline(view.deadline)


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


def _sections(measures: MeasureQuerySet, view: Viewpoint) -> tuple[Progress, ...]:
    rows = (
        measures.order_by()
        .with_light(view.on, facts=view.facts, told=view.tells_status())
        .values_list("section", "light")
        .annotate(n=Count("pk"))
    )
    groups = _grouped(rows.values_list("section", "light", "n"))
    sections = Section.objects.filter(pk__in=groups).select_related("reform_list").order_by("reform_list", "number")
    return tuple(_progress(section, groups[section.pk]) for section in sections)


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


def _deadlines(measures: MeasureQuerySet, view: Viewpoint) -> tuple[Due, ...]:
    """What falls due when. Done is what is closed by `on`, whenever it was due."""
    # Q(pk=None): where no status may be seen, nothing counts as done.
    closed = Q(**{f"{view.facts}closed_on__lte": view.on}) & view.tells_status() if view.sees_status else Q(pk=None)
    done = Count("pk", filter=closed)
    rows = (
        measures.filter(shown_deadline__isnull=False)
        .order_by("shown_deadline")
        .values("shown_deadline")
        .annotate(planned=Count("pk"), done=done)
    )
    return tuple(Due(row["shown_deadline"], row["planned"], row["done"]) for row in rows)


def _closings(measures: MeasureQuerySet, view: Viewpoint) -> tuple[Closing, ...]:
    day = f"{view.facts}closed_on"
    closed = _told(measures, view).filter(**{f"{day}__lte": view.on}).order_by(day).values(day).annotate(n=Count("pk"))
    return tuple(Closing(row[day], row["n"]) for row in closed if row[day])


def _soon(measures: MeasureQuerySet, view: Viewpoint, until: dt.date) -> tuple[MeasureRow, ...]:
    due = measures.filter(shown_deadline__range=(view.on, until))
    if view.sees_status:
        # Where the status is not told, the printed deadline alone decides.
        due = due.with_light(view.on, facts=view.facts).filter(Q(light=Light.DUE_SOON) | ~view.tells_status())
    return tuple(measure_rows(due.order_by("shown_deadline", "reform_list_id", "row")[:SOON_SHOWN], view))
