"""What each row and paragraph is: a heading, a header, a duty, a note, or no part of the list."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from importers.documents.grammar.numbers import parse_number
from importers.documents.grammar.text import clean, one_line, squeezed
from importers.documents.grid import Cell, Grid, Paragraph, Row, State, Table
from importers.documents.layout.bodies import settled
from importers.documents.layout.columns import Columns
from importers.documents.layout.doubts import missing_columns, several_lists, unread_columns
from importers.documents.layout.found import Layout, Leader, Line, ListRow
from importers.documents.layout.given import NOT_GIVEN, GivenColumns
from importers.documents.layout.headings import (
    Heading,
    HeadingLevel,
    attached_list,
    goes_on_with_notes,
    is_contents_entry,
    is_noise,
    is_note,
    is_total,
    leader_in,
    looks_like_a_heading,
    may_be_a_heading,
    names_a_list,
    numbered_heading,
    plain_heading,
    without_continuation,
)
from importers.documents.layout.labels import PRINTED, SHOWN_AS, Column
from importers.documents.layout.paragraphs import is_signature, seen
from importers.documents.layout.rows import (
    Header,
    duties_above,
    find_header,
    first_value,
    fits,
    header_again,
    is_total_row,
    names_twice,
    note_lines,
    whole_row,
)
from importers.documents.layout.tails import Tail, tail_in_cell, tail_of
from importers.documents.limits import Rejected
from importers.documents.sentences import gettext_noop, problem
from importers.documents.values import Problem

_NO_LIST = gettext_noop("未找到清单表格：第{number}张表缺少{names}列。请指定各列含义或更换文件。")
_SIDE_BY_SIDE = gettext_noop("第{number}张表左右并排了两栏事项，一行有两个序号，无法逐行读取。请改为一栏后重新上传。")
_TABLE_LEFT = gettext_noop(
    "第{number}张表（{count}行，“{shown}”）没有识别为清单的一部分，未导入。如属清单内容，请检查表头名称。"
)
_PARAGRAPH_LEFT = gettext_noop(
    "表格之外的一段没有归入任何事项，未导入：“{shown}”。如属清单内容，请列入表格后重新上传。"
)
_LONGEST_HEADING = 40
_LOOKED_AT = 50
# By these names because they are asked for in every row, and an attribute of an enum takes ten times as long to find.
_VALUE, _MERGED, _SECTION = State.VALUE, State.MERGED, Column.SECTION
_CELLS_SHOWN, _LONGEST_SHOWN = 12, 200


def lay_out(grid: Grid, given: GivenColumns = NOT_GIVEN) -> tuple[Layout, tuple[Problem, ...]]:
    """The list in a document, and the problems of finding it. Raises `Rejected` when there is none.

    `given` is what a person said the columns hold, for tables that have as many.
    """
    reader = _LineReader(given)
    for block in grid.blocks:
        if isinstance(block, Paragraph):
            reader.paragraph(block)
        else:
            reader.table(block)
    if not reader.lists:
        raise reader.rejection()
    reader.pass_by()
    # Of several lists the longest is read; the others are told as not read.
    chosen = max(reader.lists, key=lambda layout: layout.duties)
    beside = (*several_lists(reader.lists, chosen), *reader.unplaced)
    return chosen, (*beside, *missing_columns(chosen), *unread_columns(chosen))


class _LineReader:
    """Goes through a document once and remembers what has been seen."""

    def __init__(self, given: GivenColumns) -> None:
        self.lists: list[Layout] = []
        self._given = given
        self._before: list[str] = []
        self._used: set[str] = set()
        self._listed = False
        self.unplaced: list[Problem] = []
        self._tables = 0
        self._nearest: tuple[int, Columns] | None = None
        self._notes_open = False

    def paragraph(self, paragraph: Paragraph) -> None:
        text = one_line(paragraph.text)
        if not text or paragraph.is_contents_entry or is_contents_entry(paragraph.text.strip()):
            return
        self._before.append(text)
        if self.lists:
            self._note(text)

    def _note(self, text: str) -> None:
        self._notes_open = self._is_note(text)
        if self._notes_open:
            self.lists[-1].notes.append(text)
            self._used.add(text)

    def _is_note(self, text: str) -> bool:
        """Whether a line is a note, or goes on with the one before it."""
        return is_note(text) or (self._notes_open and goes_on_with_notes(text))

    def table(self, table: Table) -> None:
        if not table.rows:
            return
        self._tables += 1
        self._notes_open = False
        if any(names_twice(row) for row in table.rows[:_LOOKED_AT]):
            where = f"第{self._tables}张表"
            raise Rejected("columns_not_recognised", _SIDE_BY_SIDE, where=where, number=self._tables)
        header = self._given.header_of(table.rows) if self._given.roles else None
        if header is not None:
            self._take(table, header)
            return
        header = find_header(table.rows)
        if header is not None:
            header = replace(header, columns=settled(header.columns, table.rows[header.end :]))
        if header is None or not (header.columns.is_list or _says_who_in_tails(header, table.rows)):
            self._remember(header)
            header = self._carried_on(table.rows)
        elif carried_on := self._carried_on(duties_above(table.rows[: header.begin])):
            # The header is printed again further down: what is above it goes on with the list before.
            self._take(Table(table.rows[: header.begin]), carried_on)
            table, header = Table(table.rows[header.begin :]), replace(header, begin=0, end=header.end - header.begin)
        if header is None:
            self._leave(table)
        else:
            self._take(table, header)

    def _take(self, table: Table, header: Header) -> None:
        above, rows = table.rows[: header.begin], table.rows[header.end :]
        if not self._open(above, header, rows):
            self._leave(table)
            return
        self._read(rows, header.columns)
        # What stands above one table says nothing of the next.
        self.pass_by()

    def _leave(self, table: Table) -> None:
        """Tell of a table that is no part of a list."""
        texts = (one_line(cell.text) for row in table.rows for cell in row.cells if cell.text.strip())
        said = "　".join(islice(texts, _CELLS_SHOWN))
        if said:
            # The line above it is its own.
            if self._before and len(self._before[-1]) <= _LONGEST_HEADING:
                self._used.add(self._before[-1])
            left = partial(problem, "table_not_read", _TABLE_LEFT, value=said, number=self._tables)
            self.unplaced.append(left(count=len(table.rows), shown=said[:_LONGEST_SHOWN]))

    def pass_by(self) -> None:
        """Tell of the paragraphs up to here that belong to the list, or name who acts, and are not read."""
        listed = len(self.lists) > 1 or self._listed
        for text in self._before:
            if text in self._used or is_noise(text) or names_a_list(text) or is_signature(text):
                continue
            if listed or seen(0, text).says_who_or_when:
                self.unplaced.append(
                    problem("paragraph_not_read", _PARAGRAPH_LEFT, value=text, shown=text[:_LONGEST_SHOWN])
                )
        self._before.clear()
        self._listed = bool(self.lists)

    def _remember(self, header: Header | None) -> None:
        if header and (self._nearest is None or len(header.columns.places) > len(self._nearest[1].places)):
            self._nearest = (self._tables, header.columns)

    def _carried_on(self, rows: Sequence[Row]) -> Header | None:
        """Rows without a header that go on with the list before them."""
        columns = self.lists[-1].columns if self.lists else None
        if columns is None or not any(fits(row, columns) for row in rows[:3]):
            return None
        return Header(0, 0, columns)

    def _open(self, above: tuple[Row, ...], header: Header, rows: tuple[Row, ...]) -> bool:
        """Open a list, or go on with the one before; False for a table that belongs to neither."""
        columns = header.columns
        title = self._title(above)
        if not self.lists or self._is_another_list(title, columns, rows):
            around = (*self._before, *(one_line(cell.text) for row in above for cell in row.cells))
            self.lists.append(Layout(title=title, around=around))
        elif not columns.is_like(self.lists[-1].columns):
            return False
        layout = self.lists[-1]
        layout.columns = layout.columns or columns
        # A table without a header of its own goes on with the section it is in.
        if not self._headings_before(layout, columns) and header.end:
            self._plain_heading_before(layout)
        layout.add(self._headings_above(above, columns))
        return True

    def _is_another_list(self, title: str, columns: Columns, rows: tuple[Row, ...]) -> bool:
        current = self.lists[-1]
        if not names_a_list(title) or squeezed(without_continuation(title)) == squeezed(current.title):
            return False
        # Another title alone may be a heading; a list of its own also counts from 1.
        numbers = (parse_number(first_value(columns.cells(row, Column.NUMBER))).value for row in rows[:5])
        return next((number for number in numbers if number is not None), None) == 1

    def _title(self, above: tuple[Row, ...]) -> str:
        filled = ([one_line(cell.text) for cell in row.cells if clean(cell.text)] for row in above)
        in_table = [texts[0] for texts in filled if len(texts) == 1]
        candidates = [text for text in (*self._before, *in_table) if not is_noise(text)]
        named = [text for text in candidates if names_a_list(text)]
        attached = [title for title in map(attached_list, self._before) if title]
        # The nearest to the table, of the surest kind there is.
        return (named or attached or candidates or [""])[-1]

    def _headings_before(self, layout: Layout, columns: Columns) -> bool:
        """The last heading among the paragraphs right before a table, below those of upper levels, unless a title
        follows."""
        found: list[tuple[HeadingLevel, str]] = []
        for text in reversed(self._before):
            if len(text) > _LONGEST_HEADING or (names_a_list(text) and not looks_like_a_heading(text)):
                break
            level = heading.level if (heading := numbered_heading(text, None)) else HeadingLevel.NONE
            if looks_like_a_heading(text) and (not found or level < found[-1][0]):
                found.append((level, text))
        for _, text in reversed(found):
            self._used.add(text)
            layout.add(_lines_of(text, None, layout, columns))
        return bool(found)

    def _plain_heading_before(self, layout: Layout) -> None:
        """A line without a number before each table: it takes a second one to know that they are headings."""
        text = self._before[-1] if self._before else ""
        if text == layout.title or not may_be_a_heading(text) or layout.top < HeadingLevel.NONE:
            return
        self._used.add(text)
        if not layout.lines:
            layout.first_heading = text
            return
        if layout.first_heading:
            layout.lines.insert(0, plain_heading(layout.first_heading, None))
            layout.first_heading = ""
        layout.lines.append(plain_heading(text, None))

    def _headings_above(self, above: tuple[Row, ...], columns: Columns) -> Iterator[Line]:
        """The headings in rows above the header of their table."""
        layout = self.lists[-1]
        for row in above:
            text = whole_row(row, columns) or ""
            is_plain = text != layout.title and may_be_a_heading(text)
            if is_plain and layout.top is HeadingLevel.NONE and not _has_headings(layout):
                # What stood above the first table in the same way is a heading as well.
                layout.lines[:0] = [plain_heading(layout.title, None)] * may_be_a_heading(layout.title)
            if looks_like_a_heading(text) or is_plain:
                yield from _lines_of(text, row.number, layout, columns)

    def _read(self, rows: tuple[Row, ...], columns: Columns) -> None:
        layout = self.lists[-1]
        end = 0
        for index, row in enumerate(rows):
            if index < end:
                continue
            again = header_again(rows, index, columns)
            if again is not None:
                end, columns = again.end, _columns_below(again, rows, columns)
                continue
            whole = whole_row(row, columns)
            self._notes_open = whole is not None and self._is_note(whole)
            if whole is None:
                duty = _duty(row, columns)
                if duty is not None:
                    layout.lines.append(self._joined_to_above(duty))
            elif self._notes_open:
                layout.notes.extend(note_lines(row, whole))
            elif not is_total(whole) and squeezed(whole) != squeezed(layout.title):
                layout.add(_lines_of(whole, row.number, layout, columns))

    def _joined_to_above(self, duty: ListRow) -> ListRow:
        """A merge that goes on in a table behind a page break finds its text in the table before."""
        if _MERGED not in [cell.state for cell in duty.cells]:
            return duty
        above = next((line for line in reversed(self.lists[-1].lines) if isinstance(line, ListRow)), None)
        if above is None:
            return duty
        pairs = zip(duty.cells, above.cells, strict=True)
        cells = [
            cell._replace(value=upper.value) if cell.state is _MERGED and not cell.value else cell
            for cell, upper in pairs
        ]
        return replace(duty, cells=tuple(cells))

    def rejection(self) -> Rejected:
        """Why there is no list."""
        if not self._tables:
            return Rejected("no_table")
        number, columns = self._nearest or (1, None)
        wanted = [role for role in PRINTED if columns is None or not columns.has(role)]
        # One column for both roles would do, so only one of them is asked for.
        if columns is not None and Column.RESPONSIBLE in wanted and Column.LEAD in wanted:
            wanted.remove(Column.RESPONSIBLE)
        names = "".join(f"“{SHOWN_AS[role]}”" for role in wanted)
        where = f"第{number}张表"
        return Rejected("columns_not_recognised", _NO_LIST, where=where, number=number, names=names)


def _has_headings(layout: Layout) -> bool:
    return any(isinstance(line, Heading) for line in layout.lines)


def _columns_below(again: Header, rows: Sequence[Row], columns: Columns) -> Columns:
    """The columns from a header that is printed again on, which may be others than those above it."""
    return columns if again.columns is columns else settled(again.columns, rows[again.end :])


def _lines_of(whole: str, row: int | None, layout: Layout, columns: Columns) -> Iterator[Line]:
    """The heading a row or paragraph is, or the sub-heading, and who leads below it."""
    heading = numbered_heading(whole, row)
    leader = leader_in(whole) if not columns.has(Column.LEAD) else ""
    level = heading.level if heading else HeadingLevel.NONE
    # 一、 is a section always, a lower level where none is above it; a plain line that names who leads is none.
    is_section = level <= HeadingLevel.CHINESE or (layout.top >= level and not (leader and level is HeadingLevel.NONE))
    if is_section:
        yield heading or plain_heading(whole, row)
    # What is no section is told with the rows below it.
    printed = "" if is_section or leader else whole
    if leader or HeadingLevel.CHINESE < level < HeadingLevel.NONE:
        yield Leader(leader, printed)
    elif printed:
        yield Leader(None, printed)


def _duty(row: Row, columns: Columns) -> ListRow | None:
    """The six cells of a row; None for a blank row."""
    cells = columns.printed_cells(row)
    if _VALUE not in [cell.state for cell in cells]:
        return None
    if is_total_row(cells):
        return None
    section = first_value(columns.cells(row, _SECTION)) if columns.has(_SECTION) else ""
    return ListRow(row.number, cells, columns, section, columns.other_cells(row), _tail(cells, columns))


def _tail(cells: tuple[Cell, ...], columns: Columns) -> Tail | None:
    if not columns.missing:
        return None
    who, when = not columns.names_agencies, not columns.has(Column.DEADLINE)
    if not who and not when:
        return None
    return tail_in_cell(cells[PRINTED.index(columns.says_what)].value, who=who, when=when)


def _says_who_in_tails(header: Header, rows: Sequence[Row]) -> bool:
    """Whether a table without a column of agencies names them at the end of its texts."""
    columns = header.columns
    if not (columns.has(Column.TITLE) or columns.has(Column.TEXT)) or len(columns.places) < 2:
        return False
    texts = [first_value(columns.cells(row, columns.says_what)) for row in rows[header.end : header.end + _LOOKED_AT]]
    return sum(bool((tail := tail_of(text)) and tail.agencies) for text in texts) * 2 >= max(1, len(texts))
