"""A list as separated rows that WPS and Excel open with the right characters.

A format without merged cells: what holds for a merged cell is written out, except for number and title, which
are blank where they go on. Cells are written to the character, also those that begin with =, + or @; whoever
opens the file in a spreadsheet must not let it calculate.
"""

import csv
import io

from importers.documents.values import ParsedList
from importers.documents.writers.rows import HeadingRow, WrittenRow, labels_of, rows_of

_FORMULA_STARTS = tuple("=+-@\t\r")
_MARK = "\ufeff"


def write_csv(parsed: ParsedList) -> bytes:
    """Title, header, headings, measures and notes in UTF-8 with a byte order mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    labels = labels_of(parsed)
    blanks = ("",) * (len(labels) - 1)
    if parsed.title:
        writer.writerow((parsed.title, *blanks))
    writer.writerow(labels)
    writer.writerows(_cells(row, blanks) for row in rows_of(parsed))
    if parsed.notes:
        writer.writerow(("\n".join(parsed.notes), *blanks))
    return (_MARK + buffer.getvalue()).encode()


def _cells(row: WrittenRow, blanks: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(row, HeadingRow):
        return (row.text, *blanks)
    number, title, *rest = row.cells
    goes_on = title.continues and not number.value
    return (number.value, "" if goes_on else _kept(title.value), *(_kept(cell.value) for cell in rest))


def _kept(text: str) -> str:
    """An apostrophe before a sign of a formula is taken for one that was put there, and so gets another."""
    return f"'{text}" if text[:1] == "'" and text.lstrip("'")[:1] in _FORMULA_STARTS else text
