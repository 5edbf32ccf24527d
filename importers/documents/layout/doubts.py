"""What a person should know of a list as a whole: why there is none, what stands beside it, columns that are missing or
not read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from importers.documents.grammar.text import NOTHING_PRINTED, one_line
from importers.documents.grid import Row
from importers.documents.layout.columns import Columns
from importers.documents.layout.found import Layout, Leader, ListRow
from importers.documents.layout.labels import PRINTED, SHOWN_AS, Column
from importers.documents.limits import Rejected
from importers.documents.values import Problem, gettext_noop, problem

_SEVERAL = gettext_noop("文件中有{count}张清单：{named}。只读取了“{chosen}”。其余的请另存为单独的文件后上传。")
_MISSING = gettext_noop("清单缺少“{column}”列，该列按空白处理。如有此列，请检查表头名称。")
_ASSUMED = gettext_noop("清单没有“具体举措”列，文字较长的“{value}”列按具体举措读取。请核对。")
_NOT_READ = gettext_noop(
    "“{value}”列没有对应的栏目，{count}个有内容的单元格按原文保留，未作为事项、举措、单位或时限读取。请核对。"
)
_AS_ABOVE = gettext_noop("{count}个单元格写的是“{value}”，按上一行同一列的内容读取，原文已保留。请核对。")
_NO_LIST = gettext_noop("未找到清单表格：第{number}张表缺少{names}列。请指定各列含义或更换文件。")
_TABLE_LEFT = gettext_noop(
    "第{number}张表（{count}行，“{shown}”）没有识别为清单的一部分，未导入。如属清单内容，请检查表头名称。"
)
_PARAGRAPH_LEFT = gettext_noop(
    "表格之外的一段没有归入任何事项，未导入：“{shown}”。如属清单内容，请列入表格后重新上传。"
)
_CELLS_SHOWN, _LONGEST_SHOWN = 12, 200
_JOINED = gettext_noop("“{value}”{count}列合并读取为“{column}”，单位所在的层级没有单独记录，原文已保留。请核对。")


def several_lists(lists: list[Layout], chosen: Layout) -> Iterator[Problem]:
    """The lists of a document that are not read."""
    lists = [one for one in lists if one.columns is None or one.columns.is_like(chosen.columns)]
    if len(lists) > 1:
        named = "、".join(f"“{one.title}”（{one.duties}条）" for one in lists)
        count = len(lists)
        yield problem("several_lists", _SEVERAL, value=str(count), count=count, named=named, chosen=chosen.title)


def no_list(tables: int, nearest: tuple[int, Columns] | None) -> Rejected:
    """Why there is no list: `nearest` is the table, by its number, that has the most of its columns."""
    if not tables:
        return Rejected("no_table")
    number, columns = nearest or (1, None)
    wanted = [role for role in PRINTED if columns is None or not columns.has(role)]
    # One column for both roles would do, so only one of them is asked for.
    if columns is not None and Column.RESPONSIBLE in wanted and Column.LEAD in wanted:
        wanted.remove(Column.RESPONSIBLE)
    names = "".join(f"“{SHOWN_AS[role]}”" for role in wanted)
    where = f"第{number}张表"
    return Rejected("columns_not_recognised", _NO_LIST, where=where, number=number, names=names)


def paragraph_left(text: str) -> Problem:
    """A paragraph that belongs to no item."""
    return problem("paragraph_not_read", _PARAGRAPH_LEFT, value=text, shown=text[:_LONGEST_SHOWN])


def table_left(rows: Sequence[Row], number: int, title: str = "") -> Iterator[Problem]:
    """Rows of a table that are no part of the list, with what they begin with; nothing where they are blank."""
    texts = (one_line(cell.text) for row in rows for cell in row.cells if cell.text.strip())
    said = "　".join(islice(texts, _CELLS_SHOWN))
    if said:
        said = f"{title}　{said}" if title else said
        shown = said[:_LONGEST_SHOWN]
        yield problem("table_not_read", _TABLE_LEFT, value=said, number=number, count=len(rows), shown=shown)


def read_as_above(printed: Sequence[str]) -> Iterator[Problem]:
    """The cells that say no more than 同上."""
    if printed:
        value = "”“".join(dict.fromkeys(printed))
        yield problem("same_as_above", _AS_ABOVE, value=value, count=len(printed))


def missing_columns(layout: Layout) -> Iterator[Problem]:
    """The columns of a list that nobody printed."""
    columns = layout.columns
    for role in columns.missing if columns else ():
        if _is_in_tails(role, layout):
            continue
        # One column for both roles is a way of printing, not an omission.
        if (
            role in (Column.LEAD, Column.RESPONSIBLE)
            and columns
            and (columns.has(Column.LEAD) or columns.has(Column.RESPONSIBLE) or _names_leaders(layout))
        ):
            continue
        yield problem("missing_column", _MISSING, cell=role.value, column=SHOWN_AS[role])


def unread_columns(layout: Layout) -> Iterator[Problem]:
    """Each column that no role reads, with how many of its cells say something, and each that was guessed at."""
    for one in layout.columns.labelled if layout.columns else ():
        if one.assumed:
            yield problem("missing_column", _ASSUMED, cell=Column.TEXT.value, value=one.label)
    yield from _joined_levels(layout)
    rows = [line for line in layout.lines if isinstance(line, ListRow)]
    beside = (pair for line in rows for pair in line.other if not _is_by_mark(pair[0], line.columns))
    filled = Counter(label for label, text in beside if text not in NOTHING_PRINTED)
    for label, count in filled.items():
        yield problem("column_not_read", _NOT_READ, value=label, count=count)


def _is_by_mark(label: str, columns: Columns) -> bool:
    return label in columns.agencies_marked or label in columns.called


def _joined_levels(layout: Layout) -> Iterator[Problem]:
    """省级责任单位, 市级责任单位: which level an agency stands under is not kept."""
    for role in (Column.LEAD, Column.RESPONSIBLE):
        labels = layout.columns.levels_joined(role) if layout.columns else ()
        if len(labels) > 1:
            value = "”“".join(labels)
            yield problem("columns_joined", _JOINED, value=value, count=len(labels), column=SHOWN_AS[role])


def _is_in_tails(role: Column, layout: Layout) -> bool:
    tails = (line.tail for line in layout.lines if isinstance(line, ListRow) and line.tail)
    if role is Column.DEADLINE:
        return any(tail.deadline for tail in tails)
    return role in (Column.LEAD, Column.RESPONSIBLE) and any(tail.agencies for tail in tails)


def _names_leaders(layout: Layout) -> bool:
    """Whether lines above the rows say who leads them."""
    return any(
        line.led_by if isinstance(line, ListRow) else isinstance(line, Leader) and line.names for line in layout.lines
    )
