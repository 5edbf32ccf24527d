"""XML from strangers: no DTD, no entities, no network, no unbounded depth. Raises FileRefused: doctype, depth,
malformed."""

from collections.abc import Iterable
from typing import Any

from lxml import etree

from agencies.lib.untrusted.limits import FileRefused

OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,  # keeps the parser's own bounds on depth and length
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}
_HEAD = 64 * 1024
_PIECE = 2048  # small, so that parsing ends soon after the first element


def refuse_doctype(head: bytes, where: str) -> None:
    """Look for a doctype in the beginning of a part, in whatever width its characters have."""
    if b"<!doctype" in head.replace(b"\0", b"").lower():
        raise FileRefused("doctype", where)


def refuse_dtd(element: etree._Element, where: str) -> None:
    """Ask the parser, which knows every encoding, for the doctype before an element."""
    info = element.getroottree().docinfo
    if info.internalDTD is not None or info.public_id or info.system_url:
        raise FileRefused("doctype", where)


def parse(data: bytes, where: str) -> etree._Element:
    """A small part as a tree."""
    refuse_doctype(data[:_HEAD], where)
    try:
        root = etree.fromstring(data, etree.XMLParser(**OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise refusal(error, where) from error
    refuse_dtd(root, where)
    return root


def first_element(chunks: Iterable[bytes], where: str) -> etree._Element | None:
    """The outermost element, without what is in it. No more chunks are taken than it needs."""
    parser = etree.XMLPullParser(events=("start",), **OPTIONS)
    try:
        for chunk in chunks:
            refuse_doctype(chunk, where)
            for at in range(0, len(chunk), _PIECE):
                parser.feed(chunk[at : at + _PIECE])
                _, root = next(parser.read_events(), (None, None))
                if isinstance(root, etree._Element):
                    refuse_dtd(root, where)
                    return root
    except etree.XMLSyntaxError as error:
        raise refusal(error, where) from error
    return None


def refusal(error: Exception, where: str) -> FileRefused:
    """What to raise for an error of the parser."""
    # The parser tells too much depth from other errors by its message only.
    return FileRefused("depth" if "depth" in str(error).lower() else "malformed", where)
