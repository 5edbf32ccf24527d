"""A compound file is followed only so far, wherever its chains lead."""

import io
import struct

import pytest

from agencies.lib.untrusted.compound import Compound
from agencies.lib.untrusted.limits import FileRefused
from tests.reforms.documents import compound

MORE_TABLES, TABLE, SECTOR = 68, 512, 512
WHOLE = compound("WordDocument")
OF_THE_DIRECTORY = 1


class Counted(io.BytesIO):
    """A file that counts how often it is read."""

    times = 0

    def read(self, size: int | None = -1) -> bytes:
        self.times += 1
        return super().read(size)


def changed(place: int, *numbers: int) -> Counted:
    data = bytearray(WHOLE)
    struct.pack_into(f"<{len(numbers)}I", data, place, *numbers)
    return Counted(bytes(data))


def test_it_names_its_streams() -> None:
    assert Compound(io.BytesIO(WHOLE)).names == {"Root Entry", "WordDocument"}


def test_of_a_stream_the_first_sector_is_read_and_of_a_small_one_nothing() -> None:
    at = WHOLE.index("WordDocument".encode("utf-16-le")) + 116
    assert Compound(changed(at, 1, 4096)).head("WordDocument").startswith("Root Entry".encode("utf-16-le"))
    assert Compound(changed(at, 1, 4095)).head("WordDocument") == b""
    assert Compound(changed(at, 5000, 4096)).head("WordDocument") == b""


def test_a_directory_that_bites_its_own_tail_ends() -> None:
    file = changed(TABLE + 4 * OF_THE_DIRECTORY, OF_THE_DIRECTORY)
    assert Compound(file, sectors=50).names == {"Root Entry", "WordDocument"}
    assert file.times < 110


def test_a_table_that_bites_its_own_tail_ends() -> None:
    file = changed(MORE_TABLES, 0)
    struct.pack_into("<I", file.getbuffer(), TABLE + SECTOR - 4, 0)
    assert Compound(file, tables=50).names == {"Root Entry", "WordDocument"}
    assert file.times < 60


@pytest.mark.parametrize(
    "file",
    [
        changed(30, 0),
        changed(48, 5000),
        changed(MORE_TABLES, 5000),
        changed(TABLE + 4 * OF_THE_DIRECTORY, 5000),
        changed(76, 5000),
        *(io.BytesIO(WHOLE[:size]) for size in (0, 40, 300, 600, 1000, len(WHOLE) - 1)),
    ],
)
def test_one_that_leads_nowhere_is_corrupt(file: io.BytesIO) -> None:
    with pytest.raises(FileRefused) as refused:
        Compound(file)
    assert refused.value.code == "corrupt"
