"""Which column is which by what stands in it, where the header leaves that open."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from operator import attrgetter

from importers.documents.grammar.agencies import parse_agencies
from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.text import is_ditto, parse_number, squeezed
from importers.documents.grid import Cell, Row, State
from importers.documents.layout.columns import Columns, Labelled, columns_of
from importers.documents.layout.headings import is_section_like
from importers.documents.layout.labels import Column, has_no_role, names_a_level
from importers.documents.layout.legend import agency_in, is_mark
from importers.documents.layout.tails import tail_in_cell, who_and_when

_LOOKED_AT, _TAILS_LOOKED_AT = 200, 50
_MOST = 0.8
_LONG_TEXT = 12
_COLUMN_OF = attrgetter("column")
_Labels = list[Labelled]


def settled(columns: Columns, rows: Sequence[Row]) -> Columns:
    """The columns again, now that the rows below them are seen."""
    # All six columns are named, once each, and none is left over: nothing is open.
    if columns.indexes is not None and not columns.unread and all(one.span == 1 for one in columns.labelled):
        return columns
    # Headings and notes fill one or two cells; only rows with more tell what columns hold.
    rows = [row for row in rows[:_LOOKED_AT] if sum(bool(cell.value.strip()) for cell in row.cells) > 2]
    labelled = list(chain.from_iterable(_opened(one, columns, rows) for one in columns.labelled))
    if len(labelled) > len(columns.labelled):
        _share_out(labelled, rows)
    _find_sections(labelled, rows)
    _find_marks(labelled, rows)
    _find_agencies(labelled, rows)
    _find_text(labelled, rows)
    _find_dates(labelled, rows)
    if labelled == list(columns.labelled):
        return columns
    return columns_of(labelled, columns.labels, columns.width, _cell_count(columns, labelled))


def _cell_count(columns: Columns, labelled: _Labels) -> int:
    return columns.cell_count + len(labelled) - len(columns.labelled)


def _opened(wide: Labelled, columns: Columns, rows: Sequence[Row]) -> Iterator[Labelled]:
    """A label over several grid columns, each of which has cells of its own, stands for all of them."""
    starts = _starts(wide, rows) if wide.span > 1 else []
    if len(starts) < 2:
        yield wide
        return
    # Which of them has the numbers is asked of the cells (`_share_out`).
    role = None if wide.role is Column.NUMBER else wide.role
    for begin, end in pairwise((wide.column, *starts[1:], wide.column + wide.span)):
        yield replace(wide, column=begin, span=end - begin, role=role)
        role = None if role is Column.SECTION else role  # a row stands in one section


def _starts(wide: Labelled, rows: Sequence[Row]) -> list[int]:
    """Where cells begin below a label, by the rows that have several there."""
    starts: set[int] = set()
    for row in rows:
        begun = [cell.column for cell in _below(wide, row) if cell.span < wide.span]
        if len(begun) > 1 and begun[0] == wide.column:
            starts.update(begun)
    return sorted(starts)


def _below(label: Labelled, row: Row) -> list[Cell]:
    end = label.column + label.span
    # A row may have thousands of cells, and as many labels above.
    first = bisect_left(row.cells, label.column, key=_COLUMN_OF)
    return [cell for cell in row.cells[first : bisect_left(row.cells, end, key=_COLUMN_OF)] if cell.value.strip()]


def _values(label: Labelled, rows: Sequence[Row]) -> list[str]:
    """What stands in a column, a merged cell once."""
    cells = chain.from_iterable(_below(label, row) for row in rows)
    return [cell.value.strip() for cell in cells if cell.state is State.VALUE and cell.column == label.column]


def _share_out(labelled: _Labels, rows: Sequence[Row]) -> None:
    """Of the columns below one label one may hold the numbers, the sections or, right of the titles, the texts."""
    if not _has(labelled, Column.NUMBER):
        # Of 一 and 1 below 序号 the one that is told of more rows numbers the items.
        numbers = {
            place: len(values)
            for place, one in enumerate(labelled)
            if _mostly(values := _values(one, rows), _is_a_number)
        }
        if numbers:
            place = max(numbers, key=lambda one: numbers[one])
            labelled[place] = replace(labelled[place], role=Column.NUMBER)
    for place, one in enumerate(labelled):
        values = _values(one, rows)
        if one.role is Column.NUMBER:
            continue
        if not _has(labelled, Column.SECTION) and _mostly(values, is_section_like):
            labelled[place] = replace(one, role=Column.SECTION)
    for place, one in enumerate(labelled):
        # Below 责任单位及完成时限 agencies and dates may have a column each.
        if one.says_when and (values := _values(one, rows)):
            is_when = _mostly(values, _is_a_day)
            role = Column.DEADLINE if is_when else one.role
            says_both = not is_when and any(map(_is_a_day, values))
            labelled[place] = replace(one, role=role, says_when=says_both)
    titles = [place for place, one in enumerate(labelled) if one.role is Column.TITLE]
    texts = [place for place, one in enumerate(labelled) if one.role is Column.TEXT]
    if len(titles) > 1 and not texts:
        labelled[titles[-1]] = replace(labelled[titles[-1]], role=Column.TEXT)
    elif len(texts) > 1 and not titles:
        labelled[texts[0]] = replace(labelled[texts[0]], role=Column.TITLE)


def _has(labelled: _Labels, role: Column) -> bool:
    return any(one.role is role for one in labelled)


def _mostly(values: Sequence[str], fits: Callable[[str], bool]) -> bool:
    return bool(values) and sum(map(fits, values)) >= _MOST * len(values)


def _is_a_number(text: str) -> bool:
    return parse_number(text).value is not None


def _is_a_day(text: str) -> bool:
    # Any year does where none is printed.
    found = [parse_deadline(text, year) for year in (None, 2000)]
    return any(one.date is not None or one.ongoing for one in found)


def _find_sections(labelled: _Labels, rows: Sequence[Row]) -> None:
    """A column at the left that nobody labelled, with cells merged or repeated, holds the sections."""
    first = labelled[0] if labelled else None
    if first is None or first.label or first.role not in (None, Column.NUMBER) or _has(labelled, Column.SECTION):
        return
    values = _values(first, rows)
    filled = sum(bool(_below(first, row)) for row in rows)
    if values and len({squeezed(value) for value in values}) < filled and not any(map(_is_a_number, values)):
        labelled[0] = replace(first, role=Column.SECTION)
        _find_numbers(labelled, rows)


def _find_numbers(labelled: _Labels, rows: Sequence[Row]) -> None:
    """The column beside the sections that nobody labelled either."""
    second = labelled[1] if len(labelled) > 1 else None
    if second is None or second.label or second.role is not None or _has(labelled, Column.NUMBER):
        return
    if _mostly(_values(second, rows), _is_a_number):
        labelled[1] = replace(second, role=Column.NUMBER)


def _find_marks(labelled: _Labels, rows: Sequence[Row]) -> None:
    """Columns called by agencies, with marks below them: whatever else their labels look like, they say who acts."""
    named = {
        place: name
        for place, one in enumerate(labelled)
        if (values := [value for value in _values(one, rows) if not is_ditto(value)])
        and all(map(is_mark, values))
        and (name := agency_in(one.below or one.label))
    }
    for place, name in named.items() if len(named) > 1 else ():
        labelled[place] = replace(labelled[place], role=None, says_when=False, agency=name)


def _find_agencies(labelled: _Labels, rows: Sequence[Row]) -> None:
    """省级, 市级 and 县级 with agencies below them, where no column is said to hold any."""
    if any(one.role in (Column.LEAD, Column.RESPONSIBLE) or one.agency for one in labelled):
        return
    for place, one in enumerate(labelled):
        if one.role is None and names_a_level(one.below or one.label) and _mostly(_values(one, rows), _names_agencies):
            labelled[place] = replace(one, role=Column.RESPONSIBLE)


def _names_agencies(text: str) -> bool:
    return bool(parse_agencies(text).names)


def _find_text(labelled: _Labels, rows: Sequence[Row]) -> None:
    """A column of long text is the text where no label says so."""
    if _has(labelled, Column.TEXT):
        return
    lengths = [
        _length(one, rows) if one.role is None and not one.agency and not has_no_role(one.label) else 0.0
        for one in labelled
    ]
    longest = max(lengths, default=0.0)
    if longest >= _LONG_TEXT:
        place = lengths.index(longest)
        labelled[place] = replace(labelled[place], role=Column.TEXT, assumed=True)


def _find_dates(labelled: _Labels, rows: Sequence[Row]) -> None:
    """市财政局（6月底前） below 责任分工, where no column has the deadlines."""
    if _has(labelled, Column.DEADLINE) or any(one.says_when for one in labelled):
        return
    acting = [place for place, one in enumerate(labelled) if one.role in (Column.LEAD, Column.RESPONSIBLE)]
    for place in acting if len(acting) == 1 else ():
        if any(who_and_when(value)[1] for value in _values(labelled[place], rows)):
            labelled[place] = replace(labelled[place], says_when=True)


def _length(label: Labelled, rows: Sequence[Row]) -> float:
    values = _values(label, rows)
    return sum(map(len, values)) / len(values) if values else 0.0


def says_who_in_tails(columns: Columns, rows: Sequence[Row]) -> bool:
    """Whether a table without a column of agencies names them at the end of its texts."""
    if not (columns.has(Column.TITLE) or columns.has(Column.TEXT)) or len(columns.places) < 2:
        return False
    cells = (columns.cells(row, columns.says_what)[:1] for row in rows[:_TAILS_LOOKED_AT])
    tails = [tail_in_cell(cell.value, who=True, when=True) for first in cells for cell in first]
    return sum(bool(tail and tail.agencies) for tail in tails) * 2 >= max(1, len(tails))
