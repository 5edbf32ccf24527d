"""The desk of an auditor: whether the log is whole, what weighty acts came into it lately, and all of it by kind."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from agencies.access import PORTAL, Principal
from agencies.log.check import export_head
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, ChangeHead, Role, User
from reforms.desk.auditor import AuditorDesk, auditor_desk
from reforms.history.actions import ACTIONS
from reforms.history.weighty import WEIGHTY
from reforms.models import ReformList
from tests.conftest import ON, PersonMaker
from tests.reforms.shown import get, plain, words
from tests.unlocked import log_unlocked

SignIn = Callable[[User], Client]


@pytest.fixture
def auditor(person: PersonMaker) -> User:
    return person(Role.AUDITOR)


def desk_of(user: User) -> AuditorDesk:
    desk = auditor_desk(Principal.of_user(user))
    assert desk
    return desk


def write(kind: str, count: int = 1, action: str = "person.invited") -> None:
    entry = Entry(action=action, kind=kind, object_id=1, visibility=Change.Visibility.INTERNAL)
    record([entry] * count, who=PORTAL, on=ON)


def nothing_new() -> None:
    """Everything in the log is eight days old."""
    with log_unlocked():
        Change.objects.update(recorded_at=timezone.now() - dt.timedelta(days=8))


def shown_rows(client: Client, address: str) -> int:
    """How many entries lie behind an address, on all its pages."""
    count = 0
    while address:
        page = client.get(address).context["page"]
        count += len(page.rows)
        address = f"/audit/?{page.older}" if page.older else ""
    return count


def test_every_number_is_a_link_to_as_many_entries(reform_list: ReformList, auditor: User, signed_in: SignIn) -> None:
    nothing_new()
    write("user", 3)
    write("token")
    write("agency", 60)
    client = signed_in(auditor)
    section = get(client, "/desk/").tree.xpath('//section[@aria-labelledby="d-week"]')[0]
    numbers = [(link.get("href"), int(words(link))) for link in section.xpath(".//a")]
    assert [count for _address, count in numbers] == [64, 60, 3, 1]
    assert [shown_rows(client, address) for address, _count in numbers] == [64, 60, 3, 1]


def test_what_is_older_than_seven_days_is_not_counted(reform_list: ReformList, auditor: User) -> None:
    nothing_new()
    write("user")
    write("token")
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    with log_unlocked():
        first = midnight - dt.timedelta(days=6)
        Change.objects.filter(kind="user", action="person.invited").update(recorded_at=first)
        before = first - dt.timedelta(microseconds=1)
        Change.objects.filter(kind="token", action="person.invited").update(recorded_at=before)
    desk = desk_of(auditor)
    assert [(kind.label, kind.count) for kind in desk.kinds] == [("人员", 1)]
    assert desk.since == first.date()


def test_weighty_acts_come_first_in_order_each_with_just_its_entries(
    reform_list: ReformList, auditor: User, signed_in: SignIn
) -> None:
    """By what was done, not by the kind of object: most entries of a measure are no weighty acts."""
    nothing_new()
    write("measure", 2, "measure.suspended")
    write("measure", 1, "measure.reassigned")
    write("measure", 7, "measure.chased")
    write("measure", 1, "measure.deadline_moved")
    write("report", 4, "report.submitted")
    write("report", 2, "report.entered")
    write("user", 3, "person.role_given")
    write("list", 1, "list.settings_changed")
    client = signed_in(auditor)
    section = get(client, "/desk/").tree.xpath('//section[@aria-labelledby="d-weighty"]')[0]
    shown = [(words(line.xpath("./span")[0]), line.xpath(".//a")[0].get("href")) for line in section.xpath(".//li")]
    assert [said for said, _address in shown] == [
        "账号、角色与令牌 3 条",
        "代录与补录 2 条",
        "中止、终止、改派与恢复 3 条",
        "时限的改动 1 条",
        "公开、提醒与日历的设置 1 条",
    ]
    assert [shown_rows(client, address) for _said, address in shown] == [3, 2, 3, 1, 1]
    assert words(get(client, "/desk/").tree.xpath('//h2[@id="d-week"]/a')[0]) == "21"


@pytest.mark.parametrize(("days", "counted"), [("1", 1), ("7", 2), ("30", 3), ("365", 4), ("", 2), ("90", 2)])
def test_how_far_back_it_looks_can_be_chosen(
    reform_list: ReformList, auditor: User, signed_in: SignIn, days: str, counted: int
) -> None:
    """By when it was recorded: all of it is of one business date."""
    nothing_new()
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    write("user", 5, "person.role_given")
    newest = list(Change.objects.order_by("-sequence")[:5])
    with log_unlocked():
        for change, before in zip(newest, (0, 6, 29, 364, 365), strict=True):
            moment = midnight - dt.timedelta(days=before)
            Change.objects.filter(pk=change.pk).update(recorded_at=moment)
    client = signed_in(auditor)
    page = get(client, f"/desk/?days={days}").tree
    link = page.xpath('//section[@aria-labelledby="d-weighty"]//a')[0]
    assert words(link) == str(counted)
    assert shown_rows(client, link.get("href")) == counted
    assert [words(one) for one in page.xpath('//nav[@class="kinds"]/a')] == ["今天", "近7天", "近30天", "近365天"]


def test_whoever_comes_again_is_told_what_happened_since(
    reform_list: ReformList, auditor: User, signed_in: SignIn
) -> None:
    """Since the last request of the visit before, whatever this one has asked for meanwhile."""
    nothing_new()
    write("token", 2)
    first = signed_in(auditor)
    assert "上次来访" not in plain(get(first, "/desk/").text)
    first.post("/sign-out/")
    write("user", 3, "person.role_given")
    again = signed_in(auditor)
    shown = get(again, "/desk/?days=visit")
    section = shown.tree.xpath('//section[@aria-labelledby="d-week"]')[0]
    numbers = [(link.get("href"), int(words(link))) for link in section.xpath(".//a")]
    assert [count for _address, count in numbers] == [3, 3]
    assert [shown_rows(again, address) for address, _count in numbers] == [3, 3]
    assert [words(one) for one in shown.tree.xpath('//nav[@class="kinds"]/a[@aria-current]')] == ["上次来访以来"]
    assert words(get(again, "/desk/").tree.xpath('//h2[@id="d-week"]/a')[0]) == "3"
    assert words(get(again, "/desk/?days=7").tree.xpath('//h2[@id="d-week"]/a')[0]) == "5"


def test_weighty_acts_are_known_ones_and_each_is_of_one_kind() -> None:
    acts = [action for one in WEIGHTY.values() for action in one.actions]
    assert set(acts) <= set(ACTIONS)
    assert len(acts) == len(set(acts))


def test_a_quiet_week_says_so(reform_list: ReformList, auditor: User, signed_in: SignIn) -> None:
    nothing_new()
    shown = plain(get(signed_in(auditor), "/desk/").text)
    assert "这段时间没有这样的操作" in shown
    assert "这段时间没有新的记录" in shown
    assert "您的单位没有待办的举措" not in shown


def test_it_says_when_the_log_was_verified_and_what_came_since(
    reform_list: ReformList, auditor: User, signed_in: SignIn
) -> None:
    client = signed_in(auditor)

    def state() -> str:
        return words(get(client, "/desk/").tree.xpath('//section[@aria-labelledby="d-log"]')[0])

    assert "尚未核验" in state()
    export_head()
    verified = ChangeHead.objects.get().sequence
    assert f"日志完整，已核验至第{verified}条" in state()
    assert "链头已导出1次" in state()
    assert "核验之后新增" not in state()
    write("user", 2)
    link = get(client, "/desk/").tree.xpath('//section[@aria-labelledby="d-log"]//a')[0]
    assert words(link) == "2"
    assert shown_rows(client, link.get("href")) == 2


@pytest.mark.parametrize("role", [role for role in Role if role != Role.AUDITOR])
def test_nobody_else_has_it(person: PersonMaker, transport: Agency, role: Role) -> None:
    assert auditor_desk(Principal.of_user(person(role, agency=transport))) is None
