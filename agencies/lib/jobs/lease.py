"""Holding on to a job while working on it."""

import datetime as dt
import threading
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, connection, models
from django.db.models.functions import Now


class LostLease(Exception):
    """Somebody else works on the job now; nothing of ours was written."""


class Lease:
    """Renews the lease of a job from a thread of its own, until the work ends or the process dies.

    On SQLite the renewal waits while a long transaction writes; nobody else can take the job meanwhile either.
    """

    # Several renewals may fail before the lease runs out.
    LENGTH = dt.timedelta(seconds=60)
    RENEWED_EVERY = 15.0

    def __init__(self, held: "models.QuerySet[Any]") -> None:
        # The one row, only while it is ours: whoever took the job over has put its own name there.
        self._held = held
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=self.RENEWED_EVERY)

    def _renew(self) -> None:
        try:
            while not self._over.wait(self.RENEWED_EVERY):
                self._renew_once()
        finally:
            # The connection is this thread's own; nobody else closes it.
            connection.close()

    def _renew_once(self) -> None:
        try:
            # By the clock of the database, as whoever looks for free jobs does.
            self._held.update(lease_until=Now() + self.LENGTH)
        except DatabaseError:
            # A broken connection is opened anew at the next renewal.
            connection.close()
