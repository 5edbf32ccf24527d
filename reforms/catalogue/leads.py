"""Who leads what, by light and across the sections of a list, and what each agency still has to do.

From the printed leads: a measure that is led jointly counts for each of them. Sorted by how much they lead, which is an
order of size, not of merit.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count

from agencies.models import Agency
from reforms.catalogue.overview import Counts, Progress, progress_of
from reforms.catalogue.rows import Viewpoint, counted_measures
from reforms.catalogue.seen import SHOWN_LIGHTS, SeenMeasures
from reforms.models import Duty, Light, Part, ReformList, Section, Status, light_case


@dataclass(frozen=True, slots=True)
class PrintedCounts:
    """Beside how many measures that count an agency is printed as lead, and as responsible."""

    lead: int = 0
    responsible: int = 0


def printed_counts(view: Viewpoint) -> dict[int, PrintedCounts]:
    """Of each agency, by id; those that are beside none are left out."""
    seen = SeenMeasures(view)
    measures = seen.counted()
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
    groups: dict[int, Counts] = {}
    for agency, _section, light, n in _led(view, reform_list):
        lights = groups.setdefault(agency, {})
        lights[light] = lights.get(light, 0) + n
    return groups


def _led(view: Viewpoint, reform_list: ReformList | None) -> Iterator[tuple[int, int, Light | None, int]]:
    """How many of the measures that count each agency leads, by section and light."""
    seen = SeenMeasures(view)
    measures, lead = seen.counted([reform_list.slug] if reform_list else ()), seen.columns.beside[Part.LEAD]
    beside = measures[lead.at]
    at = lead.at[beside]
    columns = (lead.agency[beside], seen.of["section_id"][at], seen.told_light[at])
    # A number for each combination.
    shape = tuple(int(column.max(initial=0)) + 1 for column in columns)
    kinds, counts = np.unique(np.ravel_multi_index(columns, shape), return_counts=True)
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
