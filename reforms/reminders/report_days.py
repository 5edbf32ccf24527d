"""报送截止日: the day by which a period's report is due (docs/reminders.md, “Days of report”)."""

import datetime as dt

from django.db.models import Q

from reforms.models import DutyQuerySet, Measure, ReformList
from reforms.reminders.calendar import WorkingDays
from reforms.reports.periods import LENGTHS, Span, asked_every, asked_of, span_on

MONTH_DAYS = range(1, 32)


def due_in(span: Span, report_day: int, days: WorkingDays) -> dt.date:
    """That day of the period's last month, or the month's end where it has none; on a day off the working day before.
    Where the period has none before it (the first week of October), the one after."""
    day = span.last.replace(day=min(report_day, span.last.day))
    due = days.by(day)
    return due if due >= span.first else days.next(day)


def report_due(measure: Measure, on: dt.date, days: WorkingDays) -> dt.date | None:
    """By when the holders of this measure (with its list) report in the period that holds `on`; None where none is
    asked for."""
    span = span_on(on, asked_of(measure))
    return due_in(span, measure.reform_list.report_day, days) if span else None


def days_of_report(reform_list: ReformList, on: dt.date, days: WorkingDays) -> list[tuple[Span, dt.date]]:
    """The periods of a list that hold `on`, of what is under way and of what stands, each once, with the day of
    report."""
    spans = [span_on(on, every) for every in (reform_list.report_every, reform_list.standing_every)]
    return [(span, due_in(span, reform_list.report_day, days)) for span in dict.fromkeys(spans) if span]


def not_on_time(duties: DutyQuerySet, period_of: dt.date, today: dt.date, days: WorkingDays) -> DutyQuerySet:
    """Of duties unreported in the period that holds `period_of`, those whose day of report has passed by `today`. One
    term for each length of a period, however many lists there are. Nobody outside the government's line is."""
    late = Q(pk__in=[])
    for every in LENGTHS:
        span = span_on(period_of, every)
        if span:
            passed = [day for day in MONTH_DAYS if due_in(span, day, days) < today]
            late |= asked_every(every) & Q(measure__reform_list__report_day__in=passed)
    return duties.filter(late, agency__outside_line=False)
