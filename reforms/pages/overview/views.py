"""总览: one sentence first, then what is overdue, and every number is a link to its rows."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, principal_of, today
from reforms.catalogue.course import MonthEnd
from reforms.catalogue.overview import (
    Matrix,
    Overview,
    counted_and_later,
    leads_of,
    led_by_section,
    lists_of_overview,
    matrix_of,
    overview_of,
    progress_of_lists,
    progress_of_sections,
    sections_of,
)
from reforms.catalogue.rows import Viewpoint, viewpoint
from reforms.history.measure import public_news
from reforms.lib.filters import asked_day
from reforms.models import ReformList, ReformListQuerySet
from reforms.pages.overview.charts import ProgressLine, bar, curve, line, trend
from reforms.pages.visitors import kept_for_visitors

# More lists than these are counted, and found on the page of lists.
LISTS_NAMED = 8
PAGE_SIZE = 25
# Of agencies and sections: on the overview, and on the page that has all agencies.
LEADS_SHOWN, SECTIONS_SHOWN = 10, 12
LEADS_ON_PAGE, SECTIONS_ON_PAGE = 50, 40


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
    lines: list[ProgressLine]


@dataclass(frozen=True, slots=True)
class LeadTable:
    """The agencies that lead most, and how many others there are."""

    lines: list[ProgressLine]
    others: int


@access(Verb.READ)
@require_safe
@kept_for_visitors
def overview(request: HttpRequest) -> HttpResponse:
    """Over all lists, or over the one named by ?list=; by list where there are several, else by section."""
    who, slug = principal_of(request), request.GET.get("list", "")
    lists = NamedLists.of(lists_of_overview(who))
    asked = lists_of_overview(who, [slug]) if slug else lists_of_overview(who)
    shown = NamedLists.of(asked) if slug else lists
    if slug and not shown.count:
        raise Http404
    if not shown.count:
        # Nothing is worked on: what may be read besides is archived.
        return render(request, "overview/empty.html", {"archived": ReformList.objects.readable_by(who).exists()})
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
            "list_scope": f"list={slug}&" if slug else "",
            "soon_query": _due_soon(numbers, view),
            "asked_day": on,
            "bar": bar(numbers.totals.lights),
            "table": _by_section(request, alone, view) if alone else _by_list(request, counted, view),
            "national": [line(one, f"national={str(one.subject.is_national).lower()}") for one in numbers.national],
            "matrix": _matrix(alone, view) if alone and view.sees_agencies else None,
            "leads": _leads(view) if not alone and view.sees_agencies else None,
            "curve": curve(numbers.course, view.on),
            "trend": trend(numbers.trend, MonthEnd(view.on, numbers.totals.lights)),
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


def _leads(view: Viewpoint) -> LeadTable:
    found, count = leads_of(view, LEADS_SHOWN)
    return LeadTable([line(progress, f"lead={progress.subject.pk}") for progress in found], count - len(found))


def _matrix(reform_list: ReformList, view: Viewpoint) -> Matrix:
    sections = list(sections_of(reform_list, view)[:SECTIONS_SHOWN])
    counts = led_by_section(reform_list, view)
    return matrix_of(counts, sections, list(counts)[:LEADS_SHOWN])


def _due_soon(numbers: Overview, view: Viewpoint) -> str:
    """The query of what is due soon; by days for those who see no lights."""
    if view.sees_status:
        return "light=due_soon"
    return f"deadline_after={view.on.isoformat()}&deadline_before={numbers.soon_until.isoformat()}"


@access(Verb.READ)
@require_safe
@kept_for_visitors
def leads(request: HttpRequest, slug: str) -> HttpResponse:
    """All leading agencies of a list across its sections, page by page; where that is not public, for those who are
    signed in."""
    who = principal_of(request)
    reform_list = get_object_or_404(ReformList.objects.readable_by(who), slug=slug)
    on = asked_day(request, today())
    view = viewpoint(who, on or today(), [slug], today=today())
    if not view.sees_agencies:
        raise Http404
    every = sections_of(reform_list, view)
    sections = list(every[: SECTIONS_ON_PAGE + 1])
    left_out = every.count() - SECTIONS_ON_PAGE if len(sections) > SECTIONS_ON_PAGE else 0
    counts = led_by_section(reform_list, view)
    page = Paginator(list(counts), LEADS_ON_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "overview/leads.html",
        {
            "reform_list": reform_list,
            "view": view,
            "asked_day": on,
            "matrix": matrix_of(counts, sections[:SECTIONS_ON_PAGE], list(page)),
            "left_out": left_out,
            "page": page,
            "scope": f"list={slug}&" + (f"on={on.isoformat()}&" if on else ""),
        },
    )
