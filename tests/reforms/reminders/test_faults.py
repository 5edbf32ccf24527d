"""A dose of `make faults PARTS=reminders`: senders killed at steps of a letter and between them, in a database of their
own, against a mail server that counts."""

import json
import os

import pytest

from tests.faults.__main__ import run_senders

KILLS = int(os.environ.get("LETTER_KILLS", "4"))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, int]:
    server = os.environ.get("DATABASE_URL", "")
    done = run_senders(server if server.startswith("postgres") else "", kills=KILLS, reminders=1, recipients=1, dose=1)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


def test_nothing_is_lost_and_every_second_copy_is_marked_however_often_a_sender_is_killed(outcomes):
    assert sum(count for what, count in outcomes.items() if what.startswith("killed ")) >= KILLS


def test_without_the_mark_before_sending_the_same_look_sees_a_second_copy(outcomes):
    """The negative control."""
    assert outcomes["negative control, without the mark before sending: seen"] == 1


@pytest.mark.parametrize(
    "what",
    [
        "one bad recipient among many",
        "cut off after DATA before the answer, then well",
        "a third of the marks after sending fail",
    ],
)
def test_everybody_is_told_and_nobody_counts_as_told_who_was_not(outcomes, what):
    assert outcomes[what] == 1
