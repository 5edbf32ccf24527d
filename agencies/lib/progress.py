"""How far long work is, and the way to stop it."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

# Called with the rows done and the rows there are (0: nobody knows yet); may raise `Cancelled` to stop.
Progress = Callable[[int, int], None]
Row = TypeVar("Row")


class Cancelled(Exception):
    """Somebody stopped the work; nothing was written. `by` is who, where that was said."""

    def __init__(self, by: str = "") -> None:
        super().__init__(by)
        self.by = by


def unwatched(done: int, total: int) -> None:
    """For callers that do not watch."""


def counted(rows: Iterable[Row], total: int, progress: Progress) -> Iterator[Row]:
    """The rows one by one, each told when the next one is asked for."""
    for done, row in enumerate(rows, 1):
        yield row
        progress(done, total)
