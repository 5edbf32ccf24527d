"""Long workbooks, row by row: no object is made for a cell, and memory does not grow with the rows.

What stands above the rows, widths, pages and styles are openpyxl's. The last row of its sheet is a model: each row that
follows looks like it, cell by cell, and takes its place. Texts stay texts, as in `agencies.lib.formulas`.

Where the model wraps its text a row is as high as its longest cell: programs that print do not find that out by
themselves; and it grows when somebody writes more into it. A text that no row could hold takes several, merged; not in
a protected sheet, which is a form. LAST in an area to print or a filter stands for the last row written.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from openpyxl import Workbook

from agencies.lib.formulas import looks_like_formula

# Control characters, halves of pairs and non-characters have no place in XML.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A bare carriage return would be read as a line feed.
_RETURN = {"\r": "&#13;"}
LAST = 1_048_576
LONGEST = 32_767  # characters of a cell
CUT = "……（超出单元格上限，以下略）"
_SHEET, _BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
# Points. A program makes a row no higher than 409; a line of the fonts that stand in for ours is 1.2 to 1.45 as high.
_TALLEST, _LINE_HEIGHT, _PADDING = 400.0, 1.3, 6.0
_WIDTH_OF_DIGIT, _BESIDE_TEXT, _POINTS = 7, 5, 0.75  # pixels a character of a column's width, pixels, points a pixel
# Before these the merged cells stand.
_AFTER_MERGED = re.compile(rb"<(phoneticPr|conditionalFormatting|dataValidations|hyperlinks|printOptions|pageMargins)")
_ROWS = re.compile(rb"<sheetData\s*/>|(<sheetData>)(.*)(</sheetData>)", re.DOTALL)
_DIMENSION = re.compile(rb"<dimension[^>]*/>")
_AT_ONCE = 64 * 1024
# Days count from here in workbooks; so they are right from March 1900.
_DAY_ZERO = dt.date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class _Look:
    """One column, and its styles by their numbers: of most values, of texts that look like formulas, of dates. Where it
    wraps, how many half-width characters a line holds and how high a line is (points); else 0."""

    letter: str
    plain: int
    held: int
    date: int
    across: int
    line: float

    def height(self, value: Any) -> float:
        """Of a cell with this value, in points."""
        if not self.across or not isinstance(value, str):
            return 0.0
        # There a character of Chinese is two bytes, as it is two halves wide; what is rarer is four, which is too many.
        halves = (len(line.encode("gb18030", "replace")) for line in value.split("\n"))
        return sum(max(1, ceil(half / self.across)) for half in halves) * self.line


@dataclass(slots=True)
class _Below:
    """The first row, the one that comes next, the areas that were merged, and whether any may be."""

    first: int
    number: int
    merged: list[str]
    merges: bool


def write_rows(book: Workbook, rows: Iterable[Sequence[Any]], file: BinaryIO) -> None:
    """Write the workbook into `file`, with `rows` in place of the last row of its first sheet.

    Values are texts, whole numbers, dates, None. A text longer than a cell is cut, and says so.
    """
    sheet = book.worksheets[0]
    first = sheet.max_row
    looks = [_look(sheet.cell(first, column)) for column in range(1, sheet.max_column + 1)]
    sheet.delete_rows(first)
    frame, below = BytesIO(), _Below(first, first, [], merges=not sheet.protection.sheet)
    book.save(frame)
    with zipfile.ZipFile(frame) as parts, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name in parts.namelist():
            if name not in (_SHEET, _BOOK):
                package.writestr(name, parts.read(name))
        with package.open(_SHEET, "w", force_zip64=True) as part:
            part.write(_above(parts.read(_SHEET)))
            for chunk in _chunks(_rows_of(values, looks, below) for values in rows):
                part.write(chunk.encode())
            part.write(_below(parts.read(_SHEET), below))
        package.writestr(_BOOK, _to_the_end(parts.read(_BOOK), below))


def _look(cell: Any) -> _Look:
    plain, line, across = _style(cell), 0.0, 0
    if cell.alignment.wrap_text:
        size = float(cell.font.size or 11)
        width = cell.parent.column_dimensions[cell.column_letter].width * _WIDTH_OF_DIGIT - _BESIDE_TEXT
        # A character less, since punctuation begins no line and words are not broken.
        across, line = max(2, int(width * _POINTS / size * 2) - 2), size * _LINE_HEIGHT
    cell.quotePrefix = True
    held = _style(cell)
    cell.quotePrefix, cell.number_format = False, "yyyy-mm-dd"
    return _Look(cell.column_letter, plain, held, _style(cell), across, line)


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


def _below(xml: bytes, below: _Below) -> bytes:
    found = _ROWS.search(xml)
    rest = _to_the_end(xml[found.end() :], below) if found else b""
    if below.merged:
        areas = "".join(f'<mergeCell ref="{area}"/>' for area in below.merged).encode()
        cells = b'<mergeCells count="%d">%s</mergeCells>' % (len(below.merged), areas)
        rest = _AFTER_MERGED.sub(lambda after: cells + after[0], rest, count=1)
    return b"</sheetData>" + rest


def _to_the_end(xml: bytes, below: _Below) -> bytes:
    last = max(below.number - 1, below.first)
    return re.sub(rb"(?<=[A-Z$])%d(?=\D)" % LAST, str(last).encode(), xml)


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


def _rows_of(values: Sequence[Any], looks: Sequence[_Look], below: _Below) -> str:
    """One row, or as many as its longest text needs."""
    height = max((look.height(value) for value, look in zip(values, looks, strict=True)), default=0.0)
    tall = ' ht="{:.1f}"' if height else ""
    needed = max(1, ceil((height + _PADDING) / _TALLEST)) if below.merges else 1
    first, below.number = below.number, below.number + needed
    if needed > 1:
        below.merged += [f"{look.letter}{first}:{look.letter}{below.number - 1}" for look in looks]
    each = tall.format(min((height + _PADDING) / needed, _TALLEST))
    blank = [None] * len(values)
    return "".join(_row(first + place, blank if place else values, looks, each) for place in range(needed))


def _row(number: int, values: Sequence[Any], looks: Sequence[_Look], height: str) -> str:
    cells = (_cell(f"{look.letter}{number}", value, look) for value, look in zip(values, looks, strict=True))
    return f'<row r="{number}"{height}>{"".join(cells)}</row>'


def _cell(at: str, value: Any, look: _Look) -> str:
    if value is None or value == "":
        return f'<c r="{at}" s="{look.plain}"/>'
    if isinstance(value, dt.date):
        return f'<c r="{at}" s="{look.date}"><v>{(value - _DAY_ZERO).days}</v></c>'
    if isinstance(value, int):
        return f'<c r="{at}" s="{look.plain}"><v>{value}</v></c>'
    style = look.held if looks_like_formula(value) else look.plain
    text = escape(_as_a_cell_holds(NOT_IN_XML.sub("", value)), _RETURN)
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _as_a_cell_holds(text: str) -> str:
    """The text, or as much of it as a cell holds, and that it is cut."""
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - len(CUT)] + CUT
