"""Who visits a portal under load: of a hundred people 60 visitors, 30 reporters, 2 who supervise, and 8 programs of
agencies, which read, ask what changed, and report. Each is a thread with a connection of its own.

Everybody asks at moments of their own choice, as often as `rate` says on average, whether others were answered by then
or not: what had to wait took longer.
"""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

WORDS = ("企业", "知识产权", "破产", "量子科技", "市场监管", "跨境")
LIGHTS = ("overdue", "due_soon", "on_track", "closed")
WAITS = 60.0
# Of a hundred.
SHARES = {"visitor": 60, "reporter": 30, "supervisor": 2, "program": 8}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, and what it is called in the table; `body` is sent as JSON."""

    what: str
    address: str
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """How it went: seconds since the moment at which it was asked for."""

    what: str
    seconds: float
    well: bool


def wish_of(who: str, plan: dict[str, Any], own: dict[str, Any], chance: random.Random) -> Wish:
    """What somebody asks for next."""
    if who == "program":
        return _of_a_program(plan, own, chance)
    kinds: dict[Callable[[], Wish], int] = {
        lambda: Wish("list with facets", f"/measures/?{_filters(plan, chance)}"): 12,
        lambda: Wish("overview", chance.choice(("/", f"/?list={chance.choice(plan['lists'])}"))): 3,
        lambda: Wish("a measure", f"/measures/{chance.choice(plan['measures'])}/"): 4,
        lambda: Wish("an agency", f"/agencies/{chance.choice(plan['agencies'])}/"): 2,
        lambda: Wish("a search", f"/measures/?search={quote(chance.choice(WORDS))}"): 2,
    }
    if who != "visitor":
        kinds[lambda: Wish(f"desk of a {who}", "/desk/")] = 3
    return chance.choices(list(kinds), list(kinds.values()))[0]()


def _filters(plan: dict[str, Any], chance: random.Random) -> str:
    lead = f"lead={chance.choice(plan['agencies'])}"
    light = f"light={chance.choice(LIGHTS)}"
    page = f"page={chance.randrange(1, 40)}"
    listed = f"list={chance.choice(plan['lists'])}"
    return chance.choice(("", light, lead, listed, page, "ordering=deadline", f"{lead}&{light}"))


def _of_a_program(plan: dict[str, Any], own: dict[str, Any], chance: random.Random) -> Wish:
    return chance.choices(
        (
            Wish("API, a page", f"/api/v1/measures?lead={chance.choice(plan['agencies'])}"),
            Wish("API, changes", "/api/v1/changes"),
            Wish(
                "API, a report",
                f"/api/v1/measures/{chance.choice(own['measures'])}/reports",
                {"progress": "工作方案已印发，正按计划推进。"},
            ),
        ),
        (3, 2, 5),
    )[0]


@dataclass
class Visit:
    """Somebody, from `begin` to `end` (of the monotonic clock)."""

    who: str
    port: int
    plan: dict[str, Any]
    rate: float
    begin: float
    end: float
    told: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random()  # chosen by chance
        self.own = self.chance.choice(self.plan["tokens"])
        self.headers = {"Accept-Encoding": "gzip", "Content-Type": "application/json"}
        if self.who == "program":
            self.headers["Authorization"] = f"Bearer {self.own['secret']}"
        elif self.who != "visitor":
            self.headers["Cookie"] = f"{self.plan['cookie']}={self.chance.choice(self.plan['sessions'][self.who])}"
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAITS)

    def stay(self) -> None:
        """Until the end."""
        due = self.begin
        while (due := due + self.chance.expovariate(self.rate)) < self.end:
            time.sleep(max(0.0, due - time.monotonic()))
            wish = wish_of(self.who, self.plan, self.own, self.chance)
            well = self._ask(wish)
            self.told.append(Told(wish.what, time.monotonic() - due, well))
        self.connection.close()

    def _ask(self, wish: Wish) -> bool:
        # The server ends a connection on which nothing was asked for a while, and a browser opens another one.
        self.connection.close()
        try:
            body = json.dumps(wish.body) if wish.body else None
            self.connection.request("POST" if body else "GET", wish.address, body, self.headers)
            answer = self.connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        return answer.status in (200, 201)


def visited(port: int, plan: dict[str, Any], *, users: int, rate: float, seconds: float) -> list[Told]:
    """Everything that was asked, by so many, together so often a second."""
    begin = time.monotonic() + 1
    people = [who for who, share in SHARES.items() for _ in range(max(1, round(users * share / 100)))]
    visits = [Visit(who, port, plan, rate / len(people), begin, begin + seconds) for who in people]
    threads = [threading.Thread(target=visit.stay) for visit in visits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _all(visit.told for visit in visits)


def _all(parts: Iterable[list[Told]]) -> list[Told]:
    return [one for part in parts for one in part]
