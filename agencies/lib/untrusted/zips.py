"""Zip containers (APPNOTE 6.3) read without trusting what they say about themselves."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from agencies.lib.untrusted.limits import FileRefused, ZipLimits

_CHUNK = 64 * 1024
_SLICE = 16 * 1024
# Signature, what the directory says too, and the lengths of name and extra field behind it.
_LOCAL_HEADER = struct.Struct("<4s22sHH")
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, OSError, EOFError)


class Package:
    """The parts of one seekable file by name. What is inflated is counted over all parts while inflating.

    `entries` holds every part, `names` each name once: of several parts with one name the last is read.
    Raises FileRefused: corrupt, parts, bomb.
    """

    def __init__(self, file: BinaryIO, limits: ZipLimits) -> None:
        self._file = file
        self._limits = limits
        self._inflated = 0
        self.entries = self._directory()
        self._parts = {entry.filename.lstrip("/"): entry for entry in self.entries}
        self._size = file.seek(0, 2)

    def _directory(self) -> tuple[zipfile.ZipInfo, ...]:
        try:
            with zipfile.ZipFile(_ReadInBounds(self._file, self._limits.directory_size)) as archive:
                entries = archive.infolist()
        except _BROKEN as error:
            raise FileRefused("corrupt") from error
        if len(entries) > self._limits.parts:
            raise FileRefused("parts")
        declared = self._limits.declared_size
        if declared is not None and sum(entry.file_size for entry in entries) > declared:
            raise FileRefused("bomb")
        return tuple(entries)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._parts)

    @property
    def locked(self) -> bool:
        """Whether any part needs a password."""
        return any(entry.flag_bits & _ENCRYPTED for entry in self.entries)

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def read(self, name: str) -> bytes:
        """A whole part, for the small ones."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part inflated piece by piece."""
        return self.inflate(self._parts[name])

    def inflate(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """As `chunks`; the directory's sizes only find the bytes. Raises FileRefused: locked, corrupt, bomb."""
        if entry.flag_bits & _ENCRYPTED:
            raise FileRefused("locked")
        start = self._start(entry)
        # No more than the file has, whatever the directory says.
        packed = max(0, min(entry.compress_size, self._size - start))
        checksum = total = 0
        for chunk in _inflated(self._slices(start, packed), entry):
            total += len(chunk)
            self._count(len(chunk), total, packed)
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
        if checksum != entry.CRC:
            raise FileRefused("corrupt", entry.filename)

    def _start(self, entry: zipfile.ZipInfo) -> int:
        header = self._read_at(entry.header_offset, _LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
            raise FileRefused("corrupt", entry.filename)
        _, _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        return entry.header_offset + _LOCAL_HEADER.size + int(name_length) + int(extra_length)

    def _slices(self, start: int, size: int) -> Iterator[bytes]:
        """Short ones, because zlib copies all input it has not got to yet at every call."""
        for at in range(0, size, _SLICE):
            yield self._read_at(start + at, min(_SLICE, size - at))

    def _read_at(self, place: int, size: int) -> bytes:
        if not 0 <= place <= self._size:
            return b""
        self._file.seek(place)
        return self._file.read(size)

    def _count(self, size: int, of_part: int, packed: int) -> None:
        self._inflated += size
        if self._inflated > self._limits.inflated_size:
            raise FileRefused("bomb")
        ratio = self._limits.inflation_ratio
        if ratio is not None and of_part > self._limits.ratio_applies_from and of_part > packed * ratio:
            raise FileRefused("bomb")


class _ReadInBounds:
    """The file as ZipFile gets it: it reads the whole directory at once, of whatever size that is said to be."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file = file
        self._most = most
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1, /) -> bytes:
        if size > self._most:
            raise FileRefused("parts")
        return self._file.read(size)


def _inflated(packed: Iterator[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    if entry.compress_type == zipfile.ZIP_STORED:
        yield from packed
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise FileRefused("corrupt", entry.filename)
    machine = zlib.decompressobj(-zlib.MAX_WBITS)  # negative: bare deflate, without the header of zlib
    try:
        for pending in packed:
            while pending and not machine.eof:
                # Never more than a chunk, so that a bomb is counted before it fills the memory.
                yield machine.decompress(pending, _CHUNK)
                pending = machine.unconsumed_tail  # noqa: PLW2901
        yield machine.flush()
    except zlib.error as error:
        raise FileRefused("corrupt", entry.filename) from error
