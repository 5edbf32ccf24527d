"""The life of one recipient's copy: what is known of it is said, no more, and every second one is marked."""

import datetime as dt
from collections.abc import Callable
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import DatabaseError
from django.utils import timezone

from agencies.models import Agency, Role
from reforms.lib.mail import EndUnknown
from reforms.models import Delivery, DeliveryCopy, ReformList, Reminder
from reforms.reminders.letters import Letter
from reforms.reminders.sending import copies
from reforms.reminders.sending.copies import MOST_TRIES, send_again, stopped_letters
from reforms.reminders.sending.outbox import Sweep, sweep
from reforms.reminders.sending.transport import Mailer, copy_id
from tests.conftest import ON, PersonMaker

Mailbox = list[EmailMultiAlternatives]
Post = Callable[[Delivery, Letter], None]
MINUTE = dt.timedelta(minutes=1)


def after(minutes: float) -> None:
    """Let so much time pass: the lease of a dead sender ends, and what waits comes nearer."""
    by = dt.timedelta(minutes=minutes)
    for delivery in Delivery.objects.all():
        delivery.next_try_at -= by
        delivery.lease_until = delivery.lease_until and delivery.lease_until - by
        delivery.save()
    for copy in DeliveryCopy.objects.all():
        for name in ("next_try_at", "begun_at"):
            if when := getattr(copy, name):
                setattr(copy, name, when - by)
        copy.save()


def raising(error: BaseException, *, mailed: bool = False) -> Post:
    """A way to the mail server that ends like this, once the server has the letter or before."""

    def send(delivery: Delivery, letter: Letter) -> None:
        if mailed:
            Mailer()(delivery, letter)
        raise error

    return send


class Killed(BaseException):
    """The process is gone."""


def the_copy() -> DeliveryCopy:
    return DeliveryCopy.objects.get()


def states() -> list[str]:
    return list(DeliveryCopy.objects.order_by("pk").values_list("state", flat=True))


# Nobody knows how it ended --------------------------------------------------------------------------


def test_a_sender_killed_while_transmitting_leaves_a_copy_that_may_have_arrived(
    reminded: Reminder, mailoutbox: Mailbox
) -> None:
    with pytest.raises(Killed):
        sweep(ON, send=raising(Killed(), mailed=True))
    assert states() == ["transmitting"], "written before the mail server was spoken to"
    after(6)
    assert sweep(ON) == Sweep(postponed=1)
    assert (states(), len(mailoutbox)) == (["ambiguous"], 1), "no copy at the end of the lease"
    after(8)
    assert sweep(ON) == Sweep(), "fourteen minutes"
    after(2)
    assert sweep(ON) == Sweep(sent=1)
    first, second = mailoutbox
    assert not first.subject.startswith("【可能重复】")
    assert second.subject == f"【可能重复】{first.subject}"
    assert (first.message()["X-Possible-Duplicate"], second.message()["X-Possible-Duplicate"]) == (None, "yes")
    assert first.message()["Message-ID"] == second.message()["Message-ID"]
    assert (states(), the_copy().may_be_second, Delivery.objects.get().state) == (["sent"], True, "sent")


def test_a_connection_cut_after_the_message_was_given_is_followed_once_and_marked(
    reminded: Reminder, mailoutbox: Mailbox
) -> None:
    cut = raising(EndUnknown("SMTPServerDisconnected: Connection unexpectedly closed"), mailed=True)
    assert sweep(ON, send=cut) == Sweep(postponed=1, gathered=1)
    assert states() == ["ambiguous"]
    after(14)
    assert sweep(ON) == Sweep()
    after(2)
    assert sweep(ON).sent == 1
    assert [message.subject[:6] for message in mailoutbox] == ["【到期提醒】", "【可能重复】"]


def test_what_goes_on_ending_in_the_unknown_is_given_up(reminded: Reminder, mailoutbox: Mailbox) -> None:
    cut = raising(EndUnknown("timed out"), mailed=True)
    for _ in range(10):
        sweep(ON, send=cut)
        after(24 * 60)
    assert len(mailoutbox) == copies.MOST_UNKNOWN + 1
    assert (states(), Delivery.objects.get().state) == (["dead"], "dead")


def test_the_end_of_a_slow_sender_counts_also_after_another_took_over(reminded: Reminder, mailoutbox: Mailbox) -> None:
    def slow(delivery: Delivery, letter: Letter) -> None:
        Mailer()(delivery, letter)
        after(6)
        assert sweep(ON) == Sweep(postponed=1), "the other finds it cut off"

    sweep(ON, send=slow)
    assert (states(), len(mailoutbox)) == (["sent"], 1)
    assert not the_copy().may_be_second
    after(60)
    sweep(ON)
    assert len(mailoutbox) == 1


def test_a_later_letter_says_all_that_an_ambiguous_one_said(
    few: ReformList, transport: Agency, mailoutbox: Mailbox
) -> None:
    sweep(ON, send=raising(EndUnknown("timed out")))
    after(60 * 24)
    sweep(dt.date(2022, 6, 23))
    told = [message.subject for message in mailoutbox if message.to == [transport.email]]
    assert told == ["【到期提醒】市交通运输局：2条举措6月30日到期（牵头2条）"], "today's, unmarked, and nothing else"


# A full disk --------------------------------------------------------------------------------------


def test_when_the_mark_fails_the_others_go_out_and_no_copy_goes_out_at_each_lease(
    few: ReformList, transport: Agency, mailoutbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = copies.end_sent

    def full(copy: DeliveryCopy) -> None:
        if copy.address == transport.email:
            raise DatabaseError("database or disk is full")
        mark(copy)

    monkeypatch.setattr(copies, "end_sent", full)
    done = sweep(ON)
    assert (done.sent, done.postponed) == (2, 1)
    for _ in range(24):
        after(5)
        sweep(ON)
    mine = [message.subject for message in mailoutbox if message.to == [transport.email]]
    assert len(mine) <= 3, "one, and a marked one for each time that nobody could know"
    assert all(subject.startswith("【可能重复】") for subject in mine[1:])


def test_what_is_to_be_sent_is_written_before_it_is_sent(reminded: Reminder, mailoutbox: Mailbox) -> None:
    seen: list[Any] = []

    def look(delivery: Delivery, letter: Letter) -> None:
        stored = Delivery.objects.get()
        seen.extend([stored.subject == letter.subject, stored.body == letter.text, *states()])

    sweep(ON, send=look)
    assert seen == [True, True, "transmitting"]


# Refused, and given up ------------------------------------------------------------------------------


def later(address: str) -> SMTPRecipientsRefused:
    return SMTPRecipientsRefused({address: (450, b"try later")})


def test_a_recipient_who_is_refused_for_now_for_days_is_given_up(reminded: Reminder, transport: Agency) -> None:
    waits = []
    for _ in range(MOST_TRIES):
        sweep(ON, send=raising(later(transport.email)))
        if when := the_copy().next_try_at:
            waits.append(round((when - timezone.now()) / MINUTE))
        after(24 * 60)
    assert waits == [2**n for n in range(1, 11)] + [1440] * 3
    assert (states(), Delivery.objects.get().state) == (["dead"], "dead")
    assert sweep(ON) == Sweep(), "never again by itself"
    assert stopped_letters(ON).count() == 1


def test_who_was_given_up_gets_it_when_somebody_says_so(
    reminded: Reminder, transport: Agency, mailoutbox: Mailbox
) -> None:
    sweep(ON, send=raising(SMTPDataError(554, b"no")))
    assert states() == ["refused"]
    assert send_again(Delivery.objects.get().pk)
    assert sweep(ON) == Sweep(sent=1)
    assert mailoutbox[0].to == [transport.email]
    assert not stopped_letters(ON).exists()


def test_an_address_that_was_put_right_takes_the_place_of_the_wrong_one(
    reminded: Reminder, transport: Agency, mailoutbox: Mailbox
) -> None:
    sweep(ON, send=raising(SMTPRecipientsRefused({transport.email: (550, b"no such user")})))
    Agency.objects.filter(pk=transport.pk).update(email="right@example.org")
    assert send_again(Delivery.objects.get().pk)
    assert sweep(ON) == Sweep(sent=1)
    assert mailoutbox[0].to == ["right@example.org"]
    assert states() == ["obsolete", "sent"]


def test_a_letter_that_got_through_since_ends_the_alarm(
    few: ReformList, transport: Agency, mailoutbox: Mailbox
) -> None:
    def send(delivery: Delivery, letter: Letter) -> None:
        if letter.recipients == (transport.email,):
            raise SMTPRecipientsRefused({transport.email: (550, b"mailbox full")})

    sweep(ON, send=send)
    assert stopped_letters(ON).count() == 1
    sweep(dt.date(2022, 6, 23))
    assert not stopped_letters(dt.date(2022, 6, 23)).exists()


# A mailbox at last ----------------------------------------------------------------------------------


def test_a_letter_that_waits_for_a_mailbox_goes_out_with_the_next_sweep_after_it_is_there(
    reminded: Reminder, transport: Agency, mailoutbox: Mailbox, person: PersonMaker
) -> None:
    Agency.objects.filter(pk=transport.pk).update(email="")
    assert sweep(ON) == Sweep(gathered=1, postponed=1)
    assert sweep(ON) == Sweep()
    person(Role.REPORTER, agency=transport, username="new")
    assert sweep(ON) == Sweep(sent=1)
    assert mailoutbox[0].to == ["new@example.org"]


# The mail server ------------------------------------------------------------------------------------


def test_a_mail_server_that_hangs_is_asked_once_a_sweep(switched_on: ReformList) -> None:
    asked: list[str] = []

    def hang(_delivery: Delivery, letter: Letter) -> None:
        asked.append(letter.subject)
        raise TimeoutError("timed out")

    done = sweep(ON, send=hang)
    assert (len(asked), done.looked, done.trouble) == (1, 1, "TimeoutError: timed out")
    sweep(ON, send=hang)
    assert len(set(asked)) == 2, "another letter's turn: one that hangs the server does not hold up the others"


def test_a_server_that_cuts_every_letter_off_is_left_alone_after_three(switched_on: ReformList) -> None:
    done = sweep(ON, send=raising(EndUnknown("cut")))
    assert (done.looked, done.sent) == (3, 0)


def test_after_two_months_without_a_server_everybody_is_told_at_once(few: ReformList, mailoutbox: Mailbox) -> None:
    for _ in range(100):
        sweep(ON, send=raising(ConnectionRefusedError("refused")))
        after(15)
    assert set(states()) <= {"pending"}
    assert sweep(ON).sent == len(mailoutbox) == 3


# Mail that is only files ------------------------------------------------------------------------------


def test_what_became_a_file_is_not_said_to_be_sent(reminded: Reminder, settings: Any) -> None:
    settings.MAIL_GOES_OUT = False
    sweep(ON)
    assert (the_copy().channel, the_copy().said) == ("file", "已写入文件，未发送")
    assert Delivery.objects.get().is_file_only
    settings.DEMO = True
    assert the_copy().said == "已发送", "a demonstration makes no letters in earnest"


def test_each_copy_has_its_own_id(reminded: Reminder, mailoutbox: Mailbox) -> None:
    sweep(ON)
    [message] = mailoutbox
    assert message.message()["Message-ID"] == copy_id(Delivery.objects.get().message_id, message.to)
