"""Run as a program: reads numbers of cases (or names of files) from standard input, tells of each in a line of JSON.

A document that takes longer than MOST_SECONDS of processor time ends the process: the kernel sends SIGPROF.
"""

import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from tests.fuzz.case import make_case
from tests.fuzz.judge import judge

MOST_SECONDS = 10.0


def main(seed: int) -> None:
    os.environ["PATH"] = ""  # no converter: this is about our own readers
    for line in sys.stdin:
        asked = line.strip()
        data, label = _document(asked, seed)
        # Two readings and a look at the answer.
        signal.setitimer(signal.ITIMER_PROF, 2 * MOST_SECONDS + 1)
        verdict = judge(data, label.partition(" ")[0])
        signal.setitimer(signal.ITIMER_PROF, 0)
        fault = verdict.fault or (f"took {verdict.seconds:.0f} s" if verdict.seconds > MOST_SECONDS else "")
        print(json.dumps({**asdict(verdict), "fault": fault, "label": label, "asked": asked}), flush=True)


def _document(asked: str, seed: int) -> tuple[bytes, str]:
    if asked.isdigit():
        case = make_case(seed, int(asked))
        return case.data, case.label
    return Path(asked).read_bytes(), Path(asked).name


if __name__ == "__main__":
    main(int(sys.argv[1]))
