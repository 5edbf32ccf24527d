"""Working days, 调休 included."""

import datetime as dt

import pytest

from reforms.models import CalendarDay
from reforms.reminders.calendar import WorkingDays


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2018-12-29", True),  # a Saturday, by the notice for 2019
        ("2020-01-26", False),  # the year was changed while it ran
        ("2020-02-02", False),
        ("2022-01-29", True),
        ("2022-02-04", False),
        ("2022-10-08", True),
        ("2022-10-09", True),
        ("2022-06-15", True),
        ("2022-06-18", False),
        ("2026-02-14", True),
    ],
)
def test_the_official_days(day: str, works: bool) -> None:
    assert WorkingDays().works(dt.date.fromisoformat(day)) == works


def test_days_are_counted_over_holidays() -> None:
    days = WorkingDays()
    september_30 = dt.date(2022, 9, 30)
    assert days.after(september_30, 1) == dt.date(2022, 10, 8)
    assert days.after(september_30, 2) == dt.date(2022, 10, 9)
    assert days.by(dt.date(2022, 10, 7)) == september_30
    # In the week of the holiday nobody works, the week after begins on its Saturday … no: on Monday.
    assert days.week_start(dt.date(2022, 10, 12)) == dt.date(2022, 10, 10)
    assert days.week_start(dt.date(2022, 10, 8)) == dt.date(2022, 10, 8)


def test_what_the_office_entered_wins(db: None) -> None:
    CalendarDay.objects.create(day=dt.date(2022, 6, 18), works=True, note="防汛值班")
    days = WorkingDays.stored()
    assert days.works(dt.date(2022, 6, 18))
    assert not days.works(dt.date(2022, 6, 19))


def test_a_year_is_missing_until_its_notice_is_in() -> None:
    days = WorkingDays()
    assert [days.is_known(year) for year in (2019, 2022, 2026, 2040)] == [True, True, True, False]
    assert days.missing_year(dt.date(2039, 10, 31)) == 2039
    before, after = WorkingDays({dt.date(2039, 10, 8): True}), dt.date(2039, 11, 1)
    assert before.missing_year(dt.date(2039, 10, 31)) is None
    assert before.missing_year(after) == 2040
    assert WorkingDays({dt.date(2039, 10, 8): True, dt.date(2040, 1, 29): True}).missing_year(after) is None
