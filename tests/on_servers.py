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
# What these look at is written by templates; that a server answers each address the access matrix sees every day.
PAGES = (
    "tests/agencies/people/test_people_import.py",
    "tests/agencies/people/test_people_page.py",
    "tests/agencies/people/test_roles_page.py",
    "tests/importers/pages/",
    "tests/reforms/desk/",
    "tests/reforms/pages/",
)
TWO_AT_ONCE = "tests/reforms/pages/test_two_editing.py"
DAYS = 3

Test = TypeVar("Test", bound=pytest.Item)


def of_this_half(tests: Sequence[Test]) -> list[Test]:
    """Those that this half runs."""
    on_a_server = os.environ.get("DATABASE_URL", "").startswith("postgres")
    asking = [test for test in tests if asks_for_a_database(test)]
    pages = [test for test in asking if test.nodeid.startswith(PAGES) and not test.nodeid.startswith(TWO_AT_ONCE)]
    portals = [test for test in tests if test.nodeid.startswith(PORTALS)]
    chosen = {*shared_out(pages, DAYS), *(test for test in portals if test.nodeid.startswith(portals_of_this_half()))}
    left_to_the_other = {*pages, *portals} - chosen
    return [test for test in (asking if on_a_server else tests) if test not in left_to_the_other]


def portals_of_this_half() -> tuple[str, ...]:
    return tuple(shared_out(PORTALS, days=2))


def asks_for_a_database(test: pytest.Item) -> bool:
    """Whether it can reach one: pytest-django shuts it to tests that do not ask, and no other test starts a portal."""
    asked = DATABASE_FIXTURES & set(getattr(test, "fixturenames", ()))
    return bool(asked) or test.get_closest_marker("django_db") is not None or test.nodeid.startswith(PORTALS)
