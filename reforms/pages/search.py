"""Searching everything from the head of any page: a few of each kind as one types, more on a page of their own."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from agencies.access import Principal, Verb, access, may, principal_of, today
from agencies.lib.requests import HtmxHttpRequest
from agencies.models import Agency
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.found import Tally
from reforms.catalogue.rows import MeasureRow, Viewpoint, counted_measures, rows_with
from reforms.lib.folding import FoundPiece, excerpt, holds, marked, words_of
from reforms.lib.words import in_language
from reforms.models import Item, ProgressReport, is_open_to
from reforms.pages.paging import PAGE_SIZE
from reforms.search.agencies import KnownNames

LONGEST = 100
SUGGESTED, SHOWN = 5, 10
# Items of several measures are looked for among those of so many that were found.
LOOKED_THROUGH = 50
NUMBER = re.compile(r"^第?(\d{1,4})项?$")
TEXTS = ("progress", "next_step", "problems")


@dataclass(frozen=True, slots=True)
class MeasureHit:
    """A measure that was found; `text` says where."""

    row: MeasureRow
    title: list[FoundPiece]
    text: list[FoundPiece]


@dataclass(frozen=True, slots=True)
class AgencyHit:
    """An agency that was found, and the name by which, where it is another one than it is called by."""

    agency: Agency
    name: list[FoundPiece]
    other: list[FoundPiece]


@dataclass(frozen=True, slots=True)
class ReportHit:
    """A report that was found."""

    report: ProgressReport
    text: list[FoundPiece]


@dataclass(frozen=True, slots=True)
class Found:
    """The first of each kind, and how many there are. Reports are looked for on the page only."""

    query: str
    items: Sequence[Item] = ()
    measures: Sequence[MeasureHit] = ()
    agencies: Sequence[AgencyHit] = ()
    measure_count: int = 0
    agency_count: int = 0
    reports: Sequence[ReportHit] = ()
    report_page: "Page[ProgressReport] | None" = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all."""
        return not (self.items or self.measures or self.agencies or self.reports)

    @property
    def all_measures(self) -> str:
        """The query of the page that shows all measures that were found."""
        return urlencode({"search": self.query})


@access(Verb.READ)
@require_safe
def search(request: HtmxHttpRequest) -> HttpResponse:
    """The page, or for htmx only the suggestions."""
    query = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST]
    words, who = words_of(query), principal_of(request)
    # Going back, htmx asks for the whole page although its own header says a fragment.
    fragment = bool(request.htmx) and not request.htmx.history_restore_request
    found = _found(query, words, who, few=SUGGESTED if fragment else SHOWN) if words else Found(query)
    if words and not fragment:
        found = _with_reports(found, who, words, request.GET.get("page"))
    response = render(request, "search/suggestions.html" if fragment else "search/search.html", {"found": found})
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


def _filters(query: str, who: Principal) -> MeasureFilter:
    """As the page of measures reads the same words, so that both find the same."""
    data = QueryDict(mutable=True)
    data["search"] = query
    return MeasureFilter.read(data, who=who, today=today())


def _found(query: str, words: Sequence[str], who: Principal, *, few: int) -> Found:
    filters = _filters(query, who)
    found = Tally(filters)
    ids = list(found.keys()[:LOOKED_THROUGH])
    names = KnownNames()
    agencies = list(Agency.objects.known().filter(pk__in=names.called_all(words)).order_by("pk"))
    return Found(
        query=query,
        items=_items(query, words, ids, filters.view)[:few],
        measures=[_measure_hit(row, words) for row in rows_with(ids[:few], filters.view)],
        measure_count=found.total,
        agencies=[_agency_hit(agency, names, words) for agency in agencies[:few]],
        agency_count=len(agencies),
    )


def _with_reports(found: Found, who: Principal, words: Sequence[str], page: str | None) -> Found:
    reports = Paginator(_reports(found.query, who), PAGE_SIZE).get_page(page)
    return replace(
        found,
        reports=[_report_hit(report, words) for report in reports],
        report_page=reports,
    )


def _items(query: str, words: Sequence[str], measures: Sequence[int], view: Viewpoint) -> list[Item]:
    """Those of that number, and those of several measures whose title holds every word. An item of one measure is
    found as that."""
    counted = counted_measures(view).filter(item=OuterRef("pk"))
    items = Item.objects.filter(Exists(counted)).select_related("reform_list").order_by("reform_list", "number", "pk")
    number = NUMBER.match(unicodedata.normalize("NFKC", query))
    if number:
        return list(items.filter(number=int(number[1]))[:SHOWN])
    # Among the measures that were found, whose words are kept ready to be searched; titles alone are not.
    several = items.filter(pk__in=_several(measures))
    return [item for item in several if all(holds(item.title, [word]) for word in words)]


def _several(measures: Sequence[int]) -> list[int]:
    """The items of these measures that have others."""
    beside = Item.objects.filter(measures__in=measures).order_by().values("pk")
    counts = Item.objects.filter(pk__in=beside).order_by().annotate(n=Count("measures"))
    return list(counts.filter(n__gt=1).values_list("pk", flat=True))


def _measure_hit(row: MeasureRow, words: Sequence[str]) -> MeasureHit:
    return MeasureHit(row, marked(row.title, words), excerpt(row.text, words))


def _agency_hit(agency: Agency, names: KnownNames, words: Sequence[str]) -> AgencyHit:
    name, by = in_language(agency.name, agency.name_en), names.name_with(agency.pk, words)
    return AgencyHit(agency, marked(name, words), marked(by, words) if by != name else [])


def _reports(query: str, who: Principal) -> QuerySet[ProgressReport]:
    """What was sent and may be read, with every word as it is typed in one of its texts; the latest first."""
    if not may(who, Verb.READ_REPORTS):
        return ProgressReport.objects.none()
    # Not by the index of measures: reports are internal, and no text of theirs is kept folded beside what is public.
    found = ProgressReport.objects.readable_by(who).spoken().filter(is_open_to(who, "measure__reform_list__"))
    for word in query.split():
        texts = [Q(**{f"{name}__icontains": word}) for name in TEXTS]
        found = found.filter(Q(*texts, _connector=Q.OR))
    return found.select_related("agency", "measure__item").order_by("-pk")


def _report_hit(report: ProgressReport, words: Sequence[str]) -> ReportHit:
    texts = [getattr(report, name) for name in TEXTS]
    # Each word may stand in another of the texts; then none holds all of them, and the first is as good as any.
    text = next((one for one in texts if holds(one, words)), report.progress)
    return ReportHit(report, excerpt(text, words))
