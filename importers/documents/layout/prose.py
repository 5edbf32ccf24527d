"""Lists in numbered paragraphs: sections, tasks, and who and when in brackets or on lines of their own."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from importers.documents.grammar.text import one_line
from importers.documents.grid import Cell, Grid, State
from importers.documents.layout.columns import Columns, Labelled, columns_of
from importers.documents.layout.doubts import read_as_above
from importers.documents.layout.found import SUB_HEADING, Layout, Line, ListRow
from importers.documents.layout.headings import (
    Heading,
    HeadingLevel,
    is_noise,
    is_note,
    names_a_list,
)
from importers.documents.layout.labels import PRINTED, SHOWN_AS, WHOLE, Column, only_helps
from importers.documents.layout.leaders import below_leaders, with_leaders
from importers.documents.layout.paragraphs import Text, is_signature, texts_of
from importers.documents.layout.rows import replaced, with_dittos
from importers.documents.layout.tails import Tail
from importers.documents.limits import Rejected
from importers.documents.values import Problem, gettext_noop, problem

_NOT_PLACED = gettext_noop("第{row}段没有归入任何事项，未导入：“{shown}”。如属清单内容，请调整文件后重新上传。")
_NAMES_NOBODY = gettext_noop(
    "文件中没有表格，{count}个编号段落（如“{shown}”）都没有写明由谁负责，不能作为清单读取。请在每项任务末尾写明，"
    "如“（市财政局牵头，市税务局配合，6月底前完成）”，或在下一行写“责任单位：市财政局”；也可下载导入页的模板填写后上传。"
)
_SHARED = gettext_noop("“{shown}”单独成段，位于所在部分最后一项任务之后，按适用于该部分的{count}项任务读取。请核对。")
_FEWEST_NUMBERED = 2
_LETTERS = {HeadingLevel.DIGITS: "1", HeadingLevel.NONE: "p"}
_ACTING = (Column.LEAD, Column.RESPONSIBLE)
_SENTENCE = re.compile("[。：:；;\n]")
_LONGEST_TITLE = 40
_LONGEST_SHOWN = 200


@dataclass(slots=True)
class _Task:
    """A task while its lines come in."""

    row: int
    number: str = ""
    lines: list[str] = field(default_factory=list)
    cells: dict[Column, str] = field(default_factory=dict)
    tail: Tail | None = None
    other: tuple[tuple[str, str], ...] = ()
    printed: list[str] = field(default_factory=list)
    led_by: str = ""
    only_helps: bool = False
    due: str = ""
    shared: Text | None = None

    @property
    def is_complete(self) -> bool:
        return self.tail is not None or any(role in self.cells for role in _ACTING)

    @property
    def is_empty(self) -> bool:
        return not any(self.lines) and not self.cells.get(Column.TITLE) and not self.cells.get(Column.TEXT)

    def add(self, role: Column, value: str) -> None:
        self.cells[role] = f"{self.cells[role]}\n{value}" if role in self.cells else value

    def takes(self, one: Text) -> bool:
        """Whether a line goes on with it. Below a line that says who leads only what is numbered surely does."""
        return not self.is_complete and (not self.led_by or one.heading is not None)

    def add_line(self, one: Text) -> None:
        if not one.is_label_alone:
            self.lines.append(one.tail.text if one.tail else one.text)
        self.tail = one.tail
        self.printed.append(one.text)

    def add_beside(self, label: str, value: str) -> None:
        """What stands behind a label that has no role; under one label line by line."""
        said = dict(self.other)
        self.other = tuple({**said, label: f"{said[label]}\n{value}" if label in said else value}.items())

    @property
    def beside(self) -> tuple[tuple[str, str], ...]:
        """What is kept with it as printed: its paragraphs whole."""
        printed = [*self.printed, self.shared.text] if self.shared else self.printed
        return (*self.other, (WHOLE, "\n".join(printed)))

    def tail_of(self, text: str) -> Tail | None:
        """Who acts and when, by the task's own bracket, the one it shares, or the heading above."""
        said = self.tail or (self.shared.tail if self.shared else None)
        when = (said.deadline if said else "") or self.due
        if said is None and not when:
            return None
        return Tail(text, said.agencies if said else "", when, self.tail.printed if self.tail else "")


def read_prose(grid: Grid) -> tuple[Layout, tuple[Problem, ...]] | None:
    """The list in the paragraphs of a document, and what does not fit into it; None when they hold none."""
    texts = with_leaders(texts_of(grid))
    owners = {one.row: one for one in (*_owners(texts), *below_leaders(texts))}
    is_led = any(one.leads for one in texts)
    if not owners and not is_led:
        return None
    counts = Counter(owner.level for owner in owners.values())
    # Tasks are on the level on which most say who acts; of two with as many, on the lower one. Below the names of
    # agencies they may have no number.
    tasks = max(counts, key=lambda level: (counts[level], level), default=HeadingLevel.NONE)
    level = HeadingLevel.DIGITS if _are_points_of_tasks(texts, tasks) else tasks
    reader = _Reader(texts, level, each_paragraph=not owners)
    reader.read()
    layout = reader.layout()
    told = (*map(_not_placed, reader.unplaced), *read_as_above(reader.dittos))
    return layout, (*told, *_shared(reader.tasks))


def names_nobody(grid: Grid) -> Rejected | None:
    """The refusal of a document whose paragraphs are numbered like tasks, none of which says who acts."""
    numbered = [one.text for one in texts_of(grid) if one.heading is not None and one.level < HeadingLevel.NONE]
    if len(numbered) < _FEWEST_NUMBERED:
        return None
    return Rejected("no_table", _NAMES_NOBODY, count=len(numbered), shown=numbered[-1][:_LONGEST_TITLE])


def _owners(texts: list[Text]) -> Iterator[Text]:
    """For each line that says who acts the one that opens its task."""
    opening: Text | None = None
    for one in texts:
        if one.leads:
            opening = None
        elif (one.heading and not one.is_point) or one.opens_by_label:
            opening = one
        if one.says_who and opening is not None:
            yield opening


def _not_placed(one: Text) -> Problem:
    shown = one.text if len(one.text) <= _LONGEST_SHOWN else one.text[:_LONGEST_SHOWN] + "…"
    return problem("paragraph_not_read", _NOT_PLACED, row=one.row, value=one.text, shown=shown)


def _shared(tasks: list[_Task]) -> Iterator[Problem]:
    """A bracket that is read for several tasks is told once, with their rows."""
    sharing = [task for task in tasks if task.shared]
    for bracket, group in groupby(sharing, key=lambda task: task.shared):
        rows = tuple(task.row for task in group)
        text = bracket.text if bracket else ""
        shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
        yield problem("bracket_shared", _SHARED, value=text, rows=rows, shown=shown, count=len(rows))


def _are_points_of_tasks(texts: list[Text], level: HeadingLevel) -> bool:
    """Whether （1） and （2） only divide 1.: lines behind the last of them say who acts in all, once for each task."""
    if level is not HeadingLevel.NONE or any(one.tail and one.tail.agencies for one in texts):
        return False
    named = [one for one in texts if one.heading or one.says_who]
    kinds = "".join("w" if one.says_who else _LETTERS.get(one.level, "s") for one in named)
    runs = re.sub("w+", "w", kinds)
    # 1 （1） （2） who, and so on; some task has several points, and no point says who before another one.
    return bool(re.fullmatch("(?:s*(?:1p*w))+s*", runs)) and "pp" in runs


class _Reader:
    """Goes through the lines once; `level` is that of the tasks. `each_paragraph`: below the name of an agency each
    paragraph is one."""

    def __init__(self, texts: list[Text], level: HeadingLevel, *, each_paragraph: bool) -> None:
        self.unplaced: list[Text] = []
        self._texts = texts
        self._level, self._each_paragraph = level, each_paragraph
        self._leader, self._leads_from, self._due = "", HeadingLevel.NONE, ""
        above = [one.level for one in texts if one.heading and one.level < level]
        self._sections = min(above, default=HeadingLevel.PART)
        self._parts: list[Heading | _Task] = []
        self._task: _Task | None = None
        self._sub_heading = ""
        self._waiting: list[Text] = []
        self._notes_open = self._is_attached = False
        self._title = ""
        self._notes: list[str] = []
        self._above: tuple[Cell, ...] = ()
        self.dittos: list[str] = []

    def read(self) -> None:
        for one in self._texts:
            self._take(one)
        self._leave_headings(HeadingLevel.PART)
        self._drop_empty()
        self.unplaced.sort(key=lambda one: one.row)
        self._find_title()

    def _drop_empty(self) -> None:
        """A number or a name of an agency without anything to be done is no task."""
        empty = {part.row for part in self._parts if isinstance(part, _Task) and part.is_empty}
        if empty:
            self._parts = [part for part in self._parts if not (isinstance(part, _Task) and part.is_empty)]
            unplaced = set(map(id, self.unplaced))
            self.unplaced = [one for one in self._texts if id(one) in unplaced or one.row in empty]

    def _take(self, one: Text) -> None:
        if self._is_beside_tasks(one):
            return
        if one.leads:
            self._take_leader(one)
        elif one.labelled:
            self._take_labelled(one)
        elif one.beside and self._task is not None:
            self._task.add_beside(*one.beside)
            self._task.printed.append(one.text)
        elif one.heading is not None and one.level < self._level:
            self._take_heading(one, one.heading)
        elif one.heading is not None and (one.level is self._level or (self._task and one.tail)):
            self._open(one, one.heading)
        elif self._each_paragraph and self._leader and not is_signature(one.text) and not is_note(one.text):
            self._begin(_Task(one.row, tail=one.tail)).add_line(one)
        # Once a task says who acts nothing goes on with it: what follows would be taken into it unseen.
        elif self._task is not None and self._task.takes(one) and not is_signature(one.text):
            self._task.add_line(one)
        elif is_note(one.text):
            self._notes.append(one.text)
            self._notes_open = True
        else:
            self.unplaced.append(one)
            self._is_attached = bool(self._parts) and one.text.startswith("附件")
            self._notes_open = False

    def _is_beside_tasks(self, one: Text) -> bool:
        """A bracket that is kept with each of its tasks; or a numbered line that says nothing of who acts and is a
        further note, or a further annex: 2.联系人名单."""
        if one.shares and self._task is not None and self._task.shared is not None:
            self._task = None
            return True
        is_beside = self._notes_open or self._is_attached
        if is_beside and one.level is HeadingLevel.DIGITS and not one.says_who_or_when:
            if self._notes_open:
                self._notes.append(one.text)
            else:
                self.unplaced.append(one)
            return True
        if one.heading or one.says_who_or_when:
            self._notes_open = self._is_attached = False
        return False

    def _take_labelled(self, one: Text) -> None:
        for role, value in one.labelled:
            task = self._task
            if role in (Column.NUMBER, Column.TITLE) and (task is None or role in task.cells or task.is_complete):
                task = self._begin(_Task(one.row))
            if task is None:
                self.unplaced.append(one)
                return
            task.add(role, value)
            task.only_helps = role is Column.RESPONSIBLE and only_helps(one.text)
            if one.text not in task.printed[-1:]:
                task.printed.append(one.text)

    def _leave_headings(self, level: HeadingLevel) -> None:
        """Headings of this level or below under which no task was found are told, with what they say."""
        left = [one for one in self._waiting if one.level >= level]
        if not left:
            return
        self.unplaced.extend(left)
        headings = [one.heading for one in left]
        self._waiting = [one for one in self._waiting if one.level < level]
        # They stand behind the last task.
        kept: list[Heading] = []
        while self._parts and isinstance(last := self._parts[-1], Heading):
            kept.append(last)
            self._parts.pop()
        self._parts.extend(one for one in reversed(kept) if one not in headings)

    def _take_leader(self, one: Text) -> None:
        if one.heading is not None:
            self._take_heading(one, one.heading)
        else:
            # 牵头单位： below a heading goes with it; the name of an agency begins anew.
            is_below = one.leads_from is not HeadingLevel.NONE
            self._sub_heading = "\n".join(filter(None, (self._sub_heading, one.text))) if is_below else one.text
            if not is_below:
                self._leave_headings(HeadingLevel.NONE)
                self._waiting.append(one)
            self._task = None
        self._leader, self._leads_from, self._due = one.leads, one.leads_from, one.due

    def _take_heading(self, one: Text, heading: Heading) -> None:
        if one.level <= self._leads_from:
            self._leader = self._due = ""
        self._leave_headings(one.level)
        self._waiting.append(one)
        self._task, self._sub_heading = None, ""
        if heading.level is self._sections:
            self._parts.append(heading)
        else:
            self._sub_heading = heading.printed

    def _open(self, one: Text, heading: Heading) -> None:
        """A task; a deeper number is a further measure of the one above."""
        body = heading.printed[heading.printed.find(heading.title) :] if heading.title else heading.printed
        number = one.text[: len(one.text) - len(body)] if one.level is self._level else ""
        task = self._begin(_Task(one.row, number.strip(), tail=one.tail, shared=one.shared))
        task.lines.append(one.tail.text[len(one.text) - len(body) :] if one.tail else body)
        task.printed.append(one.text)

    def _begin(self, task: _Task) -> _Task:
        task.led_by, task.due = self._leader, self._due
        task.other = ((SUB_HEADING, self._sub_heading),) if self._sub_heading else ()
        self._task = task
        self._parts.append(task)
        self._waiting.clear()
        return task

    def _find_title(self) -> None:
        """The line before the list that names one, else the first."""
        first = next((one.row for one in self._parts if one.row), 0)
        before = [one for one in self.unplaced if one.row < first and not is_noise(one.text)]
        named = [one for one in before if names_a_list(one.text)]
        found = next(iter(named or before), None)
        if found is not None:
            self._title = found.text
            self.unplaced.remove(found)

    @property
    def tasks(self) -> list[_Task]:
        """The tasks that were found."""
        return [part for part in self._parts if isinstance(part, _Task)]

    def layout(self) -> Layout:
        tasks = self.tasks
        # A column that no task uses is left out, so that it is told as missing.
        used = [role for role in PRINTED if role in PRINTED[1:3] or any(_uses(task, role) for task in tasks)]
        labelled = [Labelled(SHOWN_AS[role], place, 1, role) for place, role in enumerate(used)]
        columns = columns_of(labelled, tuple(one.label for one in labelled), len(used), len(used))
        lines: list[Line] = [self._line(part, columns) for part in self._parts]
        return Layout(self._title, lines, self._notes, columns, tuple(one.text for one in self.unplaced))

    def _line(self, part: Heading | _Task, columns: Columns) -> Line:
        if not isinstance(part, _Task):
            return part
        row = _row(part, columns)
        cells = with_dittos(row.cells, self._above)
        self.dittos.extend(replaced(row.cells, cells))
        self._above = cells
        return replace(row, cells=cells)


def _uses(task: _Task, role: Column) -> bool:
    return role in task.cells or (role is Column.NUMBER and bool(task.number))


def _row(task: _Task, columns: Columns) -> ListRow:
    """The six cells of a task: the title is its first sentence, the text the rest with what stands in brackets."""
    body = "\n".join(line for line in task.lines if line)
    title, text = (task.cells[Column.TITLE], body) if Column.TITLE in task.cells else _split(body)
    text = "\n".join(filter(None, (text, task.cells.get(Column.TEXT, "")))) or title
    printed = {
        **task.cells,
        Column.NUMBER: task.cells.get(Column.NUMBER, task.number),
        Column.TITLE: title,
        Column.TEXT: text + (task.tail.printed if task.tail else ""),
    }
    cells = tuple(_cell(printed.get(role, ""), place) for place, role in enumerate(PRINTED))
    tail = task.tail_of(text)
    if task.only_helps and Column.LEAD not in task.cells:
        place = PRINTED.index(Column.RESPONSIBLE)
        helping = cells[place]._replace(value=f"配合单位：{cells[place].value}")
        cells = (*cells[:place], helping, *cells[place + 1 :])
    return ListRow(task.row, cells, columns, other=task.other, tail=tail, beside=task.beside, led_by=task.led_by)


def _cell(text: str, place: int) -> Cell:
    return Cell(text, text, State.VALUE if text else State.BLANK, place, 1)


def _split(body: str) -> tuple[str, str]:
    """The first sentence as the title where it is short, and the rest; else all is both."""
    end = _SENTENCE.search(body)
    if end and end.start() <= _LONGEST_TITLE and body[end.end() :].strip():
        return body[: end.start()].strip(), body[end.end() :].strip()
    return one_line(body).rstrip("。，；"), body
