"""A database with all migrations and nothing else, made once for a run of the suite: who needs one copies it.

TEST_MIGRATED is its address. Where there is none, whoever needs a database runs the migrations: ten seconds of work.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.services import ROOT

VARIABLE = "TEST_MIGRATED"


@contextmanager
def migrated(environments: list[dict[str, str]], folder: Path) -> Iterator[list[dict[str, str]]]:
    """Each of the environments with the address of such a database, made side by side."""
    with databases_on_servers(environments) as addresses:
        found = [address or f"sqlite:///{folder / 'migrated.sqlite3'}" for address in addresses]
        running = [_migrate(one | {"DATABASE_URL": to}, folder) for one, to in zip(environments, found, strict=True)]
        # One that failed says nothing: the tests will, when they run the migrations themselves.
        done = [process.wait() == 0 for process in running]
        pairs = zip(environments, found, done, strict=True)
        yield [one | ({VARIABLE: to} if well else {}) for one, to, well in pairs]


@contextmanager
def databases_on_servers(environments: list[dict[str, str]]) -> Iterator[list[str]]:
    """A new database on the server of each environment that has one; an empty address for the others."""
    with closing(_Dropped()) as dropped:
        yield [dropped.new(one["DATABASE_URL"]) if "DATABASE_URL" in one else "" for one in environments]


class _Dropped:
    """Databases that are gone at the end."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []

    def new(self, server: str) -> str:
        name = f"migrated_{uuid.uuid4().hex}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        self.made.append((server, name))
        return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))

    def close(self) -> None:
        for server, name in self.made:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def _migrate(environment: Mapping[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**environment, "DATA_DIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def handed_on() -> dict[str, str]:
    """For the environment of a program that makes databases itself."""
    return {VARIABLE: os.environ[VARIABLE]} if VARIABLE in os.environ else {}


def file() -> Path | None:
    """The one in a file, where this half runs on files."""
    address = os.environ.get(VARIABLE, "")
    return Path(address.removeprefix("sqlite:///")) if address.startswith("sqlite") else None


def name() -> str:
    """The one on the server of this half, or nothing."""
    address = os.environ.get(VARIABLE, "")
    return urlsplit(address).path.lstrip("/") if address.startswith("postgres") else ""


def copy_to(place: Path) -> None:
    """Put it where a portal will look for its database; without one the portal begins from nothing."""
    made = file()
    if made:
        shutil.copyfile(made, place)


def clause() -> str:
    """What makes a CREATE DATABASE a copy of it."""
    return f"TEMPLATE {name()}" if name() else ""


def fill(connection: Any) -> None:
    """Copy it into the empty database in memory that this connection of Django's has opened."""
    made = file()
    if made:
        with closing(sqlite3.connect(made)) as source:
            source.backup(connection.connection)
