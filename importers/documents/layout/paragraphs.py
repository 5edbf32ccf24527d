"""The lines of a document that is no table, each with what it may be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from importers.documents.grammar.text import clean, one_line, squeezed
from importers.documents.grid import Grid, Paragraph, Table
from importers.documents.layout.headings import Heading, HeadingLevel, is_contents_entry, numbered_heading
from importers.documents.layout.labels import Column, has_no_role, may_be, role_of
from importers.documents.layout.tails import Tail, tail_of

# 牵头单位：市财政局. No stop or bracket before the colon, which would be a sentence.
_LABEL = re.compile(r"^(?P<label>[^：:。，,；;（(]{2,10})[：:]\s*(?P<value>\S.*)?$", re.DOTALL)
# Where on one line the next label begins: 牵头单位：甲局 责任单位：乙局；完成时限：6月底.
_NEXT_LABEL = re.compile(
    r"(?<![\s；;。，,])[\s；;。，,]++(?=(?:牵头|主办|责任|配合|协办|承办)(?:单位|部门|科室)[：:]|(?:完成)?(?:时限|时间|期限)[：:])"
)
# Persons, telephones and the like; a longer line is a sentence.
_LONGEST_BESIDE = 60
_BELOW_DIGITS = re.compile(r"[(（]\d")
_ACTING = (Column.LEAD, Column.RESPONSIBLE)


@dataclass(frozen=True, slots=True)
class Text:
    """One line of a document with what it may be: a heading, something labelled, who and when in brackets.

    `beside` is a label that has no role (牵头领导：…) and what stands behind it.
    """

    row: int
    text: str
    heading: Heading | None = None
    labelled: tuple[tuple[Column, str], ...] = ()
    tail: Tail | None = None
    beside: tuple[str, str] | None = None

    @property
    def level(self) -> HeadingLevel:
        """That of the number; （1） stands below 1."""
        if self.heading is None or _BELOW_DIGITS.match(self.text):
            return HeadingLevel.NONE
        return self.heading.level

    @property
    def says_who(self) -> bool:
        """Whether it names those who act, by a label or in brackets."""
        return any(role in _ACTING for role, _ in self.labelled) or bool(self.tail and self.tail.agencies)

    @property
    def opens_by_label(self) -> bool:
        """Whether its label is one under which a task begins."""
        return any(role in (Column.NUMBER, Column.TITLE) for role, _ in self.labelled)


def texts_of(grid: Grid) -> list[Text]:
    """Every line of a document, counted from 1."""
    return [_seen(row, text) for row, text in enumerate(_texts(grid), 1)]


def _texts(grid: Grid) -> Iterator[str]:
    """Every line; of a table each row, its label and its value as one would type them."""
    for block in grid.blocks:
        if isinstance(block, Paragraph):
            if not block.is_contents_entry and not is_contents_entry(block.text.strip()):
                yield from filter(None, clean(block.text).split("\n"))
        else:
            yield from _rows(block)


def _rows(table: Table) -> Iterator[str]:
    rows = [
        filled for row in table.rows if (filled := [one_line(cell.text) for cell in row.cells if cell.text.strip()])
    ]
    if all(map(_is_labels_and_values, rows)):
        for filled in rows:
            yield from (f"{label}：{value}" for label, value in zip(filled[::2], filled[1::2], strict=True))
    else:
        yield from map("　".join, rows)


def _is_labels_and_values(filled: list[str]) -> bool:
    return len(filled) % 2 == 0 and all(map(_role, filled[::2])) and not any(map(_role, filled[1::2]))


def _seen(row: int, text: str) -> Text:
    labelled = tuple(_labelled(text))
    if labelled:
        return Text(row, text, labelled=labelled)
    match = _LABEL.match(text)
    if match and match["value"] and has_no_role(squeezed(match["label"])) and len(match["value"]) <= _LONGEST_BESIDE:
        return Text(row, text, beside=(squeezed(match["label"]), match["value"].strip()))
    # A line that is only a bracket: a tail is read behind a text, so a full stop stands in for one.
    alone = tail_of(f"。{text}") if text[0] in "（(〔[【" else None
    alone = alone if alone and alone.text == "。" else None
    heading = None if alone else numbered_heading(text, row)
    return Text(row, text, heading, tail=alone or tail_of(text))


def _labelled(text: str) -> Iterator[tuple[Column, str]]:
    """牵头单位：甲局 责任单位：乙局 as pairs; nothing where the line does not begin with such a label."""
    for part in _NEXT_LABEL.split(text):
        match = _LABEL.match(part)
        role = _role(match["label"]) if match else None
        if match is None or role is None or not match["value"]:
            return
        yield role, match["value"].strip()


def _role(label: str) -> Column | None:
    label = squeezed(label)
    role = role_of(label)
    if role in (None, Column.SECTION):
        return Column.TITLE if may_be(Column.TITLE, label) and len(label) <= 6 else None
    return role
