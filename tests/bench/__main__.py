"""How fast it is, beside the plain way and the limit. This is `make bench`.

python -m tests.bench [read] [compare] [apply] [revert] [pages] [sweep] [--rows 216,2160] [--times 3]
    [--database sqlite]

Only the ratios carry over to another machine; another program that works meanwhile spoils them. PostgreSQL is the one
TEST_DATABASE_URL names, else a private one.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.apart import add_database, run_apart, servers
from tests.bench import comparing, pages, reading
from tests.bench.documents import OF_THE_REAL_LIST
from tests.bench.generating import Size

PARTS = ("read", "compare", "apply", "revert", "pages", "sweep")


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
    for name, server in servers(options.database) if writing or {"pages", "sweep"} & set(wanted) else ():
        if writing:
            applied = ("--rows", *rows, "--times", options.times, "--what", *writing)
            failed |= run_apart("tests.bench.applying", server, *applied, shown=True).returncode
        if "sweep" in wanted:
            looked = ("--duties", *rows, "--times", options.times)
            failed |= run_apart("tests.bench.sweeping", server, *looked, shown=True).returncode
        if "pages" in wanted:
            said, whole = pages.report(sizes(rows), options.times, server, options.only)
            print(f"{said}\n  on {name}", flush=True)
            failed |= not whole
    return failed


def sizes(rows: Sequence[int]) -> list[Size]:
    """So many measures in lists as long as the real one."""
    return [Size(lists=max(1, round(count / OF_THE_REAL_LIST)), measures=count) for count in rows]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="|".join(PARTS), help="all when none is named"
    )
    parser.add_argument("--rows", default="216,2160", help="how many measures, several sizes with commas")
    parser.add_argument("--times", type=int, default=3, help="how often each is done; the median is told")
    parser.add_argument("--only", default="", help="of pages, those whose address holds this text")
    add_database(parser, default="sqlite")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
