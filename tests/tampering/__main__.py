"""Tampers with the change log at random and sees that it is found every time. This is `make tampering`.

python -m tests.tampering [--times 1000] [--database sqlite|postgresql|both] [--seed 1]
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
    """0 when every tampering was found in every database."""
    options = parse(arguments)
    failed = 0
    for name, server in servers(options.database):
        started = time.monotonic()
        done = run(server, times=options.times, seed=options.seed)
        print(f"\n== {name}: {options.times} tamperings, {time.monotonic() - started:.0f} s ==")
        if done.returncode:
            print(done.stderr)
            failed += 1
        else:
            found = json.loads(done.stdout)
            print("\n".join(told(found)))
            failed += found["unnoticed"] > 0
    return 1 if failed else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.tampering", description=__doc__)
    parser.add_argument("--times", type=int, default=1000, help="how often the log is tampered with")
    add_database(parser)
    parser.add_argument("--seed", type=int, default=1, help="another number, other tamperings")
    return parser.parse_args(arguments)


def run(server: str, *, times: int, seed: int) -> "subprocess.CompletedProcess[str]":
    """In a process of its own, whose settings name a database of its own: a file, or one on `server`."""
    return run_apart("tests.tampering.run", server, "--times", times, "--seed", seed)


def told(found: dict[str, Any]) -> list[str]:
    """What was done and found, by kind; and the negative controls."""
    lines = [
        f"{found['found'].get(kind, 0):>5} of {count:>4} found  {_words(kind)}" for kind, count in found["done"].items()
    ]
    for control, without in (("missed_without_heads", "exported heads"), ("missed_without_head_row", "the head row")):
        lines += [
            f"{count:>5} of {found['done'][kind]:>4} missed without {without}: {_words(kind)}"
            for kind, count in found[control].items()
        ]
    return [*lines, f"Unnoticed: {found['unnoticed']} of {sum(found['done'].values())}."]


def _words(kind: str) -> str:
    return kind.replace("_", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
