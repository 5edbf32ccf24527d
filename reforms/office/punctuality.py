"""按时报送: who reported by the day of report, in the last period of each list whose day of report has passed.

Asked is whoever reported in that period or owed a report at its end (reforms.reports.periods.unreported); nobody
outside the government's line is judged. Who holds a duty, and which lists are worked on, is as of now.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from reforms.models import Duty, DutyQuerySet, Period, ProgressReport, ReformList, has_begun
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import due_in
from reforms.reports.periods import LENGTHS, Span, asked_every, asked_of, reported_in, silent_in, span_on


class Outcome(TextChoices):
    """What became of a report that was asked for."""

    IN_TIME = "in_time", _("按时报送")
    LATE = "late", _("迟报")
    MISSING = "missing", _("未报送")


@dataclass(frozen=True, slots=True)
class Passed:
    """The last period of a length whose day of report has passed, for lists with that `report_day`."""

    every: Period
    report_day: int
    span: Span
    due: dt.date

    @property
    def asked(self) -> Q:
        """The duties of whose lists it is the period, where these had begun by its end."""
        begun = has_begun(self.span.last, "measure__reform_list__")
        year = Q(measure__reform_list__year__lte=self.span.last.year)
        return asked_every(self.every) & Q(measure__reform_list__report_day=self.report_day) & year & begun

    def of(self, outcome: Outcome) -> Q:
        """The duties with that outcome."""
        in_time = reported_in(self.span.first, self.due)
        if outcome == Outcome.IN_TIME:
            return in_time
        if outcome == Outcome.MISSING:
            return silent_in(self.span)
        return reported_in(self.span.first, self.span.last) & ~in_time


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How many reports were asked for, and how many of them came in time."""

    asked: int
    in_time: int


def passed_periods(on: dt.date, lists: QuerySet[ReformList]) -> list[Passed]:
    """Of these lists, as of a business date, each length and day of report once: three lengths, 31 days."""
    days = WorkingDays.stored()
    # With the earliest year of such lists: before that none of them asked.
    first: dict[tuple[Period, int], int] = {}
    asked = lists.order_by().values_list("report_day", "report_every", "standing_every").annotate(Min("year"))
    for report_day, under_way, standing, year in asked:
        for every in LENGTHS:
            if every in (under_way, standing):
                first[every, report_day] = min(year, first.get((every, report_day), year))
    found = [_last(every, report_day, on, days) for every, report_day in sorted(first)]
    return [one for one in found if one.span.last.year >= first[one.every, one.report_day]]


def _last(every: Period, report_day: int, on: dt.date, days: WorkingDays) -> Passed:
    span = _span(on, every)
    while (due := due_in(span, report_day, days)) >= on:
        span = _span(span.first - dt.timedelta(days=1), every)
    return Passed(every, report_day, span, due)


def _span(on: dt.date, every: Period) -> Span:
    span = span_on(on, every)
    if span is None:
        raise ValueError(every)
    return span


def asked_reports(
    passed: Sequence[Passed], lists: QuerySet[ReformList], outcomes: Collection[Outcome] = tuple(Outcome)
) -> DutyQuerySet:
    """The duties on which a report was asked for in these periods, with one of these outcomes."""
    found = Q(pk__in=[])
    for one in passed:
        came = Q(pk__in=[])
        for outcome in outcomes:
            came |= one.of(outcome)
        found |= one.asked & came
    held = Duty.objects.in_work().filter(measure__disposition="active", measure__reform_list__in=lists)
    return held.filter(agency__outside_line=False).filter(found)


def punctuality(on: dt.date, lists: QuerySet[ReformList]) -> dict[int, Punctuality]:
    """Of each agency that was asked, by id: three queries."""
    passed = passed_periods(on, lists)
    in_time = _by_agency(asked_reports(passed, lists, [Outcome.IN_TIME]))
    asked = _by_agency(asked_reports(passed, lists))
    return {agency: Punctuality(count, in_time.get(agency, 0)) for agency, count in asked.items()}


def _by_agency(duties: DutyQuerySet) -> dict[int, int]:
    counts = duties.order_by().values_list("agency_id").annotate(n=Count("pk"))
    return dict(counts.values_list("agency_id", "n"))


@dataclass(frozen=True, slots=True)
class AskedReport:
    """A duty with the period in which its report was asked for, and the day of the first that came (None: none)."""

    duty: Duty
    passed: Passed
    reported_on: dt.date | None

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        if self.reported_on is None:
            return Outcome.MISSING
        return Outcome.IN_TIME if self.reported_on <= self.passed.due else Outcome.LATE


def asked_rows(duties: Sequence[Duty], passed: Sequence[Passed]) -> list[AskedReport]:
    """Of these duties of `asked_reports` (with measures and lists): one query."""
    by_term = {(one.every, one.report_day): one for one in passed}
    terms = {duty.pk: by_term[Period(asked_of(duty.measure)), duty.measure.reform_list.report_day] for duty in duties}
    first: dict[int, dt.date] = {}
    spoken = ProgressReport.objects.spoken().filter(duty__in=terms).order_by("on")
    for duty, day in spoken.values_list("duty", "on"):
        if duty is not None and terms[duty].span.first <= day <= terms[duty].span.last:
            first.setdefault(duty, day)
    return [AskedReport(duty, terms[duty.pk], first.get(duty.pk)) for duty in duties]
