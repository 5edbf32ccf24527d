"""Formats that are read by way of LibreOffice, recognised by content: .doc .wps .rtf .odt .xls .et .ods, HTML and the
XML of Office 2003."""

import re
import struct
from dataclasses import dataclass
from io import BytesIO

from agencies.lib.untrusted.compound import MAGIC, Compound
from agencies.lib.untrusted.zips import Package
from importers.documents.limits import LIMITS, Rejected, rejecting

# Texts, spreadsheets and their templates; not text-master or text-web.
_OPEN_DOCUMENT = re.compile(rb"^application/vnd\.oasis\.opendocument\.(text|spreadsheet)(?:-template)?(?!-)")
# HTML that calls itself .doc or .xls, with or without a mark of its encoding and an XML declaration.
_HTML = re.compile(
    rb"^(?:\xef\xbb\xbf|\xff\xfe)?\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|meta|table)\b", re.IGNORECASE
)
# The flat XML of Office 2003, by its namespace: what LibreOffice calls it, and what it becomes.
_FLAT_XML = (
    (b"urn:schemas-microsoft-com:office:spreadsheet", "MS Excel 2003 XML", "xlsx"),
    (b"http://schemas.microsoft.com/office/word/2003/wordml", "MS Word 2003 XML", "docx"),
)
_EXCEL_MARKUP = b"urn:schemas-microsoft-com:office:excel"
_HEAD = 65_536
# [MS-DOC] 2.5.2, fEncrypted; [MS-XLS] 2.4.117, FilePass.
_DOC_FLAGS, _DOC_ENCRYPTED = 0x0A, 0x0100
_FILE_PASS = 0x002F


@dataclass(frozen=True, slots=True)
class OldFormat:
    """How to hand a file to the converter: what to call it, what to ask for, and how to open it."""

    suffix: str
    target: str
    opened_as: str = ""


@rejecting()
def old_format(data: bytes) -> OldFormat | None:
    """The format of a file that has to be converted; None for any other. Raises `Rejected` for a locked one."""
    if data.startswith(b"{\\rtf"):
        return OldFormat("rtf", "docx")
    if data.startswith(MAGIC):
        return _compound(data)
    # An OpenDocument package begins with its type, uncompressed: 30 bytes of header, `mimetype`, the type.
    if data.startswith(b"PK") and data[30:38] == b"mimetype":
        return _open_document(data)
    return _flat_xml(data) or _html(data)


def _html(data: bytes) -> OldFormat | None:
    # Without its zero bytes UTF-16 is found by the same patterns.
    if _HTML.match(data[:_HEAD].replace(b"\0", b"")):
        if _EXCEL_MARKUP in data[:_HEAD].replace(b"\0", b""):
            return OldFormat("html", "xlsx", "HTML (StarCalc)")
        return OldFormat("html", "docx", "HTML (StarWriter)")
    return None


def _flat_xml(data: bytes) -> OldFormat | None:
    head = data[:_HEAD].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    if not head.startswith(b"<?xml") and not head.startswith(b"<Workbook"):
        return None
    found = (OldFormat("xml", target, name) for space, name, target in _FLAT_XML if space in head)
    # A doctype is left to `read_grid`, which refuses it by name.
    return next(found, None) if b"<!DOCTYPE" not in head.upper() else None


def _compound(data: bytes) -> OldFormat:
    # A locked .docx or .xlsx is a compound file with a stream of this name ([MS-OFFCRYPTO]).
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Rejected("encrypted")
    file = Compound(BytesIO(data))
    if "WordDocument" in file.names:
        if _has_flag(file.head("WordDocument")):
            raise Rejected("encrypted")
        return OldFormat("doc", "docx")
    # Up to Excel 95 the stream is called Book.
    book = next((name for name in ("Workbook", "Book") if name in file.names), None)
    if book is None:
        raise Rejected("unsupported_format")
    if _FILE_PASS in _record_types(file.head(book)):
        raise Rejected("encrypted")
    return OldFormat("xls", "xlsx")


def _has_flag(head: bytes) -> bool:
    flags = head[_DOC_FLAGS : _DOC_FLAGS + 2]
    return bool(int.from_bytes(flags, "little") & _DOC_ENCRYPTED)


def _record_types(head: bytes) -> list[int]:
    """The types of the records at the beginning of a workbook."""
    types, at = [], 0
    while at + 4 <= len(head):
        kind, length = struct.unpack_from("<HH", head, at)
        types.append(kind)
        at += 4 + length
    return types


def _open_document(data: bytes) -> OldFormat | None:
    match = _OPEN_DOCUMENT.match(data[38:200])
    if not match:
        return None
    _refuse_locked_or_bomb(Package(BytesIO(data), LIMITS))
    return OldFormat("odt", "docx") if match[1] == b"text" else OldFormat("ods", "xlsx")


def _refuse_locked_or_bomb(package: Package) -> None:
    """Inflate every part once, so that the limits hold before another program opens the file."""
    for entry in package.entries:
        seen = b""
        for chunk in package.inflate(entry):
            # The word may be cut in two between chunks.
            if entry.filename == "META-INF/manifest.xml" and b"encryption-data" in seen + chunk:
                raise Rejected("encrypted")
            seen = chunk
