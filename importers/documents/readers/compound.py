"""Compound files, the containers of .doc and .xls ([MS-CFB]): which streams there are and how they begin."""

import struct
from collections.abc import Iterator

from importers.documents.limits import Rejected

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
# Of the header: the size of a sector, the first sector of the directory, and of the rest of the table of sectors.
_HEADER = struct.Struct("<30xH16xI16xII")
_ENTRY = struct.Struct("<64sHB49xII4x")
_ENTRY_SIZE = 128
_LAST_SECTOR = 0xFFFFFFFA
_IN_HEADER = 109
_LONGEST_DIRECTORY = 1024
_SMALLEST_OF_ITS_OWN = 4096


class Compound:
    """The directory of one file. Raises `Rejected` for one that leads nowhere."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._streams = self._read_directory()
        except (struct.error, IndexError) as error:
            raise Rejected("corrupt_file") from error

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._streams)

    def head(self, name: str) -> bytes:
        """The first sector of a stream; b'' for the very small, which lie elsewhere."""
        start, size = self._streams[name]
        return self._sector(start) if size >= _SMALLEST_OF_ITS_OWN else b""

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        shift, directory, more, more_count = _HEADER.unpack_from(self._data)
        if shift not in (9, 12):
            raise Rejected("corrupt_file")
        self._size = 1 << shift
        self._table = self._allocation(more, more_count)
        found = {}
        for sector in self._chain(directory):
            for at in range(0, self._size, _ENTRY_SIZE):
                name, length, kind, start, size = _ENTRY.unpack_from(self._sector(sector), at)
                if kind:
                    text = name[: max(0, length - 2)].decode("utf-16-le", "replace")
                    found[text] = (start, size)
        return found

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._data[start : start + self._size]

    def _numbers(self, sector: int) -> tuple[int, ...]:
        return struct.unpack(f"<{self._size // 4}I", self._sector(sector))

    def _allocation(self, more: int, count: int) -> list[int]:
        """The sectors that hold the allocation table."""
        sectors = list(struct.unpack_from(f"<{_IN_HEADER}I", self._data, 76))
        for _ in range(min(count, len(self._data) // self._size)):
            *listed, more = self._numbers(more)
            sectors.extend(listed)
        return [sector for sector in sectors if sector < _LAST_SECTOR]

    def _chain(self, sector: int) -> Iterator[int]:
        """The sectors of one stream; a chain that bites its own tail ends too."""
        for _ in range(_LONGEST_DIRECTORY):
            if sector >= _LAST_SECTOR:
                return
            yield sector
            place, within = divmod(sector, self._size // 4)
            sector = self._numbers(self._table[place])[within]
