"""What the worker does for the change log."""

import logging

from celery import shared_task

from agencies.heads import export_head

log = logging.getLogger(__name__)


@shared_task
def export_log_head() -> None:
    """Follow the log and append its head to LOG_HEADS_FILE. Two of them at once append two lines."""
    verdict = export_head()
    if verdict.fault:
        log.error("the change log is broken, run manage.py verify_log: %s", verdict.fault.message)
    else:
        log.info("the change log is whole up to %d; its head was exported", verdict.sequence)
