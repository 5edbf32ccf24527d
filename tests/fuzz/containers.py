"""Damage to a zip container: its bytes, its directory, its parts. Each function is one way and gives the new bytes."""

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from random import Random

Parts = list[tuple[str, bytes]]
Way = Callable[[bytes, Random], bytes]
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
OTHER_NAMES = (
    "word/document.xml", "xl/workbook.xml", "_rels/.rels", "[Content_Types].xml", "word/styles.xml", "mimetype",
    "word/numbering.xml", "xl/sharedStrings.xml", "../../etc/passwd", "/word/document.xml", "word\\document.xml",
    "WORD/DOCUMENT.XML", "word/vbaProject.bin", "a" * 3000, "", "文件.xml", "word/_rels/document.xml.rels",
)  # fmt: skip


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def packed(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # the same name twice is meant
        for name, content in parts:
            info = zipfile.ZipInfo(name[:60_000], (2022, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, content, compresslevel=1)
    return buffer.getvalue()


# The bytes --------------------------------------------------------------------------------------


def truncated(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def flipped(data: bytes, random: Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(random.choice((1, 1, 3, 20, 200))):
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def spliced(data: bytes, random: Random) -> bytes:
    """A stretch taken out, doubled, or overwritten with noise."""
    at, size = random.randrange(len(data)), random.choice((1, 4, 30, 500, 5000))
    inside = random.choice((b"", data[at : at + size] * 2, random.randbytes(size), b"\0" * size, b"\xff" * size))
    return data[:at] + inside + data[at + size :]


def with_strangers_around(data: bytes, random: Random) -> bytes:
    stranger = random.choice((b"PK", b"\0" * 100, END + bytes(18), LOCAL + b"\xff" * 60, random.randbytes(300)))
    return random.choice((stranger + data, data + stranger, stranger + data + stranger))


# The directory ----------------------------------------------------------------------------------

# Offsets of fields within a central entry and a local header: version, flags, method, CRC, sizes, lengths, offset.
CENTRAL_FIELDS = (
    (6, "H"),
    (8, "H"),
    (10, "H"),
    (16, "I"),
    (20, "I"),
    (24, "I"),
    (28, "H"),
    (30, "H"),
    (32, "H"),
    (42, "I"),
)
LOCAL_FIELDS = ((4, "H"), (6, "H"), (8, "H"), (14, "I"), (18, "I"), (22, "I"), (26, "H"), (28, "H"))
END_FIELDS = ((4, "H"), (8, "H"), (10, "H"), (12, "I"), (16, "I"), (20, "H"))
NUMBERS = (0, 1, 2, 8, 9, 12, 0x0801, 0x2041, 99, 0x7FFF, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def lying(data: bytes, random: Random) -> bytes:
    """A number in a header that is not true: sizes, CRC, flags (encrypted), method, offsets, markers of zip64."""
    mark, fields = random.choice(
        ((CENTRAL, CENTRAL_FIELDS), (CENTRAL, CENTRAL_FIELDS), (LOCAL, LOCAL_FIELDS), (END, END_FIELDS))
    )
    places = _places(data, mark)
    if not places:
        return data
    damaged = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5))):
        offset, form = random.choice(fields)
        at = random.choice(places) + offset
        number = random.choice((*NUMBERS, random.randrange(len(data)))) & (0xFFFF if form == "H" else 0xFFFFFFFF)
        damaged[at : at + struct.calcsize(form)] = struct.pack(f"<{form}", number)
    return bytes(damaged)


def _places(data: bytes, mark: bytes) -> list[int]:
    found, at = [], data.find(mark)
    while at >= 0:
        found.append(at)
        at = data.find(mark, at + 1)
    return found


def overlapping(data: bytes, random: Random) -> bytes:
    """Entries that all point at the bytes of one."""
    damaged = bytearray(data)
    offset = struct.pack("<I", random.choice(_places(data, LOCAL) or [0]))
    for place in _places(data, CENTRAL):
        damaged[place + 42 : place + 46] = offset
    return bytes(damaged)


# The parts --------------------------------------------------------------------------------------


def without_a_part(data: bytes, random: Random) -> bytes:
    parts = parts_of(data)
    del parts[random.randrange(len(parts))]
    return packed(parts)


def with_a_part_twice(data: bytes, random: Random) -> bytes:
    parts = parts_of(data)
    name, content = random.choice(parts)
    parts.insert(random.randrange(len(parts) + 1), (name, random.choice((content, b"", content[: len(content) // 2]))))
    return packed(parts)


def renamed(data: bytes, random: Random) -> bytes:
    parts = parts_of(data)
    at = random.randrange(len(parts))
    parts[at] = (random.choice((*OTHER_NAMES, random.choice(parts)[0])), parts[at][1])
    return packed(parts)


def exchanged(data: bytes, random: Random) -> bytes:
    """A part that holds what another should."""
    parts = parts_of(data)
    at = random.randrange(len(parts))
    strange = (random.choice(parts)[1], b"", b"\0" * 5000, data, packed([("a", data)]), b"<a/>", random.randbytes(2000))
    parts[at] = (parts[at][0], random.choice(strange))
    return packed(parts)


def stored(data: bytes, random: Random) -> bytes:
    return packed(parts_of(data), random.choice((zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)))


def crowded(data: bytes, random: Random) -> bytes:
    count = random.choice((50, 1990, 2001, 5000))
    return packed([*parts_of(data), *((f"word/media/{number}.png", b"") for number in range(count))])


def inflated(data: bytes, random: Random) -> bytes:
    """A part that grows beyond measure when it is inflated."""
    name = random.choice([*(name for name, _ in parts_of(data)), "word/media/a.png"])
    filling = random.choice((b"\0", b" ", b"<w:p/>", "一".encode())) * random.choice((200_000, 3_000_000))
    return packed([(one, content + filling if one == name else content) for one, content in parts_of(data)])


def damaged_stream(data: bytes, random: Random) -> bytes:
    """A compressed part cut short, or with more behind its end."""
    places = _places(data, LOCAL)
    if not places:
        return data
    at = random.choice(places) + 30 + random.randrange(200)
    return data[:at] + zlib.compress(b"x" * 50) + data[at + random.choice((0, 58)) :]


WAYS: tuple[Way, ...] = (
    truncated,
    flipped,
    flipped,
    spliced,
    with_strangers_around,
    lying,
    lying,
    lying,
    overlapping,
    without_a_part,
    with_a_part_twice,
    renamed,
    exchanged,
    stored,
    crowded,
    inflated,
    damaged_stream,
)
