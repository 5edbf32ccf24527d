"""The outbox: one digest for each agency, tried until it is out, dropped when it has become pointless."""

import datetime as dt
from collections.abc import Callable
from email.message import EmailMessage
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db.models import Count
from django.utils import timezone

from agencies.models import Agency, Role
from reforms.models import Delivery, Duty, Measure, ReformList, Reminder, Status
from reforms.reminders.digest import Digest
from reforms.reminders.letters import Letter
from reforms.reminders.owed import create_owed
from reforms.reminders.preview import preview
from reforms.reminders.sending import outbox
from reforms.reminders.sending.copies import send_again
from reforms.reminders.sending.gathering import gather
from reforms.reminders.sending.outbox import Sweep, sweep
from reforms.reminders.sending.transport import Mailer, copy_id
from tests.conftest import ON, PersonMaker
from tests.reforms.reminders.conftest import new_delivery

AGENCIES = 3
Mailbox = list[EmailMultiAlternatives]


def try_again(delivery: Delivery) -> None:
    """Let the time to the next try pass."""
    a_moment_ago = timezone.now() - dt.timedelta(seconds=1)
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=a_moment_ago)
    delivery.copies.exclude(next_try_at=None).update(next_try_at=a_moment_ago)


def wait_of(delivery: Delivery) -> float:
    """Minutes until the next try."""
    delivery.refresh_from_db()
    return (delivery.next_try_at - timezone.now()).total_seconds() / 60


# One sweep ----------------------------------------------------------------------------------------


def test_the_first_import_sends_nothing(reform_list: ReformList, mailoutbox: Mailbox) -> None:
    for day in (ON, dt.date(2022, 12, 31), dt.date(2026, 1, 1)):
        assert sweep(day) == Sweep()
    assert mailoutbox == []


def test_a_sweep_sends_each_agency_one_digest(switched_on: ReformList, mailoutbox: Mailbox) -> None:
    assert sweep(ON) == Sweep(created=218, gathered=54, sent=54)
    assert len(mailoutbox) == len({tuple(message.to) for message in mailoutbox}) == 54


def test_a_second_sweep_of_the_day_sends_nothing(few: ReformList, mailoutbox: Mailbox) -> None:
    sweep(ON)
    assert sweep(ON) == Sweep()
    assert len(mailoutbox) == AGENCIES


def test_it_keeps_what_was_sent_to_whom_and_when(reminded: Reminder, transport: Agency, mailoutbox: Mailbox) -> None:
    sweep(ON)
    delivery = Delivery.objects.get()
    [message] = mailoutbox
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("sent", 1, "")
    assert delivery.recipients == message.to == [transport.email]
    assert (delivery.subject, delivery.body) == (message.subject, message.body)
    assert delivery.subject == "【到期提醒】市交通运输局：1条举措6月30日到期（牵头1条）"
    assert delivery.sent_at
    assert abs((timezone.now() - delivery.sent_at).total_seconds()) < 60


def test_the_message_says_that_no_person_wrote_it(reminded: Reminder, mailoutbox: Mailbox) -> None:
    sweep(ON)
    message: EmailMessage = mailoutbox[0].message()  # type: ignore[assignment]
    assert message["Auto-Submitted"] == "auto-generated"
    delivery = Delivery.objects.get()
    assert message["Message-ID"] == copy_id(delivery.message_id, delivery.recipients)
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]


def test_on_a_day_off_and_outside_the_hours_nothing_goes_out(few: ReformList, mailoutbox: Mailbox) -> None:
    saturday = dt.date(2022, 6, 18)
    assert sweep(saturday) == Sweep()
    for early_or_late in (dt.time(8, 29), dt.time(18, 1)):
        assert sweep(ON, at=early_or_late) == Sweep()
    assert sweep(ON, at=dt.time(8, 59)) == Sweep(), "notices may, digests wait for nine o'clock"
    assert sweep(ON, at=dt.time(9)).sent == len(mailoutbox) == AGENCIES


def test_after_weeks_without_mail_each_agency_gets_one_letter_of_the_whole_state(
    few: ReformList, transport: Agency, mailoutbox: Mailbox
) -> None:
    def fail(_delivery: Delivery, _letter: object) -> None:
        raise SMTPServerDisconnected("gone")

    day, last = ON, dt.date(2022, 7, 20)
    while day <= last:
        Delivery.objects.update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
        sweep(day, send=fail)
        day += dt.timedelta(days=1)
    Delivery.objects.update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
    sweep(last)
    assert len(mailoutbox) == len({tuple(message.to) for message in mailoutbox}) == AGENCIES
    [message] = [message for message in mailoutbox if message.to == [transport.email]]
    assert message.subject == "【逾期催办】市交通运输局：2条举措已逾期，最长20天"
    assert (
        Reminder.objects.filter(agency=transport, delivery__state="sent").count()
        == Reminder.objects.filter(agency=transport).count()
    ), "what older letters were to tell went out with it"
    assert not Delivery.objects.filter(state="pending", agency__isnull=False).exists()


def test_older_letters_that_wait_are_superseded(few: ReformList, transport: Agency, mailoutbox: Mailbox) -> None:
    create_owed(ON)
    gather(ON)
    first = Delivery.objects.get(agency=transport)
    # As a portal of before one letter a day had them.
    second = new_delivery(transport)
    Reminder.objects.filter(pk=first.reminders.order_by("pk")[0].pk).update(delivery=second)
    sweep(ON)
    assert len([message for message in mailoutbox if message.to == [transport.email]]) == 1
    first.refresh_from_db()
    assert (first.state, first.reminders.count(), second.reminders.count()) == ("dropped", 0, 2)


def test_what_falls_due_after_today_s_letter_waits_for_the_next_working_day(
    few: ReformList, transport: Agency, led: Measure, mailoutbox: Mailbox
) -> None:
    friday, monday = dt.date(2022, 6, 17), dt.date(2022, 6, 20)
    few.reminders_from = friday
    few.save()
    Measure.objects.exclude(pk=led.pk).filter(disposition="active").update(deadline_in_force=dt.date(2022, 9, 30))
    Measure.objects.filter(pk=led.pk).update(deadline_in_force=dt.date(2022, 7, 2))
    sweep(friday)
    before = len(mailoutbox)
    # In the afternoon the office moves another deadline near.
    Measure.objects.filter(deadline_in_force=dt.date(2022, 9, 30)).update(deadline_in_force=dt.date(2022, 7, 2))
    sweep(friday)
    told = [message for message in mailoutbox[before:] if message.to == [transport.email]]
    assert told == []
    sweep(monday)
    told = [message for message in mailoutbox[before:] if message.to == [transport.email]]
    assert [message.subject for message in told] == ["【到期提醒】市交通运输局：2条举措7月2日到期（牵头2条）"]


def test_gathering_puts_all_of_an_agency_s_reminders_into_one_digest(few: ReformList) -> None:
    create_owed(ON)
    assert gather(ON) == AGENCIES
    assert gather(ON) == 0
    kinds = Delivery.objects.annotate(agencies=Count("reminders__agency", distinct=True))
    assert set(kinds.values_list("agencies", flat=True)) == {1}
    assert len(set(Delivery.objects.values_list("message_id", flat=True))) == AGENCIES


def test_a_sweep_cut_off_after_creating_is_finished_by_the_next(few: ReformList, mailoutbox: Mailbox) -> None:
    create_owed(ON)
    assert sweep(ON) == Sweep(gathered=AGENCIES, sent=AGENCIES)


def test_a_sweep_cut_off_after_gathering_is_finished_by_the_next(few: ReformList, mailoutbox: Mailbox) -> None:
    create_owed(ON)
    gather(ON)
    assert sweep(ON) == Sweep(sent=AGENCIES)


def test_a_preview_shows_what_a_sweep_then_sends_and_writes_nothing(few: ReformList, mailoutbox: Mailbox) -> None:
    shown = preview(ON)
    assert not Reminder.objects.exists()
    assert not Delivery.objects.exists()
    sweep(ON)
    assert {(d.subject, d.recipients, d.text) for d in shown} == {
        (message.subject, tuple(message.to), message.body) for message in mailoutbox
    }


def test_a_preview_of_all_agencies_asks_as_often_as_one_of_three(
    switched_on: ReformList, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(21):
        assert len(preview(ON)) == 54
    # The day of report is near: what is asked for is asked once for all.
    with django_assert_max_num_queries(27):
        assert len(preview(dt.date(2022, 6, 21))) > 70


def test_gathering_asks_as_often_for_54_agencies_as_for_three(
    switched_on: ReformList, django_assert_max_num_queries: Any
) -> None:
    create_owed(ON)
    with django_assert_max_num_queries(16):
        assert gather(ON) == 54
    assert Delivery.objects.annotate(n=Count("reminders")).filter(n=0).count() == 0


# What has become pointless ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"status": Status.CLOSED, "claimed_on": ON, "closed_on": ON}, id="closed"),
        pytest.param({"status": Status.UNDER_REVIEW, "claimed_on": ON}, id="claimed"),
        pytest.param({"disposition": "withdrawn"}, id="withdrawn"),
        pytest.param({"deadline_in_force": dt.date(2022, 9, 30)}, id="moved"),
    ],
)
def test_a_reminder_of_what_was_done_in_between_is_dropped(
    reminded: Reminder, led: Measure, mailoutbox: Mailbox, change: dict[str, object]
) -> None:
    gather(ON)
    Measure.objects.filter(pk=led.pk).update(**change)
    assert sweep(ON) == Sweep(dropped=1)
    assert mailoutbox == []
    assert Delivery.objects.get().state == "dropped"


def test_a_digest_leaves_out_what_was_done_in_between(
    few: ReformList, transport: Agency, led: Measure, mailoutbox: Mailbox
) -> None:
    create_owed(ON)
    gather(ON)
    Measure.objects.filter(pk=led.pk).update(status=Status.CLOSED, claimed_on=ON, closed_on=ON)
    sweep(ON)
    [message] = [message for message in mailoutbox if message.to == [transport.email]]
    assert message.subject == "【到期提醒】市交通运输局：1条举措6月30日到期（牵头1条）"
    assert f"/measures/{led.pk}/" not in message.body


# What cannot be sent yet --------------------------------------------------------------------------


def test_with_nobody_to_write_to_it_is_kept_and_says_why(
    reminded: Reminder, transport: Agency, mailoutbox: Mailbox, person: PersonMaker
) -> None:
    transport.email = ""
    transport.save()
    assert sweep(ON) == Sweep(gathered=1, postponed=1)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.last_error) == (
        "pending",
        "没有收件邮箱：请为该单位填写提醒邮箱，或为其填报人填写邮箱。",
    )
    assert sweep(ON) == Sweep(), "not tried again at once"
    person(Role.REPORTER, agency=transport, username="new")
    try_again(delivery)
    assert sweep(ON) == Sweep(sent=1)
    assert mailoutbox[0].to == ["new@example.org"]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == ("sent", "")


def test_a_mail_server_that_fails_is_tried_later_each_time_later(reminded: Reminder) -> None:
    def fail(_delivery: Delivery, _digest: Digest) -> None:
        raise SMTPServerDisconnected("Connection unexpectedly closed")

    gather(ON)
    delivery = Delivery.objects.get()
    waits = []
    for _ in range(10):
        try_again(delivery)
        assert sweep(ON, send=fail) == Sweep(postponed=1)
        waits.append(round(wait_of(delivery)))
    assert waits == [2, 4, 8, *[15] * 7], "soon enough once it is back"
    assert Delivery.objects.get().copies.get().attempts == 0, "that says nothing of the recipient"
    assert delivery.last_error == "SMTPServerDisconnected: Connection unexpectedly closed"


def test_after_any_number_of_tries_it_is_still_tried_every_six_hours(reminded: Reminder, transport: Agency) -> None:
    transport.email = ""
    transport.save()
    gather(ON)
    Delivery.objects.update(attempts=400)
    assert sweep(ON) == Sweep(postponed=1)
    assert round(wait_of(Delivery.objects.get())) == 360


def test_the_same_message_id_is_kept_over_all_tries(reminded: Reminder, mailoutbox: Mailbox) -> None:
    seen = []

    def fail(delivery: Delivery, _digest: Digest) -> None:
        seen.append(delivery.message_id)
        raise OSError("no route to host")

    gather(ON)
    for _ in range(3):
        try_again(Delivery.objects.get())
        sweep(ON, send=fail)
    try_again(Delivery.objects.get())
    sweep(ON)
    assert [*seen, seen[0], seen[0]] == [
        *seen[:3],
        Delivery.objects.get().message_id,
        Delivery.objects.get().message_id,
    ]
    assert len(set(seen)) == 1
    assert mailoutbox[0].message()["Message-ID"] == copy_id(seen[0], mailoutbox[0].to)


@pytest.mark.parametrize(
    "error",
    [
        SMTPServerDisconnected("gone"),
        ConnectionRefusedError("refused"),
        TimeoutError("timed out"),
        ValueError('Invalid address "office@@example.org"'),
        UnicodeEncodeError("ascii", "邮箱", 0, 1, "ordinal not in range"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_one_digest_that_cannot_be_sent_does_not_hold_up_the_others(
    few: ReformList, transport: Agency, error: Exception
) -> None:
    sent = []

    def send(delivery: Delivery, _digest: Digest) -> None:
        if delivery.agency_id == transport.pk:
            raise error
        sent.append(delivery.agency_id)

    first, second = sweep(ON, send=send), sweep(ON, send=send)
    assert (first.sent + second.sent, first.postponed + second.postponed) == (AGENCIES - 1, 1)
    assert len(set(sent)) == AGENCIES - 1
    assert Delivery.objects.get(agency=transport).state == "pending"


def test_an_address_that_no_mail_server_would_take_does_not_hold_up_the_others(
    few: ReformList, transport: Agency, mailoutbox: Mailbox, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "reforms.lib.mail.FolderBackend"
    Agency.objects.filter(pk=transport.pk).update(email="office@example.org\nBcc: all@example.org")
    done = sweep(ON)
    assert (done.sent, done.postponed) == (AGENCIES - 1, 1)


# Several recipients ---------------------------------------------------------------------------------


Refusals = dict[str, Exception]


def refusing(mailoutbox: Mailbox, refusals: Refusals) -> Callable[[Delivery, Letter], None]:
    """A mail server that refuses some addresses, each in its way."""

    def send(delivery: Delivery, letter: Letter) -> None:
        [address] = letter.recipients
        if address in refusals:
            raise refusals[address]
        Mailer()(delivery, letter)

    return send


def refused(address: str, code: int, said: bytes = b"no such user") -> SMTPRecipientsRefused:
    return SMTPRecipientsRefused({address: (code, said)})


@pytest.fixture
def three(reminded: Reminder, transport: Agency, person: PersonMaker) -> list[str]:
    """The addresses of an agency with two reporters."""
    person(Role.REPORTER, agency=transport, username="lin")
    person(Role.REPORTER, agency=transport, username="chen")
    return [transport.email, "lin@example.org", "chen@example.org"]


def addresses(mailoutbox: Mailbox) -> list[str]:
    return [address for message in mailoutbox for address in message.to]


def test_each_recipient_gets_a_message_of_their_own(three: list[str], mailoutbox: Mailbox) -> None:
    assert sweep(ON).sent == 1
    assert [message.to for message in mailoutbox] == [[address] for address in three]
    assert len({message.message()["Message-ID"] for message in mailoutbox}) == 3, "one may not hide another"


def test_who_was_refused_for_good_is_recorded_and_the_others_are_told(three: list[str], mailoutbox: Mailbox) -> None:
    office, lin, chen = three
    done = sweep(ON, send=refusing(mailoutbox, {lin: refused(lin, 550)}))
    delivery = Delivery.objects.get()
    assert (done.sent, delivery.state) == (1, "sent")
    assert delivery.recipients == addresses(mailoutbox) == [office, chen]
    assert delivery.refused == {lin: "550 no such user"}


def test_who_was_refused_for_now_is_tried_again_and_nobody_else_is_told_twice(
    three: list[str], mailoutbox: Mailbox
) -> None:
    office, lin, chen = three
    assert sweep(ON, send=refusing(mailoutbox, {lin: refused(lin, 450, b"try later")})).postponed == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.last_error, delivery.recipients) == ("pending", "450 try later", [office, chen])
    try_again(delivery)
    assert sweep(ON).sent == 1
    assert addresses(mailoutbox) == [office, chen, lin]
    delivery.refresh_from_db()
    assert sorted(delivery.recipients) == sorted(three)


def test_a_letter_that_all_refuse_is_not_counted_as_sent(three: list[str], mailoutbox: Mailbox) -> None:
    done = sweep(ON, send=refusing(mailoutbox, {address: refused(address, 550) for address in three}))
    delivery = Delivery.objects.get()
    assert (done.refused, done.sent, delivery.state, delivery.sent_at) == (1, 0, "refused", None)
    assert sorted(delivery.refused) == sorted(three)
    try_again(delivery)
    assert sweep(ON) == Sweep(), "not tried for ever"


def test_a_mail_server_that_is_gone_is_asked_once_for_a_letter(three: list[str]) -> None:
    """Each question to a server that hangs takes as long as its time limit."""
    asked = []

    def hang(_delivery: Delivery, letter: Letter) -> None:
        asked.append(letter.recipients)
        raise TimeoutError("timed out")

    assert sweep(ON, send=hang).postponed == 1
    assert len(asked) == 1


def test_once_the_address_is_right_it_is_sent_again_to_those_alone(three: list[str], mailoutbox: Mailbox) -> None:
    office, lin, chen = three
    sweep(ON, send=refusing(mailoutbox, {lin: refused(lin, 550)}))
    assert send_again(Delivery.objects.get().pk)
    assert sweep(ON).sent == 1
    assert addresses(mailoutbox) == [office, chen, lin]
    assert not send_again(Delivery.objects.get().pk)


def test_a_sender_that_dies_between_two_recipients_goes_on_with_the_second(
    three: list[str], mailoutbox: Mailbox
) -> None:
    class Killed(BaseException):
        """The process is gone."""

    with pytest.raises(Killed):
        sweep(ON, send=refusing(mailoutbox, {three[1]: Killed()}))
    Delivery.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    office, lin, chen = three
    assert sweep(ON).postponed == 1
    assert addresses(mailoutbox) == [office, chen], "whether lin got it nobody knows"
    try_again(Delivery.objects.get())
    assert sweep(ON).sent == 1
    assert addresses(mailoutbox) == [office, chen, lin]


def test_a_letter_of_a_new_day_goes_to_all_again(
    three: list[str], led: Measure, mailoutbox: Mailbox, switched_on: ReformList
) -> None:
    office, lin, chen = three
    sweep(ON, send=refusing(mailoutbox, {lin: refused(lin, 450)}))
    before_7 = dt.date(2022, 6, 23)
    try_again(Delivery.objects.get())
    sweep(before_7)
    assert addresses(mailoutbox) == [office, chen, office, lin, chen]
    assert "剩7天" in mailoutbox[-1].body


def test_a_letter_that_some_got_today_takes_nothing_more_in(
    three: list[str], transport: Agency, switched_on: ReformList, mailoutbox: Mailbox
) -> None:
    """What falls due in the afternoon is told to all tomorrow, and not counted as told to those who have today's."""
    office, lin, chen = three
    sweep(ON, send=refusing(mailoutbox, {lin: refused(lin, 450)}))
    another = Measure.objects.held_by([transport.pk], "lead").filter(deadline=dt.date(2022, 6, 30)).order_by("-row")[0]
    Duty.objects.filter(measure=another, agency=transport).update(status="in_progress")
    try_again(Delivery.objects.get())
    sweep(ON)
    assert addresses(mailoutbox) == [office, chen, lin]
    late = Reminder.objects.get(measure=another)
    assert late.delivery is None
    sweep(ON + dt.timedelta(days=1))
    assert addresses(mailoutbox)[3:] == three
    late.refresh_from_db()
    assert late.delivery != Delivery.objects.order_by("pk")[0]


# Two senders --------------------------------------------------------------------------------------


def test_a_dead_sender_s_digest_is_sent_by_the_next_sweep(reminded: Reminder, mailoutbox: Mailbox) -> None:
    gather(ON)
    Delivery.objects.update(state="sending", attempts=1, lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert sweep(ON) == Sweep(sent=1)
    assert len(mailoutbox) == 1


def test_a_living_sender_s_digest_is_left_alone(reminded: Reminder, mailoutbox: Mailbox) -> None:
    gather(ON)
    Delivery.objects.update(state="sending", attempts=1, lease_until=timezone.now() + dt.timedelta(seconds=60))
    assert sweep(ON) == Sweep()
    assert mailoutbox == []


def test_a_slow_sender_does_not_overwrite_its_successor(reminded: Reminder) -> None:
    def slow(delivery: Delivery, _digest: Digest) -> None:
        """While this one sends, its lease ends and another takes the digest over."""
        Delivery.objects.filter(pk=delivery.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        assert Delivery.objects.claim(delivery.pk)
        raise TimeoutError("timed out")

    gather(ON)
    sweep(ON, send=slow)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("sending", 2, "")
    assert delivery.lease_until
    assert delivery.lease_until > timezone.now(), "the successor's lease"


def test_a_slow_sender_that_succeeds_leaves_the_row_to_its_successor(reminded: Reminder) -> None:
    def slow(delivery: Delivery, _digest: Digest) -> None:
        Delivery.objects.filter(pk=delivery.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        assert Delivery.objects.claim(delivery.pk)

    gather(ON)
    sweep(ON, send=slow)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.sent_at) == ("sending", 2, None)
    assert delivery.recipients, "the recipient has it all the same, and gets no second one"


def test_a_sender_slower_than_its_lease_without_a_successor_still_finishes(reminded: Reminder) -> None:
    def slow(delivery: Delivery, _digest: Digest) -> None:
        Delivery.objects.filter(pk=delivery.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))

    gather(ON)
    assert sweep(ON, send=slow) == Sweep(sent=1)
    assert Delivery.objects.get().state == "sent"


def test_the_longest_waiting_is_tried_first(
    few: ReformList, reminded: Reminder, transport: Agency, market: Agency
) -> None:
    """An agency that has waited is not overtaken by what is new."""
    early, late = new_delivery(market, due_in=-60), new_delivery(transport, due_in=-5)
    assert outbox._next(Delivery.objects.all(), []) == early.pk
    Delivery.objects.claim(early.pk)
    assert outbox._next(Delivery.objects.all(), []) == late.pk


# The demonstration --------------------------------------------------------------------------------


def test_the_demonstration_sends_the_transport_bureau_a_digest(
    demo: ReformList, transport: Agency, mailoutbox: Mailbox
) -> None:
    done = sweep(ON)
    assert (done.postponed, done.dropped) == (0, 0)
    found = [message for message in mailoutbox if "市交通运输局" in message.subject]
    assert {message.subject.startswith("【到期提醒】市交通运输局：") for message in found} == {True}
    told = {address for message in found for address in message.to}
    assert "jtj.reporter@demo.invalid" in told
    assert "jtj.viewer@demo.invalid" not in told
    everyone = {address for sent in mailoutbox for address in sent.to}
    assert all(address.endswith("@demo.invalid") for address in everyone), "no demonstration writes to real people"
