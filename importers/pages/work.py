"""Doing what waits for it: at once where that is soon done, else by the worker."""

from django.conf import settings

from agencies.lib.jobs.wake import wake
from importers.documents import weight
from importers.jobs import editions
from importers.jobs import run as jobs
from importers.models import EditionJob, ImportJob
from importers.tasks import run_imports
from reforms.models import ListEdition

# Up to this many measures a plan is made or written while the administrator waits.
SMALL_LIST = 1_000


def read(job: ImportJob) -> None:
    """Read its document."""
    with job.original.open("rb") as file:
        small = weight.is_small(file.read())
    _do(job, at_once=small)


def go_on(job: ImportJob) -> None:
    """Plan or write what was read."""
    _do(job, at_once=job.totals["measures"] <= SMALL_LIST)


def _do(job: ImportJob, *, at_once: bool) -> None:
    if at_once:
        jobs.run(job.pk)
    else:
        wake(run_imports)


def is_small(edition: ListEdition) -> bool:
    """Whether somebody can wait while it is compared or taken back."""
    return edition.rows.count() <= settings.MEASURES_OF_AN_EDITION_AT_ONCE


def compare(before: ListEdition, edition: ListEdition) -> None:
    """Have the worker compare the two."""
    editions.compare_later(before, edition)
    wake(run_imports)


def look(edition: ListEdition, kind: EditionJob.Kind) -> EditionJob:
    """Have the worker look what taking it back would change."""
    job = editions.look_later(edition, kind)
    wake(run_imports)
    return job


def take_back() -> None:
    """Have the worker write what was confirmed."""
    wake(run_imports)
