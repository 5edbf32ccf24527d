"""The outbox: reminders are gathered into one digest per agency, and digests are claimed and sent.

Everything is a row, and every step can be cut off at any point and run again. A digest keeps its Message-ID over all
tries: when a worker dies after the mail server took the message and before the row says so, the second copy carries
the same id and a mailbox keeps one.
"""

import datetime as dt
import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from agencies.models import Agency
from reforms.models import Delivery, Reminder
from reforms.models.querysets import DeliveryQuerySet
from reforms.reminders.digest import Digest, compose
from reforms.reminders.owed import ListStart, create_owed, owed_on, still_owed

log = logging.getLogger(__name__)
LONGEST_WAIT = dt.timedelta(hours=6)


@dataclass(slots=True)
class Sweep:
    """What one sweep did."""

    created: int = 0
    gathered: int = 0
    sent: int = 0
    dropped: int = 0
    postponed: int = 0


def sweep(on: dt.date, *, send: Callable[[Delivery, Digest], None] | None = None) -> Sweep:
    """Create what is owed by `on`, gather it, and send everything that may be tried now."""
    done = Sweep(created=create_owed(on), gathered=gather(on))
    while (pk := _next()) is not None:
        if Delivery.objects.claim(pk):
            outcome = _try(Delivery.objects.select_related("agency").get(pk=pk), on, send or mail)
            setattr(done, outcome, getattr(done, outcome) + 1)
    return done


def preview(on: dt.date, lists: Collection[ListStart] | None = None) -> list[Digest]:
    """The digests that would go out on `on`, without writing anything; `lists` as for `owed_on`."""
    loose = Reminder.objects.filter(delivery=None).select_related("measure__item")
    reminders = still_owed(list(loose)) + owed_on(on, lists)
    agencies = Agency.objects.in_bulk({reminder.agency_id for reminder in reminders})
    by_agency: dict[int, list[Reminder]] = {}
    for reminder in reminders:
        by_agency.setdefault(reminder.agency_id, []).append(reminder)
    return [compose(agencies[pk], found, on) for pk, found in sorted(by_agency.items())]


def gather(on: dt.date) -> int:
    """Put every loose reminder into a new digest of its agency; how many digests were made."""
    agencies = Reminder.objects.filter(delivery=None).order_by("agency").values_list("agency", flat=True).distinct()
    return sum(_gather_one(agency, on) for agency in list(agencies))


def _gather_one(agency_id: int, on: dt.date) -> bool:
    """The update is conditional: of two that gather at once, one finds nothing left and leaves no digest behind."""
    with transaction.atomic():
        now = timezone.now()
        delivery = Delivery.objects.create(
            agency_id=agency_id, on=on, message_id=_message_id(), next_try_at=Now(), created_at=now
        )
        taken = Reminder.objects.filter(agency=agency_id, delivery=None).update(delivery=delivery)
        if not taken:
            transaction.set_rollback(True)
    return bool(taken)


def _message_id() -> str:
    return f"<{secrets.token_hex(16)}@reform-tracker.invalid>"


def _next() -> int | None:
    return Delivery.objects.claimable().order_by("next_try_at", "pk").values_list("pk", flat=True).first()


def _try(delivery: Delivery, on: dt.date, send: Callable[[Delivery, Digest], None]) -> str:
    """Send one claimed digest; which field of Sweep to count."""
    reminders = still_owed(list(delivery.reminders.select_related("measure__item")))
    if not reminders:
        return _finish(delivery, "dropped")
    try:
        digest = compose(delivery.agency, reminders, on)
        if not digest.recipients:
            return _postpone(delivery, "没有收件邮箱：请为该单位填写提醒邮箱，或为其填报人填写邮箱。")
        send(delivery, digest)
    except Exception as error:  # whatever it is, one digest that cannot be sent must not hold up the others
        log.exception("digest %s was not sent", delivery.pk)
        return _postpone(delivery, f"{type(error).__name__}: {error}")
    return _finish(delivery, "sent", digest)


def _finish(delivery: Delivery, state: str, digest: Digest | None = None) -> str:
    told = (
        {
            "subject": digest.subject,
            "body": digest.text,
            "recipients": list(digest.recipients),
            "sent_at": Now(),
        }
        if digest
        else {}
    )
    _held(delivery).update(state=state, lease_until=None, last_error="", **told)
    return state


def _postpone(delivery: Delivery, error: str) -> str:
    """Back into the queue, later each time."""
    wait = min(dt.timedelta(minutes=2 ** min(delivery.attempts, 9)), LONGEST_WAIT)
    _held(delivery).update(state="pending", lease_until=None, next_try_at=Now() + wait, last_error=error)
    return "postponed"


def _held(delivery: Delivery) -> DeliveryQuerySet:
    """The row while it is still held by this claim: a slow sender must not overwrite its successor."""
    return Delivery.objects.filter(pk=delivery.pk, state="sending", attempts=delivery.attempts)


def mail(delivery: Delivery, digest: Digest) -> None:
    """Send a digest by e-mail."""
    message = EmailMultiAlternatives(
        subject=digest.subject,
        body=digest.text,
        to=list(digest.recipients),
        headers={"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(digest.html, "text/html")
    message.send()
