"""Letters that come back: read from a mailbox, held against the copies that went out, each mail once."""

from collections.abc import Callable
from email.header import decode_header, make_header
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from agencies.models import Agency, Role
from config.environment import mailbox_to_read
from reforms.lib.imap import modified_utf7
from reforms.models import BounceMailbox, Delivery, DeliveryCopy, Reminder
from reforms.reminders.sending import bounces
from reforms.reminders.sending.bounces import BounceRun, bounce_of, read_bounces
from reforms.reminders.sending.copies import send_again, stopped_letters
from reforms.reminders.sending.outbox import sweep
from reforms.tasks import read_bounces as task
from tests.conftest import ON, PersonMaker
from tests.reforms.reminders import bounced
from tests.reforms.reminders.imap_server import PASSWORD, Mailbox, running

Letters = list[EmailMultiAlternatives]
LIN = "lin@example.org"
Write = Callable[[str, str], bytes]


@pytest.fixture
def sent(reminded: Reminder, transport: Agency, person: PersonMaker, mailoutbox: Letters) -> dict[str, str]:
    """A letter that went to an agency's mailbox and its reporter: the Message-ID of each address's copy."""
    person(Role.REPORTER, agency=transport, username="lin")
    assert sweep(ON).sent == 1
    return {message.to[0]: message.message()["Message-ID"] for message in mailoutbox}


@pytest.fixture
def box(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    with running() as mailbox:
        monkeypatch.setenv("BOUNCE_URL", mailbox.url)
        settings.BOUNCES = mailbox_to_read("BOUNCE_URL")
        yield mailbox


def copy_of(address: str) -> DeliveryCopy:
    return DeliveryCopy.objects.get(address=address)


# What comes back ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (
            bounced.postfix,
            f"退信：550 5.1.1 <{LIN}>: Recipient address rejected: User unknown in virtual mailbox table",
        ),
        (
            bounced.exchange,
            "退信：550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        ),
        (bounced.coremail, "退信：552 5.2.2 Mailbox full,EEMAIL_FULL"),
        (bounced.netease, "退信：550 User not found: lin@163.com"),
        (bounced.qq, "退信：550 Mailbox not found. http://service.mail.qq.com/detail/122"),
    ],
)
def test_each_kind_of_server_is_understood(sent: dict[str, str], box: Mailbox, write: Write, words: str) -> None:
    box.put(write(sent[LIN], LIN))
    assert read_bounces(ON) == BounceRun(read=1, refused=1)
    assert (copy_of(LIN).state, copy_of(LIN).error) == ("refused", words)
    [other] = DeliveryCopy.objects.exclude(address=LIN)
    delivery = Delivery.objects.get()
    assert (other.state, delivery.state) == ("sent", "sent"), "the others have it"
    assert list(stopped_letters(ON)) == [delivery], "the office's desk counts it"
    assert delivery.refused == {LIN: words}


def test_a_letter_that_came_back_from_all_was_not_sent(sent: dict[str, str], box: Mailbox) -> None:
    box.put(*(bounced.postfix(message_id, address) for address, message_id in sent.items()))
    assert read_bounces(ON) == BounceRun(read=2, refused=2)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.sent_at) == ("refused", None)
    assert send_again(delivery.pk), "somebody may send it again"


def test_a_delay_is_noted_and_the_letter_stays_sent(sent: dict[str, str], box: Mailbox) -> None:
    box.put(bounced.postfix(sent[LIN], LIN, action="delayed", status="4.4.1"))
    assert read_bounces(ON) == BounceRun(read=1, delayed=1)
    assert copy_of(LIN).state == "sent"
    assert copy_of(LIN).error.startswith("暂未送达：450 4.4.1")
    assert not stopped_letters(ON)


def test_what_a_server_gave_up_after_days_is_dead(sent: dict[str, str], box: Mailbox) -> None:
    box.put(bounced.postfix(sent[LIN], LIN, status="4.4.7"))
    read_bounces(ON)
    assert copy_of(LIN).state == "dead"
    assert stopped_letters(ON).exists()


def test_an_address_behind_the_address_is_named(sent: dict[str, str], box: Mailbox, transport: Agency) -> None:
    """The agency's mailbox leads to several people."""
    box.put(bounced.exchange(sent[transport.email], "zhao@elsewhere.cn"))
    read_bounces(ON)
    assert copy_of(transport.email).error.startswith("退信（zhao@elsewhere.cn）：550 5.1.10")


# What does not count ------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [bounced.out_of_office, bounced.advertising])
def test_what_is_no_bounce_changes_nothing(sent: dict[str, str], box: Mailbox, write: Write) -> None:
    box.put(write(sent[LIN], LIN))
    assert read_bounces(ON) == BounceRun(read=1)
    assert copy_of(LIN).state == "sent"


def test_a_report_that_it_arrived_changes_nothing(sent: dict[str, str], box: Mailbox) -> None:
    box.put(bounced.postfix(sent[LIN], LIN, action="delivered", status="2.0.0"))
    assert read_bounces(ON) == BounceRun(read=1)


def test_who_got_a_letter_cannot_say_that_a_colleague_did_not(sent: dict[str, str], box: Mailbox) -> None:
    """The mark in the Message-ID is made with the portal's key, for one recipient of one letter."""
    [other] = [message_id for address, message_id in sent.items() if address != LIN]
    letter, mark = sent[LIN].strip("<>").split("@")[0].split(".")
    guesses = [
        f"<{letter}.{'0' * len(mark)}@reform-tracker.invalid>",
        f"<{'0' * 32}.{mark}@reform-tracker.invalid>",
        Delivery.objects.get().message_id,
        "<anything@example.org>",
    ]
    box.put(*(bounced.postfix(guess, LIN) for guess in guesses))
    assert read_bounces(ON) == BounceRun(read=len(guesses))
    assert set(DeliveryCopy.objects.values_list("state", flat=True)) == {"sent"}
    assert other.split(".")[1] != mark


def test_the_message_id_stands_in_one_line(sent: dict[str, str], mailoutbox: Letters) -> None:
    for message in mailoutbox:
        assert f"Message-ID: {sent[message.to[0]]}\n".encode() in message.message().as_bytes()


def hostile(message_id: str) -> list[bytes]:
    report = bounced.postfix(message_id, LIN)
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(3000))
    return [
        b"",
        b"\xff\xfe\x00" * 1000,
        nested,
        b"Content-Type: multipart/report\r\n\r\nno boundary",
        b"From: =?unknown-charset?b?////?= <postmaster@x>\r\nSubject: =?x?y?z?=\r\n\r\n" + message_id.encode(),
        report[: len(report) // 2],
        b"Content-Type: message/delivery-status\r\n\r\n\r\n\r\nAction: failed\r\n",
        b"From: postmaster\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n"
        + b"<" * 200_000
        + message_id.encode(),
    ]


def test_hostile_mails_never_stop_the_others(sent: dict[str, str], box: Mailbox) -> None:
    mails = hostile(f"<{'0' * 32}.{'0' * 8}@reform-tracker.invalid>")
    box.put(*mails, bounced.postfix(sent[LIN], LIN))
    done = read_bounces(ON)
    assert done == BounceRun(read=len(mails) + 1, refused=1)


def test_words_of_strangers_are_short_and_plain(sent: dict[str, str], box: Mailbox) -> None:
    mail = bounced.postfix(sent[LIN], LIN).replace(b"User unknown", b"\x1b[31m\xe2\x80\xae" + b"x" * 5000)
    box.put(mail)
    read_bounces(ON)
    assert len(copy_of(LIN).error) < 320
    assert copy_of(LIN).error.isprintable()


# The mailbox --------------------------------------------------------------------------------------


def test_each_mail_is_read_once_and_nothing_is_changed(sent: dict[str, str], box: Mailbox) -> None:
    box.put(bounced.postfix(sent[LIN], LIN))
    assert read_bounces(ON) == BounceRun(read=1, refused=1)
    assert read_bounces(ON) == BounceRun(), "the last one is offered again, and not taken"
    box.put(bounced.advertising("", ""))
    assert read_bounces(ON) == BounceRun(read=1)
    assert {said.split(" ")[0] for said in box.said} == {"CAPABILITY", "LOGIN", "ID", "EXAMINE", "UID", "LOGOUT"}
    assert all("PEEK" in said for said in box.said if "FETCH" in said)


def test_numbers_that_no_longer_hold_are_begun_anew(sent: dict[str, str], box: Mailbox) -> None:
    box.put(bounced.advertising("", ""), bounced.advertising("", ""))
    read_bounces(ON)
    box.validity, box.mails = 8, {}
    box.put(bounced.postfix(sent[LIN], LIN))
    assert read_bounces(ON) == BounceRun(read=1, refused=1)


def test_a_run_reads_so_many_mails_of_such_a_size(
    sent: dict[str, str], box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounces, "AT_MOST", 2)
    long = bounced.postfix(sent[LIN], LIN) + b"x" * bounces.LARGEST
    box.put(bounced.advertising("", ""), bounced.advertising("", ""), long)
    assert read_bounces(ON) == BounceRun(read=2)
    assert read_bounces(ON) == BounceRun(read=1, refused=1)


def test_netease_is_told_who_reads(sent: dict[str, str], box: Mailbox) -> None:
    box.needs_id = True
    box.put(bounced.postfix(sent[LIN], LIN))
    assert read_bounces(ON) == BounceRun(read=1, refused=1)


def test_a_mailbox_that_cannot_be_read_says_why_without_its_password(
    reminded: Reminder, box: Mailbox, settings: Any
) -> None:
    settings.BOUNCES |= {"folder": "elsewhere"}
    done = read_bounces(ON)
    assert done
    assert "no such folder" in done.trouble
    assert BounceMailbox.objects.get().trouble == done.trouble
    settings.BOUNCES |= {"folder": "INBOX", "password": "wrong"}
    done = read_bounces(ON)
    assert done
    assert "AUTHENTICATIONFAILED" in done.trouble
    assert "wrong" not in done.trouble
    settings.BOUNCES |= {"port": 1}
    done = read_bounces(ON)
    assert done
    assert "Refused" in done.trouble


def test_without_a_mailbox_nothing_is_read(db: None, settings: Any) -> None:
    settings.BOUNCES = {}
    assert read_bounces(ON) is None
    task()
    assert not BounceMailbox.objects.exists()


def test_the_folder_of_bounces_may_have_a_chinese_name() -> None:
    assert modified_utf7("退信") == "&kABP4Q-"
    assert modified_utf7("A&B") == "A&-B"


# Where bounces go ---------------------------------------------------------------------------------


def test_the_envelope_has_the_address_of_bounces_and_readers_see_the_sender(
    reminded: Reminder, mailoutbox: Letters, settings: Any
) -> None:
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    sweep(ON)
    [letter] = mailoutbox
    seen = str(make_header(decode_header(letter.message()["From"])))
    assert (letter.from_email, seen) == ("bounces@example.org", settings.DEFAULT_FROM_EMAIL)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("pop3://a:b@c", "must start with one of imap, imaps"),
        ("imaps://imap.example.cn/INBOX", "names no host, user or password"),
        ("imaps://a:secret@imap.example.cn:x/INBOX", "is not an address"),
        ("imaps://a:%E5%AF%86@imap.example.cn", "that IMAP cannot take"),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence(value: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUNCE_URL", value)
    with pytest.raises(ImproperlyConfigured, match=sentence) as found:
        mailbox_to_read("BOUNCE_URL")
    assert "secret" not in str(found.value)


def test_a_setting_says_where_and_which_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUNCE_URL", "imaps://post%40sz.gov.cn:p%2Fw@imap.sz.gov.cn/%E9%80%80%E4%BF%A1")
    assert mailbox_to_read("BOUNCE_URL") == {
        "host": "imap.sz.gov.cn",
        "port": 993,
        "user": "post@sz.gov.cn",
        "password": "p/w",
        "folder": "退信",
        "secure": True,
    }


def test_the_page_of_channels_tries_the_mailbox(
    client: Client, person: PersonMaker, box: Mailbox, settings: Any
) -> None:
    client.force_login(person(Role.ADMINISTRATOR))
    page = "/reminders/channels/"
    assert "退信邮箱" in client.get(page).content.decode()
    assert "能够读取" in client.post(page, {"bounces": "1"}).content.decode()
    settings.BOUNCES |= {"password": "wrong"}
    answer = client.post(page, {"bounces": "1"}).content.decode()
    assert "退信邮箱读不了" in answer
    assert PASSWORD not in answer
    settings.BOUNCES = {}
    assert "退信邮箱" not in client.get(page).content.decode()


def test_a_mail_of_a_person_about_a_letter_is_no_bounce(sent: dict[str, str]) -> None:
    assert bounce_of(bounced.out_of_office(sent[LIN], LIN)) is None
