"""From bytes to a `Grid`. The kind of file is decided by its content, never by its name."""

import re
from io import BytesIO

from agencies.lib.untrusted.compound import MAGIC
from agencies.lib.untrusted.xml import refuse_doctype
from agencies.lib.untrusted.zips import Package
from importers.documents.grid import Grid
from importers.documents.limits import LIMITS, WHAT_IT_IS, Rejected, rejecting
from importers.documents.readers.plain.text import decode, read_text
from importers.documents.readers.relations import related_part
from importers.documents.readers.sheets.separated import read_separated, separator_of
from importers.documents.readers.sheets.xlsx import read_xlsx
from importers.documents.readers.word.docx import read_docx
from importers.documents.readers.xml import root_name
from importers.documents.values import gettext_noop

_OVER_20_MB = gettext_noop("文件“{name}”超过20MB。请删去图片等附件，或拆分后上传。")
_OTHER_DOCUMENTS = (MAGIC, b"{\\rtf")
_ARCHIVES = (b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b")
# Up to a dozen headers of a mail, with continued lines, then Content-Type: multipart/related.
_MHTML = re.compile(
    r"^\ufeff?(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,12}?content-type:\s*multipart/related", re.IGNORECASE
)
_PICTURES_AND_THE_LIKE = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\x7fELF",
    b"MZ",
)
_MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE|html|[a-zA-Z][\w:]*[\s>])", re.IGNORECASE)


@rejecting()
def read_grid(data: bytes, name: str) -> Grid:
    """Read a file of any kind that needs no converter. Raises `Rejected`; `name` is only what the file is called."""
    if len(data) > LIMITS.file_size:
        raise Rejected("too_large", _OVER_20_MB, name=name)
    # A mark of an encoding, zero bytes and blanks are no content.
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise Rejected("empty_file")
    if data.startswith(b"PK"):
        return _read_package(Package(BytesIO(data), LIMITS))
    if data.startswith(_OTHER_DOCUMENTS):
        raise Rejected("unsupported_format")
    if data.startswith(b"%PDF-"):
        raise Rejected("unsupported_format", WHAT_IT_IS["pdf"])
    if data.startswith(_ARCHIVES):
        raise Rejected("not_a_document", WHAT_IT_IS["archive"])
    if data.startswith(_PICTURES_AND_THE_LIKE):
        raise Rejected("not_a_document")
    return _read_plain(data)


def _read_plain(data: bytes) -> Grid:
    text = decode(data)
    if _MARKUP.match(text[:200].encode()):
        if text.lstrip("\ufeff \n\t").startswith("<?xml"):
            # A doctype is told by name rather than as an unknown format.
            refuse_doctype(data[:65536], "xml")
        raise Rejected("unsupported_format")
    if _MHTML.match(text[:4000]):
        raise Rejected("unsupported_format", WHAT_IT_IS["mhtml"])
    separator = separator_of(text)
    return read_separated(text, separator) if separator else read_text(text)


def _read_package(package: Package) -> Grid:
    main = related_part(package, "", "officeDocument") or _usual_main_part(package)
    if main is None:
        raise _without_main_part(package)
    # An .xlsb workbook is a package, but its parts are not XML.
    if main.endswith(".bin"):
        raise Rejected("unsupported_format")
    root = root_name(package, main)
    if root == "workbook":
        return read_xlsx(package, main)
    if root == "presentation":
        raise Rejected("unsupported_format")
    return read_docx(package, main)


def _without_main_part(package: Package) -> Rejected:
    """Why a package that is neither a document nor a workbook is refused."""
    if "OFD.xml" in package:
        return Rejected("unsupported_format", WHAT_IT_IS["ofd"])
    if any(name.startswith(("xl/", "ppt/")) or name == "content.xml" for name in package.names):
        return Rejected("unsupported_format")
    return Rejected("not_a_document", "" if "[Content_Types].xml" in package else WHAT_IT_IS["archive"])


def _usual_main_part(package: Package) -> str | None:
    return next((name for name in ("word/document.xml", "xl/workbook.xml") if name in package), None)
