"""The lines of a document that is no table, each with what it may be."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from importers.documents.grammar.agencies import parse_agencies
from importers.documents.grammar.text import clean, one_line, squeezed
from importers.documents.grid import Grid, Paragraph, Table
from importers.documents.layout.headings import (
    Heading,
    HeadingLevel,
    is_contents_entry,
    is_noise,
    leader_in,
    numbered_heading,
)
from importers.documents.layout.labels import Column, has_no_role, may_be, role_of
from importers.documents.layout.tails import NEXT_LABEL, Tail, tail_of, where_labels_begin, who_and_when

# 牵头单位：市财政局. No stop or bracket before the colon, which would be a sentence.
_LABEL = re.compile(r"^(?P<label>[^：:。，,；;（(【〔［\[]{2,10})[：:]\s*(?P<value>\S.*)?$", re.DOTALL)
# 【牵头单位】市财政局, 牵头单位 市财政局: labels without a colon.
_ACTS = "(?:牵头|主办|主责|责任|配合|协办|承办)(?:单位|部门|科室)"
_IN_BRACKETS = re.compile(rf"[（(〔【［\[]({_ACTS}|(?:完成)?(?:时限|时间|期限))[）)〕】］\]][：:]?\s*(?=[^：:\s])")
_BEFORE_SPACE = re.compile(rf"^({_ACTS})\s+(?=[市省县区州各国])")
# 2022年6月30日, 二〇二二年六月三十日: the day below a document.
# 某市人民政府办公室 2022年6月30日印发.
_DAY = re.compile(
    r"^.{0,30}?(?:\d|[〇○零一二三四五六七八九]){4}年[\d一二三四五六七八九十]{1,2}月[\d一二三四五六七八九十]{1,3}日(?:印发)?$"
)
_MOST_OF_A_CARD = 30
# （牵头单位：市财政局 at the end of a line, and the line on which it is closed.
_OPENING = re.compile("[（(〔【［]")
_OPEN_BRACKET = re.compile(rf"[（(〔【［](?=[^（()）〔〕【】［］]*(?:{_ACTS}|牵头))[^（()）〔〕【】［］]*$")
_CLOSES = re.compile("^[^（(〔【［]*[）)〕】］]\\s*[。；;.]?$")
_MOST_OF_A_BRACKET = 8
_LABEL_OF_TEXT = re.compile("^(?:整改|具体|工作|主要|改革|推进|落实)?(?:举措|措施|内容|做法)[：:]$")
_POINT = re.compile(r"^(?:\d{1,2}[.．、]|[（(]\d{1,2}[)）]|[①-⑳])")
_SAYS_WHO = re.compile(f"{_ACTS}|牵头|负责")
_LABEL_ALONE = re.compile(f"^{_ACTS}[：:]$")
_LONGEST_LABEL, _LONGEST_VAGUE = 10, 6
_NUMBER_BEHIND = re.compile(r"(?<=.{2})(?:[一二三四五六七八九十]{1,3}|\d{1,3})$")
# Persons, telephones and the like; a longer line is a sentence.
_LONGEST_BESIDE = 60
_BELOW_DIGITS = re.compile(r"[(（]\d|[①-⑳]")
_CIRCLED = re.compile(r"^[①-⑳]\s*(?P<title>\S.*)$")
# 1.市教育局：新建学校2所.
_AGENCY_AHEAD = re.compile("^(?P<names>[^：:。，；（(]{3,40})[：:]\\s*(?P<text>\\S.*)$")
Vague = dict[str, Column | None]
_ACTING = (Column.LEAD, Column.RESPONSIBLE)
_WHO_OR_WHEN = {*_ACTING, Column.DEADLINE}


@dataclass(frozen=True, slots=True)
class Text:
    """One line of a document with what it may be: a heading, something labelled, who and when in brackets.

    `beside` is a label that has no role (牵头领导：…) and what stands behind it. `leads`: it says who leads the tasks
    below it, down to the next heading of the level `leads_from`, and `due` by when. `shared` is the bracket behind the
    last task of a section that holds for this one as well, and `shares` that bracket itself.
    """

    row: int
    text: str
    heading: Heading | None = None
    labelled: tuple[tuple[Column, str], ...] = ()
    tail: Tail | None = None
    beside: tuple[str, str] | None = None
    leads: str = ""
    leads_from: HeadingLevel = HeadingLevel.NONE
    due: str = ""
    shared: "Text | None" = None
    shares: bool = False

    @property
    def is_label_alone(self) -> bool:
        """责任单位： with nobody behind it."""
        return bool(_LABEL_ALONE.match(self.text))

    @property
    def is_bracket(self) -> bool:
        """Whether it is a bracket that says who acts, or when, and nothing else."""
        return self.tail is not None and not self.tail.text

    @property
    def level(self) -> HeadingLevel:
        """That of the number; （1） stands below 1."""
        if self.heading is None or _BELOW_DIGITS.match(self.text):
            return HeadingLevel.NONE
        return self.heading.level

    @property
    def is_point(self) -> bool:
        """①: it divides a task and is none by itself."""
        return bool(_CIRCLED.match(self.text))

    @property
    def says_who(self) -> bool:
        """Whether it names those who act, by a label or in brackets."""
        return any(role in _ACTING for role, _ in self.labelled) or bool(self.tail and self.tail.agencies)

    @property
    def says_who_or_when(self) -> bool:
        """Whether it names those who act, or by a label the day."""
        return self.says_who or any(role is Column.DEADLINE for role, _ in self.labelled)

    @property
    def opens_by_label(self) -> bool:
        """Whether its label is one under which a task begins."""
        return any(role in (Column.NUMBER, Column.TITLE) for role, _ in self.labelled)


def texts_of(grid: Grid) -> list[Text]:
    """Every line of a document, counted from 1."""
    lines = list(_whole(list(_texts(grid))))
    vague = _vague_labels([text for _, text in lines])
    return [seen(row, part, vague) for row, text in lines for part in _parted(text)]


def _whole(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines, counted from 1; a bracket that goes on below its line is one with it, and so is a label with its
    value."""
    place = 0
    while place < len(lines):
        end = _end_of_bracket(lines, place) or _end_of_points(lines, place)
        end = end or (place + 2 if _has_value_below(lines, place) else place + 1)
        yield place + 1, "\n".join(lines[place:end])
        place = end


def _end_of_bracket(lines: list[str], place: int) -> int:
    """Where a bracket that says who acts is closed on a line below; 0 where none is open."""
    if not _OPEN_BRACKET.search(lines[place]):
        return 0
    for end in range(place + 1, min(place + _MOST_OF_A_BRACKET, len(lines))):
        if _CLOSES.match(lines[end]):
            return end + 1
        if _OPENING.search(lines[end]) or numbered_heading(lines[end], None):
            return 0
    return 0


def _end_of_points(lines: list[str], place: int) -> int:
    """Where the points below 整改措施： end, which are what that label holds; 0 where none follow."""
    if not _LABEL_OF_TEXT.match(lines[place]):
        return 0
    end = place + 1
    while end < len(lines) and _POINT.match(lines[end]) and not _SAYS_WHO.search(lines[end]):
        end += 1
    return end if end > place + 1 else 0


def _has_value_below(lines: list[str], place: int) -> bool:
    """责任单位： with the names of agencies, and nothing else, on the next line."""
    if not _LABEL_ALONE.match(lines[place]) or place + 1 == len(lines):
        return False
    found = parse_agencies(lines[place + 1])
    return bool(found.names) and not found.problems


def _texts(grid: Grid) -> Iterator[str]:
    """Every line; of a table each row, its label and its value as one would type them."""
    for block in grid.blocks:
        if isinstance(block, Paragraph):
            if not block.is_contents_entry and not is_contents_entry(block.text.strip()):
                yield from filter(None, clean(block.text).split("\n"))
        else:
            yield from _rows(block)


def _rows(table: Table) -> Iterator[str]:
    printed = [[clean(cell.text) for cell in row.cells] for row in table.rows]
    rows = [[one_line(text) for text in texts] for texts in printed]
    rows = [texts if len(texts) % 2 == 0 else [text for text in texts if text] for texts in rows if any(texts)]
    if _are_labels_and_values([texts for texts in rows if len(texts) > 1]):
        for texts in rows:
            pairs = zip(texts[::2], texts[1::2], strict=False)
            said = [f"{label}：{value}" for label, value in pairs if value]
            yield from texts if len(texts) == 1 else said
    else:
        for texts in printed:
            # Lines of a cell are lines: 牵头单位：甲局 and 完成时限：6月 below a task in one cell.
            yield from filter(None, _beside_each_other(texts).split("\n"))


def _beside_each_other(texts: list[str]) -> str:
    """The cells of a row in one line; one that begins with a label (责任领导：王刚) is a line of its own."""
    filled = [text for text in texts if text]
    return "".join(
        f"{'' if not place else chr(10) if _LABEL.match(text) else '　'}{text}" for place, text in enumerate(filled)
    )


def are_cards(table: Table) -> bool:
    """Whether a table is one task, with labels beside values in several rows: 任务名称 | …, 牵头单位 | …."""
    if len(table.rows) > _MOST_OF_A_CARD:
        return False
    rows = [[one_line(cell.text) for cell in row.cells] for row in table.rows]
    rows = [texts for texts in rows if any(texts)]
    return len(rows) > 1 and all(len(texts) > 1 for texts in rows) and _are_labels_and_values(rows)


def _are_labels_and_values(rows: list[list[str]]) -> bool:
    """Whether each row has labels with a value beside each, and one of them says who acts, or when."""
    if not rows or any(len(texts) % 2 or _has_labels_alone(texts) for texts in rows):
        return False
    labels = {squeezed(label) for texts in rows for label in texts[::2] if label}
    roles = {role_of(label) for label in labels}
    return all(map(_is_label, labels)) and bool(roles & _WHO_OR_WHEN)


def _has_labels_alone(texts: list[str]) -> bool:
    """Whether a row is the header of a table: 序号 | 改革事项 | 具体举措 | 牵头单位 are no two pairs.

    Beside its label a value may read like one, of its own kind: 任务名称 | 推进医保改革, 完成时限 | 按规定时限.
    """
    roles = [role_of(text) for text in texts]
    pairs = zip(roles[::2], roles[1::2], strict=True)
    return bool({*roles[1::2]} & _WHO_OR_WHEN) and not any(label and label == value for label, value in pairs)


def _is_label(text: str) -> bool:
    is_named = role_of(text) is not None or has_no_role(text)
    return len(text) <= _LONGEST_LABEL and (is_named or may_be(Column.TITLE, text) or may_be(Column.TEXT, text))


def _parted(text: str) -> Iterator[str]:
    """1.建设学校。责任单位：市教育局 as two lines; a label inside brackets is part of them."""
    place = where_labels_begin(text)
    yield from (text[:place].rstrip(), text[place:]) if place else (text,)


def _vague_labels(lines: list[str]) -> Vague:
    """What labels like 重点工作 and 整改目标 stand for in this document: those that open its tasks are titles."""
    counts: Counter[str] = Counter()
    headings: Counter[HeadingLevel] = Counter()
    opens, named, is_said = "", set[Column | None](), False
    for line in lines:
        match = _LABEL.match(line)
        label = _bare(match["label"]) if match and match["value"] else ""
        if not label:
            heading = numbered_heading(line, None)
            headings.update([heading.level] if heading else [])
            continue
        role = role_of(label)
        named.add(role)
        is_said = is_said or role in _ACTING
        if role in (None, Column.SECTION) and len(label) <= _LONGEST_VAGUE and may_be(Column.TITLE, label):
            opens = opens or (label if not is_said else "")
            counts[label] += 1
    if Column.TITLE in named or counts[opens] in headings.values():
        opens = ""
    # A label that opens no task says what is to be done where no other does.
    text = next((one for one in counts if one != opens and may_be(Column.TEXT, one)), "")
    text = "" if Column.TEXT in named else text
    return {one: Column.TITLE if one == opens else Column.TEXT if one == text else None for one in counts}


def seen(row: int, text: str, vague: Vague | None = None) -> Text:
    """A line with what it may be; `vague` are the roles of labels that may mean anything."""
    labelled = tuple(_labelled(text, vague or {}))
    if labelled:
        return Text(row, text, labelled=labelled)
    match = _LABEL.match(text)
    label = _bare(match["label"]) if match and match["value"] else ""
    if match and label and (label in (vague or {}) or (has_no_role(label) and len(match["value"]) <= _LONGEST_BESIDE)):
        return Text(row, text, beside=(label, match["value"].strip()))
    # A line that is only a bracket: a tail is read behind a text, so a full stop stands in for one.
    alone = tail_of(f"。{text}") if text[0] in "（(〔[【" else None
    alone = replace(alone, text="") if alone and alone.text == "。" else None
    heading = None if alone else numbered_heading(text, row) or _circled(text, row)
    return Text(row, text, heading, tail=alone or tail_of(text) or (_ahead(heading) if heading else None))


def _circled(text: str, row: int) -> Heading | None:
    """①新建学校: a point of the task above."""
    match = _CIRCLED.match(text)
    return Heading(None, match["title"], text, row) if match else None


def _ahead(heading: Heading) -> Tail | None:
    """Who acts where that stands in front of a numbered task."""
    match = _AGENCY_AHEAD.match(heading.title)
    names = leader_in(match["names"]) if match else ""
    if match is None or not names or not heading.printed.endswith(heading.title):
        return None
    number = heading.printed.removesuffix(heading.title)
    return Tail(number + match["text"], names, "")


def _labelled(text: str, vague: Vague) -> Iterator[tuple[Column, str]]:
    """牵头单位：甲局 责任单位：乙局 as pairs; nothing where the line does not begin with such a label."""
    for part in NEXT_LABEL.split(_with_colons(text)):
        match = _LABEL.match(part)
        role = _role(_bare(match["label"]), vague) if match else None
        if match is None or role is None or not match["value"]:
            return
        value = match["value"].strip()
        value = value.rstrip("；;，,") if role is Column.TITLE else value
        who, when = who_and_when(value) if role in _ACTING else ("", "")
        if when:
            yield Column.DEADLINE, when
        yield role, who or value


def _with_colons(text: str) -> str:
    """【牵头单位】市财政局【完成时限】6月底 as 牵头单位：市财政局 完成时限：6月底."""
    if _IN_BRACKETS.match(text):
        return _IN_BRACKETS.sub(r" \1：", text).lstrip()
    return _BEFORE_SPACE.sub(r"\1：", text)


def _bare(label: str) -> str:
    """问题 of 问题一 and 问题2: the number tells one of them from the others."""
    return _NUMBER_BEHIND.sub("", squeezed(label))


def _role(label: str, vague: Vague) -> Column | None:
    role = role_of(label)
    return vague.get(label) if role in (None, Column.SECTION) else role


def is_signature(text: str) -> bool:
    """The issuer or the day below a document."""
    found = parse_agencies(text)
    return is_noise(text) or found.names == (text,) or bool(_DAY.match(squeezed(text)))
