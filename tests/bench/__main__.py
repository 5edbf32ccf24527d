"""How fast it is, beside the plain way and the limit. This is `make bench`.

python -m tests.bench [read] [compare] [apply] [revert] [--rows 216,2160] [--times 3] [--database sqlite]

Only the ratios carry over to another machine; another program that works meanwhile spoils them. PostgreSQL is the one
TEST_DATABASE_URL names, else a private one.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench import comparing, reading
from tests.config.portal import base_environment
from tests.faults.__main__ import server_of
from tests.faults.ground import database
from tests.services import ROOT

PARTS = ("read", "compare", "apply", "revert")


def main(arguments: Sequence[str]) -> int:
    """Print a table for each part and size."""
    options = parse(arguments)
    rows = [int(size) for size in options.rows.split(",")]
    wanted = options.parts or list(PARTS)
    for name, part in (("read", reading), ("compare", comparing)):
        if name in wanted:
            for lines in part.report(rows, options.times):
                print(lines, flush=True)
    writing = [name for name in wanted if name in ("apply", "revert")]
    for name in databases(options.database) if writing else ():
        with server_of(name) as server:
            write(server, rows, options.times, writing)
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="|".join(PARTS), help="all when none is named"
    )
    parser.add_argument("--rows", default="216,2160", help="how many measures, several sizes with commas")
    parser.add_argument("--times", type=int, default=3, help="how often each is done; the median is told")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="sqlite")
    return parser.parse_args(arguments)


def databases(name: str) -> tuple[str, ...]:
    return ("sqlite", "postgresql") if name == "both" else (name,)


def write(server: str, rows: list[int], times: int, what: list[str]) -> None:
    """In a process of its own, whose settings name a database of its own."""
    sizes = [*map(str, rows)]
    command = [sys.executable, "-m", "tests.bench.applying", "--rows", *sizes, "--times", str(times), "--what", *what]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, database(Path(folder), server) as address:
        environment = base_environment(Path(folder)) | {"DATABASE_URL": address, "LOG_LEVEL": "WARNING"}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
