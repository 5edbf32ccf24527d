"""The working page: measures by facets, search, sort and pages, with its state in the address; all values of one facet
beside it; and its exports, one of them on paper, whose table goes on with what the first answer does not hold."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import escape
from django.views.decorators.http import require_safe

from agencies.access import Principal, Verb, access, agencies_for, may
from agencies.lib.chinese import english, has_chinese
from agencies.lib.requests import HtmxHttpRequest, is_number
from reforms.catalogue.export import as_csv, scope_of
from reforms.catalogue.facets import facets, whole_facet
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.found import Tally
from reforms.catalogue.layout import LAYOUT, ColumnName, TableFilter, layout_of, page_size, without_layout
from reforms.catalogue.rows import Viewpoint
from reforms.catalogue.said import Speaker, chips, in_words, sentence
from reforms.desk.saved_views import views_of
from reforms.ledger.table import MOST_PRINTED, PAGE, ledger_columns, printed_texts, too_many
from reforms.lib.filters import usable_filters
from reforms.models import Duty, SavedView
from reforms.pages.desk.forms import OfficersForm
from reforms.pages.files import at_once_or_ordered
from reforms.pages.measures.address import read_filters, without_a_day_ahead
from reforms.pages.paging import page_of_keys
from reforms.pages.visitors import kept_for_visitors
from reforms.reports.officers import colleagues_of

SAVED_SHOWN = 20
# What can be had of the page, and what of it the worker calls so (csv comes at once, however long).
KINDS = {"xlsx": "measures", "csv": "measures", "json": "measures-json", "docx": "measures-docx", "pdf": "measures-pdf"}


@access(Verb.READ)
@require_safe
@kept_for_visitors
def measures(request: HtmxHttpRequest) -> HttpResponse:
    """The whole page, or for htmx only its results."""
    filters, left_out = usable_filters(partial(read_filters, request), without_a_day_ahead(request))
    # Going back, htmx asks for the whole page although its own header says a fragment.
    fragment = bool(request.htmx) and not request.htmx.history_restore_request
    template = "measures/results.html" if fragment else "measures/measures.html"
    context = _context(request, filters) | {
        "left_out": in_words(left_out, {"columns": ColumnName}),
        "fragment": fragment,
    }
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


@access(Verb.READ)
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What the page shows under the same address, all of it, as a file."""
    if kind not in KINDS:
        raise Http404
    filters, left_out = usable_filters(partial(read_filters, request), without_layout(request.GET))
    # A file cannot say what was left out of it; the page can.
    if left_out.struck:
        return redirect(f"{reverse('measures')}?{request.GET.urlencode()}")
    query = filters.data.urlencode()
    if kind == "csv":
        return as_csv(filters)
    if kind in ("docx", "pdf") and filters.measures().count() > MOST_PRINTED:
        # There it says how many are too many, and where the workbook is.
        return redirect(f"{reverse('print-measures')}?{query}")
    csv = f"{reverse('export', args=['csv'])}?{query}"
    return at_once_or_ordered(request, KINDS[kind], query, csv=csv, back=f"{reverse('measures')}?{query}")


def _context(request: HttpRequest, filters: TableFilter) -> dict[str, Any]:
    tally = Tally(filters)
    size, say = page_size(filters), Speaker(filters)
    found = page_of_keys(request, tally.keys(), filters.view, count=tally.total, size=size)
    return {
        "filters": filters,
        "view": filters.view,
        "facets": facets(filters, tally),
        "chips": chips(filters, say),
        "sentence": sentence(filters, tally.total, say),
        **_deeds(filters.view, [row.id for row in found.rows]),
        "saved": _saved(filters.view.who),
        "query": filters.data.urlencode(),
        "page": found.page,
        "rows": found.rows,
        "layout": layout_of(filters, several_lists=tally.several_lists),
        "usual": f"?{without_layout(filters.data).urlencode()}",
        "chosen": without_layout(filters.data).urlencode(),
        # What forms on the page do not set themselves.
        "hidden": pairs(filters.data, leaving_out={"search", "page", "ordering"}),
        "kept": pairs(filters.data, leaving_out={"page", *LAYOUT}),
        "all_kept": pairs(filters.data, leaving_out={"page"}),
        "beside_range": pairs(filters.data, leaving_out={"page", "deadline_after", "deadline_before"}),
    }


def _deeds(view: Viewpoint, shown: Sequence[int]) -> dict[str, Any]:
    """What can be done with several of the rows at once, and with which: the office chases any, an agency's reporters
    say of what it holds that nothing changed, or who is in charge. Only of today."""
    if view.past:
        return {}
    if may(view.who, Verb.STEER):
        return {"may_chase": True, "ticks": frozenset(shown)}
    reporting = agencies_for(view.who, Verb.REPORT)
    held = Duty.objects.in_work().of(reporting).filter(measure__in=shown) if reporting else Duty.objects.none()
    ticks = frozenset(held.order_by().values_list("measure", flat=True))
    if not ticks:
        return {}
    officers = OfficersForm(colleagues=colleagues_of(reporting))
    return {"ticks": ticks, "officers": officers, "form_key": secrets.token_hex(16)}


def _saved(who: Principal) -> list[SavedView] | None:
    """Saved views to go to, the starred first; None for visitors, who have none."""
    if not may(who, Verb.USE_DESK):
        return None
    return list(views_of(who).order_by("-is_starred", "name", "pk")[:SAVED_SHOWN])


def pairs(data: QueryDict, *, leaving_out: Collection[str]) -> list[tuple[str, str]]:
    """What of an address a form sends along."""
    return [(name, value) for name, values in data.lists() if name not in leaving_out for value in values]


SHOWN = 100
LONGEST = 100


@access(Verb.READ)
@require_safe
@kept_for_visitors
def facet(request: HtmxHttpRequest, name: str) -> HttpResponse:
    """The values of a facet under the filters in force, or those that `find` finds, SHOWN to a page."""
    data = without_a_day_ahead(request)
    find = " ".join(data.get("find", "").replace("\x00", "").split())[:LONGEST]
    for control in ("find", "page"):
        data.pop(control, None)
    filters, left_out = usable_filters(partial(read_filters, request), data)
    whole = whole_facet(filters, name, find)
    if whole is None:
        raise Http404
    label, choices = whole
    page = Paginator(choices, SHOWN).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "name": name,
        "label": label,
        "find": find,
        "page": page,
        "query": filters.data.urlencode(),
        "kept": pairs(filters.data, leaving_out={"page"}),
        "left_out": in_words(left_out),
    }
    response = render(request, "measures/facet_all.html" if request.htmx else "measures/facet.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


PAPERS = ("a3", "a4")
# Bytes of an answer: what stands around the rows has place beside them below the 300,000 that every page holds to.
MOST_BYTES, OF_A_CELL = 280_000, 42


@access(Verb.READ)
@require_safe
def printed(request: HtmxHttpRequest) -> HttpResponse:
    """All that the measures page shows under the same address, up to MOST_PRINTED; beyond, where the workbook is. With
    `from`, what follows that many rows."""
    asked = without_a_day_ahead(request)
    wanted, begins = asked.pop("paper", []), asked.pop("from", [])
    paper = next((one for one in PAPERS if one in wanted), PAPERS[0])
    begin = next((int(one) for one in begins if is_number(one)), 0)
    filters, left_out = usable_filters(partial(read_filters, request), asked)
    context = {
        "view": filters.view,
        "left_out": in_words(left_out),
        "query": filters.data.urlencode(),
        "paper": paper,
        "papers": PAPERS,
    }
    name = "measures/printed_rows.html" if request.htmx else "measures/printed.html"
    response = render(request, name, context | _content(filters, begin))
    patch_vary_headers(response, ["HX-Request"])
    return response


def _content(filters: MeasureFilter, begin: int) -> dict[str, Any]:
    total = filters.measures().count()
    if total > MOST_PRINTED:
        return {"scope": scope_of(filters, total), "too_many": too_many(total)}
    columns = ledger_columns(filters).printed
    rows = _as_many_as_fit(printed_texts(filters, begin))
    centred, end = [column.centred for column in columns], begin + len(rows)
    return {
        "scope": scope_of(filters, total),
        "heads": [(column.heading, round(column.width / PAGE * 100, 2)) for column in columns],
        "rows": [list(zip(row, map(_is_foreign, row), centred, strict=True)) for row in rows],
        "begin": begin,
        "end": end,
        "left": max(total - end, 0),
    }


def _as_many_as_fit(rows: Iterable[list[str]]) -> list[list[str]]:
    """The first of them that an answer holds; at least one."""
    found: list[list[str]] = []
    room = MOST_BYTES
    for row in rows:
        room -= sum(len(escape(text).encode()) + OF_A_CELL for text in row)
        if room < 0 and found:
            break
        found.append(row)
    return found


def _is_foreign(text: str) -> bool:
    """Whether it is Chinese on a page that is not."""
    return english() and has_chinese(text)
