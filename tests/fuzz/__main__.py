"""Damages documents and reads them. This is `make fuzz`.

python -m tests.fuzz [--n 2000] [--seed 1] [--start 0] [--jobs 2] [--keep FOLDER]
python -m tests.fuzz --replay FILE...

Every document must be read or be rejected with a known code and a sentence: no exception, no more than 10 s of
processor time, no more than 512 MB. Those that are not are kept in the folder, with what to call to see them again.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.case import make_case
from tests.fuzz.pool import Result, results
from tests.fuzz.tally import Tally


def main(arguments: Sequence[str]) -> int:
    """0 when every document got an answer."""
    options = parse(arguments)
    asked = options.replay or [str(number) for number in range(options.start, options.start + options.n)]
    tally = Tally(len(asked))
    for result in results(asked, seed=options.seed, jobs=options.jobs):
        tally.add(result)
        if result.fault and not options.replay:
            print("\n" + "\n  ".join([result.fault, *keep(result, options)]), flush=True)
        elif options.replay:
            print(f"{result.asked}: {result.outcome} {result.fault} {result.seconds:.2f} s {result.memory >> 20} MB")
    print("\n".join(tally.summary()))
    return 1 if tally.faults else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--n", type=int, default=2000, help="how many documents")
    parser.add_argument("--seed", type=int, default=1, help="another number, other documents")
    parser.add_argument("--start", type=int, default=0, help="the number of the first document")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes read")
    parser.add_argument("--keep", type=Path, default=Path(".fuzz"), help="where documents that got no answer are kept")
    parser.add_argument("--replay", nargs="+", metavar="FILE", help="read these files instead")
    return parser.parse_args(arguments)


def keep(result: Result, options: argparse.Namespace) -> tuple[str, str]:
    """Save a document that got no answer; how it came about, and how to read it again."""
    case = make_case(options.seed, int(result.asked))
    options.keep.mkdir(exist_ok=True)
    file = options.keep / f"{options.seed}-{result.asked}-{case.name}"
    file.write_bytes(case.data)
    return case.label, f"python -m tests.fuzz --replay {file}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
