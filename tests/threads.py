"""Work done at the same time in another thread, with a database connection of its own."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


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
