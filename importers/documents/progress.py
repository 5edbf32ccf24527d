"""How far a long import is, and the way to stop it."""

from collections.abc import Callable

# Called with the rows done and the rows there are (0: nobody knows yet); may raise `Cancelled` to stop.
Progress = Callable[[int, int], None]


class Cancelled(Exception):
    """Somebody stopped the import; nothing was written."""


def unwatched(done: int, total: int) -> None:
    """For callers that do not watch."""
