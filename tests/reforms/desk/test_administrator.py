"""The desk of an administrator: what is left to do, each number with just the rows it counts, and the first hour."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.access import Principal
from agencies.log.check import export_head
from agencies.models import Agency, GroupMember, LogCheck, Role, User
from importers.jobs.run import Upload, run, start
from importers.models import ImportJob
from reforms.desk.administrator import AdministratorDesk, Chore, administrator_desk
from reforms.models import Assignment, Audience, Measure, NamedMember, ReformList
from tests.conftest import ON, PersonMaker
from tests.importers.plans.test_plan import fourfold
from tests.reforms.pages.test_queries import queries
from tests.reforms.shown import get, plain, words

SignIn = Callable[[User], Client]


@pytest.fixture
def administrator(person: PersonMaker) -> User:
    user = person(Role.ADMINISTRATOR)
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    return user


@pytest.fixture
def on_the_way(reform_list: ReformList) -> ReformList:
    """The list, with its reminders on."""
    reform_list.reminders_on, reform_list.reminders_from = True, ON
    reform_list.save()
    return reform_list


def desk_of(user: User) -> AdministratorDesk:
    desk = administrator_desk(Principal.of_user(user), ON)
    assert desk
    return desk


def chore(user: User, code: str) -> Chore | None:
    return next((one for one in desk_of(user).chores if one.code == code), None)


def rows_of(client: Client, address: str) -> int:
    """How many rows the page of a number shows."""
    response = client.get(address)
    assert response.status_code == 200, address
    if address.startswith("/agencies/"):
        return int(response.context["page"].paginator.count)
    return int(response.context["page"].paginator.count)


def import_waiting() -> ImportJob:
    job = start(
        Upload(name="第二版.txt", data=fourfold().with_deadline("11*", "力争年内见效").content), Principal(label="某")
    )
    run(job.pk)
    return job


def everything_left_to_do(person: PersonMaker, transport: Agency) -> None:
    person(Role.REPORTER, agency=transport)
    Measure.objects.filter(item__number=8).update(deadline_in_force=None, deadline=None)
    import_waiting()


def test_every_number_is_a_link_to_as_many_rows(
    on_the_way: ReformList, administrator: User, person: PersonMaker, transport: Agency, signed_in: SignIn
) -> None:
    everything_left_to_do(person, transport)
    client = signed_in(administrator)
    page = get(client, "/desk/").tree
    shown = {
        section.xpath("string(./h2/@id)"): (section.xpath("./h2/a/@href")[0], int(words(section.xpath("./h2/a")[0])))
        for section in page.xpath('//div[@class="office"]/section[./h2/a]')
    }
    assert list(shown) == ["a-people", "a-mailboxes", "a-groups", "a-deadlines", "a-imports"]
    assert {code: rows_of(client, address) for code, (address, _count) in shown.items()} == {
        code: count for code, (_address, count) in shown.items()
    }
    assert shown["a-people"][1] == 1
    assert shown["a-imports"][1] == 1


def test_what_needs_a_date_is_neither_in_place_nor_claimed(
    on_the_way: ReformList, administrator: User, led: Measure
) -> None:
    assert chore(administrator, "deadlines") is None, "31 measures in place print no date and need none"
    Measure.objects.filter(pk=led.pk).update(deadline_in_force=None, deadline=None)
    found = chore(administrator, "deadlines")
    assert found
    assert found.count == 1
    Measure.objects.filter(pk=led.pk).update(status="under_review", claimed_on=ON)
    assert chore(administrator, "deadlines") is None
    Measure.objects.filter(pk=led.pk).update(status="in_progress", disposition="suspended")
    assert chore(administrator, "deadlines") is None


def test_nothing_left_says_so(on_the_way: ReformList, administrator: User, market: Agency, signed_in: SignIn) -> None:
    Agency.objects.update(email="office@example.org")
    for beside in Assignment.objects.exclude(agency__kind="single").select_related("agency"):
        if not GroupMember.objects.filter(group=beside.agency).exists():
            NamedMember.objects.create(measure_id=beside.measure_id, group=beside.agency, member=market)
    assert desk_of(administrator).is_clear
    shown = plain(get(signed_in(administrator), "/desk/").text)
    assert "没有待处理的事项" in shown
    assert "您的单位没有待办的举措" not in shown
    Agency.objects.filter(pk=market.pk).update(email="")
    assert not desk_of(administrator).is_clear
    assert "没有待处理的事项" not in plain(get(signed_in(administrator), "/desk/").text)


def test_lists_whose_reminders_are_off_show_how_far_their_safe_start_is(
    on_the_way: ReformList, administrator: User, signed_in: SignIn
) -> None:
    assert desk_of(administrator).starts == []
    second = ReformList.objects.create(slug="second", title="第二批清单", year=2022, reminders_from=ON)
    (start,) = desk_of(administrator).starts
    assert (start.reform_list, start.since, start.filled, start.is_on) == (second, ON, 0, False)
    section = get(signed_in(administrator), "/desk/").tree.xpath('//section[@aria-labelledby="a-starts"]')[0]
    assert words(section.xpath("./h2/a")[0]) == "1"
    assert section.xpath("./h3/a/@href") == ["/lists/second/reminders/"]
    assert [words(state) for state in section.xpath('.//span[contains(@class, "state")]')] == [
        "✔ 2022年6月15日",
        "尚未补录",
        "未开启",
    ]
    second.archived_on = ON
    second.save()
    assert desk_of(administrator).starts == []


def test_it_is_told_when_the_log_was_verified_and_when_that_is_long_ago(
    on_the_way: ReformList, administrator: User, signed_in: SignIn
) -> None:
    def shown() -> str:
        section = get(signed_in(administrator), "/desk/").tree.xpath('//section[@aria-labelledby="a-log"]')[0]
        return words(section)

    assert "尚未核验" in shown()
    assert not desk_of(administrator).log.needs_somebody
    export_head()
    assert "日志完整" in shown()
    LogCheck.objects.update(checked_at=timezone.now() - dt.timedelta(days=3))
    assert "已有两天以上没有核验" in shown()
    assert not desk_of(administrator).is_clear


@pytest.mark.parametrize("role", [Role.REPORTER, Role.HEAD, Role.AUDITOR, Role.SUPERVISOR])
def test_nobody_else_has_it(person: PersonMaker, transport: Agency, role: Role) -> None:
    assert administrator_desk(Principal.of_user(person(role, agency=transport)), ON) is None


def states(user: User) -> list[tuple[str, bool]]:
    return [(step.state, step.is_done) for step in desk_of(user).path]


def test_a_new_portal_is_shown_the_first_hour(
    reform_list: ReformList, administrator: User, person: PersonMaker, signed_in: SignIn, monkeypatch: Any
) -> None:
    """Each step is ticked when it is done, and leads where it is done."""
    lists = ReformList.objects.all()
    monkeypatch.setattr("reforms.desk.administrator.ReformList.objects", ReformList.objects.none())
    assert [(step.address, step.is_done) for step in desk_of(administrator).path] == [
        ("/people/", False),
        ("/imports/", False),
        ("", False),
        ("", False),
        ("", False),
    ]
    assert "开始使用" in plain(get(signed_in(administrator), "/desk/").text)
    monkeypatch.undo()
    person(Role.SUPERVISOR)
    lists.update(open_to=Audience.OFFICE)
    assert [step.is_done for step in desk_of(administrator).path] == [True, True, False, False, False]
    lists.update(open_to=Audience.AGENCIES)
    desk = desk_of(administrator)
    assert [step.is_done for step in desk.path] == [True, True, True, False, False]
    assert [step.state for step in desk.path][:3] == ["2人", "1份", "各单位（须登录）"]
    assert [step.address for step in desk.path][2:] == [
        f"/lists/{reform_list.slug}/{page}/" for page in ("settings", "working", "reminders")
    ]
    assert desk.starts == [], "the path tells of it"


def test_the_first_hour_is_over_when_reminders_were_switched_on(
    reform_list: ReformList, administrator: User, signed_in: SignIn
) -> None:
    client = signed_in(administrator)
    sent = {"reminders_from": ON.isoformat(), "reminders_on": "on", "looked": "on"}
    client.post(f"/lists/{reform_list.slug}/reminders/", sent)
    assert desk_of(administrator).path == ()
    client.post(f"/lists/{reform_list.slug}/reminders/", {"reminders_from": ON.isoformat()})
    desk = desk_of(administrator)
    assert desk.path == (), "also while they are off again"
    assert [start.is_on for start in desk.starts] == [False]


def test_a_full_desk_takes_no_more_queries_than_an_emptier_one(
    on_the_way: ReformList, administrator: User, person: PersonMaker, transport: Agency, signed_in: SignIn
) -> None:
    client = signed_in(administrator)
    queries(client, "/desk/")
    few = queries(client, "/desk/")
    everything_left_to_do(person, transport)
    assert queries(client, "/desk/") <= few
    assert few <= 45
