"""What was last made of columns, to be taken again for as long as they are the same arrays: an entry of the log leaves
most of them as they are (`reforms.columns.reading.replaced`), and a mask that comes out as before is the one before,
so that what was counted by it stays true as well (docs/performance.md, “What is kept in memory”).
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, cast
from weakref import ReferenceType, ref

import numpy as np
from cachetools import LRUCache

Made = TypeVar("Made")
# What a result counts for that is no column.
SMALL = 1_000


@dataclass(frozen=True, slots=True)
class _Result:
    """`made_from` does not keep alive what nobody else needs any more."""

    made_from: tuple[ReferenceType[Any], ...]
    value: Any

    def is_of(self, made_from: tuple[Any, ...]) -> bool:
        return len(self.made_from) == len(made_from) and all(
            old() is new for old, new in zip(self.made_from, made_from, strict=True)
        )


class KeptResults:
    """The results that were asked for last, of up to so many bytes together. They are not to be written to."""

    def __init__(self, most: int) -> None:
        self._results: LRUCache[Hashable, _Result] = LRUCache(most, lambda result: _size_of(result.value))
        self._lock = Lock()

    def of(self, what: Hashable, made_from: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """The result that `what` names, which follows from `what` and from these objects and nothing else."""
        with self._lock:
            before = self._results.get(what)
        if before and before.is_of(made_from):
            return cast(Made, before.value)
        made = make()
        if before and isinstance(made, np.ndarray) and np.array_equal(before.value, made):
            made = before.value
        if isinstance(made, np.ndarray):
            made.flags.writeable = False
        with self._lock:
            if _size_of(made) <= self._results.maxsize:
                self._results[what] = _Result(tuple(map(ref, made_from)), made)
        return made

    def forget(self) -> None:
        """Make all of them anew."""
        with self._lock:
            self._results.clear()


def _size_of(value: Any) -> int:
    return value.nbytes if isinstance(value, np.ndarray) else SMALL


# 64 masks of a million measures.
REMEMBERED = KeptResults(64 * 2**20)
