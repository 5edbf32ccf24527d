"""A 督办单 as a Word document: the order, its measures, and the 回执 to fill in. The machine draws no red head.

Margins, fonts and sizes are those of GB/T 9704 as far as a form has them: A4, 仿宋 of 三号 and 小四, title in 小标宋.
"""

import datetime as dt
from collections.abc import Sequence
from typing import BinaryIO

from django.utils import translation
from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from agencies.lib.long_sheets import NOT_IN_XML
from reforms.lib.words import day_text
from reforms.models import OrderedMeasure, SupervisionOrder
from reforms.office.orders import measures_of

TITLE, HEADING, BODY = "方正小标宋简体", "黑体", "仿宋_GB2312"
WIDE = 156  # mm of text on an A4 page
LINES = (11, 75, 34, 18, 18)  # mm: 序号, 举措, 完成时限, 逾期天数, 已催办次数
FORM = (32, 46, 32, 46)
ROOM = {"situation": 45, "cause": 30, "next_step": 30}  # mm to write in by hand


def write_order(order: SupervisionOrder, on: dt.date, file: BinaryIO) -> None:
    """The docx; of an order that is not issued yet it says 草稿 or 送审稿. Days late are those of the day of issue, of
    a draft those of `on`."""
    document = Document()
    _lay_out(document)
    # Whatever the language of the page it is fetched from.
    with translation.override("zh-hans"):
        _order(document, order, on)
        document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        _reply(document, order)
    document.save(file)


def _order(document: DocumentType, order: SupervisionOrder, on: dt.date) -> None:
    _title(document, "督办单", "" if order.issued_on else f"（{order.get_state_display()}）")
    _paragraph(document, order.number or "文号：", align=WD_ALIGN_PARAGRAPH.RIGHT)
    _form(document, _facts(order))
    _paragraph(document, "督办举措", font=HEADING, before=8)
    _measures(document, measures_of(order), order.issued_on or on)
    if order.issued_on:
        _paragraph(document, day_text(order.issued_on), align=WD_ALIGN_PARAGRAPH.RIGHT, before=16)


def _lay_out(document: DocumentType) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(14)  # type: ignore[attr-defined]  # a paragraph style
    style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)


def _title(document: DocumentType, words: str, state: str) -> None:
    _paragraph(document, words, font=TITLE, size=22, align=WD_ALIGN_PARAGRAPH.CENTER)
    if state:
        _paragraph(document, state, size=14, align=WD_ALIGN_PARAGRAPH.CENTER)


def _facts(order: SupervisionOrder) -> list[tuple[str, str, str, str]]:
    """Rows of the form; with an empty third part the second goes over the whole width."""
    named = order.agency.full_name or order.agency.name
    contact = "　".join(part for part in (order.contact, order.contact_phone) if part)
    return [
        ("督办事项", order.subject, "", ""),
        ("牵头单位", named, "牵头领导", order.leader),
        ("交办日期", _day(order.issued_on), "反馈时限", _day(order.reply_by)),
        ("督办联系人", contact, "签发人", order.signed_by),
        ("督办内容", order.content, "", ""),
    ]


def _form(document: DocumentType, rows: Sequence[tuple[str, str, str, str]]) -> None:
    table = document.add_table(rows=0, cols=4)
    _ruled(table, FORM)
    for label, value, more, other in rows:
        cells = table.add_row().cells
        _put(cells[0], label, font=HEADING)
        if more:
            for cell, text, font in zip(cells[1:], (value, more, other), (BODY, HEADING, BODY), strict=True):
                _put(cell, text, font=font)
        else:
            _put(cells[1].merge(cells[3]), value)
        _widths(cells, FORM)


def _measures(document: DocumentType, lines: Sequence[OrderedMeasure], on: dt.date) -> None:
    table = document.add_table(rows=0, cols=len(LINES))
    _ruled(table, LINES)
    header = table.add_row()
    _marked(header, "w:tblHeader")
    for cell, label in zip(header.cells, ("序号", "改革事项和举措", "完成时限", "逾期天数", "已催办次数"), strict=True):
        _put(cell, label, font=HEADING, size=11, align=WD_ALIGN_PARAGRAPH.CENTER)
    _widths(header.cells, LINES)
    for number, line in enumerate(lines, start=1):
        row = table.add_row()
        _marked(row, "w:cantSplit")
        item = line.measure.item
        what = f"第{item.number}项　{line.measure.title}\n{line.measure.text}"
        said = (str(number), what, _day(line.deadline), f"{(on - line.deadline).days}天", f"{line.times_told}次")
        for place, (cell, text) in enumerate(zip(row.cells, said, strict=True)):
            align = WD_ALIGN_PARAGRAPH.LEFT if place == 1 else WD_ALIGN_PARAGRAPH.CENTER
            _put(cell, text, size=11, align=align)
        _widths(row.cells, LINES)


def _reply(document: DocumentType, order: SupervisionOrder) -> None:
    """What came back, or room to write it."""
    _title(document, "督办单回执", "")
    _paragraph(document, order.number or "文号：", align=WD_ALIGN_PARAGRAPH.RIGHT)
    table = document.add_table(rows=0, cols=2)
    widths = (FORM[0], WIDE - FORM[0])
    _ruled(table, widths)
    said = (
        ("反馈单位", order.agency.full_name or order.agency.name, ""),
        ("办理情况", order.situation, "situation"),
        ("未完成原因", order.cause, "cause"),
        ("下一步措施", order.next_step, "next_step"),
        ("预计完成时间", _day(order.expected_on), ""),
        ("负责人签字", order.responsible, ""),
        ("单位（盖章）", "", "cause"),
        ("反馈日期", _day(order.answered_on), ""),
    )
    for label, value, room in said:
        row = table.add_row()
        _put(row.cells[0], label, font=HEADING)
        _put(row.cells[1], value)
        row.height = Mm(ROOM.get(room, 12))
        _widths(row.cells, widths)


def _ruled(table: object, widths: Sequence[int]) -> None:
    table.style = "Table Grid"  # type: ignore[attr-defined]  # a docx table, which the package does not export by name
    table.alignment = WD_TABLE_ALIGNMENT.CENTER  # type: ignore[attr-defined]  # as above
    table.autofit = False  # type: ignore[attr-defined]  # as above
    for column, width in zip(table.columns, widths, strict=True):  # type: ignore[attr-defined]  # as above
        column.width = Mm(width)


def _marked(row: object, mark: str) -> None:
    """`w:tblHeader`: again on each page; `w:cantSplit`: never over two."""
    properties = row._tr.get_or_add_trPr()  # type: ignore[attr-defined]  # python-docx has no name for it
    properties.append(properties.makeelement(qn(mark), {}))


def _widths(cells: Sequence[_Cell], widths: Sequence[int]) -> None:
    # Word goes by the columns, LibreOffice and WPS by the cells.
    for cell, width in zip(cells, widths, strict=True):
        cell.width = Mm(width)


def _put(
    cell: _Cell,
    text: str,
    *,
    font: str = BODY,
    size: float = 12,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
) -> None:
    first, *others = text.splitlines() or [""]
    _write(cell.paragraphs[0], first, font, size, align)
    for line in others:
        _write(cell.add_paragraph(), line, font, size, align)


def _paragraph(
    document: DocumentType,
    text: str,
    *,
    font: str = BODY,
    size: float = 14,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    before: float = 0,
) -> None:
    paragraph = document.add_paragraph()
    _write(paragraph, text, font, size, align)
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(4)


def _write(paragraph: Paragraph, text: str, font: str, size: float, align: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.alignment = align
    run = paragraph.add_run(NOT_IN_XML.sub("", text))
    run.font.size, run.font.name = Pt(size), "Times New Roman"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _day(day: dt.date | None) -> str:
    """Room to write where there is none."""
    return day_text(day) if day else ""
