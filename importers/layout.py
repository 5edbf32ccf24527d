"""What each row and paragraph is: a heading, a header, a duty, a note or none of the list's business."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from importers.columns import PRINTED, SHOWN_AS, Columns, Role, header_of, two_row_header
from importers.grammar.agencies import parse_agencies
from importers.grammar.deadlines import parse_deadline
from importers.grammar.numbers import parse_number
from importers.grammar.text import clean, one_line, squeezed
from importers.grid import Cell, Grid, Paragraph, Row, State, Table
from importers.headings import (
    Heading,
    Level,
    goes_on_with_notes,
    is_contents_entry,
    is_noise,
    is_note,
    is_only_a_number,
    is_only_note_mark,
    is_section_like,
    is_total,
    leader_in,
    looks_like_a_heading,
    may_be_a_heading,
    names_a_list,
    numbered_heading,
    plain_heading,
    without_continuation,
)
from importers.limits import Rejected
from importers.parsed import Problem

_HEADER_IS_WITHIN = 12
_LONGEST_HEADING = 40


@dataclass(frozen=True, slots=True)
class Leader:
    """A sub-heading; `names` who leads the rows below it, '' when it names nobody."""

    names: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A row of the list: its six cells in the order of `PRINTED`, and the columns it stands under."""

    row: int
    cells: tuple[Cell, ...]
    columns: Columns
    section: str = ""


Line = Heading | Leader | Duty


@dataclass(slots=True)
class Layout:
    """One list of a document, laid out; `around` is what is printed before its first table."""

    title: str = ""
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: Columns | None = None
    around: tuple[str, ...] = ()

    @property
    def duties(self) -> int:
        return sum(isinstance(line, Duty) for line in self.lines)


def lay_out(grid: Grid) -> tuple[Layout, tuple[Problem, ...]]:
    """The list in a document, and the problems of finding it. Raises `Rejected` when there is none."""
    reader = _Reader()
    for block in grid.blocks:
        if isinstance(block, Paragraph):
            reader.paragraph(block)
        else:
            reader.table(block)
    if not reader.lists:
        raise reader.rejection()
    chosen = max(reader.lists, key=lambda layout: layout.duties)
    return chosen, (*_several(reader.lists, chosen), *_missing_columns(chosen))


def _several(lists: list[Layout], chosen: Layout) -> Iterator[Problem]:
    lists = [one for one in lists if one.columns is None or one.columns.is_like(chosen.columns)]
    if len(lists) > 1:
        named = "、".join(f"“{one.title}”（{one.duties}条）" for one in lists)
        message = f"文件中有{len(lists)}张清单：{named}。只读取了“{chosen.title}”。其余的请另存为单独的文件后上传。"
        yield Problem("several_lists", message, value=str(len(lists)))


def _missing_columns(layout: Layout) -> Iterator[Problem]:
    columns = layout.columns
    for role in columns.missing if columns else ():
        # One column for both roles is a way of printing, not an omission.
        if (
            role in (Role.LEAD, Role.RESPONSIBLE)
            and columns
            and (columns.has(Role.LEAD) or columns.has(Role.RESPONSIBLE) or _names_leaders(layout))
        ):
            continue
        message = f"清单缺少“{SHOWN_AS[role]}”列，该列按空白处理。如有此列，请检查表头名称。"
        yield Problem("missing_column", message, cell=role.value)


def _names_leaders(layout: Layout) -> bool:
    return any(isinstance(line, Leader) and line.names for line in layout.lines)


class _Reader:
    """Goes through a document once and remembers what has been seen."""

    def __init__(self) -> None:
        self.lists: list[Layout] = []
        self._before: list[str] = []
        self._tables = 0
        self._nearest: tuple[int, Columns] | None = None
        self._notes_open = False

    def paragraph(self, paragraph: Paragraph) -> None:
        text = one_line(paragraph.text)
        if not text or paragraph.is_contents_entry or is_contents_entry(clean(paragraph.text)):
            return
        self._before.append(text)
        if self.lists:
            self._note(text)

    def _note(self, text: str) -> None:
        notes = self.lists[-1].notes
        if is_note(text):
            notes.append(text)
            self._notes_open = True
        elif self._notes_open and goes_on_with_notes(text):
            notes.append(text)
        else:
            self._notes_open = False

    def table(self, table: Table) -> None:
        if not table.rows:
            return
        self._tables += 1
        self._notes_open = False
        header = _find_header(table.rows)
        if header is None or not header.columns.is_list:
            self._remember(header)
            header = self._carried_on(table)
        if header is None:
            return
        above, rows = table.rows[: header.begin], table.rows[header.end :]
        if self._open(above, header.columns, rows):
            self._read(rows, header.columns)
            self._before.clear()

    def _remember(self, header: "_Header | None") -> None:
        if header and (self._nearest is None or len(header.columns.places) > len(self._nearest[1].places)):
            self._nearest = (self._tables, header.columns)

    def _carried_on(self, table: Table) -> "_Header | None":
        """A table without a header that goes on with the list before it."""
        columns = self.lists[-1].columns if self.lists else None
        if columns is None or not any(_fits(row, columns) for row in table.rows[:3]):
            return None
        return _Header(0, 0, columns)

    def _open(self, above: tuple[Row, ...], columns: Columns, rows: tuple[Row, ...]) -> bool:
        """Open a list, or go on with the one before; False for a table that belongs to neither."""
        title = self._title(above)
        if not self.lists or self._is_another_list(title, columns, rows):
            self.lists.append(Layout(title=title, around=tuple(self._before)))
        elif not columns.is_like(self.lists[-1].columns):
            return False
        layout = self.lists[-1]
        layout.columns = layout.columns or columns
        layout.lines.extend(self._headings_before(columns))
        layout.lines.extend(self._headings_above(above, columns))
        return True

    def _is_another_list(self, title: str, columns: Columns, rows: tuple[Row, ...]) -> bool:
        current = self.lists[-1]
        if not names_a_list(title) or squeezed(without_continuation(title)) == squeezed(current.title):
            return False
        numbers = (parse_number(_first(columns.cells(row, Role.NUMBER))).value for row in rows[:5])
        return next((number for number in numbers if number is not None), None) == 1

    def _title(self, above: tuple[Row, ...]) -> str:
        in_table = [one_line(cell.text) for row in above for cell in row.cells if clean(cell.text)]
        candidates = [text for text in (*self._before, *in_table) if not is_noise(text)]
        named = [text for text in candidates if names_a_list(text)]
        return (named or candidates or [""])[-1]

    def _headings_before(self, columns: Columns) -> Iterator[Line]:
        """The last heading among the paragraphs right before a table, unless a title follows it."""
        for text in reversed(self._before):
            if len(text) > _LONGEST_HEADING or (names_a_list(text) and not looks_like_a_heading(text)):
                return
            if looks_like_a_heading(text):
                yield from _lines_of(text, None, self.lists[-1], columns)
                return

    def _headings_above(self, above: tuple[Row, ...], columns: Columns) -> Iterator[Line]:
        """The headings in rows above the header of their table."""
        layout = self.lists[-1]
        for row in above:
            text = _whole_row(row, columns) or ""
            if looks_like_a_heading(text) or (text and text != layout.title and may_be_a_heading(text)):
                yield from _lines_of(text, row.number, layout, columns)

    def _read(self, rows: tuple[Row, ...], columns: Columns) -> None:
        layout = self.lists[-1]
        for row in rows:
            whole = _whole_row(row, columns)
            if whole is None:
                duty = _duty(row, columns)
                if duty is not None:
                    layout.lines.append(self._joined_to_above(duty))
            elif is_note(whole):
                layout.notes.extend(_note_lines(row, whole))
            elif not is_total(whole) and squeezed(whole) != squeezed(layout.title):
                layout.lines.extend(_lines_of(whole, row.number, layout, columns))

    def _joined_to_above(self, duty: Duty) -> Duty:
        """A merge that goes on in a table behind a page break finds its text in the table before."""
        if not any(cell.state is State.MERGED and not cell.value for cell in duty.cells):
            return duty
        above = next((line for line in reversed(self.lists[-1].lines) if isinstance(line, Duty)), None)
        if above is None:
            return duty
        pairs = zip(duty.cells, above.cells, strict=True)
        cells = [
            cell._replace(value=upper.value) if cell.state is State.MERGED and not cell.value else cell
            for cell, upper in pairs
        ]
        return replace(duty, cells=tuple(cells))

    def rejection(self) -> Rejected:
        """Why there is no list."""
        if not self._tables:
            return Rejected("no_table")
        number, columns = self._nearest or (1, None)
        wanted = [role for role in PRINTED if columns is None or not columns.has(role)]
        if columns is not None and Role.RESPONSIBLE in wanted and Role.LEAD in wanted:
            wanted.remove(Role.RESPONSIBLE)
        names = "".join(f"“{SHOWN_AS[role]}”" for role in wanted)
        message = f"未找到清单表格：第{number}张表缺少{names}列。请指定各列含义或更换文件。"
        return Rejected("columns_not_recognised", message, where=f"第{number}张表")


@dataclass(frozen=True, slots=True)
class _Header:
    """The rows `begin` to `end` of a table, and the columns they name."""

    begin: int
    end: int
    columns: Columns


def _find_header(rows: tuple[Row, ...]) -> _Header | None:
    """The best header found near the top of a table."""
    best: _Header | None = None
    for index, row in enumerate(rows[:_HEADER_IS_WITHIN]):
        columns = header_of(row)
        if len(columns.places) < 2:
            continue
        found = _Header(index, index + 1, columns)
        if index + 1 < len(rows):
            lower = two_row_header(row, rows[index + 1])
            if len(lower.places) > len(columns.places) and _is_all_labels(rows[index + 1]):
                found = _Header(index, index + 2, lower)
        if best is None or len(found.columns.places) > len(best.columns.places):
            best = found
        if best.columns.is_list:
            break
    return best


def _is_all_labels(row: Row) -> bool:
    return all(len(squeezed(cell.text)) <= 12 and parse_number(cell.text).value is None for cell in row.cells)


def _fits(row: Row, columns: Columns) -> bool:
    """Whether a row without a header above it can stand under these columns."""
    whole = _whole_row(row, columns)
    if whole is not None:
        return is_section_like(whole)
    same_shape = len(row.cells) == columns.cell_count or sum(cell.span for cell in row.cells) == columns.width
    if not same_shape and len(row.cells) > columns.cell_count:
        return False
    number = parse_number(_first(columns.cells(row, Role.NUMBER)))
    if number.value is None and not number.is_blank:
        return False
    return (same_shape and number.value is not None) or _says_who_or_when(row, columns)


def _says_who_or_when(row: Row, columns: Columns) -> bool:
    deadline = parse_deadline(_first(columns.cells(row, Role.DEADLINE)), 2000)
    agencies = parse_agencies(_first(columns.cells(row, Role.LEAD) or columns.cells(row, Role.RESPONSIBLE)))
    return deadline.date is not None or deadline.ongoing or (bool(agencies.names) and not agencies.problems)


def _first(cells: list[Cell]) -> str:
    return cells[0].value if cells else ""


def _whole_row(row: Row, columns: Columns) -> str | None:
    """The text of a row that says one thing only: spanning the table, or a heading alone in its row."""
    states = [cell.state for cell in row.cells]
    filled = states.count(State.VALUE)
    if filled > 2 or not filled or State.MERGED in states:
        return None
    first, *rest = (cell for cell in row.cells if cell.state is State.VALUE)
    if rest:
        return _in_two_cells(first, rest[0], row, columns)
    text = one_line(first.text)
    if _spans(first, columns) or len(row.cells) == 1:
        return text
    in_front = first is row.cells[0] and first.column == 0
    return text if in_front and (looks_like_a_heading(text) or is_note(text) or is_total(text)) else None


def _spans(cell: Cell, columns: Columns) -> bool:
    return cell.span >= max(3, columns.width - 1)


def _in_two_cells(first: Cell, second: Cell, row: Row, columns: Columns) -> str | None:
    """一 | 准入, 注 | 标*的为国家事项, 合计 | 3项: a row whose number or mark stands in a cell of its own."""
    if first is not row.cells[0] or first.column != 0:
        return None
    mark, text = squeezed(first.text), one_line(second.text)
    spans_the_rest = second.span >= max(3, columns.width - first.span - 1)
    if is_only_note_mark(mark):
        return f"{mark.rstrip(':')}：{text}"
    if is_only_a_number(mark) or (spans_the_rest and parse_number(mark).value is not None):
        return f"{mark.rstrip('、.')}{'' if mark.endswith(')') else '、'}{text}"
    return mark + text if is_total(mark) else None


def _note_lines(row: Row, whole: str) -> list[str]:
    texts = [cell.text for cell in row.cells if cell.state is State.VALUE]
    return clean(texts[0]).split("\n") if len(texts) == 1 else [whole]


def _lines_of(whole: str, row: int | None, layout: Layout, columns: Columns) -> Iterator[Line]:
    """The heading a row or paragraph is, or the sub-heading, and who leads below it."""
    heading = numbered_heading(whole, row)
    leader = leader_in(whole) if not columns.has(Role.LEAD) else ""
    level = heading.level if heading else Level.NONE
    if level <= Level.CHINESE or (_top_level(layout) >= level and not (leader and level is Level.NONE)):
        yield heading or plain_heading(whole, row)
    if leader or Level.CHINESE < level < Level.NONE:
        yield Leader(leader)


def _top_level(layout: Layout) -> Level:
    """The level at which this list is divided into sections so far."""
    return min((line.level for line in layout.lines if isinstance(line, Heading)), default=Level.NONE)


def _duty(row: Row, columns: Columns) -> Duty | None:
    """The six cells of a row; None for a blank row and for a header printed again."""
    cells = columns.printed_cells(row)
    if State.VALUE not in [cell.state for cell in cells]:
        return None
    if _is_header_again(row, cells, columns) or _is_total(cells):
        return None
    section = _first(columns.cells(row, Role.SECTION)) if columns.has(Role.SECTION) else ""
    return Duty(row.number, cells, columns, section)


def _is_total(cells: tuple[Cell, ...]) -> bool:
    """合计 where the number or the title would stand, in a row without a text of its own."""
    number, title = (squeezed(cell.text) for cell in cells[:2])
    return is_total(number) or (not number and is_total(title))


def _is_header_again(row: Row, cells: tuple[Cell, ...], columns: Columns) -> bool:
    """A header printed again on a new page; only a row whose number is no number can be one."""
    number = cells[0].value
    if number[:1].isdigit() or (columns.has(Role.NUMBER) and parse_number(number).value is not None):
        return False
    labels = [squeezed(cell.text) for cell in row.cells]
    if labels == list(columns.labels):
        return True
    again = header_of(row)
    return again.is_list and len(again.places) >= len(columns.places) - 1
