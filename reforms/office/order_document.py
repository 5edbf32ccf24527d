"""A 督办单 as a Word document: the order, its measures, and the 回执 to fill in."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import BinaryIO

from django.conf import settings
from django.utils import translation
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from reforms.lib.official import (
    BODY,
    HEADING,
    TITLE,
    WIDE,
    fitting,
    in_two,
    marked,
    official,
    put,
    roomy,
    ruled,
    set_widths,
    write,
    written_day,
)
from reforms.lib.words import day_text, named_text
from reforms.models import Letterhead, OrderedMeasure, SupervisionOrder
from reforms.office.letterheads import fill, letterhead_of, marks_in, opened
from reforms.office.orders import measures_of

LINES = (12, 74, 34, 18, 18)  # mm: 序号, 举措, 完成时限, 逾期天数, 已催办次数
FORM = (28, 50, 28, 50)
REPLY = 34  # of its labels
ROOM = {"situation": 45, "cause": 30, "next_step": 30}  # mm to write in by hand


def write_order(order: SupervisionOrder, on: dt.date, file: BinaryIO) -> None:
    """The docx; of an order that is not issued yet it says 草稿 or 送审稿. Days late are those of the day of issue, of
    a draft those of `on`."""
    letterhead, lines = letterhead_of(order), measures_of(order)
    if letterhead:
        write_order_into(letterhead, order, lines, on, file)
        return
    document = official()
    # Whatever the language of the page it is fetched from.
    with translation.override("zh-hans"):
        _title(document, "督办单")
        _order(document, order, lines, on)
        _reply(document, order)
    document.save(file)


def write_order_into(
    letterhead: Letterhead, order: SupervisionOrder, lines: Sequence[OrderedMeasure], on: dt.date, file: BinaryIO
) -> None:
    """The docx in a letterhead, whose head stands for our title; what it has a mark for is not said again above the
    回执, which is a sheet of its own."""
    document = opened(letterhead)
    marks, before = marks_in(document), set(document.element.body)
    with translation.override("zh-hans"):
        _order(document, order, lines, on, but=marks)
        written = [one for one in document.element.body if one not in before]
        # The last sheet, also behind what the letterhead has below its text.
        _reply(document, order)
        fill(document, _said_at_marks(order), written)
    document.save(file)


def _said_at_marks(order: SupervisionOrder) -> dict[str, str]:
    dated = day_text(order.issued_on or order.drafted_on)
    return {
        "标题": order.subject,
        "文号": order.number,
        "日期": dated,
        "签发人": order.signed_by,
        "编发单位": settings.OFFICE_NAME,
        "截至日": dated,
        "主送": f"{_named(order)}：",
        "印发日期": dated,
    }


def _order(
    document: DocumentType,
    order: SupervisionOrder,
    lines: Sequence[OrderedMeasure],
    on: dt.date,
    *,
    but: Collection[str] = (),
) -> None:
    if not order.issued_on:
        _paragraph(document, f"（{order.get_state_display()}）", align=WD_ALIGN_PARAGRAPH.CENTER)
    if "文号" not in but:
        _paragraph(document, order.number or "文号：", align=WD_ALIGN_PARAGRAPH.RIGHT)
    _form(document, _facts(order, but))
    _paragraph(document, "督办举措", font=HEADING, before=8)
    _measures(document, lines, order.issued_on or on)
    if order.issued_on and "日期" not in but:
        _paragraph(document, day_text(order.issued_on), align=WD_ALIGN_PARAGRAPH.RIGHT, before=16)


def _title(document: DocumentType, words: str) -> None:
    _paragraph(document, words, font=TITLE, size=22, align=WD_ALIGN_PARAGRAPH.CENTER)


def _named(order: SupervisionOrder) -> str:
    return order.agency.full_name or order.agency.name


def _facts(order: SupervisionOrder, but: Collection[str]) -> list[tuple[str, str, str, str]]:
    """Rows of the form; with an empty third part the second goes over the whole width."""
    contact = "　".join(part for part in (order.contact, order.contact_phone) if part)
    signed = ("", "") if "签发人" in but else ("签发人", order.signed_by)
    subject = [] if "标题" in but else [("督办事项", order.subject, "", "")]
    return [
        *subject,
        ("牵头单位", _named(order), "牵头领导", order.leader),
        ("交办日期", written_day(order.issued_on), "反馈时限", written_day(order.reply_by)),
        ("督办联系人", contact, *signed),
        ("督办内容", order.content, "", ""),
    ]


def _form(document: DocumentType, rows: Sequence[tuple[str, str, str, str]]) -> None:
    table, widths = document.add_table(rows=0, cols=4), fitting(document, FORM)
    ruled(table, widths)
    for label, value, more, other in rows:
        cells = table.add_row().cells
        put(cells[0], label, font=HEADING)
        if more:
            for cell, text, font in zip(cells[1:], (value, more, other), (BODY, HEADING, BODY), strict=True):
                put(cell, text, font=font)
        else:
            put(cells[1].merge(cells[3]), value)
        for cell in cells:
            roomy(cell)
        set_widths(cells, widths)


def _measures(document: DocumentType, lines: Sequence[OrderedMeasure], on: dt.date) -> None:
    table, widths = document.add_table(rows=0, cols=len(LINES)), fitting(document, LINES)
    ruled(table, widths)
    header = table.add_row()
    marked(header, "w:tblHeader")
    labels = ("序号", "改革事项和举措", "完成时限", in_two("逾期天数"), "已催办\n次数")
    for cell, label in zip(header.cells, labels, strict=True):
        put(cell, label, font=HEADING, size=11, align=WD_ALIGN_PARAGRAPH.CENTER)
        roomy(cell)
    set_widths(header.cells, widths)
    for number, line in enumerate(lines, start=1):
        row = table.add_row()
        marked(row, "w:cantSplit")
        called = named_text(line.measure.item.number, line.measure.seq_in_item)
        what = f"{called}　{line.measure.title}\n{line.measure.text}"
        said = (str(number), what, written_day(line.deadline), f"{(on - line.deadline).days}天", f"{line.times_told}次")
        for place, (cell, text) in enumerate(zip(row.cells, said, strict=True)):
            align = WD_ALIGN_PARAGRAPH.LEFT if place == 1 else WD_ALIGN_PARAGRAPH.CENTER
            put(cell, text, size=11, align=align)
            roomy(cell)
        set_widths(row.cells, widths)


def _reply(document: DocumentType, order: SupervisionOrder) -> None:
    """What came back, or room to write it."""
    _title(document, "督办单回执")
    document.paragraphs[-1].paragraph_format.page_break_before = True
    _paragraph(document, order.number or "文号：", align=WD_ALIGN_PARAGRAPH.RIGHT)
    table = document.add_table(rows=0, cols=2)
    widths = fitting(document, (REPLY, WIDE - REPLY))
    ruled(table, widths)
    said = (
        ("反馈单位", _named(order), ""),
        ("办理情况", order.situation, "situation"),
        ("未完成原因", order.cause, "cause"),
        ("下一步措施", order.next_step, "next_step"),
        ("预计完成时间", written_day(order.expected_on), ""),
        ("负责人签字", order.responsible, ""),
        ("单位（盖章）", "", "cause"),
        ("反馈日期", written_day(order.answered_on), ""),
    )
    for label, value, room in said:
        row = table.add_row()
        put(row.cells[0], label, font=HEADING)
        put(row.cells[1], value)
        # What is written by hand, or is long, begins at the top.
        for cell in row.cells[: 1 if room else 2]:
            roomy(cell)
        row.height = Mm(ROOM.get(room, 12))
        set_widths(row.cells, widths)


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
    write(paragraph, text, font, size, align)
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(4)
