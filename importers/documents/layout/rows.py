"""What kind of row it is: a header, a heading or note of its own, a total, a row that goes on with a list."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from importers.documents.grammar.agencies import parse_agencies
from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.text import clean, is_ditto, may_hold_ditto, one_line, parse_number, squeezed
from importers.documents.grid import ABSENT, Cell, Row, State
from importers.documents.layout.columns import Columns, covering, header_of, two_row_header
from importers.documents.layout.headings import (
    footer_in,
    is_note,
    is_only_a_number,
    is_only_note_mark,
    is_section_like,
    is_total,
    looks_like_a_heading,
    names_a_list,
)
from importers.documents.layout.labels import Column, role_of

# By these names because they are asked for in every row, and an attribute of an enum takes ten times as long to find.
_VALUE, _MERGED = State.VALUE, State.MERGED
_HEADER_IS_WITHIN = 30
_LONGEST_LABEL = 12
_STEMS, _FEWEST_NUMBERED, _FEWEST_LABELS = "甲乙丙丁戊己庚辛壬癸", 4, 3
# 2023年计划, 2023年度目标: a label and not a date.
_LABEL_WITH_YEAR = re.compile(
    "20\\d{2}年度?[^\\d]{0,6}(?:计划|目标|进度|要求|投资|情况|指标|要点|任务|工作|重点|举措|措施|安排|内容|事项|成效|资金|预算)$"
)
_SENTENCE = re.compile("。|...(?:牵头|配合|负责)$")


@dataclass(frozen=True, slots=True)
class Header:
    """The rows `begin` to `end` of a table, and the columns they name."""

    begin: int
    end: int
    columns: Columns


def find_header(rows: tuple[Row, ...]) -> Header | None:
    """The best header found near the top of a table."""
    best: Header | None = None
    for index, row in enumerate(rows[:_HEADER_IS_WITHIN]):
        columns = header_of(row)
        if len(columns.places) < 2 or _is_surely_a_duty(row) or _is_title_of(rows[index : index + 2]):
            continue
        found = _header_at(rows, index, columns)
        if best is None or len(found.columns.places) > len(best.columns.places):
            best = found
        if best.columns.is_list:
            break
    return best


def _is_title_of(rows: Sequence[Row]) -> bool:
    """Whether the first of two rows names the list below it, beside another remark: 某市任务清单 | 截止3月; the second
    is a header by itself."""
    if len(rows) < 2 or not any(names_a_list(one_line(cell.text)) for cell in rows[0].cells):
        return False
    alone = header_of(rows[1])
    is_joined = any(cell.state is _MERGED for cell in rows[1].cells)
    return alone.is_list and not is_joined and len(alone.places) >= len(two_row_header(*rows).places)


def _header_at(rows: Sequence[Row], index: int, columns: Columns) -> Header:
    """The header that begins with a row, with the numbers of its columns where these stand below it."""
    found = _labels_at(rows, index, columns)
    has_numbers = found.end < len(rows) and _numbers_columns(rows[found.end])
    return replace(found, end=found.end + 1) if has_numbers else found


def _numbers_columns(row: Row) -> bool:
    """甲, 乙, 1, 2, 3 or 1, 2, 3, 4 below the labels of columns."""
    texts = [squeezed(cell.text) for cell in row.cells]
    figures = texts[_leading_stems(texts) :]
    return len(texts) >= _FEWEST_NUMBERED and figures == [str(number) for number in range(1, len(figures) + 1)]


def _leading_stems(texts: Sequence[str]) -> int:
    """How many of the texts are 甲, 乙 and so on."""
    return next((place for place, text in enumerate(texts) if text != _STEMS[place : place + 1]), len(texts))


def _labels_at(rows: Sequence[Row], index: int, columns: Columns) -> Header:
    """The header that begins with a row, in two rows where the lower one names more or only goes on with the upper."""
    upper, lower = rows[index], rows[index + 1] if index + 1 < len(rows) else None
    if lower is not None and _is_short(lower):
        both = two_row_header(upper, lower)
        names_more = len(both.places) > len(columns.places) and not _is_surely_a_duty(lower)
        if names_more or _goes_on_below(upper, lower):
            third = rows[index + 2] if index + 2 < len(rows) else None
            if third is not None and _is_short(third) and _goes_on_below(lower, third):
                # What is merged down from the first row stands in the second, too.
                return Header(index, index + 3, two_row_header(lower, third))
            return Header(index, index + 2, both)
    return Header(index, index + 1, columns)


def _goes_on_below(upper: Row, lower: Row) -> bool:
    """Whether a row says something only below wide labels (2023年, 2024年 below 年度目标) or where none is."""
    filled = [cell for cell in lower.cells if cell.state is State.VALUE]
    above = [covering(upper.cells, cell.column) for cell in filled]
    return (
        len(filled) > 1
        and all(not one.value.strip() or one.span > 1 for one in above)
        and any(one.value.strip() for one in above)
    )


def header_again(rows: Sequence[Row], index: int, columns: Columns) -> Header | None:
    """A header further down in a table, with the same columns or with others; None for any other row."""
    row = rows[index]
    # Asked of every row: most begin with a number.
    if not row.cells or row.cells[0].value[:1].isdigit() or not _may_be_header(row, columns):
        return None
    if _labels(row) == columns.labels:
        return Header(index, index + 1, columns)
    again = header_of(row)
    if len(again.places) < 2 or _is_surely_a_duty(row):
        return None
    found = _header_at(rows, index, again)
    if found.columns.labels == columns.labels:
        return replace(found, columns=columns)
    if not found.columns.is_list or len(found.columns.places) < len(columns.places) - 1:
        return None
    return found


def _labels(row: Row) -> tuple[str, ...]:
    return tuple(squeezed(cell.text) for cell in row.cells)


def _may_be_header(row: Row, columns: Columns) -> bool:
    """Where 序号 is printed, a header that is printed again has it as well."""
    if not columns.labels_numbers:
        return True
    short = (cell.value for cell in row.cells if 0 < len(cell.value) <= _LONGEST_LABEL)
    return any(role_of(squeezed(value)) is Column.NUMBER for value in short)


def names_twice(row: Row) -> bool:
    """Whether a row of labels is printed twice side by side, over two columns of items."""
    # A blank column may stand between the two.
    filled = [cell for cell in row.cells if cell.value]
    half, odd = divmod(len(filled), 2)
    if odd or half < 3 or filled[0].value != filled[half].value:
        return False
    labels = tuple(squeezed(cell.text) for cell in filled)
    return labels[:half] == labels[half:] and {role_of(label) for label in labels} >= {Column.NUMBER, Column.TITLE}


def _is_surely_a_duty(row: Row) -> bool:
    """A row with a number, a sentence or a date: short titles and texts may read like labels."""
    if parse_number(row.cells[0].value).value is not None:
        return True
    return any(_SENTENCE.search(cell.value) or _is_a_date(cell.value) for cell in row.cells)


def _is_a_date(text: str) -> bool:
    deadline = parse_deadline(clean(text), None)
    is_label = role_of(squeezed(text)) is not None or _LABEL_WITH_YEAR.match(squeezed(text))
    return (deadline.date is not None or deadline.ongoing) and not is_label


def _is_short(row: Row) -> bool:
    """Whether all cells are as short as labels, and none is a number."""
    texts = [squeezed(cell.text) for cell in row.cells]
    return all(len(text) <= _LONGEST_LABEL and parse_number(text).value is None for text in texts)


def whole_row(row: Row, columns: Columns) -> str | None:
    """The text of a row that says one thing only: spanning the table, or a heading alone in its row."""
    states = [cell.state for cell in row.cells]
    filled = states.count(_VALUE)
    # Asked of every row: most begin with a number.
    if filled and not row.cells[0].text[:1].isdigit() and (footer := footer_in(_texts(row))):
        return footer
    # Three filled cells say more than one thing; a cell joined to one above goes on with that one.
    if filled > 2 or not filled or (_MERGED in states and _is_joined(row)):
        return None
    first, *rest = (cell for cell in row.cells if cell.state is State.VALUE)
    if rest:
        return _in_two_cells(first, rest[0], row, columns)
    text = one_line(first.text)
    if _spans(first, columns) or len(row.cells) == 1:
        return text
    if first is row.cells[0] and first.column == 0:
        says_so = looks_like_a_heading(text) or is_note(first_line(first)) or _is_no_number(text, columns)
    else:
        # 一、准入 alone in the column of titles.
        says_so = is_section_like(text) and columns.has(Column.TEXT) and columns.cells(row, Column.TITLE) == [first]
    return text if says_so else None


def _texts(row: Row) -> list[str]:
    return [one_line(cell.text) for cell in row.cells if cell.state is _VALUE]


def _is_joined(row: Row) -> bool:
    """Whether a cell goes on with one above that says something."""
    return any(cell.state is State.MERGED and cell.value for cell in row.cells)


def _is_no_number(text: str, columns: Columns) -> bool:
    """Whether a text that stands alone under 序号 cannot be the number of an item."""
    in_first_column = any(column == 0 for _, column in columns.places.get(Column.NUMBER, ()))
    return in_first_column and parse_number(text).value is None


def _spans(cell: Cell, columns: Columns) -> bool:
    return cell.span >= 3 and (cell.span >= columns.width - 1 or columns.are_under(cell))


def _in_two_cells(first: Cell, second: Cell, row: Row, columns: Columns) -> str | None:
    """一 | 准入, 注 | 标*的为国家事项: a row whose number or mark stands in a cell of its own."""
    if first is not row.cells[0] or first.column != 0:
        return None
    mark, text = squeezed(first.text), one_line(second.text)
    spans_the_rest = second.span >= max(3, columns.width - first.span - 1)
    if is_only_note_mark(mark):
        return f"{mark.rstrip(':')}：{text}"
    if is_only_a_number(mark) or (spans_the_rest and parse_number(mark).value is not None):
        return f"{mark.rstrip('、.')}{'' if mark.endswith(')') else '、'}{text}"
    return None


def note_lines(row: Row, whole: str) -> list[str]:
    """The notes in a row, one for each line of its cell; `whole` where they stand in several cells."""
    texts = [cell.text for cell in row.cells if cell.state is State.VALUE]
    return clean(texts[0]).split("\n") if len(texts) == 1 else [whole]


def first_line(cell: Cell) -> str:
    """The first line of a cell: of several notes in one it is the first that tells them from a heading."""
    return clean(cell.text).partition("\n")[0]


def fits(row: Row, columns: Columns) -> bool:
    """Whether a row without a header above it can stand under these columns."""
    whole = whole_row(row, columns)
    if whole is not None:
        return is_section_like(whole)
    same_shape = len(row.cells) == columns.cell_count or sum(cell.span for cell in row.cells) == columns.width
    if not same_shape and len(row.cells) > columns.cell_count:
        return False
    number = parse_number(first_value(columns.cells(row, Column.NUMBER)))
    if number.value is None and not number.is_blank:
        return False
    return (same_shape and number.value is not None) or _says_who_or_when(row, columns)


def duties_above(rows: Sequence[Row]) -> list[Row]:
    """Of the rows above a header those that are neither a title or heading nor part of the header."""
    several = (row for row in rows if sum(cell.state is State.VALUE for cell in row.cells) > 2)
    return [row for row in several if len(header_of(row).places) < 2]


def _says_who_or_when(row: Row, columns: Columns) -> bool:
    # Any year does: what is asked is whether it reads as a date.
    deadline = parse_deadline(first_value(columns.cells(row, Column.DEADLINE)), 2000)
    agencies = parse_agencies(first_value(columns.cells(row, Column.LEAD) or columns.cells(row, Column.RESPONSIBLE)))
    return deadline.date is not None or deadline.ongoing or (bool(agencies.names) and not agencies.problems)


def with_dittos(cells: tuple[Cell, ...], above: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells of a row with the value of the one above in place of 同上, where there is one."""
    if not may_hold_ditto([cell.value for cell in cells]):
        return cells
    upper = {cell.column: cell.value for cell in above}
    return tuple(
        cell._replace(value=upper[cell.column]) if is_ditto(cell.value) and upper.get(cell.column) else cell
        for cell in cells
    )


def replaced(printed: tuple[Cell, ...], read: tuple[Cell, ...]) -> list[str]:
    """What stands in the cells that `with_dittos` gave another value."""
    if printed is read:
        return []
    return [cell.value.strip() for cell, other in zip(printed, read, strict=True) if cell is not other]


def first_value(cells: list[Cell]) -> str:
    """The value of the first of these cells, '' where there are none."""
    return cells[0].value if cells else ""


def total_in(row: Row, columns: Columns) -> str:
    """What a row of totals says, figures in columns without a role under their labels: 合计 3项 投资：1200; '' for any
    row that does not begin with 合计 or the like, left of the texts."""
    first = next((cell for cell in row.cells if cell.state is _VALUE), ABSENT)
    # Asked of every row, so the plain character comes before the pattern.
    if "计" not in first.text[:_LONGEST_LABEL] or not is_total(one_line(first.text)):
        return ""
    if first in columns.cells(row, Column.TEXT) and columns.has(Column.TITLE):
        return ""
    beside = columns.other_cells(row)
    under = {text for _, text in beside}
    own = [one_line(cell.text) for cell in row.cells if cell.state is _VALUE and clean(cell.text) not in under]
    return " ".join([*own, *(f"{label}：{one_line(text)}" for label, text in beside)])


def row_as_line(row: Row, title: str = "") -> str:
    """All that a row prints, as one line, without the title of the list."""
    texts = [text for text in _texts(row) if text != title]
    return footer_in(texts) or " ".join(texts)


def rows_follow(rows: Sequence[Row], begin: int, columns: Columns) -> bool:
    """Whether a row from here to the next header is neither blank nor says one thing only."""
    following = rows[begin : next_header(rows, begin, columns)]
    return any(whole_row(row, columns) is None and any(cell.value.strip() for cell in row.cells) for row in following)


def next_header(rows: Sequence[Row], begin: int, columns: Columns) -> int:
    """Where the next header of a list stands, or the rows end."""
    places = range(begin, len(rows))
    return next((place for place in places if header_again(rows, place, columns) is not None), len(rows))


def begins_another_table(row: Row) -> bool:
    """Whether a row is the header of a table that is no list: 序号 | 姓名 | 电话."""
    first = row.cells[0].value if row.cells else ""
    # Asked of every row: most begin with a number.
    if first[:1].isdigit() or len(first) > _LONGEST_LABEL or role_of(squeezed(first)) is not Column.NUMBER:
        return False
    filled = [cell for cell in row.cells if cell.state is _VALUE]
    return len(filled) >= _FEWEST_LABELS and _is_short(row) and not header_of(row).is_list
