"""The page of robots of chat groups: entered, tried, changed and removed, and never shown again."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.access import Principal
from agencies.models import Agency, Change, ChatRobot, Role
from reforms.history.audit import in_words
from reforms.models import ReformList
from reforms.organisation.merge import merge_agencies
from reforms.reminders.sending.outbox import sweep
from tests.conftest import ON, PersonMaker
from tests.reforms.reminders.robot_server import SECRET, RobotServer, running

KEY = "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec"
ENTERED = {"product": "dingtalk", "name": "督办联络群", "address": KEY, "secret": "SECone"}


@pytest.fixture
def administrator(client: Client, person: PersonMaker) -> Client:
    client.force_login(person(Role.ADMINISTRATOR, username="chief"))
    return client


@pytest.fixture
def dingtalk(settings: Any) -> Iterator[RobotServer]:
    settings.DEMO = True
    with running("dingtalk") as found:
        yield found


def enter(client: Client, **facts: str) -> Any:
    return client.post(reverse("robots"), ENTERED | facts, follow=True)


def test_a_robot_is_entered_and_what_opens_its_group_is_never_shown_or_logged(
    administrator: Client, transport: Agency
) -> None:
    page = enter(administrator, agency=transport.name)
    robot = ChatRobot.objects.get()
    assert (robot.agency, robot.address, robot.secret) == (transport, KEY, "SECone")
    listed = administrator.get(reverse("robots"), {"agency": transport.pk})
    for shown in (page, listed, administrator.get(reverse("robot", args=[robot.pk]))):
        text = shown.content.decode()
        assert "督办联络群" in text
        assert "oapi.dingtalk.com" in text
        assert "566cc69da782ec" not in text
        assert "SECone" not in text
    change = Change.objects.get(action="robot.added")
    assert change.visibility == "internal"
    assert change.after == {"product": "dingtalk", "name": "督办联络群", "host": "oapi.dingtalk.com", "signed": True}
    (row,) = in_words([change])
    assert "登记群机器人" in str(row.sentence)
    assert {str(one.after) for one in row.differences} >= {"钉钉", "督办联络群"}


def test_without_an_agency_it_is_the_offices(administrator: Client) -> None:
    assert "督办办公室" in enter(administrator).content.decode()
    assert ChatRobot.objects.get().agency is None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"address": "http://oapi.dingtalk.com/robot/send?access_token=1"}, "须以https://开头"),
        ({"address": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"}, "这不是钉钉机器人的地址"),
        ({"product": "wecom", "address": "https://wx.sz.gov.cn/cgi-bin/webhook/send?key=1"}, "没有加签密钥"),
        ({"agency": "各区政府"}, "统称和已撤销的单位不收信"),
        ({"agency": "没有这个单位"}, "没有名为"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    administrator: Client, reform_list: ReformList, facts: dict[str, str], why: str
) -> None:
    page = enter(administrator, **facts)
    assert page.status_code == 422
    assert why in page.content.decode()
    assert not ChatRobot.objects.exists()


def test_one_group_is_not_entered_twice_for_an_agency(administrator: Client, transport: Agency, market: Agency) -> None:
    enter(administrator, agency=transport.name)
    assert "已登记为" in enter(administrator, agency=transport.name, name="另一个").content.decode()
    same_name = enter(administrator, agency=transport.name, address=f"{KEY}2")
    assert "已有同名的群机器人" in same_name.content.decode()
    enter(administrator, agency=market.name)
    assert ChatRobot.objects.count() == 2, "of another agency it may be the same group"


def test_left_empty_address_and_secret_stay(administrator: Client, transport: Agency) -> None:
    enter(administrator, agency=transport.name)
    robot = ChatRobot.objects.get()
    address = reverse("robot", args=[robot.pk])
    administrator.post(address, {"product": "dingtalk", "name": "新名"})
    robot.refresh_from_db()
    assert (robot.name, robot.address, robot.secret) == ("新名", KEY, "SECone")
    assert Change.objects.get(action="robot.changed").after == {"name": "新名"}
    administrator.post(address, {"product": "dingtalk", "name": "新名", "address": f"{KEY}9", "unsigned": "on"})
    robot.refresh_from_db()
    assert (robot.address, robot.secret) == (f"{KEY}9", "")
    assert Change.objects.filter(action="robot.changed").last().after == {"signed": False, "renewed": True}  # type: ignore[union-attr]


def test_a_test_message_arrives(administrator: Client, transport: Agency, dingtalk: RobotServer) -> None:
    robot = dingtalk.robot(transport)
    page = administrator.post(reverse("test-robot", args=[robot.pk]), follow=True)
    assert "机器人收下了测试消息" in page.content.decode()
    (said,) = dingtalk.said
    assert said.startswith("【测试】")
    assert said.endswith("http://127.0.0.1:8000/")


@pytest.mark.parametrize(
    ("product", "answer", "why"),
    [
        ("dingtalk", None, "签名不符"),
        ("feishu", None, "签名不符"),
        ("dingtalk", {"errcode": 310000, "errmsg": "keywords not in content"}, "改革事项"),
        ("dingtalk", {"errcode": 310000, "errmsg": "ip 1.2.3.4 not in whitelist"}, "白名单"),
        ("dingtalk", {"errcode": 300001, "errmsg": "token is not exist"}, "没有这个机器人"),
        ("feishu", {"code": 19024, "msg": "Key Words Not Found"}, "改革事项"),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, "没有这个机器人"),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, "十分钟"),
        ("wecom", {"errcode": 40058, "errmsg": "invalid Request Parameter"}, "没有收下消息"),
        ("wecom", b"<html>Please sign in</html>", "答复的不是机器人"),
        ("wecom", "cut", "没有收到答复"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    administrator: Client, transport: Agency, settings: Any, product: str, answer: Any, why: str
) -> None:
    settings.DEMO = True
    with running(product) as server:
        robot = server.robot(transport, secret="" if product == "wecom" else "SECwrong")
        if answer:
            server.answers.append(answer)
        page = administrator.post(reverse("test-robot", args=[robot.pk]), follow=True).content.decode()
    assert "测试消息没有发出" in page
    assert why in page
    assert "SECwrong" not in page


def test_a_server_that_is_not_there_is_said_so(administrator: Client, transport: Agency, settings: Any) -> None:
    settings.DEMO = True
    robot = RobotServer("dingtalk", port=1).robot(transport)
    page = administrator.post(reverse("test-robot", args=[robot.pk]), follow=True).content.decode()
    assert "连不上机器人的服务器" in page


def test_removing_deletes_what_opens_the_group_and_keeps_what_was_said(
    administrator: Client, switched_on_with: ChatRobot
) -> None:
    robot = switched_on_with
    administrator.post(reverse("remove-robot", args=[robot.pk]))
    robot.refresh_from_db()
    assert (robot.removed, robot.address, robot.secret) == (True, "", "")
    assert robot.deliveries.get().state == "sent"
    assert administrator.get(reverse("robot", args=[robot.pk])).status_code == 404
    assert SECRET not in str(Change.objects.get(action="robot.removed").before)
    assert administrator.get(reverse("delivery", args=[robot.deliveries.get().pk])).status_code == 200


@pytest.fixture
def switched_on_with(reform_list: ReformList, transport: Agency, dingtalk: RobotServer) -> ChatRobot:
    """A robot that has told its group of today's digest."""
    ReformList.objects.update(reminders_on=True, reminders_from=ON)
    robot = dingtalk.robot(transport)
    sweep(ON)
    assert len(dingtalk.said) == 1
    return robot


def test_the_record_shows_the_message_and_its_channel(administrator: Client, switched_on_with: ChatRobot) -> None:
    text = administrator.get(reverse("deliveries"), {"kind": "group", "channel": "dingtalk"}).content.decode()
    assert "【到期提醒】市交通运输局" in text
    letter = administrator.get(reverse("delivery", args=[switched_on_with.deliveries.get().pk])).content.decode()
    assert "市交通运输局 工作群（127.0.0.1）" in letter
    assert "Message-ID" not in letter, "a group's message has none"
    listed = administrator.get(reverse("robots")).content.decode()
    assert "已发送" in listed


def test_the_preview_says_which_groups_are_told(administrator: Client, switched_on_with: ChatRobot) -> None:
    slug = ReformList.objects.get().slug
    page = administrator.get(reverse("reminder-settings", args=[slug]), {"on": "2022-06-23"}).content.decode()
    assert "钉钉 工作群" in page


def test_robots_go_along_when_duplicates_are_merged(
    reform_list: ReformList, transport: Agency, market: Agency, person: PersonMaker
) -> None:
    for agency in (transport, market):
        ChatRobot.objects.create(agency=agency, product="wecom", name="群", address="https://a.cn/x")
    who = Principal.of_user(person(Role.ADMINISTRATOR, username="chief"))
    merge_agencies(transport, market, who=who, on=ON)
    first, second = ChatRobot.objects.in_use().filter(agency=transport)
    assert (first.name, second.name) == ("群", f"群 #{second.pk}")
