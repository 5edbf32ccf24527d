"""What laying out finds: the lines of a list, and the list itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from importers.documents.grammar.text import is_ditto
from importers.documents.grid import Cell, Row, State
from importers.documents.layout.columns import Columns
from importers.documents.layout.headings import Heading, HeadingLevel
from importers.documents.layout.labels import PRINTED, Column
from importers.documents.layout.rows import first_value
from importers.documents.layout.tails import Tail, tail_in_cell

# By these names because they are asked for in every row, and an attribute of an enum takes ten times as long to find.
_VALUE, _MERGED, _SECTION = State.VALUE, State.MERGED, Column.SECTION
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Leader:
    """A sub-heading as printed; `names` who leads the rows below it, '' when it names nobody, None when it leaves who
    leads as it was."""

    names: str | None
    printed: str = ""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of the list: its six cells in the order of `PRINTED`, and the columns it stands under.

    `tail` is who and when where that stands at the end of the text; `beside` what the six cells do not print, as it is
    printed, `other` what of it was read. `led_by` is who leads where a line above says so.
    """

    row: int
    cells: tuple[Cell, ...]
    columns: Columns
    section: str = ""
    other: Pairs = ()
    tail: Tail | None = None
    beside: Pairs = ()
    led_by: str = ""

    @classmethod
    def of(cls, row: Row, columns: Columns) -> "ListRow | None":
        """The six cells of a row; None for a blank row."""
        cells = columns.printed_cells(row)
        if _VALUE not in [cell.state for cell in cells]:
            return None
        section = first_value(columns.cells(row, _SECTION)) if columns.has(_SECTION) else ""
        section = "" if is_ditto(section) else section  # nothing above it: the section goes on
        other = columns.other_cells(row)
        beside = columns.printed_beside(row, cells, other)
        return cls(row.number, cells, columns, section, other, _tail(cells, columns), beside)


SUB_HEADING = "小标题"
"""The label of a sub-heading among what is kept beside a measure."""

Line = Heading | Leader | ListRow


@dataclass(slots=True)
class Layout:
    """One list of a document, laid out.

    `below_title` is what the title goes on with on lines of its own, `around` what is printed before its first header,
    `top` the level at which it is divided into sections so far.
    """

    title: str = ""
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: Columns | None = None
    around: tuple[str, ...] = ()
    first_heading: str = ""
    first_leader: str = ""
    top: HeadingLevel = HeadingLevel.NONE
    below_title: str = ""

    def add(self, lines: Iterable[Line]) -> None:
        """Go on with these lines."""
        for line in lines:
            self.lines.append(line)
            if isinstance(line, Heading):
                self.top = min(self.top, line.level)

    def joined_to_above(self, duty: ListRow) -> ListRow:
        """A merge that goes on in a table behind a page break finds its text in the table before."""
        if _MERGED not in [cell.state for cell in duty.cells]:
            return duty
        above = next((line for line in reversed(self.lines) if isinstance(line, ListRow)), None)
        if above is None:
            return duty
        pairs = zip(duty.cells, above.cells, strict=True)
        cells = [
            cell._replace(value=upper.value) if cell.state is _MERGED and not cell.value else cell
            for cell, upper in pairs
        ]
        return replace(duty, cells=tuple(cells))

    @property
    def has_headings(self) -> bool:
        """Whether a heading was found."""
        return any(isinstance(line, Heading) for line in self.lines)

    def keep_beside(self, pairs: Pairs) -> bool:
        """Keep with the row above what goes on below it in columns without a role; False where no row is above."""
        above = self.lines[-1] if self.lines else None
        if not isinstance(above, ListRow):
            return False
        self.lines[-1] = replace(above, other=_joined(above.other, pairs), beside=_joined(above.beside, pairs))
        return True

    @property
    def said_of_columns(self) -> tuple[str, ...]:
        """Where a list says who leads of several agencies, and what its marks stand for."""
        labels = dict.fromkeys(
            (*self.columns.labels, *(one.label for one in self.columns.labelled)) if self.columns else ()
        )
        return (*labels, *self.notes, *self.around)

    @property
    def duties(self) -> int:
        """How many rows it has, which decides between several lists of a document."""
        return sum(isinstance(line, ListRow) for line in self.lines)


def _tail(cells: tuple[Cell, ...], columns: Columns) -> Tail | None:
    if not columns.missing:
        return None
    who, when = not columns.names_agencies, not columns.has(Column.DEADLINE)
    if not who and not when:
        return None
    return tail_in_cell(cells[PRINTED.index(columns.says_what)].value, who=who, when=when)


def _joined(above: Pairs, below: Pairs) -> Pairs:
    """Labels and texts, one text below the other where both have a label."""
    found = dict(above)
    for label, text in below:
        found[label] = f"{found[label]}\n{text}" if label in found else text
    return tuple(found.items())
