"""What every reader makes of a file: paragraphs and tables in order, each cell with its state."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from importers.documents.values import Problem


class State(IntEnum):
    """Whether a cell says something, says nothing, is joined to the one above, or does not exist.

    SHARED is a place under a cell that spans several columns and is read as the cell of one of the others.
    """

    VALUE = 1
    BLANK = 2
    MERGED = 3
    ABSENT = 4
    SHARED = 5


class Cell(NamedTuple):
    """One cell: the text displayed in it, the value that holds for it, and the columns it covers.

    `text` is '' in a merged cell, `value` is then that of the cell above. A tuple: there are many.
    """

    text: str
    value: str
    state: State
    column: int
    span: int


PICTURE, FIELD = "〔图片〕", "〔域〕"
UNREADABLE = frozenset({PICTURE, FIELD})
"""What stands for a cell that shows something that is no text."""
ABSENT = Cell("", "", State.ABSENT, -1, 0)
SHARED = Cell("", "", State.SHARED, -1, 0)


class Row(NamedTuple):
    """A table row; `number` counts all table rows of the file from 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text outside tables."""

    text: str
    is_contents_entry: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table, however it was nested."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A document in reading order."""

    blocks: tuple[Paragraph | Table, ...]
    warnings: tuple[Problem, ...] = ()


def plain_cell(text: str, column: int) -> Cell:
    """A cell of a format without merging."""
    state = State.VALUE if text.strip() else State.BLANK
    return Cell(text, text, state, column, 1)
