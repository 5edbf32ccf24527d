"""举措 on paper: all of a filter on one page, with the columns of the 台账."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.access import Verb, access
from agencies.lib.chinese import has_chinese
from reforms.catalogue.export import scope_of
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.said import in_words
from reforms.ledger.columns import PAGE, ledger_columns
from reforms.ledger.rows import MOST_PRINTED, printed_texts, too_many
from reforms.lib.filters import usable_filters
from reforms.pages.measures.table import read_filters, without_a_day_ahead

PAPERS = ("a3", "a4")


@access(Verb.READ)
@require_safe
def printed(request: HttpRequest) -> HttpResponse:
    """All that the measures page shows under the same address, up to MOST_PRINTED; beyond, where the workbook is."""
    asked = without_a_day_ahead(request)
    wanted = asked.pop("paper", [])
    paper = next((one for one in PAPERS if one in wanted), PAPERS[0])
    filters, left_out = usable_filters(partial(read_filters, request), asked)
    context = {
        "view": filters.view,
        "left_out": in_words(left_out),
        "query": filters.data.urlencode(),
        "paper": paper,
        "papers": PAPERS,
    }
    return render(request, "measures/printed.html", context | _content(filters))


def _content(filters: MeasureFilter) -> dict[str, Any]:
    total = filters.measures().count()
    if total > MOST_PRINTED:
        return {"scope": scope_of(filters, total), "too_many": too_many(total)}
    columns = ledger_columns(filters).printed
    centred = [column.centred for column in columns]
    return {
        "scope": scope_of(filters, total),
        "heads": [(column.heading, round(column.width / PAGE * 100, 2)) for column in columns],
        "rows": [list(zip(row, map(has_chinese, row), centred, strict=True)) for row in printed_texts(filters)],
    }
