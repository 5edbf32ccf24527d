"""Watching long work and stopping it. Both go through the shared cache, outside every transaction: what a
transaction is writing cannot be seen from elsewhere, and must be stoppable all the same. A cache that does not answer
takes the progress bar away and nothing else."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from django.core.cache import caches

from agencies.lib.progress import Cancelled, Progress

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reached:
    """Rows done in a stage; `total` is 0 where it is not known before the end."""

    stage: str
    done: int
    total: int

    @property
    def percent(self) -> int | None:
        """How far it is in percent, None where that is not known."""
        return min(100, 100 * self.done // self.total) if self.total else None


class Watch:
    """One job, as whoever works on it and whoever looks at it see it."""

    KEPT = 3600
    TOLD_EVERY = 0.2
    LEFT_ALONE = 60  # seconds, once the cache has not answered

    def __init__(self, kind: str, job_id: int) -> None:
        self._reached, self._cancelled = f"{kind}-{job_id}-reached", f"{kind}-{job_id}-cancelled"
        self._cache = caches["shared"]
        self._told_at = 0.0
        self._left_alone_until = 0.0

    def during(self, stage: str) -> Progress:
        """The progress of one stage: told a few times a second, and stopped when somebody cancelled."""

        def progress(done: int, total: int) -> None:
            # A few times a second is enough for a progress bar; the last row is told always.
            if monotonic() - self._told_at < self.TOLD_EVERY and done != total:
                return
            self._told_at = monotonic()
            wish = self._quietly(lambda: self._cache.get(self._cancelled))
            if wish is not None:
                raise Cancelled(wish)
            self._quietly(lambda: self._cache.set(self._reached, (str(stage), done, total), self.KEPT))

        return progress

    def reached(self) -> Reached | None:
        """How far it is; None when nobody has said anything yet."""
        told = self._quietly(lambda: self._cache.get(self._reached))
        return Reached(*told) if told else None

    def cancel(self, by: str = "") -> bool:
        """Whether those who work on it will hear of it, and of who wants it."""
        return bool(self._quietly(lambda: self._set_cancelled(by)))

    def _set_cancelled(self, by: str) -> bool:
        self._cache.set(self._cancelled, by, self.KEPT)
        return True

    def forget(self) -> None:
        """Take away what was told and wished, once nobody works on the job."""
        self._quietly(lambda: self._cache.delete_many([self._reached, self._cancelled]))

    def _quietly(self, ask: Callable[[], T]) -> T | None:
        if monotonic() < self._left_alone_until:
            return None
        try:
            return ask()
        except Exception:  # whatever the cache's client raises: the work goes on without being watched
            log.warning("the shared cache does not answer; this work goes on unwatched", exc_info=True)
            # Each question to a cache that is down may wait for its time limit, and long work asks often.
            self._left_alone_until = monotonic() + self.LEFT_ALONE
            return None
