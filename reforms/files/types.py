"""Which kinds of files are taken as evidence. The kind is found in the content; name and browser are not believed."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy

from agencies.lib.untrusted.compound import MAGIC, Compound
from agencies.lib.untrusted.limits import MEGABYTE, FileRefused, ZipLimits
from agencies.lib.untrusted.xml import parse
from agencies.lib.untrusted.zips import Package

OPEN_XML = "application/vnd.openxmlformats-officedocument."
CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of file: how pages call it, how it is sent, which extensions fit it, whether a browser may show it."""

    label: Any
    content_type: str
    extensions: tuple[str, ...]
    shown: bool = False


PDF = FileKind(label="PDF", content_type="application/pdf", extensions=("pdf",), shown=True)
PNG = FileKind(label="PNG", content_type="image/png", extensions=("png",), shown=True)
JPEG = FileKind(label="JPEG", content_type="image/jpeg", extensions=("jpg", "jpeg"), shown=True)
OFD = FileKind(label="OFD", content_type="application/ofd", extensions=("ofd",))
WORD, SHEET, SLIDES = (
    FileKind(label=label, content_type=f"{OPEN_XML}{name}", extensions=(extension,))
    for label, name, extension in (
        (gettext_lazy("Word文档"), "wordprocessingml.document", "docx"),
        (gettext_lazy("Excel表格"), "spreadsheetml.sheet", "xlsx"),
        (gettext_lazy("PPT演示文稿"), "presentationml.presentation", "pptx"),
    )
)
OLD_WORD, OLD_SHEET, OLD_SLIDES = (
    FileKind(label=label, content_type=f"application/{name}", extensions=extensions)
    for label, name, extensions in (
        (gettext_lazy("Word或WPS文档"), "msword", ("doc", "wps")),
        (gettext_lazy("Excel或WPS表格"), "vnd.ms-excel", ("xls", "et")),
        (gettext_lazy("PPT或WPS演示文稿"), "vnd.ms-powerpoint", ("ppt", "dps")),
    )
)
TEXT, CHINESE_TEXT = (
    FileKind(label=gettext_lazy("文本"), content_type=f"text/plain; charset={charset}", extensions=("txt", "csv"))
    for charset in ("utf-8", "gb18030")
)
KINDS = (PDF, OFD, WORD, SHEET, SLIDES, OLD_WORD, OLD_SHEET, OLD_SLIDES, PNG, JPEG, TEXT, CHINESE_TEXT)
BY_CONTENT_TYPE = {kind.content_type: kind for kind in KINDS}
EXTENSIONS = tuple(dict.fromkeys(extension for kind in KINDS for extension in kind.extensions))

CONTENT_TYPES = "[Content_Types].xml"
# Of an archive nothing is inflated but its content types.
LIMITS = ZipLimits(parts=5_000, declared_size=500 * MEGABYTE, inflated_size=MEGABYTE)
# How they begin: RAR, 7z, gzip, bzip2, xz, Windows cabinet.
ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"MSCF")
# How they begin: Windows, Linux, Java and universal ones of macOS (both cafebabe), macOS in either order of bytes.
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe")
# What a browser or a shell would run, although it reads as text.
ACTIVE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:#!|<\?|<!|</?[a-z]|@echo|content-type:|mime-version:)", re.IGNORECASE)
# In the name of a part or in a content type, such as application/vnd.ms-word.document.macroEnabled.main+xml.
MACROS = re.compile("macroenabled|vbaproject|vbadata|macrosheet", re.IGNORECASE)
COMPOUND_MACROS = frozenset({"VBA", "_VBA_PROJECT", "_VBA_PROJECT_CUR"})
# The main streams of the old formats ([MS-DOC], [MS-XLS], [MS-PPT]).
STREAMS = {"WordDocument": OLD_WORD, "Workbook": OLD_SHEET, "Book": OLD_SHEET, "PowerPoint Document": OLD_SLIDES}
# All but tab, line ends, form feed, and the Ctrl-Z with which DOS ends a text.
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")


def kind_of(file: Any) -> FileKind:
    """The kind of a file (binary, seekable). Raises FileRefused: empty, unknown, archive, program, macros, and what
    the readers of containers raise. Memory does not grow with the file."""
    file.seek(0)
    head = file.read(4096)
    if not head:
        raise FileRefused("empty")
    if head.startswith(b"PK"):
        return _of_package(Package(file, LIMITS))
    if head.startswith(MAGIC):
        return _of_compound(Compound(file).names)
    return _of_head(head) or _of_text(file, head)


def _of_head(head: bytes) -> FileKind | None:
    if head.startswith(b"%PDF-"):
        return PDF
    # The first chunk of a PNG is IHDR.
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    # A tar has its mark at byte 257 of its first header.
    if head.startswith(ARCHIVES) or head[257:262] == b"ustar":
        raise FileRefused("archive")
    if head.startswith(b"{\\rtf"):
        raise FileRefused("unknown")
    if head.startswith(PROGRAMS) or ACTIVE.match(head):
        raise FileRefused("program")
    return None


def _of_package(package: Package) -> FileKind:
    if package.locked:
        raise FileRefused("locked")
    types = _content_types(package)
    if any(MACROS.search(name) for name in (*package.names, *types)):
        raise FileRefused("macros")
    if "OFD.xml" in package and CONTENT_TYPES not in package:
        return OFD
    for kind in (WORD, SHEET, SLIDES):
        if f"{kind.content_type}.main+xml" in types:
            return kind
    raise FileRefused("unknown" if CONTENT_TYPES in package or "mimetype" in package else "archive")


def _content_types(package: Package) -> frozenset[str]:
    """The content types that an Office document declares, in lower case."""
    if CONTENT_TYPES not in package:
        return frozenset()
    root = parse(package.read(CONTENT_TYPES), CONTENT_TYPES)
    return frozenset(str(one.get("ContentType", "")).strip().lower() for one in root.iter("{*}Override", "{*}Default"))


def _of_compound(names: frozenset[str]) -> FileKind:
    if "EncryptedPackage" in names:
        raise FileRefused("locked")
    if names & COMPOUND_MACROS:
        raise FileRefused("macros")
    for name, kind in STREAMS.items():
        if name in names:
            return kind
    raise FileRefused("unknown")


@dataclass(slots=True)
class _Reading:
    """A text read piece by piece in one encoding; `fits` until something in it is no text."""

    encoding: str
    fits: bool = True
    decoder: Any = field(init=False)

    def __post_init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder(self.encoding)()

    def feed(self, piece: bytes, *, final: bool = False) -> None:
        try:
            self.fits = self.fits and not CONTROL.search(self.decoder.decode(piece, final))
        except UnicodeDecodeError:
            self.fits = False


def _of_text(file: Any, head: bytes) -> FileKind:
    """UTF-8, else GB 18030, without control characters."""
    # Both at once: what turns out not to be UTF-8 late in the file need not be read again.
    readings = {TEXT: _Reading("utf-8"), CHINESE_TEXT: _Reading("gb18030")}
    for piece in _pieces(file):
        for reading in readings.values():
            reading.feed(piece, final=not piece)
        if not any(reading.fits for reading in readings.values()):
            raise FileRefused("unknown")
    return next(kind for kind, reading in readings.items() if reading.fits)


def _pieces(file: Any) -> Iterator[bytes]:
    """The file in pieces; the last one is empty."""
    file.seek(0)
    piece = file.read(CHUNK)
    while piece:
        yield piece
        piece = file.read(CHUNK)
    yield b""
