"""Which column is which, whatever the columns are called and however they are ordered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.text import clean, squeezed
from importers.documents.grid import ABSENT, SHARED, Cell, Row, State


class Column(StrEnum):
    """What a column holds; the first six are the printed cells, in that order."""

    NUMBER = "number"
    TITLE = "title"
    TEXT = "text"
    LEAD = "lead"
    RESPONSIBLE = "responsible"
    DEADLINE = "deadline"
    SECTION = "section"

    # Looked up for every row: the hash of the text, and not the one of enumerations, which costs a Python call.
    __hash__ = str.__hash__


PRINTED = (Column.NUMBER, Column.TITLE, Column.TEXT, Column.LEAD, Column.RESPONSIBLE, Column.DEADLINE)
SHOWN_AS = {
    Column.NUMBER: "序号",
    Column.TITLE: "改革事项",
    Column.TEXT: "具体举措",
    Column.LEAD: "牵头单位",
    Column.RESPONSIBLE: "责任单位",
    Column.DEADLINE: "完成时限",
}
_UNIT = "(?:单位|部门|主体|机构)"
_HELPING = "配合|协办|参与|参加|协同|协作|协助"
# Persons, results and counts beside the list's own columns.
_NO_ROLE = re.compile(
    r"领导|负责人|责任人|联系|人$|电话|处室|科室|备注|(?:数量|项数|条数|个数|总数|占比|比例|数)$|情况|进展|成效|成果|依据|来源"
    r"|(?:启动|开始|起始|签收|报送|填报|印发|更新|会议)(?:时间|日期)"
)
# The first that fits decides, so the more particular words come first.
_LABELS = (
    (
        Column.NUMBER,
        re.compile(r"^(?:序号?|编号|项次|号|#|no\.?|(?:任务|事项|项目|举措)(?:序号|编号))$", re.IGNORECASE),
    ),
    (Column.DEADLINE, re.compile("时限|期限|时间|节点|截止|进度安排|进度要求|完成日期")),
    (Column.RESPONSIBLE, re.compile(rf"(?:牵头|主办)(?!责任).*(?:{_HELPING}|责任).*{_UNIT}|责任.*牵头.*{_UNIT}")),
    (Column.LEAD, re.compile(rf"牵头|主办|主责|第一责任{_UNIT}")),
    (
        Column.RESPONSIBLE,
        re.compile(rf"(?:责任|负责|主管|{_HELPING}|承办|落实|实施|责任落实).*{_UNIT}|^{_UNIT}$|^责任分工$"),
    ),
    (Column.SECTION, re.compile("类别|领域|板块|分类|任务类型|章节")),
    (Column.TEXT, re.compile("举措|措施|内容|做法|具体任务|二级任务")),
    (Column.TITLE, re.compile("事项|任务|名称|项目|改革")),
)
_MAY_BE_SEVERAL = (Column.LEAD, Column.RESPONSIBLE, Column.TEXT)
_LONGEST_LABEL = 16
_LONGEST_IN_ALL = 200
_MOST_COLUMNS = 200
_AND_PERSONS = re.compile("[及和、/](?:责任人|负责人|联系人|联系方式)$")
_IN_BRACKETS = re.compile(r"\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a table: for each role the places (index among the cells, grid column) that hold it."""

    places: dict[Column, tuple[tuple[int, int], ...]]
    cell_count: int
    labels: tuple[str, ...]
    width: int
    missing: tuple[Column, ...]
    indexes: tuple[int, ...] | None

    def has(self, role: Column) -> bool:
        return role in self.places

    @property
    def labels_numbers(self) -> bool:
        """Whether the column of numbers has a label of its own."""
        return any(self.labels[index] for index, _ in self.places.get(Column.NUMBER, ()))

    def is_like(self, other: "Columns | None") -> bool:
        """Whether a table under this header may go on with one under the other."""
        return other is None or len(self.places.keys() ^ other.places.keys()) <= 2

    @property
    def is_list(self) -> bool:
        """Whether a table under this header can be a list: what is to be done, and who or when."""
        what = self.has(Column.TITLE) or self.has(Column.TEXT)
        who_or_when = self.has(Column.LEAD) or self.has(Column.RESPONSIBLE) or self.has(Column.DEADLINE)
        return what and who_or_when and len(self.places) >= 3

    def are_under(self, cell: Cell) -> bool:
        """Whether a cell spans all columns of the list; narrow ones may stand on either side of them."""
        columns = [column for places in self.places.values() for _, column in places]
        return cell.column <= min(columns) + 1 and max(columns) < cell.column + cell.span

    def printed_cells(self, row: Row) -> tuple[Cell, ...]:
        """The six cells of a row in the order of `PRINTED`."""
        if self.indexes is not None and (cells := self._in_step(row)):
            return tuple([cells[index] for index in self.indexes])
        found = {role: _joined(self.cells(row, role), "\n" if role is Column.TEXT else "、") for role in PRINTED}
        return tuple(_without_sharing(found).values())

    def cells(self, row: Row, role: Column) -> list[Cell]:
        """The cells of a row under the column or columns of one role."""
        places = self.places.get(role, ())
        if cells := self._in_step(row):
            return [cells[index] for index, _ in places]
        return [_covering(row.cells, column) for _, column in places]

    def _in_step(self, row: Row) -> tuple[Cell, ...]:
        """The cells of a row that has as many as the header, also when it begins a little further right."""
        cells = row.cells
        if len(cells) == self.cell_count + 1 and cells[0].state is State.ABSENT:
            return cells[1:]
        return cells if len(cells) == self.cell_count else ()


def _covering(cells: Sequence[Cell], column: int) -> Cell:
    for cell in cells:
        if cell.column <= column < cell.column + cell.span:
            return cell if cell.column == column or cell.span > 1 else ABSENT
    return ABSENT


def _joined(cells: list[Cell], separator: str) -> Cell:
    """Several columns of one role count as one cell."""
    filled = [cell for cell in cells if cell.value.strip()]
    if len(filled) < 2:
        return (filled or cells or [ABSENT])[0]
    first = filled[0]
    text = separator.join(cell.text for cell in filled if cell.text)
    return Cell(text, separator.join(cell.value for cell in filled), first.state, first.column, first.span)


def _without_sharing(found: dict[Column, Cell]) -> dict[Column, Cell]:
    """A cell that spans the columns of several roles is read as that of one; only a text may be its own title."""
    wide = {id(cell): cell for cell in found.values() if cell.span > 1 and cell.value.strip()}
    for key, cell in wide.items():
        sharing = [role for role, one in found.items() if id(one) == key]
        owners = _owners(sharing, cell.value)
        found.update((role, SHARED) for role in sharing if role not in owners)
    return found


def _owners(sharing: list[Column], value: str) -> list[Column]:
    if Column.DEADLINE in sharing and len(sharing) > 1:
        deadline = parse_deadline(clean(value), None)
        if deadline.date or deadline.ongoing or (deadline.problems[:1] and deadline.problems[0].kind == "invalid_date"):
            return [Column.DEADLINE]
        sharing = [role for role in sharing if role is not Column.DEADLINE]
    if sharing[:2] == [Column.LEAD, Column.RESPONSIBLE]:
        return [Column.RESPONSIBLE]
    if sharing[:1] == [Column.NUMBER] and len(sharing) > 1:
        sharing = sharing[1:]
    return [role for role in sharing if role in (Column.TITLE, Column.TEXT)] or sharing[:1]


def role_of(label: str) -> Column | None:
    """The role a header text names, or None."""
    if len(label) > _LONGEST_IN_ALL:
        return None
    label = _AND_PERSONS.sub("", label)
    for text in (_IN_BRACKETS.sub("", label), label):
        if text and not _NO_ROLE.search(text) and len(text) <= _LONGEST_LABEL:
            for role, pattern in _LABELS:
                if pattern.search(text):
                    return role
    return None


def header_of(row: Row) -> Columns:
    """The columns as one row names them."""
    return _columns([(cell, (squeezed(cell.value),)) for cell in row.cells[:_MOST_COLUMNS]], row)


def two_row_header(upper: Row, lower: Row) -> Columns:
    """The columns of a header in two rows: the lower row decides, the upper one where it is silent."""
    named: list[tuple[Cell, tuple[str, ...]]] = []
    for cell in lower.cells[:_MOST_COLUMNS]:
        above = _covering(upper.cells, cell.column)
        texts = (squeezed(cell.text), squeezed(cell.text) + squeezed(above.value), squeezed(above.value))
        named.append((cell, texts if squeezed(cell.text) else texts[2:]))
    return _columns(named, lower)


def _columns(named: list[tuple[Cell, tuple[str, ...]]], row: Row) -> Columns:
    places: dict[Column, tuple[tuple[int, int], ...]] = {}
    for index, (cell, texts) in enumerate(named):
        role = next(filter(None, map(role_of, texts)), None)
        if role is Column.TITLE and role in places and Column.TEXT not in places:
            role = Column.TEXT
        if role and (role in _MAY_BE_SEVERAL or role not in places):
            places[role] = (*places.get(role, ()), (index, cell.column))
    labels = tuple(squeezed(cell.text) for cell, _ in named)
    first = int((0, 0) in places.get(Column.SECTION, ()))
    if Column.NUMBER not in places and len(places) > 2 and not any(named[first][1]):
        places[Column.NUMBER] = ((first, row.cells[first].column),)  # nobody labels it because everybody knows
    width = sum(cell.span for cell in row.cells)
    places = _with_a_title(_with_a_lead(places, labels))
    missing = tuple(role for role in PRINTED if role not in places)
    one_each = not missing and all(len(places[role]) == 1 for role in PRINTED)
    indexes = tuple(places[role][0][0] for role in PRINTED) if one_each else None
    return Columns(places, len(row.cells), labels, width, missing, indexes)


def _with_a_title(places: dict[Column, tuple[tuple[int, int], ...]]) -> dict[Column, tuple[tuple[int, int], ...]]:
    """Two columns of texts and none of titles: 主要内容 beside 工作举措."""
    texts = places.get(Column.TEXT, ())
    if Column.TITLE in places or len(texts) < 2:
        return places
    return {**places, Column.TITLE: texts[:1], Column.TEXT: texts[1:]}


def _with_a_lead(
    places: dict[Column, tuple[tuple[int, int], ...]], labels: tuple[str, ...]
) -> dict[Column, tuple[tuple[int, int], ...]]:
    """责任单位 beside 配合单位, without 牵头单位: the former leads."""
    helping = places.get(Column.RESPONSIBLE, ())
    if Column.LEAD in places or len(helping) != 2:
        return places
    first = next((place for place in helping if re.search("责任|承办|实施", labels[place[0]])), None)
    if first is None:
        return places
    rest = tuple(place for place in helping if place is not first)
    return {**places, Column.LEAD: (first,), Column.RESPONSIBLE: rest}
