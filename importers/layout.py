"""What each row and paragraph is: a heading, a header, a duty, a note or none of the list's business."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from importers.columns import PRINTED, SHOWN_AS, Columns, Role, header_of, two_row_header
from importers.grammar.deadlines import parse_deadline
from importers.grammar.numbers import CHINESE, chinese_to_int, parse_number
from importers.grammar.text import clean, one_line, squeezed
from importers.grid import Cell, Grid, Paragraph, Row, State, Table
from importers.limits import Rejected
from importers.parsed import Problem

_SECTION = re.compile(
    rf"^(?:第(?P<part>[{CHINESE}\d]+)(?:部分|章|篇|类)[、:：]?|(?P<no>[{CHINESE}]+)[、.．，,])\s*(?P<title>\S.*)$"
)
_NOTE = re.compile(r"^(?:注|备注|说明|附注|注释)\s*\d*\s*[:：]")
_GOES_ON = re.compile(r"^(?:\d+|[(（][\d一二三四五六七八九十]+[)）]|[①-⑳])[.、．)）\s]?")
_SUBHEADING = re.compile(rf"^[(（][{CHINESE}\d]+[)）]")
_LEADER = re.compile(
    r"(?:牵头单位[:：](?P<named>.+)|(?:^|[、）)])(?P<leads>[^、（）()]+(?:、[^（）()]+)*?)牵头(?:负责)?(?:的?(?:事项|任务|举措|改革).*)?$)"
)
_CONTENTS_ENTRY = re.compile(r"(?:[\t…．]|\.{3,}|·{3,})\s*\d+$")
_NOISE = re.compile(
    r"^(?:附件|附表|附\d*[:：]?$|单位[:：]|[(（]单位|填报|日期|目录$|抄送|主送|[(（]?\d{4}年\d+月(?:\d+日)?[)）]?$|第?\d+页)"
)
_NAMES_A_LIST = re.compile(
    "(?:清单|台账|分工表?|任务表|一览表|汇总表|分解表|要点|计划|方案|目录)(?:[(（][^)）]*[)）])?$"
)
_CONTINUED = re.compile("[(（](?:续表?|接上页|接上表)[)）]$")
_HEADER_IS_WITHIN = 12


@dataclass(frozen=True, slots=True)
class Heading:
    """A section heading, from a row (then with its number) or from a paragraph."""

    no: int | None
    title: str
    printed: str
    row: int | None


@dataclass(frozen=True, slots=True)
class Leader:
    """A sub-heading that names who leads the rows below it."""

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
    """One list of a document, laid out."""

    title: str = ""
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: Columns | None = None

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
            and (columns.has(Role.LEAD) or columns.has(Role.RESPONSIBLE))
        ):
            continue
        if role is Role.LEAD and any(isinstance(line, Leader) for line in layout.lines):
            continue
        message = f"清单缺少“{SHOWN_AS[role]}”列，该列按空白处理。如有此列，请检查表头名称。"
        yield Problem("missing_column", message, cell=role.value)


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
        if not text or paragraph.is_contents_entry or _CONTENTS_ENTRY.search(clean(paragraph.text)):
            return
        self._before.append(text)
        if self.lists:
            self._note(text)

    def _note(self, text: str) -> None:
        notes = self.lists[-1].notes
        if _NOTE.match(text):
            notes.append(text)
            self._notes_open = True
        elif self._notes_open and _GOES_ON.match(text):
            notes.append(text)
        else:
            self._notes_open = False

    def table(self, table: Table) -> None:
        if not table.rows:
            return
        self._tables += 1
        self._notes_open = False
        header = _find_header(table.rows)
        if header is None or not header[1].is_list:
            self._remember(header)
            header = self._carried_on(table)
        if header is not None:
            first, columns = header
            self._open(table.rows[:first], columns, table.rows[first:])
            self._read(table.rows[first:], columns)
            self._before.clear()

    def _remember(self, header: tuple[int, Columns] | None) -> None:
        if header and (self._nearest is None or len(header[1].places) > len(self._nearest[1].places)):
            self._nearest = (self._tables, header[1])

    def _carried_on(self, table: Table) -> tuple[int, Columns] | None:
        """A table without a header that goes on with the list before it."""
        columns = self.lists[-1].columns if self.lists else None
        if columns is None or not any(_fits(row, columns) for row in table.rows[:3]):
            return None
        return 0, columns

    def _open(self, above: tuple[Row, ...], columns: Columns, rows: tuple[Row, ...]) -> None:
        title = self._title(above)
        if not self.lists or self._is_another_list(title, columns, rows):
            self.lists.append(Layout(title=title))
        layout = self.lists[-1]
        layout.columns = layout.columns or columns
        if len(self.lists) == 1 or layout.lines:
            layout.lines.extend(self._headings_before())

    def _is_another_list(self, title: str, columns: Columns, rows: tuple[Row, ...]) -> bool:
        current = self.lists[-1]
        if not _NAMES_A_LIST.search(title) or squeezed(_CONTINUED.sub("", title)) == squeezed(current.title):
            return False
        numbers = (parse_number(_first(columns.cells(row, Role.NUMBER))).value for row in rows[:5])
        return next((number for number in numbers if number is not None), None) == 1

    def _title(self, above: tuple[Row, ...]) -> str:
        filled = ([one_line(cell.text) for cell in row.cells if clean(cell.text)] for row in above)
        in_table = [texts[0] for texts in filled if len(texts) == 1]
        candidates = [text for text in (*self._before, *in_table) if not _is_noise(text)]
        named = [text for text in candidates if _NAMES_A_LIST.search(text)]
        return (named or candidates or [""])[-1]

    def _headings_before(self) -> Iterator[Line]:
        """The last heading among the paragraphs before a table, unless a title follows it."""
        for text in reversed(self._before):
            heading = _heading(text, None)
            if heading:
                yield heading
                return
            if _NAMES_A_LIST.search(text):
                return

    def _read(self, rows: tuple[Row, ...], columns: Columns) -> None:
        layout = self.lists[-1]
        for row in rows:
            whole = _whole_row(row, columns)
            if whole is None:
                duty = _duty(row, columns)
                if duty is not None:
                    layout.lines.append(duty)
            elif _NOTE.match(whole) or (self._notes_open and _GOES_ON.match(whole)):
                layout.notes.extend(clean(_only_text(row)).split("\n"))
                self._notes_open = True
            else:
                layout.lines.extend(_lines_of(whole, row, layout))

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


def _find_header(rows: tuple[Row, ...]) -> tuple[int, Columns] | None:
    """The number of rows up to the end of the header, and its columns; the best found near the top."""
    best: tuple[int, Columns] | None = None
    for index, row in enumerate(rows[:_HEADER_IS_WITHIN]):
        columns = header_of(row)
        if len(columns.places) < 2:
            continue
        found = (index + 1, columns)
        if index + 1 < len(rows):
            lower = two_row_header(row, rows[index + 1])
            if len(lower.places) > len(columns.places) and _is_all_labels(rows[index + 1]):
                found = (index + 2, lower)
        if best is None or len(found[1].places) > len(best[1].places):
            best = found
        if best[1].is_list:
            break
    return best


def _is_all_labels(row: Row) -> bool:
    return all(len(squeezed(cell.text)) <= 12 and parse_number(cell.text).value is None for cell in row.cells)


def _fits(row: Row, columns: Columns) -> bool:
    """Whether a row without a header above it can stand under these columns."""
    if len(row.cells) != columns.cell_count and sum(cell.span for cell in row.cells) != columns.width:
        return False
    whole = _whole_row(row, columns)
    if whole is not None:
        return bool(_SECTION.match(whole))
    deadline = parse_deadline(_first(columns.cells(row, Role.DEADLINE)), 2000)
    number = parse_number(_first(columns.cells(row, Role.NUMBER)))
    understood = deadline.date is not None or deadline.ongoing
    return number.value is not None or (number.is_blank and understood)


def _first(cells: list[Cell]) -> str:
    return cells[0].value if cells else ""


def _whole_row(row: Row, columns: Columns) -> str | None:
    """The text of a row that says one thing only: spanning the table, or a heading alone in its row."""
    filled = [cell for cell in row.cells if cell.state is State.VALUE]
    if len(filled) != 1:
        return None
    merged = any(cell.state is State.MERGED for cell in row.cells)
    text = one_line(filled[0].text)
    spans = filled[0].span >= max(3, columns.width - 1) or len(row.cells) == 1
    looks_like_one = (
        _SECTION.match(text) or _NOTE.match(text) or _SUBHEADING.match(text) or _is_no_number(text, columns)
    )
    in_front = filled[0] is row.cells[0] and filled[0].column == 0
    return text if (spans or (in_front and looks_like_one)) and not merged else None


def _is_no_number(text: str, columns: Columns) -> bool:
    """Whether a text that stands alone under 序号 cannot be the number of an item."""
    in_first_column = any(column == 0 for _, column in columns.places.get(Role.NUMBER, ()))
    return in_first_column and parse_number(text).value is None


def _only_text(row: Row) -> str:
    return next(cell.text for cell in row.cells if cell.state is State.VALUE)


def _lines_of(whole: str, row: Row, layout: Layout) -> Iterator[Line]:
    leader = _LEADER.search(whole)
    if leader and not _SECTION.match(whole):
        yield Leader(leader["named"] or leader["leads"])
        return
    heading = _heading(whole, row.number)
    if heading:
        yield heading
    elif (
        not _SUBHEADING.match(whole)
        and squeezed(whole) != squeezed(layout.title)
        and not _has_numbered_headings(layout)
    ):
        yield Heading(None, _CONTINUED.sub("", whole), whole, row.number)


def _has_numbered_headings(layout: Layout) -> bool:
    return any(isinstance(line, Heading) and line.no is not None for line in layout.lines)


def _heading(text: str, row: int | None) -> Heading | None:
    match = _SECTION.match(text)
    if not match:
        return None
    digits = match["part"] or match["no"]
    number = int(digits) if digits.isdigit() and digits.isascii() else chinese_to_int(digits)
    return Heading(number, _CONTINUED.sub("", match["title"]).strip(), text, row)


def _is_noise(text: str) -> bool:
    return bool(_NOISE.match(text) or _SECTION.match(text) or _NOTE.match(text))


def _duty(row: Row, columns: Columns) -> Duty | None:
    """The six cells of a row; None for a blank row and for a header printed again."""
    cells = columns.printed_cells(row)
    if State.VALUE not in [cell.state for cell in cells]:
        return None
    if _is_header_again(row, cells, columns):
        return None
    section = _first(columns.cells(row, Role.SECTION)) if columns.has(Role.SECTION) else ""
    return Duty(row.number, cells, columns, section)


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
