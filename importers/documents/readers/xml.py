"""The XML parts of a package, as trees or as they are inflated."""

from collections.abc import Iterator, Sequence
from itertools import chain

from lxml import etree

from agencies.lib.untrusted.xml import OPTIONS, first_element, parse, refusal, refuse_doctype, refuse_dtd
from agencies.lib.untrusted.zips import Package

PARSED_AT_ONCE = 2 * 1024 * 1024  # of XML; as a tree it takes ten times as much memory


def parse_part(package: Package, name: str) -> etree._Element:
    """A small part as a tree. Raises `FileRefused`."""
    return parse(package.read(name), name)


def stream_part(
    package: Package, name: str, tags: list[str], stops: Sequence[str] = ()
) -> Iterator[tuple[str, etree._Element]]:
    """('start' | 'end', element) for the given tags while the part is being inflated.

    Unless it is large, it is parsed as a whole before: that takes half the time of parsing with events. `stops` are
    further tags at which a large part stops, for what has been read to be dropped. Raises `FileRefused`.
    """
    chunks = package.chunks(name)
    head = _up_to(PARSED_AT_ONCE, chunks)
    refuse_doctype(head[0] if head else b"", name)
    rest = next(chunks, None)
    if rest is None:
        yield from _walked(parse(b"".join(head), name), tags)
    else:
        yield from _streamed(chain(_emptied(head), (rest,), chunks), name, [*tags, *stops])


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


class _Chunks:
    """Just enough of a binary file for an XML parser."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = filter(None, chunks)

    def read(self, _size: int = -1) -> bytes:
        """The next chunk, of whatever size; b'' at the end."""
        return next(self._chunks, b"")


def _streamed(chunks: Iterator[bytes], name: str, tags: list[str]) -> Iterator[tuple[str, etree._Element]]:
    events = etree.iterparse(_Chunks(chunks), events=("start", "end"), tag=tags, **OPTIONS)
    try:
        for count, (event, element) in enumerate(events):
            if count == 0:
                refuse_dtd(element, name)
            yield str(event), element
    except etree.XMLSyntaxError as error:
        raise refusal(error, name) from error


def drop(element: etree._Element) -> None:
    """Take out of the tree what has been read. Not the newest element: the parser may still work next to it."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def root_name(package: Package, name: str) -> str:
    """The local name of a part's outermost element."""
    root = first_element(package.chunks(name), name)
    return "" if root is None else str(root.tag).rpartition("}")[2]
