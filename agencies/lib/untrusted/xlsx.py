"""Workbooks from strangers, for openpyxl, which trusts what it reads: all of it is inflated once before, in bounds."""

import re
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import Any

from lxml.etree import LxmlError
from openpyxl import load_workbook
from openpyxl.utils.exceptions import CellCoordinatesException, InvalidFileException

from agencies.lib.untrusted.limits import FileRefused, ZipLimits
from agencies.lib.untrusted.xml import first_element, refuse_doctype
from agencies.lib.untrusted.zips import Package

# What openpyxl reads element by element; every other part it takes into memory whole.
_READ_BY_ROWS = ("xl/worksheets/", "xl/sharedStrings")
_XML = (".xml", ".rels")
# <?xml version="1.0" encoding="GBK"?>
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']+)", re.IGNORECASE)
_UTF_8 = (b"utf-8", b"us-ascii")
_LONGEST_DECLARATION = 200
_WIDEST_DOCTYPE = 4 * len("<!doctype")  # UTF-32; so much of a chunk is looked at again with the next
# A spoilt part fails in many ways inside the library. SyntaxError is what XML parsers raise.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, LxmlError, InvalidFileException, CellCoordinatesException),
    *(ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError),
    *(EOFError, OSError, RuntimeError, SyntaxError),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookLimits(ZipLimits):
    """`whole_part_size` bounds each part that is not read row by row; `only_utf_8` refuses XML in other encodings."""

    whole_part_size: int | None = None
    only_utf_8: bool = False


@contextmanager
def opened(data: bytes, limits: WorkbookLimits) -> Iterator[Any]:
    """A workbook to read row by row.

    Raises FileRefused: corrupt, parts, bomb, locked, doctype, encoding, and malformed, also for what fails in reading.
    """
    _check(Package(BytesIO(data), limits), limits)
    try:
        yield load_workbook(BytesIO(data), read_only=True, keep_links=False)
    except _BROKEN as error:
        raise FileRefused("malformed") from error


def _check(package: Package, limits: WorkbookLimits) -> None:
    most = limits.whole_part_size
    whole = (entry.file_size for entry in package.entries if not entry.filename.startswith(_READ_BY_ROWS))
    if most is not None and max(whole, default=0) > most:
        raise FileRefused("bomb")
    for entry in package.entries:
        chunks = _as_declared(package, entry)
        if entry.filename.endswith(_XML):
            _check_xml(chunks, entry.filename, limits)
        deque(chunks, maxlen=0)  # the rest is counted and looked through, too


def _as_declared(package: Package, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The library reads no more of a part than its declared size: a longer one is not what it seems."""
    size, before = 0, b""
    for chunk in package.inflate(entry):
        size += len(chunk)
        if size > entry.file_size:
            raise FileRefused("corrupt", entry.filename)
        refuse_doctype(before + chunk, entry.filename)
        before = chunk[-_WIDEST_DOCTYPE:]
        yield chunk


def _check_xml(chunks: Iterator[bytes], where: str, limits: WorkbookLimits) -> None:
    head = next(filter(None, chunks), b"")
    if limits.only_utf_8 and _in_another_encoding(head[:_LONGEST_DECLARATION]):
        raise FileRefused("encoding", where)
    first_element(chain((head,), chunks), where)


def _in_another_encoding(head: bytes) -> bool:
    declared = _ENCODING.search(head)
    # UTF-16 and UTF-32 give themselves away by zero bytes, whether they are declared or not.
    return b"\0" in head or (declared is not None and declared[1].lower() not in _UTF_8)
