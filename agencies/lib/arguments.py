"""What commands take as arguments; a wrong one is answered with what is meant, not with a traceback later on."""

import datetime as dt
from argparse import ArgumentTypeError
from collections.abc import Callable


def day(text: str) -> dt.date:
    """A day like 2022-06-15."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date; write it like 2022-06-15") from None


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds, both included."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text[:20]) <= most):
            raise ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return read
