"""What the worker does for the change log and the sign-in."""

import logging

from celery import shared_task

from agencies.log.check import export_head
from agencies.people.attempts import prune
from agencies.people.sessions import forget_old_sessions

log = logging.getLogger(__name__)


@shared_task
def export_log_head() -> None:
    """Verify the log and append its head to LOG_HEADS_FILE. Two of them at once append two lines."""
    checked = export_head()
    if checked.faults:
        log.error("the change log is broken, run manage.py verify_log: %s", checked.faults[0].message)
    else:
        log.info("the change log is whole up to %d; its head was exported", checked.verdict.sequence)


@shared_task
def forget_old_tries() -> None:
    """Delete what was counted at the sign-in and counts no longer."""
    log.info("%d counts of tries at the sign-in were forgotten", prune())


@shared_task
def forget_ended_sessions() -> None:
    """Delete sessions that have expired, and what is kept of sign-ins of more than a year ago."""
    log.info("%d sessions and %d records of sign-ins were forgotten", *forget_old_sessions())
