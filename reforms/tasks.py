"""What the worker does. Tasks take no data: every job is a row, and a message only says that there may be some."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from agencies.access import today
from reforms.columns.kept import keep_ready
from reforms.desk.watching import tell_watchers
from reforms.exports.orders import run_waiting
from reforms.reminders.sending.bounces import read_bounces as look_for_bounces
from reforms.reminders.sending.heartbeat import watched_sweep

log = logging.getLogger(__name__)


@shared_task
def send_reminders() -> None:
    """Create, gather and send what is owed today. Two of them at once do no harm."""
    told = tell_watchers(today())
    if told:
        log.info("watchers: %s told", told)
    # The demonstration's day stands still, and so it writes at any hour.
    done = watched_sweep(today(), at=None if settings.PORTAL_TODAY else timezone.localtime().time())
    if done and (done.created or done.sent or done.postponed):
        log.info("reminders: %s", done)


@shared_task
def run_exports() -> None:
    """Make the files that were ordered, and forget old ones. Two of them at once do no harm."""
    run_waiting()


@shared_task
def keep_columns_ready() -> None:
    """Store what is counted and searched of many measures. Of two at once the second does nothing."""
    made = keep_ready()
    if made:
        log.info("searched texts: %d blocks were made", made)


@shared_task
def read_bounces() -> None:
    """Take what came back of letters. Two of them at once do no harm."""
    done = look_for_bounces(today())
    if done and (done.refused or done.delayed):
        log.info("bounces: %s", done)
