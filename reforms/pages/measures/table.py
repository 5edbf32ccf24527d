"""The working page: measures by facets, search, sort and pages, with its state in the address; and its exports."""

import secrets
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from agencies.access import Principal, Verb, access, agencies_for, may, principal_of, today
from agencies.lib.requests import HtmxHttpRequest
from reforms.catalogue.export import as_csv
from reforms.catalogue.facets import facets
from reforms.catalogue.found import Tally
from reforms.catalogue.layout import LAYOUT, ColumnName, TableFilter, layout_of, page_size, without_layout
from reforms.catalogue.rows import Viewpoint
from reforms.catalogue.said import Speaker, chips, in_words
from reforms.catalogue.sentence import sentence
from reforms.desk.saved_views import views_of
from reforms.ledger.rows import MOST_PRINTED
from reforms.lib.filters import is_ahead, usable_filters, without_empty
from reforms.models import Duty, SavedView
from reforms.pages.desk.forms import OfficersForm
from reforms.pages.exports import at_once_or_ordered
from reforms.pages.paging import page_of_keys
from reforms.pages.visitors import kept_for_visitors
from reforms.reports.officers import colleagues_of

CONTROLS = frozenset({"page"})
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


def without_a_day_ahead(request: HttpRequest) -> QueryDict:
    """The address for a page: of a day that is to come it shows today, and says so by itself."""
    data = request.GET.copy()
    if is_ahead(data.get("on", ""), today()):
        del data["on"]
    else:
        request.answers_day = True  # type: ignore[attr-defined]  # for base.html
    return data


def read_filters(request: HttpRequest, asked: QueryDict) -> TableFilter:
    """The filters of the address, without parameters that were left empty in a form."""
    return TableFilter.read(without_empty(asked), who=principal_of(request), today=today(), controls=CONTROLS)


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
