"""Rows of the database as columns of numbers.

A day is its ordinal, NO_DAY where there is none; a choice is its place among the values of its class.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import QuerySet, TextChoices

NO_DAY = 0
LATER = dt.date.max.toordinal() + 1  # than any day
CHUNK = 20_000
# So many are sorted sooner than counted in a table, or parted.
FEW = 5_000
LONGEST_TABLE = 16  # times as long as what is counted in it
Column = np.ndarray[Any, Any]


def among(column: Column, values: Collection[int]) -> Column:
    """Whether each is one of these. By a table: ids are small numbers, and there may be many of either."""
    wanted = np.fromiter(values, np.int64, len(values))
    last = int(column.max(initial=0))
    table = np.zeros(last + 1, bool)
    table[wanted[(wanted >= 0) & (wanted <= last)]] = True
    return table[column]


def place_of(choice: TextChoices) -> int:
    """The number that stands for a value of a choice."""
    return list(type(choice)).index(choice)


def row_of(ids: Column, asked: Column) -> Column:
    """The row of each id, by the id; -1 of those that are asked for and not there."""
    found = np.full(max(int(ids.max(initial=0)), int(asked.max(initial=0))) + 1, -1, np.int32)
    found[ids] = np.arange(len(ids), dtype=np.int32)
    return found


def looked_up(table: Column, places: Column) -> Column:
    """What stands at these places of a table; -1 beyond it."""
    found, inside = np.full(len(places), -1, np.int32), places < len(table)
    found[inside] = table[places[inside]]
    return found


def within(ascending: Column, values: Column) -> Column:
    """The places at which a column that never falls has one of these values, which rise; in order."""
    begin, end = np.searchsorted(ascending, values), np.searchsorted(ascending, values, "right")
    counts = end - begin
    found: Column = np.arange(counts.sum()) + np.repeat(begin - np.cumsum(counts) + counts, counts)
    return found


def united(parts: Iterable[Column], length: int) -> Column:
    """The rows that any of these has, in order, each once; there are `length` of them."""
    found = np.zeros(length, bool)
    for rows in parts:
        found[rows] = True
    return np.flatnonzero(found)


def first_of_each(values: Column) -> tuple[Column, Column]:
    """The numbers that occur, in order, and the first place of each."""
    if not _fit_a_table(values):
        numbers, first = np.unique(values, return_index=True)
        return numbers, first
    # From the last to the first: what is written last stays.
    at = np.full(int(values.max()) + 1, -1, np.int64)
    at[values[::-1]] = np.arange(len(values) - 1, -1, -1)
    numbers = np.flatnonzero(at >= 0)
    return numbers, at[numbers]


def _fit_a_table(values: Column) -> bool:
    """Whether a table by number is sooner made than the numbers are sorted."""
    return len(values) > FEW and int(values.max()) <= LONGEST_TABLE * len(values)


def counted(values: Column) -> dict[int, int]:
    """How many there are of each number that occurs."""
    numbers, counts = different(values)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def distinct(values: Column) -> int:
    """How many different numbers occur."""
    return len(different(values)[0])


def numbered(values: Column) -> tuple[list[int], Column]:
    """The different numbers in order, and for each value which of them it is."""
    numbers, _counts = different(values)
    if len(values) <= FEW:
        return numbers.tolist(), np.searchsorted(numbers, values)
    place = np.zeros(int(values.max()) + 1, np.int32)
    place[numbers] = np.arange(len(numbers), dtype=np.int32)
    return numbers.tolist(), place[values]


def different(values: Column) -> tuple[Column, Column]:
    """The numbers that occur, in order, and how often each does. Many are not sorted but counted in a table, which is
    as long as the largest number: ids and days are small ones."""
    if not _fit_a_table(values):
        numbers, counts = np.unique(values, return_counts=True)
        return numbers, counts
    counts = np.bincount(values)
    numbers = np.flatnonzero(counts)
    return numbers, counts[numbers]


def read(rows: "QuerySet[Any, Any]", kinds: Mapping[str, type]) -> dict[str, Column]:
    """Rows of these values in this order, by name, some at a time, so that they are never all in memory."""
    found: dict[str, list[Column]] = {name: [] for name in kinds}
    for part in some(rows.iterator(chunk_size=CHUNK), CHUNK):
        for name, values in zip(kinds, zip(*part, strict=True), strict=True):
            found[name].append(_column(values, kinds[name]))
    return {name: np.concatenate(parts) if parts else _column((), kinds[name]) for name, parts in found.items()}


def joined(parts: Sequence[dict[str, Column]]) -> dict[str, Column]:
    """The same columns, one part after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def replaced(old: dict[str, Column], at: Column, fresh: dict[str, Column]) -> dict[str, Column]:
    """The same columns with others in these rows; one that stays as it was is not copied."""
    of = dict(old)
    for name, column in fresh.items():
        if not np.array_equal(column, of[name][at]):
            # Whoever reads the old one goes on reading it.
            of[name] = of[name].copy()
            of[name][at] = column
    return of


def some(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """So many at a time."""
    rows = iter(rows)
    while found := list(islice(rows, size)):
        yield found


def _column(values: Sequence[Any], kind: type) -> Column:
    if kind is dt.date:
        days = {day: day.toordinal() if day else NO_DAY for day in set(values)}
        return np.fromiter((days[day] for day in values), np.int32, len(values))
    if issubclass(kind, TextChoices):
        places = {str(choice): place for place, choice in enumerate(kind)}
        return np.fromiter((places[value] for value in values), np.int8, len(values))
    return np.fromiter(values, bool if kind is bool else np.int32, len(values))
