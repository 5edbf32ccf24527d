"""Long runs in a process and a database of their own: kills, races, tamperings, measurements.

A database is a file, or one on a PostgreSQL server: the one TEST_DATABASE_URL names, else a private one
(tests.services).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests import migrated
from tests.config.portal import base_environment
from tests.services import ROOT, services

BOTH = ("sqlite", "postgresql")


def add_database(parser: argparse.ArgumentParser, default: str = "both") -> None:
    """The option that says on which databases to run."""
    parser.add_argument("--database", choices=(*BOTH, "both"), default=default)


def servers(chosen: str) -> Iterator[tuple[str, str]]:
    """Each database that was chosen with the address of its server while it runs; SQLite has none."""
    for name in BOTH if chosen == "both" else (chosen,):
        with services() if name == "postgresql" else nullcontext() as found:
            yield name, found.database_url if found else ""


def run_apart(module: str, server: str, *arguments: object, shown: bool = False) -> "subprocess.CompletedProcess[str]":
    """Run a module whose settings name a new, empty database. What it prints is kept, or `shown` as it comes."""
    with tempfile.TemporaryDirectory(prefix="apart-") as folder, database(Path(folder), server) as address:
        return subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env=base_environment(Path(folder)) | {"DATABASE_URL": address, "LOG_LEVEL": "WARNING"},
            capture_output=not shown,
            text=True,
            check=False,
        )


@contextmanager
def database(folder: Path, server: str = "") -> Iterator[str]:
    """The address of a new database without a row: a file in `folder`, or one on `server`."""
    if not server:
        file = folder / "apart.sqlite3"
        migrated.copy_to(file)
        yield f"sqlite:///{file}"
        return
    name = f"apart_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server_of(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {migrated.clause()}")  # type: ignore[arg-type]
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def server_of(address: str) -> str:
    """The database on the same server that is always there."""
    return urlunsplit(urlsplit(address)._replace(path="/postgres"))
