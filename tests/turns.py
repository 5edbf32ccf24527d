"""Whose turn it is. What must hold in many ways is seen in some of them each day.

In a browser `make browser` sees it in all of them. When the whole suite runs on both databases (TEST_HALF names the one
of this process), each of what both could see is seen every day on one of them. TEST_TURN is a number, that of the day
when it is not set, or "all".
"""

import os
from collections.abc import Sequence
from typing import TypeVar

from tests.run import turn_of_today

Way = TypeVar("Way")

NAMED = os.environ.get("TEST_TURN") or turn_of_today()
ALL = NAMED == "all"
TURN = 0 if ALL else int(NAMED)
HALF = os.environ.get("TEST_HALF", "")  # sqlite, server, or empty where this is not one of two


def whose_turn(ways: Sequence[Way], at_once: int) -> Sequence[Way]:
    """So many of the ways."""
    return ways if ALL else ways_in_turn(ways, at_once, TURN)


def shared_out(ways: Sequence[Way], days: int) -> Sequence[Way]:
    """All of the ways; of a whole run each on a server on one of so many days, else on SQLite, neighbours apart."""
    if ALL or not HALF:
        return ways
    return [way for place, way in enumerate(ways) if (place % days == TURN % days) is (HALF == "server")]


def ways_in_turn(ways: Sequence[Way], at_once: int, turn: int) -> list[Way]:
    return [ways[place % len(ways)] for place in range(turn * at_once, (turn + 1) * at_once)]
