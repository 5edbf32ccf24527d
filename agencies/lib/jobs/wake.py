"""Waking the worker for a job that is a row already."""

import logging
from typing import Any

from django.db import transaction

log = logging.getLogger(__name__)


def wake(task: Any) -> None:
    """Hint to the worker, after commit, that there is something to do. A dead broker costs a delay, nothing else."""
    # Not before the commit: the worker would look for a row that it cannot see yet.
    transaction.on_commit(lambda: _hint(task))


def _hint(task: Any) -> None:
    try:
        task.apply_async(retry=False)
    except Exception:  # whatever the broker's client raises: the next beat picks the rows up
        log.warning("the queue could not be reached; the next beat will do it", exc_info=True)
