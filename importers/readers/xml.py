"""XML from strangers: no DTD, no entities, no network, no unbounded depth."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from importers.limits import Rejected
from importers.readers.package import Package

_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}


def refuse_doctype(head: bytes, where: str) -> None:
    """Look for a doctype in the beginning of a part, in whatever width its characters have."""
    if _DOCTYPE.search(head.replace(b"\0", b"").decode("latin-1")):
        raise Rejected("dtd_forbidden", where=where)


def parse_part(package: Package, name: str) -> etree._Element:
    """A small part as a tree."""
    data = package.read(name)
    refuse_doctype(data, name)
    try:
        root = etree.fromstring(data, etree.XMLParser(**_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _rejection(error, name) from error
    _refuse_dtd(root, name)
    return root


def stream_part(package: Package, name: str, tags: list[str]) -> Iterator[tuple[str, etree._Element]]:
    """('start' | 'end', element) for the given tags while the part is being inflated."""
    source = package.open(name)
    refuse_doctype(source.peek(), name)
    events = etree.iterparse(source, events=("start", "end"), tag=tags, **_OPTIONS)
    try:
        for count, (event, element) in enumerate(events):
            if count == 0:
                _refuse_dtd(element, name)
            yield str(event), element
    except etree.XMLSyntaxError as error:
        raise _rejection(error, name) from error


def drop(element: etree._Element) -> None:
    """Take out of the tree what has been read. Not the newest element: the parser may still work next to it."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def root_name(package: Package, name: str) -> str:
    """The local name of a part's outermost element."""
    source = package.open(name)
    refuse_doctype(source.peek(), name)
    try:
        for _, element in etree.iterparse(source, events=("start",), **_OPTIONS):
            _refuse_dtd(element, name)
            return str(element.tag).rpartition("}")[2]
    except etree.XMLSyntaxError as error:
        raise _rejection(error, name) from error
    return ""


def _refuse_dtd(element: etree._Element, where: str) -> None:
    info = element.getroottree().docinfo
    if info.internalDTD is not None or info.public_id or info.system_url:
        raise Rejected("dtd_forbidden", where=where)


def _rejection(error: Exception, where: str) -> Rejected:
    text = str(error)
    if "depth" in text.lower():
        return Rejected("too_deep", where=where)
    return Rejected("corrupt_file", where=where)
