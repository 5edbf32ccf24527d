"""Many writers on one measure at once: a small dose of `make races`, on the database of this run."""

import json
import os

from tests.races.__main__ import is_right, run

WRITERS, ROUNDS = 12, 6


def test_one_wins_the_others_are_told_and_without_versions_updates_are_lost() -> None:
    server = os.environ.get("DATABASE_URL", "")
    done = run(server if server.startswith("postgres") else "", writers=WRITERS, rounds=ROUNDS)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert is_right(found, writers=WRITERS, rounds=ROUNDS), found
