"""The way to a mail server: whether a message may have arrived is known, and nothing takes for ever."""

import time
from collections.abc import Iterator
from smtplib import SMTPConnectError, SMTPDataError, SMTPServerDisconnected

import pytest
from django.core.mail import EmailMessage

from reforms.lib import mail
from reforms.lib.mail import EndUnknown, SmtpBackend
from tests.faults.mail import MoodyOffice, moody_office


@pytest.fixture
def office() -> Iterator[MoodyOffice]:
    with moody_office() as opened:
        yield opened


def send(office: MoodyOffice) -> None:
    backend = SmtpBackend(host="127.0.0.1", port=office.server_address[1], username="", password="", timeout=5)
    EmailMessage("主题", "正文", "a@example.org", ["b@example.org"], connection=backend).send()


def test_what_the_server_took_is_taken(office: MoodyOffice) -> None:
    send(office)
    assert [letter.recipients for letter in office.letters] == [("b@example.org",)]


def test_a_connection_cut_after_the_message_was_given_has_an_unknown_end(office: MoodyOffice) -> None:
    office.cuts = 1
    with pytest.raises(EndUnknown):
        send(office)
    assert len(office.letters) == 1, "it did arrive, and the sender cannot know"


def test_one_cut_before_that_was_not_sent(office: MoodyOffice) -> None:
    office.is_down = True
    with pytest.raises(SMTPServerDisconnected):
        send(office)


def test_a_message_that_is_refused_was_not_sent(office: MoodyOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    say = office.RequestHandlerClass.say  # type: ignore[attr-defined]
    refusing = lambda self, code, words: say(self, *((554, "no") if words == "taken" else (code, words)))  # noqa: E731
    monkeypatch.setattr(office.RequestHandlerClass, "say", refusing)
    with pytest.raises(SMTPDataError, match="554"):
        send(office)


def test_a_server_that_says_a_byte_now_and_then_is_hung_up_on(
    office: MoodyOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "AT_MOST", 0.5)
    office.drips = True
    started = time.monotonic()
    with pytest.raises((SMTPServerDisconnected, SMTPConnectError)):
        send(office)
    assert time.monotonic() - started < 4
