"""How fast it is, beside the plain way and the limit. This is `make bench`.

python -m tests.bench [read] [compare] [apply] [revert] [pages] [peers] [sweep] [load] [--rows 216,2160]
    [--times 3] [--only /measures/] [--json] [--database sqlite]
    [--users 300] [--rate 25] [--seconds 60] [--processes 2]

Only the ratios carry over to another machine; another program that works meanwhile spoils them. PostgreSQL is the one
TEST_DATABASE_URL names, else a private one.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.apart import add_database, run_apart, servers
from tests.bench import comparing, load, pages, peers, reading
from tests.bench.documents import OF_THE_REAL_LIST
from tests.bench.generating import Size


@dataclass(frozen=True, slots=True)
class Program:
    """What is measured in a process of its own, which prints JSON: what makes a row of it, the table of all, and the
    options that are for it alone."""

    module: str
    row: Callable[..., Any]
    table: Callable[[Any], str]
    options: tuple[str, ...] = ()


PROGRAMS = {
    "pages": Program("tests.bench.pages", pages.Cost, pages.table),
    "peers": Program("tests.bench.peers", peers.Compared, peers.table),
    "load": Program("tests.bench.load", load.of_json, load.table, ("users", "rate", "seconds", "processes")),
}
# What a program says of what it leaves out.
NOT_TOLD = re.compile(r"^.* is not installed: .*$", re.MULTILINE)
PARTS = ("read", "compare", "apply", "revert", "pages", "peers", "sweep", "load")


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
    for name, server in servers(options.database) if writing or {*PROGRAMS, "sweep"} & set(wanted) else ():
        if writing:
            applied = ("--rows", *rows, "--times", options.times, "--what", *writing)
            failed |= run_apart("tests.bench.applying", server, *applied, shown=True).returncode
        if "sweep" in wanted:
            looked = ("--duties", *rows, "--times", options.times)
            failed |= run_apart("tests.bench.sweeping", server, *looked, shown=True).returncode
        for part in filter(wanted.__contains__, PROGRAMS):
            failed |= told(part, sizes(rows), options, name, server)
    return failed


def told(part: str, wanted: Sequence[Size], options: argparse.Namespace, name: str, server: str) -> int:
    """Measure what has a program of its own, at each size on a database of its own, and print a table or JSON; 1 when
    it could not be done."""
    program, measured = PROGRAMS[part], []
    for size in wanted:
        sized = ("--lists", size.lists, "--measures", size.measures)
        own = [part for name in program.options for part in (f"--{name}", getattr(options, name))]
        done = run_apart(program.module, server, *sized, "--times", options.times, "--only", options.only, *own)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return 1
        print(*NOT_TOLD.findall(done.stderr), sep="\n", file=sys.stderr)
        measured.append((size, json.loads(done.stdout)))
    if options.json:
        rows = [{**one, "database": name, "measures": size.measures} for size, found in measured for one in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1), flush=True)
    else:
        kept = [(size, [program.row(**one) for one in found]) for size, found in measured]
        print(f"{program.table(kept)}\n  on {name}", flush=True)
    return 0


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
    parser.add_argument("--json", action="store_true", help="of pages and peers, JSON in place of a table")
    load.add_visitors(parser)
    add_database(parser, default="sqlite")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
