"""The outbox: what is to be told is gathered into one letter per addressee, and letters are claimed and sent.

Reminders become a digest per agency and working day; notices a letter per agency, person, or for the office.

Everything is a row, and every step can be cut off at any point and run again. Each recipient gets a message of their
own, and is marked as told, or as refused, at once. A message keeps its Message-ID over all tries: when a worker dies
after the mail server took it and before the row says so, the second copy carries the same id and a mailbox keeps one.
"""

import datetime as dt
import hashlib
import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from agencies.models import Agency
from reforms.models import Delivery, DeliveryQuerySet, Notice, Reminder
from reforms.reminders import notices
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.digest import Digest, compose, duties_told
from reforms.reminders.letters import Letter, headers, reply_to
from reforms.reminders.owed import Ladder, ListStart, create_owed, still_owed, switched_on
from reforms.reminders.record import keep_in_inboxes

log = logging.getLogger(__name__)
YEAR = dt.timedelta(days=366)
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
    refused: int = 0
    dropped: int = 0
    postponed: int = 0


def sweep(on: dt.date, *, at: dt.time | None = None, send: Send | None = None) -> Sweep:
    """Create what is owed by `on`, gather it, and send everything that may be tried now. On a day off, and where `at`,
    the time in Asia/Shanghai, is given and outside the hours of letters, nothing is created and nothing goes out."""
    done = Sweep()
    if not may_write(on, at):
        return done
    done.gathered = gather_notices(on)
    if at is None or at >= settings.DIGESTS_FROM:
        done.created = create_owed(on)
        done.gathered += gather(on)
    while (pk := _next()) is not None:
        # Whoever loses the claim to another worker looks for the next one.
        if Delivery.objects.claim(pk):
            outcome = _try(Delivery.objects.select_related("agency", "user").get(pk=pk), on, send or mail)
            setattr(done, outcome, getattr(done, outcome) + 1)
    return done


def may_write(on: dt.date, at: dt.time | None) -> bool:
    """Whether letters may go out on a day, at a time: working days, within the hours of letters."""
    first, last = settings.LETTER_HOURS
    return WorkingDays.stored().works(on) and (at is None or first <= at <= last)


def preview(on: dt.date, lists: Collection[ListStart] | None = None) -> list[Digest]:
    """The digests that would go out on `on`, without writing anything; `lists` as for `owed_on`."""
    ladder = Ladder.of(on, lists)
    if not ladder.days.works(on):
        return []
    loose = Reminder.objects.filter(delivery=None, measure__reform_list__in=ladder.first_days)
    loose = loose.select_related("measure__item")
    by_agency: dict[int, list[Reminder]] = {}
    for reminder in still_owed(list(loose)) + ladder.owed(on):
        by_agency.setdefault(reminder.agency_id, []).append(reminder)
    agencies = Agency.objects.in_bulk(by_agency)
    return [
        compose(agencies[pk], found, duties_told(agencies[pk], ladder.first_days, on), on)
        for pk, found in sorted(by_agency.items())
    ]


def next_letters(on: dt.date, lists: Collection[ListStart]) -> dt.date | None:
    """The first day from `on`, within a year, on which something falls due in these lists."""
    ladder = Ladder.of(on, lists, until=on + YEAR)
    days = (on + dt.timedelta(days=ahead) for ahead in range(YEAR.days))
    return next((day for day in days if ladder.owed(day)), None)


def gather(on: dt.date) -> int:
    """Put every loose reminder into its agency's digest; how many new digests were made.

    One digest for each agency and day: what falls due while an older one waits goes out with it, and what falls due
    after today's was sent waits for the next working day.
    """
    loose = Reminder.objects.filter(delivery=None)
    _supersede(on)
    agencies = set(loose.order_by().values_list("agency", flat=True))
    digests = Delivery.objects.filter(kind=Delivery.Kind.REMINDERS, agency__in=agencies)
    # Whoever has today's letter already would not be told what is put into it now.
    begun = Q(on=on) & (Q(state__in=("sending", "sent")) | ~Q(recipients=[]))
    told = set(digests.filter(begun).values_list("agency_id", flat=True))
    pending = digests.filter(state="pending").exclude(begun)
    waiting = dict(pending.order_by("pk").values_list("agency_id", "pk"))
    # Before they are gathered, so that whoever is cut off in between leaves nobody out.
    keep_in_inboxes([pk for pk in agencies if pk in waiting or pk not in told], on)
    made = 0
    for pk in sorted(agencies):
        if pk in waiting:
            _join(loose.filter(agency=pk), waiting[pk], on)
        elif pk not in told:
            made += _gather(loose.filter(agency=pk), _letter(on, agency_id=pk))
    return made


def _join(loose: QuerySet[Reminder], pk: int, on: dt.date) -> None:
    """Into a digest that waits, and with them those of older ones that wait as well: it supersedes them, since a letter
    is written from the whole state. Should somebody just have taken it, all stay as they are."""
    with transaction.atomic():
        # The update holds the row, so that nobody claims it meanwhile.
        digest = Delivery.objects.filter(pk=pk, state="pending")
        # It is the letter of another day now: whoever got it then gets it as well.
        today = {"on": on, "recipients": [], "refused": {}} if digest.exclude(on=on).exists() else {"on": on}
        if not digest.update(**today):
            return
        loose.update(delivery=pk)
        agency = digest.values("agency")
        older = Delivery.objects.filter(kind=Delivery.Kind.REMINDERS, agency__in=agency, state="pending", pk__lt=pk)
        superseded = list(older.values_list("pk", flat=True))
        taken = Delivery.objects.filter(pk__in=superseded, state="pending").update(state=Delivery.State.DROPPED)
        if taken:
            Reminder.objects.filter(delivery__in=superseded, delivery__state="dropped").update(delivery=pk)


def _supersede(on: dt.date) -> None:
    """Where several digests of one agency wait, the newest goes out for all of them."""
    waiting = Delivery.objects.filter(kind=Delivery.Kind.REMINDERS, state="pending").order_by()
    several = waiting.values("agency").annotate(count=Count("pk"), newest=Max("pk")).filter(count__gt=1)
    for newest in list(several.values_list("newest", flat=True)):
        _join(Reminder.objects.none(), newest, on)


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
        if letter is None:
            return _finish(delivery, Delivery.State.DROPPED)
        if not letter.recipients:
            return _postpone(delivery, NO_AGENCY_ADDRESS if delivery.agency_id else NO_ADDRESS)
        return _send_to_each(delivery, letter, send)
    except Exception as error:  # whatever it is, one letter that cannot be sent must not hold up the others
        log.exception("letter %s was not sent", delivery.pk)
        return _postpone(delivery, f"{type(error).__name__}: {error}")


def _send_to_each(delivery: Delivery, letter: Letter, send: Send) -> str:
    """A message to each recipient who has neither got this letter nor been refused for good, each marked at once: a
    letter that is cut off goes on where it was, and nobody counts as told whom the mail server refused."""
    _held(delivery).update(subject=letter.subject, body=letter.text)
    told, refused, failed = list(delivery.recipients), dict(delivery.refused), ""
    for address in letter.recipients:
        if address in told or address in refused:
            continue
        try:
            send(delivery, replace(letter, recipients=(address,)))
        except Exception as error:  # whatever it is, one recipient must not hold up the others
            why = reason_of(error)
            log.warning("letter %s was not sent to %s: %s", delivery.pk, address, why, exc_info=True)
            if is_for_good(error):
                refused[address] = why
            elif is_of_the_server(error):
                # The others would wait for it as long, one after the other.
                return _postpone(delivery, why)
            else:
                failed = failed or why
        else:
            told.append(address)
        if not _mark(delivery, told, refused):
            # The lease ended and another sender goes on.
            return "postponed"
    if failed:
        return _postpone(delivery, failed)
    return _finish(delivery, Delivery.State.SENT if told else Delivery.State.REFUSED)


def _mark(delivery: Delivery, told: list[str], refused: dict[str, str]) -> bool:
    """Who was told and who was refused so far; the lease begins anew. False when the letter is no longer held."""
    lease = Now() + dt.timedelta(seconds=settings.DELIVERY_LEASE)
    return bool(_held(delivery).update(recipients=told, refused=refused, lease_until=lease))


def is_for_good(error: Exception) -> bool:
    """Whether the mail server refused this recipient, or this letter, for good (a reply of 5xx to RCPT or DATA). A
    refused sender concerns all letters and is a matter of settings: tried again."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _said in error.recipients.values())
    return isinstance(error, SMTPDataError) and 500 <= error.smtp_code < 600


def is_of_the_server(error: Exception) -> bool:
    """Whether the mail server could not be talked to at all: no connection, a time limit, no sign-in."""
    return isinstance(error, OSError) and not isinstance(error, SMTPRecipientsRefused | SMTPDataError)


def reason_of(error: Exception) -> str:
    """The mail server's words where it refused a recipient, else the kind of fault and what it says."""
    if isinstance(error, SMTPRecipientsRefused):
        replies = [f"{code} {text(said)}" for code, said in error.recipients.values()]
        return "; ".join(dict.fromkeys(replies))
    if isinstance(error, SMTPDataError):
        return f"{error.smtp_code} {text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def text(said: bytes | str) -> str:
    """A mail server's reply, which need not be ASCII."""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _write(delivery: Delivery, on: dt.date) -> Letter | None:
    """What a letter says today; None when it has become pointless."""
    if delivery.kind == Delivery.Kind.NOTICES:
        return notices.compose(delivery, on)
    reminders = still_owed(list(delivery.reminders.select_related("measure__item")))
    if not reminders or delivery.agency is None:
        return None
    lists = {pk for pk, _first in switched_on()}
    duties = duties_told(delivery.agency, lists, on)
    return compose(delivery.agency, reminders, duties, on) if duties else None


def _finish(delivery: Delivery, state: Delivery.State) -> str:
    """Sent, refused by all, or dropped where there was nothing left to say."""
    sent = {"sent_at": Now()} if state == Delivery.State.SENT else {}
    _held(delivery).update(state=state, lease_until=None, last_error="", **sent)
    return str(state)


def send_again(pk: int) -> bool:
    """Try a letter once more for those who were refused; False where nobody was, or it is being sent."""
    again = Delivery.objects.exclude(refused={}).filter(pk=pk, state__in=("sent", "refused", "pending"))
    return bool(again.update(state="pending", refused={}, attempts=0, next_try_at=Now(), last_error=""))


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
    """Send a letter by e-mail; each recipient's copy keeps an id of its own over all tries."""
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=list(letter.recipients),
        reply_to=reply_to(),
        headers=headers() | {"Message-ID": copy_id(delivery.message_id, letter.recipients)},
    )
    message.attach_alternative(letter.html, "text/html")
    message.send()


def copy_id(message_id: str, recipients: Collection[str]) -> str:
    """The Message-ID of the copy that goes to these recipients, without naming them."""
    name, _at, host = message_id.strip("<>").partition("@")
    mark = hashlib.sha256(",".join(recipients).encode()).hexdigest()[:8]
    return f"<{name}.{mark}@{host}>"
