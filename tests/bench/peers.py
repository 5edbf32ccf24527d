"""The portal beside what one would pick or write instead: datasette over the same tables, the average Django project
(tests.bench.plain), and a bare view that hands out the portal's bytes through the same middleware. The same work, in
turn, in one process: milliseconds of CPU, its threads included; PostgreSQL's own is not in it.

Run as a program, with DATABASE_URL naming a database, it fills that where it is empty, measures, and prints JSON.
"""

import argparse
import asyncio
import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench.generating import Size, slug_of
from tests.bench.pages import add_sizes, objects, prepared

OURS, AGAIN, PLAIN, DATASETTE, BARE = "portal", "again", "plain", "datasette", "bare"
WAYS = (OURS, AGAIN, PLAIN, DATASETTE, BARE)
# What takes longer is not done again.
SLOW = 3.0
Work = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Compared:
    """What one work takes in each way: the median of milliseconds of CPU (None: that way cannot), and bytes."""

    work: str
    cpu: dict[str, float | None]
    size: dict[str, int | None]


def table(measured: Sequence[tuple[Size, Sequence[Compared]]]) -> str:
    """For each size milliseconds of each way, and how many times the portal's the others take."""
    return "\n".join(line for size, found in measured for line in _lines(size, found))


def _lines(size: Size, found: Iterable[Compared]) -> Iterator[str]:
    names = "".join(f"{name:>11}" for name in WAYS)
    yield f"\nBeside others, {size.measures} measures in {size.lists} lists, ms of CPU; × what the portal takes"
    yield f"{'':<34}{names}{'plain ×':>10}{'datasette ×':>13}{'of bare':>9}"
    for one in found:
        ours = one.cpu[OURS] or 0.01
        taken = "".join(f"{_told(one.cpu[name]):>11}" for name in WAYS)
        times = (_told(other and other / ours) for other in (one.cpu[PLAIN], one.cpu[DATASETTE]))
        yield "{:<34}{}{:>10}{:>13}{:>9.2f}".format(one.work, taken, *times, (one.cpu[BARE] or 0) / ours)


def _told(number: float | None) -> str:
    return "–" if number is None else f"{number:.1f}"


def works(lead: int, day: dt.date) -> Mapping[str, tuple[str, str, str]]:
    """By name the address in the portal, in the plain project, and of datasette's table."""
    facets = [("_facet", name) for name in ("reform_list_id", "section_id", "deadline_in_force", "status")]
    page = urlencode([("_size", "50"), *facets, ("_facet", "is_standing"), ("_facet", "disposition")])
    led = urlencode(
        {"_through": json.dumps({"table": "reforms_assignment", "column": "agency_id", "value": str(lead)})}
    )
    said = urlencode({"text__contains": "企业"})
    return {
        "API, 50 measures": ("/api/v1/measures", "/plain/api/measures", ".json?_shape=objects&_size=50"),
        "API, of one lead": (
            f"/api/v1/measures?lead={lead}",
            f"/plain/api/measures?lead={lead}",
            f".json?_shape=objects&_size=50&{led}",
        ),
        "API, due by a day": (
            f"/api/v1/measures?deadline_before={day}",
            f"/plain/api/measures?deadline_before={day}",
            f".json?_shape=objects&_size=50&deadline_in_force__lte={day}",
        ),
        "page with six facets": ("/measures/", "/plain/measures/", f"?{page}"),
        "page, of one lead": (f"/measures/?lead={lead}", f"/plain/measures/?lead={lead}", f"?{page}&{led}"),
        "page, of one list": (
            f"/measures/?list={slug_of(0)}",
            "/plain/measures/?reform_list=1",
            f"?{page}&reform_list_id=1",
        ),
        "page, 企业 searched": ("/measures/?search=企业", "/plain/measures/?search=企业", f"?{page}&{said}"),
    }


def compared(times: int, only: str = "") -> Iterator[Compared]:
    """Every work whose address in the portal holds that text, each way in turn."""
    from django.conf import settings
    from django.test import Client, override_settings

    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(ROOT_URLCONF="tests.bench.plain", ALLOWED_HOSTS=["*"], STORAGES=settings.STORAGES | plain):
        client, peer = Client(), _datasette()
        for name, addresses in works(objects()["agency"], _half_way()).items():
            if only in addresses[0]:
                yield _compared(name, _ways(client, peer, *addresses), times)


def _half_way() -> dt.date:
    """The day by which half of what is dated is due."""
    from reforms.models import Measure

    days = Measure.objects.exclude(deadline_in_force=None).order_by("deadline_in_force")
    return days.values_list("deadline_in_force", flat=True)[days.count() // 2]


def _ways(client: Any, peer: "Callable[[str], int] | None", ours: str, plain: str, table: str) -> dict[str, Work]:
    from reforms.lib.answers import ANSWERS
    from tests.bench.bare import keep

    def asked(address: str) -> int:
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        return len(response.content)

    def made() -> int:
        ANSWERS.forget()
        return asked(ours)

    first = client.get(ours)
    bare = keep(ours, first["Content-Type"], first.content)
    ways: dict[str, Work] = {OURS: made, AGAIN: lambda: asked(ours), PLAIN: lambda: asked(plain)}
    if peer:
        ways[DATASETTE] = lambda: peer(table)
    return ways | {BARE: lambda: asked(bare)}


def _compared(name: str, ways: Mapping[str, Work], times: int) -> Compared:
    taken: dict[str, list[float]] = {}
    size: dict[str, int | None] = dict.fromkeys(WAYS)
    slow = set()
    for turn in range(times + 1):
        for way, work in ways.items():
            if way in slow:
                continue
            cpu, passed = time.process_time(), time.perf_counter()
            size[way] = work()
            spent = (time.process_time() - cpu) * 1000
            # The first turn fills caches and does not count, unless another would take too long.
            if time.perf_counter() - passed > SLOW:
                slow.add(way)
            if turn or way in slow:
                taken.setdefault(way, []).append(spent)
    cpu_of = {way: statistics.median(taken[way]) if way in taken else None for way in WAYS}
    return Compared(name, cpu_of, size)


def _datasette() -> "Callable[[str], int] | None":
    """Asks datasette for a page of the measures' table; None where it is not installed, or has no file to serve."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return None
    try:
        from datasette.app import Datasette
    except ImportError:
        print("datasette is not installed: pip install -r requirements-bench.txt", file=sys.stderr)
        return None
    path = Path(connection.settings_dict["NAME"])
    served = Datasette([str(path)], settings={"sql_time_limit_ms": 60_000, "facet_time_limit_ms": 60_000})
    loop = asyncio.new_event_loop()

    def ask(query: str) -> int:
        response = loop.run_until_complete(served.client.get(f"/{path.stem}/reforms_measure{query}"))
        assert response.status_code == 200, response.text[:300]
        return len(response.content)

    return ask


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers")
    add_sizes(parser)
    options = parser.parse_args()
    size = prepared(options)
    found = list(compared(options.times, options.only))
    print(table([(size, found)]) if options.text else json.dumps([asdict(one) for one in found]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
