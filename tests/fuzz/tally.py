"""Counting what came of the documents, and telling how far it is."""

import sys
import time
from collections import Counter
from collections.abc import Iterator

from tests.fuzz.pool import Result

TOLD_EVERY = 5.0
MOST_TOLD = 5


class Tally:
    """Takes in results as they come; speaks now and then when somebody is looking."""

    def __init__(self, expected: int) -> None:
        self.faults = 0
        self._expected = expected
        self._outcomes: Counter[str] = Counter()
        self._results: list[Result] = []
        self._started = self._told = time.monotonic()

    def add(self, result: Result) -> None:
        self._outcomes[result.outcome] += 1
        self._results.append(result)
        self.faults += bool(result.fault)
        if time.monotonic() - self._told > TOLD_EVERY:
            self._told = time.monotonic()
            print(
                f"\r{len(self._results)} of {self._expected}, {self.faults} without an answer  ",
                end="",
                file=sys.stderr,
                flush=True,
            )

    def summary(self) -> Iterator[str]:
        seconds = time.monotonic() - self._started
        yield f"\n{len(self._results)} documents in {seconds:.0f} s, {self.faults} without a proper answer."
        yield from (f"  {count:>7}  {outcome}" for outcome, count in self._outcomes.most_common())
        yield "Slowest (processor time for one reading):"
        yield from self._most("seconds")
        yield "Biggest (memory over what the process had):"
        yield from self._most("memory")

    def _most(self, what: str) -> Iterator[str]:
        for one in sorted(self._results, key=lambda result: getattr(result, what), reverse=True)[:MOST_TOLD]:
            yield f"  {one.seconds:6.2f} s {one.memory / 2**20:6.0f} MB  {one.outcome}  {one.asked}: {one.label}"
