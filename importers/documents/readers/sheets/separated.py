"""Rows with commas or semicolons between the cells, as spreadsheets export them."""

import csv
import io
import re
from collections.abc import Iterator

from agencies.lib.formulas import unmarked
from importers.documents.grid import Grid, Row, Table
from importers.documents.layout.columns import header_of
from importers.documents.limits import LIMITS, Rejected
from importers.documents.readers.sheets.sheetrows import error_free
from importers.documents.readers.sheets.xlsx import errors_in

_SEPARATORS = "\t,;"
# sep=; in the first line, by which Excel is told what separates.
_NAMES_ITS_SEPARATOR = re.compile(r"^\ufeff?sep=(.)[ \t]*\n", re.IGNORECASE)
_LOOKED_AT = 30
_FEWEST_CELLS = 3


def separator_of(text: str) -> str | None:
    """The character between the cells, or None when this is no such file.

    Decided by a row that reads as a header, or else by rows of the same number of cells throughout. Rows with
    tabs are for `read_text`, which also knows cells on lines of their own.
    """
    named = _NAMES_ITS_SEPARATOR.match(text)
    if named:
        return named[1]
    beginning = "".join(text.splitlines(keepends=True)[:_LOOKED_AT])
    found = (one for one in _SEPARATORS if beginning.count(one) > 1 and _is_separated(beginning, one))
    separator = next(found, None)
    return None if separator == "\t" else separator


def _is_separated(text: str, separator: str) -> bool:
    rows = [row for row in records(text, separator) if any(row)]
    wide = [row for row in rows if len(row) >= _FEWEST_CELLS]
    if any(header_of(_row(0, row)).is_list for row in wide):
        return True
    lengths = {len(row) for row in wide}
    return len(wide) > 1 and len(wide) == len(rows) and len(lengths) == 1


def records(text: str, separator: str) -> Iterator[list[str]]:
    """The rows of a text; quoted cells may hold separators and line feeds. Raises `Rejected`."""
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield [unmarked(cell) for cell in cells]
    except csv.Error as error:
        raise Rejected("corrupt_file") from error


def read_separated(text: str, separator: str) -> Grid:
    """One table; a row counts as a spreadsheet would count it, blank ones included. Raises `Rejected`."""
    text = _NAMES_ITS_SEPARATOR.sub("", text)
    rows: list[tuple[int, list[str]]] = []
    for number, cells in enumerate(records(text, separator), 1):
        if any(cell.strip() for cell in cells):
            rows.append((number, cells))
        if len(rows) > LIMITS.rows:
            raise Rejected("too_many_rows")
    if not rows:
        raise Rejected("no_table")
    first, last = _used([cells for _, cells in rows])
    table = [_row(number, cells[first:last] or [""]) for number, cells in rows]
    return Grid((Table(tuple(table)),), tuple(errors_in(table)))


def _used(rows: list[list[str]]) -> tuple[int, int]:
    """From the first to the last column that says something."""
    filled = {column for cells in rows for column, cell in enumerate(cells) if cell.strip()}
    return min(filled), max(filled) + 1


def _row(number: int, cells: list[str]) -> Row:
    return Row(number, tuple(error_free(text, column) for column, text in enumerate(cells)))
