"""All values of one facet, with a search among them: as a page, and for htmx within the page of measures."""

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from agencies.access import Verb, access
from agencies.lib.requests import HtmxHttpRequest
from reforms.catalogue.facets import whole_facet
from reforms.catalogue.said import in_words
from reforms.lib.filters import usable_filters
from reforms.pages.measures.table import pairs, read_filters, without_a_day_ahead
from reforms.pages.visitors import kept_for_visitors

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
