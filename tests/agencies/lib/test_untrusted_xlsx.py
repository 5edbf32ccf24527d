"""A workbook is looked through in bounds before the library, which trusts it, opens it."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from agencies.lib.untrusted.limits import FileRefused
from agencies.lib.untrusted.xlsx import WorkbookLimits, opened
from tests.reforms.documents import locked

LIMITS = WorkbookLimits(parts=20, inflated_size=100_000)
SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"


def workbook() -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["姓名", "甲"])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed, or with one more."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for one in {*old.namelist(), name}:
            content = old.read(one) if one in old.namelist() else b""
            new.writestr(one, change(content) if one == name else content)
    return held.getvalue()


def cells(data: bytes, limits: WorkbookLimits = LIMITS) -> list[Any]:
    with opened(data, limits) as book:
        return [value for row in book.worksheets[0].iter_rows(values_only=True) for value in row]


def refusal(data: bytes, limits: WorkbookLimits = LIMITS) -> str:
    with pytest.raises(FileRefused) as refused:
        cells(data, limits)
    return refused.value.code


def in_utf_16(content: bytes) -> bytes:
    return re.sub(r"^<\?xml[^>]*\?>", "", content.decode()).encode("utf-16")


def test_a_workbook_is_read() -> None:
    assert cells(workbook()) == ["姓名", "甲"]


def test_every_part_counts_also_one_that_the_library_does_not_open() -> None:
    assert refusal(with_part("xl/media/image1.png", lambda _none: bytes(200_000))) == "bomb"


@pytest.mark.parametrize(("part", "taken"), [(SHEET, True), (STYLES, False)])
def test_what_is_read_by_rows_may_be_longer_than_what_is_held_whole(part: str, *, taken: bool) -> None:
    data = with_part(part, lambda content: content + b" " * 30_000)
    limits = WorkbookLimits(parts=20, inflated_size=100_000, whole_part_size=20_000)
    assert (cells(data, limits) == ["姓名", "甲"]) if taken else (refusal(data, limits) == "bomb")


def test_a_part_longer_than_it_declares_is_corrupt() -> None:
    data = bytearray(with_part(SHEET, lambda content: content + b" " * 50_000))
    entry = next(one for one in zipfile.ZipFile(io.BytesIO(data)).infolist() if one.filename == SHEET)
    declared = struct.pack("<I", entry.file_size)
    assert refusal(bytes(data).replace(declared, struct.pack("<I", 1000))) == "corrupt"


@pytest.mark.parametrize("encode", [bytes, in_utf_16])
@pytest.mark.parametrize("before", [0, 65_524])
def test_a_doctype_is_refused_in_any_part_also_between_two_chunks(
    encode: Callable[[bytes], bytes], before: int
) -> None:
    def with_doctype(content: bytes) -> bytes:
        body = re.sub(rb"^<\?xml[^>]*\?>", b"", content)
        return encode(b"<!--" + b"x" * before + b"--><!DOCTYPE worksheet>" + body)

    limits = WorkbookLimits(parts=20, inflated_size=500_000)
    assert refusal(with_part(SHEET, with_doctype), limits) == "doctype"
    assert refusal(with_part("xl/drawings/drawing1.vml", with_doctype), limits) == "doctype"


def test_other_encodings_are_refused_where_only_utf_8_is_asked_for() -> None:
    data = with_part("customXml/item1.xml", lambda _none: "<a/>".encode("utf-16"))
    assert cells(data) == ["姓名", "甲"]
    only_utf_8 = WorkbookLimits(parts=20, inflated_size=100_000, only_utf_8=True)
    assert refusal(data, only_utf_8) == "encoding"
    assert cells(workbook(), only_utf_8) == ["姓名", "甲"]


@pytest.mark.parametrize("part", [SHEET, STYLES, "xl/workbook.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("kept", [0.0, 0.5])
def test_a_spoilt_part_is_malformed(part: str, kept: float) -> None:
    data = with_part(part, lambda content: content[: int(len(content) * kept)] + b"<<<")
    assert refusal(data) == "malformed"


def test_a_locked_one_is_said_to_be_locked() -> None:
    assert refusal(locked()) == "locked"


def test_what_its_reader_raises_stays_what_it_is() -> None:
    class Stop(Exception):
        pass

    with pytest.raises(Stop), opened(workbook(), LIMITS):
        raise Stop
