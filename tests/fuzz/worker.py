"""Run as a program: reads numbers of cases (or names of files) from standard input, tells of each in a line of JSON."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from tests.fuzz.case import make_case
from tests.fuzz.judge import judge


def main(seed: int) -> None:
    os.environ["PATH"] = ""  # no converter: this is about our own readers
    for line in sys.stdin:
        asked = line.strip()
        data, label = _document(asked, seed)
        verdict = judge(data, label.partition(" ")[0])
        print(json.dumps({**asdict(verdict), "label": label, "asked": asked}), flush=True)


def _document(asked: str, seed: int) -> tuple[bytes, str]:
    if asked.isdigit():
        case = make_case(seed, int(asked))
        return case.data, case.label
    return Path(asked).read_bytes(), Path(asked).name


if __name__ == "__main__":
    main(int(sys.argv[1]))
