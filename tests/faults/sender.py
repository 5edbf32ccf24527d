"""A sender: a process of its own, forked from this one, that sweeps once and can be held behind a step of it."""

import datetime as dt
from typing import Any

from django.utils import timezone

from reforms.models import DeliveryCopy, DeliveryQuerySet
from reforms.reminders.sending import copies, outbox
from reforms.reminders.sending.clock import ClockReading
from reforms.reminders.sending.heartbeat import watched_sweep
from reforms.reminders.sending.transport import Mailer
from tests.faults.worker import Point, Process

# Behind which step a sender may be held: right after the function has done its work.
STEPS: dict[str, Point] = {
    "what is owed was written": (outbox, "create_owed"),
    "it was gathered": (outbox, "gather"),
    "a letter was claimed": (DeliveryQuerySet, "claim"),
    "a letter was written": (outbox, "letter_of"),
    "its copies were made": (copies, "to_send"),
    "transmitting was written": (copies, "begin"),
    "the mail server took it": (Mailer, "__call__"),
    "a copy was marked as sent": (copies, "end_sent"),
    "a letter was finished": (outbox, "_finish"),
}


class Sender(Process):
    """Sweeps once for the day `on`, by `clocks` where they are given."""

    def __init__(self, on: dt.date, *, at: str = "", clocks: ClockReading | None = None) -> None:
        def work() -> int:
            watched_sweep(on, clocks=clocks or clock_of("one", 0))
            return 1

        super().__init__(work, at=STEPS.get(at))


def clock_of(host: str, minutes: float) -> ClockReading:
    """A machine whose clock is so far ahead."""
    return ClockReading(host, timezone.now() + dt.timedelta(minutes=minutes), "", 0.0)


def take_for_not_sent(delivery: Any) -> None:
    """What cutting off would be without `transmitting`: nothing is known, and it is sent again."""
    cut = delivery.copies.filter(state=DeliveryCopy.State.TRANSMITTING)
    cut.update(state=DeliveryCopy.State.PENDING, next_try_at=timezone.now() - dt.timedelta(minutes=1))
