"""A 通报, a 督查专报 or a 函 as a Word document, made of what is kept with it alone."""

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.utils import translation
from docx.document import Document as DocumentType
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from reforms.bulletins.figures import SAID, Counts, Figures, NamedMeasure
from reforms.bulletins.imprint import at_the_foot
from reforms.lib.official import (
    BODY,
    CENTRE,
    CHARACTER,
    HEADING,
    KAI,
    LEFT,
    RIGHT,
    TITLE,
    TITLE_LINE,
    fitting,
    in_two,
    line,
    official,
    tabulated,
    write,
)
from reforms.lib.words import day_text
from reforms.models import Bulletin, Letterhead
from reforms.office.letterheads import fill, letterhead_of, marks_in, opened

Kind = Bulletin.Kind
PARTS = ("overall", "results", "problems", "demands")
HEADINGS = {
    Kind.BULLETIN: ("一、总体情况", "二、主要成效", "三、存在问题", "四、下一步工作要求"),
    Kind.BRIEF: ("一、总体情况", "二、主要成效", "三、存在问题", "四、下一步工作建议"),
    Kind.LETTER: ("", "", "", ""),
}
MASTHEADS = {Kind.BULLETIN: "督查通报", Kind.BRIEF: "督查专报"}
WHOLE = "合计"
NARROW = 20  # mm: of a column whose head takes two lines
LEGEND = "注：黄灯（临近到期）仅表示时限临近，不代表进度滞后。"
Rows = Sequence[Sequence[str]]


DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")


@dataclass(frozen=True, slots=True)
class Annex:
    """A table on pages of its own; `widths` in mm."""

    name: str
    widths: tuple[float, ...]
    labels: tuple[str, ...]
    rows: Rows

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """The labels, each with whether numbers stand below it."""
        columns = zip(*self.rows, strict=True)
        return [
            (label, all(not cell or cell.isdigit() for cell in column))
            for label, column in zip(self.labels, columns, strict=True)
        ]

    @property
    def lines(self) -> list[list[tuple[str, str]]]:
        """The rows, each cell with the class that a page gives it: numbers stand in columns, days in one line."""
        return [[(cell, _class_of(cell)) for cell in row] for row in self.rows]


def _class_of(cell: str) -> str:
    if cell.isdigit():
        return "num"
    return "nowrap" if DAY.fullmatch(cell) else ""


def name_of(bulletin: Bulletin) -> str:
    """That of its file, without the ending."""
    what = f"函-{bulletin.agency.name}" if bulletin.agency else f"{bulletin.get_kind_display()}-第{bulletin.issue}期"
    return f"{what}-{bulletin.on.isoformat()}"


def write_bulletin(bulletin: Bulletin, file: BinaryIO) -> None:
    """The docx; of one that is not issued it says 草稿 or 送审稿."""
    letterhead = letterhead_of(bulletin)
    # Whatever the language of the page it is fetched from.
    with translation.override("zh-hans"):
        document = _written_into(letterhead, bulletin) if letterhead else _in_our_form(bulletin)
    document.save(file)


def save_into(letterhead: Letterhead, bulletin: Bulletin, file: BinaryIO) -> None:
    """The docx as it would be in a letterhead that is not used yet."""
    with translation.override("zh-hans"):
        _written_into(letterhead, bulletin).save(file)


def _in_our_form(bulletin: Bulletin) -> DocumentType:
    document = official()
    if bulletin.kind == Kind.LETTER:
        # A 函 has no number on its first page.
        document.sections[0].different_first_page_header_footer = True
    else:
        _masthead(document, bulletin)
    _head(document, bulletin)
    _text(document, bulletin)
    return document


def _written_into(letterhead: Letterhead, bulletin: Bulletin) -> DocumentType:
    """In a letterhead of the office, whose heads, feet and pages stay; what it has a mark for is not said again in the
    text."""
    document = opened(letterhead)
    marks, before = marks_in(document), set(document.element.body)
    _head(document, bulletin, but=marks)
    _text(document, bulletin, but=marks)
    fill(document, _said_at_marks(bulletin), [one for one in document.element.body if one not in before])
    return document


def _said_at_marks(bulletin: Bulletin) -> dict[str, str]:
    dated = day_text(bulletin.issued_on or bulletin.drafted_on)
    return {
        "标题": bulletin.title,
        "文号": bulletin.number,
        "期号": str(bulletin.issue),
        "日期": dated,
        "签发人": bulletin.signed_by,
        "编发单位": settings.OFFICE_NAME,
        "截至日": day_text(bulletin.on),
        "主送": bulletin.to,
        "抄送": bulletin.copies_to,
        "印发日期": dated,
    }


def _text(document: DocumentType, bulletin: Bulletin, *, but: Collection[str] = ()) -> None:
    """From 主送 to the end."""
    annexes = annexes_of(bulletin)
    _body(document, bulletin, but=but)
    _signed(document, bulletin, annexes)
    for place, annex in enumerate(annexes, 1):
        _annex(document, place, annex)
    if not {"抄送", "印发日期"} & set(but) and (bulletin.kind != Kind.LETTER or bulletin.copies_to):
        _imprint(document, bulletin)


def parts_of(bulletin: Bulletin) -> list[tuple[str, str]]:
    """The parts that say anything, with their headings; a 函 has none."""
    named = zip(HEADINGS[Kind(bulletin.kind)], PARTS, strict=True)
    return [(heading, text) for heading, name in named if (text := getattr(bulletin, name).strip())]


def _masthead(document: DocumentType, bulletin: Bulletin) -> None:
    line(document, MASTHEADS[Kind(bulletin.kind)], font=TITLE, size=36, align=CENTRE, high=48)
    line(document, f"第{bulletin.issue}期", align=CENTRE)
    dated = line(document, settings.OFFICE_NAME, align=LEFT)
    dated.paragraph_format.tab_stops.add_tab_stop(Pt(28 * CHARACTER), RIGHT)  # type: ignore[arg-type]  # the same names
    write(dated, f"\t{day_text(bulletin.issued_on or bulletin.drafted_on)}", KAI, 16, LEFT)
    _underlined(dated)
    line(document, "")


def _head(document: DocumentType, bulletin: Bulletin, *, but: Collection[str] = ()) -> None:
    if "标题" not in but:
        line(document, bulletin.title, font=TITLE, size=22, align=CENTRE, high=TITLE_LINE)
    if bulletin.kind != Kind.LETTER and "截至日" not in but:
        line(document, f"（截至{day_text(bulletin.on)}）", font=KAI, align=CENTRE)
    if not bulletin.issued_on:
        line(document, f"（{bulletin.get_state_display()}）", font=KAI, align=CENTRE)
    line(document, "")


def _underlined(paragraph: object) -> None:
    """With a hairline below."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "8"), ("space", "4"), ("color", "000000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    properties = paragraph._p.get_or_add_pPr()  # type: ignore[attr-defined]  # python-docx has no name for it
    properties.insert_element_before(borders, "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _body(document: DocumentType, bulletin: Bulletin, *, but: Collection[str] = ()) -> None:
    if bulletin.to and "主送" not in but:
        line(document, bulletin.to, align=LEFT)
    line(document, bulletin.intro, indent=2)
    for heading, text in parts_of(bulletin):
        if heading:
            line(document, heading, font=HEADING, indent=2, align=LEFT).paragraph_format.keep_with_next = True
        for paragraph in text.splitlines():
            _paragraph(document, paragraph)


def _paragraph(document: DocumentType, text: str) -> None:
    """One that begins with （一） has its first sentence in 楷体."""
    if not text.startswith("（") or "。" not in text:
        line(document, text, indent=2)
        return
    named, rest = text.split("。", 1)
    written = line(document, f"{named}。", font=KAI, indent=2)
    write(written, rest, BODY, 16, written.alignment or LEFT)


def _signed(document: DocumentType, bulletin: Bulletin, annexes: Sequence[Annex]) -> None:
    # Signature and day never stand on a page without words of the text.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    below = [line(document, "")] if annexes else []
    for place, annex in enumerate(annexes, 1):
        listed = f"{'附件：' if place == 1 else '　　　'}{place}．{annex.name}"
        below.append(line(document, listed, indent=2, align=LEFT))
    below += [line(document, ""), line(document, "")]
    for text in (settings.OFFICE_NAME, day_text(bulletin.issued_on or bulletin.drafted_on)):
        below.append(line(document, text, align=RIGHT))
        below[-1].paragraph_format.right_indent = Pt(4 * CHARACTER)
    for one in below[:-1]:
        one.paragraph_format.keep_with_next = True
    contact = "，".join(part for part in (bulletin.contact, bulletin.contact_phone) if part)
    if contact:
        line(document, f"（联系人：{contact}）", indent=2, align=LEFT)


def annexes_of(bulletin: Bulletin) -> list[Annex]:
    """附表 of a 通报: those that have rows, in Chinese."""
    if bulletin.kind != Kind.BULLETIN:
        return []
    with translation.override("zh-hans"):
        return [annex for annex in _all_annexes(Figures.of_json(bulletin.figures)) if annex.rows]


def _all_annexes(figures: Figures) -> tuple[Annex, ...]:
    lights = tuple(str(light.label) for light in SAID)
    counted = (44.0, 14.0, *[14.0] * len(SAID))
    whole = Counts(name=WHOLE, measures=figures.measures, lights=figures.lights)
    moved = [(one.number, one.title, _day(one.former), _day(one.until), one.by) for one in figures.moved]
    return (
        Annex("总体情况表", counted, ("任务类别", "举措", *lights), _counted([*figures.sections, whole])),
        Annex("逾期清单", *_listed("逾期天数"), [_line(one) for one in figures.overdue]),
        Annex("临近到期清单", *_listed("剩余天数"), [_line(one) for one in figures.soon]),
        Annex("各单位办理情况表", counted, ("牵头单位", "举措", *lights), _counted(figures.agencies)),
        Annex(
            "延期清单",
            (16.0, 48.0, 30.0, 30.0, 32.0),
            ("序号", "改革事项", "原时限", "现时限", "依据"),
            moved,
        ),
    )


def _listed(days: str) -> tuple[tuple[float, ...], tuple[str, ...]]:
    return (16.0, 58.0, 36.0, 30.0, 16.0), ("序号", "改革事项", "牵头单位", "完成时限", days)


def _line(one: NamedMeasure) -> tuple[str, ...]:
    return one.number, one.title, "、".join(one.leads), _day(one.deadline), str(one.days)


def _day(iso: str) -> str:
    """A day of the figures; empty for none."""
    return day_text(dt.date.fromisoformat(iso)) if iso else ""


def _counted(rows: Sequence[Counts]) -> Rows:
    return [
        (one.name, str(one.measures), *(str(one.lights.get(light.value, 0) or "") for light in SAID)) for one in rows
    ]


def _annex(document: DocumentType, place: int, annex: Annex) -> None:
    line(document, f"附件{place}", font=HEADING, align=LEFT).paragraph_format.page_break_before = True
    line(document, annex.name, font=TITLE, size=22, align=CENTRE, high=TITLE_LINE)
    line(document, "")
    narrow = [
        in_two(label) if width < NARROW else label for label, width in zip(annex.labels, annex.widths, strict=True)
    ]
    tabulated(document, narrow, fitting(document, annex.widths), annex.rows, whole=WHOLE)
    if len(annex.widths) > len(SAID):
        line(document, LEGEND, size=10.5, align=LEFT, high=18)


def _imprint(document: DocumentType, bulletin: Bulletin) -> None:
    """版记."""
    said = [f"抄送：{bulletin.copies_to}。"] if bulletin.copies_to else []
    issued = f"{settings.OFFICE_NAME}　{day_text(bulletin.issued_on or bulletin.drafted_on)}印发"
    at_the_foot(document, [*said, issued])
