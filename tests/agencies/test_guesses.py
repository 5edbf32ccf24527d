"""A dose of `make faults PARTS=signin`: many guesses at one account at once, at the portal as it is served."""

import json
import os
from typing import Any

import pytest

from agencies.people.attempts import TRIES
from tests.apart import run_apart

GUESSES = int(os.environ.get("SIGN_IN_GUESSES", "40"))


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    server = os.environ.get("DATABASE_URL", "")
    postgres = server if server.startswith("postgres") else ""
    done = run_apart("tests.faults.signin", postgres, "--guesses", GUESSES, "--seconds", 0)
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def test_of_many_guesses_at_once_no_more_are_looked_at_than_an_account_has_tries(found: dict[str, Any]) -> None:
    assert found["guesses at once"] == {"looked at": TRIES, "refused": GUESSES - TRIES, "unanswered": 0}


def test_counted_after_the_check_more_would_be(found: dict[str, Any]) -> None:
    """The negative control."""
    assert found["guesses at once, counted after the check"]["looked at"] > TRIES
