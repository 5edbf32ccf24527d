"""Files that hold other files, looked into without trusting what they say about themselves and without unpacking them:
ZIP (APPNOTE 6.3) and compound files ([MS-CFB]). Memory does not grow with the file."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

MEGABYTE = 1024 * 1024
MOST_PARTS = 5_000
LARGEST_DIRECTORY = 2 * MEGABYTE
LARGEST_INFLATED = 500 * MEGABYTE
LARGEST_TYPES = MEGABYTE
CONTENT_TYPES = "[Content_Types].xml"
ENCRYPTED = 0x1
# The record at the end, and the one before it in the 64-bit form: numbers of parts, and size of the directory.
END, END_SIGNATURE = struct.Struct("<4s4xH2xI6x"), b"PK\x05\x06"
END_64, LOCATOR_SIZE, LOCATOR_SIGNATURE = struct.Struct("<4s20x8xQQ8x"), 20, b"PK\x06\x07"
LONGEST_COMMENT = 65_535

# Of a compound file's header: the size of a sector, the first of the directory and of the rest of the sector table.
HEADER = struct.Struct("<30xH16xI16xI")
ENTRY = struct.Struct("<64sHB61x")
IN_HEADER, LONGEST_CHAIN, LONGEST_TABLE, LAST_SECTOR = 109, 1024, 256, 0xFFFFFFFA


class Refused(Exception):
    """A file that is not taken; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Package:
    """The names in a ZIP file, and the content types it declares when it is an Office document (in lower case)."""

    names: frozenset[str]
    content_types: frozenset[str]


def read_package(file: Any) -> Package:
    """Look into a ZIP file (binary, seekable). Raises Refused: corrupt, bomb, locked."""
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_parts(parts)
            names = frozenset(part.filename for part in parts)
            types = _content_types(archive) if CONTENT_TYPES in names else frozenset()
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, struct.error, zlib.error) as error:
        raise Refused("corrupt") from error
    return Package(names, types)


def _check_directory(file: Any) -> None:
    """The directory's size and number of parts, before it is read into memory."""
    length = file.seek(0, 2)
    start = max(0, length - END.size - LONGEST_COMMENT - LOCATOR_SIZE - END_64.size)
    tail = _read_at(file, start, length - start)
    at = tail.rfind(END_SIGNATURE)
    if at < 0:
        raise Refused("corrupt")
    _, count, size = END.unpack_from(tail, at)
    if tail[max(0, at - LOCATOR_SIZE) :].startswith(LOCATOR_SIGNATURE):
        _, count, size = END_64.unpack_from(tail, at - LOCATOR_SIZE - END_64.size)
    if count > MOST_PARTS or size > LARGEST_DIRECTORY:
        raise Refused("bomb")


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_INFLATED:
        raise Refused("bomb")
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise Refused("locked")


def _content_types(archive: zipfile.ZipFile) -> frozenset[str]:
    with archive.open(CONTENT_TYPES) as part:
        text = part.read(LARGEST_TYPES + 1)
    if len(text) > LARGEST_TYPES:
        raise Refused("bomb")
    if b"<!DOCTYPE" in text:
        raise Refused("corrupt")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise Refused("corrupt") from error
    return frozenset(str(one.get("ContentType", "")).strip().lower() for one in root.iter("{*}Override", "{*}Default"))


def compound_names(file: Any) -> frozenset[str]:
    """The names of the streams and storages of a compound file (binary, seekable). Raises Refused: corrupt."""
    try:
        return frozenset(_Compound(file).names())
    except (struct.error, IndexError, OSError) as error:
        raise Refused("corrupt") from error


class _Compound:
    def __init__(self, file: Any) -> None:
        self._file = file
        header = _read_at(file, 0, 512)
        shift, self._directory, more = HEADER.unpack_from(header)
        if shift not in (9, 12):
            raise Refused("corrupt")
        self._size = 1 << shift
        self._table = self._sectors_of_table(header, more)

    def names(self) -> Iterator[str]:
        for number in self._chain(self._directory):
            for name, length, kind in ENTRY.iter_unpack(self._sector(number)):
                if kind:
                    yield name[: max(0, length - 2)].decode("utf-16-le", "replace")

    def _sector(self, number: int) -> bytes:
        found = _read_at(self._file, (number + 1) * self._size, self._size)
        if len(found) < self._size:
            raise Refused("corrupt")
        return found

    def _numbers(self, number: int) -> tuple[int, ...]:
        return struct.unpack(f"<{self._size // 4}I", self._sector(number))

    def _sectors_of_table(self, header: bytes, more: int) -> list[int]:
        sectors = list(struct.unpack_from(f"<{IN_HEADER}I", header, 76))
        for _ in range(LONGEST_TABLE):
            if more >= LAST_SECTOR:
                break
            *listed, more = self._numbers(more)
            sectors.extend(listed)
        return [sector for sector in sectors if sector < LAST_SECTOR]

    def _chain(self, sector: int) -> Iterator[int]:
        """The sectors of one stream; a chain that bites its own tail ends too."""
        for _ in range(LONGEST_CHAIN):
            if sector >= LAST_SECTOR:
                return
            yield sector
            place, within = divmod(sector, self._size // 4)
            sector = self._numbers(self._table[place])[within]


def _read_at(file: Any, place: int, size: int) -> bytes:
    file.seek(place)
    found: bytes = file.read(size)
    return found
