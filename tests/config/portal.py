"""A whole portal of a test's own: folder, database, broker and worker processes, none of which outlives the test."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from celery import Celery

from tests import migrated
from tests.run import clean_environment
from tests.services import end_with_parent
from tests.tooling.processes import ROOT, eventually, running_with

MARK = "PORTAL_TEST_MARK"
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
WORKER = ("worker", "--pool", "solo", *QUIET)
LAST_DATABASE_NUMBER = 15

Owed = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A portal's database that portals are copied from, and who is owed what in it (see tests.config.prepare)."""

    database_url: str
    owed: Owed


@dataclass(slots=True)
class Portal:
    """A portal as of 2022-06-15 with its reminders on. Every process of it carries a mark."""

    environment: dict[str, str]
    owed: Owed
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start python with these arguments; what it says goes to a file in the portal's folder."""
        with (self.folder / "said.txt").open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment | settings,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(end_with_parent, signal.SIGKILL),  # noqa: PLW1509  # it takes no lock
            )
        self.processes.append(process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start("-m", "celery", "-A", "config.celery:app", *WORKER)

    def said(self) -> str:
        """What its processes have said; for a failing test."""
        return (self.folder / "said.txt").read_text(encoding="utf-8", errors="replace")

    def wake(self) -> None:
        """Put the hint into the queue, as the scheduler does."""
        app = Celery(set_as_current=False)
        app.conf.broker_url = self.environment["REDIS_URL"] or "filesystem://localhost/"
        if not self.environment["REDIS_URL"]:
            messages = self.folder / "queue" / "messages"
            messages.mkdir(parents=True, exist_ok=True)
            control = str(self.folder / "queue" / "control")
            folders = {"data_folder_in": str(messages), "data_folder_out": str(messages), "control_folder": control}
            app.conf.broker_transport_options = folders
        with app.connection_for_write() as connection:
            app.send_task("reforms.tasks.send_reminders", connection=connection, ignore_result=True)

    def number(self, query: str) -> int:
        """One number from the portal's database, read past the portal."""
        address = self.environment["DATABASE_URL"]
        if address.startswith("sqlite"):
            with closing(sqlite3.connect(address.removeprefix("sqlite:///"), timeout=20)) as file:
                return int(file.execute(query).fetchone()[0])
        with psycopg.connect(address) as server:
            row = server.execute(query).fetchone()  # type: ignore[arg-type]  # the tests' own queries
            assert row
            return int(row[0])

    def unfinished(self) -> int:
        """How many reminders nobody has been told of, by the portal's own account."""
        loose = "SELECT COUNT(*) FROM reforms_reminder WHERE delivery_id IS NULL"
        waiting = (
            "SELECT COUNT(*) FROM reforms_reminder r JOIN reforms_delivery d ON d.id = r.delivery_id "
            "WHERE d.state NOT IN ('sent', 'dropped')"
        )
        return self.number(loose) + self.number(waiting)

    def has_told_all(self) -> bool:
        return self.number("SELECT COUNT(*) FROM reforms_reminder") >= len(self.owed) and not self.unfinished()

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            process.kill()
            process.wait()
        mark = self.environment[MARK]
        assert eventually(lambda: not running_with(MARK, mark), seconds=5), running_with(MARK, mark)


@contextmanager
def prepared(folder: Path) -> Iterator[Prepared]:
    """A database to copy portals from: in a file, or on the server that DATABASE_URL names."""
    with database(folder / "prepared.sqlite3", template=None) as address:
        environment = base_environment(folder) | {"DATABASE_URL": address}
        command = [sys.executable, "-m", "tests.config.prepare"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        yield Prepared(address, [(who, what) for who, what in json.loads(done.stdout)])


@contextmanager
def portal_in(folder: Path, source: Prepared, **settings: str) -> Iterator[Portal]:
    """A copy of the prepared portal in a folder of its own; its processes end with the block, however that ends."""
    with database(folder / "portal.sqlite3", template=source.database_url) as address, broker() as redis_url:
        places = {"DATABASE_URL": address, "REDIS_URL": redis_url, MARK: uuid.uuid4().hex}
        portal = Portal(base_environment(folder) | places | settings, source.owed, folder)
        try:
            yield portal
        finally:
            portal.end()


def base_environment(folder: Path) -> dict[str, str]:
    return clean_environment() | {
        "DATA_DIR": str(folder),
        "DEMO": "1",
        "PORTAL_TODAY": "2022-06-15",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "REDIS_URL": "",
    }


@contextmanager
def database(file: Path, *, template: str | None) -> Iterator[str]:
    """The address of a new database on what this half of the tests runs on; a copy of `template`."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        if template:
            shutil.copy(template.removeprefix("sqlite:///"), file)
        else:
            migrated.copy_to(file)
        yield f"sqlite:///{file}"
        return
    name = f"portal_{uuid.uuid4().hex}"
    source = f"TEMPLATE {urlsplit(template).path.lstrip('/')}" if template else migrated.clause()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {source}")  # type: ignore[arg-type]
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@contextmanager
def broker() -> Iterator[str]:
    """The address of an unused numbered database of the Redis of this half; empty where there is none."""
    server = os.environ.get("TEST_REDIS_URL", "")
    if not server:
        yield ""
        return
    for number in range(LAST_DATABASE_NUMBER, 0, -1):
        address = urlunsplit(urlsplit(server)._replace(path=f"/{number}"))
        with redis.Redis.from_url(address) as client:
            if client.dbsize() or not client.set("taken-by-a-test", 1, nx=True):
                continue
            try:
                yield address
            finally:
                client.flushdb()
            return
    raise AssertionError("every database of the Redis server is in use")


def run(portal: Portal, *command: str, seconds: float = 60, **settings: str) -> subprocess.CompletedProcess[Any]:
    """Run python with these arguments to its end in a portal's environment."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=portal.environment | settings,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
