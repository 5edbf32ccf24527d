"""Work done at the same time in another thread, with a database connection of its own."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


# The view is looked at once in a transaction unless its snapshot is let go.
HELD = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')
FROM pg_stat_clear_snapshot()
"""


def in_thread(work: Callable[[], None]) -> threading.Thread:
    """Start `work` in a thread that closes its connection when it ends."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def until_held_or_done(thread: threading.Thread, *, seconds: float = 20.0) -> None:
    """Wait until `thread` has ended, or somebody in this PostgreSQL database waits for a lock."""
    ends = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(HELD)
            if cursor.fetchone()[0]:
                return
        thread.join(0.02)
