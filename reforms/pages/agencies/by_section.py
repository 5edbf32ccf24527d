"""An agency across the sections of its lists: what it leads, takes part in, and how that stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from reforms.catalogue.course import LightCount, light_counts
from reforms.catalogue.overview import progress_of
from reforms.models import Part, Section
from reforms.pages.agencies.borne import Borne
from reforms.pages.overview.charts import ProgressLine, line

SECTIONS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section: how many of its measures print the agency as lead and as responsible, the query of those of the
    section, and as a line those on which it must act (of a group: beside which it is printed)."""

    lead: int
    responsible: int
    query: str
    line: ProgressLine

    @property
    def section(self) -> Section:
        """Its section."""
        found: Section = self.line.subject
        return found


@dataclass(frozen=True, slots=True)
class BySection:
    """A page of the sections in which an agency has anything; `lights` are the heads of the columns."""

    page: "Page[Any]"
    rows: list[SectionRow]
    lights: tuple[LightCount, ...]

    @property
    def of_several_lists(self) -> bool:
        """Whether each has to say its list."""
        return len({row.section.reform_list_id for row in self.rows}) > 1


def by_section(request: HttpRequest, borne: Borne) -> BySection:
    """The sections that the address asks for by `sections`; one query for their titles."""
    page = Paginator(borne.sections, SECTIONS_SHOWN).get_page(request.GET.get("sections"))
    return BySection(page, _rows(borne, list(page)), light_counts({}))


def _rows(borne: Borne, ids: Sequence[int]) -> list[SectionRow]:
    sections = Section.objects.select_related("reform_list").in_bulk(ids)
    lead, responsible = (borne.printed_in(ids, part) for part in (Part.LEAD, Part.RESPONSIBLE))
    lights, bears = borne.lights_in(ids), "agency" if borne.agency.is_collective else "holder"
    found = []
    for pk in ids:
        query = f"list={sections[pk].reform_list.slug}&section={sections[pk].number}"
        progress = progress_of(sections[pk], lights.get(pk, {}))
        told = line(progress, f"{query}&{bears}={borne.agency.pk}")
        found.append(SectionRow(lead.get(pk, 0), responsible.get(pk, 0), query, told))
    return found
