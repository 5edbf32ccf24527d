"""What each half leaves out: a server tests that reach no database, and each what is the other's turn."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests import turns
from tests.on_servers import OF_THE_DATABASE, PORTALS, SHARED, of_this_half

SERVER = "postgres://portal@127.0.0.1/portal"


@dataclass(frozen=True, eq=False)
class Given:
    nodeid: str
    fixturenames: tuple[str, ...] = ("db",)
    marks: tuple[Any, ...] = ()

    def get_closest_marker(self, name: str) -> object:
        return next((one.mark for one in self.marks if one.mark.name == name), None)


def kept(*tests: Any) -> list[str]:
    return [test.nodeid for test in of_this_half(tests)]


class Halves:
    """A whole run, of which this process is one half or the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch = monkeypatch
        monkeypatch.setattr(turns, "ALL", False)

    def server(self) -> None:
        self.patch.setenv("DATABASE_URL", SERVER)
        self.patch.setattr(turns, "HALF", "server")

    def sqlite(self) -> None:
        self.patch.delenv("DATABASE_URL", raising=False)
        self.patch.setattr(turns, "HALF", "sqlite")

    def alone(self) -> None:
        self.patch.setattr(turns, "HALF", "")

    def on(self, turn: int) -> None:
        self.patch.setattr(turns, "TURN", turn)


@pytest.fixture
def halves(monkeypatch: pytest.MonkeyPatch) -> Halves:
    return Halves(monkeypatch)


def test_sqlite_alone_leaves_nothing_out(halves: Halves) -> None:
    halves.sqlite()
    halves.alone()
    pages = [Given(f"{folder}test_{number}") for folder in (*SHARED, *PORTALS) for number in range(5)]
    assert len(kept(*pages, Given("tests/x.py::pure", ()))) == len(pages) + 1


def test_a_server_sees_every_test_that_asks_for_a_database_and_no_other(halves: Halves) -> None:
    halves.server()
    asking = [Given("a"), Given("b", (), (pytest.mark.django_db,)), Given("c", ("django_db_setup",))]
    assert kept(*asking, Given("tests/x.py::pure", ("tmp_path",))) == ["a", "b", "c"]


def test_tests_take_turns_and_what_a_server_sees_sqlite_does_not(halves: Halves) -> None:
    pages = [Given(f"{SHARED[-1]}pages/test_{number}") for number in range(10)]
    always = [
        *(Given(f"{place}::x") for place in OF_THE_DATABASE),
        Given("tests/reforms/office/test_orders.py::at_once", (), (pytest.mark.django_db(transaction=True),)),
        Given("tests/reforms/office/test_orders.py::on_postgresql", ("db",), (pytest.mark.skipif(True),)),
        Given("tests/reforms/office/test_orders.py::x", ("transactional_db",)),
        Given("tests/test_access_matrix.py::x"),
    ]
    every = [test.nodeid for test in (*pages, *always)]
    seen: set[str] = set()
    for turn in (5, 6, 7):
        halves.on(turn)
        halves.server()
        today = kept(*pages, *always)
        assert len(today) - len(always) in (3, 4)
        assert today[-len(always) :] == every[-len(always) :]
        seen |= set(today)
        halves.sqlite()
        assert sorted([*kept(*pages, *always), *today]) == sorted([*every, *every[-len(always) :]])
    assert seen == set(every)


def test_a_page_that_asks_for_no_database_is_seen_on_sqlite_every_day(halves: Halves) -> None:
    halves.sqlite()
    pure = [Given(f"{SHARED[-1]}pages/test_{number}", ()) for number in range(3)]
    assert len(kept(*pure)) == 3


def test_a_portal_is_started_every_day_on_one_database_and_on_the_other_the_next(halves: Halves) -> None:
    portals = [Given(f"{file}::{name}", ()) for file in PORTALS for name in ("right", "negative control")]
    every = sorted(test.nodeid for test in portals)
    seen: dict[str, set[str]] = {"sqlite": set(), "server": set()}
    for turn in (4, 5):
        halves.on(turn)
        halves.sqlite()
        here = kept(*portals)
        halves.server()
        there = kept(*portals)
        assert len(here) == len(there)
        assert sorted([*here, *there]) == every
        seen["sqlite"] |= set(here)
        seen["server"] |= set(there)
    assert sorted(seen["sqlite"]) == sorted(seen["server"]) == every


def test_who_names_tests_gets_them_all(halves: Halves) -> None:
    halves.server()
    halves.alone()
    assert len(kept(*(Given(f"{SHARED[-1]}pages/test_{number}") for number in range(10)))) == 10
