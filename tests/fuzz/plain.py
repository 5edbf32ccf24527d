"""Damage to a text file: its bytes, its encoding, its lines and cells. Each function is one way and gives new bytes."""

import codecs
from collections.abc import Callable
from random import Random

from importers.documents.limits import Rejected
from importers.documents.readers.plain.text import decode
from tests.fuzz import words

MOST_BYTES = 4 * 1024 * 1024
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "gb18030",
    "gbk",
    "big5",
    "latin-1",
    "utf-7",
)
BEGINNINGS = (
    codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE, b"PK", b"PK\x03\x04", b"%PDF-",
    b"<?xml", b"<!DOCTYPE html>", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf1", b"sep=,\n", b"sep=\"\n",
    b"sep=\n\n", b"\x1f\x8b", b"BM", b"\0",
)  # fmt: skip


def truncated(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def flipped(data: bytes, random: Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(random.choice((1, 5, 50))):
        if damaged:
            damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)


def with_beginning(data: bytes, random: Random) -> bytes:
    return random.choice(BEGINNINGS) + data


def reencoded(data: bytes, random: Random) -> bytes:
    return _text(data).encode(random.choice(ENCODINGS), "replace")


def relined(data: bytes, random: Random) -> bytes:
    """Lines gone, doubled, exchanged, joined, or one made very long."""
    lines = _text(data).split("\n")
    for _ in range(random.choice((1, 3, 20))):
        one, other = random.randrange(len(lines)), random.randrange(len(lines))
        random.choice(_OF_LINES)(lines, one, other)
    return "\n".join(lines).encode("utf-8", "replace")


def _text(data: bytes) -> str:
    try:
        return decode(data)
    except Rejected:
        return data.decode("utf-8", "replace")


def _gone(lines: list[str], one: int, _other: int) -> None:
    lines[one] = ""


def _doubled(lines: list[str], one: int, other: int) -> None:
    lines.insert(other, lines[one])


def _exchanged(lines: list[str], one: int, other: int) -> None:
    lines[one], lines[other] = lines[other], lines[one]


def _joined(lines: list[str], one: int, other: int) -> None:
    lines[one] += lines[other]


def _long(lines: list[str], one: int, _other: int) -> None:
    lines[one] *= 1 + 20_000 // (len(lines[one]) + 1)


_OF_LINES = (_gone, _doubled, _exchanged, _joined, _long)


def with_words(data: bytes, random: Random) -> bytes:
    """Another text in a cell."""
    text = _text(data)
    separator = random.choice([one for one in "\t,;\n" if one in text] or ["\n"])
    cells = text.split(separator)
    for _ in range(random.choice((1, 1, 5, 50))):
        cells[random.randrange(len(cells))] = words.hostile(random)
    return separator.join(cells).encode("utf-8", "replace")


def with_marks(data: bytes, random: Random) -> bytes:
    """Quotation marks, separators and forbidden characters put in anywhere."""
    text = _text(data)
    for _ in range(random.choice((1, 5, 300))):
        at = random.randrange(len(text) + 1)
        text = (
            text[:at] + random.choice(('"', '""', "\t", ",", ";", "\n", "\r", "\t\t\t", *words.FORBIDDEN)) + text[at:]
        )
    return text.encode("utf-8", "replace")


def multiplied(data: bytes, random: Random) -> bytes:
    return data * min(random.choice((2, 5, 30)), 1 + MOST_BYTES // (len(data) + 1))


WAYS: tuple[Callable[[bytes, Random], bytes], ...] = (
    truncated, flipped, with_beginning, reencoded, relined, relined, with_words, with_words, with_words, with_marks,
    multiplied,
)  # fmt: skip
