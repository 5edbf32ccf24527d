"""Tables of measures, some rows at a time: no page grows with a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from reforms.catalogue.rows import MeasureRow, Viewpoint, rows_with
from reforms.models import MeasureQuerySet

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class PageOfRows:
    """What one page of a table shows, and its place among the others."""

    page: "Page[int]"
    rows: list[MeasureRow]


def page_of_rows(
    request: HttpRequest,
    measures: MeasureQuerySet,
    view: Viewpoint,
    *,
    param: str = "page",
    count: int | None = None,
    size: int = PAGE_SIZE,
) -> PageOfRows:
    """The page of these measures, in their order, that the address asks for by `param`; else the first, or the last.
    `count` says how many there are, where that is known."""
    return page_of_keys(request, measures.values_list("pk", flat=True), view, param=param, count=count, size=size)


def page_of_keys(
    request: HttpRequest,
    keys: "Sequence[int] | QuerySet[Any, int]",
    view: Viewpoint,
    *,
    param: str = "page",
    count: int | None = None,
    size: int = PAGE_SIZE,
) -> PageOfRows:
    """The same of measures whose ids are given, `size` of them."""
    paginator = Paginator(keys, size)
    if count is not None:
        paginator.count = count
    page = paginator.get_page(request.GET.get(param))
    return PageOfRows(page, rows_with(list(page), view))
