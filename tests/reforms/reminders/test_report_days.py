"""报送截止日: when a period's report is due, and who did not report by then."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.desk.tasks import TaskKind, tasks_of
from reforms.models import CalendarDay, Measure, Period, ReformList
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import days_of_report, due_in, not_on_time
from reforms.reports.periods import span_on, unreported
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, SLUG, PersonMaker
from tests.reforms.people import acting

SignIn = Callable[[User], Client]
JUNE_24, JUNE_27 = dt.date(2022, 6, 24), dt.date(2022, 6, 27)


@pytest.mark.parametrize(
    ("on", "every", "day", "due"),
    [
        # The 25th is a Saturday.
        (ON, Period.MONTH, 25, JUNE_24),
        (ON, Period.QUARTER, 28, dt.date(2022, 6, 28)),
        (ON, Period.HALF_YEAR, 25, JUNE_24),
        # In the last month of the period, whichever month of it one is in.
        (dt.date(2022, 7, 1), Period.QUARTER, 25, dt.date(2022, 9, 23)),
        # February has no 31st; its last day in 2022 is a Monday.
        (dt.date(2022, 2, 10), Period.MONTH, 31, dt.date(2022, 2, 28)),
        # The 8th, a Saturday after the holiday, is worked on.
        (dt.date(2022, 10, 8), Period.MONTH, 8, dt.date(2022, 10, 8)),
        # Nobody works on the first days of October, and before them it was September.
        (dt.date(2022, 10, 8), Period.MONTH, 3, dt.date(2022, 10, 8)),
    ],
)
def test_a_report_is_due_on_a_day_of_the_periods_last_month(on: dt.date, every: str, day: int, due: dt.date) -> None:
    span = span_on(on, every)
    assert span
    assert due_in(span, day, WorkingDays()) == due


@pytest.mark.parametrize("began", [{"issued_on": None, "first_on": JUNE_27}, {"reminders_from": JUNE_27}])
def test_nobody_is_late_for_a_day_before_the_list_began_to_ask(
    signed_in: SignIn, person: PersonMaker, reform_list: ReformList, transport: Agency, began: dict[str, dt.date]
) -> None:
    """A list that came in, or whose safe start is, after the month's day of report."""
    assert late_on(JUNE_27) > 100
    ReformList.objects.update(**began)
    assert late_on(JUNE_27) == 0
    reporter = person(Role.REPORTER, agency=transport)
    assert not [
        task for task in tasks_of(acting(reporter), JUNE_27) if task.is_overdue and task.kind == TaskKind.REPORT_DUE
    ]
    assert late_on(dt.date(2022, 7, 26)) > 100


def test_the_offices_own_days_off_move_it(reform_list: ReformList) -> None:
    CalendarDay.objects.create(day=JUNE_24, works=False)
    ((_month, due), (_half, standing)) = days_of_report(reform_list, ON, WorkingDays.stored())
    assert due == standing == dt.date(2022, 6, 23)


def test_a_list_that_asks_for_nothing_has_no_day(reform_list: ReformList) -> None:
    reform_list.report_every = reform_list.standing_every = Period.NEVER
    assert days_of_report(reform_list, ON, WorkingDays()) == []


def late_on(today: dt.date) -> int:
    return not_on_time(unreported(today), today, today, WorkingDays()).count()


def test_from_the_next_day_on_it_was_not_on_time(reform_list: ReformList) -> None:
    within = unreported(JUNE_24).exclude(agency__outside_line=True)
    assert late_on(JUNE_24) == 0
    assert late_on(dt.date(2022, 6, 25)) == within.count() > 100
    ReformList.objects.update(report_day=30)
    assert late_on(dt.date(2022, 6, 25)) == 0


def test_who_reported_late_but_within_the_period_is_no_longer_counted(
    reform_list: ReformList, led: Measure, transport: Agency, person: PersonMaker
) -> None:
    before = late_on(JUNE_27)
    reporter = person(Role.REPORTER, agency=transport)
    submit_report(led.pk, transport.pk, ReportContent(progress="推进中。"), who=acting(reporter), on=JUNE_27)
    assert late_on(JUNE_27) == before - 1


def test_standing_measures_are_not_on_time_in_their_own_period(reform_list: ReformList) -> None:
    """Those of the half-year are not late in May, when those of the month are."""
    may_26 = dt.date(2022, 5, 26)
    late = not_on_time(unreported(may_26), may_26, may_26, WorkingDays())
    assert late.exists()
    assert not late.filter(measure__is_standing=True).exists()
    july_1 = not_on_time(unreported(JUNE_27), JUNE_27, JUNE_27, WorkingDays())
    assert july_1.filter(measure__is_standing=True).exists()


def test_the_page_counts_them_and_leads_to_just_these(
    signed_in: SignIn, person: PersonMaker, reform_list: ReformList, settings: object
) -> None:
    settings.PORTAL_TODAY = JUNE_27  # type: ignore[attr-defined]
    client = signed_in(person(Role.SUPERVISOR))
    late = late_on(JUNE_27)
    page = client.get("/unreported/")
    assert page.context["late"] == late
    assert sum(row.late for row in page.context["owing"]) == late
    assert f"未按时报送{late}条次" in page.content.decode()
    assert "报送截止日2022年6月24日" in page.content.decode()
    alone = client.get("/unreported/?late=true")
    assert sum(row.owing.count for row in alone.context["owing"]) == late
    # Bodies outside the government's line owe as well, and are told of nothing that was late.
    assert not [row for row in alone.context["owing"] if row.owing.agency.outside_line]
    assert [row for row in page.context["owing"] if row.owing.agency.outside_line]


def test_desk_list_and_tasks_say_the_day(
    signed_in: SignIn, person: PersonMaker, reform_list: ReformList, transport: Agency
) -> None:
    reporter = person(Role.REPORTER, agency=transport)
    client = signed_in(reporter)
    ReformList.objects.update(contact="李四", contact_phone="0755-12345678")
    assert "6月未报，2022年6月24日前报送" in client.get("/desk/?show=owing").content.decode()
    page = client.get(f"/lists/{SLUG}/").content.decode()
    assert "报送截止日" in page
    assert "2022年6月24日" in page
    assert "0755-12345678" in page
    due = {task.due for task in tasks_of(acting(reporter), ON) if task.kind == TaskKind.REPORT_DUE}
    assert due == {JUNE_24}
    overdue = [task for task in tasks_of(acting(reporter), JUNE_27) if task.kind == TaskKind.REPORT_DUE]
    assert overdue
    assert all(task.is_overdue for task in overdue)


def test_visitors_are_not_told_whom_to_ask(client: Client, reform_list: ReformList) -> None:
    ReformList.objects.update(contact="李四", contact_phone="0755-12345678", open_to="public")
    assert "李四" not in client.get(f"/lists/{SLUG}/").content.decode()
