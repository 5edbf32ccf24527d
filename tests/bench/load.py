"""A whole portal under load: so many people at once, who look, search, report and synchronise (tests.bench.visiting),
against gunicorn as `make run` starts it. How many answers there were, how long they took, how many failed, and how
much memory the web processes hold before and after.

Run as a program, with DATABASE_URL naming a database, it fills that where it is empty, and prints JSON or a table.
"""

import argparse
import json
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.bench.generating import Size
from tests.bench.pages import add_sizes, client_of, prepared
from tests.bench.visiting import Told, visited

WRITERS, MEASURES_EACH = 20, 200
SEEN, LISTS = 2_000, 5
STARTS = 60.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked so often; milliseconds of the median, of the twentieth that took longest, and of the longest."""

    what: str
    count: int
    failures: int
    median: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class Load:
    """One run: `memory` is what the web processes held in MB before and after."""

    processes: int
    users: int
    rate: float
    seconds: float
    answered: tuple[Answered, ...]
    memory: tuple[float, float]


def of_json(answered: Sequence[Mapping[str, Any]], memory: Sequence[float], **told: Any) -> Load:
    """What `main` printed."""
    before, after = memory
    return Load(answered=tuple(Answered(**one) for one in answered), memory=(before, after), **told)


def table(measured: Sequence[tuple[Size, Sequence[Load]]]) -> str:
    """A table for each size and run."""
    return "\n".join(line for size, found in measured for one in found for line in _lines(size, one))


def _lines(size: Size, load: Load) -> Iterator[str]:
    before, after = load.memory
    yield (
        f"\nUnder load, {size.measures} measures: {load.users} people, {load.rate:g} requests/s for {load.seconds:.0f}"
        f" s, {load.processes} web processes, {before:.0f} → {after:.0f} MB"
    )
    yield f"{'':<28}{'answers':>10}{'/s':>8}{'failed':>8}{'median ms':>11}{'p95 ms':>9}{'most ms':>9}"
    for one in load.answered:
        each = one.count / load.seconds
        yield (
            f"{one.what:<28}{one.count:>10}{each:>8.1f}{one.failures:>8}{one.median:>11.0f}{one.p95:>9.0f}{one.most:>9.0f}"
        )


def visitors() -> dict[str, Any]:
    """Who visits and what for: sessions, tokens with the measures to report on, and objects to look at."""
    from django.conf import settings

    from agencies.models import Agency, Token
    from reforms.models import Duty, Measure, ReformList

    open_to_all = Measure.objects.filter(reform_list__open_to="public")
    busy = Agency.objects.filter(duties__status__in=("not_reported", "in_progress")).distinct().order_by("pk")
    tokens = []
    for agency in busy[:WRITERS]:
        _token, secret = Token.issue(agency_id=agency.pk, name="load", read_only=False, days=1, by_id=None)
        owed = Duty.objects.of([agency.pk]).in_work().filter(status__in=("not_reported", "in_progress"))
        measures = list(owed.order_by("pk").values_list("measure", flat=True)[:MEASURES_EACH])
        tokens.append({"secret": secret, "measures": measures})
    people = {
        who: [_session(who, agency.pk, number) for number, agency in enumerate(busy[:WRITERS])]
        for who in ("reporter", "supervisor")
    }
    return {
        "cookie": settings.SESSION_COOKIE_NAME,
        "sessions": people,
        "tokens": tokens,
        "lists": list(ReformList.objects.filter(open_to="public").values_list("slug", flat=True)[:LISTS]),
        "agencies": list(busy.values_list("pk", flat=True)),
        "measures": list(open_to_all.order_by("-pk").values_list("pk", flat=True)[:SEEN]),
    }


def _session(who: str, agency: int, number: int) -> str:
    from django.conf import settings

    value: str = client_of(who, agency, number).cookies[settings.SESSION_COOKIE_NAME].value
    return value


def loaded(options: argparse.Namespace) -> Load:
    """Start the portal, let everybody in, and count."""
    plan = visitors()
    with portal(options.processes) as (port, process):
        before = memory_of(process)
        told = visited(port, plan, users=options.users, rate=options.rate, seconds=options.seconds)
        memory = before, memory_of(process)
    return Load(options.processes, options.users, options.rate, options.seconds, _answered(told), memory)


@contextmanager
def portal(processes: int) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The web server over the database of this process."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}", "--preload"]
    command += ["--workers", str(processes), "--threads", "4", "--log-level", "warning", "--no-control-socket"]
    process = subprocess.Popen(command, env={**os.environ, "ALLOWED_HOSTS": "127.0.0.1"})
    try:
        wait_for(f"http://127.0.0.1:{port}/measures/")
        yield port, process
    finally:
        process.terminate()
        process.wait()


def wait_for(address: str) -> None:
    """Until it answers, and each process has what it keeps in memory."""
    end = time.monotonic() + STARTS
    while True:
        try:
            for _ in range(20):
                urlopen(address, timeout=STARTS).close()  # our own
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def memory_of(process: "subprocess.Popen[bytes]") -> float:
    """What the process and those it started hold for themselves, in MB."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    kept = 0
    for pid in (str(process.pid), *children):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            kept += int(line.split()[1]) if line.startswith("Pss:") else 0
    return kept / 1024


def _answered(told: Sequence[Told]) -> tuple[Answered, ...]:
    by_name: dict[str, list[Told]] = {}
    for one in told:
        by_name.setdefault(one.what, []).append(one)
    return tuple(
        Answered(
            what,
            len(found),
            sum(not one.well for one in found),
            *(_share([one.seconds * 1000 for one in found], share) for share in (0.5, 0.95, 1.0)),
        )
        for what, found in sorted(by_name.items())
    )


def _share(times: Sequence[float], share: float) -> float:
    """The milliseconds in which that share was answered."""
    return sorted(times)[max(0, math.ceil(share * len(times)) - 1)]


def add_visitors(parser: argparse.ArgumentParser) -> None:
    """How many visit, how often, for how long, and how many processes answer."""
    parser.add_argument("--users", type=int, default=300, help="under load, how many people there are")
    parser.add_argument("--rate", type=float, default=25.0, help="requests a second, of all together")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long they stay")
    parser.add_argument("--processes", type=int, default=2, help="web processes")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load")
    add_sizes(parser)
    add_visitors(parser)
    options = parser.parse_args()
    size, load = prepared(options), loaded(options)
    print(table([(size, [load])]) if options.text else json.dumps([asdict(load)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
