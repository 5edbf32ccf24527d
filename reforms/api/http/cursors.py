"""Pages by opaque cursor: the place after (or before) a row, in any order whose last field is unique.

Stable under writes, and as quick on page 20,000 as on the first.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from reforms.api.http.problems import BadParameters
from reforms.lib.filters import FilterProblem

PAGE_SIZE = 50
LARGEST_PAGE = 500
SIGNER = signing.Signer(salt="reforms.api.cursor")  # no time in it: the same page has the same links
CONTROLS = frozenset({"cursor", "page_size", "count", "fields"})


@dataclass(frozen=True, slots=True)
class Page:
    """Primary keys in order, and the query strings of the neighbours (None at either end)."""

    keys: tuple[int, ...]
    next: str | None
    previous: str | None
    count: int | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: behind `values`, or before them when `backwards`."""

    values: tuple[Any, ...]
    backwards: bool


def page_of(found: QuerySet[Model], order_by: Sequence[str], data: QueryDict) -> Page:
    """One page of `found`. All of `order_by` run in the same direction. Raises BadParameters."""
    size, place = _size(data), _place(data, order_by)
    descending = order_by[0].startswith("-")
    fields = [name.removeprefix("-") for name in order_by]
    backwards = place is not None and place.backwards
    here = found.filter(_beyond(fields, place, descending=descending)) if place else found
    ordered = here.order_by(*_turned(order_by)) if backwards else here.order_by(*order_by)
    # One more than a page tells whether there is another one in this direction.
    rows = list(ordered.values_list("pk", *fields)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    # In the direction from which the cursor came there always is a page.
    return Page(
        keys=tuple(row[0] for row in rows),
        next=_link(data, order_by, rows[-1][1:], backwards=False) if rows and (more or backwards) else None,
        previous=_link(data, order_by, rows[0][1:], backwards=True)
        if rows and (more if backwards else place)
        else None,
        count=found.count() if _wants_count(data) else None,
    )


def _turned(order_by: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order_by]


def _beyond(fields: Sequence[str], place: _Place, *, descending: bool) -> Q:
    """(a, b, c) > (x, y, z), written so that an index on the fields is used."""
    than = "lt" if descending != place.backwards else "gt"
    condition = Q(**{f"{fields[-1]}__{than}": place.values[-1]})
    for name, value in reversed(list(zip(fields[:-1], place.values[:-1], strict=True))):
        condition = Q(**{f"{name}__{than}": value}) | (Q(**{name: value}) & condition)
    # Follows from the rest, and is what an index on the first field can be used for.
    return Q(**{f"{fields[0]}__{than}e": place.values[0]}) & condition


def _link(data: QueryDict, order_by: Sequence[str], values: Sequence[Any], *, backwards: bool) -> str:
    query = data.copy()
    written = [value.isoformat() if isinstance(value, dt.date) else value for value in values]
    query["cursor"] = SIGNER.sign_object([list(order_by), backwards, *written])
    return query.urlencode()


def page_of_rows(keys: Sequence[tuple[str, ...]], name: str, data: QueryDict) -> Page:
    """One page of what is no table: `keys` are in order and differ, and the page's own are places in them. Raises
    BadParameters."""
    size, cursor = _size(data), _cursor(data, [name])
    start = 0
    if cursor:
        values, backwards = tuple(cursor.values), cursor.backwards
        start = max(bisect_left(keys, values) - size, 0) if backwards else bisect_right(keys, values)
    end = bisect_left(keys, tuple(cursor.values)) if cursor and cursor.backwards else min(start + size, len(keys))
    return Page(
        keys=tuple(range(start, end)),
        next=_link(data, [name], keys[end - 1], backwards=False) if start < end < len(keys) else None,
        previous=_link(data, [name], keys[start], backwards=True) if 0 < start < end else None,
        count=len(keys) if _wants_count(data) else None,
    )


def _place(data: QueryDict, order_by: Sequence[str]) -> _Place | None:
    found = _cursor(data, order_by)
    return _Place(tuple(_value(value) for value in found.values), found.backwards) if found else None


def _cursor(data: QueryDict, order_by: Sequence[str]) -> _Place | None:
    """The cursor of the address as it was written."""
    cursor = data.get("cursor")
    if not cursor:
        return None
    try:
        order, backwards, *values = SIGNER.unsign_object(cursor)
    except signing.BadSignature:
        raise _bad("cursor", _("游标无效，请从第一页重新开始。")) from None
    if order != list(order_by):
        raise _bad("cursor", _("游标与排序不符，请从第一页重新开始。"))
    return _Place(tuple(values), bool(backwards))


def _value(value: Any) -> Any:
    # The only texts in a cursor are dates and moments.
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
    return value


def _size(data: QueryDict) -> int:
    text = data.get("page_size", str(PAGE_SIZE))
    # Nine digits are too many in any case, and int() refuses thousands of them with an error.
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE):
        raise _bad("page_size", _("page_size 应为1至%(n)d的整数。") % {"n": LARGEST_PAGE})
    return int(text)


def _wants_count(data: QueryDict) -> bool:
    text = data.get("count", "false")
    if text not in {"true", "false", "1", "0"}:
        raise _bad("count", _("count 应为 true 或 false。"))
    return text in {"true", "1"}


def _bad(field: str, message: str) -> BadParameters:
    return BadParameters([FilterProblem(field, "invalid", message)])
