"""An agency across the sections of its lists: what it leads, takes part in, and how that stands."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from agencies.models import Agency
from reforms.catalogue.course import LightCount, light_counts
from reforms.catalogue.overview import Counts, progress_of
from reforms.catalogue.rows import Viewpoint
from reforms.models import Assignment, Duty, Light, Part, Section, light_case
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


def by_section(request: HttpRequest, agency: Agency, view: Viewpoint) -> BySection:
    """The sections that the address asks for by `sections`: four queries, however many there are."""
    printed = Assignment.objects.filter(view.counts("measure__"), agency=agency).order_by()
    borne = borne_by(agency, view)
    used = Q(pk__in=printed.values("measure__section")) | Q(pk__in=borne.values("measure__section"))
    sections = Section.objects.filter(used).select_related("reform_list").order_by("reform_list", "number")
    page = Paginator(sections, SECTIONS_SHOWN).get_page(request.GET.get("sections"))
    return BySection(page, _rows(agency, list(page), printed, borne, view), light_counts({}))


def borne_by(agency: Agency, view: Viewpoint) -> "QuerySet[Any]":
    """What ties it to the measures it bears. A group holds no duty itself, its members do: of it those beside which it
    is printed."""
    rows: QuerySet[Any] = (
        Assignment.objects.filter(agency=agency) if agency.is_collective else Duty.objects.of([agency.pk])
    )
    return rows.filter(view.counts("measure__")).order_by()


def _rows(
    agency: Agency, sections: Collection[Section], printed: "QuerySet[Any]", borne: "QuerySet[Any]", view: Viewpoint
) -> list[SectionRow]:
    here = {"measure__section__in": [one.pk for one in sections]}
    parts = printed.filter(**here).values_list("measure__section", "part").annotate(n=Count("measure"))
    by_part = {(section, part): n for section, part, n in parts.values_list("measure__section", "part", "n")}
    told = view.tells_status("measure__")
    lit = borne.filter(**here).annotate(light=light_case(view.on, prefix="measure__", told=told))
    counts = lit.values_list("measure__section", "light").annotate(n=Count("measure", distinct=True))
    by_light: dict[int, Counts] = {}
    for section, light, n in counts.values_list("measure__section", "light", "n"):
        by_light.setdefault(section, {})[Light(light) if light else None] = n
    bears = "agency" if agency.is_collective else "holder"
    found = []
    for one in sections:
        query = f"list={one.reform_list.slug}&section={one.number}"
        lead, responsible = (by_part.get((one.pk, part), 0) for part in (Part.LEAD, Part.RESPONSIBLE))
        progress = progress_of(one, by_light.get(one.pk, {}))
        found.append(SectionRow(lead, responsible, query, line(progress, f"{query}&{bears}={agency.pk}")))
    return found
