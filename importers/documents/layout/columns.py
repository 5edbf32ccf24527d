"""The columns of a table: which is which, and the cells of a row under them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.roles import is_office
from importers.documents.grammar.text import clean, squeezed
from importers.documents.grid import ABSENT, SHARED, Cell, Row, State
from importers.documents.layout.labels import (
    PRINTED,
    Column,
    names_a_level,
    names_offices,
    only_helps,
    role_of,
    without_mark_of_beside,
)
from importers.documents.layout.legend import agency_in, is_mark
from importers.documents.layout.naming import also_say_when, printed_again, roles_of
from importers.documents.layout.tails import who_and_when

_MOST_COLUMNS = 200
_BETWEEN = {Column.TEXT: "\n", Column.DEADLINE: "；"}
_ACTING = (Column.LEAD, Column.RESPONSIBLE)
_NOTHING = Cell("", "", State.BLANK, -1, 0)
# Beneath a label over several columns (年度目标 over 2023年 and 2024年) each says what its own label says as well.
_SAID_WITH_LABELS = frozenset(_BETWEEN)
_PARTS_OF_A_DATE = frozenset("年月日")  # 2024 below 年 beside 6 below 月


@dataclass(frozen=True, slots=True)
class Labelled:
    """A column under its label: the grid columns from `column` on, `span` of them. `assumed`: the role was found in
    what the column holds. `below` is its own label where it stands under a wider one (2023年 under 年度目标).
    `says_when`: the deadline stands in it beside its own role. `agency`: it holds marks (●, √) for the agency by
    which it is called. `is_again`: it prints whole what stands in parts in other columns."""

    label: str
    column: int
    span: int
    role: Column | None
    assumed: bool = False
    below: str = ""
    says_when: bool = False
    agency: str = ""
    is_again: bool = False

    @property
    def roles(self) -> tuple[Column, ...]:
        """What it holds; agencies and the deadline may stand in one column."""
        own = () if self.role is None else (self.role,)
        return (*own, Column.DEADLINE) if self.says_when else own

    @property
    def agency_called(self) -> str:
        """The agency by which a column is called that a person says holds who acts, '' of any other."""
        return agency_in(self.label) if self.role in _ACTING and role_of(self.label) not in _ACTING else ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a table: for each role the places (index among the cells, grid column) that hold it.

    `unread`: some column has no role; `names_offices`: those who act are offices within one agency; `agencies_marked`:
    the columns of marks by their labels, each with the agency that it is called by; `called`: the labels of columns
    that a person says hold who acts, and in which a mark stands for the agency they are called by; `divides`: some
    column holds, or repeats, more than one of the six.
    """

    places: dict[Column, tuple[tuple[int, int], ...]]
    cell_count: int
    labels: tuple[str, ...]
    width: int
    missing: tuple[Column, ...]
    indexes: tuple[int, ...] | None
    labelled: tuple[Labelled, ...] = ()
    unread: bool = False
    names_offices: bool = False
    agencies_marked: Mapping[str, str] = field(default_factory=dict)
    called: frozenset[str] = frozenset()
    divides: bool = False

    def has(self, role: Column) -> bool:
        """Whether some column has this role."""
        return role in self.places

    @property
    def labels_numbers(self) -> bool:
        """Whether the column of numbers has a label of its own."""
        return any(self.labelled[index].label for index, _ in self.places.get(Column.NUMBER, ()))

    @property
    def names_agencies(self) -> bool:
        """Whether some column says who acts, in whichever role."""
        return Column.LEAD in self.places or Column.RESPONSIBLE in self.places

    @property
    def only_help(self) -> bool:
        """Whether those named are all said to help, and none to act."""
        named = [one.label for one in self.labelled if one.role is Column.RESPONSIBLE]
        return not self.has(Column.LEAD) and bool(named) and all(map(only_helps, named))

    @property
    def by_level(self) -> bool:
        """Whether those who act stand in a column for each level of government, none of which is said to lead."""
        return not self.has(Column.LEAD) and len(self.levels_joined(Column.RESPONSIBLE)) > 1

    def levels_joined(self, role: Column) -> tuple[str, ...]:
        """The labels of the columns that are read as one, where they are called by levels of government."""
        joined = [one for one in self.labelled if one.role is role]
        by_level = any(names_a_level(one.below or one.label) for one in joined)
        return tuple(dict.fromkeys(one.label for one in joined)) if by_level else ()

    @property
    def says_what(self) -> Column:
        """The column that holds what is to be done."""
        return Column.TEXT if self.has(Column.TEXT) else Column.TITLE

    def is_like(self, other: "Columns | None") -> bool:
        """Whether a table under this header may go on with one under the other."""
        return other is None or len(self.places.keys() ^ other.places.keys()) <= 2

    @property
    def is_list(self) -> bool:
        """Whether a table under this header can be a list: what is to be done, and who or when."""
        what = self.has(Column.TITLE) or self.has(Column.TEXT)
        who_or_when = self.names_agencies or self.has(Column.DEADLINE)
        return what and who_or_when and len(self.places) >= 3

    def are_under(self, cell: Cell) -> bool:
        """Whether a cell spans all columns of the list; narrow ones may stand on either side of them."""
        columns = [column for places in self.places.values() for _, column in places]
        return cell.column <= min(columns) + 1 and max(columns) < cell.column + cell.span

    def printed_cells(self, row: Row) -> tuple[Cell, ...]:
        """The six cells of a row in the order of `PRINTED`."""
        if self.indexes is not None and (cells := self._in_step(row)):
            # Most rows of most lists: by place alone, without looking at columns.
            return tuple([cells[index] for index in self.indexes])
        return tuple(_without_sharing({role: self._printed(row, role) for role in PRINTED}).values())

    def _printed(self, row: Row, role: Column) -> Cell:
        """The cell of one role. Texts in two columns are two paragraphs, names in two columns one enumeration."""
        cells = self.cells(row, role)
        if role in _SAID_WITH_LABELS and len(cells) > 1:
            cells = [self._with_label(cell, index) for cell, (index, _) in zip(cells, self.places[role], strict=True)]
        elif role in _ACTING:
            cells = [
                self._of_mark(cell, index) for cell, (index, _) in zip(cells, self.places.get(role, ()), strict=True)
            ]
        is_one_date = all(self.labelled[index].below in _PARTS_OF_A_DATE for index, _ in self.places.get(role, ()))
        return _joined(cells, "" if is_one_date else _BETWEEN.get(role, "、"))

    def _with_label(self, cell: Cell, index: int) -> Cell:
        """2023年：完成一半: what stands below 2023年 says nothing without it."""
        label = self.labelled[index].below
        if not label or not cell.value.strip():
            return cell
        if label in _PARTS_OF_A_DATE and cell.value.strip().isdigit():
            return cell._replace(text=cell.text and f"{cell.text}{label}", value=f"{cell.value}{label}")
        return cell._replace(text=cell.text and f"{label}：{cell.text}", value=f"{label}：{cell.value}")

    def _of_mark(self, cell: Cell, index: int) -> Cell:
        """√ below 市财政局, in a column that a person says holds who acts, is 市财政局."""
        name = self.labelled[index].agency_called if is_mark(cell.value) else ""
        return cell._replace(value=name) if name else cell

    def cells(self, row: Row, role: Column) -> list[Cell]:
        """The cells of a row under the column or columns of one role."""
        places = self.places.get(role, ())
        if cells := self._in_step(row):
            return [cells[index] for index, _ in places]
        return [covering(row.cells, column) for _, column in places]

    def other_cells(self, row: Row) -> tuple[tuple[str, str], ...]:
        """What a row says in cells that no role reads, each under its label."""
        if not self.unread and not self.called and (len(row.cells) == self.cell_count or self._in_step(row)):
            return ()
        read = self._read(row)
        unread = (cell for cell in row.cells if id(cell) not in read or self._names_by_mark(cell))
        unread = (cell for cell in unread if not any(one.is_again for one in self._above(cell)))
        return _under_labels((self._label_above(cell), cell.value) for cell in unread)

    def printed_beside(
        self, row: Row, six: tuple[Cell, ...], other: tuple[tuple[str, str], ...]
    ) -> tuple[tuple[str, str], ...]:
        """What a row prints beside the six cells, to the character: what no role reads (`other`, as it is read), and
        whole what is divided."""
        # Most rows of most lists: what is read is what is printed, and nothing is divided.
        is_plain = not self.divides and self._in_step(row)
        if is_plain and not [cell for cell in row.cells if cell.text and cell.text != cell.value]:
            return other
        read, sections = self._read(row), {id(cell) for cell in self.cells(row, Column.SECTION)}
        held = [cell.text or cell.value for cell in six]
        found = []
        for cell in row.cells:
            printed = cell.text or cell.value
            if id(cell) not in read:
                found.append((self._label_above(cell), printed))
            elif id(cell) not in sections and self._is_divided(cell, held):
                found.append(("、".join(one.label for one in self._above(cell) if one.label), printed))
        return _under_labels(found)

    def _read(self, row: Row) -> set[int]:
        """The cells of a row that some role reads. By identity: two cells that say the same are equal."""
        return {id(cell) for role in self.places for cell in self.cells(row, role)}

    def _is_divided(self, cell: Cell, held: list[str]) -> bool:
        """Whether several of the six are read from a cell, or who acts from its label."""
        if any(one.says_when for one in self._above(cell)) or self._names_by_mark(cell):
            return True
        return not any((cell.text or cell.value) in text for text in held)

    def _names_by_mark(self, cell: Cell) -> bool:
        """Whether a mark stands in a column that a person says holds who acts, so that its label is the agency."""
        return bool(self.called) and is_mark(cell.value) and any(one.label in self.called for one in self._above(cell))

    def _above(self, cell: Cell) -> list[Labelled]:
        """The columns that a cell stands below."""
        end = cell.column + max(1, cell.span)
        return [one for one in self.labelled if one.column < end and cell.column < one.column + one.span]

    def _label_above(self, cell: Cell) -> str:
        above = (one.label for one in self.labelled if one.column <= cell.column < one.column + one.span)
        return next(above, "") or f"第{cell.column + 1}列"

    def _in_step(self, row: Row) -> tuple[Cell, ...]:
        """The cells of a row that has as many as the header, also when it begins a little further right."""
        cells = row.cells
        if len(cells) == self.cell_count + 1 and cells[0].state is State.ABSENT:
            return cells[1:]
        return cells if len(cells) == self.cell_count else ()


def _under_labels(cells: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What stands below each label, one below the other where there is more than one cell."""
    found: dict[str, str] = {}
    for label, text in cells:
        if text.strip():
            found[label] = f"{found[label]}\n{clean(text)}" if label in found else clean(text)
    return tuple(found.items())


def covering(cells: Sequence[Cell], column: int) -> Cell:
    """The cell of a row that stands in a grid column, `ABSENT` where none does."""
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
    """A cell that stands below several roles is read as that of one; only a text may be its own title."""
    filled = {id(cell): cell for cell in found.values() if cell.value.strip()}
    for key, cell in filled.items():
        sharing = [role for role, one in found.items() if id(one) == key]
        if len(sharing) < 2:
            continue
        agencies, when = _told_apart(sharing, cell.value)
        if when:
            # Agencies and deadline in one cell: each is read where it belongs.
            found[Column.DEADLINE] = cell._replace(text=cell.text and when, value=when)
            sharing.remove(Column.DEADLINE)
            rest = cell._replace(text=cell.text and agencies, value=agencies)
            found.update((role, rest) for role in sharing)
        owners = _owners(sharing, agencies or cell.value)
        # A date alone below 牵头单位及时限 says nothing of the column of responsible agencies beside it.
        other = _NOTHING if sharing == [Column.LEAD, Column.DEADLINE] else SHARED
        found.update((role, other) for role in sharing if role not in owners)
    return found


def _told_apart(sharing: list[Column], value: str) -> tuple[str, str]:
    """Of a cell below agencies and deadline, what stands apart from the deadline, and the deadline; empty where there
    is only one of them."""
    if Column.DEADLINE not in sharing or not {Column.LEAD, Column.RESPONSIBLE} & set(sharing):
        return "", ""
    return who_and_when(value)


def _says_when(text: str) -> bool:
    deadline = parse_deadline(clean(text), None)
    # A date that does not exist (2月30日) is still meant as one.
    invalid = deadline.problems[:1] and deadline.problems[0].kind == "invalid_date"
    return bool(deadline.date or deadline.ongoing or invalid)


def _owners(sharing: list[Column], value: str) -> list[Column]:
    if Column.DEADLINE in sharing and len(sharing) > 1:
        if _says_when(value):
            return [Column.DEADLINE]
        sharing = [role for role in sharing if role is not Column.DEADLINE]
    # One cell below 牵头单位 and 责任单位 is read like one column for both roles.
    if sharing[:2] == [Column.LEAD, Column.RESPONSIBLE]:
        return [Column.RESPONSIBLE]
    if sharing[:1] == [Column.NUMBER] and len(sharing) > 1:
        sharing = sharing[1:]
    return [role for role in sharing if role in (Column.TITLE, Column.TEXT)] or sharing[:1]


def header_of(row: Row) -> Columns:
    """The columns as one row names them."""
    return _named([(cell, (squeezed(cell.value),)) for cell in row.cells[:_MOST_COLUMNS]], row)


def two_row_header(upper: Row, lower: Row) -> Columns:
    """The columns of a header in two rows: the lower row decides, the upper one where it is silent."""
    named: list[tuple[Cell, tuple[str, ...]]] = []
    for cell in lower.cells[:_MOST_COLUMNS]:
        above = covering(upper.cells, cell.column)
        # Its own label, both together, the upper one: the first that names a role decides.
        texts = (squeezed(cell.text), squeezed(cell.text) + squeezed(above.value), squeezed(above.value))
        named.append((cell, texts if squeezed(cell.text) else texts[2:]))
    return _named(named, lower)


def _named(named: list[tuple[Cell, tuple[str, ...]]], row: Row) -> Columns:
    told = [texts for _, texts in named]
    roles = roles_of(told, at_the_edge=row.cells[:1] != () and row.cells[0].column == 0)
    again = printed_again(roles, told)
    say_when = also_say_when(roles, told)
    labelled = [
        Labelled(
            without_mark_of_beside(_label(texts)),
            cell.column,
            cell.span,
            role,
            below=_below(texts),
            says_when=place in say_when,
            is_again=place in again,
        )
        for place, ((cell, texts), role) in enumerate(zip(named, roles, strict=True))
    ]
    labels = tuple(squeezed(cell.text) for cell, _ in named)
    return columns_of(labelled, labels, sum(cell.span for cell in row.cells), len(row.cells))


def _label(texts: tuple[str, ...]) -> str:
    """What a column is called; below a wider label by both."""
    own, above = texts[0], texts[-1]
    return own if own == above or not above or len(texts) < 3 else f"{above}({own})"


def _below(texts: tuple[str, ...]) -> str:
    """The own label of a column below a wider one."""
    return texts[0] if _label(texts) != texts[0] else ""


def columns_of(labelled: Iterable[Labelled], labels: tuple[str, ...], width: int, cell_count: int) -> Columns:
    """The columns with these roles; `labels`, `width` and `cell_count` are those of the row they stand in."""
    labelled = tuple(labelled)
    places: dict[Column, tuple[tuple[int, int], ...]] = {}
    for index, one in enumerate(labelled):
        for role in one.roles:
            places[role] = (*places.get(role, ()), (index, one.column))
    agencies_marked = {one.label: one.agency for one in labelled if one.agency}
    if agencies_marked:
        # Who acts is told by marks, of which the list says elsewhere what they mean.
        places = {Column.LEAD: (), Column.RESPONSIBLE: (), **places}
    missing = tuple(role for role in PRINTED if role not in places)
    # With one column for each role a row is read by place (`printed_cells`).
    one_each = not missing and all(len(places[role]) == 1 for role in PRINTED)
    one_each = one_each and not any(one.says_when for one in labelled)
    indexes = tuple(places[role][0][0] for role in PRINTED) if one_each else None
    unread = any(one.role is None for one in labelled)
    offices = agencies_marked.values()
    acting = (one.label for one in labelled if one.role in (Column.LEAD, Column.RESPONSIBLE))
    return Columns(
        places,
        cell_count,
        labels,
        width,
        missing,
        indexes,
        labelled,
        unread,
        names_offices=any(map(names_offices, acting)) or (bool(offices) and all(map(is_office, offices))),
        agencies_marked=agencies_marked,
        called=frozenset(one.label for one in labelled if one.agency_called),
        divides=any(one.says_when or one.is_again or one.agency_called for one in labelled),
    )
