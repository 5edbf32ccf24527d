"""总览: one sentence first, then the lights, and every number is a link to its rows."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, principal_of, today
from reforms.catalogue.overview import (
    Overview,
    Progress,
    counted_and_later,
    lists_of_overview,
    overview_of,
    progress_of_lists,
    progress_of_sections,
    sections_of,
)
from reforms.catalogue.rows import Viewpoint, viewpoint
from reforms.history.measure import public_news
from reforms.lib.filters import asked_day
from reforms.models import Light, ReformList, ReformListQuerySet
from reforms.pages.overview.charts import Line, curve, line

# More lists than these are counted, and found on the page of lists.
LISTS_NAMED = 8
PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class NamedLists:
    """How many lists there are, and the first of them."""

    count: int
    first: list[ReformList]

    @classmethod
    def of(cls, lists: ReformListQuerySet) -> "NamedLists":
        first = list(lists[: LISTS_NAMED + 1])
        count = lists.count() if len(first) > LISTS_NAMED else len(first)
        return cls(count, first[:LISTS_NAMED])

    @property
    def are_all_named(self) -> bool:
        """Whether there are no others."""
        return self.count == len(self.first)


@dataclass(frozen=True, slots=True)
class ProgressTable:
    """A page of a table of progress, and its lines."""

    page: "Page[Any]"
    lines: list[Line]


@access(Verb.READ)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Over all lists, or over the one named by ?list=; by list where there are several, else by section."""
    who, slug = principal_of(request), request.GET.get("list", "")
    lists = NamedLists.of(lists_of_overview(who))
    asked = lists_of_overview(who, [slug]) if slug else lists_of_overview(who)
    shown = NamedLists.of(asked) if slug else lists
    if slug and not shown.count:
        raise Http404
    if not shown.count:
        return render(request, "overview/empty.html")
    on, slugs = asked_day(request, today()), [slug] if slug else []
    view = viewpoint(who, on or today(), slugs, today=today())
    numbers = overview_of(view, slugs)
    counted, later = counted_and_later(asked, view)
    alone = shown.first[0] if shown.count == 1 else None
    return render(
        request,
        "overview/overview.html",
        {
            "numbers": numbers,
            "view": view,
            "all_lists": lists,
            "chosen": alone,
            # A list that came later than the day is named apart, and not counted as nothing.
            "counted_lists": NamedLists.of(counted),
            "later_lists": NamedLists.of(later),
            "slug": slug,
            "scope": (f"list={slug}&" if slug else "") + (f"on={on.isoformat()}&" if on else ""),
            "soon_query": _due_soon(numbers, view),
            "asked_day": on,
            "table": _by_section(request, alone, view) if alone else _by_list(request, counted, view),
            "leads": _by_lead(request, _leads(request, numbers, view)),
            "may_rank": view.who.signed_in,
            "leads_by": request.GET.get("leads", ""),
            "curve": curve(numbers.deadlines, numbers.closings, view.on),
            "news": public_news(view, slugs),
        },
    )


def _by_list(request: HttpRequest, lists: ReformListQuerySet, view: Viewpoint) -> ProgressTable:
    page = Paginator(lists, PAGE_SIZE).get_page(request.GET.get("page"))
    found = progress_of_lists(list(page), view)
    return ProgressTable(page, [line(progress, f"list={progress.subject.slug}") for progress in found])


def _by_section(request: HttpRequest, reform_list: ReformList, view: Viewpoint) -> ProgressTable:
    page = Paginator(sections_of(reform_list, view), PAGE_SIZE).get_page(request.GET.get("page"))
    found = progress_of_sections(list(page), view)
    return ProgressTable(page, [line(progress, f"section={progress.subject.number}") for progress in found])


def _by_lead(request: HttpRequest, leads: tuple[Progress, ...]) -> ProgressTable:
    page = Paginator(leads, PAGE_SIZE).get_page(request.GET.get("lead_page"))
    return ProgressTable(page, [line(progress, f"lead={progress.subject.pk}") for progress in page])


def _leads(request: HttpRequest, numbers: Overview, view: Viewpoint) -> tuple[Progress, ...]:
    """Leading agencies by a light; ranking agencies is internal, so visitors get the plain order."""
    by = request.GET.get("leads", "")
    if not view.who.signed_in or by not in Light.values:
        return numbers.leads
    return tuple(sorted(numbers.leads, key=lambda progress: -progress.count(Light(by))))


def _due_soon(numbers: Overview, view: Viewpoint) -> str:
    """The query of what is due soon; by days for those who see no lights."""
    if view.sees_status:
        return "light=due_soon"
    return f"deadline_after={view.on.isoformat()}&deadline_before={numbers.soon_until.isoformat()}"
