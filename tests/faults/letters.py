"""What may happen to letters, and what must be true afterwards; where it is not, an AssertionError says so."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from unittest import mock
from zlib import crc32

import pytest
from django.db import DatabaseError, connection
from django.db.models import F

from reforms.lib import mail
from reforms.models import ClockStop, Delivery, DeliveryCopy, Reminder
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.sending import copies
from reforms.reminders.sending.outbox import sweep
from reforms.reminders.sending.transport import copy_id
from tests.faults.ground import Ground
from tests.faults.mail import OK, Answer, MoodyOffice
from tests.faults.scenarios import here
from tests.faults.sender import STEPS, Sender, clock_of, take_for_not_sent

FIRST_DAY = dt.date(2022, 6, 15)
State = DeliveryCopy.State
LONGEST = 300.0
LATER: Answer = (450, "try later")
NEVER: Answer = (550, "no such user")


def pass_time(minutes: float) -> None:
    """Let so much time pass for all that waits, without waiting."""
    by = dt.timedelta(minutes=minutes)
    Delivery.objects.update(next_try_at=F("next_try_at") - by)
    Delivery.objects.exclude(lease_until=None).update(lease_until=F("lease_until") - by)
    DeliveryCopy.objects.exclude(next_try_at=None).update(next_try_at=F("next_try_at") - by)
    DeliveryCopy.objects.exclude(begun_at=None).update(begun_at=F("begun_at") - by)


@dataclass
class LetterFaults:
    """One database with reminders that are owed, and a mail server; the database is put back before each scenario."""

    ground: Ground
    office: MoodyOffice
    random: Random
    outcomes: Counter[str] = field(default_factory=Counter)

    def afresh(self) -> None:
        self.office.well()
        self.office.letters.clear()
        self.ground.restore()

    @contextmanager
    def scenario(self, what: str) -> Iterator[None]:
        """From the beginning, and counted when all held."""
        self.afresh()
        with here():
            yield
        self.outcomes[what] += 1

    # Looking ------------------------------------------------------------------------------------

    def look(self, *, all_told: bool = True) -> None:
        """What must hold at every moment, and with `all_told` at the end."""
        unmarked = self.office.unmarked()
        twice = [one for one, times in unmarked.items() if times > 1]
        assert not twice, f"{len(twice)} letters were sent a second time without the mark"
        taken = self.office.taken()
        sent = DeliveryCopy.objects.filter(state=State.SENT).select_related("delivery")
        missing = [one for one in sent if copy_id(one.delivery.message_id, [one.address]) not in taken]
        assert not missing, f"{len(missing)} are recorded as sent that the mail server never took"
        assert not any(found[0].recipients != found[-1].recipients for found in taken.values())
        if all_told:
            self._all_told()

    def _all_told(self) -> None:
        open_still = DeliveryCopy.objects.filter(state__in=(State.PENDING, State.TRANSMITTING, State.AMBIGUOUS))
        assert not open_still.exclude(next_try_at=None, state=State.AMBIGUOUS).exists(), "something still waits"
        untold = Reminder.objects.exclude(delivery__state__in=("sent", "refused", "dropped"))
        assert not untold.exists(), f"{untold.count()} reminders were lost"
        assert Reminder.objects.exists(), "nothing was owed"

    def sweep_until_told(self, on: dt.date, *, minutes: float = 24 * 60, most: int = 40) -> None:
        for _ in range(most):
            sweep(on)
            if not Delivery.objects.filter(state__in=("pending", "sending")).exists():
                break
            pass_time(minutes)
        self.look()

    # Kills --------------------------------------------------------------------------------------

    def kills(self, times: int) -> None:
        """Senders killed at every step in turn, and between them at random moments, over as many days as it takes."""
        self.afresh()
        days, day, done = working_days(), FIRST_DAY, 0
        while done < times:
            step = tuple(STEPS)[done // 2 % len(STEPS)]
            if self._kill_at_random(day) if done % 2 else self._kill_at(step, day):
                done += 1
            elif following := next(days, None):
                day = following
            else:
                # A busy machine kills many before they have begun; the year is over then, and another one begins.
                self._finish(day)
                self.afresh()
                days, day = working_days(), FIRST_DAY
            with here():
                self.look(all_told=False)
        self._finish(day)

    def _kill_at(self, point: str, day: dt.date) -> bool:
        sender = Sender(day, at=point)
        if not sender.wait_until_reached():
            sender.wait()
            # It came to its end: the day is done, or this step does not come up.
            return self._has_work(day)
        sender.kill()
        self.ground.settle()
        self.outcomes[f"killed after {point}"] += 1
        return True

    def _kill_at_random(self, day: dt.date) -> bool:
        sender = Sender(day)
        time.sleep(self.random.uniform(0.01, 0.5))
        sender.kill()
        self.ground.settle()
        self.outcomes["killed at a random moment"] += 1
        return self._has_work(day)

    def _has_work(self, day: dt.date) -> bool:
        with here():
            return Delivery.objects.filter(state__in=("pending", "sending")).exists()

    def _finish(self, day: dt.date) -> None:
        """Senders that are left alone, until all is told."""
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            Sender(day).wait()
            if not self._has_work(day):
                break
            time.sleep(0.5)
        with here():
            self.look()
        self.outcomes["second copies, each marked"] += sum(len(found) - 1 for found in self.office.taken().values())
        self.outcomes["letters taken"] += len(self.office.letters)

    def kill_without_marks(self) -> None:
        """The negative control: what was cut off is taken for not sent, as it was before there was `transmitting`."""
        self.afresh()
        sender = Sender(FIRST_DAY, at="the mail server took it")
        assert sender.wait_until_reached()
        sender.kill()
        self.ground.settle()
        with here():
            with mock.patch.object(copies, "cut_off", take_for_not_sent):
                pass_time(60)
                sweep(FIRST_DAY)
            with pytest.raises(AssertionError, match="without the mark"):
                self.look(all_told=False)
        self.outcomes["negative control, without the mark before sending: seen"] += 1

    # The mail server ----------------------------------------------------------------------------

    def half_for_now(self) -> None:
        with self.scenario("half of all answers are 450, then well"):
            self.office.recipient = lambda _address: LATER if self.random.random() < 0.5 else OK
            for _ in range(3):
                sweep(FIRST_DAY)
                pass_time(30)
                self.look(all_told=False)
            self.office.well()
            self.sweep_until_told(FIRST_DAY)
            assert not DeliveryCopy.objects.exclude(state=State.SENT).exists()
            assert max(map(len, self.office.taken().values())) == 1, "nobody got it twice"

    def half_for_good(self) -> None:
        with self.scenario("half of all addresses are refused with 550"):
            self.office.recipient = lambda address: NEVER if crc32(address.encode()) % 2 else OK
            self.sweep_until_told(FIRST_DAY)
            refused = set(DeliveryCopy.objects.filter(state=State.REFUSED).values_list("address", flat=True))
            told = set(DeliveryCopy.objects.filter(state=State.SENT).values_list("address", flat=True))
            assert all(crc32(address.encode()) % 2 for address in refused)
            assert not any(crc32(address.encode()) % 2 for address in told), "recorded as sent who was refused"
            assert refused
            assert told
            assert copies.stopped_letters(FIRST_DAY).exists(), "the office is told"

    def one_bad_recipient(self) -> None:
        with self.scenario("one bad recipient among many"):
            self.office.recipient = lambda address: NEVER if address.startswith("reporter-1-") else OK
            self.sweep_until_told(FIRST_DAY)
            refused = DeliveryCopy.objects.filter(state=State.REFUSED)
            assert refused.exists()
            assert DeliveryCopy.objects.exclude(state=State.SENT).count() == refused.count()

    def cut_after_data(self) -> None:
        with self.scenario("cut off after DATA before the answer, then well"):
            self.office.cuts = 5
            self.sweep_until_told(FIRST_DAY, minutes=20)
            again = [found for found in self.office.taken().values() if len(found) > 1]
            assert len(again) == 5
            assert DeliveryCopy.objects.filter(unknown_ends__gt=0).count() == 5

    def dripping(self) -> None:
        with self.scenario("a byte now and then (slow loris), then well"), mock.patch.object(mail, "AT_MOST", 1.0):
            self.office.drips = True
            started = time.monotonic()
            done = sweep(FIRST_DAY)
            took = time.monotonic() - started
            assert (done.looked, done.sent) == (1, 0), done
            assert done.trouble
            assert took < 15, f"one sweep took {took:.0f} s"
            self.office.well()
            self.sweep_until_told(FIRST_DAY)

    def down_for_two_months(self) -> None:
        with self.scenario("gone for two months, then well: one letter each"):
            self.office.is_down = True
            for day in list(working_days())[:44]:
                sweep(day)
                pass_time(24 * 60)
            assert not self.office.letters
            self.office.well()
            self.sweep_until_told(dt.date(2022, 8, 22), minutes=20)
            each = Counter(letter.recipients for letter in self.office.letters)
            assert max(each.values()) == 1, "a backlog stage by stage"

    def two_at_once(self) -> None:
        """Two schedulers, one ten minutes ahead, one ten minutes behind."""
        with self.scenario("two senders at once, clocks ten minutes apart"):
            for _ in range(3):
                both = [Sender(FIRST_DAY, clocks=clock_of(host, minutes)) for host, minutes in (("a", 10), ("b", -10))]
                for sender in both:
                    sender.wait()
            self.look()
            assert not ClockStop.objects.exists()
            assert max(map(len, self.office.taken().values())) == 1

    # The disk -----------------------------------------------------------------------------------

    def marks_that_fail(self) -> None:
        with self.scenario("a third of the marks after sending fail"):
            mark = copies.end_sent

            def full(copy: DeliveryCopy) -> None:
                if self.random.random() < 0.33:
                    raise DatabaseError("database or disk is full")
                mark(copy)

            with mock.patch.object(copies, "end_sent", full):
                for _ in range(12):
                    sweep(FIRST_DAY)
                    pass_time(6)
                    self.look(all_told=False)
            self.sweep_until_told(FIRST_DAY, minutes=60)
            assert max(map(len, self.office.taken().values())) <= copies.MOST_UNKNOWN + 1

    def full_disk(self) -> None:
        """SQLite itself says that it is full."""
        if connection.vendor != "sqlite":
            return
        with self.scenario("the disk is full for an hour (SQLite), then not"):
            sweep(FIRST_DAY, send=_nothing_goes_out)
            pass_time(30)
            most = _pragma("page_count")
            _pragma(f"max_page_count = {most}")
            for _ in range(12):
                _whatever_happens(lambda: sweep(FIRST_DAY))
                _whatever_happens(lambda: pass_time(5))
                self.look(all_told=False)
            _pragma("max_page_count = 1000000")
            self.sweep_until_told(FIRST_DAY, minutes=60)


def _nothing_goes_out(*_args: object) -> None:
    raise TimeoutError("not now")


def _pragma(text: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {text}")
        return int(cursor.fetchone()[0])


def _whatever_happens(act: Callable[[], object]) -> None:
    try:
        act()
    except DatabaseError:
        connection.close_if_unusable_or_obsolete()


def working_days() -> Iterator[dt.date]:
    days, day = WorkingDays(), FIRST_DAY
    for _ in range(2000):
        day = days.next(day + dt.timedelta(days=1))
        yield day


def a_dose(faults: LetterFaults, kills: int) -> None:
    """What the suite has time for."""
    faults.kills(kills)
    faults.kill_without_marks()
    faults.one_bad_recipient()
    faults.cut_after_data()
    faults.marks_that_fail()


def everything(faults: LetterFaults, kills: int) -> None:
    a_dose(faults, kills)
    faults.half_for_now()
    faults.half_for_good()
    faults.dripping()
    faults.down_for_two_months()
    faults.two_at_once()
    faults.full_disk()
