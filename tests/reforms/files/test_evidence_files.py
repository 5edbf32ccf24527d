"""Which files are taken as evidence: known by their content, held to their extension, refused with a sentence."""

import io
import struct
import zipfile
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from reforms.files.inspection import clean_name, inspect
from tests.reforms import documents
from tests.reforms.documents import MAIN, OPEN_XML, PDF, compound, content_types, office, png, upload, zipped

TYPES = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": f"{OPEN_XML}.wordprocessingml.document",
    "xlsx": f"{OPEN_XML}.spreadsheetml.sheet",
    "pptx": f"{OPEN_XML}.presentationml.presentation",
    **dict.fromkeys(("doc", "wps"), "application/msword"),
    **dict.fromkeys(("xls", "et"), "application/vnd.ms-excel"),
    **dict.fromkeys(("ppt", "dps"), "application/vnd.ms-powerpoint"),
    **dict.fromkeys(("txt", "csv"), "text/plain; charset=utf-8"),
}


@pytest.mark.parametrize("name", documents.TAKEN)
def test_it_is_known_by_its_content_whatever_the_browser_says(name: str) -> None:
    data = documents.TAKEN[name]
    found = inspect(upload(name, data, said="text/html"), name)
    expected = TYPES[name.rpartition(".")[2].lower()]
    assert found.content_type == ("text/plain; charset=gb18030" if name == "旧说明.txt" else expected)
    assert found.size == len(data)


def test_a_document_written_with_the_64_bit_records_is_taken() -> None:
    data = bytearray(office("xlsx"))
    at = data.rfind(b"PK\x05\x06")
    _, _, _, _, count, size, start, _ = struct.unpack_from("<4sHHHHIIH", data, at)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    name = "明细.xlsx"
    found = inspect(upload(name, bytes(data[:at]) + record + locator + end), name)
    assert found.content_type == TYPES["xlsx"]


def with_type(kind: str) -> bytes:
    return office("docx", types=[kind])


def reordered_table(more: int) -> bytes:
    """A compound file whose sector table leads outside the file."""
    data = bytearray(compound("WordDocument"))
    data[48:52] = struct.pack("<I", more)
    return bytes(data)


DTD = content_types(MAIN["docx"][1], prolog="<!DOCTYPE T>")
MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "an empty file": ("空.pdf", b"", "empty"),
    "an archive": ("材料.zip", zipped([("方案.pdf", PDF)]), "archive"),
    "an archive that is called a document": ("材料.docx", zipped([("方案.pdf", PDF)]), "archive"),
    "an empty archive": ("材料.zip", zipped([]), "archive"),
    "a RAR archive": ("材料.rar", b"Rar!\x1a\x07\x01\x00rest", "archive"),
    "a 7z archive": ("材料.7z", b"7z\xbc\xaf\x27\x1crest", "archive"),
    "a gzip file": ("材料.gz", b"\x1f\x8b\x08rest", "archive"),
    "a tar file": ("材料.tar", documents.tar(), "archive"),
    "a program": ("安装.exe", b"MZ\x90\x00\x03rest", "program"),
    "a program that is called a PDF": ("安装.pdf", b"MZ\x90\x00\x03rest", "program"),
    "a page": ("页面.html", b"<!DOCTYPE html><script>alert(1)</script>", "program"),
    "a page that is called a text": ("页面.txt", b"\xef\xbb\xbf \n<html><body>x", "program"),
    "a drawing with scripts": ("图.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "program"),
    "a drawing with a prolog": ("图.png", b'<?xml version="1.0"?><svg/>', "program"),
    "a shell script": ("运行.txt", b"#!/bin/sh\nrm -rf /\n", "program"),
    "a batch file": ("运行.txt", b"@echo off\r\n", "program"),
    "an animation": ("图.gif", b"GIF89a\x01\x00\x01\x00\x00\x00", "unknown"),
    "a text with zero bytes": ("说明.txt", b"abc\x00def", "unknown"),
    "a text in neither encoding": ("说明.txt", b"\xff\xff\xff\x80", "unknown"),
    "a text in UTF-16": ("说明.txt", "done 已完成".encode("utf-16"), "unknown"),
    "rich text": ("说明.rtf", b"{\\rtf1 x}", "unknown"),
    "an OpenDocument text": ("说明.odt", zipped([("mimetype", b"application/x"), ("content.xml", b"")]), "unknown"),
    "an Office file of another kind": ("图.vsdx", zipped([("[Content_Types].xml", content_types("x/y"))]), "unknown"),
    "a macro document": ("文件.docm", with_type(MACRO_TYPE), "macros"),
    "a macro document under another name": ("文件.docx", with_type(MACRO_TYPE), "macros"),
    "a macro type spelt with entities": ("文件.docx", with_type(MACRO_TYPE.replace("E", "&#69;")), "macros"),
    "a document with a macro part": ("文件.docx", office("docx", ("word/vbaProject.bin", b"x")), "macros"),
    "a macro part under another name": ("文件.docx", with_type("application/vnd.ms-office.vbaProject"), "macros"),
    "a workbook with a macro sheet": (
        "表.xlsx",
        office("xlsx", types=["application/vnd.ms-excel.macrosheet+xml"]),
        "macros",
    ),
    "an old document with macros": ("文件.doc", compound("WordDocument", "Macros", "VBA"), "macros"),
    "an old workbook with macros": ("表.xls", compound("Workbook", "_VBA_PROJECT_CUR"), "macros"),
    "a document with a password": ("文件.docx", compound("EncryptionInfo", "EncryptedPackage"), "locked"),
    "a document with encrypted parts": ("文件.docx", documents.locked(), "locked"),
    "an installer": ("安装.doc", compound("SummaryInformation", "Binary.x"), "unknown"),
    "a document cut off": ("文件.docx", office("docx")[:-30], "corrupt"),
    "an old document cut off": ("文件.doc", compound("WordDocument")[:600], "corrupt"),
    "an old document that leads nowhere": ("文件.doc", reordered_table(5000), "corrupt"),
    "types with a DTD": (
        "文件.docx",
        zipped([("[Content_Types].xml", content_types("x/y", prolog='<!DOCTYPE T [<!ENTITY a "b">]>'))]),
        "corrupt",
    ),
    "types with a DTD in UTF-16": (
        "文件.docx",
        zipped([("[Content_Types].xml", DTD.decode().encode("utf-16"))]),
        "corrupt",
    ),
    "types that are no XML": ("文件.docx", zipped([("[Content_Types].xml", b"<Types")]), "corrupt"),
    "too many parts": ("文件.docx", zipped((f"p{n}", b"") for n in range(5001)), "bomb"),
    "parts that say they are huge": ("文件.docx", documents.bomb(), "bomb"),
    "huge types": ("文件.docx", zipped([("[Content_Types].xml", b" " * (1024 * 1024 + 1))]), "bomb"),
    "a PDF that is called an image": ("现场.png", PDF, "other_extension"),
    "a PDF that is called a program": ("方案.pdf.exe", PDF, "other_extension"),
    "an image without an extension": ("现场", png(), "other_extension"),
    "a workbook that is called a document": ("表.docx", office("xlsx"), "other_extension"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_with_a_sentence_that_names_it(case: str) -> None:
    name, data, code = REFUSED[case]
    with pytest.raises(ValidationError) as refused:
        inspect(upload(name, data), name)
    assert refused.value.code == code
    assert refused.value.messages[0].startswith(f"“{name}”")
    assert refused.value.messages[0].endswith("。")


def test_a_wrong_extension_is_refused_with_the_right_one() -> None:
    with pytest.raises(ValidationError, match=r"现场\.png.*内容是PDF.*改用扩展名\.pdf"):
        inspect(upload("现场.png", PDF), "现场.png")


@pytest.mark.parametrize(("size", "taken"), [(1024 * 1024, True), (1024 * 1024 + 1, False)])
def test_it_is_taken_up_to_the_limit(settings: Any, size: int, taken: bool) -> None:
    settings.EVIDENCE_MAX_MB = 1
    file = upload("大.pdf", PDF.ljust(size, b" "))
    if taken:
        assert inspect(file, "大.pdf").size == size
        return
    with pytest.raises(ValidationError, match=r"“大\.pdf”超过1MB"):
        inspect(file, "大.pdf")


def test_a_broken_container_never_brings_the_portal_down() -> None:
    """Every byte of a document's directory damaged in turn: taken or refused, nothing else."""
    whole = office("docx", ("word/media/图.png", b"x" * 300))
    start = whole.find(b"PK\x01\x02")
    for at in range(start, len(whole)):
        damaged = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        try:
            inspect(upload("文件.docx", damaged), "文件.docx")
        except ValidationError as refused:
            assert refused.code in {"corrupt", "bomb", "locked", "unknown", "archive"}  # noqa: PT017


def test_a_directory_larger_than_it_says_is_read_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of parts stands in the file twice; a lie in one place does not get past the other."""
    data = bytearray(zipped((f"p{n}", b"") for n in range(5001)))
    at = data.rfind(b"PK\x05\x06")
    data[at + 8 : at + 12] = struct.pack("<HH", 1, 1)
    assert len(zipfile.ZipFile(io.BytesIO(bytes(data))).infolist()) == 5001
    with pytest.raises(ValidationError, match="异常膨胀"):
        inspect(upload("文件.docx", bytes(data)), "文件.docx")


NAMES = {
    "C:\\资料\\批复.pdf": "批复.pdf",
    "../../etc/批复.pdf": "批复.pdf",
    " 批复 \t 正式  .pdf ": "批复 正式.pdf",
    "批复\u202efdp.exe": "批复fdp.exe",
    "批\x00复\n.pdf": "批复 .pdf".replace(" ", ""),
    "e\u0301.pdf": "é.pdf",
    "长" * 300 + ".pdf": "长" * 196 + ".pdf",
    "长" * 300: "长" * 200,
    "...": "",
    "": "",
}


@pytest.mark.parametrize("given", NAMES)
def test_a_name_is_kept_without_what_cannot_be_seen(given: str) -> None:
    assert clean_name(given) == NAMES[given]
