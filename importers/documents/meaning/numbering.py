"""Whether the numbers of a list run on: what is missing, out of order, or used twice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from importers.documents.grammar.text import parse_number, squeezed
from importers.documents.grid import State
from importers.documents.layout.found import Line, ListRow


@dataclass(frozen=True, slots=True)
class Opened:
    """An item at the row that opened it; `restarts` where a later section begins at 1 again."""

    no: int
    title: str
    printed: str
    row: int
    section: str
    restarts: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """A problem of an item's number, with what its sentence needs to know."""

    kind: str
    item: Opened
    facts: dict[str, Any] = field(default_factory=dict)


def doubts(items: Sequence[Opened]) -> Iterator[Doubt]:
    """Go through the items in reading order.

    A section that numbers its items from 1 again is told once, not once for each number it shares with
    another section. Within such a run of numbers the same number twice is told each time.
    """
    earlier: dict[int, Opened] = {}
    for run in _runs(items):
        first = run[0]
        if first.restarts and first.no in earlier:
            again = [item.row for item in run if item.no in earlier]
            yield Doubt("duplicate_number", first, {"restarts": True, "section": first.section, "rows": again})
        yield from _repeated(run)
        yield from _out_of_order(run)
        earlier.update((item.no, item) for item in run)


def _runs(items: Sequence[Opened]) -> Iterator[list[Opened]]:
    run: list[Opened] = []
    for index, item in enumerate(items):
        if run and item.restarts and _goes_on_from_one(items[index + 1 :]):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _goes_on_from_one(following: Sequence[Opened]) -> bool:
    """A single 1 among higher numbers is a slip, not a new beginning."""
    return not following or following[0].no == 2 or following[0].restarts


def _repeated(run: Sequence[Opened]) -> Iterator[Doubt]:
    seen: dict[int, Opened] = {}
    for item in run:
        if item.no in seen:
            yield Doubt("duplicate_number", item, {"other": seen[item.no].title, "title": item.title})
        seen.setdefault(item.no, item)


def _out_of_order(run: Sequence[Opened]) -> Iterator[Doubt]:
    numbers = {item.no for item in run}
    seen: set[int] = set()
    highest = 0
    for item in run:
        if item.no in seen:
            continue
        if highest and item.no > highest + 1:
            # A number that comes later is out of order and told there, not missing.
            missing = [one for one in range(highest + 1, item.no) if one not in numbers]
            if missing:
                yield Doubt("number_gap", item, {"missing": missing, "before": highest})
        elif item.no < highest:
            yield Doubt("number_order", item, {"before": highest})
        highest = max(highest, item.no)
        seen.add(item.no)


def repeats_numbers(lines: Sequence[Line]) -> bool:
    """Whether a sheet repeats the number on each row of an item: it is filled in everywhere, merged nowhere, and some
    number stands on two neighbouring rows with one title."""
    rows = [line for line in lines if isinstance(line, ListRow)]
    for row in rows:
        number = row.cells[0]
        if number.state is not State.VALUE or parse_number(number.text).value is None:
            return False
    return any(_is_repeated(above, row) for above, row in pairwise(rows))


def _is_repeated(above: ListRow, row: ListRow) -> bool:
    same = parse_number(above.cells[0].text) == parse_number(row.cells[0].text)
    return same and row.cells[1].state is State.VALUE and squeezed(above.cells[1].text) == squeezed(row.cells[1].text)
