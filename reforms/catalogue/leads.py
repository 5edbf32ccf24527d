"""Who leads what, by light and across the sections of a list, and what each agency still has to do.

From the printed leads: a measure that is led jointly counts for each of them. Sorted by how much they lead, which is an
order of size, not of merit.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, FilteredRelation, Q, QuerySet

from agencies.models import Agency
from reforms.catalogue.overview import Counts, Progress, grouped, progress_of
from reforms.catalogue.rows import Viewpoint, counted_measures
from reforms.models import Assignment, Duty, Light, Part, ReformList, Section, Status, light_case


def leads_of(
    view: Viewpoint, most: int | None = None, reform_list: ReformList | None = None
) -> tuple[list[Progress], int]:
    """Those that lead most (of one list where that is given), no more than `most`, and how many there are."""
    groups = lights_by_lead(view, reform_list)
    order = sorted(groups, key=lambda agency: (-sum(groups[agency].values()), agency))
    agencies = Agency.objects.in_bulk(order[:most])
    return [progress_of(agencies[pk], groups[pk]) for pk in order[:most]], len(order)


def lights_by_lead(view: Viewpoint, reform_list: ReformList | None = None) -> dict[int, Counts]:
    """How many measures each leads (of one list where that is given), by light: one query."""
    rows = led(view, reform_list).values_list("agency", "light").annotate(n=Count("measure"))
    return grouped(rows.values_list("agency", "light", "n"))


def led(view: Viewpoint, reform_list: ReformList | None = None) -> "QuerySet[Assignment]":
    """The leads printed beside the measures that count, each with the light of its measure."""
    measures = counted_measures(view)
    if reform_list:
        measures = measures.filter(reform_list=reform_list)
    leads = Assignment.objects.filter(part=Part.LEAD, measure__in=measures.order_by().values("pk"))
    if view.past:
        # As MeasureQuerySet.as_of, from one table further away.
        ended = Q(measure__standings__until=None) | Q(measure__standings__until__gt=view.on)
        begun = Q(measure__standings__since__lte=view.on)
        leads = leads.annotate(past=FilteredRelation("measure__standings", condition=begun & ended))
    told = view.tells_status("measure__")
    return leads.order_by().annotate(
        light=light_case(view.on, prefix="past__" if view.past else "measure__", told=told)
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """How many measures of a section an agency leads, and how many of them are overdue (0 where it is not told)."""

    section: Section
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class LeadRow:
    """An agency, its cells by section, and its measures by light."""

    agency: Agency
    cells: tuple[Cell, ...]
    progress: Progress

    @property
    def overdue(self) -> int:
        """How many of all it leads are overdue."""
        return self.progress.count(Light.OVERDUE)


# By agency, section and light.
Counted = dict[int, dict[int, Counts]]


def led_by_section(reform_list: ReformList, view: Viewpoint) -> Counted:
    """How many measures of each section each agency leads, those that lead most first: one query."""
    rows = (
        led(view, reform_list)
        .values_list("agency", "measure__section", "light")
        .annotate(n=Count("measure"))
        .values_list("agency", "measure__section", "light", "n")
    )
    counts: Counted = {}
    for agency, section, light, n in rows:
        counts.setdefault(agency, {}).setdefault(section, {})[Light(light) if light else None] = n
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
        Cell(one, sum(found.values()), found.get(Light.OVERDUE, 0))
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


def open_by_holder(view: Viewpoint) -> dict[int, dict[Light, int]]:
    """How many of the measures on which each agency must act are open, by light: of lists that tell their status. One
    query, which begins with the measures, of which most are closed."""
    unfinished = counted_measures(view).filter(view.tells_status(), status__in=OPEN).order_by().values("pk")
    rows = (
        Duty.objects.filter(measure__in=unfinished)
        .order_by()
        .values_list("agency", light_case(view.on, prefix="measure__"))
        .annotate(n=Count("measure"))
    )
    found: dict[int, dict[Light, int]] = {}
    for agency, light, n in rows:
        found.setdefault(agency, {})[Light(light)] = n
    return found
