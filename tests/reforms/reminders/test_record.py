"""消息 as the record of reminders: once an agency and day, with true numbers, whatever becomes of the letter."""

import datetime as dt
from collections.abc import Callable
from smtplib import SMTPServerDisconnected

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.models import Delivery, Duty, Notice, ReformList
from reforms.notices.wording import sentence_of
from reforms.reminders.letters import Letter
from reforms.reminders.sending.gathering import keep_in_inboxes
from reforms.reminders.sending.outbox import sweep
from tests.conftest import ON, PersonMaker

SignIn = Callable[[User], Client]
JULY_18 = dt.date(2022, 7, 18)
REMINDED = Notice.Kind.REMINDED


def reminded(agency: Agency) -> list[str]:
    return [str(sentence_of(one)) for one in Notice.objects.filter(kind=REMINDED, agency=agency).order_by("pk")]


def test_each_agency_reads_what_its_letter_says(switched_on: ReformList) -> None:
    sweep(JULY_18)
    digests = Delivery.objects.filter(kind="reminders").select_related("agency")
    letters = {letter.agency: letter.subject for letter in digests}
    assert len(letters) > 50
    assert set(Notice.objects.filter(kind=REMINDED).values_list("agency", flat=True)) == {one.pk for one in letters}
    late = [agency for agency, subject in letters.items() if "逾期催办" in subject]
    assert late
    for agency in late:
        _head, _colon, numbers = letters[agency].partition("：")
        assert reminded(agency) == [f"{numbers}。"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"late": 2, "longest": 15, "near": 3}, "2条举措已逾期，最长15天，另有3条临近到期。"),
        ({"late": 2, "longest": 15, "near": 0}, "2条举措已逾期，最长15天。"),
        ({"late": 0, "longest": 0, "near": 3}, "3条举措临近到期。"),
        ({"late": 1, "longest": 15, "near": 3, "outside_line": True}, "商请提供4条举措的进展情况。"),
    ],
)
def test_the_sentence_says_what_is_late_and_what_is_near(facts: dict[str, object], said: str) -> None:
    assert str(sentence_of(Notice(kind=REMINDED, facts=facts))) == said


def test_it_stands_there_where_mail_fails_or_there_is_no_mailbox(
    few: ReformList, transport: Agency, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    def down(delivery: Delivery, letter: Letter) -> None:
        raise SMTPServerDisconnected("gone")

    Agency.objects.exclude(pk=transport.pk).update(email="")
    done = sweep(ON, send=down)
    assert (done.sent, done.gathered) == (0, 3)
    assert Notice.objects.filter(kind=REMINDED).count() == 3
    # It is no letter of its own.
    sweep(ON)
    assert Notice.objects.filter(kind=REMINDED, delivery=None).count() == 3
    assert [message.to for message in mailoutbox] == []


def test_it_is_written_once_a_day_and_again_when_more_falls_due(few: ReformList, transport: Agency) -> None:
    for _again in range(2):
        sweep(ON)
        keep_in_inboxes([transport.pk], ON)
    assert len(reminded(transport)) == 1
    sweep(dt.date(2022, 6, 16))
    assert len(reminded(transport)) == 1
    sweep(dt.date(2022, 6, 23))
    assert len(reminded(transport)) == 2


def test_who_has_nothing_to_do_is_told_nothing(switched_on: ReformList, transport: Agency) -> None:
    Duty.objects.filter(agency=transport).update(status="closed")
    keep_in_inboxes([transport.pk], ON)
    assert reminded(transport) == []


def test_it_is_read_by_each_for_themselves_and_leads_to_the_desk(
    few: ReformList, transport: Agency, person: PersonMaker, signed_in: SignIn
) -> None:
    sweep(ON)
    notice = Notice.objects.get(kind=REMINDED, agency=transport)
    reporter, approver = person(Role.REPORTER, agency=transport), person(Role.APPROVER, agency=transport)
    client = signed_in(reporter)
    assert "到期提醒" in client.get("/notices/").content.decode()
    assert client.get(f"/notices/{notice.pk}/")["Location"] == "/desk/"
    assert set(notice.sightings.values_list("user", flat=True)) == {reporter.pk}
    assert Notice.objects.filter(pk=notice.pk).unseen_by(approver.pk).exists()
