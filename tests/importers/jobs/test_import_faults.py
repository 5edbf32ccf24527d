"""A dose of `make faults`: workers killed at points of an import and between them, in a database of their own."""

import json
import os

import pytest

from tests.faults.__main__ import run

KILLS = int(os.environ.get("IMPORT_KILLS", "6"))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, int]:
    server = os.environ.get("DATABASE_URL", "")
    done = run(server if server.startswith("postgres") else "", kills=KILLS, blocks=60)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


def counted(outcomes: dict[str, int], beginning: str) -> int:
    return sum(count for what, count in outcomes.items() if what.startswith(beginning))


def test_a_worker_killed_while_it_writes_leaves_all_or_nothing_and_the_next_one_finishes(outcomes):
    assert counted(outcomes, "killed after ") + counted(outcomes, "killed at a random moment") == KILLS


def test_without_a_transaction_the_same_look_sees_a_half_written_import(outcomes):
    """The negative control."""
    assert outcomes["negative control, without a transaction: seen half written"] == 3


def test_a_worker_killed_while_it_reads_or_plans_leaves_all_or_nothing(outcomes):
    assert counted(outcomes, "killed while reading, after ") == 2


def test_the_process_that_reads_ends_with_the_worker_that_started_it(outcomes):
    assert outcomes["killed while the reader read: the reader ended too"] == 1


def test_of_two_workers_one_has_the_job(outcomes):
    assert outcomes["two workers, one job: one did it"] == 1


def test_an_import_that_is_cancelled_halfway_leaves_nothing(outcomes):
    assert counted(outcomes, "cancelled after ") == 5


def test_a_plan_for_an_edition_that_is_no_longer_in_force_is_asked_about_again(outcomes):
    assert outcomes["confirmed for an edition that is no longer in force: asked again"] == 1


def test_a_worker_killed_while_it_takes_an_edition_back_leaves_all_or_nothing(outcomes):
    assert counted(outcomes, "killed while taking back, after ") == 6


def test_without_a_transaction_the_same_look_sees_an_edition_half_taken_back(outcomes):
    """The negative control."""
    assert outcomes["negative control, without a transaction: seen half taken back"] == 2


def test_of_two_workers_one_takes_an_edition_back(outcomes):
    assert outcomes["two workers, one taking back: one did it"] == 1
