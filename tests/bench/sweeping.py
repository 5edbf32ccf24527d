"""Run as a program, with DATABASE_URL naming an empty database: what a look through the outbox costs when none is due.

The real list with its reminders on, and a measure of it so often that as many duties are open as are asked for, half of
them past their deadline; all were told what they are told that day.
"""

import argparse
import contextlib
import datetime as dt
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator

import django
from django.core.management import call_command

ON, LATE, AHEAD = dt.date(2022, 7, 21), dt.date(2022, 6, 30), dt.date(2022, 8, 31)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sweeping")
    parser.add_argument("--duties", type=int, nargs="+", default=[216])
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    django.setup()
    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
    first = True
    for duties in sorted(options.duties):
        prepare(duties, first=first)
        first = False
        print("\n".join(report(options.times)), flush=True)
    return 0


def prepare(duties: int, *, first: bool) -> None:
    """So many open duties, all told by ON."""
    from agencies.models import Agency
    from reforms.models import Duty, Measure, ReformList
    from reforms.reminders.owed import create_owed
    from tests.config.prepare import prepare as real_list
    from tests.reforms.large import repeated

    if first:
        with contextlib.redirect_stdout(sys.stderr):
            real_list()
        ReformList.objects.update(reminders_from=dt.date(2022, 6, 15))
        Agency.objects.update(email="")
    one = Measure.objects.filter(deadline=LATE, disposition="active").order_by("row").first()
    assert one
    for deadline, share in ((LATE, 2), (AHEAD, 1)):
        missing = (duties - Duty.objects.open().count()) // share
        if missing > 0:
            made = repeated(one, -(-missing // one.duties.count()))
            Measure.objects.filter(row__gte=made[0].row).update(deadline=deadline, deadline_in_force=deadline)
    create_owed(ON)


def report(times: int) -> Iterator[str]:
    """A line for each step: CPU, queries, and the most memory that it held."""
    from reforms.models import Duty
    from reforms.reminders.asks import create_asks
    from reforms.reminders.owed import create_owed, orders_due
    from reforms.reminders.sending.heartbeat import watched_sweep
    from reforms.reminders.sending.outbox import sweep

    yield f"\nAn idle sweep, {Duty.objects.open().count()} open duties"
    yield f"  {'':<40}{'ms':>10}{'queries':>10}{'MB':>10}"
    steps: dict[str, Callable[[], object]] = {
        "what is owed (create_owed)": lambda: create_owed(ON),
        "what is asked for (create_asks)": lambda: create_asks(ON),
        "to whom an order is due (orders_due)": lambda: orders_due(ON),
        "the whole sweep, something was logged": lambda: sweep(ON, send=_nobody),
        "the whole sweep, nothing was logged": lambda: watched_sweep(ON, send=_nobody),
    }
    for name, step in steps.items():
        step()
        yield f"  {name:<40}{_cpu(step, times) * 1000:>10.0f}{_queries(step):>10}{_memory(step):>10.1f}"


def _nobody(*_args: object) -> None:
    """Agencies have no mailbox: nothing is sent."""


def _cpu(step: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.process_time()
        step()
        taken.append(time.process_time() - begun)
    return min(taken)


def _queries(step: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as found:
        step()
    return len(found)


def _memory(step: Callable[[], object]) -> float:
    tracemalloc.start()
    step()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


if __name__ == "__main__":
    sys.exit(main())
