"""How many rows have been read, for whoever watches the process that reads."""

from collections.abc import Callable

TOLD_EVERY = 500


def _nobody(rows: int) -> None:
    """Nobody watches."""


# Set once by the process that reads (importers.documents.sandbox.process); hears the number of rows read so far.
listener: Callable[[int], None] = _nobody


def rows_read(before: int, now: int) -> None:
    """Readers call this as they go; every TOLD_EVERY rows the listener hears of it."""
    if before // TOLD_EVERY != now // TOLD_EVERY:
        listener(now)
