"""What the worker does for the change log and the sign-in."""

import logging

from celery import shared_task

from agencies.log.heads import export_head
from agencies.people.attempts import prune

log = logging.getLogger(__name__)


@shared_task
def export_log_head() -> None:
    """Follow the log and append its head to LOG_HEADS_FILE. Two of them at once append two lines."""
    verdict = export_head()
    if verdict.fault:
        log.error("the change log is broken, run manage.py verify_log: %s", verdict.fault.message)
    else:
        log.info("the change log is whole up to %d; its head was exported", verdict.sequence)


@shared_task
def forget_old_tries() -> None:
    """Delete what was counted at the sign-in and counts no longer."""
    log.info("%d counts of tries at the sign-in were forgotten", prune())
