"""A zip container is read without believing what it says about itself."""

import copy
import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable

import pytest

from agencies.lib.untrusted.limits import FileRefused, ZipLimits
from agencies.lib.untrusted.zips import Package
from tests.reforms.documents import locked, zipped
from tests.services import ROOT

LIMITS = ZipLimits(parts=10, inflated_size=200_000)


class Watched(io.BytesIO):
    """A file that knows the most that was read of it at once."""

    most = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.most = max(self.most, len(found))
        return found


def package(data: bytes, limits: ZipLimits = LIMITS) -> Package:
    return Package(io.BytesIO(data), limits)


def read_all(data: bytes, limits: ZipLimits = LIMITS) -> list[bytes]:
    one = package(data, limits)
    return [b"".join(one.inflate(entry)) for entry in one.entries]


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(FileRefused) as refused:
        work()
    return refused.value.code


def lying(data: bytes, size: int) -> bytes:
    """The file with another size declared for its last part."""
    changed = bytearray(data)
    at = data.rindex(b"PK\x01\x02")
    changed[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(changed)


def under_many_names(content: bytes, names: Iterable[str]) -> bytes:
    """A file whose entries all lead to the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", content)
        for name in names:
            another = copy.copy(archive.filelist[0])
            another.filename = name
            archive.filelist.append(another)
    return held.getvalue()


def with_large_directory(*, forged: bool) -> bytes:
    """A directory of 3 MB; where forged, a 64-bit locator before the end leads to nothing that says so."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for number in range(50):
            info = zipfile.ZipInfo(f"{number}")
            info.comment = bytes(60_000)
            archive.writestr(info, b"")
    data = held.getvalue()
    end = len(data) - 22
    return data[:end] + (bytes(56) + b"PK\x06\x07" + bytes(16) if forged else b"") + data[end:]


def test_it_reads_stored_and_deflated_parts_as_they_were_packed() -> None:
    long = bytes(range(256)) * 600
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("stored", long)
        archive.writestr("deflated", long, zipfile.ZIP_DEFLATED)
        archive.writestr("empty", b"")
    one = package(held.getvalue(), ZipLimits(parts=3, inflated_size=2 * len(long)))
    assert [one.read(name) for name in one.names] == [long, long, b""]


def test_two_parts_are_read_side_by_side() -> None:
    parts = {name: bytes([at]) * 150_000 for at, name in enumerate("ab")}
    one = package(zipped(parts.items()), ZipLimits(parts=2, inflated_size=300_000))
    both = zip(one.chunks("a"), one.chunks("b"), strict=True)
    assert tuple(map(b"".join, zip(*both, strict=True))) == tuple(parts.values())


def test_what_is_inflated_is_counted_over_all_parts() -> None:
    one = package(zipped([("a", bytes(150_000)), ("b", bytes(150_000))]))
    assert len(one.read("a")) == 150_000
    assert refusal(lambda: one.read("b")) == "bomb"


@pytest.mark.parametrize("declared", [0, 10, 4_000_000_000])
def test_a_bomb_is_stopped_whatever_size_it_declares(declared: int) -> None:
    chunks = package(lying(zipped([("a", bytes(50_000_000))]), declared)).chunks("a")
    taken = []
    assert refusal(lambda: taken.extend(chunks)) == "bomb"
    assert sum(map(len, taken)) <= LIMITS.inflated_size


def test_declared_sizes_are_bounded_before_anything_is_inflated() -> None:
    data = lying(zipped([("a", b"a"), ("b", b"b")]), 1_000)
    assert refusal(lambda: package(data, ZipLimits(parts=2, inflated_size=9_000, declared_size=1_000))) == "bomb"
    assert package(data, ZipLimits(parts=2, inflated_size=9_000, declared_size=1_001)).read("b") == b"b"


def test_a_part_that_swells_more_than_the_ratio_is_a_bomb() -> None:
    limits = ZipLimits(parts=1, inflated_size=10_000_000, inflation_ratio=100, ratio_applies_from=100_000)
    assert len(read_all(zipped([("a", bytes(100_000))]), limits)[0]) == 100_000
    assert refusal(lambda: read_all(zipped([("a", bytes(200_000))]), limits)) == "bomb"


def test_entries_that_share_their_bytes_are_counted_each_time() -> None:
    data = under_many_names(bytes(60_000), "bcd")
    assert refusal(lambda: read_all(data)) == "bomb"


def test_of_two_parts_with_one_name_the_last_is_read_and_both_are_entries() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("/a", b"first")
        archive.writestr("a", b"second")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", b"third")
    one = package(held.getvalue())
    assert (one.names, one.read("a")) == (("a",), b"third")
    assert read_all(held.getvalue()) == [b"first", b"second", b"third"]


def test_too_many_parts_are_refused() -> None:
    assert refusal(lambda: package(zipped((str(number), b"") for number in range(11)))) == "parts"


@pytest.mark.parametrize("forged", [False, True])
def test_a_directory_beyond_its_bound_is_not_even_read(*, forged: bool) -> None:
    file = Watched(with_large_directory(forged=forged))
    assert refusal(lambda: Package(file, ZipLimits(parts=100, inflated_size=0))) == "parts"
    assert file.most < 100_000


def test_a_locked_part_is_said_to_be_locked() -> None:
    one = package(locked())
    assert one.locked
    assert refusal(lambda: one.read("word/document.xml")) == "locked"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_rare_way_of_packing_is_not_taken(method: int) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.writestr("a", b"text")
    assert refusal(lambda: read_all(held.getvalue())) == "corrupt"


def test_a_changed_byte_does_not_pass() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a", b"text")
    assert refusal(lambda: read_all(held.getvalue().replace(b"text", b"tExt"))) == "corrupt"


def test_no_damage_leads_to_anything_but_a_refusal() -> None:
    """Each byte in turn: the file is read, or refused with a code."""
    whole = zipped([("a.xml", b"<a/>" * 50), ("b.xml", b"<b/>")])
    codes = set()
    for at in range(len(whole)):
        for value in (0, 0xFF, whole[at] ^ 1):
            damaged = whole[:at] + bytes([value]) + whole[at + 1 :]
            try:
                read_all(damaged)
            except FileRefused as refused:
                codes.add(refused.code)
    assert codes == {"corrupt", "locked"}


def test_it_is_read_without_django() -> None:
    imported = "import agencies.lib.untrusted.compound, agencies.lib.untrusted.xlsx, sys"
    done = subprocess.run(
        [sys.executable, "-c", f"{imported}; print('django' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
