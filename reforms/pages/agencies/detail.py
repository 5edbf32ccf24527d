"""Agencies: what each leads, what it is responsible for, and the groups it acts through; and one across the sections of
its lists."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agencies.access import Principal, Verb, access, acting, may, principal_of, today
from agencies.models import Agency, AgencyQuerySet, Succession
from reforms.catalogue.course import LightCount, light_counts
from reforms.catalogue.overview import OPEN, OPEN_LIGHTS, PrintedCounts, open_by_holder, printed_counts, progress_of
from reforms.catalogue.rows import viewpoint
from reforms.lib.filters import asked_day
from reforms.lib.folding import words_of
from reforms.models import Light, Part, ProgressReport, ReformList, Section
from reforms.organisation.succession import people_of
from reforms.pages.agencies.borne import Borne
from reforms.pages.office.unreported import owing_of, to_paste
from reforms.pages.overview.charts import ProgressLine, Segment, bar, line
from reforms.pages.paging import PageOfRows, page_of_keys
from reforms.pages.visitors import kept_for_visitors
from reforms.reminders.letters import out_of_reach, rests_at
from reforms.search.agencies import KnownNames
from reforms.workbook.rows import may_have

AGENCIES_SHOWN = 50
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency in the list of all: how often it is printed, what of what it must do is open by light, the groups it
    acts through, and the day of its last report (None where these may not be seen)."""

    agency: Agency
    counts: PrintedCounts
    lights: tuple[LightCount, ...]
    groups: list[Agency]
    last_report_on: dt.date | None

    @property
    def unfinished(self) -> int:
        """How many measures are open."""
        return sum(counted.count for counted in self.lights)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The bar of what is open."""
        return bar(self.lights)


@access(Verb.READ)
@require_safe
@kept_for_visitors
def agencies(request: HttpRequest) -> HttpResponse:
    """Agencies with how often each is printed as lead and as responsible, and for those who may compare them with what
    is open by light; found by any of their names, of some lists (`list`), on a past day (`on`), and only those that act
    on what shows a `light`. For administrators `?mailbox=none` keeps to those that no letter reaches."""
    who, day = principal_of(request), asked_day(request, today())
    lists = _asked_lists(request, who)
    slugs = [one.slug for one in lists]
    view = viewpoint(who, day or today(), slugs, today=today())
    only_unreached = request.GET.get("mailbox") == "none" and may(who, Verb.MANAGE_AGENCIES)
    known = out_of_reach() if only_unreached else Agency.objects.known()
    asked = request.GET.get("search", "")[:LONGEST_SEARCH]
    words = words_of(asked)
    called = known.filter(pk__in=KnownNames().called_all(words)) if words else known
    counts = printed_counts(view, slugs)
    unfinished = open_by_holder(view, slugs) if view.sees_agencies else {}
    lit = next((light for light in OPEN_LIGHTS if view.sees_agencies and light == request.GET.get("light")), None)
    kinds = dict(called.order_by().values_list("pk", "kind"))
    if lit:
        kinds = {pk: kind for pk, kind in kinds.items() if unfinished.get(pk, {}).get(lit)}
    by = request.GET.get("order", lit or "") if view.sees_agencies else ""
    printed = [pk for pk in kinds if pk in counts]
    tells_reports = who.signed_in and not view.past
    page = Paginator(_in_order(kinds, counts, unfinished, by), AGENCIES_SHOWN).get_page(request.GET.get("page"))
    return render(
        request,
        "agencies/agencies.html",
        {
            "page": page,
            "view": view,
            "rows": _rows(known, page, counts, unfinished, tells_reports=tells_reports),
            "tells_reports": tells_reports,
            "lit": lit,
            "of_lists": lists,
            "asked_day": day,
            "scope": _scope_of(slugs, day),
            "lights": OPEN_LIGHTS,
            "by": by,
            "open_query": "&".join(f"status={status.value}" for status in OPEN),
            "printed": len(printed),
            "collective": sum(1 for pk in printed if kinds[pk] != Agency.Kind.SINGLE),
            "unprinted": len(kinds) - len(printed),
            "only_unreached": only_unreached,
            "search": asked if words else "",
        },
    )


def _asked_lists(request: HttpRequest, who: Principal) -> list[ReformList]:
    """Raises Http404 where one is named that they may not see, or that is not there."""
    slugs = set(request.GET.getlist("list"))
    found = list(ReformList.objects.readable_by(who).filter(slug__in=slugs).order_by("pk")) if slugs else []
    if len(found) < len(slugs):
        raise Http404
    return found


def _scope_of(slugs: Iterable[str], day: dt.date | None) -> str:
    """What stands before the query of each link to measures: of which lists, and of which day."""
    asked = [*(("list", slug) for slug in slugs), *([("on", day.isoformat())] if day else [])]
    return f"{urlencode(asked)}&" if asked else ""


def _in_order(
    ids: Iterable[int],
    counts: Mapping[int, PrintedCounts],
    unfinished: Mapping[int, Mapping[Light | None, int]],
    by: str,
) -> list[int]:
    """Those that lead most first, those that are not printed last; or by an open light, where one is named."""
    none = PrintedCounts()
    found = sorted(
        ids, key=lambda pk: (pk not in counts, -counts.get(pk, none).lead, -counts.get(pk, none).responsible, pk)
    )
    if by not in Light.values:
        return found
    return sorted(found, key=lambda pk: -unfinished.get(pk, {}).get(Light(by), 0))


def _rows(
    known: AgencyQuerySet,
    ids: Iterable[int],
    counts: Mapping[int, PrintedCounts],
    unfinished: Mapping[int, Mapping[Light | None, int]],
    *,
    tells_reports: bool,
) -> list[AgencyRow]:
    shown = known.prefetch_related("members", "groups").in_bulk(list(ids))
    # When an agency reported is internal, also where lists publish what is open.
    last = _last_report_days(list(shown)) if tells_reports else {}
    return [
        AgencyRow(
            agency=shown[pk],
            counts=counts.get(pk, PrintedCounts()),
            lights=tuple(LightCount(light, unfinished.get(pk, {}).get(light, 0)) for light in OPEN_LIGHTS),
            groups=list(shown[pk].groups.all()),
            last_report_on=last.get(pk),
        )
        for pk in ids
    ]


def _last_report_days(ids: Sequence[int]) -> dict[int, dt.date]:
    """The day of what each of these agencies said last: an index leads to it, however much it has said."""
    said = ProgressReport.objects.spoken().filter(agency=OuterRef("pk")).order_by("-pk")
    found = Agency.objects.filter(pk__in=ids).order_by().annotate(last=Subquery(said.values("on")[:1]))
    return {pk: day for pk, day in found.values_list("pk", "last") if day}


@access(Verb.READ)
@require_safe
@kept_for_visitors
def agency(request: HttpRequest, pk: int) -> HttpResponse:
    """What it leads, takes part in and owes, a part at a time, and whom it succeeded. A second spelling leads on to the
    agency itself."""
    found = get_object_or_404(Agency.objects.select_related("successor", "merged_into"), pk=pk)
    if found.merged_into:
        return redirect(found.merged_into, permanent=True)
    who = principal_of(request)
    view = viewpoint(**acting(request))
    borne = Borne(found, view)
    counts = PrintedCounts(*(len(borne.printed(part)) for part in (Part.LEAD, Part.RESPONSIBLE)))
    owing = owing_of(found, who, view.on)
    # What the office pastes into a chat; whoever may not chase an agency is offered nothing.
    chat = to_paste(owing, view.on, named=True) if may(who, Verb.STEER, [pk]) else None
    holds, through = len(borne.held), borne.through
    pages_of_owing = Paginator(owing.in_order(), ROWS_SHOWN)
    parts = _parts(counts, sum(through.values()), pages_of_owing.count)
    part = _asked_part(request, parts)
    return render(
        request,
        "agencies/agency.html",
        {
            "agency": found,
            "view": view,
            "may_set_members": found.kind == Agency.Kind.GROUP and may(who, Verb.NAME_MEMBERS, ()),
            "tasks": _tasks(found, counts),
            "has_form": holds and may_have(who, pk),
            "lead": counts.lead,
            "responsible": counts.responsible,
            "held": holds,
            "extended": borne.extended if view.sees_status else 0,
            "groups": [(group, through.get(group.pk, 0)) for group in _groups(borne)],
            "inherited": [(old, through[old.pk]) for old in _predecessors(borne) if old.pk in through],
            "members": found.members.select_related("successor"),
            # When it reported is internal, as are the persons named.
            "last_report_on": _last_report_days([pk]).get(pk) if who.signed_in else None,
            "rests": rests_at(found, view.on) if may(who, Verb.READ_REPORTS, [pk]) else (),
            "other_names": found.other_names.all(),
            "successions": _successions(found),
            "left_behind": people_of([found]) if found.dissolved_on and may(who, Verb.MANAGE_PEOPLE) else [],
            "lights": borne.lights if view.sees_status and not found.dissolved_on else {},
            "by_section": by_section(request, borne),
            "chat": chat,
            "parts": [one for one in parts if one.count],
            "part": part,
            "owing": pages_of_owing.get_page(request.GET.get("page")) if part and part.name == OWES else None,
            "shown": _measures_of(request, borne, part) if part and part.name != OWES else None,
        },
    )


def _tasks(agency: Agency, counts: PrintedCounts) -> str:
    """The query of what it has to do, or of where a group is printed; none of a dissolved one, which has nothing."""
    if agency.dissolved_on or not (counts.lead or counts.responsible or not agency.is_collective):
        return ""
    return urlencode({"agency" if agency.is_collective else "holder": agency.pk})


ROWS_SHOWN = 25
THROUGH, OWES = "through", "owing"


@dataclass(frozen=True, slots=True)
class AgencyPart:
    """A part of an agency's page, and how many rows it has."""

    name: str
    label: str
    count: int


def _parts(counts: PrintedCounts, through: int, owing: int) -> list[AgencyPart]:
    return [
        AgencyPart(Part.LEAD.value, _("牵头的举措"), counts.lead),
        AgencyPart(Part.RESPONSIBLE.value, _("作为责任单位的举措"), counts.responsible),
        AgencyPart(THROUGH, _("通过统称、承接或改派的举措"), through),
        AgencyPart(OWES, _("本期未报送"), owing),
    ]


def _asked_part(request: HttpRequest, parts: Sequence[AgencyPart]) -> AgencyPart | None:
    """The part that the address asks for, else the first that has anything."""
    filled = [part for part in parts if part.count]
    return next((part for part in filled if part.name == request.GET.get("part")), filled[0] if filled else None)


def _measures_of(request: HttpRequest, borne: Borne, part: AgencyPart) -> PageOfRows:
    """A page of the measures of one part, in list order."""
    return page_of_keys(request, borne.ids(part.name), borne.seen.view, size=ROWS_SHOWN)


def _groups(borne: Borne) -> QuerySet[Agency]:
    """Those it belongs to, also by a place of an agency it succeeded."""
    agency = borne.agency
    if agency.dissolved_on:
        return Agency.objects.none()
    places = Q(member_places__member=agency) | Q(member_places__member__successor=agency)
    # An open group has no places: it is known by the duties that came through it.
    named = Q(pk__in=borne.every_via) & ~Q(kind=Agency.Kind.SINGLE)
    return Agency.objects.filter(places | named).distinct()


def _predecessors(borne: Borne) -> QuerySet[Agency]:
    """The agencies whose duties it has: dissolved ones, and those from which the office gave it a measure."""
    return Agency.objects.filter(pk__in=borne.every_via, kind=Agency.Kind.SINGLE)


def _successions(agency: Agency) -> QuerySet[Succession]:
    both = Succession.objects.filter(Q(predecessors=agency) | Q(successors=agency)).distinct()
    return both.prefetch_related("predecessors", "successors")


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
    return BySection(page, _section_rows(borne, list(page)), light_counts({}))


def _section_rows(borne: Borne, ids: Sequence[int]) -> list[SectionRow]:
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
