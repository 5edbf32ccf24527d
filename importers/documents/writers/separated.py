"""A list as separated rows that WPS and Excel open with the right characters.

A format without merged cells: what holds for a merged cell is written out, except for number and title, which
are blank where they go on. What a spreadsheet would calculate is marked, and read back without the mark.
"""

import csv
import io

from agencies.lib.formulas import marked
from importers.documents.values import ParsedList
from importers.documents.writers.rows import HeadingRow, WrittenRow, labels_of, rows_of

_MARK = "\ufeff"


def write_csv(parsed: ParsedList) -> bytes:
    """Title, header, headings, measures and notes in UTF-8 with a byte order mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    labels = labels_of(parsed)
    blanks = ("",) * (len(labels) - 1)
    if parsed.title:
        writer.writerow((marked(parsed.title), *blanks))
    writer.writerow(labels)
    writer.writerows([marked(cell) for cell in _cells(row, blanks)] for row in rows_of(parsed))
    if parsed.notes:
        writer.writerow((marked("\n".join(parsed.notes)), *blanks))
    return (_MARK + buffer.getvalue()).encode()


def _cells(row: WrittenRow, blanks: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(row, HeadingRow):
        return (row.text, *blanks)
    number, title, *rest = row.cells
    goes_on = title.continues and not number.value
    return (number.value, "" if goes_on else title.value, *(cell.value for cell in rest))
