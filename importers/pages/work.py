"""Doing what an import waits for: at once where that is soon done, else by the worker."""

from importers.documents.weight import is_small
from importers.jobs import run as jobs
from importers.models import ImportJob
from importers.tasks import run_imports
from reforms.tasks import wake

# Up to this many measures a plan is made or written while the administrator waits.
SMALL_LIST = 1_000


def read(job: ImportJob) -> None:
    """Read its document."""
    with job.original.open("rb") as file:
        small = is_small(file.read())
    _do(job, at_once=small)


def go_on(job: ImportJob) -> None:
    """Plan or write what was read."""
    _do(job, at_once=job.totals["measures"] <= SMALL_LIST)


def _do(job: ImportJob, *, at_once: bool) -> None:
    if at_once:
        jobs.run(job.pk)
    else:
        wake(run_imports)
