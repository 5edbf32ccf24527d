"""The life of one recipient's copy of a letter: pending → transmitting → sent, refused, ambiguous, dead or obsolete.

What is known is written before and after the mail server is spoken to, each time in one small row: a sender that dies
in between, or a disk that is full afterwards, leaves `transmitting` behind, and whoever comes next knows that the copy
may have arrived. It goes out once more after RESEND_AFTER, under the same Message-ID and marked.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from reforms.models import STOPPED_STATES, Delivery, DeliveryCopy

State = DeliveryCopy.State
LONGEST_WAIT = dt.timedelta(hours=24)
MOST_TRIES = 14  # five days of being told to come back later
MOST_TRIES_OF_A_GROUP = 8  # some four hours: of a day's message somebody is to hear that day
MOST_UNKNOWN = 3
ALARMED_FOR = dt.timedelta(days=30)


def channel_of(delivery: Delivery) -> DeliveryCopy.Channel:
    """A group's messages go by its robot, letters by mail; without a mail server they become files."""
    if delivery.robot:
        return DeliveryCopy.Channel(delivery.robot.product)
    return DeliveryCopy.Channel.MAIL if settings.MAIL_GOES_OUT else DeliveryCopy.Channel.FILE


def to_send(delivery: Delivery, recipients: Collection[str]) -> list[DeliveryCopy]:
    """The copies of a claimed letter that are to be sent now to these recipients; who is none any more is left out."""
    cut_off(delivery)
    known = set(delivery.copies.values_list("address", flat=True))
    new = [address for address in recipients if address not in known]
    DeliveryCopy.objects.bulk_create(
        [DeliveryCopy(delivery=delivery, channel=channel_of(delivery), address=one, next_try_at=Now()) for one in new],
        ignore_conflicts=True,
    )
    let_go(delivery.copies.exclude(address__in=recipients))
    return list(_open(delivery.copies.filter(next_try_at__lte=Now())).order_by("pk"))


def cut_off(delivery: Delivery) -> None:
    """Of a letter that was just claimed nobody sends a copy any more: what is still being transmitted was cut off."""
    for copy in delivery.copies.filter(state=State.TRANSMITTING):
        end_unknown(copy, copy.error, since=F("begun_at"))


def let_go(copies: QuerySet[DeliveryCopy]) -> None:
    """Nothing more is sent of these. Whether an ambiguous one arrived stays unknown."""
    copies.filter(state=State.PENDING).update(state=State.OBSOLETE, next_try_at=None)
    copies.filter(state=State.AMBIGUOUS).update(next_try_at=None)


def _open(copies: QuerySet[DeliveryCopy]) -> QuerySet[DeliveryCopy]:
    return copies.filter(state__in=(State.PENDING, State.AMBIGUOUS), next_try_at__isnull=False)


def begin(copy: DeliveryCopy) -> bool:
    """Write that it is being transmitted; False when somebody else has it."""
    found = DeliveryCopy.objects.filter(pk=copy.pk, state=copy.state, attempts=copy.attempts)
    if not found.update(state=State.TRANSMITTING, attempts=copy.attempts + 1, begun_at=Now(), next_try_at=None):
        return False
    copy.attempts += 1
    return True


def _end(copy: DeliveryCopy, state: DeliveryCopy.State, **facts: Any) -> None:
    # Whoever took the letter over meanwhile may have found it cut off; the answer that came after all is the truth.
    mine = DeliveryCopy.objects.filter(pk=copy.pk, attempts=copy.attempts)
    facts = {"next_try_at": None, "unknown_ends": copy.unknown_ends} | facts
    mine.filter(state__in=(State.TRANSMITTING, State.AMBIGUOUS)).update(state=state, **facts)


def end_sent(copy: DeliveryCopy) -> None:
    _end(copy, State.SENT, sent_at=Now(), error="")


def end_refused(copy: DeliveryCopy, why: str) -> None:
    _end(copy, State.REFUSED, error=why)


def end_for_now(copy: DeliveryCopy, why: str, *, at_least: dt.timedelta = dt.timedelta()) -> None:
    """Later again, later each time, but not before `at_least`; after MOST_TRIES never again."""
    if copy.attempts >= (MOST_TRIES_OF_A_GROUP if copy.is_to_a_group else MOST_TRIES):
        _end(copy, State.DEAD, error=why)
        return
    wait = max(at_least, wait_after(copy.attempts, LONGEST_WAIT))
    _end(copy, _waiting(copy), error=why, next_try_at=Now() + wait)


def end_before_it_began(copy: DeliveryCopy, why: str) -> None:
    """The server could not be talked to: that says nothing of this recipient and does not count."""
    _end(copy, _waiting(copy), error=why, next_try_at=Now(), attempts=copy.attempts - 1)


def end_unknown(copy: DeliveryCopy, why: str, *, since: Any = None) -> None:
    """It may have arrived: once more after RESEND_AFTER `since` then (now), marked; not for ever."""
    unknown = copy.unknown_ends + 1
    if unknown > MOST_UNKNOWN:
        _end(copy, State.DEAD, error=why, unknown_ends=unknown)
        return
    later = dt.timedelta(seconds=settings.RESEND_AFTER) * 4 ** (unknown - 1)
    _end(copy, State.AMBIGUOUS, error=why, unknown_ends=unknown, next_try_at=(since or Now()) + later)


def end_returned(copy: DeliveryCopy, state: DeliveryCopy.State, why: str) -> bool:
    """A server had taken it and sent it back: it did not arrive, and nothing more is planned. False where that was
    known, or it never went out."""
    with transaction.atomic():
        out = DeliveryCopy.objects.filter(pk=copy.pk, state__in=(State.SENT, State.AMBIGUOUS))
        if not out.update(state=state, error=why, next_try_at=None):
            return False
        end = end_of(copy.delivery)
        if end != Delivery.State.SENT:
            Delivery.objects.filter(pk=copy.delivery_id, state=Delivery.State.SENT).update(state=end, sent_at=None)
    return True


def note(copy: DeliveryCopy, why: str) -> bool:
    """Keep what a server said of a copy that is still on its way."""
    return bool(DeliveryCopy.objects.filter(pk=copy.pk, state=State.SENT).update(error=why))


def _waiting(copy: DeliveryCopy) -> DeliveryCopy.State:
    return State.AMBIGUOUS if copy.unknown_ends else State.PENDING


def wait_after(attempts: int, longest: dt.timedelta) -> dt.timedelta:
    """2, 4, 8 … minutes."""
    # The exponent is bounded so that no number of attempts is too large for it.
    return min(dt.timedelta(minutes=2 ** min(attempts, 11)), longest)


def next_try(delivery: Delivery) -> dt.datetime | None:
    """When the first of its copies is to be tried; None when all came to an end."""
    found: dt.datetime | None = _open(delivery.copies.all()).aggregate(first=Min("next_try_at"))["first"]
    return found


def end_of(delivery: Delivery) -> Delivery.State:
    """What became of a letter all of whose copies came to an end."""
    states = set(delivery.copies.values_list("state", flat=True))
    # One that may have arrived, and that nobody waits for any more, is no failure to act on.
    ways = (
        (State.SENT, Delivery.State.SENT),
        (State.DEAD, Delivery.State.DEAD),
        (State.REFUSED, Delivery.State.REFUSED),
    )
    return next((end for state, end in ways if state in states), Delivery.State.DROPPED)


def stopped_letters(on: dt.date) -> QuerySet[Delivery]:
    """Letters of the last 30 days of which somebody was refused, or given up, whom no letter has reached since."""
    later = DeliveryCopy.objects.filter(address=OuterRef("address"), pk__gt=OuterRef("pk"), state=State.SENT)
    stopped = DeliveryCopy.objects.filter(Q(state__in=STOPPED_STATES) & ~Exists(later))
    letters = stopped.filter(delivery__on__gt=on - ALARMED_FOR).values("delivery")
    return Delivery.objects.filter(pk__in=letters)


def send_again(pk: int) -> bool:
    """Try a letter once more for those who were refused or given up; False where nobody was, or it is being sent."""
    stopped = DeliveryCopy.objects.filter(delivery=pk, state__in=STOPPED_STATES)
    with transaction.atomic():
        again = Delivery.objects.filter(Exists(stopped), pk=pk).exclude(state="sending")
        if not again.update(state="pending", attempts=0, next_try_at=Now(), last_error=""):
            return False
        anew: dict[str, Any] = {"attempts": 0, "next_try_at": Now(), "error": ""}
        stopped.filter(unknown_ends__gt=0).update(state=State.AMBIGUOUS, **anew)
        stopped.update(state=State.PENDING, **anew)
    return True
