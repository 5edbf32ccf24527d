"""XML from strangers: no DTD, no entities, no network, no unbounded depth."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from lxml import etree

from importers.documents.limits import Rejected
from importers.documents.readers.package import Package, PartFile

PARSED_AT_ONCE = 2 * 1024 * 1024  # of XML; as a tree it takes ten times as much memory
_PIECE = 2048
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
    if b"<!doctype" in head.replace(b"\0", b"").lower():
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


def stream_part(
    package: Package, name: str, tags: list[str], stops: Sequence[str] = ()
) -> Iterator[tuple[str, etree._Element]]:
    """('start' | 'end', element) for the given tags while the part is being inflated.

    Unless it is large, it is parsed as a whole before: that takes half the time of parsing with events. `stops` are
    further tags at which a large part stops, for what has been read to be dropped.
    """
    chunks = package.chunks(name)
    head = _up_to(PARSED_AT_ONCE, chunks)
    refuse_doctype(head[0] if head else b"", name)
    rest = next(chunks, None)
    try:
        if rest is None:
            yield from _walked(_whole(head, name), tags)
        else:
            yield from _streamed(chain(_emptied(head), (rest,), chunks), name, [*tags, *stops])
    except etree.XMLSyntaxError as error:
        raise _rejection(error, name) from error


def _up_to(size: int, chunks: Iterator[bytes]) -> list[bytes]:
    """So many bytes from the beginning of a part, or a little more."""
    head: list[bytes] = []
    for chunk in filter(None, chunks):
        head.append(chunk)
        size -= len(chunk)
        if size <= 0:
            break
    return head


def _emptied(chunks: list[bytes]) -> Iterator[bytes]:
    """Each is let go of as soon as it is used."""
    chunks.reverse()
    while chunks:
        yield chunks.pop()


def _whole(chunks: list[bytes], name: str) -> etree._Element:
    root = etree.fromstring(b"".join(chunks), etree.XMLParser(**_OPTIONS))
    _refuse_dtd(root, name)
    return root


def _walked(root: etree._Element, tags: list[str]) -> Iterator[tuple[str, etree._Element]]:
    """The events of a tree that is there already. `iterwalk` would visit every element."""
    is_open: list[etree._Element] = []
    for element in list(root.iter(*tags)):
        while is_open and not _is_inside(element, is_open[-1]):
            yield "end", is_open.pop()
        is_open.append(element)
        yield "start", element
    while is_open:
        yield "end", is_open.pop()


def _is_inside(element: etree._Element, outer: etree._Element) -> bool:
    return element.getparent() is outer or outer in element.iterancestors()


def _streamed(chunks: Iterator[bytes], name: str, tags: list[str]) -> Iterator[tuple[str, etree._Element]]:
    events = etree.iterparse(PartFile(chunks), events=("start", "end"), tag=tags, **_OPTIONS)
    for count, (event, element) in enumerate(events):
        if count == 0:
            _refuse_dtd(element, name)
        yield str(event), element


def drop(element: etree._Element) -> None:
    """Take out of the tree what has been read. Not the newest element: the parser may still work next to it."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def root_name(package: Package, name: str) -> str:
    """The local name of a part's outermost element."""
    source = package.open(name)
    refuse_doctype(source.peek(), name)
    parser = etree.XMLPullParser(events=("start",), **_OPTIONS)
    try:
        for piece in _pieces(source):
            parser.feed(piece)
            _, root = next(parser.read_events(), (None, None))
            if isinstance(root, etree._Element):
                _refuse_dtd(root, name)
                return str(root.tag).rpartition("}")[2]
    except etree.XMLSyntaxError as error:
        raise _rejection(error, name) from error
    return ""


def _pieces(source: PartFile) -> Iterator[bytes]:
    """Short ones: the outermost element stands at the very beginning."""
    while chunk := source.read(_PIECE):
        for at in range(0, len(chunk), _PIECE):
            yield chunk[at : at + _PIECE]


def _refuse_dtd(element: etree._Element, where: str) -> None:
    info = element.getroottree().docinfo
    if info.internalDTD is not None or info.public_id or info.system_url:
        raise Rejected("dtd_forbidden", where=where)


def _rejection(error: Exception, where: str) -> Rejected:
    text = str(error)
    if "depth" in text.lower():
        return Rejected("too_deep", where=where)
    return Rejected("corrupt_file", where=where)
