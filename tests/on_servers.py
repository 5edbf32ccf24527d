"""What each half of a whole run leaves to the other, and what a server need not see at all."""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

from tests.turns import shared_out

# These start portals of their own, on the database of this half: each on one of the two a day. `make faults` and
# `make races` do the same at length, on both.
PORTALS = (
    "tests/agencies/test_guesses.py",
    "tests/config/test_crash.py",
    "tests/config/test_worker.py",
    "tests/importers/jobs/test_import_faults.py",
    "tests/reforms/reminders/test_faults.py",
    "tests/reforms/status/test_races.py",
)
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}
# What these look at is decided in Python and asked through the ORM: each is seen every day on one database, and on the
# other the days between. That a server answers each address the access matrix sees every day.
SHARED = ("tests/agencies/", "tests/importers/", "tests/reforms/")
# But for what the database itself decides: statements of our own, locks, many rows at once, texts that are compared,
# and letters that must never be told twice. The last shares out its ways itself.
OF_THE_DATABASE = (
    "tests/agencies/lib/",
    "tests/agencies/log/",
    "tests/importers/editions/",
    "tests/reforms/catalogue/test_found.py",
    "tests/reforms/columns/",
    "tests/reforms/models/",
    "tests/reforms/pages/test_two_editing.py",
    "tests/reforms/reminders/",
    "tests/reforms/reports/test_owed.py",
    "tests/reforms/reports/test_periods.py",
    "tests/reforms/search/",
    "tests/reforms/status/",
    "tests/reforms/api/test_keeping_a_copy.py",
)
DAYS = 3

Test = TypeVar("Test", bound=pytest.Item)


def of_this_half(tests: Sequence[Test]) -> list[Test]:
    """Those that this half runs."""
    on_a_server = os.environ.get("DATABASE_URL", "").startswith("postgres")
    asking = [test for test in tests if asks_for_a_database(test)]
    shared = [test for test in asking if is_shared(test)]
    portals = [test for test in tests if test.nodeid.startswith(PORTALS)]
    chosen = {*shared_out(shared, DAYS), *(test for test in portals if test.nodeid.startswith(portals_of_this_half()))}
    left_to_the_other = {*shared, *portals} - chosen
    return [test for test in (asking if on_a_server else tests) if test not in left_to_the_other]


def is_shared(test: pytest.Item) -> bool:
    """Whether it is enough that one of the databases sees it today."""
    if not test.nodeid.startswith(SHARED) or test.nodeid.startswith((*OF_THE_DATABASE, *PORTALS)):
        return False
    # Of one that a database leaves out nobody would see anything on the days of that one; several at once hold locks.
    marked = test.get_closest_marker("django_db")
    at_once = (marked and marked.kwargs.get("transaction")) or "transactional_db" in getattr(test, "fixturenames", ())
    return not (at_once or test.get_closest_marker("skipif"))


def portals_of_this_half() -> tuple[str, ...]:
    return tuple(shared_out(PORTALS, days=2))


def asks_for_a_database(test: pytest.Item) -> bool:
    """Whether it can reach one: pytest-django shuts it to tests that do not ask, and no other test starts a portal."""
    asked = DATABASE_FIXTURES & set(getattr(test, "fixturenames", ()))
    return bool(asked) or test.get_closest_marker("django_db") is not None or test.nodeid.startswith(PORTALS)
