"""Official documents in Word: page, type and tables after GB/T 9704. The machine draws no red head.

A4, 37 mm above and 28 mm to the left of a text of 156 × 225 mm, 22 lines of 28 characters. Sizes: 三号 16 pt, 小四 12.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from copy import deepcopy

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.table import CT_Row
from docx.oxml.text.run import CT_R
from docx.shared import Mm, Pt, Twips
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from agencies.lib.long_sheets import NOT_IN_XML
from reforms.lib.words import day_text

TITLE, HEADING, KAI, BODY, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
WIDE = 156  # mm of text on an A4 page
CHARACTER = 15.75  # points of a character of 三号, a little closer than it is wide, so that 28 of them fill a line
LINE, TITLE_LINE = 28.95, 35.0  # points from line to line: 22 of them fill a page
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
CENTRE, LEFT, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT


def official() -> DocumentType:
    """An empty document on such a page, with its number below: — 1 —, to the right on odd pages, else to the left."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Twips(2098), Twips(1984)
    section.left_margin, section.right_margin, section.footer_distance = Twips(1587), Twips(1470), Twips(1417)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(16)  # type: ignore[attr-defined]  # a paragraph style
    style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, align in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        _numbered(footer.paragraphs[0], align)
    return document


def _numbered(paragraph: Paragraph, align: WD_ALIGN_PARAGRAPH) -> None:
    write(paragraph, "— ", SONG, 14, align)
    run = paragraph.add_run()
    run.font.size = Pt(14)
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._element.append(part)
    write(paragraph, " —", SONG, 14, align)
    # One character in from the edge.
    form = paragraph.paragraph_format
    form.left_indent, form.right_indent = (Pt(14), None) if align is LEFT else (None, Pt(14))


def wide_of(document: DocumentType) -> float:
    """How many mm wide the text of its last section is."""
    section = document.sections[-1]
    return ((section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)) / Mm(1)


def fitting(document: DocumentType, widths: Sequence[float]) -> list[float]:
    """Widths (mm) made for our page, narrower where that of a letterhead is."""
    return [width * min(1, wide_of(document) / WIDE) for width in widths]


def line(
    document: DocumentType,
    text: str,
    *,
    font: str = BODY,
    size: float = 16,
    align: WD_ALIGN_PARAGRAPH | None = None,
    indent: float = 0,
    high: float = LINE,
) -> Paragraph:
    """A paragraph of the text; `indent` in characters, of its first line."""
    paragraph = document.add_paragraph()
    _spaced(paragraph, high, indent)
    write(paragraph, text, font, size, WD_ALIGN_PARAGRAPH.JUSTIFY if align is None else align)
    return paragraph


def _spaced(paragraph: Paragraph, high: float, indent: float) -> None:
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(high)
    form.space_before = form.space_after = Pt(0)
    form.widow_control = False
    form.first_line_indent = Pt(indent * CHARACTER)


def ruled(table: object, widths: Sequence[float]) -> None:
    """With lines, and columns of these widths (mm)."""
    table.style = "Table Grid"  # type: ignore[attr-defined]  # a docx table, which the package does not export by name
    table.alignment = WD_TABLE_ALIGNMENT.CENTER  # type: ignore[attr-defined]  # as above
    table.autofit = False  # type: ignore[attr-defined]  # as above
    for column, width in zip(table.columns, widths, strict=True):  # type: ignore[attr-defined]  # as above
        column.width = Mm(width)


def marked(row: object, mark: str) -> None:
    """`w:tblHeader`: again on each page; `w:cantSplit`: never over two."""
    properties = row._tr.get_or_add_trPr()  # type: ignore[attr-defined]  # python-docx has no name for it
    properties.append(properties.makeelement(qn(mark), {}))


def set_widths(cells: Sequence[_Cell], widths: Sequence[float]) -> None:
    """Of the cells of one row, in mm."""
    # Word goes by the columns, LibreOffice and WPS by the cells.
    for cell, width in zip(cells, widths, strict=True):
        cell.width = Mm(width)


def tabulated(
    document: DocumentType,
    labels: Sequence[str],
    widths: Sequence[float],
    rows: Iterable[Sequence[str]],
    *,
    size: float = 10.5,
    whole: str = "",
    centred: Sequence[bool] = (),
) -> None:
    """A table of texts: its head again on each page, no row over two. Where nothing is said of it, columns of up to
    30 mm are `centred`; a row that begins with `whole` is set as the head is."""
    table = document.add_table(rows=0, cols=len(widths))
    ruled(table, widths)
    _closely(table)
    middle = [CENTRE] * len(widths)
    aligned = [CENTRE if one else LEFT for one in centred or [width <= 30 for width in widths]]
    head = _model(table, widths, middle, size, HEADING)
    marked(head, "w:tblHeader")
    body, last = _model(table, widths, aligned, size, BODY), _model(table, widths, middle, size, HEADING)
    for model in (head, body, last):
        table._tbl.remove(model._tr)
    table._tbl.append(_said(head, labels))
    for said in rows:
        table._tbl.append(_said(last if whole and said[0] == whole else body, said))


def _closely(table: Table) -> None:
    """With a millimetre beside its texts, so that three characters go into 14."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(Mm(1).twips))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    # Word wants it before the look of the table.
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    properties.append(margins) if look is None else look.addprevious(margins)


def roomy(cell: _Cell) -> None:
    """With its text in the middle, and room above and below it."""
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for paragraph in cell.paragraphs:
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)


def in_two(label: str) -> str:
    """Four characters as two lines of two, for the head of a narrow column."""
    return f"{label[:2]}\n{label[2:]}" if len(label) == 4 else label


def _model(
    table: Table, widths: Sequence[float], aligned: Sequence[WD_ALIGN_PARAGRAPH], size: float, font: str
) -> _Row:
    """A row to be copied: making one anew, cell by cell, takes ten times as long."""
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]  # python-docx's
    marked(row, "w:cantSplit")
    cells = row.cells
    for cell, align in zip(cells, aligned, strict=True):
        put(cell, "", font=font, size=size, align=align)
        roomy(cell)
    set_widths(cells, widths)
    return row


def _said(model: _Row, texts: Sequence[str]) -> CT_Row:
    """A row like the model that says these texts, a paragraph for each line."""
    row = deepcopy(model._tr)
    for cell, text in zip(row.tc_lst, texts, strict=True):
        first, *others = NOT_IN_XML.sub("", text).splitlines() or [""]
        paragraph = cell.p_lst[0]
        further = [deepcopy(paragraph) for _line in others]
        for place, line in zip((paragraph, *further), (first, *others), strict=True):
            _say(place.r_lst[0], line)
        cell.extend(further)
    return row


def _say(run: CT_R, text: str) -> None:
    """As `run.text = text`, which looks for what the run has already and takes seven times as long."""
    if "\t" in text:
        run.text = text
        return
    said = run.makeelement(qn("w:t"), {SPACE: "preserve"} if text != text.strip() else {})
    said.text = text
    run.append(said)


def put(
    cell: _Cell,
    text: str,
    *,
    font: str = BODY,
    size: float = 12,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
) -> None:
    """A cell with its text, a paragraph for each line."""
    first, *others = text.splitlines() or [""]
    write(cell.paragraphs[0], first, font, size, align)
    for line in others:
        write(cell.add_paragraph(), line, font, size, align)


def write(paragraph: Paragraph, text: str, font: str, size: float, align: WD_ALIGN_PARAGRAPH) -> None:
    """One more run of text."""
    paragraph.alignment = align
    run = paragraph.add_run(NOT_IN_XML.sub("", text))
    run.font.size, run.font.name = Pt(size), "Times New Roman"
    properties = run._element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if size == 16:
        spacing = OxmlElement("w:spacing")
        spacing.set(qn("w:val"), "-5")  # twentieths of a point; with 4 a line holds 27
        # Word wants them in this order.
        properties.insert_element_before(spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")  # type: ignore[arg-type]  # python-docx's


def written_day(day: dt.date | None) -> str:
    """Room to write where there is none."""
    return day_text(day) if day else ""
