"""Cells that show something that is no text: a picture, or a number that only Word would work out."""

import re

from lxml import etree

from importers.documents.grid import FIELD, PICTURE
from importers.documents.readers.word.names import Names

_PICTURES = ("drawing", "pict", "object")
# SEQ 表, AUTONUM, =SUM(ABOVE), a list to choose from: what only Word would work out.
_WORKED_OUT = re.compile(r"^\s*(?:SEQ|AUTONUM\w*|LISTNUM|FORMDROPDOWN|=)", re.IGNORECASE)


def unreadable_cells(row: etree._Element, names: Names) -> dict[etree._Element, str]:
    """The cells of a row with a picture or such a field in them, and what stands for it."""
    found: dict[etree._Element, str] = {}
    for element in row.iter(*(names[local] for local in (*_PICTURES, "instrText", "fldSimple"))):
        cell = next(element.iterancestors(names["tc"]), None)
        mark = _mark(element, names)
        if cell is not None and mark:
            found.setdefault(cell, mark)
    return found


def _mark(element: etree._Element, names: Names) -> str:
    if element.tag in [names[local] for local in _PICTURES]:
        return PICTURE
    instruction = element.text if element.tag == names["instrText"] else element.get(names["instr"])
    return FIELD if _WORKED_OUT.match(instruction or "") else ""


def mark_blank(cells: dict[etree._Element, str], names: Names) -> None:
    """Have each of these cells that says nothing say what it shows, so that it is not taken for a blank one."""
    for cell, mark in cells.items():
        if not any((text.text or "").strip() for text in cell.iter(names["t"])):
            paragraph = next(cell.iter(names["p"]), None)
            if paragraph is not None:
                text = etree.SubElement(etree.SubElement(paragraph, names["r"]), names["t"])
                text.text = mark
