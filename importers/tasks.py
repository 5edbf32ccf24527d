"""What the worker does for imports. A message only says that there may be a job; every job is a leased row."""

from celery import shared_task

from importers.jobs import editions, run


@shared_task
def run_imports() -> None:
    """Read, plan and apply what is waiting, and what is asked of whole editions. Two of them at once do no harm."""
    run.run_waiting()
    editions.run_waiting()
