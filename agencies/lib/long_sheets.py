"""Long workbooks, row by row: no object is made for a cell, and memory does not grow with the rows.

What stands above the rows, widths, pages and styles are openpyxl's. The last row of its sheet is a model: each row that
follows looks like it, cell by cell, and takes its place. Texts stay texts, as in `agencies.lib.formulas`.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from openpyxl import Workbook

from agencies.lib.formulas import looks_like_formula

# Control characters, halves of pairs and non-characters have no place in XML.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A bare carriage return would be read as a line feed.
_RETURN = {"\r": "&#13;"}
_SHEET = "xl/worksheets/sheet1.xml"
_ROWS = re.compile(rb"<sheetData\s*/>|(<sheetData>)(.*)(</sheetData>)", re.DOTALL)
_DIMENSION = re.compile(rb"<dimension[^>]*/>")
_AT_ONCE = 64 * 1024
# Days count from here in workbooks; so they are right from March 1900.
_DAY_ZERO = dt.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class _Look:
    """One column, and its styles by their numbers: of most values, of texts that look like formulas, of dates."""

    letter: str
    plain: int
    held: int
    date: int


def write_rows(book: Workbook, rows: Iterable[Sequence[Any]], file: BinaryIO) -> None:
    """Write the workbook into `file`, with `rows` in place of the last row of its first sheet.

    Values are texts, whole numbers, dates, None.
    """
    sheet = book.worksheets[0]
    first = sheet.max_row
    looks = [_look(sheet.cell(first, column)) for column in range(1, sheet.max_column + 1)]
    sheet.delete_rows(first)
    frame = BytesIO()
    book.save(frame)
    with zipfile.ZipFile(frame) as parts, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name in parts.namelist():
            if name != _SHEET:
                package.writestr(name, parts.read(name))
        with package.open(_SHEET, "w", force_zip64=True) as part:
            part.write(_above(parts.read(_SHEET)))
            for chunk in _chunks(_row(number, values, looks) for number, values in enumerate(rows, first)):
                part.write(chunk.encode())
            part.write(_below(parts.read(_SHEET)))


def _look(cell: Any) -> _Look:
    plain = _style(cell)
    cell.quotePrefix = True
    held = _style(cell)
    cell.quotePrefix, cell.number_format = False, "yyyy-mm-dd"
    return _Look(cell.column_letter, plain, held, _style(cell))


def _style(cell: Any) -> int:
    number: int = cell.style_id
    # The book keeps that very object: what is changed from here on is another one.
    cell._style = copy(cell._style)
    return number


def _above(xml: bytes) -> bytes:
    # What it says of the size of the sheet holds no longer, and programs believe it.
    xml = _DIMENSION.sub(b"", xml)
    found = _ROWS.search(xml)
    return xml[: found.start()] + b"<sheetData>" + (found[2] or b"") if found else xml


def _below(xml: bytes) -> bytes:
    found = _ROWS.search(xml)
    return b"</sheetData>" + xml[found.end() :] if found else b""


def _chunks(rows: Iterator[str]) -> Iterator[str]:
    """Several rows together: compressing each by itself takes longer."""
    kept: list[str] = []
    size = 0
    for row in rows:
        kept.append(row)
        size += len(row)
        if size > _AT_ONCE:
            yield "".join(kept)
            kept, size = [], 0
    yield "".join(kept)


def _row(number: int, values: Sequence[Any], looks: Sequence[_Look]) -> str:
    cells = (_cell(f"{look.letter}{number}", value, look) for value, look in zip(values, looks, strict=True))
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(at: str, value: Any, look: _Look) -> str:
    if value is None or value == "":
        return f'<c r="{at}" s="{look.plain}"/>'
    if isinstance(value, dt.date):
        return f'<c r="{at}" s="{look.date}"><v>{(value - _DAY_ZERO).days}</v></c>'
    if isinstance(value, int):
        return f'<c r="{at}" s="{look.plain}"><v>{value}</v></c>'
    style = look.held if looks_like_formula(value) else look.plain
    text = escape(NOT_IN_XML.sub("", value), _RETURN)
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
