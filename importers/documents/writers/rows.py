"""The rows to write: each as printed, unless that would be read as something else under the six columns.

That happens where the list had other columns: one for both kinds of agencies, none for the measure, none for
numbers, leads in rows of their own. What was understood is written there instead.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from importers.documents.grammar.roles import is_office
from importers.documents.grammar.text import clean, one_line, parse_number, squeezed
from importers.documents.layout.labels import (
    PRINTED,
    SHOWN_AS,
    Column,
    is_printed_again,
    marked_as_beside,
    marked_as_printed,
    role_of,
)
from importers.documents.values import ParsedList, ParsedMeasure, ParsedSection
from importers.documents.writers.trial import agencies_read, is_measure, number_read, sections_read

LABELS = tuple(SHOWN_AS[role] for role in PRINTED)
_OF_OFFICES = tuple({"牵头单位": "牵头科室", "责任单位": "责任科室"}.get(label, label) for label in LABELS)
# A number that ends in one of these cannot be taken for the number of a heading.
_PLAIN = ("", *"0123456789*")
_DIGITS = "零一二三四五六七八九"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class WrittenCell(NamedTuple):
    """`value` is what holds for the cell; where it `continues`, that stands in the cell above, merged with it."""

    value: str
    continues: bool = False


@dataclass(frozen=True, slots=True)
class HeadingRow:
    """A heading across all columns."""

    text: str


@dataclass(frozen=True, slots=True)
class DutyRow:
    """The six cells of a measure, and those beside them."""

    cells: tuple[WrittenCell, ...]


WrittenRow = HeadingRow | DutyRow


def labels_of(parsed: ParsedList) -> tuple[str, ...]:
    """The labels to write: of the six columns, and of what stands beside them."""
    read = {label for measure in parsed.measures for label, _ in measure.other}
    return (
        *(_OF_OFFICES if _names_only_offices(parsed) else LABELS),
        *(_beside(label, is_read=label in read) for label in _other_labels(parsed)),
    )


def _names_only_offices(parsed: ParsedList) -> bool:
    """Whether those who act are offices within one agency, whose names are no names of agencies."""
    names = {name for measure in parsed.measures for name in (*measure.lead, *measure.responsible)}
    return all(map(is_office, names)) and any(agencies_read(name, "").lead != (name,) for name in names)


def _other_labels(parsed: ParsedList) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for measure in parsed.measures for label, _ in measure.printed.other))


def _beside(label: str, *, is_read: bool) -> str:
    """A label as it stands, unless it would be read as that of another column; not `is_read`: what stands there is
    divided among the six."""
    if is_printed_again(squeezed(label)) or not role_of(squeezed(label)):
        return label
    return marked_as_beside(label) if is_read else marked_as_printed(label)


def rows_of(parsed: ParsedList) -> list[WrittenRow]:
    """The headings and measures of a list in order."""
    return list(_Printer(parsed).rows(parsed.measures))


def without_controls(text: str) -> str:
    """With a space for each character that XML cannot hold."""
    return _NOT_IN_XML.sub(" ", text)


class _Printer:
    """Goes through a list once and remembers what stands above."""

    def __init__(self, parsed: ParsedList) -> None:
        self._others = _other_labels(parsed)
        self._headings: dict[tuple[int | None, str], str] = dict(_headings(parsed))
        self._waiting: list[tuple[int | None, str]] = list(self._headings)
        self._section: tuple[int | None, str] = (None, "")
        self._previous: ParsedMeasure | None = None
        self._above: tuple[str, ...] = ("",) * len(PRINTED)
        self._printed_above = dict.fromkeys(PRINTED, "")

    def rows(self, measures: Iterable[ParsedMeasure]) -> Iterator[WrittenRow]:
        for measure in measures:
            section = (measure.section_no, measure.section)
            if section != self._section:
                yield from self._open_section(section)
            self._section = section
            yield self._duty(measure)
            self._previous = measure

    def _open_section(self, section: tuple[int | None, str]) -> Iterator[HeadingRow]:
        """The heading, below those that come before it in the list but hold their measures further on."""
        self._previous = None
        while section in self._waiting:
            heading = self._waiting.pop(0)
            if heading != section:
                yield HeadingRow(self._headings[heading])
        if section in self._headings:
            yield HeadingRow(self._headings[section])

    def _duty(self, measure: ParsedMeasure) -> DutyRow:
        printed = {role: self._printed(measure, role) for role in PRINTED}
        number = self._number(measure, printed[Column.NUMBER])
        values = (
            number,
            self._title(measure, printed[Column.TITLE], number),
            _or_understood(printed[Column.TEXT], measure.text),
            *_agencies(measure, printed[Column.LEAD], printed[Column.RESPONSIBLE]),
            _or_understood(printed[Column.DEADLINE], measure.deadline_text),
        )
        # 一、 or （1） in the column of numbers may be read as a heading: then the plain number stands there.
        if number[-1:] not in _PLAIN and measure.item_no is not None and not is_measure(values):
            values = (_plain(measure), *values[1:])
        cells = tuple(map(self._cell, PRINTED, values, self._above, [measure.printed.merged] * len(PRINTED)))
        self._above = values
        return DutyRow((*cells, *self._beside(measure))) if self._others else DutyRow(cells)

    def _beside(self, measure: ParsedMeasure) -> Iterator[WrittenCell]:
        other = dict(measure.printed.other)
        return (WrittenCell(other.get(label, "")) for label in self._others)

    def _printed(self, measure: ParsedMeasure, role: Column) -> str:
        """What is printed for a cell; a merged one says what the one above does, but never a number again."""
        if role.value not in measure.printed.merged:
            self._printed_above[role] = str(getattr(measure.printed, role.value))
        elif role is Column.NUMBER:
            return ""
        return self._printed_above[role]

    def _cell(self, role: Column, value: str, above: str, merged: tuple[str, ...]) -> WrittenCell:
        goes_on = role.value in merged and self._previous is not None
        same = not value if role is Column.NUMBER else value == above
        return WrittenCell(value, goes_on and same)

    def _number(self, measure: ParsedMeasure, printed: str) -> str:
        if measure.item_no is None:
            return printed
        if parse_number(printed).is_blank:
            return printed if self._goes_on(measure) else _plain(measure)
        number, national = number_read(_plain(self._previous) if self._previous else "", printed)
        same_star = national == measure.national or measure.seq_in_item > 1
        return printed if number == measure.item_no and same_star else _plain(measure)

    def _title(self, measure: ParsedMeasure, printed: str, number: str) -> str:
        title = one_line(printed)
        if title and squeezed(title) == squeezed(measure.item_title):
            return printed
        previous = self._previous
        same_title = previous is not None and previous.item_title == measure.item_title
        return "" if not title and same_title and self._goes_on(measure) else measure.item_title

    def _goes_on(self, measure: ParsedMeasure) -> bool:
        """Whether the row above belongs to the same item."""
        previous = self._previous
        return previous is not None and previous.item_no == measure.item_no and measure.seq_in_item > 1


def _plain(measure: ParsedMeasure) -> str:
    return "" if measure.item_no is None else f"{measure.item_no}{'*' if measure.national else ''}"


def _or_understood(printed: str, understood: str) -> str:
    return printed if clean(printed) == understood else understood


def _agencies(measure: ParsedMeasure, lead: str, responsible: str) -> tuple[str, str]:
    read = agencies_read(lead, responsible)
    leads_as_printed = (read.lead, read.note) == (measure.lead, measure.lead_note)
    return (
        lead if leads_as_printed else "、".join(measure.lead) + measure.lead_note,
        responsible if read.responsible == measure.responsible else "、".join(measure.responsible),
    )


def _headings(parsed: ParsedList) -> Iterator[tuple[tuple[int, str], str]]:
    """For each section a heading that is read as just that section."""
    sections = [(section.no, section.title) for section in parsed.sections]
    texts = [section.printed for section in parsed.sections]
    if sections_read(parsed.title, texts) != sections:
        texts = [
            section.printed if sections_read(parsed.title, [section.printed]) == [one] else _numbered(section)
            for section, one in zip(parsed.sections, sections, strict=True)
        ]
    return zip(sections, texts, strict=True)


def _numbered(section: ParsedSection) -> str:
    if section.no > 99:
        return f"第{section.no}部分、{section.title}"
    tens, ones = divmod(section.no, 10)
    numeral = (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
    return f"{numeral}、{section.title}"
