"""Tables with a column for each agency, in which marks say who leads and who helps."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from importers.documents.grid import Cell, State
from importers.documents.layout.found import Layout, ListRow
from importers.documents.layout.labels import PRINTED, SHOWN_AS, Column, only_helps, role_of
from importers.documents.layout.legend import Legend, MarkRole, is_mark, is_sign, legend_of, levelled_mark, role_of_mark
from importers.documents.values import Problem, gettext_noop, problem

_NOT_SAID = gettext_noop(
    "“{value}”{columns}列以单位为列名，用符号标注分工，其中{count}个单元格（{marks}）的含义没有写明，未读取为牵头或责任单位，"
    "原文已保留。请回答每种符号表示什么；也可在表下注明（如“●牵头 ○配合”）后重新上传。"
)
_MIXED = gettext_noop(
    "指定为“{column}”的各列以单位为列名，其中有{count}种符号（{marks}），都按“{column}”读取，原文已保留。符号表示不同分工的，"
    "请在表下注明（如“●牵头 ○配合”）后重新上传。"
)
_ACTING = (Column.LEAD, Column.RESPONSIBLE)


def read_marks(layout: Layout, given: Legend) -> Iterator[Problem]:
    """Fill in who leads and who is responsible by the marks of each row; ask about marks that nothing explains. `given`
    is what a person said of marks, which counts where the document says nothing."""
    rows = {
        place: line
        for place, line in enumerate(layout.lines)
        if isinstance(line, ListRow) and line.columns.agencies_marked
    }
    marked = [pair for line in rows.values() for pair in _marked(line)]
    meanings = _Meanings.of(marked, {**given, **legend_of(layout.said_of_columns)})
    said = {meanings.role(*pair) for pair in marked}
    unknown: Counter[str] = Counter()
    asked = []
    for place, line in rows.items():
        is_alone = MarkRole.LEADS not in said and not line.columns.places[Column.LEAD]
        marks = _unexplained(line, meanings)
        unknown.update(marks)
        asked += [line.row] if marks else []
        layout.lines[place] = _with_agencies(line, meanings, is_alone=is_alone)
    if unknown and layout.columns:
        yield _not_said(layout.columns.agencies_marked.values(), unknown, tuple(asked))


@dataclass(frozen=True, slots=True)
class _Meanings:
    """What marks mean: by the legend, or, where there is one kind of mark only, by the label above (牵头单位 over
    市财政局)."""

    legend: Legend
    is_one_kind: bool

    @classmethod
    def of(cls, marked: Iterable[tuple[str, str]], legend: Legend) -> "_Meanings":
        return cls(legend, len({levelled_mark(mark) for _, mark in marked if is_sign(mark)}) == 1)

    def role(self, label: str, mark: str) -> MarkRole | None:
        return role_of_mark(mark, self.legend) or (_role_above(label) if self.is_one_kind else None)


def _role_above(label: str) -> MarkRole | None:
    above = label.rpartition("(")[0]
    if only_helps(above):
        return MarkRole.HELPS
    return {Column.LEAD: MarkRole.LEADS, Column.RESPONSIBLE: MarkRole.ACTS}.get(role_of(above) or Column.NUMBER)


def _unexplained(line: ListRow, meanings: _Meanings) -> list[str]:
    """The marks of a row that nothing explains, unless who they stand for is named beside them."""
    named = "、".join(line.cells[PRINTED.index(role)].value for role in _ACTING)
    agencies = line.columns.agencies_marked
    return [
        levelled_mark(mark)
        for label, mark in _marked(line)
        if meanings.role(label, mark) is None and agencies[label] not in named
    ]


def mixed_marks(layout: Layout) -> Iterator[Problem]:
    """Columns called by agencies that a person says hold who leads, or who is responsible, whatever the mark."""
    for role in _ACTING:
        place = PRINTED.index(role)
        cells = (line.cells[place] for line in layout.lines if isinstance(line, ListRow))
        # What was printed as a mark is read as the name of its column (`Columns`).
        replaced = (cell.text for cell in cells if cell.text != cell.value)
        marks = Counter(mark for text in replaced for mark in text.split("、") if is_mark(mark))
        if len(marks) > 1:
            yield problem(
                "columns_joined",
                _MIXED,
                value=SHOWN_AS[role],
                column=SHOWN_AS[role],
                count=len(marks),
                marks=_told(marks),
            )


def _told(marks: Counter[str]) -> str:
    return " / ".join(f"{mark}×{count}" for mark, count in marks.most_common())


def _not_said(agencies: Iterable[str], unknown: Counter[str], rows: tuple[int, ...]) -> Problem:
    names = list(agencies)
    told = partial(problem, "column_not_read", _NOT_SAID, value="”“".join(names), cell=Column.LEAD.value, rows=rows)
    return told(columns=len(names), count=unknown.total(), marks=_told(unknown), signs=" ".join(unknown))


def _marked(line: ListRow) -> Iterator[tuple[str, str]]:
    """The columns of agencies that a row marks, by their labels, each with its mark."""
    return (pair for pair in line.other if pair[0] in line.columns.agencies_marked)


def _with_agencies(line: ListRow, meanings: _Meanings, *, is_alone: bool) -> ListRow:
    """The row with those who are marked in its cells; `is_alone` where nothing says of anybody that it leads, which is
    then read, or asked, as in one column for both."""
    agencies = line.columns.agencies_marked
    roles = [(agencies[label], meanings.role(label, mark)) for label, mark in _marked(line)]
    helping = [name for name, role in roles if role is MarkRole.HELPS]
    if is_alone and (acting := [name for name, role in roles if role is MarkRole.ACTS]):
        told = (*acting, *(f"{name}（配合）" for name in helping))
        return _with_names(line, [], told, lead_state=State.SHARED)
    leading = [name for name, role in roles if role is MarkRole.LEADS]
    return _with_names(line, leading, [name for name, role in roles if role in (MarkRole.ACTS, MarkRole.HELPS)])


def _with_names(
    line: ListRow, leading: Sequence[str], others: Sequence[str], lead_state: State | None = None
) -> ListRow:
    cells = list(line.cells)
    for role, names in zip(_ACTING, (leading, others), strict=True):
        place = PRINTED.index(role)
        cells[place] = _naming(cells[place], names)
    if lead_state is not None:
        place = PRINTED.index(Column.LEAD)
        cells[place] = cells[place]._replace(state=lead_state)
    return replace(line, cells=tuple(cells))


def _naming(cell: Cell, names: Sequence[str]) -> Cell:
    """A cell that also names these; what is printed in it stays."""
    told = [one for one in cell.value.split("、") if one.strip()]
    value = "、".join((*told, *(name for name in names if name not in told)))
    state = State.BLANK if cell.state is State.ABSENT else cell.state
    return cell._replace(value=value, state=state)
