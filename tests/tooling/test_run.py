"""How `make test` judges its two halves, and what of the shell it keeps from them."""

import pytest

from tests.run import NOTHING_SELECTED, Half, Outcome, clean_environment, compiled_once, halves, parse, report, verdict
from tests.services import Services

FOUND = Services("postgres://localhost/x", "redis://localhost", ("one", "two"))


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((0, 0), 0),
        ((0, NOTHING_SELECTED), 0),
        ((NOTHING_SELECTED, NOTHING_SELECTED), 1),
        ((0, 1), 1),
        ((1, NOTHING_SELECTED), 1),
    ],
)
def test_it_fails_when_a_half_failed_or_nothing_ran(codes: tuple[int, ...], expected: int) -> None:
    assert verdict([Outcome("half", code, 1) for code in codes]) == expected


def test_the_settings_of_the_shell_do_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PORTAL_TODAY", "MAKELEVEL"):
        monkeypatch.setenv(name, "from the shell")
    assert "from the shell" not in clean_environment().values()


def test_the_second_half_runs_on_the_servers() -> None:
    sqlite, servers = halves(FOUND, browser=None)
    assert "DATABASE_URL" not in sqlite.environment
    assert servers.environment["DATABASE_URL"] == FOUND.database_url
    assert servers.environment["TEST_REDIS_URL"] == FOUND.redis_url
    assert (sqlite.environment["TEST_HALF"], servers.environment["TEST_HALF"]) == ("sqlite", "server")
    assert ["TEST_HALF" in half.environment for half in halves(None, browser=None)] == [False]


def test_bytecode_is_kept_for_the_run_where_the_shell_keeps_none() -> None:
    frugal = Half("half", {"PYTHONDONTWRITEBYTECODE": "1", "LANG": "C"})
    assert compiled_once(frugal, "/tmp/kept").environment == {"PYTHONPYCACHEPREFIX": "/tmp/kept", "LANG": "C"}
    usual = Half("half", {"LANG": "C"})
    assert compiled_once(usual, "/tmp/kept") == usual


def test_it_says_what_was_not_run() -> None:
    lines = "\n".join(report([Outcome("SQLite", 0, 1)], None, None))
    assert "NOT RUN: PostgreSQL and Redis, left out with SERVICES=0" in lines
    assert "NOT RUN: the tests in a browser" in lines


def test_what_it_does_not_know_is_for_pytest() -> None:
    options, rest = parse(["--services", "0", "-k", "name", "tests/tooling"])
    assert options.services == 0
    assert rest == ["-k", "name", "tests/tooling"]
