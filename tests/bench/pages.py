"""What pages and endpoints cost, for whom, at several sizes: every address of the access matrix for which nothing has
to be made, and the working pages under filters.

Run as a program, with DATABASE_URL naming a database, it fills that where it is empty, measures, and prints JSON. CPU
is that of the process that answers; PostgreSQL's own is not in it, so the time that passes is told as well.
"""

import argparse
import contextlib
import datetime as dt
import json
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import django
from django.core.management import call_command

from tests.bench.generating import Size, fill, slug_of

ROLES = ("anonymous", "reporter", "supervisor", "administrator", "auditor")
# What takes longer is not done again.
SLOW = 3.0
# They answer with whole files, and are made by the worker where they are large.
FILES = {"export", "edition-file", "edition-original", "unreported-csv", "matters-csv", "audit-export"} | {
    *("list-data-file", "list-data-json"),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request takes: milliseconds of CPU and of time, milliseconds of CPU for the same asked again while
    nothing was logged, and for a bare view with the same bytes; queries, bytes before compression."""

    who: str
    address: str
    cpu: float
    passed: float
    again: float
    bare: float
    queries: int
    size: int


def table(measured: Sequence[tuple[Size, Sequence[Cost]]]) -> str:
    """A line for each person and address; for each size CPU, × a bare view, queries and KB."""
    head = "".join(f"{f'{size.measures} in {size.lists}':>42}" for size, _costs in measured)
    names = "".join(f"{'ms':>10}{'again':>8}{'× bare':>8}{'queries':>8}{'KB':>8}" for _ in measured)
    found = [{(one.who, one.address): one for one in costs} for _size, costs in measured]
    lines = [f"\n{'Pages, CPU of one request':<62}{head}", f"{'':<62}{names}"]
    for who, address in found[0]:
        cells = "".join(_cells(one.get((who, address))) for one in found)
        lines.append(f"{who:<14}{address[:47]:<48}{cells}")
    return "\n".join(lines)


def _cells(cost: Cost | None) -> str:
    if cost is None:
        return " " * 42
    times = f"{cost.cpu:>10.1f}{cost.again:>8.1f}{cost.cpu / max(cost.bare, 0.01):>8.1f}"
    return f"{times}{cost.queries:>8}{cost.size / 1024:>8.0f}"


def measured(times: int, people: Iterable[str] = ROLES, only: str = "") -> Iterator[Cost]:
    """Of every person each address that is open to them."""
    from django.conf import settings
    from django.test import override_settings

    # Static files need not be collected: their names are all that a page has of them.
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(ROOT_URLCONF="tests.bench.bare", ALLOWED_HOSTS=["*"], STORAGES=settings.STORAGES | plain):
        known = objects()
        for who in people:
            client = client_of(who, known["agency"])
            for address in dict.fromkeys(addresses(who, known)):
                if only in address:
                    cost = cost_of(who, client, address, times)
                    if cost:
                        yield cost


def cost_of(who: str, client: Any, address: str, times: int) -> Cost | None:
    """The median over `times` requests, interleaved with bare ones; None for what does not answer with a page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from reforms.lib.answers import ANSWERS
    from tests.bench.bare import keep

    started = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        content = b"".join(response) if response.streaming else response.content
        asked = len(queries)
    first = time.perf_counter() - started
    if response.status_code != 200:
        return None
    bare_address = keep(address, response["Content-Type"], content)
    taken: list[tuple[float, float]] = []
    bare: list[float] = []
    again: list[float] = []
    for _ in range(1 if first > SLOW else times):
        # Made anew: what is given again costs what a bare view does.
        ANSWERS.forget()
        taken.append(_timed(client, address))
        again.append(_timed(client, address)[0])
        bare.append(_timed(client, bare_address)[0])
    cpu, passed = (statistics.median(one[place] for one in taken) for place in (0, 1))
    return Cost(who, address, cpu, passed, statistics.median(again), statistics.median(bare), asked, len(content))


def _timed(client: Any, address: str) -> tuple[float, float]:
    """Milliseconds of CPU and of time."""
    cpu, passed = time.process_time(), time.perf_counter()
    response = client.get(address)
    if response.streaming:
        for _ in response:
            pass
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - passed) * 1000


def client_of(who: str, agency: int, number: int = 0) -> Any:
    """Somebody of that role, signed in; of several each has a number."""
    from django.test import Client

    from agencies.models import Membership, User

    client = Client()
    if who != "anonymous":
        user, new = User.objects.get_or_create(username=f"bench.{who}{number or ''}")
        if new:
            Membership.objects.create(user=user, agency_id=agency, role=who)
        client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    return client


def objects() -> dict[str, Any]:
    """What addresses lead to: the agency that leads most, and what belongs to it."""
    from django.db.models import Count

    from agencies.models import Agency
    from reforms.models import Measure, ProgressReport, ReformList

    agency = Agency.objects.filter(assignments__part="lead").annotate(n=Count("assignments")).order_by("-n", "pk")[0]
    listed = ReformList.objects.get(slug=slug_of(0))
    measure = Measure.objects.filter(reform_list=listed).printed_for([agency.pk], "lead").order_by("row")[0]
    claims = ProgressReport.objects.filter(state="under_review").order_by("pk").values_list("pk", flat=True)
    reports = ProgressReport.objects.filter(agency=agency).order_by("pk").values_list("pk", flat=True)
    return {
        "agency": agency.pk,
        "own": agency.pk,
        "measure": measure.pk,
        "item": measure.item_id,
        "edition": measure.edition_id,
        "claim": claims.first(),
        "report": reports.first(),
        "group": Agency.objects.exclude(kind="single").order_by("pk").values_list("pk", flat=True).first(),
    }


def addresses(who: str, known: Mapping[str, Any]) -> Iterator[str]:
    from django.urls import reverse

    from tests.conftest import SLUG
    from tests.test_access_matrix import OK, TABLE

    here = {**known, SLUG: slug_of(0)}
    for name, row in TABLE.items():
        wanted = {key: here.get(value, value) for key, value in row.kwargs.items()}
        # A word that stands for an object which was not made here.
        missing = any(key in ("pk", "token", "uidb64") and not isinstance(value, int) for key, value in wanted.items())
        if row.get.get(who) == OK and not missing and name not in FILES:
            yield reverse(name, kwargs=wanted)
    yield from _under_filters(known)


def _under_filters(known: Mapping[str, Any]) -> Iterator[str]:
    queries: tuple[dict[str, Any], ...] = (
        {"light": "overdue"},
        {"lead": known["agency"]},
        {"list": slug_of(0)},
        {"search": "企业"},
        {"search": "知识产权", "status": "closed"},
        {"ordering": "deadline"},
        {"ordering": "-deadline"},
        {"page": "20"},
    )
    for query in queries:
        yield f"/measures/?{urlencode(query)}"
    yield f"/?list={slug_of(0)}"
    for api in ({"lead": known["agency"]}, {"search": "企业"}, {"ordering": "deadline"}, {"count": "true"}):
        yield f"/api/v1/measures?{urlencode(api)}"


def add_sizes(parser: argparse.ArgumentParser) -> None:
    """How much to make where the database is empty, how often to measure, and how to tell it."""
    parser.add_argument("--lists", type=int, default=1)
    parser.add_argument("--measures", type=int, default=216)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", default="", help="addresses that hold this text")
    parser.add_argument("--text", action="store_true", help="a table in place of JSON")


def prepared(options: argparse.Namespace) -> Size:
    """The size of the database that DATABASE_URL names, filled where it is empty, with what the worker keeps ready."""
    django.setup()
    from agencies.access import today
    from reforms.columns.kept import keep_ready
    from reforms.models import Measure, ReformList

    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
    if not ReformList.objects.exists():
        fill(Size(options.lists, options.measures), today())
    keep_ready()
    return Size(ReformList.objects.count(), Measure.objects.count())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages")
    add_sizes(parser)
    parser.add_argument("--who", nargs="+", default=ROLES, choices=ROLES)
    options = parser.parse_args()
    size = prepared(options)
    found = []
    for cost in measured(options.times, options.who, options.only):
        found.append(cost)
        print(f"{dt.datetime.now():%H:%M:%S} {cost}", file=sys.stderr)  # noqa: DTZ005  # for whoever watches
    print(table([(size, found)]) if options.text else json.dumps([asdict(one) for one in found]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
