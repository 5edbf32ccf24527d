"""Which cells of a column are one merged cell."""

from collections.abc import Iterator
from typing import NamedTuple

from importers.documents.layout.labels import PRINTED
from importers.documents.writers.rows import DutyRow, WrittenRow


class Run(NamedTuple):
    """Cells of one column from the first to the last row that are merged; rows and columns from 0."""

    column: int
    first: int
    last: int


def merged_runs(rows: list[WrittenRow]) -> Iterator[Run]:
    """The vertical merges of a list."""
    for column in range(len(PRINTED)):
        first = 0
        # None ends the run that is open at the last row.
        for index, row in enumerate((*rows, None)):
            if isinstance(row, DutyRow) and row.cells[column].continues:
                continue
            if index - first > 1:
                yield Run(column, first, index - 1)
            first = index
