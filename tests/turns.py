"""Whose turn it is. What must hold in many ways is seen in some of them each day.

In a browser `make browser` sees it in all of them. What SQLite always sees in all of them takes turns on a server where
the rules are Python's, over queries that other tests ask there as well: when the whole suite runs (TEST_TURNS_ON_SERVER
is 1). TEST_TURN is a number, that of the day when it is not set, or "all".
"""

import os
from collections.abc import Sequence
from typing import TypeVar

from tests.run import turn_of_today

Way = TypeVar("Way")

NAMED = os.environ.get("TEST_TURN") or turn_of_today()
ALL = NAMED == "all"
TURN = 0 if ALL else int(NAMED)
ON_A_SERVER = os.environ.get("TEST_TURNS_ON_SERVER") == "1"


def whose_turn(ways: Sequence[Way], at_once: int) -> Sequence[Way]:
    """So many of the ways."""
    return ways if ALL else ways_in_turn(ways, at_once, TURN)


def all_but_on_a_server(ways: Sequence[Way], days: int) -> Sequence[Way]:
    """All of the ways; on a server each on one of so many days, and neighbours on different ones."""
    return ways[TURN % days :: days] if ON_A_SERVER and not ALL else ways


def ways_in_turn(ways: Sequence[Way], at_once: int, turn: int) -> list[Way]:
    return [ways[place % len(ways)] for place in range(turn * at_once, (turn + 1) * at_once)]
