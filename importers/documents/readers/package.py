"""A zip container read without trusting what it says about itself."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from importers.documents.limits import LIMITS, Limits, Rejected

_CHUNK = 64 * 1024
_SLICE = 16 * 1024
_LOCAL_HEADER = struct.Struct("<4s22sHH")
_ENCRYPTED = 0x1


class Package:
    """The parts of one file by name. What is inflated is counted over all parts while inflating."""

    def __init__(self, data: bytes, limits: Limits = LIMITS) -> None:
        self._data = data
        self._limits = limits
        self._inflated = 0
        self._parts = {info.filename.lstrip("/"): info for info in self._directory()}

    def _directory(self) -> list[zipfile.ZipInfo]:
        try:
            with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
                parts = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError) as error:
            raise Rejected("corrupt_file") from error
        if len(parts) > self._limits.parts:
            raise Rejected("too_many_parts")
        return parts

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._parts)

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def read(self, name: str) -> bytes:
        """A whole part, for the small ones."""
        return b"".join(self.chunks(name))

    def open(self, name: str) -> "PartFile":
        """A part as a file to read from, inflated only as far as it is read."""
        return PartFile(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part inflated piece by piece; the directory's sizes are used only to find its bytes."""
        info = self._parts[name]
        if info.flag_bits & _ENCRYPTED:
            raise Rejected("encrypted")
        packed = self._packed(info)
        checksum = total = 0
        for chunk in _inflate(packed, info.compress_type, name):
            total += len(chunk)
            self._count(len(chunk), total, len(packed))
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
        if checksum != info.CRC:
            raise Rejected("corrupt_file", where=name)

    def _packed(self, info: zipfile.ZipInfo) -> memoryview:
        start = info.header_offset
        header = self._data[start : start + _LOCAL_HEADER.size]
        if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
            raise Rejected("corrupt_file", where=info.filename)
        _, _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        start += _LOCAL_HEADER.size + name_length + extra_length
        return memoryview(self._data)[start : start + info.compress_size]

    def _count(self, size: int, of_part: int, packed: int) -> None:
        self._inflated += size
        if self._inflated > self._limits.inflated_size:
            raise Rejected("zip_bomb")
        if of_part > self._limits.ratio_applies_from and of_part > packed * self._limits.inflation_ratio:
            raise Rejected("zip_bomb")


def _inflate(packed: memoryview, method: int, name: str) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        yield from (bytes(packed[at : at + _CHUNK]) for at in range(0, len(packed), _CHUNK))
        return
    if method != zipfile.ZIP_DEFLATED:
        raise Rejected("corrupt_file", where=name)
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        # In slices, because zlib copies all input it has not got to yet at every call.
        for at in range(0, len(packed), _SLICE):
            pending: bytes | memoryview = packed[at : at + _SLICE]
            while pending and not machine.eof:
                yield machine.decompress(pending, _CHUNK)
                pending = machine.unconsumed_tail
        yield machine.flush()
    except zlib.error as error:
        raise Rejected("corrupt_file", where=name) from error


class PartFile:
    """Just enough of a binary file for an XML parser. What was put back with `peek` is read again."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._head = b""

    def _next(self) -> bytes:
        return next(filter(None, self._chunks), b"")

    def peek(self) -> bytes:
        """The first piece of the part, which stays to be read."""
        if not self._head:
            self._head = self._next()
        return self._head

    def read(self, size: int = -1) -> bytes:
        """The next piece, of whatever size; b'' at the end. All of it when no size is asked for."""
        if size < 0:
            return self._take_head() + b"".join(self._chunks)
        return self._take_head() or self._next()

    def _take_head(self) -> bytes:
        head, self._head = self._head, b""
        return head
