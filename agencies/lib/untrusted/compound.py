"""Compound files, the containers of .doc and .xls ([MS-CFB]): which streams there are and how they begin."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from agencies.lib.untrusted.limits import FileRefused

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
# Of the header: the size of a sector, the first sector of the directory, and of the rest of the table of sectors.
_HEADER = struct.Struct("<30xH16xI16xI")
# Of an entry of the directory: name, length of the name, kind, first sector, size.
_ENTRY = struct.Struct("<64sHB49xII4x")
_LAST_SECTOR = 0xFFFFFFFA  # numbers from here on are marks: end of a chain, no sector
_IN_HEADER = 109  # so many sectors of the table are listed in the header itself
_SMALLEST_OF_ITS_OWN = 4096  # shorter streams share the small sectors of another stream


class Compound:
    """The directory of one seekable file; `sectors` and `tables` bound how far its chains are followed.

    Raises FileRefused (corrupt) for one that leads nowhere.
    """

    def __init__(self, file: BinaryIO, *, sectors: int = 1024, tables: int = 256) -> None:
        self._file = file
        self._most = sectors
        try:
            shift, directory, more = _HEADER.unpack(self._read_at(0, _HEADER.size))
            if shift not in (9, 12):  # sectors of 512 or of 4,096 bytes
                raise FileRefused("corrupt")
            self._size = 1 << shift
            self._table = self._allocation(more, tables)
            self._streams = {name: place for sector in self._chain(directory) for name, place in self._listed(sector)}
        except (struct.error, IndexError, OSError) as error:
            raise FileRefused("corrupt") from error

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._streams)

    def head(self, name: str) -> bytes:
        """The first sector of a stream; b'' for the very small, which lie elsewhere."""
        start, size = self._streams[name]
        return self._sector(start) if size >= _SMALLEST_OF_ITS_OWN else b""

    def _listed(self, sector: int) -> Iterator[tuple[str, tuple[int, int]]]:
        for name, length, kind, start, size in _ENTRY.iter_unpack(self._whole(sector)):
            if kind:
                # The length counts the zero character at the end.
                yield name[: max(0, length - 2)].decode("utf-16-le", "replace"), (start, size)

    def _read_at(self, place: int, size: int) -> bytes:
        self._file.seek(place)
        return self._file.read(size)

    def _sector(self, number: int) -> bytes:
        # The header takes the place of one sector.
        return self._read_at((number + 1) * self._size, self._size)

    def _whole(self, number: int) -> bytes:
        found = self._sector(number)
        if len(found) < self._size:
            raise FileRefused("corrupt")
        return found

    def _numbers(self, sector: int) -> tuple[int, ...]:
        return struct.unpack(f"<{self._size // 4}I", self._whole(sector))

    def _allocation(self, more: int, tables: int) -> list[int]:
        """The sectors that hold the allocation table."""
        sectors = list(struct.unpack(f"<{_IN_HEADER}I", self._read_at(76, 4 * _IN_HEADER)))
        for _ in range(tables):
            if more >= _LAST_SECTOR:
                break
            *listed, more = self._numbers(more)
            sectors.extend(listed)
        return [sector for sector in sectors if sector < _LAST_SECTOR]

    def _chain(self, sector: int) -> Iterator[int]:
        """The sectors of one stream; a chain that runs in a circle ends too."""
        for _ in range(self._most):
            if sector >= _LAST_SECTOR:
                return
            yield sector
            place, within = divmod(sector, self._size // 4)
            sector = self._numbers(self._table[place])[within]
