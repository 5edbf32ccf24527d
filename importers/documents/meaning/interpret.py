"""From laid-out rows to sections, items and measures (the rules of reading the table), and doubts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from importers.documents.grammar.agencies import NOBODY, Agencies
from importers.documents.grammar.deadlines import NO_DEADLINE, Deadline, parse_deadline
from importers.documents.grammar.roles import (
    Roles,
    Unmarked,
    led,
    parse_offices,
    parse_roles,
    read_columns,
    read_offices,
)
from importers.documents.grammar.text import Number, clean, is_ditto, one_line, parse_number, squeezed
from importers.documents.grid import UNREADABLE, Cell, State
from importers.documents.layout.found import SUB_HEADING, Leader, Line, ListRow
from importers.documents.layout.headings import Heading
from importers.documents.layout.labels import PRINTED, Column
from importers.documents.layout.legend import Legend, with_roles_said
from importers.documents.layout.tails import who_inside
from importers.documents.meaning.messages import doubt, who_leads
from importers.documents.meaning.numbering import Opened, doubts, repeats_numbers
from importers.documents.values import ParsedMeasure, ParsedSection, PrintedCells, Problem

# By these names because there are twenty to a row, and an attribute of an enum takes ten times as long to find.
_NUMBER, _TITLE, _TEXT, _LEAD, _RESPONSIBLE, _DEADLINE = PRINTED
NOT_IN_A_SECTION = "未分任务类别"
"""What the portal shows in place of a section for what has none."""
# （1） and ① number what stands below an item with a plain number.
_LOWER = re.compile(r"\s*(?:[（(][^（()）]{1,3}[)）]|[①-⑳])\s*$")
_SHARED, _ABSENT, _MERGED = State.SHARED, State.ABSENT, State.MERGED


@dataclass(slots=True)
class _Item:
    """The item that rows without a number belong to."""

    no: int | None
    national: bool
    title: str
    upper: int | None = None
    measures: int = 0
    is_lower: bool = False

    @property
    def key(self) -> tuple[int | None, int | None]:
        return self.no, self.upper

    def is_called(self, title: str) -> bool:
        return self.title == title or squeezed(self.title) == squeezed(title)


class _Called:
    """The items of one number by their titles; most numbers have one, whose title is compared as it stands."""

    __slots__ = ("_by_title", "_first")

    def __init__(self, title: str, item: _Item) -> None:
        self._first = (title, item)
        self._by_title: dict[str, _Item] = {}

    def find(self, title: str) -> _Item | None:
        """The item that has had this title, white space and width of characters apart."""
        if title == self._first[0]:
            return self._first[1]
        return self._all().get(squeezed(title))

    def add(self, title: str, item: _Item) -> None:
        """From now on this is a title of the item, unless another has it."""
        self._all().setdefault(squeezed(title), item)

    def _all(self) -> dict[str, _Item]:
        if not self._by_title:
            self._by_title[squeezed(self._first[0])] = self._first[1]
        return self._by_title


class Interpreter:
    """Reads the lines of one list in order."""

    def __init__(self, year: int | None, unmarked: Unmarked | None = None, legend: Legend | None = None) -> None:
        """`unmarked` is who leads where no word says so; None: the first, and it is asked. `legend`: what marks beside
        agencies stand for."""
        self._year = year
        self._legend = legend or {}
        self._unmarked = unmarked
        self._led_by_order: list[int] = []
        self.sections: list[ParsedSection] = []
        self._sections_by_title: dict[str, ParsedSection] = {}
        self.measures: list[ParsedMeasure] = []
        self.problems: list[Problem] = []
        self._section: ParsedSection | None = None
        self._section_numbers: set[int] = set()
        self._leader = self._sub_heading = self._without_rows = ""
        self._item: _Item | None = None
        self._items: dict[tuple[int, int | None], _Called] = {}
        self._by_title = 0
        self._opened: list[Opened] = []
        self._is_flat = False
        self._says_when = self._by_level = False
        self._retitled_in_flat: list[tuple[int | None, int, str, str]] = []
        self._place: tuple[int | None, int] = (None, 0)

    def read(self, lines: Sequence[Line]) -> None:
        """Take in all lines; sections, measures and problems are complete afterwards."""
        self._is_flat = repeats_numbers(lines)
        self._says_when = any(isinstance(line, ListRow) and line.tail and line.tail.deadline for line in lines)
        # Of agencies of several levels the first named is no more likely to lead than the others.
        headers = {id(line.columns): line.columns for line in lines if isinstance(line, ListRow)}
        self._by_level = any(columns.by_level for columns in headers.values())
        for line in lines:
            if isinstance(line, ListRow):
                self._duty(line)
            elif isinstance(line, Leader):
                self._leave_sub_heading()
                self._leader = self._leader if line.names is None else line.names
                self._sub_heading = self._without_rows = line.printed
            else:
                self._leave_sub_heading()
                self._open_section(line)
        self._leave_sub_heading()
        self._check_numbers()
        self._ask_who_leads()
        # Doubts about numbers come last but belong to their rows.
        self.problems.sort(key=lambda problem: problem.row or 0)
        self._drop_empty_sections()
        if self.measures and not self.sections:
            self._problem("no_section")

    def _leave_sub_heading(self) -> None:
        """A sub-heading without rows is told."""
        if self._without_rows:
            self._problem("paragraph_not_read", value=self._without_rows)
        self._without_rows = ""

    def _open_section(self, heading: Heading) -> None:
        key = squeezed(heading.title)
        # A heading that is printed again, behind a page break, opens nothing.
        if self._section is not None and squeezed(self._section.title) == key:
            return
        self._leader, self._sub_heading, self._item = "", "", None
        known = self._sections_by_title.get(key)
        # A heading without rows, such as that of a part, leaves its number to the sections in it.
        taken = self._section_numbers
        number = heading.no if heading.no and heading.no not in taken else max(taken, default=0) + 1
        self._section = known or ParsedSection(number, heading.title, heading.printed)
        if known is None:
            self.sections.append(self._section)
            self._sections_by_title[key] = self._section

    def _drop_empty_sections(self) -> None:
        """A heading without rows is told; it is no section, but it is printed."""
        used = {(measure.section_no, measure.section) for measure in self.measures}
        empty = [one for one in self.sections if (one.no, one.title) not in used] if self.measures else []
        for section in empty:
            self._problem("paragraph_not_read", value=section.printed)
        self.sections = [one for one in self.sections if (one.no, one.title) in used]

    def _duty(self, duty: ListRow) -> None:
        # Our own 台账 has these words where a measure has no section.
        if duty.section.strip() == NOT_IN_A_SECTION:
            if self._section is not None:
                self._section, self._leader, self._sub_heading, self._item = None, "", "", None
        elif duty.section.strip():
            self._open_section(_heading_in_column(one_line(duty.section)))
        number_cell, title_cell, text_cell, _, _, deadline_cell = duty.cells
        number = parse_number(number_cell.text)
        self._place = (None, duty.row)
        title = duty.tail.text if duty.tail and not duty.columns.has(_TEXT) else title_cell.value
        item = self._item_of(number, number_cell.text, one_line(title), duty)
        item.measures += 1
        self._without_rows = ""
        self._item = item
        self._place = (item.no, duty.row)
        roles = self._roles(duty)
        deadline_text = clean(deadline_cell.value) or (duty.tail.deadline if duty.tail else "")
        deadline = self._deadline(deadline_text)
        states = [cell.state for cell in duty.cells]
        self._check_row(duty, states, roles, deadline)
        section = self._section
        if section:
            self._section_numbers.add(section.no)
        self.measures.append(
            ParsedMeasure(
                section_no=section.no if section else None,
                section=section.title if section else "",
                item_no=item.no,
                national=item.national,
                item_title=item.title,
                seq_in_item=item.measures,
                text=_text(duty, text_cell) if duty.columns.has(_TEXT) else item.title,
                lead=roles.lead.names,
                lead_note=roles.lead.note,
                responsible=roles.responsible.names,
                deadline_text=deadline_text,
                deadline=deadline.date,
                ongoing=deadline.ongoing,
                row=duty.row,
                printed=_printed(duty, states, self._below_heading(duty.beside)),
                milestones=deadline.milestones,
                other=self._below_heading(duty.other),
            )
        )

    def _below_heading(self, beside: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return ((SUB_HEADING, self._sub_heading), *beside) if self._sub_heading else beside

    def _item_of(self, number: Number, printed: str, title: str, duty: ListRow) -> _Item:
        if not duty.columns.has(_TITLE):
            title = one_line(_text(duty, duty.cells[PRINTED.index(_TEXT)]))
        if number.value is None or self._is_part_of_item(number, printed, title, duty):
            return self._continued(number, printed, title, duty)
        if self._is_flat and self._item is not None and self._goes_on_with(self._item, number):
            return self._repeated(self._item, title)
        restarts = number.value == 1 and self._is_first_of_a_later_section()
        if restarts:
            # Numbers count within their section: the same number and title in another one is another item.
            self._items = {}
        # The number again without its title goes on with the item.
        if not title and self._item is not None and self._item.key == (number.value, number.upper):
            return self._item
        known = self._items.get((number.value, number.upper))
        item = known.find(title) if known else None
        if item is not None:
            return self._retitled(item, title)
        item = _Item(number.value, number.starred, title, number.upper, is_lower=bool(_LOWER.match(printed)))
        section = self._section.title if self._section else ""
        self._opened.append(Opened(number.value, title, printed.strip(), duty.row, section, restarts))
        self._call(item, title)
        return item

    def _goes_on_with(self, item: _Item, number: Number) -> bool:
        """Whether a row of a flat sheet has the number of the row above, in the same section."""
        return item.key == (number.value, number.upper) and not self._is_first_of_a_later_section()

    def _repeated(self, item: _Item, title: str) -> _Item:
        """The item of the row above, also under another title."""
        if title and not item.is_called(title):
            self._retitled_in_flat.append((item.no, self._place[1], item.title, title))
        return self._retitled(item, title) if title else item

    def _is_part_of_item(self, number: Number, printed: str, title: str, duty: ListRow) -> bool:
        """3.1 and 3.2 below the item 3 are measures of it; so are （1） and ① below 3 without titles of their own."""
        item = self._item
        if item is None:
            return False
        if number.upper is not None:
            return item.upper is None and item.no == number.upper
        return not title and duty.columns.has(_TITLE) and not item.is_lower and bool(_LOWER.match(printed))

    def _is_first_of_a_later_section(self) -> bool:
        """Whether no row of this section has been read, but rows of another one have."""
        return bool(self.measures) and (self.measures[-1].section != (self._section.title if self._section else ""))

    def _continued(self, number: Number, printed: str, title: str, duty: ListRow) -> _Item:
        """A row without a number goes on with the item above; it may have a title of its own."""
        if not duty.columns.has(_NUMBER):
            return self._numbered_by_title(title)
        if number.value is None and not number.is_blank:
            self._problem("number_order", _NUMBER, printed.strip(), unreadable=True)
            return _Item(None, number.starred, title)
        if self._item is None:
            self._problem("orphan_continuation", _NUMBER)
            return _Item(None, national=False, title=title)
        return self._retitled(self._item, title) if title else self._item

    def _retitled(self, item: _Item, title: str) -> _Item:
        """The item under the title of this row; it may be opened again under any of its titles."""
        if not item.is_called(title):
            item.title = title
            if item.no is not None:
                self._call(item, title)
        return item

    def _call(self, item: _Item, title: str) -> None:
        key = (item.no or 0, item.upper)
        if key in self._items:
            self._items[key].add(title, item)
        else:
            self._items[key] = _Called(title, item)

    def _numbered_by_title(self, title: str) -> _Item:
        """A list without numbers: each new title opens the next item."""
        if self._item is not None and (not title or self._item.is_called(title)):
            return self._item
        self._by_title += 1
        return _Item(self._by_title, national=False, title=title)

    def _roles(self, duty: ListRow) -> Roles:
        roles = self._read_roles(duty, self._unmarked or (Unmarked.NONE if self._by_level else Unmarked.FIRST))
        if roles.by_order:
            self._led_by_order.append(duty.row)
        self._report(_LEAD, roles.lead)
        self._report(_RESPONSIBLE, roles.responsible)
        for name in roles.lead.names:
            if name in roles.responsible.names:
                self._problem("duplicate_agency", _RESPONSIBLE, name, in_both=True)
        return roles

    def _read_roles(self, duty: ListRow, unmarked: Unmarked) -> Roles:
        lead, responsible = duty.cells[3].value, duty.cells[4].value
        if duty.led_by and not lead:
            own = "；".join(filter(None, (responsible, duty.tail.agencies if duty.tail else "")))
            return led(duty.led_by, own, unmarked)
        # Brackets in the text count only where no cell names anybody.
        if self._legend and lead and responsible:
            lead, responsible = with_roles_said(lead, self._legend), with_roles_said(responsible, self._legend)
        named = lead or responsible or (duty.tail.agencies if duty.tail else "")
        said = with_roles_said(named, self._legend) if self._legend and not (lead and responsible) else named
        # A mark tells who leads where one column holds them all.
        if said != named or (named and not lead and not responsible):
            return parse_roles(said, unmarked)
        return self._read_cells(duty, lead, responsible, unmarked)

    def _read_cells(self, duty: ListRow, lead: str, responsible: str, unmarked: Unmarked) -> Roles:
        columns = duty.columns
        if columns.names_offices:
            return read_offices(lead, responsible) if columns.has(_LEAD) else parse_offices(responsible, unmarked)
        if duty.cells[3].state is _SHARED:
            return parse_roles(responsible, unmarked)
        if columns.has(_LEAD) or columns.only_help or self._leader:
            return read_columns(lead or self._leader, responsible)
        return parse_roles(responsible, unmarked) if columns.has(_RESPONSIBLE) else Roles(NOBODY, NOBODY)

    def _report(self, role: Column, agencies: Agencies) -> None:
        for problem in agencies.problems:
            self._problem(problem.kind, role, problem.value)

    def _deadline(self, text: str) -> Deadline:
        deadline = parse_deadline(text, self._year)
        for problem in deadline.problems:
            earlier = "、".join(map(str, deadline.milestones))
            self._problem(problem.kind, _DEADLINE, text, day=deadline.date, milestone=earlier)
        return deadline

    def _check_row(self, duty: ListRow, states: list[State], roles: Roles, deadline: Deadline) -> None:
        columns = duty.columns
        if not deadline.date and deadline == NO_DEADLINE and (columns.has(_DEADLINE) or duty.tail or self._says_when):
            self._problem("missing_deadline", _DEADLINE)
        is_asked_once = roles.by_order and self._unmarked is None
        if not roles.lead.names and not roles.lead.problems and not is_asked_once:
            role = _LEAD if columns.has(_LEAD) else _RESPONSIBLE
            self._problem("missing_lead", role, duty.cells[PRINTED.index(role)].text or None)
        self._check_brackets(duty, roles)
        _, title, text, *_ = duty.cells
        for role, cell in ((_TITLE, title), (_TEXT, text)):
            if cell.text in UNREADABLE or is_ditto(cell.value):
                self._problem("error_cell", role, cell.text, unreadable_text=True)
        if columns.has(_TEXT) and columns.has(_TITLE) and not text.value.strip() and not title.value.strip():
            self._problem("short_row", _TEXT)
        # Without a number or a title the row goes on with the one above; that is no loss.
        for role in _in_state(states, _ABSENT):
            if role in PRINTED[2:] and columns.has(role):
                self._problem("short_row", role)
                break

    def _check_brackets(self, duty: ListRow, roles: Roles) -> None:
        """Where who acts is read from the text, a bracket within it that names somebody else is told."""
        if duty.columns.names_agencies or duty.tail is None or not duty.tail.agencies:
            return
        read = {*roles.lead.names, *roles.responsible.names}
        title = duty.cells[PRINTED.index(_TITLE)].value if duty.columns.has(_TEXT) else ""
        for inside in who_inside(f"{title}\n{duty.tail.text}"):
            named = parse_roles(inside)
            if not read.issuperset((*named.lead.names, *named.responsible.names)):
                self._problem("agency_review", _RESPONSIBLE, inside)

    def _check_numbers(self) -> None:
        if self._retitled_in_flat:
            no, row, other, title = self._retitled_in_flat[0]
            self._place = (no, row)
            rows = [one[1] for one in self._retitled_in_flat]
            facts = {"flat": True, "other": other, "title": title, "count": len(rows), "rows": rows}
            self._problem("duplicate_number", _NUMBER, str(no), **facts)
        for found in doubts(self._opened):
            self._place = (found.item.no, found.item.row)
            self._problem(found.kind, _NUMBER, found.item.printed, **found.facts)

    def _ask_who_leads(self) -> None:
        """Asked once for the list, not for each row."""
        rows = self._led_by_order
        if rows and self._unmarked is None:
            self.problems.append(who_leads(tuple(rows), by_level=self._by_level))

    def _problem(self, kind: str, role: Column | None = None, value: str | None = None, **facts: object) -> None:
        item_no, row = self._place if role else (None, 0)
        self.problems.append(doubt(kind, (item_no, row or None), role.value if role else None, value, facts))


def _text(duty: ListRow, cell: Cell) -> str:
    return clean(duty.tail.text if duty.tail else cell.value)


def _heading_in_column(text: str) -> Heading:
    from_text = parse_number(text.split("、", 1)[0]) if "、" in text else None
    if from_text and from_text.value:
        return Heading(from_text.value, text.split("、", 1)[1], text, None)
    return Heading(None, text, text, None)


def _printed(duty: ListRow, states: list[State], beside: tuple[tuple[str, str], ...]) -> PrintedCells:
    number, title, text, lead, responsible, deadline = duty.cells
    merged = tuple([role.value for role in _in_state(states, _MERGED)])
    return PrintedCells(number.text, title.text, text.text, lead.text, responsible.text, deadline.text, merged, beside)


def _in_state(states: list[State], state: State) -> tuple[Column, ...]:
    """The cells of a row in one state; for most rows and states there are none."""
    if state not in states:
        return ()
    return tuple(role for role, found in zip(PRINTED, states, strict=True) if found is state)
