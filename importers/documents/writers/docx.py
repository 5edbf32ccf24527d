"""A list as a Word document. The table is written as XML: python-docx would take seconds for it."""

import io
from collections.abc import Iterator
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt

from importers.documents.values import ParsedList
from importers.documents.writers.areas import merged_runs
from importers.documents.writers.rows import HeadingRow, WrittenRow, labels_of, rows_of, without_controls
from importers.documents.writers.trial import notes_read

# In twentieths of a point: what is left of an A4 page on its side.
_WIDTHS = (900, 2400, 5500, 1900, 2400, 1470)
_WIDTH_BESIDE = 1500
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_RESTART, _CONTINUE = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def write_docx(parsed: ParsedList) -> bytes:
    """Title, one table with its header on each page, and the notes."""
    document = Document()
    _lay_out_pages(document)
    if parsed.title:
        title = document.add_paragraph()
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = title.add_run(without_controls(parsed.title))
        run.bold, run.font.size = True, Pt(16)
    below, in_table = _placed_notes(parsed.notes)
    table = parse_xml(f"<w:tbl {nsdecls('w')}>{_table(parsed, in_table)}</w:tbl>")
    # The properties of the page have to stay the last element of the body.
    document.element.body.sectPr.addprevious(table)
    for note in below:
        document.add_paragraph(without_controls(note))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _lay_out_pages(document: DocumentType) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)


def _placed_notes(notes: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Notes stand below the table; lines that would not be read as notes there, with all others in its last row."""
    if notes_read(notes) == notes:
        return notes or ("",), ""
    return ("",), "\n".join(notes)


def _table(parsed: ParsedList, note: str) -> str:
    labels = labels_of(parsed)
    widths = (*_WIDTHS, *[_WIDTH_BESIDE] * (len(labels) - len(_WIDTHS)))
    return _properties(widths) + "".join(_rows(rows_of(parsed), labels, widths, note))


def _properties(widths: tuple[int, ...]) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    shape = f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{_BORDERS}</w:tblBorders>'
    return f'<w:tblPr>{shape}<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'


def _rows(rows: list[WrittenRow], labels: tuple[str, ...], widths: tuple[int, ...], note: str) -> Iterator[str]:
    yield _row(map(_cell, labels, widths, [""] * len(labels)), "<w:tblHeader/>")
    opening = {(run.first, run.column) for run in merged_runs(rows)}
    for index, row in enumerate(rows):
        if isinstance(row, HeadingRow):
            yield _across(row.text, widths)
            continue
        texts = ("" if cell.continues else cell.value for cell in row.cells)
        merges = (
            _CONTINUE if cell.continues else _RESTART if (index, column) in opening else ""
            for column, cell in enumerate(row.cells)
        )
        yield _row(map(_cell, texts, widths, merges))
    if note:
        yield _across(note, widths)


def _row(cells: Iterator[str], properties: str = "") -> str:
    return f"<w:tr><w:trPr><w:cantSplit/>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def _across(text: str, widths: tuple[int, ...]) -> str:
    return _row(iter([_cell(text, sum(widths), f'<w:gridSpan w:val="{len(widths)}"/>')]))


def _cell(text: str, width: int, properties: str) -> str:
    paragraphs = "".join(f"<w:p>{_run(line)}</w:p>" for line in without_controls(text).split("\n"))
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{properties}</w:tcPr>{paragraphs}</w:tc>'


def _run(line: str) -> str:
    if not line:
        return ""
    text = escape(line).replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'
