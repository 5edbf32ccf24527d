"""What a person should know of a list as a whole: other lists beside it, columns that are missing or not read."""

from collections import Counter
from collections.abc import Iterator

from importers.documents.grammar.text import NOTHING_PRINTED
from importers.documents.layout.found import Layout, Leader, ListRow
from importers.documents.layout.labels import SHOWN_AS, Column
from importers.documents.sentences import gettext_noop, problem
from importers.documents.values import Problem

_SEVERAL = gettext_noop("文件中有{count}张清单：{named}。只读取了“{chosen}”。其余的请另存为单独的文件后上传。")
_MISSING = gettext_noop("清单缺少“{column}”列，该列按空白处理。如有此列，请检查表头名称。")
_ASSUMED = gettext_noop("清单没有“具体举措”列，文字较长的“{value}”列按具体举措读取。请核对。")
_NOT_READ = gettext_noop(
    "“{value}”列没有对应的栏目，{count}个有内容的单元格按原文保留，未作为事项、举措、单位或时限读取。请核对。"
)


def several_lists(lists: list[Layout], chosen: Layout) -> Iterator[Problem]:
    """The lists of a document that are not read."""
    lists = [one for one in lists if one.columns is None or one.columns.is_like(chosen.columns)]
    if len(lists) > 1:
        named = "、".join(f"“{one.title}”（{one.duties}条）" for one in lists)
        count = len(lists)
        yield problem("several_lists", _SEVERAL, value=str(count), count=count, named=named, chosen=chosen.title)


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
    beside = (pair for line in layout.lines if isinstance(line, ListRow) for pair in line.other)
    filled = Counter(label for label, text in beside if text not in NOTHING_PRINTED)
    for label, count in filled.items():
        yield problem("column_not_read", _NOT_READ, value=label, count=count)


def _is_in_tails(role: Column, layout: Layout) -> bool:
    tails = (line.tail for line in layout.lines if isinstance(line, ListRow) and line.tail)
    if role is Column.DEADLINE:
        return any(tail.deadline for tail in tails)
    return role in (Column.LEAD, Column.RESPONSIBLE) and any(tail.agencies for tail in tails)


def _names_leaders(layout: Layout) -> bool:
    return any(isinstance(line, Leader) and line.names for line in layout.lines)
