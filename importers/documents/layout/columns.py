"""The columns of a table: which is which, and the cells of a row under them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.text import clean, squeezed
from importers.documents.grid import ABSENT, SHARED, Cell, Row, State
from importers.documents.layout.labels import PRINTED, Column, names_offices
from importers.documents.layout.naming import roles_of

_MOST_COLUMNS = 200
_BETWEEN = {Column.TEXT: "\n", Column.DEADLINE: "；"}
# Beneath a label over several columns (年度目标 over 2023年 and 2024年) each says what its own label says as well.
_SAID_WITH_LABELS = frozenset(_BETWEEN)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A column under its label: the grid columns from `column` on, `span` of them. `assumed`: the role was found in
    what the column holds. `below` is its own label where it stands under a wider one (2023年 under 年度目标)."""

    label: str
    column: int
    span: int
    role: Column | None
    assumed: bool = False
    below: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a table: for each role the places (index among the cells, grid column) that hold it.

    `unread`: some column has no role; `names_offices`: those who act are offices within one agency.
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
        return _joined(cells, _BETWEEN.get(role, "、"))

    def _with_label(self, cell: Cell, index: int) -> Cell:
        """2023年：完成一半: what stands below 2023年 says nothing without it."""
        label = self.labelled[index].below
        if not label or not cell.value.strip():
            return cell
        return cell._replace(text=cell.text and f"{label}：{cell.text}", value=f"{label}：{cell.value}")

    def cells(self, row: Row, role: Column) -> list[Cell]:
        """The cells of a row under the column or columns of one role."""
        places = self.places.get(role, ())
        if cells := self._in_step(row):
            return [cells[index] for index, _ in places]
        return [covering(row.cells, column) for _, column in places]

    def other_cells(self, row: Row) -> tuple[tuple[str, str], ...]:
        """What a row says in cells that no role reads, each under its label."""
        if not self.unread and (len(row.cells) == self.cell_count or self._in_step(row)):
            return ()
        # By identity: two cells that say the same are equal.
        read = {id(cell) for role in self.places for cell in self.cells(row, role)}
        found: dict[str, str] = {}
        for cell in row.cells:
            if cell.value.strip() and id(cell) not in read:
                label = self._label_above(cell)
                found[label] = f"{found[label]}\n{clean(cell.value)}" if label in found else clean(cell.value)
        return tuple(found.items())

    def _label_above(self, cell: Cell) -> str:
        above = (one.label for one in self.labelled if one.column <= cell.column < one.column + one.span)
        return next(above, "") or f"第{cell.column + 1}列"

    def _in_step(self, row: Row) -> tuple[Cell, ...]:
        """The cells of a row that has as many as the header, also when it begins a little further right."""
        cells = row.cells
        if len(cells) == self.cell_count + 1 and cells[0].state is State.ABSENT:
            return cells[1:]
        return cells if len(cells) == self.cell_count else ()


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
    """A cell that spans the columns of several roles is read as that of one; only a text may be its own title."""
    wide = {id(cell): cell for cell in found.values() if cell.span > 1 and cell.value.strip()}
    for key, cell in wide.items():
        sharing = [role for role, one in found.items() if id(one) == key]
        agencies, when = _told_apart(sharing, cell.value)
        if when:
            # Agencies and deadline in one cell: each is read where it belongs.
            found[Column.DEADLINE] = cell._replace(text=cell.text and when, value=when)
            sharing.remove(Column.DEADLINE)
            rest = cell._replace(text=cell.text and agencies, value=agencies)
            found.update((role, rest) for role in sharing)
        owners = _owners(sharing, agencies or cell.value)
        found.update((role, SHARED) for role in sharing if role not in owners)
    return found


def _told_apart(sharing: list[Column], value: str) -> tuple[str, str]:
    """Of a cell below agencies and deadline, what stands apart from the deadline, and the deadline; empty where there
    is only one of them."""
    if Column.DEADLINE not in sharing or not {Column.LEAD, Column.RESPONSIBLE} & set(sharing):
        return "", ""
    parts = value.split()
    when = [part for part in parts if _says_when(part)]
    rest = [part for part in parts if part not in when]
    return (" ".join(rest), " ".join(when)) if when and rest else ("", "")


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
    roles = roles_of([texts for _, texts in named], at_the_edge=row.cells[:1] != () and row.cells[0].column == 0)
    labelled = [
        Labelled(_label(texts), cell.column, cell.span, role, below=_below(texts))
        for (cell, texts), role in zip(named, roles, strict=True)
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
        if one.role is not None:
            places[one.role] = (*places.get(one.role, ()), (index, one.column))
    missing = tuple(role for role in PRINTED if role not in places)
    # With one column for each role a row is read by place (`printed_cells`).
    one_each = not missing and all(len(places[role]) == 1 for role in PRINTED)
    indexes = tuple(places[role][0][0] for role in PRINTED) if one_each else None
    unread = any(one.role is None for one in labelled)
    acting = (one.label for one in labelled if one.role in (Column.LEAD, Column.RESPONSIBLE))
    return Columns(
        places, cell_count, labels, width, missing, indexes, labelled, unread, any(map(names_offices, acting))
    )
