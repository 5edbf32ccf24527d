"""Taking times fairly, and printing them as a table."""

import ctypes
import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do the work: its name and the median of its times in seconds."""

    name: str
    seconds: float


def interleaved(ways: Mapping[str, Work], *, times: int) -> list[Way]:
    """Do the work each way in turn, `times` times over, after one turn that does not count."""
    for work in ways.values():
        work()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times):
        for name, work in ways.items():
            taken[name].append(seconds_of(work))
    return [Way(name, statistics.median(seconds)) for name, seconds in taken.items()]


def seconds_of(work: Work) -> float:
    """How long it takes, without tidying up after the work before: the allocator puts off part of freeing a large tree,
    and whoever comes next would pay for it (of 1.9 s for reading 21,600 rows after a parse, 0.5 s were the parse's)."""
    gc.collect()
    _tidy()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _tidy() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # only the C library of GNU has it
    if trim is not None:
        trim(0)


def table(title: str, ways: list[Way], *, rows: int, limit: str) -> str:
    """Milliseconds, microseconds a measure, and how many times the limit."""
    least = next(way.seconds for way in ways if way.name == limit)
    lines = [f"\n{title}", f"  {'':<52}{'ms':>10}{'µs/measure':>12}{'× limit':>9}"]
    for way in ways:
        per_measure, ratio = way.seconds / rows * 1e6, way.seconds / least
        lines.append(f"  {way.name:<52}{way.seconds * 1000:>10.1f}{per_measure:>12.1f}{ratio:>9.2f}")
    return "\n".join(lines)
