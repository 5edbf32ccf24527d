"""How a document is to be read, as a person says: what its columns hold (序号=1,事项=2), who leads (首位=牵头)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from importers.documents.grammar.agencies import parse_agencies
from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.roles import Unmarked
from importers.documents.grammar.text import one_line, parse_number, squeezed
from importers.documents.grid import Grid, Row, Table
from importers.documents.layout.columns import Columns, Labelled, columns_of
from importers.documents.layout.labels import Column, role_of, says_when_too
from importers.documents.layout.legend import MarkRole, is_sign, levelled_mark
from importers.documents.layout.rows import Header, find_header
from importers.documents.values import gettext_noop, problem

NOT_READ = gettext_noop("不导入")
ROLES: dict[str, Column | None] = {
    gettext_noop("序号"): Column.NUMBER,
    gettext_noop("类别"): Column.SECTION,
    gettext_noop("事项"): Column.TITLE,
    gettext_noop("举措"): Column.TEXT,
    gettext_noop("牵头"): Column.LEAD,
    gettext_noop("责任"): Column.RESPONSIBLE,
    gettext_noop("时限"): Column.DEADLINE,
    gettext_noop("备注"): None,
    NOT_READ: None,
}
# Two names stand for no role; 不导入 is the one that is shown.
_NAMES = {role: name for name, role in ROLES.items() if name != "备注"}
# Rows, columns and characters of a cell that are shown to choose by.
_FIRST, _WIDEST, _SHOWN = 6, 20, 60
_LONGEST_DAY = 20
# Roles that several columns may have; 备注 and 不导入 count as one.
_SEVERAL = (Column.TEXT, Column.LEAD, Column.RESPONSIBLE, None)
# 列第一位的为牵头单位？ Who leads of several agencies in a cell that names none of them as leading.
_FIRST_NAMED = "首位"
_UNMARKED = {"牵头": Unmarked.FIRST, "共同": Unmarked.ALL, "责任": Unmarked.NONE}
_BETWEEN = re.compile("[,，;；、\\s]+")
_PAIR = re.compile(r"^(?P<role>[^=＝]+)[=＝](?P<place>\d{1,3})$")
_UNKNOWN_MARK = gettext_noop("“{value}”无法识别。请写作“●=牵头,○=配合”，可用的含义：{names}。")
_UNKNOWN = gettext_noop("“{value}”无法识别。请写作“序号=1,事项=2”，可用的名称：{names}。")


class NotColumns(ValueError):
    """What was said of columns cannot be meant; `problem` says why."""

    def __init__(self, sentence: str, **facts: Any) -> None:
        self.problem = problem("columns_not_recognised", sentence, **facts)
        super().__init__(self.problem.message)


@dataclass(frozen=True, slots=True)
class GivenColumns:
    """What columns hold, by their places counted from 1; who leads where no word says so (None: not asked yet); what
    marks below the names of agencies mean."""

    roles: tuple[tuple[int, Column | None], ...] = ()
    unmarked: Unmarked | None = None
    marks: tuple[tuple[str, MarkRole], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.roles or self.marks) or self.unmarked is not None

    @classmethod
    def of_text(cls, text: str) -> "GivenColumns":
        """序号=1,事项=2,首位=牵头,●=牵头. Raises `NotColumns` with a sentence that says what is wrong."""
        roles: list[tuple[int, Column | None]] = []
        marks: dict[str, MarkRole] = {}
        unmarked = None
        for part in filter(None, _BETWEEN.split(text.strip())):
            name, _, value = part.replace("＝", "=").partition("=")
            if name == _FIRST_NAMED and value in _UNMARKED:
                unmarked = _UNMARKED[value]
                continue
            if is_sign(name) and value in set(MarkRole):
                marks[levelled_mark(name)] = MarkRole(value)
                continue
            match = _PAIR.match(part)
            if match is None or match["role"] not in ROLES:
                raise NotColumns(_UNKNOWN, value=part, names="、".join(ROLES))
            roles.append((int(match["place"]), ROLES[match["role"]]))
        if roles or (unmarked is None and not marks):
            _check(roles)
        return cls(tuple(roles), unmarked, tuple(marks.items()))

    @classmethod
    def of_marks(cls, text: str) -> "GivenColumns":
        """●=牵头,○=配合 alone. Raises `NotColumns` with a sentence that says what is wrong."""
        for part in filter(None, _BETWEEN.split(text.strip())):
            name, _, value = part.replace("＝", "=").partition("=")
            if not is_sign(name) or value not in set(MarkRole):
                raise NotColumns(_UNKNOWN_MARK, value=part, names="、".join(MarkRole))
        return cls.of_text(text)

    def or_as_kept(self, kept: str) -> "GivenColumns":
        """With what was said before where nothing else is said now."""
        before = GivenColumns.of_text(kept) if kept else NOT_GIVEN
        return self.or_as_said(before)

    def or_as_said(self, before: "GivenColumns") -> "GivenColumns":
        """The same, of what is understood already; marks one by one."""
        marks = tuple({**dict(before.marks), **dict(self.marks)}.items())
        return GivenColumns(self.roles or before.roles, self.unmarked or before.unmarked, marks)

    def with_leads(self, unmarked: Unmarked) -> "GivenColumns":
        """With an answer to who leads."""
        return replace(self, unmarked=unmarked)

    def with_marks(self, marks: Mapping[str, MarkRole]) -> "GivenColumns":
        """With what some marks mean."""
        return replace(self, marks=tuple({**dict(self.marks), **marks}.items()))

    @property
    def names(self) -> dict[int, str]:
        """What each column is said to be, by its place."""
        return {place: _NAMES[role] for place, role in self.roles}

    @property
    def text(self) -> str:
        """As it is typed."""
        who_leads = [f"{_FIRST_NAMED}={word}" for word, value in _UNMARKED.items() if value is self.unmarked]
        marks = (f"{mark}={role}" for mark, role in self.marks)
        return ",".join([*(f"{name}={place}" for place, name in self.names.items()), *who_leads, *marks])

    def header_of(self, rows: Sequence[Row]) -> Header | None:
        """The header of a table with these columns; None for one that has not as many, or says nothing under them."""
        widest = max((len(row.cells) for row in rows), default=0)
        if widest < max(place for place, _ in self.roles):
            return None
        end = self._first_duty(rows, widest)
        if end is None:
            return None
        # The row right above the first duty has the labels, where it is as wide.
        named = rows[end - 1] if end and len(rows[end - 1].cells) == widest else None
        shape = named or next(row for row in rows if len(row.cells) == widest)
        return Header(max(0, end - 1) if named else end, end, self._columns(shape, is_header=named is not None))

    def _first_duty(self, rows: Sequence[Row], widest: int) -> int | None:
        """The first row with a number; where no column has the numbers, the one below what reads like a header."""
        number = next((place for place, role in self.roles if role is Column.NUMBER), None)
        if number is None:
            found = find_header(tuple(rows))
            return found.end if found else 1
        for index, row in enumerate(rows):
            if len(row.cells) == widest and parse_number(row.cells[number - 1].value).value is not None:
                return index
        return None

    def _columns(self, shape: Row, *, is_header: bool) -> Columns:
        roles = dict(self.roles)
        labels = tuple(squeezed(cell.value) if is_header else "" for cell in shape.cells)
        says_when = Column.DEADLINE not in roles.values()
        labelled = [
            Labelled(label, cell.column, cell.span, roles.get(place), says_when=says_when and says_when_too(label))
            for place, (label, cell) in enumerate(zip(labels, shape.cells, strict=True), 1)
        ]
        return columns_of(labelled, labels, sum(cell.span for cell in shape.cells), len(shape.cells))


NOT_GIVEN = GivenColumns()


def names_of(rows: Sequence[Sequence[str]]) -> dict[int, str]:
    """What the columns seem to be, by the row that reads most like a header, else by what stands in them."""
    # In a row with wide cells the places of the columns are others.
    width = max(map(len, rows), default=0)
    found = ([role_of(squeezed(text)) for text in row] for row in rows if len(row) == width)
    best = max(found, key=lambda roles: len({*roles} - {None}), default=[])
    best = best if len({*best} - {None}) > 1 else _by_content(rows)
    return {place: _NAMES[role] for place, role in enumerate(best, 1)}


def _by_content(rows: Sequence[Sequence[str]]) -> list[Column | None]:
    """A proposal for somebody who looks at it: numbers, days and agencies by what they are, texts by their length."""
    width = max(map(len, rows), default=0)
    below = [row for row in rows[1:] if len(row) == width]
    columns = [[row[place] for row in below if row[place]] for place in range(width)]
    roles: list[Column | None] = [None] * width
    for role, fits in _CONTENTS:
        place = next(
            (one for one in range(width) if roles[one] is None and columns[one] and all(map(fits, columns[one]))), None
        )
        if place is not None:
            roles[place] = role
    left = sorted(
        (one for one in range(width) if roles[one] is None and columns[one]), key=lambda one: len("".join(columns[one]))
    )
    for place, role in zip(reversed(left), (Column.TEXT, Column.TITLE), strict=False):
        roles[place] = role
    return roles


def _is_a_day(text: str) -> bool:
    # Any year does where none is printed.
    days = (parse_deadline(text, year).date for year in (None, 2000))
    return len(text) <= _LONGEST_DAY and any(day is not None for day in days)


def _are_agencies(text: str) -> bool:
    found = parse_agencies(text)
    return bool(found.names) and not found.problems


_CONTENTS: tuple[tuple[Column, Callable[[str], bool]], ...] = (
    (Column.NUMBER, lambda text: parse_number(text).value is not None),
    (Column.DEADLINE, _is_a_day),
    (Column.LEAD, _are_agencies),
    (Column.RESPONSIBLE, _are_agencies),
)


def first_rows(grid: Grid) -> tuple[tuple[str, ...], ...]:
    """The beginning of the longest table, for somebody who is asked what its columns hold."""
    tables = [block for block in grid.blocks if isinstance(block, Table)]
    longest = max(tables, key=lambda table: len(table.rows), default=Table(()))
    return tuple(
        tuple(one_line(cell.value[:_SHOWN])[:_SHOWN] for cell in row.cells[:_WIDEST]) for row in longest.rows[:_FIRST]
    )


def _check(roles: list[tuple[int, Column | None]]) -> None:
    places = [place for place, _ in roles]
    if 0 in places or len(set(places)) < len(places):
        raise NotColumns(gettext_noop("列从1数起，每一列只能指定一次。"))
    for role in {role for _, role in roles} - set(_SEVERAL):
        if [one for _, one in roles].count(role) > 1:
            raise NotColumns(gettext_noop("“举措”“牵头”“责任”可以有几列，其余的只能有一列。"))
    if not {Column.TITLE, Column.TEXT} & {role for _, role in roles}:
        raise NotColumns(gettext_noop("请至少指定“事项”或“举措”列。"))
