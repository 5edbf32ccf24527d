"""What the sheets of a workbook share, their order, texts, number formats and the first day of the calendar; and each
from its XML in one streaming pass: only cells that say something are kept."""

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from agencies.lib.untrusted.zips import Package
from importers.documents.limits import LIMITS, Rejected
from importers.documents.readers.besides import margins_in, struck_in
from importers.documents.readers.relations import relations_of
from importers.documents.readers.sheets.numberformat import BUILT_IN, shown
from importers.documents.readers.xml import drop, parse_part, stream_part

NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_RELATIONSHIPS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_GENERAL = "General"
# _x000D_: how a workbook writes a character that XML cannot hold.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
# NUL and its like, halves of surrogate pairs, non-characters: no XML, no UTF-8 and no database takes them.
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_FORMAT = 255
_ON = ("1", "true", "on")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that is shown, and its part."""

    name: str
    part: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """`formats` holds the format code of each cell style, `texts` the shared strings; `striking` are the styles that
    strike out a cell, `struck` what is struck out in shared strings, by their place."""

    sheets: tuple[Sheet, ...]
    texts: tuple[str, ...]
    formats: tuple[str, ...]
    from_1904: bool
    striking: frozenset[str] = frozenset()
    struck: dict[str, list[str]] = field(default_factory=dict)

    def format_of(self, style: str | None) -> str:
        """The format code for the style number of a cell."""
        number = int(style) if style and style.isascii() and style.isdigit() else 0
        return self.formats[number] if number < len(self.formats) else _GENERAL


def in_both(*locals_: str) -> list[str]:
    """The element names in the transitional and in the strict namespace."""
    return [f"{{{namespace}}}{local}" for namespace in NAMESPACES for local in locals_]


def is_on(value: str | None) -> bool:
    """An XML boolean that is false when it is not there."""
    return value in _ON


def read_workbook(package: Package, part: str) -> Workbook:
    """The workbook behind its main part. Raises `Rejected` when a sheet that is shown is missing."""
    root = parse_part(package, part)
    relations = relations_of(package, part)
    paths = {relation.kind: relation.path for relation in relations.values() if relation.path in package}
    worksheets = {name: one.path for name, one in relations.items() if one.kind == "worksheet"}
    properties = next(root.iter(*in_both("workbookPr")), None)
    struck: dict[str, list[str]] = {}
    styles = parse_part(package, paths["styles"]) if "styles" in paths else None
    return Workbook(
        sheets=tuple(_visible_sheets(root, worksheets, {*relations} - {*worksheets}, package)),
        texts=tuple(_shared_texts(package, paths["sharedStrings"], struck)) if "sharedStrings" in paths else (),
        formats=tuple(_formats(styles)) if styles is not None else (),
        from_1904=properties is not None and is_on(properties.get("date1904")),
        striking=frozenset(_striking(styles)) if styles is not None else frozenset(),
        struck=struck,
    )


def _visible_sheets(
    root: etree._Element, worksheets: dict[str, str], others: set[str], package: Package
) -> Iterator[Sheet]:
    """In the order of the tabs; charts and the like are no sheets with cells."""
    for element in root.iter(*in_both("sheet")):
        name = element.get("name") or ""
        found = next(filter(None, (element.get(f"{{{space}}}id") for space in _RELATIONSHIPS)), "")
        if element.get("state", "visible") != "visible" or found in others:
            continue
        part = worksheets.get(found)
        if part is None or part not in package:
            raise Rejected("corrupt_file", where=name)
        yield Sheet(name, part)


def _shared_texts(package: Package, part: str, struck: dict[str, list[str]]) -> Iterator[str]:
    """Each shared string; what is struck out in it is put into `struck`."""
    previous, place = None, 0
    for event, element in stream_part(package, part, in_both("si")):
        if event == "end":
            yield text_of(element)
            if len(element) > 1 and (found := struck_in(element, str(element.tag).replace("}si", "}r"))):
                struck[str(place)] = found
            place += 1
            if previous is not None:
                drop(previous)
            previous = element


def text_of(element: etree._Element) -> str:
    """The text of a string item: its runs one after the other, without the phonetic ones."""
    # Most texts are one run.
    if len(element) == 1 and len(element[0]) == 0:
        return unescaped(element[0].text or "")
    parts = []
    for one in element.iter(*in_both("t")):
        parent = one.getparent()
        if parent is element or (parent is not None and not str(parent.tag).endswith("}rPh")):
            parts.append(one.text or "")
    return unescaped("".join(parts))


def unescaped(text: str) -> str:
    """With `_x000D_` and the like replaced, and one line feed for each end of a line."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: _NO_CHARACTER.sub("\ufffd", chr(int(match[1], 16))), text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _formats(styles: etree._Element) -> Iterator[str]:
    own = {one.get("numFmtId"): _code(one.get("formatCode")) for one in styles.iter(*in_both("numFmt"))}
    for group in styles.iter(*in_both("cellXfs")):
        for style in group.iterchildren(*in_both("xf")):
            number = style.get("numFmtId") or "0"
            built_in = BUILT_IN.get(int(number), _GENERAL) if number.isascii() and number.isdigit() else _GENERAL
            yield own.get(number, built_in)


def _striking(styles: etree._Element) -> Iterator[str]:
    """The numbers of the cell styles whose font is struck out."""
    fonts = [font for group in styles.iter(*in_both("fonts")) for font in group.iterchildren(*in_both("font"))]
    marks = [next(font.iter(*in_both("strike")), None) for font in fonts]
    struck = {str(number) for number, mark in enumerate(marks) if mark is not None and is_on(mark.get("val", "1"))}
    for group in styles.iter(*in_both("cellXfs")):
        for number, style in enumerate(group.iterchildren(*in_both("xf"))):
            if style.get("fontId") in struck:
                yield str(number)


def _code(code: str | None) -> str:
    """A format code of a length that can be."""
    return code if code and len(code) <= _LONGEST_FORMAT else _GENERAL


# A1:C3, $A$1:$C$3; a single cell is no area.
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_REFERENCE = re.compile(r"([A-Z]{1,3})\d*")
_MOST_AREAS = 200_000
MOST_COLUMNS = 16_384
# Stands for the result of a formula that has never been calculated; not a character a file may hold.
UNKNOWN = "\uffff"
_MARGINS = in_both(*(f"{page}{place}" for page in ("odd", "even", "first") for place in ("Header", "Footer")))
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
    texts that are struck out, `margins` what is printed at the top and at the bottom of its pages."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: bytearray = field(default_factory=lambda: bytearray(MOST_COLUMNS))
    merged: list[Area] = field(default_factory=list)
    formulas: dict[int, set[int]] = field(default_factory=dict)
    struck: list[str] = field(default_factory=list)
    margins: list[str] = field(default_factory=list)


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
    for event, element in stream_part(package, part, [*_ROW, *_COL, *_MARGINS, *in_both("mergeCell")]):
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
        """Take in a hidden column, a merged area or a margin."""
        if element.tag in _MARGINS:
            self.content.margins.extend(margins_in(element.text or ""))
            return
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
