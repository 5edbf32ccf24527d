"""What chat groups are told by their robots, each against a server that checks what its product checks."""

import datetime as dt
import json
import logging
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Agency, ChatRobot, Role
from reforms.lib import webhooks
from reforms.lib.webhooks import WebhookAnswer, leads_here
from reforms.models import Delivery, DeliveryCopy, Duty, Notice, ReformList, Reminder
from reforms.reminders.sending.copies import MOST_TRIES_OF_A_GROUP, send_again, stopped_letters
from reforms.reminders.sending.outbox import sweep
from reforms.reminders.sending.robots import LONGEST_TEXT, check, fitting, signed, wrong_robot_address
from reforms.reminders.sending.transport import Failure, Undelivered
from tests.conftest import ON, PersonMaker
from tests.reforms.reminders.robot_server import RobotServer, running
from tests.reforms.reminders.test_copies import Mailbox, after, raising

PRODUCTS = ("wecom", "dingtalk", "feishu")
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def on_this_machine(settings: Any) -> None:
    """The demonstration may speak to machines close by; in earnest none of this would."""
    settings.DEMO = True


@pytest.fixture(params=PRODUCTS)
def server(request: pytest.FixtureRequest) -> Iterator[RobotServer]:
    with running(request.param) as found:
        yield found


@pytest.fixture
def wecom() -> Iterator[RobotServer]:
    with running("wecom") as found:
        yield found


@pytest.fixture
def dingtalk() -> Iterator[RobotServer]:
    with running("dingtalk") as found:
        yield found


def message() -> Delivery:
    return Delivery.objects.get(kind="group")


def copy() -> DeliveryCopy:
    return DeliveryCopy.objects.get(delivery__kind="group")


# What is said, and that it is said -----------------------------------------------------------------


def test_a_group_is_told_on_the_day_of_the_digest_once(
    reminded: Reminder, transport: Agency, server: RobotServer, mailoutbox: Mailbox
) -> None:
    server.robot(transport)
    assert sweep(ON).sent == 2
    (said,) = server.said
    lines = said.splitlines()
    assert lines[0] == mailoutbox[0].subject == "【到期提醒】市交通运输局：1条举措6月30日到期（牵头1条）"
    assert lines[1] == "登录查看：http://127.0.0.1:8000/desk/"
    assert lines[2].startswith("数据截至2022年6月15日。")
    assert (message().state, copy().state, copy().channel) == ("sent", "sent", server.product)
    assert (message().subject, message().body) == (lines[0], said)
    for _ in range(3):
        after(60)
        sweep(ON)
    assert (server.asked, len(mailoutbox)) == (1, 1)


def test_a_group_hears_the_numbers_of_the_whole_state_and_what_is_asked_beside_deadlines(
    switched_on: ReformList, transport: Agency, wecom: RobotServer, mailoutbox: Mailbox
) -> None:
    wecom.robot(transport)
    sweep(dt.date(2022, 7, 1))
    letter = next(one for one in mailoutbox if one.to == [transport.email])
    first, *asked, _link, _end = wecom.said[0].splitlines()
    assert first == letter.subject
    assert "已逾期" in first
    assert asked, "the reports that were not in on time"
    assert all("报送" in line and line in letter.body for line in asked)


def test_a_group_of_a_body_outside_the_line_is_asked_and_never_told_that_anything_is_late(
    switched_on: ReformList, wecom: RobotServer, mailoutbox: Mailbox
) -> None:
    customs = Agency.objects.get(name="深圳海关")
    assert customs.outside_line
    wecom.robot(customs)
    sweep(dt.date(2022, 7, 1))
    (said,) = wecom.said
    assert said.startswith("【商请】商请深圳海关提供第")
    assert not any(word in said for word in ("逾期", "催办", "未按时"))


def test_nobody_is_named_in_a_group(
    reminded: Reminder, transport: Agency, wecom: RobotServer, person: PersonMaker, mailoutbox: Mailbox
) -> None:
    somebody = person(Role.REPORTER, agency=transport, username="zhang")
    ReformList.objects.update(contact="李处长", contact_phone="0755-1234")
    wecom.robot(transport)
    sweep(ON)
    assert "李处长" in mailoutbox[0].body, "the letter names the contact"
    assert not any(word in wecom.said[0] for word in ("李处长", "0755", somebody.full_name or "zhang", "zhang"))


def test_the_office_is_told_its_week_in_its_group(
    switched_on: ReformList, wecom: RobotServer, mailoutbox: Mailbox
) -> None:
    wecom.robot(None, name="督办群")
    for day in (27, 28):
        sweep(dt.date(2022, 6, day))
    (said,) = wecom.said
    week = Notice.objects.get(kind="week")
    assert said.startswith("【本周督办情况】")
    assert f"临近到期{week.facts['near']}条" in said
    assert week.facts["near"] > 0


def test_no_digest_no_message(
    switched_on: ReformList, transport: Agency, market: Agency, wecom: RobotServer, mailoutbox: Mailbox
) -> None:
    wecom.robot(transport)
    Duty.objects.filter(agency=transport).update(status="closed")
    sweep(ON)
    assert mailoutbox, "others get theirs"
    assert (wecom.asked, Delivery.objects.filter(kind="group").count()) == (0, 0)


def test_what_was_done_meanwhile_is_not_said(reminded: Reminder, transport: Agency, wecom: RobotServer) -> None:
    wecom.robot(transport)
    wecom.answers.append({"errcode": 45009, "errmsg": "api freq out of limit"})
    sweep(ON)
    Duty.objects.update(status="closed")
    after(30)
    sweep(ON)
    assert (message().state, copy().state, wecom.said) == ("dropped", "obsolete", [])


def test_a_group_is_told_where_the_agency_has_no_mailbox_and_the_mail_server_is_gone(
    reminded: Reminder, transport: Agency, wecom: RobotServer, mailoutbox: Mailbox
) -> None:
    wecom.robot(transport)
    Agency.objects.filter(pk=transport.pk).update(email="")
    sweep(ON)
    assert (len(wecom.said), len(mailoutbox)) == (1, 0)
    Delivery.objects.filter(kind="group").delete()
    Agency.objects.filter(pk=transport.pk).update(email="x@example.org")
    after(600)
    done = sweep(ON, send=raising(ConnectionRefusedError("no mail server")))
    assert (done.trouble != "", len(wecom.said)) == (True, 2)


def test_a_removed_robot_says_nothing(reminded: Reminder, transport: Agency, wecom: RobotServer) -> None:
    robot = wecom.robot(transport)
    wecom.answers.append({"errcode": 45009, "errmsg": "api freq out of limit"})
    sweep(ON)
    robot.address, robot.removed = "", True
    robot.save()
    after(30)
    sweep(ON)
    assert (message().state, wecom.said) == ("dropped", [])


def test_a_robot_has_one_message_a_day_for_the_database_too(reminded: Reminder, transport: Agency) -> None:
    robot = ChatRobot.objects.create(agency=transport, product="wecom", name="群", address="https://a.cn/x")
    facts: dict[str, Any] = {"agency": transport, "kind": "group", "robot": robot, "on": ON}
    now = {"next_try_at": timezone.now(), "created_at": timezone.now()}
    Delivery.objects.create(message_id="<1@x>", **facts, **now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(message_id="<2@x>", **facts, **now)


# What the robots' servers check -----------------------------------------------------------------------


@pytest.mark.parametrize("product", ["dingtalk", "feishu"])
def test_a_wrong_secret_is_refused_with_the_servers_words_and_alarmed(
    product: str, reminded: Reminder, transport: Agency
) -> None:
    with running(product) as server:
        robot = server.robot(transport, secret="SECwrong")
        sweep(ON)
        assert server.asked == 1, "HTTP 200, and not taken"
        assert (server.said, message().state, copy().state) == ([], "refused", "refused")
        code = {"dingtalk": "310000", "feishu": "19021"}[product]
        assert "sign" in copy().error
        assert code in copy().error
        after(24 * 60)
        sweep(ON)
        assert server.asked == 1, "never again by itself"
        assert message() in stopped_letters(ON)
        robot.secret = "SEC9d3f-测试"
        robot.save()
        assert send_again(message().pk)
        sweep(ON)
        assert (len(server.said), message().state) == (1, "sent")
        assert not stopped_letters(ON).exists()


def test_the_time_in_a_signature_is_that_of_sending(transport: Agency) -> None:
    """An old one is refused by both servers: the check of the tests is one."""
    for product in ("dingtalk", "feishu"):
        with running(product) as server:
            robot = server.robot(transport)
            old = signed(robot, "文", timezone.now().timestamp() - 4000)
            answer = server.take(old.url, old.data)
            assert (answer.get("errcode") or answer.get("code")) in (310000, 19021)
            robot.removed, robot.address, robot.secret = True, "", ""
            robot.save()


def test_a_signature_is_the_documented_one() -> None:
    """Reckoned by hand once: base64 of HMAC-SHA256, for DingTalk in the address, for Feishu in the message."""
    robot = ChatRobot(product="dingtalk", address="https://oapi.dingtalk.com/robot/send?access_token=x", secret="SEC1")
    assert signed(robot, "文", 1600000000.5).url.startswith(f"{robot.address}&timestamp=1600000000500&sign=")
    assert "+" not in signed(robot, "文", 1600000000.5).url.partition("sign=")[2], "encoded for an address"
    robot = ChatRobot(product="feishu", address="https://open.feishu.cn/open-apis/bot/v2/hook/x", secret="SEC1")
    body = json.loads(signed(robot, "文", 1600000000.5).data)
    assert (body["timestamp"], body["msg_type"], body["content"]) == ("1600000000", "text", {"text": "文"})
    assert signed(robot, "文", 1600000000.5).url == robot.address
    robot.secret = ""
    assert json.loads(signed(robot, "文", 1.0).data) == {"msg_type": "text", "content": {"text": "文"}}


def test_a_key_that_is_none_is_refused(reminded: Reminder, transport: Agency, wecom: RobotServer) -> None:
    robot = wecom.robot(transport)
    robot.address = robot.address.replace("693a91f6", "0000")
    robot.save()
    sweep(ON)
    assert (copy().state, copy().error) == ("refused", "invalid webhook url, hint: [17] (93000)")


def test_asked_too_often_it_is_put_off_and_tried_again(
    reminded: Reminder, transport: Agency, server: RobotServer
) -> None:
    busy = {
        "wecom": {"errcode": 45009, "errmsg": "api freq out of limit"},
        "dingtalk": {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"},
        "feishu": (400, {"code": 9499, "msg": "too many request", "data": {}}),
    }
    server.robot(transport)
    server.answers.append(busy[server.product])
    sweep(ON)
    assert (copy().state, copy().may_be_second, message().state) == ("pending", False, "pending")
    after(9)
    sweep(ON)
    assert server.asked == 1, "not within ten minutes"
    after(2)
    sweep(ON)
    assert (len(server.said), message().state) == (1, "sent")
    assert not server.said[0].startswith("【可能重复】")


def test_of_a_connection_that_is_cut_nobody_knows_and_it_is_said_once_more_and_marked(
    reminded: Reminder, transport: Agency, server: RobotServer
) -> None:
    server.robot(transport)
    server.answers.append("cut")
    sweep(ON)
    assert (copy().state, message().state, len(server.said)) == ("ambiguous", "pending", 1)
    after(14)
    sweep(ON)
    assert server.asked == 1
    after(2)
    sweep(ON)
    assert (copy().state, copy().may_be_second, message().state) == ("sent", True, "sent")
    assert server.said[1] == f"【可能重复】{server.said[0]}"


def test_a_sender_killed_while_it_speaks_leaves_a_message_that_may_have_arrived(
    reminded: Reminder, transport: Agency, wecom: RobotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom.robot(transport)

    class Killed(BaseException):
        pass

    def die(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("reforms.reminders.sending.robots.check", die)
        with pytest.raises(Killed):
            sweep(ON)
    assert (copy().state, len(wecom.said)) == ("transmitting", 1), "written before the robot was spoken to"
    after(6)
    sweep(ON)
    assert copy().state == "ambiguous"
    after(16)
    sweep(ON)
    assert wecom.said[1].startswith("【可能重复】")


def test_what_cannot_be_reached_is_given_up_the_same_day_and_alarmed(
    reminded: Reminder, transport: Agency, wecom: RobotServer
) -> None:
    robot = wecom.robot(transport)
    robot.address = robot.address.replace(str(wecom.port), "1")  # nobody listens there
    robot.save()
    waited = dt.timedelta()
    for _ in range(MOST_TRIES_OF_A_GROUP):
        assert message().state == "pending" if Delivery.objects.filter(kind="group") else True
        sweep(ON)
        if when := copy().next_try_at:
            waited += when - timezone.now()
            after((when - timezone.now()) / MINUTE + 0.1)
    assert (copy().state, message().state) == ("dead", "dead")
    assert waited < dt.timedelta(hours=5)
    assert message() in stopped_letters(ON)
    assert "ConnectionRefused" in copy().error


def test_a_host_that_is_gone_is_asked_once_a_sweep_and_holds_nobody_else_up(
    few: ReformList, transport: Agency, wecom: RobotServer, dingtalk: RobotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    customs = Agency.objects.get(name="深圳海关")
    for agency in (transport, customs):
        ChatRobot.objects.create(
            agency=agency, product="wecom", name="群", address="http://localhost:1/cgi-bin/webhook/send?key=1"
        )
        dingtalk.robot(agency, name="钉钉群")
    tried: list[object] = []
    connect = "socket.create_connection"
    import socket

    real = socket.create_connection
    monkeypatch.setattr(connect, lambda where, *more: tried.append(where) or real(where, *more))
    sweep(ON)
    assert len([where for where in tried if where[1] == 1]) == 1  # type: ignore[index]
    assert len(dingtalk.said) == 2


def test_the_latest_day_says_it_where_one_still_waits(few: ReformList, transport: Agency, wecom: RobotServer) -> None:
    wecom.robot(transport)
    wecom.answers.append({"errcode": 45009, "errmsg": "api freq out of limit"})
    sweep(ON)
    after(24 * 60)
    sweep(dt.date(2022, 6, 23))
    assert len(wecom.said) == 1
    states = Delivery.objects.filter(kind="group").order_by("pk").values_list("on", "state")
    assert list(states) == [(ON, "dropped"), (dt.date(2022, 6, 23), "sent")]


# What answers mean --------------------------------------------------------------------------------


def outcome(product: str, status: int, text: str) -> Failure | None:
    try:
        check(product, WebhookAnswer(status, text))
    except Undelivered as error:
        return error.failure
    return None


@pytest.mark.parametrize(
    ("product", "status", "text", "meant"),
    [
        ("wecom", 200, '{"errcode":0,"errmsg":"ok"}', None),
        ("feishu", 200, '{"StatusCode":0,"StatusMessage":"success"}', None),
        ("feishu", 200, '{"code":0,"msg":"success"}', None),
        ("feishu", 200, '{"code":19024,"msg":"Key Words Not Found"}', Failure.REFUSED),
        ("feishu", 400, '{"code":9499,"msg":"Bad Request","data":{}}', Failure.REFUSED),
        ("feishu", 200, '{"code":11232,"msg":"frequency limited"}', Failure.FOR_NOW),
        ("wecom", 200, '{"errcode":-1,"errmsg":"system busy"}', Failure.FOR_NOW),
        ("dingtalk", 200, '{"errcode":660026,"errmsg":"x"}', Failure.FOR_NOW),
        ("dingtalk", 200, '{"errcode":"0"}', Failure.REFUSED),
        ("dingtalk", 200, '{"errcode":false}', Failure.REFUSED),
        ("wecom", 200, "<html>Sign in to the network</html>", Failure.REFUSED),
        ("wecom", 200, "[]", Failure.REFUSED),
        ("wecom", 200, "{}", Failure.REFUSED),
        ("wecom", 302, '{"errcode":0}', Failure.REFUSED),
        ("wecom", 404, "", Failure.REFUSED),
        ("wecom", 429, "", Failure.FOR_NOW),
        ("wecom", 503, "", Failure.FOR_NOW),
        ("wecom", 502, "<html>", Failure.UNKNOWN),
        ("wecom", 504, "", Failure.UNKNOWN),
    ],
)
def test_only_the_code_inside_says_that_it_was_taken(
    product: str, status: int, text: str, meant: Failure | None
) -> None:
    assert outcome(product, status, text) == meant


def test_a_redirect_is_not_followed(reminded: Reminder, transport: Agency, wecom: RobotServer) -> None:
    wecom.robot(transport)
    wecom.answers.append((302, {"errcode": 0}))
    sweep(ON)
    assert (wecom.asked, wecom.said, copy().state) == (1, [], "refused")


def test_of_an_endless_answer_no_more_is_read(reminded: Reminder, transport: Agency, wecom: RobotServer) -> None:
    wecom.robot(transport)
    wecom.answers.append(b"x" * 1_000_000)
    sweep(ON)
    assert copy().error == "HTTP 200, not the answer of a robot"


def test_a_server_that_answers_a_byte_now_and_then_is_hung_up_on(
    reminded: Reminder, transport: Agency, wecom: RobotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "AT_MOST", 0.3)
    wecom.robot(transport)
    wecom.answers.append("drip")
    begun = time.monotonic()
    sweep(ON)
    assert time.monotonic() - begun < 3
    assert copy().state == "ambiguous"


# Addresses, and what opens a group -----------------------------------------------------------------------


GOOD = {
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=566c",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/0b3e",
}


@pytest.mark.parametrize("product", PRODUCTS)
def test_an_address_is_one_of_its_product(product: str, settings: Any) -> None:
    settings.DEMO = False
    assert wrong_robot_address(product, GOOD[product]) == ""
    for other in set(PRODUCTS) - {product}:
        assert wrong_robot_address(product, GOOD[other])
    host = GOOD[product].split("/")[2]
    assert wrong_robot_address(product, GOOD[product].replace(host, "wx.sz.gov.cn:8443")) == "", "one's own"
    for bad in ("http://", "ftp://", "https://me:secret@"):
        assert wrong_robot_address(product, GOOD[product].replace("https://", bad))
    assert wrong_robot_address(product, f"{GOOD[product]} x")
    assert wrong_robot_address(product, "https://[")


def test_plain_http_is_for_the_demonstration_on_this_machine(settings: Any) -> None:
    here = "http://127.0.0.1:9/cgi-bin/webhook/send?key=1"
    assert wrong_robot_address("wecom", here) == ""
    settings.DEMO = False
    assert wrong_robot_address("wecom", here)


def test_in_earnest_nothing_is_said_to_this_machine_itself(
    reminded: Reminder, transport: Agency, wecom: RobotServer, settings: Any
) -> None:
    """Whatever name leads there; also the address that hands out a cloud's secrets."""
    robot = wecom.robot(transport)
    robot.address = robot.address.replace("127.0.0.1", "localhost")
    robot.save()
    settings.DEMO = False
    sweep(ON)
    assert (wecom.asked, copy().state) == (0, "pending")
    assert "this machine itself" in copy().error


@pytest.mark.parametrize(
    ("address", "here"),
    [
        *(("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("::ffff:127.0.0.1", True), ("0.0.0.0", True)),
        *(("169.254.169.254", True), ("fe80::1", True), ("100.100.100.200", True), ("224.0.0.1", True)),
        *(("10.1.2.3", False), ("192.168.0.9", False), ("fd00::8", False), ("120.53.1.1", False)),
    ],
)
def test_which_addresses_are_the_machine_itself(address: str, here: bool) -> None:
    assert leads_here(ip_address(address)) is here


def test_a_name_that_also_leads_here_is_spoken_to_elsewhere_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked up and checked is what is spoken to: a second look-up could say something else."""
    found = [(2, 1, 6, "", (ip, 443)) for ip in ("127.0.0.1", "10.0.0.1", "10.0.0.2")]
    spoken: list[object] = []

    def refuse(where: object, *_more: object) -> None:
        spoken.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_named: found)
    monkeypatch.setattr("socket.create_connection", refuse)
    with pytest.raises(webhooks.NotReached):
        webhooks.post_json("https://wx.sz.gov.cn/x", b"{}")
    assert spoken == [("10.0.0.1", 443), ("10.0.0.2", 443)]


def test_what_opens_a_group_is_in_no_record_and_no_log(
    reminded: Reminder, transport: Agency, server: RobotServer, caplog: pytest.LogCaptureFixture
) -> None:
    robot = server.robot(transport, secret="SECwrong" if server.product != "wecom" else "")
    server.answers += ["cut", {"errcode": 45009, "code": 11232}, {"errcode": 93000, "code": 19021, "msg": "no"}]
    with caplog.at_level(logging.DEBUG):
        for _ in range(4):
            sweep(ON)
            after(60)
    assert server.asked >= 2
    kept = repr(list(Delivery.objects.values())) + repr(list(DeliveryCopy.objects.values()))
    for opens in ("693a91f6", "566cc69da782ec", "0b3e-77", "SECwrong", "sign="):
        assert opens not in kept
        assert opens not in caplog.text
    assert robot.name in caplog.text, "it is named"


def test_a_long_text_is_cut_to_what_every_product_takes_and_calls_nobody() -> None:
    said = fitting("举" * 2000 + "<at user_id='all'>")
    assert len(said.encode()) <= LONGEST_TEXT
    assert said.endswith("…")
    assert "<" not in fitting("<@all>")


def test_robots_cost_the_sweep_the_same_however_many_agencies_have_one(
    switched_on: ReformList, django_assert_max_num_queries: Any
) -> None:
    from reforms.reminders.sending.gathering import gather_group_messages

    for agency in Agency.objects.living().filter(kind="single")[:40]:
        Delivery.objects.create(
            agency=agency, on=ON, message_id=f"<{agency.pk}@x>", next_try_at=timezone.now(), created_at=timezone.now()
        )
        ChatRobot.objects.create(agency=agency, product="wecom", name="群", address="https://a.cn/x")
    with django_assert_max_num_queries(7):
        assert gather_group_messages(ON) == 40
