"""What each row and paragraph is: a heading, a header, a duty, a note, or no part of the list."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from importers.documents.grammar.text import clean, one_line, parse_number, squeezed
from importers.documents.grid import Cell, Grid, Paragraph, Row, State, Table
from importers.documents.layout.bodies import says_who_in_tails, settled
from importers.documents.layout.columns import Columns
from importers.documents.layout.doubts import (
    missing_columns,
    no_list,
    paragraph_left,
    read_as_above,
    several_lists,
    table_left,
    unread_columns,
)
from importers.documents.layout.found import Layout, Leader, Line, ListRow
from importers.documents.layout.given import NOT_GIVEN, GivenColumns
from importers.documents.layout.headings import (
    HeadingLevel,
    attached_list,
    goes_below_a_title,
    goes_on_with_notes,
    is_contents_entry,
    is_continued,
    is_footer,
    is_noise,
    is_note,
    is_of_figures,
    is_place_mark,
    is_section_like,
    leader_in,
    looks_like_a_heading,
    may_be_a_heading,
    names_a_list,
    numbered_heading,
    plain_heading,
    without_continuation,
)
from importers.documents.layout.labels import Column, says_first_leads
from importers.documents.layout.legend import explains_marks
from importers.documents.layout.marks import mixed_marks, read_marks
from importers.documents.layout.paragraphs import are_cards, is_signature, seen
from importers.documents.layout.rows import (
    Header,
    begins_another_table,
    duties_above,
    find_header,
    first_value,
    fits,
    header_again,
    names_twice,
    next_header,
    note_lines,
    replaced,
    row_as_line,
    rows_follow,
    total_in,
    whole_row,
    with_dittos,
)
from importers.documents.layout.tails import leader_in_bracket
from importers.documents.limits import Rejected
from importers.documents.values import Problem, gettext_noop

_SIDE_BY_SIDE = gettext_noop("第{number}张表左右并排了两栏事项，一行有两个序号，无法逐行读取。请改为一栏后重新上传。")
_LONGEST_HEADING, _LONGEST_NOTE_ON_LEADS = 40, 60
_LOOKED_AT = 50
# By these names because they are asked for in every row, and an attribute of an enum takes ten times as long to find.
_VALUE, _SECTION = State.VALUE, Column.SECTION


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
        raise no_list(reader.tables, reader.nearest)
    reader.pass_by()
    reader.tell_waiting()
    # Of several lists the longest is read; the others are told as not read.
    chosen = max(reader.lists, key=lambda layout: layout.duties)
    beside = (*several_lists(reader.lists, chosen), *reader.unplaced, *read_as_above(reader.dittos))
    chosen.title += chosen.below_title
    unmarked = tuple(read_marks(chosen, dict(given.marks)))
    return chosen, (*beside, *missing_columns(chosen), *unread_columns(chosen), *unmarked, *mixed_marks(chosen))


class _LineReader:
    """Goes through a document once and remembers what has been seen."""

    def __init__(self, given: GivenColumns) -> None:
        self.lists: list[Layout] = []
        self._given = given
        self._before: list[str] = []
        self._used: set[str] = set()
        self._listed = False
        self.unplaced: list[Problem] = []
        self.tables = 0
        self.nearest: tuple[int, Columns] | None = None
        self._notes_open = False
        self._above: tuple[object, Sequence[Cell]] = (None, ())
        self.dittos: list[str] = []

    def paragraph(self, paragraph: Paragraph) -> None:
        text = one_line(paragraph.text)
        if not text or paragraph.is_contents_entry or is_contents_entry(paragraph.text.strip()):
            return
        self._before.append(text)
        if self.lists:
            self._note(text)

    def _note(self, text: str) -> None:
        is_a_note = self._is_note(text)
        self._notes_open = is_a_note and not is_of_figures(text)
        if is_a_note or is_footer(text):
            self.lists[-1].notes.append(text)
            self._used.add(text)

    def _is_note(self, text: str) -> bool:
        """Whether a line is a note, or goes on with the one before it."""
        says_who_leads = len(text) <= _LONGEST_NOTE_ON_LEADS and (says_first_leads(text) or explains_marks(text))
        return is_note(text) or says_who_leads or (self._notes_open and goes_on_with_notes(text))

    def table(self, table: Table) -> None:
        if not table.rows:
            return
        self.tables += 1
        self._notes_open = False
        if any(names_twice(row) for row in table.rows[:_LOOKED_AT]):
            where = f"第{self.tables}张表"
            raise Rejected("columns_not_recognised", _SIDE_BY_SIDE, where=where, number=self.tables)
        header = self._given.header_of(table.rows) if self._given.roles else None
        if header is not None:
            self._take(table, header)
            return
        if are_cards(table):
            self._leave(table)
            return
        header = find_header(table.rows)
        if header is not None:
            header = replace(header, columns=settled(header.columns, table.rows[header.end :]))
        if header is None or not _is_of_list(header, table):
            self._remember(header)
            # 序号 | 姓名 | 电话 is a table of its own.
            header = None if header and header.columns.labels_numbers else self._carried_on(table.rows)
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
        self.pass_by(is_at_the_end=False)

    def _leave(self, table: Table) -> None:
        """Tell of a table that is no part of a list."""
        title = self._before[-1] if self._before else ""
        # The line above it is its own.
        is_titled = bool(title) and len(title) <= _LONGEST_HEADING and any(map(row_as_line, table.rows))
        # Before the first list it may also be the title of that: a table in a cell comes before the one around it.
        is_of_list = is_noise(title) or (names_a_list(title) and not self.lists)
        shown = title if is_titled and title not in self._used and not is_of_list else ""
        self.unplaced.extend(table_left(table.rows, self.tables, shown))
        self._used.update([title] if is_titled else [])

    def pass_by(self, *, is_at_the_end: bool = True) -> None:
        """Tell of the paragraphs up to here that belong to the list, or name who acts, and are not read."""
        listed = len(self.lists) > 1 or self._listed
        for text in self._before:
            if text in self._used or self._is_title(text, listed=listed):
                continue
            if is_noise(text) and not (listed and is_section_like(text)):
                continue
            # Between two tables of a list nobody signs.
            signs = is_signature(text) and not is_section_like(text)
            if signs and (is_at_the_end or not listed):
                continue
            if listed or seen(0, text).says_who_or_when:
                self.unplaced.append(paragraph_left(text))
        self._before.clear()
        self._listed = bool(self.lists)

    def tell_waiting(self) -> None:
        """Tell of lines above a first table that would have been headings if there were others like them."""
        for layout in self.lists:
            for text in (layout.first_heading, layout.first_leader):
                if text and text not in self._used:
                    self.unplaced.append(paragraph_left(text))

    def _is_title(self, text: str, *, listed: bool) -> bool:
        """Whether a paragraph names a list; once there is one, that list."""
        titles = {squeezed(layout.title) for layout in self.lists}
        return names_a_list(text) and (not listed or is_continued(text) or squeezed(text) in titles)

    def _remember(self, header: Header | None) -> None:
        if header and (self.nearest is None or len(header.columns.places) > len(self.nearest[1].places)):
            self.nearest = (self.tables, header.columns)

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
        is_new = not self.lists or self._is_another_list(title, columns, rows)
        if is_new:
            around = (*self._before, *(one_line(cell.text) for row in above for cell in row.cells))
            self.lists.append(Layout(title=title, around=around))
        elif not columns.is_like(self.lists[-1].columns):
            return False
        layout = self.lists[-1]
        layout.columns = layout.columns or columns
        # A table without a header of its own goes on with the section it is in.
        if not self._headings_before(layout, columns) and not self._leader_before(layout, header) and header.end:
            self._plain_heading_before(layout)
        if is_new:
            self._keep_before(layout)
        for row in above:
            lines = list(self._headings_above(row, columns, rows))
            layout.add(lines)
            if not lines and (line := row_as_line(row, layout.title)):
                self._keep(layout, note_lines(row, line), is_new=is_new)
        return True

    def _keep_before(self, layout: Layout) -> None:
        """What stands between the title of a list and its table. Before the title stands a cover or a letter."""
        title = layout.title
        places = [place for place, text in enumerate(self._before, 1) if title in (text, attached_list(text))]
        begin = places[-1] if places else len(self._before) if title else 0
        for text in self._before[begin:]:
            if text not in self._used and text not in (layout.first_heading, layout.first_leader):
                self._used.add(text)
                self._keep(layout, [text], is_new=True)

    def _keep(self, layout: Layout, lines: list[str], *, is_new: bool) -> None:
        """Lines above a table that are no heading are notes, or go with the title of the list, or are told."""
        text = "".join(lines)
        is_a_note = self._is_note(lines[0])
        self._notes_open = is_a_note and not is_of_figures(lines[0])
        if is_a_note or is_footer(lines[0]):
            layout.notes.extend(lines)
        elif is_new and layout.title and goes_below_a_title(text):
            layout.below_title += text
        elif not squeezed(layout.title).endswith(squeezed(text)) and not is_continued(text) and not is_place_mark(text):
            self.unplaced.append(paragraph_left(text))

    def _is_another_list(self, title: str, columns: Columns, rows: tuple[Row, ...]) -> bool:
        current = self.lists[-1]
        if not names_a_list(title) or squeezed(without_continuation(title)) == squeezed(current.title):
            return False
        # Another title alone may be a heading; a list of its own also counts from 1.
        numbers = (parse_number(first_value(columns.cells(row, Column.NUMBER))).value for row in rows[:5])
        return next((number for number in numbers if number is not None), None) == 1

    def _title(self, above: tuple[Row, ...]) -> str:
        filled = ([one_line(cell.text) for cell in row.cells if clean(cell.text)] for row in above)
        in_table = [text for texts in filled for text in texts if len(texts) == 1 or names_a_list(text)]
        candidates = [text for text in (*self._before, *in_table) if not is_noise(text)]
        # Who issues a list, or leads what is below, is no title where there is another line.
        candidates = [text for text in candidates if not is_signature(text)] or candidates
        named = [text for text in candidates if names_a_list(text)]
        attached = [title for title in map(attached_list, self._before) if title]
        # The nearest to the table, of the surest kind there is.
        nearest = (named or attached or candidates or [""])[-1]
        # 任务清单, the name of a sheet, below 某市2024年任务清单.
        return next((text for text in named if text.endswith(nearest)), nearest)

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

    def _leader_before(self, layout: Layout, header: Header) -> bool:
        """市教育局 before rows of a list that has no column of leads. Above the first header it may be who issues the
        list; it leads where one stands above another table as well."""
        text = self._before[-1].rstrip("：:") if self._before else ""
        if not text or header.columns.has(Column.LEAD) or numbered_heading(text, None) or not leader_in(text):
            return False
        if not layout.lines and header.end:
            layout.first_leader = self._before[-1]
            return False
        if layout.first_leader:
            layout.lines.insert(0, Leader(leader_in(layout.first_leader.rstrip("：:")), layout.first_leader))
            layout.first_leader = ""
        self._used.add(self._before[-1])
        layout.lines.append(Leader(leader_in(text), self._before[-1]))
        return True

    def _plain_heading_before(self, layout: Layout) -> None:
        """A line without a number before each table: it takes a second one to know that they are headings."""
        text = self._before[-1] if self._before else ""
        if text == layout.title or not may_be_a_heading(text) or layout.top < HeadingLevel.NONE:
            return
        if not layout.lines:
            layout.first_heading = text
            return
        self._used.add(text)
        # What stood above the first table in the same way, such as the name of its sheet, is a heading as well.
        first = layout.first_heading or (layout.title if may_be_a_heading(layout.title) else "")
        if first and not layout.has_headings:
            layout.lines.insert(0, plain_heading(first, None))
        layout.first_heading = ""
        layout.lines.append(plain_heading(text, None))

    def _headings_above(self, row: Row, columns: Columns, rows: tuple[Row, ...]) -> Iterator[Line]:
        """The heading that a row above the header of a table is."""
        layout = self.lists[-1]
        text = whole_row(row, columns) or ""
        if (
            text != layout.title
            and _leads(text, columns)
            and any(_leads(whole_row(one, columns), columns) for one in rows)
        ):
            yield from _lines_of(text, row.number, layout, columns)
            return
        is_plain = text != layout.title and may_be_a_heading(text)
        if is_plain and layout.top is HeadingLevel.NONE and not layout.has_headings:
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
            if begins_another_table(row):
                end = next_header(rows, index + 1, columns)
                self.unplaced.extend(table_left(rows[index:end], self.tables))
                continue
            if total := total_in(row, columns):
                layout.notes.extend(note_lines(row, total))
                continue
            notes = note_lines(row, whole) if whole else []
            is_a_note = bool(notes) and self._is_note(notes[0])
            self._notes_open = is_a_note and not is_of_figures(notes[0])
            if whole is None:
                self._take_duty(layout, row, columns)
            # Who filled in the rows below (填报单位：市财政局 above those of each) is told with them.
            elif is_a_note or (is_footer(notes[0]) and not rows_follow(rows, index + 1, columns)):
                layout.notes.extend(notes)
            elif squeezed(without_continuation(whole)) != squeezed(layout.title) and not is_place_mark(whole):
                layout.add(_lines_of(whole, row.number, layout, columns))

    def _take_duty(self, layout: Layout, row: Row, columns: Columns) -> None:
        # 同上 at the head of a table means the last row of the one before, where the columns are the same.
        places, above = self._above
        cells = with_dittos(row.cells, above if places == columns.places else ())
        duty = ListRow.of(row if cells is row.cells else row._replace(cells=cells), columns)
        if duty is None:
            self._take_beside(layout, row, columns)
            return
        self.dittos.extend(replaced(row.cells, cells))
        self._above = (columns.places, cells)
        layout.lines.append(layout.joined_to_above(duty))

    def _take_beside(self, layout: Layout, row: Row, columns: Columns) -> None:
        """A row that says nothing in the six columns: its section alone, or what goes on from the row above."""
        own = {clean(cell.text) for cell in row.cells if cell.state is _VALUE}
        if not own:
            return
        section = clean(first_value(columns.cells(row, _SECTION)))
        if section in own:
            layout.add([numbered_heading(section, row.number) or plain_heading(section, row.number)])
        pairs = tuple(pair for pair in columns.other_cells(row) if pair[1] in own)
        if pairs and not layout.keep_beside(pairs):
            self.unplaced.append(paragraph_left(row_as_line(row)))


def _is_of_list(header: Header, table: Table) -> bool:
    """Whether a table with this header can be part of a list."""
    return header.columns.is_list or says_who_in_tails(header.columns, table.rows[header.end :])


def _leads(text: str | None, columns: Columns) -> bool:
    """Whether a line says who leads the rows below it, where no column does."""
    return bool(text) and not columns.has(Column.LEAD) and bool(leader_in(text or ""))


def _columns_below(again: Header, rows: Sequence[Row], columns: Columns) -> Columns:
    """The columns from a header that is printed again on, which may be others than those above it."""
    return columns if again.columns is columns else settled(again.columns, rows[again.end :])


def _lines_of(whole: str, row: int | None, layout: Layout, columns: Columns) -> Iterator[Line]:
    """The heading a row or paragraph is, or the sub-heading, and who leads below it."""
    heading = numbered_heading(whole, row)
    leader = (leader_in(whole) or leader_in_bracket(whole)) if not columns.has(Column.LEAD) else ""
    level = heading.level if heading else HeadingLevel.NONE
    # 一、 is a section always, a lower level where none is above it; a plain line that names who leads is none.
    is_section = level <= HeadingLevel.CHINESE or (layout.top >= level and not (leader and level is HeadingLevel.NONE))
    if is_section:
        yield heading or plain_heading(whole, row)
    # What is no section is told with the rows below it.
    printed = "" if is_section else whole
    if leader or HeadingLevel.CHINESE < level < HeadingLevel.NONE:
        yield Leader(leader, printed)
    elif printed:
        yield Leader(None, printed)
