"""Kills workers while they import. This is `make faults`.

python -m tests.faults [--kills 200] [--database sqlite|postgresql|both] [--seed 1]
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.apart import add_database, run_apart, servers


def main(arguments: Sequence[str]) -> int:
    """0 when every database was whole after every kill."""
    options = parse(arguments)
    failed = 0
    for name, server in servers(options.database):
        started = time.monotonic()
        done = run(server, kills=options.kills, seed=options.seed)
        print(f"\n== {name}: {options.kills} kills while writing, {time.monotonic() - started:.0f} s ==")
        if done.returncode:
            failed += 1
            print(done.stderr)
        else:
            print("\n".join(f"{count:>5}  {what}" for what, count in sorted(json.loads(done.stdout).items())))
    return 1 if failed else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many workers are killed while they write")
    add_database(parser)
    parser.add_argument("--seed", type=int, default=1, help="another number, other random moments")
    return parser.parse_args(arguments)


def run(
    server: str = "", *, kills: int, seed: int = 1, blocks: int | None = None
) -> "subprocess.CompletedProcess[str]":
    """Kill workers in a database of their own: a file, or one on `server`."""
    fewer = [] if blocks is None else ["--blocks", blocks]
    return run_apart("tests.faults.run", server, "--kills", kills, "--seed", seed, *fewer)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
