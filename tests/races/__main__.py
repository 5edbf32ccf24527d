"""Lets many writers act on one measure at once and sees that one wins, the others are told and nothing is lost.

python -m tests.races [--writers 50] [--rounds 1000] [--database sqlite|postgresql|both]
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from tests.apart import add_database, run_apart, servers


def main(arguments: Sequence[str]) -> int:
    """0 when every round had one winner, everybody else was told, and the control did lose updates."""
    options = parse(arguments)
    failed = 0
    for name, server in servers(options.database):
        started = time.monotonic()
        done = run(server, writers=options.writers, rounds=options.rounds)
        said = f"{options.writers} writers, {options.rounds} rounds, {time.monotonic() - started:.0f} s"
        print(f"\n== {name}: {said} ==")
        if done.returncode:
            print(done.stderr)
            failed += 1
            continue
        found = json.loads(done.stdout.splitlines()[-1])
        print("\n".join(f"{key}: {value}" for key, value in found.items()))
        failed += not is_right(found, writers=options.writers, rounds=options.rounds)
    return 1 if failed else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("--writers", type=int, default=50, help="how many act at once")
    parser.add_argument("--rounds", type=int, default=1000, help="how often")
    add_database(parser)
    return parser.parse_args(arguments)


def run(server: str, *, writers: int, rounds: int) -> "subprocess.CompletedProcess[str]":
    """In a process of its own, whose settings name a database of its own: a file, or one on `server`."""
    return run_apart("tests.races.run", server, "--writers", writers, "--rounds", rounds)


def is_right(found: dict[str, Any], *, writers: int, rounds: int) -> bool:
    one_each = found["won"] == rounds and found["told"] == rounds * (writers - 1) and not found["lost"]
    return one_each and not found["wrong"] and found["log_broken_at"] is None and found["lost_without_versions"] > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
