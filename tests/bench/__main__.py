"""How fast it is, beside the plain way and the limit. This is `make bench`.

python -m tests.bench [read] [compare] [apply] [revert] [--rows 216,2160] [--times 3] [--database sqlite]

Only the ratios carry over to another machine; another program that works meanwhile spoils them. PostgreSQL is the one
TEST_DATABASE_URL names, else a private one.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.apart import add_database, run_apart, servers
from tests.bench import comparing, reading

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
    failed = 0
    for _name, server in servers(options.database) if writing else ():
        arguments = ("--rows", *rows, "--times", options.times, "--what", *writing)
        failed |= run_apart("tests.bench.applying", server, *arguments, shown=True).returncode
    return failed


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="|".join(PARTS), help="all when none is named"
    )
    parser.add_argument("--rows", default="216,2160", help="how many measures, several sizes with commas")
    parser.add_argument("--times", type=int, default=3, help="how often each is done; the median is told")
    add_database(parser, default="sqlite")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
