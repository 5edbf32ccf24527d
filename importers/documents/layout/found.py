"""What laying out finds: the lines of a list, and the list itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from importers.documents.grid import Cell
from importers.documents.layout.columns import Columns
from importers.documents.layout.headings import Heading, HeadingLevel
from importers.documents.layout.tails import Tail


@dataclass(frozen=True, slots=True)
class Leader:
    """A sub-heading as printed; `names` who leads the rows below it, '' when it names nobody, None when it leaves who
    leads as it was."""

    names: str | None
    printed: str = ""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of the list: its six cells in the order of `PRINTED`, and the columns it stands under.

    `tail` is who and when where that stands at the end of the text.
    """

    row: int
    cells: tuple[Cell, ...]
    columns: Columns
    section: str = ""
    other: tuple[tuple[str, str], ...] = ()
    tail: Tail | None = None


SUB_HEADING = "小标题"
"""The label of a sub-heading among what is kept beside a measure."""

Line = Heading | Leader | ListRow


@dataclass(slots=True)
class Layout:
    """One list of a document, laid out.

    `around` is what is printed before its first header, `top` the level at which it is divided into sections so far.
    """

    title: str = ""
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: Columns | None = None
    around: tuple[str, ...] = ()
    first_heading: str = ""
    top: HeadingLevel = HeadingLevel.NONE

    def add(self, lines: Iterable[Line]) -> None:
        """Go on with these lines."""
        for line in lines:
            self.lines.append(line)
            if isinstance(line, Heading):
                self.top = min(self.top, line.level)

    @property
    def duties(self) -> int:
        """How many rows it has, which decides between several lists of a document."""
        return sum(isinstance(line, ListRow) for line in self.lines)
