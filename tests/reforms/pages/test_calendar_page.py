"""工作日历: what the office enters, and what the page shows of a year."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from lxml import html

from agencies.models import Change, Role
from reforms.history.actions import sentence_of
from reforms.models import CalendarDay
from reforms.reminders.calendar import WorkingDays
from tests.conftest import PersonMaker

SignIn = Callable[..., Client]
TYPHOON = {"first": "2022-08-01", "last": "2022-08-02", "works": "0", "note": "台风停工"}


@pytest.fixture
def office(signed_in: SignIn, person: PersonMaker) -> Client:
    return signed_in(person(Role.SUPERVISOR))


def test_a_year_shows_what_differs_from_ordinary_weeks(office: Client) -> None:
    text = office.get("/calendar/?year=2022").content.decode()
    assert "2022年工作日历" in text
    assert "2022年10月8日" in text, "a Saturday on which one works"
    assert "2022年10月7日" in text
    assert "2022年6月18日" not in text, "an ordinary Saturday"
    assert "尚未录入" not in text
    assert "尚未录入" in office.get("/calendar/?year=2040").content.decode()


def test_days_on_end_are_one_row_but_for_those_of_the_office(office: Client) -> None:
    """The week of the national holiday is a row, and the two days of a typhoon are two: each can be taken back."""
    office.post("/calendar/", TYPHOON)
    tree = html.fromstring(office.get("/calendar/?year=2022").content)
    rows = ["".join(row.text_content().split()) for row in tree.xpath("//tbody/tr")]
    assert any(row.startswith("2022年10月3日星期一至2022年10月7日星期五休息5天") for row in rows)
    assert sum("台风停工" in row for row in rows) == 2
    assert len(tree.xpath('//button[@name="forget"]')) == 2


def test_days_are_entered_and_taken_back_and_both_are_logged(office: Client) -> None:
    office.post("/calendar/", TYPHOON)
    assert not any(WorkingDays.stored().works(dt.date(2022, 8, day)) for day in (1, 2))
    assert "台风停工" in office.get("/calendar/?year=2022").content.decode()
    office.post("/calendar/", {"forget": "2022-08-01"})
    assert [WorkingDays.stored().works(dt.date(2022, 8, day)) for day in (1, 2)] == [True, False]
    told = [sentence_of(change) for change in Change.objects.filter(kind="calendar_day").order_by("sequence")]
    assert told == [
        "工作日历：2022年8月1日至2022年8月2日休息",
        "工作日历：2022年8月1日恢复官方安排",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "2022-08-32"},
        {"first": "2022-08-02", "last": "2022-08-01"},
        {"last": "2023-08-01"},
        {"works": ""},
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_entered(office: Client, wrong: dict[str, str]) -> None:
    answer = office.post("/calendar/", TYPHOON | wrong)
    assert answer.status_code == 422
    assert "台风停工" in answer.content.decode(), "what was typed stays"
    assert not CalendarDay.objects.exists()


def test_a_day_that_is_none_takes_nothing_back(office: Client) -> None:
    office.post("/calendar/", TYPHOON)
    assert office.post("/calendar/", {"forget": "2022-02-30"}).status_code == 200
    assert office.post("/calendar/", {"forget": "2022-09-01"}).status_code == 302
    assert CalendarDay.objects.count() == 2


def test_the_office_is_told_of_a_year_that_is_missing(office: Client, settings: object) -> None:
    assert "尚未录入" not in office.get("/reminders/").content.decode()
    settings.PORTAL_TODAY = dt.date(2040, 3, 1)  # type: ignore[attr-defined]
    assert "2040年的放假通知尚未录入" in office.get("/reminders/").content.decode()
