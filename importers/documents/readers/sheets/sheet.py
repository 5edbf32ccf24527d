"""One sheet from its XML in one streaming pass: only cells that say something are kept."""

import datetime as dt
import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from agencies.lib.untrusted.zips import Package
from importers.documents.limits import LIMITS, Rejected
from importers.documents.readers.besides import struck_in
from importers.documents.readers.sheets.numberformat import shown
from importers.documents.readers.sheets.workbook import Workbook, in_both, is_on, text_of, unescaped
from importers.documents.readers.xml import drop, stream_part

# A1:C3, $A$1:$C$3; a single cell is no area.
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_REFERENCE = re.compile(r"([A-Z]{1,3})\d*")
_MOST_AREAS = 200_000
MOST_COLUMNS = 16_384
# Stands for the result of a formula that has never been calculated; not a character a file may hold.
UNKNOWN = "\uffff"
_ROW, _COL, _CELL = in_both("row"), in_both("col"), in_both("c")
_VALUE, _FORMULA, _INLINE = in_both("v"), in_both("f"), in_both("is")


class Area(NamedTuple):
    """A merged area; rows from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class SheetContent:
    """`rows` by number, each with its texts by column; `formulas` are the calculated columns of a row, `struck` the
    texts that are struck out."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: bytearray = field(default_factory=lambda: bytearray(MOST_COLUMNS))
    merged: list[Area] = field(default_factory=list)
    formulas: dict[int, set[int]] = field(default_factory=dict)
    struck: list[str] = field(default_factory=list)


def column_name(column: int) -> str:
    """0 → A, 26 → AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def read_sheet(package: Package, part: str, workbook: Workbook) -> SheetContent:
    """Everything a sheet says, whatever range it claims to fill. Raises `Rejected`."""
    reader = _SheetReader(part, workbook)
    previous = None
    for event, element in stream_part(package, part, [*_ROW, *_COL, *in_both("mergeCell")]):
        if event == "start":
            continue
        if element.tag not in _ROW:
            reader.shape(element)
            continue
        reader.row(element)
        # The parser may still be working next to the row just read: that one goes with the next.
        if previous is not None:
            drop(previous)
        element.clear()
        previous = element
    return reader.content


class _SheetReader:
    def __init__(self, part: str, workbook: Workbook) -> None:
        self.content = SheetContent()
        self._part = part
        self._workbook = workbook
        self._row = 0

    def shape(self, element: etree._Element) -> None:
        """Take in a hidden column or a merged area."""
        if element.tag in _COL:
            # A width, or height, of zero hides as well.
            if is_on(element.get("hidden")) or _is_zero(element.get("width")):
                first, last = _count(element.get("min")) - 1, min(_count(element.get("max")), MOST_COLUMNS)
                if 0 <= first < last:
                    self.content.hidden_columns[first:last] = b"\1" * (last - first)
            return
        match = _AREA.fullmatch(element.get("ref") or "")
        if match and match[3] and len(self.content.merged) < _MOST_AREAS:
            left, top, right, bottom = _column(match[1]), int(match[2]), _column(match[3]), int(match[4])
            self.content.merged.append(Area(top, left, bottom, right))

    def row(self, element: etree._Element) -> None:
        self._row = _count(element.get("r")) or self._row + 1
        texts: dict[int, str] = {}
        column = -1
        for cell in element.iterchildren(*_CELL):
            reference = _REFERENCE.fullmatch(cell.get("r") or "")
            column = _column(reference[1]) if reference else column + 1
            text = self._text(cell, column) if len(cell) else ""
            if text:
                texts[column] = text
                self._notice_struck(cell, text)
        if not texts:
            return
        self.content.rows[self._row] = texts
        if is_on(element.get("hidden")) or _is_zero(element.get("ht")):
            self.content.hidden_rows.add(self._row)
        elif len(self.content.rows) - len(self.content.hidden_rows) > LIMITS.rows:
            raise Rejected("too_many_rows")

    def _notice_struck(self, cell: etree._Element, text: str) -> None:
        if cell.get("s") in self._workbook.striking:
            self.content.struck.append(text)
        elif cell.get("t") == "s" and self._workbook.struck:
            self.content.struck.extend(self._workbook.struck.get(cell[-1].text or "", ()))
        elif cell.get("t") == "inlineStr":
            self.content.struck.extend(struck_in(cell, str(cell.tag)[:-1] + "r"))

    def _text(self, cell: etree._Element, column: int) -> str:
        value = None
        has_formula = False
        inline = ""
        for child in cell:
            if child.tag in _VALUE:
                value = child.text
            elif child.tag in _FORMULA:
                has_formula = True
            elif child.tag in _INLINE:
                inline = text_of(child)
        kind = cell.get("t")
        if has_formula:
            self.content.formulas.setdefault(self._row, set()).add(column)
            # A formula whose result is an empty text has no value either.
            if value is None and kind != "str":
                return UNKNOWN
        if kind == "inlineStr":
            return inline
        return self._shown(value, kind, cell) if value else ""

    def _shown(self, value: str, kind: str | None, cell: etree._Element) -> str:
        if kind == "s":
            return self._shared(value)
        if kind in ("str", "e"):
            return unescaped(value)
        if kind == "b":
            return "TRUE" if is_on(value.strip()) else "FALSE"
        return self._number(value.strip(), kind, cell.get("s"))

    def _shared(self, value: str) -> str:
        try:
            return self._workbook.texts[int(value)]
        except (ValueError, IndexError) as error:
            raise Rejected("corrupt_file", where=self._part) from error

    def _number(self, value: str, kind: str | None, style: str | None) -> str:
        number = _serial_of_day(value) if kind == "d" else _float(value)
        if number is None:
            return value
        # A day in ISO 8601 was made a serial number here, which counts from 1900.
        from_1904 = self._workbook.from_1904 and kind != "d"
        return shown(number, self._workbook.format_of(style), from_1904=from_1904)


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def _float(text: str | None) -> float | None:
    """A finite number, or None."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _is_zero(size: str | None) -> bool:
    return _float(size) == 0


def _serial_of_day(text: str) -> float | None:
    """The serial number of an ISO 8601 day or moment, as strict workbooks may hold them."""
    try:
        moment = dt.datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        return None
    return (moment.replace(tzinfo=None) - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)  # noqa: DTZ001
