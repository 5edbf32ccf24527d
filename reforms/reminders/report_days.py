"""报送截止日: the day by which a period's report is due (docs/reminders.md, “Days of report”)."""

import datetime as dt
from functools import cache, lru_cache

from django.db.models import Q

from reforms.models import DutyQuerySet, Measure, ReformList
from reforms.reminders.calendar import WorkingDays
from reforms.reports.periods import LENGTHS, DayOf, Span, asked_every, asked_of, span_on

MONTH_DAYS = range(1, 32)


def due_in(span: Span, report_day: int, days: WorkingDays) -> dt.date:
    """That day of the period's last month, or the month's end where it has none; on a day off the working day before.
    Where the period has none before it (the first week of October), the one after."""
    day = span.last.replace(day=min(report_day, span.last.day))
    due = days.by(day)
    return due if due >= span.first else days.next(day)


def report_due(measure: Measure, on: dt.date, days: WorkingDays) -> dt.date | None:
    """By when the holders of this measure (with its list) report in the period that holds `on`; None where none is
    asked for, and where the day had passed before anybody was asked."""
    span = span_on(on, asked_of(measure))
    due = due_in(span, measure.reform_list.report_day, days) if span else None
    began = first_day_of(measure.reform_list)
    return None if due and began and due < began else due


def days_of_report(reform_list: ReformList, on: dt.date, days: WorkingDays) -> list[tuple[Span, dt.date]]:
    """The periods of a list that hold `on`, of what is under way and of what stands, each once, with the day of
    report."""
    spans = [span_on(on, every) for every in (reform_list.report_every, reform_list.standing_every)]
    return [(span, due_in(span, reform_list.report_day, days)) for span in dict.fromkeys(spans) if span]


def first_day_of(reform_list: ReformList) -> dt.date | None:
    """From which day on a list asks for reports: that of its issue, where it is not given that on which it came in, or
    that of its safe start where it is later; None where none is known. No day of report before it is missed."""
    counts_from = reform_list.issued_on or reform_list.first_on
    return max((day for day in (counts_from, reform_list.reminders_from) if day), default=None)


def not_on_time(duties: DutyQuerySet, period_of: dt.date, today: dt.date, days: WorkingDays) -> DutyQuerySet:
    """Of duties unreported in the period that holds `period_of`, those whose day of report has passed by `today`. One
    term for each length of a period, however many lists there are. Nobody outside the government's line is, nor does
    anybody miss a day before the list began to ask."""
    late = Q(pk__in=[])
    begun = _begun_since(dt.date(period_of.year, 1, 1))
    for every in LENGTHS:
        span = span_on(period_of, every)
        if span:
            passed = [day for day in MONTH_DAYS if due_in(span, day, days) < today]
            passed_by = asked_every(every) & Q(measure__reform_list__report_day__in=passed)
            early = [one.pk for one, began in begun if due_in(span, one.report_day, days) < began]
            late |= passed_by & ~Q(measure__reform_list__in=early) if early else passed_by
    return duties.filter(late, agency__outside_line=False)


@lru_cache(maxsize=1)
def due_by(days: WorkingDays) -> DayOf:
    """For a list and a period when its report is due, as `report_due` says; None where the day had passed before
    anybody was asked. The same function for the same calendar, so that what was made by it can be kept."""

    @cache
    def day_in(span: Span, report_day: int) -> dt.date:
        # Thousands of lists share a few days.
        return due_in(span, report_day, days)

    def due(reform_list: ReformList, span: Span) -> dt.date | None:
        day, began = day_in(span, reform_list.report_day), first_day_of(reform_list)
        return None if began and day < began else day

    return due


def _begun_since(day: dt.date) -> list[tuple[ReformList, dt.date]]:
    """The lists that began to ask for reports on that day or later, with the day."""
    came = Q(issued_on__gte=day) | Q(issued_on=None, first_on__gte=day)
    lately = ReformList.objects.filter(came | Q(reminders_from__gte=day)).order_by()
    lists = lately.only("report_day", "issued_on", "first_on", "reminders_from")
    return [(one, began) for one in lists if (began := first_day_of(one))]
