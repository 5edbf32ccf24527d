"""A dose of `make faults PARTS=reminders`: senders killed at steps of a letter and between them, in a database of their
own, against a mail server that counts."""

import json
import os

import pytest

from tests.faults.__main__ import run_hints, run_senders
from tests.turns import whose_turn

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


@pytest.mark.skipif(True not in whose_turn((True, False, False), 1), reason="its turn is on another day")
def test_a_queue_that_stops_and_forgets_and_a_scheduler_that_dies_cost_nobody_a_letter() -> None:
    server = os.environ.get("DATABASE_URL", "")
    done = run_hints(server if server.startswith("postgres") else "", stops=1, flushes=1, beats=1)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["Redis stopped"], found["Redis flushed"], found["a scheduler killed"]) == (1, 1, 1)
    assert found["negative control, a flushed hint without a scheduler: nobody told"] == 1
