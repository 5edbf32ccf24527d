"""The outbox: letters are claimed, written from the state of that day, and sent.

Everything is a row, and every step can be cut off at any point and run again. A letter is claimed by one sender at a
time; each recipient has a copy of their own, whose life reforms.reminders.sending.copies tells.
"""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation

from agencies.models import Language, Membership, Role
from reforms.lib.words import day_text
from reforms.models import (
    BulletinAddressee,
    Delivery,
    DeliveryCopy,
    DeliveryQuerySet,
    Notice,
    with_earlier_selves,
)
from reforms.notices.wording import sentence_of
from reforms.reminders import notices
from reforms.reminders.asks import asks_of, create_asks
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.digest import Digest, compose, duties_told, milestones_told
from reforms.reminders.letters import Letter, reached, readers_of_english
from reforms.reminders.owed import create_owed, still_owed, switched_on
from reforms.reminders.sending import copies
from reforms.reminders.sending.gathering import gather, gather_group_messages, gather_notices, gather_watched
from reforms.reminders.sending.robots import Robots, name_of
from reforms.reminders.sending.transport import Failure, Mailer, Undelivered, failure_of, reason_of
from reforms.reminders.stages import A_WEEK, TOLD_FIRST
from reforms.reminders.week import tell_the_office

log = logging.getLogger(__name__)
SERVER_WAIT = dt.timedelta(minutes=15)
ADDRESS_WAIT = dt.timedelta(hours=6)
NO_AGENCY_ADDRESS = "没有收件邮箱：请为该单位填写提醒邮箱，或为其填报人填写邮箱。"
NO_ADDRESS = "没有收件邮箱：请为收件人填写邮箱。"
WITHOUT_MAILBOX = (NO_AGENCY_ADDRESS, NO_ADDRESS)
MOST_UNKNOWN = 3  # in a row: a server that cuts off every letter is left alone until the next sweep
MOST_BROKEN = 20
Send = Callable[[Delivery, Letter], None]


@dataclass(slots=True)
class Sweep:
    """What one sweep did. `looked` counts the letters it tried; `trouble` is why it ended before all were tried."""

    created: int = 0
    gathered: int = 0
    sent: int = 0
    refused: int = 0
    dead: int = 0
    dropped: int = 0
    postponed: int = 0
    looked: int = field(default=0, compare=False)
    trouble: str = field(default="", compare=False)


def sweep(on: dt.date, *, at: dt.time | None = None, send: Send | None = None, owed: bool = True) -> Sweep:
    """Create what is owed by `on` (unless that is known to be done, `owed`), gather it, and send everything that may be
    tried now. On a day off, and where `at`, the time in Asia/Shanghai, is given and outside the hours of letters,
    nothing is created and nothing goes out."""
    done = Sweep()
    if not may_write(on, at):
        return done
    take_up_reachable()
    if writes_digests(at):
        done.created = create_owed(on) + create_asks(on) + tell_the_office(on) if owed else 0
        done.gathered = gather(on) + gather_watched(on)
        gather_group_messages(on)
    done.gathered += gather_notices(on)
    groups = Q(kind=Delivery.Kind.GROUP)
    with _mailer(send) as line:
        done.trouble = _send_all(on, done, line, Delivery.objects.exclude(groups))
    # After the letters, whatever became of those: no robot holds up the mail, and no mail server the robots.
    _send_all(on, done, MailLine(Robots()), Delivery.objects.filter(groups))
    return done


def may_write(on: dt.date, at: dt.time | None) -> bool:
    """Whether letters may go out on a day, at a time: working days, within the hours of letters."""
    first, last = settings.LETTER_HOURS
    return WorkingDays.stored().works(on) and (at is None or first <= at <= last)


def writes_digests(at: dt.time | None) -> bool:
    """Whether the hour of digests has come."""
    return bool(at is None or at >= settings.DIGESTS_FROM)


def take_up_reachable() -> None:
    """Letters that waited for a mailbox go out as soon as there is one."""
    places = reached(Membership.objects.all())
    own = Exists(places.filter(agency=OuterRef("agency"), role__in=TOLD_FIRST))
    office = Exists(places.filter(role=Role.SUPERVISOR))
    found = Delivery.objects.filter(state="pending", last_error__in=WITHOUT_MAILBOX, next_try_at__gt=Now())
    found = found.filter(
        Q(agency__isnull=False) & (~Q(agency__email="") | own)
        | Q(user__isnull=False, user__is_active=True) & ~Q(user__email="")
        | Q(agency=None, user=None) & office
    )
    # Asked first, since an update that finds nothing takes SQLite's one lock all the same.
    waiting = list(found.values_list("pk", flat=True))
    if waiting:
        Delivery.objects.filter(pk__in=waiting, state="pending").update(next_try_at=Now())


# One sweep's sending ------------------------------------------------------------------------------


@dataclass(slots=True)
class MailLine:
    """The way to the mail server during one sweep: `trouble` says why no letter would go out at the moment, so that a
    server that hangs or is gone costs once and not once a letter."""

    send: Send
    trouble: str = ""
    unknown: int = 0

    def failed(self, failure: Failure, why: str) -> None:
        """Take down what came of a letter."""
        self.unknown = self.unknown + 1 if failure == Failure.UNKNOWN else 0
        if failure == Failure.SERVER or self.unknown >= MOST_UNKNOWN:
            self.trouble = why


@contextmanager
def _mailer(send: Send | None) -> Iterator[MailLine]:
    if send:
        yield MailLine(send)
        return
    mailer = Mailer()
    try:
        yield MailLine(mailer)
    finally:
        mailer.close()


def _send_all(on: dt.date, done: Sweep, line: MailLine, letters: DeliveryQuerySet) -> str:
    """Those of `letters` that may be tried now; why it ended before all were, where it did."""
    broken: list[int] = []
    while not line.trouble and len(broken) < MOST_BROKEN and (pk := _next(letters, broken)) is not None:
        try:
            # Whoever loses the claim to another worker looks for the next one.
            if not Delivery.objects.claim(pk):
                continue
            outcome = _try(Delivery.objects.select_related("agency", "user", "robot__agency").get(pk=pk), on, line)
        except Exception:  # whatever it is (a full disk), one letter must not hold up the others
            log.exception("what became of letter %s could not be written", pk)
            broken.append(pk)
            outcome = "postponed"
        done.looked += 1
        setattr(done, outcome, getattr(done, outcome) + 1)
    return line.trouble


def _next(letters: DeliveryQuerySet, broken: Collection[int]) -> int | None:
    waiting = letters.claimable().exclude(pk__in=broken)
    return waiting.order_by("next_try_at", "pk").values_list("pk", flat=True).first()


def _try(delivery: Delivery, on: dt.date, line: MailLine) -> str:
    """Send one claimed letter; which field of Sweep to count."""
    try:
        letter = letter_of(delivery, on)
    except Exception as error:  # whatever it is, it is kept with the letter
        log.exception("letter %s was not written", delivery.pk)
        return _postpone(delivery, f"{type(error).__name__}: {error}", ADDRESS_WAIT)
    if letter is None:
        copies.cut_off(delivery)
        copies.let_go(delivery.copies.all())
        return _finish(delivery)
    if not letter.recipients:
        return _postpone(delivery, NO_AGENCY_ADDRESS if delivery.agency_id else NO_ADDRESS, ADDRESS_WAIT)
    return _send_to_each(delivery, letter, line)


def _send_to_each(delivery: Delivery, letter: Letter, line: MailLine) -> str:
    """A message to each recipient who has neither got this letter nor been refused for good, each marked at once."""
    _held(delivery).update(subject=letter.subject, body=letter.text)
    for copy in copies.to_send(delivery, letter.recipients):
        if not _renew(delivery):
            # The lease ended and another sender goes on.
            return "postponed"
        if not copies.begin(copy):
            continue
        mine = replace(letter.copy_for(copy.address), may_be_second=copy.may_be_second)
        try:
            line.send(delivery, mine)
        except Exception as error:  # whatever it is, one recipient must not hold up the others
            _failed(copy, error, line)
        else:
            line.unknown = 0
            copies.end_sent(copy)
        if line.trouble:
            # The others would wait for the server as long, one after the other.
            return _postpone(delivery, line.trouble, SERVER_WAIT)
    return _settle(delivery)


def _failed(copy: DeliveryCopy, error: Exception, line: MailLine) -> None:
    failure, why = failure_of(error), reason_of(error)
    log.warning("letter %s was not sent to %s: %s", copy.delivery_id, copy.address, why)
    line.failed(failure, why)
    wait = error.wait if isinstance(error, Undelivered) else dt.timedelta()
    ends: dict[Failure, Callable[[DeliveryCopy, str], None]] = {
        Failure.REFUSED: copies.end_refused,
        Failure.FOR_NOW: partial(copies.end_for_now, at_least=wait),
        Failure.UNKNOWN: copies.end_unknown,
        Failure.SERVER: copies.end_before_it_began,
    }
    ends[failure](copy, why)


def _settle(delivery: Delivery) -> str:
    """Back into the queue until the next of its copies is to be tried, or to its end."""
    later = copies.next_try(delivery)
    if later is None:
        return _finish(delivery)
    why = delivery.copies.exclude(error="").values_list("error", flat=True).first() or ""
    _held(delivery).update(state="pending", lease_until=None, next_try_at=later, last_error=why)
    return "postponed"


def _finish(delivery: Delivery) -> str:
    """Sent, refused, given up, or dropped where there was nothing left to say."""
    state = copies.end_of(delivery)
    sent: dict[str, Any] = {"sent_at": Now()} if state == Delivery.State.SENT else {}
    _held(delivery).update(state=state, lease_until=None, last_error="", **sent)
    return str(state)


def _postpone(delivery: Delivery, error: str, longest: dt.timedelta) -> str:
    """Back into the queue, later each time."""
    wait = copies.wait_after(delivery.attempts, longest)
    _held(delivery).update(state="pending", lease_until=None, next_try_at=Now() + wait, last_error=error)
    return "postponed"


def _renew(delivery: Delivery) -> bool:
    """The lease begins anew with each copy; False when the letter is no longer held."""
    lease = Now() + dt.timedelta(seconds=settings.DELIVERY_LEASE)
    return bool(_held(delivery).update(lease_until=lease))


def _held(delivery: Delivery) -> DeliveryQuerySet:
    """The row while it is still held by this claim: a slow sender must not overwrite its successor."""
    return Delivery.objects.filter(pk=delivery.pk, state="sending", attempts=delivery.attempts)


def letter_of(delivery: Delivery, on: dt.date) -> Letter | None:
    """What it says today and to whom, each in their language; None when it has become pointless."""
    if delivery.kind == Delivery.Kind.GROUP:
        return _group_message(delivery, on)
    letter = _in(Language.CHINESE, delivery, on)
    readers = readers_of_english(letter.recipients, delivery.agency) if letter else []
    translated = _in(Language.ENGLISH, delivery, on) if readers else None
    if letter is None or translated is None:
        return letter
    # What is kept of a letter is what everybody got, and in Chinese where somebody got that.
    if set(readers) == set(letter.recipients):
        return replace(translated, recipients=letter.recipients)
    return replace(letter, in_english=dict.fromkeys(readers, translated))


def _in(language: str, delivery: Delivery, on: dt.date) -> Letter | None:
    if delivery.kind == Delivery.Kind.NOTICES:
        return notices.compose(delivery, on, language=language)
    return _digest(delivery, on, language)


def _digest(delivery: Delivery, on: dt.date, language: str = Language.CHINESE) -> Digest | None:
    if delivery.agency is None:
        return None
    reminders = still_owed(list(delivery.reminders.select_related("measure__item")))
    asks = asks_of(delivery.notices.all(), on, language=language).get(delivery.agency.pk, [])
    if not reminders and not asks:
        return None
    lists = {pk for pk, _first in switched_on()}
    duties = duties_told(delivery.agency, lists, on)
    if not duties and not asks:
        return None
    steps = milestones_told([delivery.agency.pk], lists, on)[delivery.agency.pk]
    return compose(delivery.agency, reminders, duties, on, asks=asks, milestones=steps, language=language)


def _group_message(delivery: Delivery, on: dt.date) -> Letter | None:
    """What the agency's digest says and which documents it has not opened, the office's week, in a few lines that name
    nobody."""
    robot = delivery.robot
    if robot is None or robot.removed:
        return None
    if robot.agency is None:
        lines = _of_the_week(delivery, on)
    else:
        lines = _of_the_digest(delivery, on) + _of_documents(delivery, on)
    if not lines:
        return None
    demo = "（演示环境，内容均为虚构。）" if settings.DEMO else ""
    said = [*lines, f"登录查看：{settings.SITE_URL}{reverse('desk')}"]
    said.append(f"数据截至{day_text(on)}。{settings.OFFICE_NAME}通过改革事项督办平台发出。{demo}")
    return Letter(recipients=(name_of(robot),), subject=lines[0], text="\n".join(said), html="")


def _of_the_digest(delivery: Delivery, on: dt.date) -> list[str]:
    """Of the agency's latest, as it would be written now."""
    digests = Delivery.objects.filter(kind=Delivery.Kind.REMINDERS, agency=delivery.agency, on__gte=delivery.on)
    latest = digests.exclude(state=Delivery.State.DROPPED).select_related("agency").order_by("-pk").first()
    digest = _digest(latest, on) if latest else None
    return [digest.subject, *digest.asked] if digest else []


def _of_documents(delivery: Delivery, on: dt.date) -> list[str]:
    """Those that the agency, or one that it succeeded, was sent of late, that nobody there has opened."""
    theirs = with_earlier_selves(frozenset({delivery.agency_id or 0}))
    unread = BulletinAddressee.objects.filter(agency__in=theirs, readings=None, bulletin__state="issued")
    lately = unread.filter(on__gt=on - A_WEEK, on__lte=on, notice__by_mail=True).select_related("notice").order_by("pk")
    # What several of them were sent is one document.
    once = {one.bulletin_id: one.notice for one in lately if one.notice}
    with translation.override("zh-hans"):
        return [f"【{Notice.Kind.DOCUMENT.label}】{sentence_of(notice)}" for notice in once.values()]


def _of_the_week(delivery: Delivery, on: dt.date) -> list[str]:
    written = Notice.objects.filter(kind=Notice.Kind.WEEK, on=delivery.on, agency=None, user=None).first()
    if written is None or on >= written.on + A_WEEK:
        return []
    with translation.override("zh-hans"):
        return [f"【{Notice.Kind.WEEK.label}】{sentence_of(written)}"]
