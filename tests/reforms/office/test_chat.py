"""复制催办文字: a text to paste into a chat, readable without scripts."""

import datetime as dt
from collections.abc import Callable
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.models import Duty, Measure, ReformList
from reforms.office.chat import NAMED, chat_line
from reforms.reports.periods import Owing, unreported
from tests.conftest import ON, PersonMaker
from tests.reforms.reports.late import late_claimants

SignIn = Callable[[User], Client]
SITE = "http://127.0.0.1:8000/unreported/"


@pytest.mark.parametrize(
    ("outside", "late", "overdue", "line"),
    [
        (False, 0, False, f"【催办】市交通运输局：本期还有12条举措未报送，请尽快登录填报：{SITE}"),
        (
            False,
            3,
            False,
            f"【催办】市交通运输局：本期还有12条举措未报送（3条已过报送截止日），请尽快登录填报：{SITE}",
        ),
        (False, 0, True, f"【催办】市交通运输局：12条已逾期举措本期未报送，请尽快登录填报：{SITE}"),
        (True, 3, True, f"【商请】市交通运输局：商请提供12条举措本期进展情况：{SITE}"),
    ],
)
def test_a_line_says_how_much_an_agency_owes(outside: bool, late: int, overdue: bool, line: str) -> None:
    agency = Agency(name="市交通运输局", outside_line=outside)
    assert chat_line(Owing(agency, 12, None), late, overdue=overdue) == line


def test_the_page_has_a_line_for_each_agency_and_the_contact(
    reform_list: ReformList, signed_in: SignIn, person: PersonMaker
) -> None:
    ReformList.objects.update(contact="张三", contact_phone="0755-12345678")
    page = signed_in(person(Role.SUPERVISOR)).get("/unreported/")
    area = page.content.decode().partition('id="chat-text"')[2].partition("</textarea>")[0]
    assert " readonly" in area
    assert area.count("【催办】") + area.count("【商请】") == len(page.context["owing"]) > 50
    assert area.endswith("督办联系人：张三，电话：0755-12345678")


def test_for_one_agency_its_measures_are_named(
    reform_list: ReformList, signed_in: SignIn, person: PersonMaker, transport: Agency
) -> None:
    page = signed_in(person(Role.SUPERVISOR)).get(f"/unreported/?agency={transport.pk}")
    (row,) = page.context["owing"]
    owed = Duty.objects.filter(pk__in=unreported(ON), agency=transport).count()
    assert len(row.chat.splitlines()) - 1 == min(owed, 31) > 5


def test_the_page_that_asks_first_has_those_that_were_ticked(
    reform_list: ReformList, signed_in: SignIn, person: PersonMaker
) -> None:
    client = signed_in(person(Role.SUPERVISOR))
    ticks = [row.value for row in client.get("/unreported/").context["owing"][:7]]
    asked = client.post("/unreported/", {"agency": ticks})
    assert [row.chat[0] for row in asked.context["owing"]] == ["【"] * 7


def test_whoever_may_not_chase_is_offered_nothing(
    reform_list: ReformList, signed_in: SignIn, person: PersonMaker, transport: Agency
) -> None:
    page = signed_in(person(Role.REPORTER, agency=transport)).get("/unreported/")
    assert "chat-text" not in page.content.decode()


def area(page: HttpResponse) -> list[str]:
    """The lines of the text that can be copied without scripts."""
    inside = page.content.decode().partition('id="chat-text"')[2].partition("</textarea>")[0].partition(">")[2]
    return [line for line in unescape(inside).splitlines() if line]


def test_the_desk_has_the_text_of_what_is_overdue_as_the_page_of_it(
    reform_list: ReformList, signed_in: SignIn, person: PersonMaker, transport: Agency
) -> None:
    ReformList.objects.update(contact="张三")
    Measure.objects.filter(duties__agency=transport).update(deadline_in_force=ON - dt.timedelta(days=9))
    client = signed_in(person(Role.SUPERVISOR))
    on_the_desk, there = area(client.get("/desk/")), area(client.get("/unreported/?overdue=true"))
    assert on_the_desk == there
    late = Duty.objects.filter(pk__in=late_claimants(ON), agency=transport).count()
    assert late > 2
    assert any(line.startswith(f"【催办】市交通运输局：{late}条已逾期举措") for line in on_the_desk)
    assert on_the_desk[-1] == "督办联系人：张三"


def test_an_agencys_page_names_what_it_owes(
    reform_list: ReformList, signed_in: SignIn, person: PersonMaker, transport: Agency
) -> None:
    page = signed_in(person(Role.SUPERVISOR)).get(transport.get_absolute_url())
    owed = Duty.objects.filter(pk__in=unreported(ON), agency=transport).count()
    first, *named = area(page)
    assert first.startswith(f"【催办】市交通运输局：本期还有{owed}条举措未报送")
    assert len(named) == owed > 5


def test_many_measures_are_counted_beyond_those_that_are_named(
    reform_list: ReformList, signed_in: SignIn, person: PersonMaker, market: Agency
) -> None:
    owed = Duty.objects.filter(pk__in=unreported(ON), agency=market).count()
    assert owed > NAMED
    client = signed_in(person(Role.SUPERVISOR))
    for address in (market.get_absolute_url(), f"/unreported/?agency={market.pk}"):
        lines = area(client.get(address))
        assert lines[NAMED + 1] == f"另有{owed - NAMED}条"


def test_an_agencys_page_offers_it_to_whoever_may_chase_alone(
    reform_list: ReformList, signed_in: SignIn, person: PersonMaker, transport: Agency, client: Client
) -> None:
    assert "chat-text" not in client.get(transport.get_absolute_url()).content.decode()
    for role in (Role.REPORTER, Role.SUPERVISOR):
        page = signed_in(person(role, agency=transport)).get(transport.get_absolute_url())
        assert "chat-text" not in page.content.decode(), "its own, or no supervisor"
