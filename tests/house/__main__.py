"""How the house is built, beside the goals. This is `make house`.

python -m tests.house [--json]

Lines, functions and folders are those of the source without migrations and tests. It prints and never fails: what must
hold today is held by tests/tooling/test_house.py and by import-linter.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.house.figures import DEEPEST, MOST_IMPORTS, MOST_IN_A_FOLDER, AppFigures, House, measure

ROOT = Path(__file__).resolve().parents[2]
HEADINGS = ("", "modules", "code", "comments", "docstrings", "file lines", "function lines", "in one folder", "imports")


@dataclass(frozen=True, slots=True)
class Contracts:
    """What import-linter found."""

    kept: int
    broken: int


def main(arguments: Sequence[str]) -> int:
    """Print a table of the apps and a line for each figure that has a goal."""
    options = parse(arguments)
    house, outcome = measure(ROOT), contracts()
    print(as_json(house, outcome) if options.json else "\n".join([*table(house), "", *goals(house, outcome)]))
    return 0


def as_json(house: House, outcome: Contracts) -> str:
    """The same figures for a program."""
    more = {"comment_share": house.total.comment_share, "contracts": asdict(outcome)}
    return json.dumps(asdict(house) | more, ensure_ascii=False, indent=2)


def contracts() -> Contracts:
    """How many contracts import-linter finds kept and broken.

    Raises RuntimeError when it could not look.
    """
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    counts = re.search(r"(\d+) kept, (\d+) broken", done.stdout)
    if counts is None:
        raise RuntimeError(done.stdout + done.stderr)
    return Contracts(kept=int(counts[1]), broken=int(counts[2]))


def table(house: House) -> Iterator[str]:
    """One line for each app; lengths as median / nine of ten / longest."""
    rows = [HEADINGS, *(cells(app) for app in (*house.apps, house.total))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for name, *figures in rows:
        yield "  ".join([name.ljust(widths[0]), *(c.rjust(w) for c, w in zip(figures, widths[1:], strict=True))])


def cells(app: AppFigures) -> tuple[str, ...]:
    counts = (app.modules, app.code, app.comments, app.docstrings)
    lengths = (str(app.files), str(app.functions))
    return (
        app.name,
        *(f"{count:,}" for count in counts),
        *lengths,
        f"{app.modules_in_it}",
        f"{app.imports_per_module:.1f}",
    )


def goals(house: House, outcome: Contracts) -> Iterator[str]:
    """What is aimed at, with what stands in the way."""
    total = house.total
    fullest = f"{total.modules_in_it}, in {total.fullest_folder}"
    yield f"Most modules in one folder: {fullest} (goal: at most {MOST_IN_A_FOLDER})"
    yield f"Imports per module: {total.imports_per_module:.2f} (goal: at most {MOST_IMPORTS})"
    yield f"Depth from urls to the ground: {len(house.chain)} (goal: at most {DEEPEST})"
    yield f"  {' > '.join(house.chain)}"
    yield f"Circles of imports: {len(house.circles)} (goal: 0)"
    yield from (f"  {' > '.join(circle)}" for circle in house.circles)
    yield f"Class names that exist twice or more: {len(house.repeated_classes)} (goal: 0)"
    yield from (f"  {name}: {', '.join(places)}" for name, places in house.repeated_classes.items())
    yield f"Lines with a comment: {total.comment_share:.1f} % (goal: 3 to 5 %)"
    yield f"Contracts: {outcome.kept} kept, {outcome.broken} broken (goal: 0 broken)"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.house", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the same figures for a program")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
