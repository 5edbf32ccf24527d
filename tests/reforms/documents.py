"""Small files of every kind that is handed in as evidence, byte by byte, so that a test shows what is in them."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable

from django.core.files.uploadedfile import SimpleUploadedFile

IN_MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
OPEN_XML = "application/vnd.openxmlformats-officedocument"
MAIN = {
    "docx": ("word/document.xml", f"{OPEN_XML}.wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{OPEN_XML}.spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", f"{OPEN_XML}.presentationml.presentation.main+xml"),
}
STREAMS = {"doc": "WordDocument", "wps": "WordDocument", "xls": "Workbook", "et": "Workbook"}
STREAMS |= dict.fromkeys(("ppt", "dps"), "PowerPoint Document")


def upload(name: str, data: bytes, *, said: str = "application/octet-stream") -> SimpleUploadedFile:
    """A file as a browser sends it, with what the browser says of it."""
    return SimpleUploadedFile(name, data, content_type=said)


def pdf(words: str = "") -> bytes:
    """A PDF; with other words it is another file."""
    return PDF + f"% {words}\n".encode()


def png() -> bytes:
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return held.getvalue()


def content_types(*types: str, prolog: str = "") -> bytes:
    overrides = "".join(f'<Override PartName="/p{n}.xml" ContentType="{one}"/>' for n, one in enumerate(types))
    namespace = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'{prolog}<Types xmlns="{namespace}">{overrides}</Types>'.encode()


def office(extension: str, *others: tuple[str, bytes], types: Iterable[str] = ()) -> bytes:
    """A .docx, .xlsx or .pptx, with other parts and their content types."""
    part, main = MAIN[extension]
    return zipped([("[Content_Types].xml", content_types(main, *types)), (part, b"<x/>"), *others])


def ofd() -> bytes:
    return zipped([("OFD.xml", b"<ofd:OFD/>"), ("Doc_0/Document.xml", b"<x/>")])


def compound(*names: str) -> bytes:
    """A compound file with streams of these names: header, one sector of the table, then the directory."""
    entries = [_entry("Root Entry", 5), *(_entry(name, 2) for name in names)]
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * 512, b"\0")
    sectors = len(directory) // 512
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH6x", 62, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return header + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108) + table + directory


def _entry(name: str, kind: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return (text.ljust(64, b"\0") + struct.pack("<HB", len(text), kind)).ljust(128, b"\0")


def tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("方案.txt"), io.BytesIO())
    return held.getvalue()


def locked() -> bytes:
    """A document whose parts are encrypted, as its flags say."""
    data = bytearray(office("docx"))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(signature, at + 1)
    return bytes(data)


def bomb() -> bytes:
    """A document that says it holds more than 500 MB."""
    data = bytearray(office("docx", ("word/media/image.bin", b"\0" * 1000)))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 600 * 1024 * 1024)
    return bytes(data)


TAKEN: dict[str, bytes] = {
    "批复.pdf": PDF,
    "公文.ofd": ofd(),
    "现场.png": png(),
    "现场.jpg": JPEG,
    "现场.JPEG": JPEG,
    **{f"文件.{extension}": office(extension) for extension in MAIN},
    **{f"文件.{extension}": compound(stream) for extension, stream in STREAMS.items()},
    "说明.txt": "已完成联调测试。\r\n".encode(),
    "记号.txt": "\ufeff已完成。".encode(),
    "旧说明.txt": "已完成联调测试。".encode("gb18030"),
    "名单.csv": "单位,进展\n市交通运输局,已完成\n".encode(),
}
