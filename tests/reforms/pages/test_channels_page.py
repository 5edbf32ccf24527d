"""渠道测试: every channel tried, and what is wrong with each said in a sentence."""

import socket
from smtplib import SMTPAuthenticationError, SMTPSenderRefused
from ssl import SSLError
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from agencies.models import Agency, ChatRobot, Role
from reforms.pages.office.channels import AT_MOST
from tests.conftest import PersonMaker
from tests.reforms.reminders.robot_server import running

PAGE = "/reminders/channels/"
Mailbox = list[EmailMultiAlternatives]


@pytest.fixture
def administrator(client: Client, person: PersonMaker) -> Client:
    client.force_login(person(Role.ADMINISTRATOR, username="chief"))
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_what_is_ticked_is_tried_and_nothing_else(
    administrator: Client, transport: Agency, mailoutbox: Mailbox, settings: Any
) -> None:
    settings.DEMO = True
    with running("dingtalk") as well, running("feishu") as badly, running("wecom") as unasked:
        ticked = [well.robot(transport).pk, badly.robot(transport, name="飞书群", secret="SECwrong").pk]
        unasked.robot(None)
        page = text(administrator.post(PAGE, {"mail": "1", "robot": ticked}))
        assert (len(well.said), badly.asked, badly.said, unasked.asked) == (1, 1, [], 0)
    assert [message.to for message in mailoutbox] == [["chief@example.org"]]
    assert page.count("已收下，请到邮箱或群里查看。") == 2
    assert "签名不符" in page
    assert "SECwrong" not in page


def test_a_page_alone_says_nothing_to_anybody(
    administrator: Client, transport: Agency, mailoutbox: Mailbox, settings: Any
) -> None:
    settings.DEMO = True
    with running("wecom") as server:
        server.robot(transport)
        assert "工作群" in text(administrator.get(PAGE))
        assert (server.asked, mailoutbox) == (0, [])


def test_nothing_ticked_and_too_many_are_refused(administrator: Client) -> None:
    answer = administrator.post(PAGE, {})
    assert (answer.status_code, "请勾选" in text(answer)) == (422, True)
    answer = administrator.post(PAGE, {"robot": range(1, AT_MOST + 2)})
    assert (answer.status_code, "一次最多测试20个" in text(answer)) == (422, True)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SMTPAuthenticationError(535, b"authentication failed"), "EMAIL_URL中的用户名或密码不对"),
        (SMTPSenderRefused(553, b"sender not allowed", "noreply@localhost"), "请核对MAIL_FROM"),
        (ConnectionRefusedError(111, "refused"), "连不上邮件服务器"),
        (socket.gaierror(-2, "Name or service not known"), "连不上邮件服务器"),
        (SSLError("WRONG_VERSION_NUMBER"), "加密方式不对"),
    ],
)
def test_what_is_wrong_with_mail_is_said(
    administrator: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def refuse(*_args: object) -> None:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert said in text(administrator.post(PAGE, {"mail": "1"}))


def test_another_address_than_that_of_the_links_is_noticed(administrator: Client, settings: Any) -> None:
    settings.SITE_URL = "http://testserver"
    assert "您现在用的网址" not in text(administrator.get(PAGE))
    for other in ("https://testserver", "http://portal.sz.gov.cn", "http://testserver:8080"):
        settings.SITE_URL = other
        page = text(administrator.get(PAGE))
        assert "您现在用的网址以http://testserver开头" in page
        assert other in page


def test_a_name_that_nobody_knows_and_a_scheme_that_is_not_used_are_said(
    administrator: Client, mailoutbox: Mailbox, settings: Any
) -> None:
    settings.SITE_URL = "http://no-such-host.invalid"
    assert "本机找不到网址（SITE_URL）中的主机no-such-host.invalid" in text(administrator.post(PAGE, {"mail": "1"}))
    settings.SITE_URL, settings.HTTPS = "http://portal.sz.gov.cn", True
    assert "请改为以https://开头的网址" in text(administrator.get(PAGE))


def test_robots_of_a_host_that_is_gone_are_not_waited_for_one_by_one(
    administrator: Client, transport: Agency, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO = True
    tried = []

    def refuse(where: object, *_more: object) -> None:
        tried.append(where)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", refuse)
    address = "http://127.0.0.1:9/cgi-bin/webhook/send?key="
    robots = [
        ChatRobot.objects.create(agency=transport, product="wecom", name=f"群{n}", address=f"{address}{n}")
        for n in range(5)
    ]
    page = text(administrator.post(PAGE, {"robot": [robot.pk for robot in robots]}))
    assert (page.count("连不上机器人的服务器"), len(tried)) == (5, 1)
