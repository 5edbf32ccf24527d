"""A database that can be put back to how it was, in a file or on a server. Knows nothing of Django."""

import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import psycopg

from tests.apart import server_of
from tests.unlocked import PUT_ON_POSTGRES, TAKE_OFF_POSTGRES

LONGEST_WAIT = 30.0


class Ground(Protocol):
    """`save`, then `restore` as often as needed; nobody may be connected. `settle` waits until the dead are gone."""

    def save(self) -> None: ...
    def restore(self) -> None: ...
    def settle(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SqliteFile:
    file: Path

    @property
    def saved(self) -> Path:
        return self.file.with_suffix(".saved")

    def save(self) -> None:
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.file, self.saved)

    def restore(self) -> None:
        for rest in ("-wal", "-shm"):
            Path(f"{self.file}{rest}").unlink(missing_ok=True)
        shutil.copyfile(self.saved, self.file)

    def settle(self) -> None:
        """The kernel has taken the locks of a dead process away."""


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    url: str

    @property
    def name(self) -> str:
        return urlsplit(self.url).path.lstrip("/")

    def save(self) -> None:
        """A copy of each table in a schema beside: a second database would take ten times as long to put back."""
        tables = self._tables()
        anew = ("DROP SCHEMA IF EXISTS saved CASCADE", "CREATE SCHEMA saved")
        self._orders(*anew, *(f'CREATE TABLE saved."{one}" AS TABLE public."{one}"' for one in tables))

    def restore(self) -> None:
        """In one transaction, at the end of which foreign keys are looked at. Sequences go on."""
        tables = self._tables()
        every = ", ".join(f'public."{one}"' for one in tables)
        self._orders(
            *TAKE_OFF_POSTGRES,
            f"TRUNCATE {every}",
            *PUT_ON_POSTGRES,
            *(f'INSERT INTO public."{one}" SELECT * FROM saved."{one}"' for one in tables),
        )

    def settle(self) -> None:
        """Wait until the server has noticed that its client is dead, and has rolled back or committed."""
        end = time.monotonic() + LONGEST_WAIT
        query = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s"
        with psycopg.connect(server_of(self.url), autocommit=True) as connection:
            while time.monotonic() < end:
                row = connection.execute(query, [self.name]).fetchone()
                if row == (0,):
                    return
                time.sleep(0.01)
        raise TimeoutError("a session of a killed worker is still there")

    def _tables(self) -> list[str]:
        with psycopg.connect(self.url) as connection:
            return [
                name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ]

    def _orders(self, *commands: str) -> None:
        with psycopg.connect(self.url) as connection:
            for command in commands:
                connection.execute(command)  # type: ignore[arg-type]  # the names are those of the tables


def ground_of(url: str) -> Ground:
    return SqliteFile(Path(url.removeprefix("sqlite:///"))) if url.startswith("sqlite") else PostgresDatabase(url)
