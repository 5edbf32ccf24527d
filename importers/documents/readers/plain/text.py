"""Plain text: a cell to a line, as a Word table is exported, rows with tabs, as one is pasted, or Markdown."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from importers.documents.grammar.text import clean
from importers.documents.grid import Cell, Grid, Paragraph, Row, State, Table, plain_cell
from importers.documents.limits import LIMITS, Rejected
from importers.documents.readers.plain.barelines import bare_cells
from importers.documents.readers.plain.celllines import cell_to_a_line
from importers.documents.readers.plain.markdown import markdown_rows, without_marks

# UTF-32 before UTF-16: the mark of one begins with that of the other.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Characters that no text has; what decodes to them is in another encoding, or is no text.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
# [bookmark: _Toc1]: left in the text export of a document.
_BOOKMARK = re.compile(r"(?<!\s)\s*\[bookmark: [^\]\n]{0,100}\]")


def decode(data: bytes) -> str:
    """The text in whichever of UTF-8, UTF-16 and GB18030 it is written; tried in the order of certainty.

    Raises `Rejected` for what is no text in any of them.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    # Neither UTF-8 nor GB18030 text has zero bytes; GB18030 takes nearly anything, so it comes last.
    candidates = _utf16_without_mark(data) if b"\0" in data else ["utf-8", "gb18030"]
    for encoding in candidates:
        try:
            return _decoded(data, encoding)
        except Rejected:
            continue
    raise Rejected("not_a_document")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Rejected("not_a_document") from error
    if _CONTROL.search(text):
        raise Rejected("not_a_document")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _utf16_without_mark(data: bytes) -> list[str]:
    # Which half of a line feed is zero tells the order of bytes.
    low, high = data.count(b"\n\0"), data.count(b"\0\n")
    return ["utf-16-le", "utf-16-be"] if low >= high else ["utf-16-be", "utf-16-le"]


def read_text(text: str) -> Grid:
    """Paragraphs and one table for each unbroken series of rows. Raises `Rejected` for too many."""
    text = without_marks(_BOOKMARK.sub("", text))
    return Grid(tuple(_in_tables(markdown_rows(text) or _rows(text))))


def _rows(text: str) -> Iterator[str | list[str]]:
    lines = text.split("\n")
    tabbed = sum(line.count("\t") >= 2 for line in lines)
    cell_lines = sum(line.startswith("\t") and line.count("\t") == 1 for line in lines)
    return _tab_separated(text) if tabbed > cell_lines else iter(_cell_to_a_line(lines))


def _cell_to_a_line(lines: list[str]) -> Sequence[str | list[str]]:
    has_tabs = any(line.startswith("\t") for line in lines)
    return (None if has_tabs else bare_cells(lines)) or cell_to_a_line(lines)


def _in_tables(blocks: Iterable[str | list[str]]) -> Iterator[Paragraph | Table]:
    """Join neighbouring rows to tables; a row counts from 1 over the whole text."""
    rows: list[Row] = []
    count = 0
    for block in blocks:
        if isinstance(block, list):
            count += 1
            if count > LIMITS.rows:
                raise Rejected("too_many_rows")
            rows.append(Row(count, _cells(block)))
        elif block.strip():
            if rows:
                yield Table(tuple(rows))
                rows = []
            yield Paragraph(block.strip())
    if rows:
        yield Table(tuple(rows))


def _cells(texts: list[str]) -> tuple[Cell, ...]:
    if len(texts) == 1:
        return (Cell(texts[0], texts[0], State.VALUE if texts[0].strip() else State.BLANK, 0, 1),)
    return tuple(plain_cell(text, column) for column, text in enumerate(texts))


def _tab_separated(text: str) -> Iterator[str | list[str]]:
    """Rows with tabs between cells; quoted cells may hold line feeds, as spreadsheets copy them."""
    plain = [line.split("\t") for line in text.split("\n")]
    rows = _quoted_rows(text) if '\t"' in text or '\n"' in text else None
    yield from map(_row_or_text, rows or plain)


def _quoted_rows(text: str) -> list[list[str]] | None:
    """The rows with their quotation marks resolved; None where a mark is never closed and so is text."""
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter="\t"))
    except csv.Error:
        return None
    return None if any("\t" in cell for row in rows for cell in row) else rows


def _row_or_text(cells: list[str]) -> str | list[str]:
    filled = [cell for cell in cells if clean(cell)]
    if len(cells) > 1 and filled:
        return filled if len(filled) == 1 and len(cells) < 3 else cells
    return "".join(cells)
