"""The outbox: what is to be told is gathered into one letter per addressee, and letters are claimed and sent.

Reminders become a digest per agency; notices a letter per agency, person, or for the office.

Everything is a row, and every step can be cut off at any point and run again. A letter keeps its Message-ID over all
tries: when a worker dies after the mail server took the message and before the row says so, the second copy carries
the same id and a mailbox keeps one.
"""

import datetime as dt
import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from agencies.models import Agency
from reforms.models import Delivery, DeliveryQuerySet, Notice, Reminder
from reforms.reminders import notices
from reforms.reminders.digest import Digest, compose
from reforms.reminders.letters import Letter
from reforms.reminders.owed import ListStart, create_owed, owed_on, still_owed

log = logging.getLogger(__name__)
LONGEST_WAIT = dt.timedelta(hours=6)
NO_AGENCY_ADDRESS = "没有收件邮箱：请为该单位填写提醒邮箱，或为其填报人填写邮箱。"
NO_ADDRESS = "没有收件邮箱：请为收件人填写邮箱。"
WITHOUT_MAILBOX = (NO_AGENCY_ADDRESS, NO_ADDRESS)
Send = Callable[[Delivery, Letter], None]


@dataclass(slots=True)
class Sweep:
    """What one sweep did."""

    created: int = 0
    gathered: int = 0
    sent: int = 0
    dropped: int = 0
    postponed: int = 0


def sweep(on: dt.date, *, send: Send | None = None) -> Sweep:
    """Create what is owed by `on`, gather it, and send everything that may be tried now."""
    done = Sweep(created=create_owed(on), gathered=gather(on) + gather_notices(on))
    while (pk := _next()) is not None:
        # Whoever loses the claim to another worker looks for the next one.
        if Delivery.objects.claim(pk):
            outcome = _try(Delivery.objects.select_related("agency", "user").get(pk=pk), on, send or mail)
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
    loose = Reminder.objects.filter(delivery=None)
    agencies = list(loose.order_by("agency").values_list("agency", flat=True).distinct())
    made = [_gather(loose.filter(agency=pk), _letter(on, agency_id=pk)) for pk in agencies]
    return sum(made)


def gather_notices(on: dt.date) -> int:
    """Put every loose notice that may go out into a new letter to its addressee; how many letters were made.

    What goes to the office is gathered by who did it: they are left out of the letter.
    """
    loose = Notice.objects.to_mail()
    made = []
    for agency_id, user_id, by_id in set(loose.order_by().values_list("agency", "user", "by")):
        found, to_office = loose.filter(agency=agency_id, user=user_id), agency_id is None and user_id is None
        letter = _letter(on, kind=Delivery.Kind.NOTICES, agency_id=agency_id, user_id=user_id)
        made.append(_gather(found.filter(by=by_id) if to_office else found, letter))
    return sum(made)


def _letter(on: dt.date, **facts: Any) -> Delivery:
    return Delivery(on=on, message_id=_message_id(), next_try_at=Now(), created_at=timezone.now(), **facts)


def _gather(loose: QuerySet[Reminder] | QuerySet[Notice], delivery: Delivery) -> bool:
    """The update is conditional: of two that gather at once, one finds nothing left and leaves no letter behind."""
    with transaction.atomic():
        delivery.save()
        taken = loose.update(delivery=delivery)
        # Without a single row there would be an empty letter.
        if not taken:
            transaction.set_rollback(True)
    return bool(taken)


def _message_id() -> str:
    # .invalid is nobody's (RFC 2606), so that the id need not name a host.
    return f"<{secrets.token_hex(16)}@reform-tracker.invalid>"


def _next() -> int | None:
    return Delivery.objects.claimable().order_by("next_try_at", "pk").values_list("pk", flat=True).first()


def _try(delivery: Delivery, on: dt.date, send: Send) -> str:
    """Send one claimed letter; which field of Sweep to count."""
    try:
        letter = _write(delivery, on)
        if letter and not letter.recipients:
            return _postpone(delivery, NO_AGENCY_ADDRESS if delivery.agency_id else NO_ADDRESS)
        if letter:
            send(delivery, letter)
    except Exception as error:  # whatever it is, one letter that cannot be sent must not hold up the others
        log.exception("letter %s was not sent", delivery.pk)
        return _postpone(delivery, f"{type(error).__name__}: {error}")
    return _finish(delivery, letter)


def _write(delivery: Delivery, on: dt.date) -> Letter | None:
    """What a letter says today; None when it has become pointless."""
    if delivery.kind == Delivery.Kind.NOTICES:
        return notices.compose(delivery, on)
    reminders = still_owed(list(delivery.reminders.select_related("measure__item")))
    if not reminders or delivery.agency is None:
        return None
    return compose(delivery.agency, reminders, on)


def _finish(delivery: Delivery, letter: Letter | None) -> str:
    """Sent, or dropped where there was nothing left to say."""
    state = Delivery.State.SENT if letter else Delivery.State.DROPPED
    told = (
        {
            "subject": letter.subject,
            "body": letter.text,
            "recipients": list(letter.recipients),
            "sent_at": Now(),
        }
        if letter
        else {}
    )
    _held(delivery).update(state=state, lease_until=None, last_error="", **told)
    return str(state)


def _postpone(delivery: Delivery, error: str) -> str:
    """Back into the queue, later each time."""
    # 2, 4, 8 … minutes, 6 hours at most; the exponent is bounded so that no number of attempts is too large for it.
    wait = min(dt.timedelta(minutes=2 ** min(delivery.attempts, 9)), LONGEST_WAIT)
    _held(delivery).update(state="pending", lease_until=None, next_try_at=Now() + wait, last_error=error)
    return "postponed"


def _held(delivery: Delivery) -> DeliveryQuerySet:
    """The row while it is still held by this claim: a slow sender must not overwrite its successor."""
    return Delivery.objects.filter(pk=delivery.pk, state="sending", attempts=delivery.attempts)


def mail(delivery: Delivery, letter: Letter) -> None:
    """Send a letter by e-mail."""
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=list(letter.recipients),
        headers={"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(letter.html, "text/html")
    message.send()
