"""A file where it comes at once; a long one is offered to be ordered."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render

from agencies.access import acting
from agencies.lib.progress import unwatched
from reforms.exports.makers import Order, made
from reforms.lib.tables import download


def at_once_or_ordered(request: HttpRequest, kind: str, query: str, **context: Any) -> HttpResponseBase:
    """The file; a long one is offered to be ordered. `context` may name a `csv` that comes at once and where one was
    (`back`)."""
    found = made(kind, Order(query=QueryDict(query), **acting(request)))
    if found.rows() <= settings.ROWS_EXPORTED_AT_ONCE and not found.takes_long:
        return download(found.name, lambda file: found.write(file, unwatched), found.content_type)
    return render(request, "exports/order.html", {"kind": kind, "query": query, "made": found, **context})
