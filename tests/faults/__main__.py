"""Kills workers while they import. This is `make faults`.

python -m tests.faults [--kills 200] [--database sqlite|postgresql|both] [--seed 1]

PostgreSQL is the one TEST_DATABASE_URL names, else a private one (tests.services).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.config.portal import base_environment
from tests.faults.ground import database
from tests.services import ROOT, services


def main(arguments: Sequence[str]) -> int:
    """0 when every database was whole after every kill."""
    options = parse(arguments)
    failed = 0
    for name in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        started = time.monotonic()
        with server_of(name) as server:
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
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seed", type=int, default=1, help="another number, other random moments")
    return parser.parse_args(arguments)


@contextmanager
def server_of(name: str) -> Iterator[str]:
    with services() if name == "postgresql" else nullcontext() as found:
        yield found.database_url if found else ""


def run(
    server: str = "", *, kills: int, seed: int = 1, blocks: int | None = None
) -> "subprocess.CompletedProcess[str]":
    """Kill workers in a database of their own: a file, or one on `server`."""
    arguments = ["--kills", str(kills), "--seed", str(seed), *([] if blocks is None else ["--blocks", str(blocks)])]
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, database(Path(folder), server) as address:
        return subprocess.run(
            [sys.executable, "-m", "tests.faults.run", *arguments],
            cwd=ROOT,
            env=base_environment(Path(folder)) | {"DATABASE_URL": address},
            capture_output=True,
            text=True,
            check=False,
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
