"""What the half with servers leaves out: tests that reach no database, and pages whose turn it is not."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests import turns
from tests.on_servers import PAGES, of_this_half

SERVER = "postgres://portal@127.0.0.1/portal"


@dataclass(frozen=True)
class Given:
    nodeid: str
    fixturenames: tuple[str, ...] = ("db",)
    marked: bool = False

    def get_closest_marker(self, name: str) -> object:
        return (self.marked and name == "django_db") or None


def kept(*tests: Any) -> list[str]:
    return [test.nodeid for test in of_this_half(tests)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A whole run on a server."""
    monkeypatch.setenv("DATABASE_URL", SERVER)
    monkeypatch.setattr(turns, "ON_A_SERVER", True)
    monkeypatch.setattr(turns, "ALL", False)
    return monkeypatch


def test_sqlite_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    pages = [Given(f"{folder}test_{number}") for folder in PAGES for number in range(5)]
    assert len(kept(*pages, Given("tests/x.py::pure", ()))) == len(pages) + 1


def test_a_server_sees_every_test_that_asks_for_a_database_and_no_other(server: pytest.MonkeyPatch) -> None:
    asking = [Given("a"), Given("b", (), marked=True), Given("c", ("django_db_setup",)), Given("tests/config/d", ())]
    assert kept(*asking, Given("tests/x.py::pure", ("tmp_path",))) == ["a", "b", "c", "tests/config/d"]


def test_pages_take_turns_and_each_is_seen_within_three_days(server: pytest.MonkeyPatch) -> None:
    pages = [Given(f"{PAGES[-1]}test_{number}") for number in range(10)]
    always = [Given("tests/reforms/office/test_orders.py::x"), Given("tests/reforms/pages/test_two_editing.py::x")]
    seen: set[str] = set()
    for turn in (5, 6, 7):
        server.setattr(turns, "TURN", turn)
        today = kept(*pages, *always)
        assert len(today) in (3 + 2, 4 + 2)
        assert today[-2:] == [test.nodeid for test in always]
        seen |= set(today)
    assert seen == {test.nodeid for test in (*pages, *always)}


def test_who_names_tests_gets_them_all(server: pytest.MonkeyPatch) -> None:
    server.setattr(turns, "ON_A_SERVER", False)
    assert len(kept(*(Given(f"{PAGES[-1]}test_{number}") for number in range(10)))) == 10
