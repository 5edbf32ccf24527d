"""What a server need not see, or not every day, of what SQLite sees."""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

from tests.turns import all_but_on_a_server

# These start portals of their own, on the database of this half.
PORTALS = (
    "tests/config/",
    "tests/agencies/test_guesses.py",
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
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return list(tests)
    found = [test for test in tests if asks_for_a_database(test)]
    pages = [test for test in found if test.nodeid.startswith(PAGES) and not test.nodeid.startswith(TWO_AT_ONCE)]
    waiting = set(pages) - set(all_but_on_a_server(pages, DAYS))
    return [test for test in found if test not in waiting]


def asks_for_a_database(test: pytest.Item) -> bool:
    """Whether it can reach one: pytest-django shuts it to tests that do not ask, and no other test starts a portal."""
    asked = DATABASE_FIXTURES & set(getattr(test, "fixturenames", ()))
    return bool(asked) or test.get_closest_marker("django_db") is not None or test.nodeid.startswith(PORTALS)
