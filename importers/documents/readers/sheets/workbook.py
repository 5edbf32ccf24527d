"""What the sheets of a workbook share: their order, texts, number formats and the first day of the calendar."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from agencies.lib.untrusted.zips import Package
from importers.documents.limits import Rejected
from importers.documents.readers.besides import struck_in
from importers.documents.readers.relations import relations_of
from importers.documents.readers.sheets.numberformat import BUILT_IN
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
