"""A migrated database is made once for a run and copied; where there is none, the migrations are run as ever."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.migrated import VARIABLE, clause, copy_to, fill, migrated
from tests.run import clean_environment


def tables(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "migrated.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE measure (id)")
    monkeypatch.setenv(VARIABLE, f"sqlite:///{file}")
    return file


@pytest.fixture
def in_memory() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        yield connection


def test_a_portal_gets_a_copy(made: Path, tmp_path: Path) -> None:
    copy_to(tmp_path / "portal.sqlite3")
    with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as copied:
        assert tables(copied) == ["measure"]


def test_the_tests_get_a_copy_in_memory(made: Path, in_memory: sqlite3.Connection) -> None:
    fill(SimpleNamespace(connection=in_memory))
    assert tables(in_memory) == ["measure"]
    assert clause() == ""


def test_a_server_copies_the_one_that_is_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "postgres://portal@127.0.0.1/migrated_1")
    copy_to(tmp_path / "portal.sqlite3")
    assert (clause(), (tmp_path / "portal.sqlite3").exists()) == ("TEMPLATE migrated_1", False)


def test_without_one_every_database_begins_empty(
    tmp_path: Path, in_memory: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    copy_to(tmp_path / "portal.sqlite3")
    fill(SimpleNamespace(connection=in_memory))
    assert (clause(), (tmp_path / "portal.sqlite3").exists(), tables(in_memory)) == ("", False, [])


def test_one_that_could_not_be_made_is_not_copied(tmp_path: Path) -> None:
    refused = clean_environment() | {"PORTAL_TODAY": "2022-06-15"}
    with migrated([refused], tmp_path) as (found,):
        assert VARIABLE not in found
