"""PostgreSQL and Redis for the tests: they answer, and they are gone afterwards, whatever ends the tests."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from tests.services import Services, ServicesError, free_port, services
from tests.tooling.processes import ROOT, eventually, running_with

MARK = "PORTAL_TEST_MARK"
HOLD = """
import dataclasses, json, time
from tests.services import services
with services() as found:
    print(json.dumps(dataclasses.asdict(found)), flush=True)
    time.sleep(600)
"""
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> str:
    """A value by which every process a test starts can be told from others."""
    value = uuid.uuid4().hex
    monkeypatch.setenv(MARK, value)
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.delenv("TEST_REDIS_URL", raising=False)
    return value


def folder_of(found: Services) -> Path:
    """The throw-away folder both servers run in."""
    with psycopg.connect(found.database_url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row
    return Path(row[0]).parent


def answers(url: str) -> bool:
    """Whether anybody listens there. Servers overwrite the environment a mark could be read from."""
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname or "", address.port or 0)) == 0


def is_gone(found: Services, mark: str) -> bool:
    """Whether no server answers and no process with the mark is left."""
    return not (answers(found.database_url) or answers(found.redis_url) or running_with(MARK, mark))


def said_by(process: subprocess.Popen[str]) -> Services:
    """The servers a process has started, from its first line."""
    assert process.stdout
    return Services(**json.loads(process.stdout.readline()))


@pytest.mark.usefixtures("mark")
def test_it_starts_servers_that_answer() -> None:
    with services() as found:
        with psycopg.connect(found.database_url) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
            row = connection.execute("SELECT cardinality(show_trgm('改革事项'))").fetchone()
        assert row
        assert row[0] > 0, "pg_trgm does not see Chinese characters"
        client = redis.Redis.from_url(found.redis_url)
        assert client.ping()
        client.close()


@needs_proc
def test_it_leaves_nothing_behind(mark: str) -> None:
    with services() as found:
        folder = folder_of(found)
        assert answers(found.database_url)
        assert answers(found.redis_url)
        assert running_with(MARK, mark)
    assert is_gone(found, mark)
    assert not folder.exists()


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_leaves_nothing_behind_when_the_runner_is_killed(mark: str, number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], cwd=ROOT, stdout=subprocess.PIPE, text=True) as runner:
        found = said_by(runner)
        folder = folder_of(found)
        runner.send_signal(number)
    assert eventually(lambda: is_gone(found, mark), seconds=15), running_with(MARK, mark)
    assert eventually(lambda: not folder.exists(), seconds=5)


@needs_proc
def test_the_servers_end_when_their_keeper_is_killed(mark: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.services"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as keeper:
        found = said_by(keeper)
        folder = folder_of(found)
        keeper.kill()
    assert eventually(lambda: is_gone(found, mark), seconds=15), running_with(MARK, mark)
    shutil.rmtree(folder)


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", f"postgres://nobody@127.0.0.1:{free_port()}/portal")
    with (
        pytest.raises(ServicesError, match="TEST_DATABASE_URL names a server that does not answer"),
        services(),
    ):
        pass


def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "mysql://root@127.0.0.1/portal")
    with pytest.raises(ServicesError, match="TEST_DATABASE_URL must start with postgres"), services():
        pass
