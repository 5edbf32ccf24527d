"""What a list document says once it has been understood: plain, frozen values without a database. A problem's sentences
are kept apart from what fills them, so that pages can translate."""

import calendar
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should know: a short code (`kind`), a sentence, and where it was found.

    `cell` is the name of a field of `PrintedCells` (in a rejection, a part of the file); `row` is 1-based; `rows` are
    those of several measures that it is about. `sentences` with `facts` in their braces are the message again, for
    saying it in another language (`told`).
    """

    kind: str
    message: str
    item_no: int | None = None
    row: int | None = None
    cell: str | None = None
    value: str | None = None
    rows: tuple[int, ...] = ()
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str | int], ...] = ()

    def saying(self, message: str) -> "Problem":
        """The same with its message."""
        return replace(self, message=message)

    @classmethod
    def of_json(cls, value: dict[str, Any]) -> "Problem":
        """What `asdict` made of it, also before it had all these fields."""
        rows, sentences = tuple(value.get("rows", ())), tuple(value.get("sentences", ()))
        facts = tuple((name, fact) for name, fact in value.get("facts", ()))
        return cls(**{**value, "rows": rows, "sentences": sentences, "facts": facts})


@dataclass(frozen=True, slots=True)
class PrintedCells:
    """The six cells of a row to the character, as displayed; paragraphs are joined by a line feed.

    A blank cell and a cell merged away from above are both ''; the names of the latter are in `merged`. `other` is what
    else the row prints, under the labels it had: columns that are not read, and whole what was divided among the six.
    """

    number: str
    title: str
    text: str
    lead: str
    responsible: str
    deadline: str
    merged: tuple[str, ...] = ()
    other: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedSection:
    """A heading of the list: its number, its title without the number, and the heading as printed."""

    no: int
    title: str
    printed: str


@dataclass(frozen=True, slots=True)
class ParsedMeasure:
    """One row's duty. `item_no` is None for a row no number covers, `section_no` without headings.

    `row` counts every table row of the file from 1, headers and headings included. `milestones` are the
    dates before the last one in the deadline cell; the list's published shape does not have them. `other` is what
    stands beside in columns that are not read: the label and the text of each filled cell.
    """

    section_no: int | None
    section: str
    item_no: int | None
    national: bool
    item_title: str
    seq_in_item: int
    text: str
    lead: tuple[str, ...]
    lead_note: str
    responsible: tuple[str, ...]
    deadline_text: str
    deadline: date | None
    ongoing: bool
    row: int
    printed: PrintedCells
    milestones: tuple[date, ...] = ()
    other: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ParsedList:
    """A whole document: `outcome` is `ok`, `ok_with_warnings` or `rejected` (then only `error` is set).

    `first_rows` is the beginning of its longest table, as somebody sees it who says which column is which.
    """

    file_name: str
    outcome: str
    error: Problem | None = None
    warnings: tuple[Problem, ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()
    sections: tuple[ParsedSection, ...] = ()
    measures: tuple[ParsedMeasure, ...] = field(default=(), repr=False)
    first_rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of what the list says; the same for every file format, file name and row numbering."""
        said = {
            "title": self.title,
            "notes": self.notes,
            "sections": [(section.no, section.title) for section in self.sections],
            "measures": [measure_as_dict(measure) for measure in self.measures],
        }
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def measure_as_dict(measure: ParsedMeasure) -> dict[str, Any]:
    """One measure in the words and the order of `reform-list/1`."""
    other = {"other": dict(measure.other)} if measure.other else {}
    return {
        "section_no": measure.section_no,
        "section": measure.section,
        "item_no": measure.item_no,
        "national": measure.national,
        "item_title": measure.item_title,
        "seq_in_item": measure.seq_in_item,
        "text": measure.text,
        "lead": list(measure.lead),
        "lead_note": measure.lead_note,
        "responsible": list(measure.responsible),
        "deadline_text": measure.deadline_text,
        "deadline": measure.deadline.isoformat() if measure.deadline else None,
        "ongoing": measure.ongoing,
        **other,
    }


def rejected(file_name: str, error: Problem) -> ParsedList:
    """The answer for a file that could not be read at all."""
    return ParsedList(file_name=file_name, outcome="rejected", error=error)


def gettext_noop(text: str) -> str:
    """Mark a sentence for the catalogue; it is translated where it is shown."""
    return text


NOTHING_WRITTEN = gettext_noop("未写入任何数据。")
# Facts that are words of the portal and not of the document.
_LABELS = ("column", "source")
_DAYS = ("day", "milestone")
_DAY = gettext_noop("{year}年{month}月{day}日")
_ROW, _ITEM = gettext_noop("第{row}行"), gettext_noop("第{item}项（第{row}行）")


def problem(
    kind: str,
    *sentences: str,
    item_no: int | None = None,
    row: int | None = None,
    cell: str | None = None,
    value: str | None = None,
    rows: tuple[int, ...] = (),
    **facts: Any,
) -> Problem:
    """A problem with its message. `facts` fill the braces of the sentences, beside `where`, `row`, `item` and `value`;
    texts and
    whole numbers; `column` and `source` are translated as well."""
    made = Problem(kind, "", item_no, row, cell, value, rows, sentences, tuple(facts.items()))
    return made.saying("".join(told(made)))


def told(found: Problem, translate: Callable[[str], str] = str, fill: Callable[..., str] = str.format) -> list[str]:
    """The sentences of a problem in the language of `translate`; `fill` puts the facts into one of them."""
    if not found.sentences:
        return [found.message]
    facts = dict(found.facts)
    facts |= {name: translate(str(facts[name])) for name in _LABELS if name in facts}
    facts |= {name: _days_told(str(facts[name]), translate) for name in _DAYS if name in facts}
    place = {"item": found.item_no, "row": found.row}
    where = translate(_ROW if found.item_no is None else _ITEM).format(**place)
    value = (found.value or "").replace("\n", " ")
    return [fill(translate(one), **{**place, "where": where, "value": value, **facts}) for one in found.sentences]


def _days_told(days: str, translate: Callable[[str], str]) -> str:
    """Days as pages write them, of days as ISO 8601 does."""

    def tell(found: re.Match[str]) -> str:
        year, month, day = map(int, found.group().split("-"))
        return translate(_DAY).format(year=year, month=month, day=day, name=calendar.month_name[month])

    return re.sub(r"\d{4}-\d\d-\d\d", tell, days)
