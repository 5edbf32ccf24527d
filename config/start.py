"""What every start says, instead of a traceback, when a setting is wrong or the database is not there: one sentence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

CANNOT_RUN = 2
MIGRATE = "manage.py migrate"


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """End the process with that sentence; every other error passes, and `--traceback` lets all of them pass."""
    try:
        yield
    except (ImproperlyConfigured, DatabaseError) as error:
        said = None if "--traceback" in sys.argv else sentence(error)
        if said is None:
            raise
        print(said, file=sys.stderr)
        sys.exit(CANNOT_RUN)


def sentence(error: Exception) -> str | None:
    """What is wrong with settings or database; None when it is something else."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    # First, since whether tables are missing can only be asked of a database that answers.
    unreachable = _unreachable()
    if unreachable:
        return f"The database cannot be reached ({unreachable}); start it, or mend DATABASE_URL."
    if not _lacks_tables():
        return None
    hint = _demonstration_beside(settings.DATA_DIR, settings.BASE_DIR)
    return f"The database of {settings.DATA_DIR} lacks tables of this portal; make them with {MIGRATE}{hint}."


def _unreachable() -> str:
    """Why no connection can be opened, in one line; empty when one can."""
    connection.close()
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return " ".join(str(error).split())
    return ""


def _lacks_tables() -> bool:
    """Whether a migration has not been carried out yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _demonstration_beside(data_dir: Path, base_dir: Path) -> str:
    """Where a demonstration keeps its data in the next folder, how to mean that one."""
    demonstration = base_dir / "data" / "demo"
    if data_dir == demonstration or not (demonstration / "portal.sqlite3").exists():
        return ""
    return f", or run this with DEMO=1 if you mean the demonstration in {demonstration}"
