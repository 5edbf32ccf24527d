"""Each sweep is kept: when, by which clock, how many letters. A clock that cannot be right stops all sending until
somebody has confirmed the time."""

import datetime as dt
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from agencies.access import Principal
from agencies.log.write import Entry, record
from agencies.models import Change, ChangeHead
from reforms.models import ClockStop, SweepRun
from reforms.reminders.sending.clock import ClockReading, fault_of, read_clocks
from reforms.reminders.sending.outbox import Send, Sweep, may_write, sweep, writes_digests

log = logging.getLogger(__name__)
KEPT = dt.timedelta(days=30)
OLD = dt.timedelta(minutes=10)
CLOCK, QUIET = "clock", "quiet"


def watched_sweep(
    on: dt.date, *, at: dt.time | None = None, send: Send | None = None, clocks: ClockReading | None = None
) -> Sweep | None:
    """A sweep that is kept; None, and nothing is sent, while a clock is not to be trusted."""
    now = clocks or read_clocks()
    run = _begin(on, now)
    if run.held == CLOCK:
        return None
    sequence = _log_sequence()
    owed = not _nothing_changed(on, sequence)
    done = Sweep()
    try:
        done = sweep(on, at=at, send=send, owed=owed)
    finally:
        quiet = not may_write(on, at)
        _end(run, done, held=QUIET if quiet else "", sequence=None if quiet or not writes_digests(at) else sequence)
    return done


def _begin(on: dt.date, now: ClockReading) -> SweepRun:
    last = SweepRun.objects.filter(host=now.host).order_by("-pk").first()
    stopped = standing_stop()
    # The demonstration's day is moved as one likes.
    fault = None if stopped or settings.PORTAL_TODAY else fault_of(last, now)
    if fault:
        fault.save()
        log.error("the clock of %s went from %s to %s; nothing is sent", fault.host, fault.before, fault.after)
    _forget_old(last, now)
    return SweepRun.objects.create(
        began_at=Now(),
        host=now.host,
        host_at=now.at,
        boot=now.boot,
        uptime=now.uptime,
        on=on,
        held=CLOCK if stopped or fault else "",
    )


def _forget_old(last: SweepRun | None, now: ClockReading) -> None:
    """Once a day."""
    if last and last.host_at.date() != now.at.date():
        SweepRun.objects.filter(began_at__lt=Now() - KEPT).delete()


def _end(run: SweepRun, done: Sweep, *, held: str, sequence: int | None) -> None:
    SweepRun.objects.filter(pk=run.pk).update(
        ended_at=Now(),
        held=held,
        sequence=sequence,
        looked=done.looked,
        sent=done.sent,
        failed=done.postponed + done.refused + done.dead,
        trouble=done.trouble,
    )


def _log_sequence() -> int:
    """How far the change log goes: whatever changes what is owed writes to it."""
    return ChangeHead.reached()[0]


def _nothing_changed(on: dt.date, sequence: int) -> bool:
    """Whether what is owed on this day was written when the log went as far as it does now: then every open duty need
    not be looked at once more."""
    looked_at = SweepRun.objects.filter(on=on, sequence__isnull=False).order_by("-pk")
    return looked_at.values_list("sequence", flat=True).first() == sequence


# For those who look ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """How the sweeps are: when the last began, and what is wrong."""

    last: SweepRun | None
    age: dt.timedelta | None
    stop: ClockStop | None

    @property
    def is_old(self) -> bool:
        """Whether no sweep has come for longer than a scheduler and a worker that run need."""
        return self.age is None or self.age > OLD

    @property
    def minutes(self) -> int:
        """Since the last sweep, whole ones."""
        return int(self.age.total_seconds() // 60) if self.age else 0

    @property
    def trouble(self) -> str:
        """What the mail server said when it ended the last sweep; empty where it did not."""
        return self.last.trouble if self.last else ""

    @property
    def needs_somebody(self) -> bool:
        """Whether letters do not go out as they should."""
        return self.is_old or bool(self.stop or self.trouble)


def heartbeat() -> Heartbeat:
    """As it is now, in three queries."""
    return Heartbeat(SweepRun.objects.order_by("-pk").first(), SweepRun.objects.age_of_last(), standing_stop())


def standing_stop() -> ClockStop | None:
    """The stop that nobody has confirmed yet."""
    return ClockStop.objects.filter(confirmed_at=None).order_by("pk").first()


def confirm_clock(pk: int, *, who: Principal, on: dt.date) -> bool:
    """Somebody has looked at the clock: letters go out again. False when it was confirmed already."""
    with transaction.atomic():
        stop = ClockStop.objects.filter(pk=pk, confirmed_at=None)
        if not stop.update(confirmed_at=timezone.now(), confirmed_by=who.label):
            return False
        found = ClockStop.objects.get(pk=pk)
        facts = {
            "host": found.host,
            "clock_before": timezone.localtime(found.before).isoformat(timespec="seconds"),
            "clock_after": timezone.localtime(found.after).isoformat(timespec="seconds"),
        }
        entry = Entry(
            action="clock.confirmed",
            kind="clock",
            object_id=pk,
            visibility=Change.Visibility.INTERNAL,
            before={},
            after=facts,
        )
        record([entry], who=who, on=on)
    return True
