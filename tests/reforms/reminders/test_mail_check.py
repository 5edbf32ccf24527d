"""Trying the settings of mail: one letter to oneself, and what is wrong in plain words."""

from smtplib import SMTPAuthenticationError
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.test import Client

from agencies.models import Role, User
from reforms.reminders.sending.mail_check import faults, leads_nowhere
from tests.conftest import PersonMaker

Mailbox = list[EmailMultiAlternatives]


@pytest.fixture
def well(settings: Any) -> Any:
    """Settings that nothing speaks against."""
    settings.DEFAULT_FROM_EMAIL = "督办 <portal@sz.gov.cn>"
    settings.SITE_URL = "https://portal.sz.gov.cn"
    return settings


@pytest.fixture
def administrator(client: Client, person: PersonMaker) -> Client:
    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    return client


def refuse(*_args: object) -> None:
    raise SMTPAuthenticationError(535, b"authentication failed")


def test_settings_that_are_right_are_not_complained_of(well: Any) -> None:
    assert faults() == []
    assert run_checks(tags=["mail"], include_deployment_checks=True) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MAIL_GOES_OUT", False, "EMAIL_URL"),
        ("DEFAULT_FROM_EMAIL", "改革事项督办平台 <noreply@localhost>", "MAIL_FROM"),
        ("SITE_URL", "http://127.0.0.1:8000", "SITE_URL"),
        ("SITE_URL", "http://[::1]:8000", "SITE_URL"),
        ("SITE_URL", "http://localhost", "SITE_URL"),
    ],
)
def test_each_wrong_setting_is_named(well: Any, name: str, value: object, said: str) -> None:
    setattr(well, name, value)
    [fault] = faults()
    assert said in fault
    [warning] = run_checks(tags=["mail"], include_deployment_checks=True)
    assert said in warning.msg
    well.DEMO = True
    assert run_checks(tags=["mail"], include_deployment_checks=True) == [], "a demonstration writes to nobody"


def test_a_host_in_the_intranet_is_none_that_leads_nowhere() -> None:
    assert [host for host in ("10.0.0.5", "portal", "portal.sz.gov.cn") if leads_nowhere(host)] == []


def test_the_command_sends_one_letter_and_names_what_is_wrong(db: None, mailoutbox: Mailbox, capsys: Any) -> None:
    call_command("send_test_mail", "me@example.org")
    said = capsys.readouterr()
    assert [message.to for message in mailoutbox] == [["me@example.org"]]
    assert "The mail server took the letter to me@example.org." in said.out
    assert "SITE_URL" in said.err
    assert "MAIL_FROM" in said.err


def test_the_command_says_what_the_mail_server_answered(well: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    with pytest.raises(CommandError, match="535 authentication failed"):
        call_command("send_test_mail", "me@example.org")


def test_the_button_sends_it_to_whoever_presses_it(administrator: Client, mailoutbox: Mailbox) -> None:
    text = administrator.get("/reminders/sweeps/").content.decode()
    assert "SITE_URL" in text
    answer = administrator.post("/reminders/test/", follow=True)
    assert "测试信已发往administrator-0@example.org，请查收。" in answer.content.decode()
    assert [message.to for message in mailoutbox] == [["administrator-0@example.org"]]


def test_the_button_says_what_went_wrong(administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    answer = administrator.post("/reminders/test/", follow=True)
    assert "测试信没有发出：535 authentication failed" in answer.content.decode()
    User.objects.update(email="")
    answer = administrator.post("/reminders/test/", follow=True)
    assert "您还没有填写邮箱" in answer.content.decode()
