"""按时报送: who reported by the day of report, in the last period of each list whose day of report has passed.

Asked is whoever reported in that period or owed a report at its end (reforms.reports.periods.unreported); nobody
outside the government's line is judged. Who holds a duty, and which lists are worked on, is as of now.

Of hundreds of thousands of duties most are judged in memory, by when they were last reported on; only of those that
may have been reported on both before and after a day reports are read (docs/performance.md). A test holds that to the
rule as a query.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Min, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from reforms.columns.facts import MeasureColumns
from reforms.columns.kept import columns
from reforms.columns.reading import CHUNK, LATER, NO_DAY, Column, among, counted, place_of, row_of, some
from reforms.models import (
    DONE,
    Disposition,
    Duty,
    Period,
    ProgressReport,
    ReformList,
    ReformListQuerySet,
)
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import due_in
from reforms.reports.owed import DutiesInOrder, in_order
from reforms.reports.periods import CLAIMED, LENGTHS, Span, asked_of, span_on


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
                # The same length and day of several lists: the earliest of them decides since when it is asked.
                first[every, report_day] = min(year, first.get((every, report_day), year))
    found = [_last(every, report_day, on, days) for every, report_day in sorted(first)]
    return [one for one in found if one.span.last.year >= first[one.every, one.report_day]]


def _last(every: Period, report_day: int, on: dt.date, days: WorkingDays) -> Passed:
    span = _span(on, every)
    # On the day itself it may still come: the period counts from the day after.
    while (due := due_in(span, report_day, days)) >= on:
        span = _span(span.first - dt.timedelta(days=1), every)
    return Passed(every, report_day, span, due)


def _span(on: dt.date, every: Period) -> Span:
    span = span_on(on, every)
    if span is None:
        raise ValueError(every)
    return span


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The duties on which a report was asked for, as rows of the columns of duties, and what became of it (places in
    Outcome)."""

    columns: MeasureColumns
    rows: Column
    outcomes: Column

    def __len__(self) -> int:
        return len(self.rows)

    def with_outcomes(self, outcomes: Collection[Outcome]) -> "Judged":
        """Those with one of these."""
        return self._where(among(self.outcomes, [place_of(one) for one in outcomes]))

    def of(self, agencies: Collection[int]) -> "Judged":
        """Those of these agencies."""
        return self._where(among(self._agencies, agencies))

    def by_agency(self) -> dict[int, int]:
        """How many each agency has."""
        return counted(self._agencies)

    def in_order(self) -> DutiesInOrder:
        """By agency, list and row."""
        return in_order(self.columns, self.rows)

    @property
    def _agencies(self) -> Column:
        agencies: Column = self.columns.duties.of["agency_id"][self.rows]
        return agencies

    def _where(self, mask: Column) -> "Judged":
        return Judged(self.columns, self.rows[mask], self.outcomes[mask])


def judged(passed: Sequence[Passed], lists: ReformListQuerySet) -> Judged:
    """Of these lists: two queries, and two more where some cannot be told in memory."""
    now = columns()
    rows, days = _worked_on(now, passed, lists)
    ids, said = now.duties.of["id"][rows], now.duties.of["last_report_on"][rows]
    done = among(now.duties.of["status"][rows], [*map(place_of, DONE)])
    closed = now.of["closed_on"][now.duties.at[rows]]
    open_then = (closed == NO_DAY) | (closed > days.last)
    reported, claimed = np.where((days.first <= said) & (said <= days.due), said, LATER), np.full(len(rows), LATER)
    # Whoever reported after the day may have done so before it as well; of those who are done it has to be asked since
    # when.
    unknown = np.flatnonzero((said > days.due) | (done & open_then & (said < days.first)))
    if len(unknown):
        reported[unknown], claimed[unknown] = _as_reported(ids[unknown], days.of(unknown))
    found = np.select(
        # A claim of an earlier period too: as long as it counts there is nothing further to report.
        [reported <= days.due, reported <= days.last, open_then & ~(done & (claimed <= days.last))],
        [place_of(outcome) for outcome in (Outcome.IN_TIME, Outcome.LATE, Outcome.MISSING)],
        _NOT_ASKED,
    )
    asked = found != _NOT_ASKED
    return Judged(now, rows[asked], found[asked])


_NOT_ASKED = -1


def _as_reported(ids: Column, days: "_Days") -> tuple[Column, Column]:
    """Of these duties, by id, the day of the first report that came in the period, and that of the first claim that
    counts; LATER where there is none."""
    at, last = row_of(ids, ids), dt.date.fromordinal(int(days.last.max()))
    reported, claimed = np.full((2, len(ids)), LATER)
    for part in some(ids.tolist(), CHUNK):
        spoken = ProgressReport.objects.spoken().filter(duty__in=part).order_by()
        since = dt.date.fromordinal(int(days.first.min()))
        for duty, day in spoken.filter(on__range=(since, last)).values_list("duty", "on"):
            place, on = at[duty], day.toordinal()
            if days.first[place] <= on:
                reported[place] = min(reported[place], on)
        claims = spoken.filter(state__in=CLAIMED, claimed_on__lte=last)
        for duty, claim in claims.values_list("duty", "claimed_on"):
            if claim:
                claimed[at[duty]] = min(claimed[at[duty]], claim.toordinal())
    return reported, claimed


@dataclass(frozen=True, slots=True, eq=False)
class _Days:
    """For each duty the period that is judged."""

    first: Column
    due: Column
    last: Column

    def of(self, rows: Column) -> "_Days":
        """Those of some."""
        return _Days(self.first[rows], self.due[rows], self.last[rows])


def _worked_on(now: MeasureColumns, passed: Sequence[Passed], lists: ReformListQuerySet) -> tuple[Column, _Days]:
    """The rows of duties on which a report may have been asked for: two queries."""
    of, duties = now.of, now.duties
    spans = _spans_by_list(passed, lists, int(of["reform_list_id"].max(initial=0)) + 1)
    outside = Agency.objects.filter(outside_line=True).order_by().values_list("pk", flat=True)
    first, due, last = spans[:, of["is_standing"].astype(np.int8), of["reform_list_id"]][:, duties.at]
    active = (of["disposition"] == place_of(Disposition.ACTIVE))[duties.at]
    rows = np.flatnonzero(active & (first != NO_DAY) & ~among(duties.of["agency_id"], list(outside)))
    return rows, _Days(first[rows], due[rows], last[rows])


def _spans_by_list(passed: Sequence[Passed], lists: ReformListQuerySet, width: int) -> Column:
    """First day, day of report and last day of the period of each list: of what is under way, and of what stands."""
    by_term = {(str(one.every), one.report_day): one for one in passed}
    days = np.full((3, 2, width), NO_DAY, np.int32)
    asked = (
        lists.in_work().order_by().only("year", "report_day", "report_every", "standing_every", "issued_on", "first_on")
    )
    for one in asked:
        for standing, every in enumerate((one.report_every, one.standing_every)):
            term = by_term.get((every, one.report_day))
            if term and one.pk < width and one.year <= term.span.last.year and one.has_begun(term.span.last):
                period = term.span.first, term.due, term.span.last
                days[:, standing, one.pk] = [day.toordinal() for day in period]
    return days


def punctuality(on: dt.date, lists: ReformListQuerySet) -> dict[int, Punctuality]:
    """Of each agency that was asked, by id."""
    found = judged(passed_periods(on, lists), lists)
    in_time = found.with_outcomes([Outcome.IN_TIME]).by_agency()
    return {agency: Punctuality(count, in_time.get(agency, 0)) for agency, count in found.by_agency().items()}


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
    """Of these duties of `judged` (with measures and lists): one query."""
    by_term = {(one.every, one.report_day): one for one in passed}
    terms = {duty.pk: by_term[Period(asked_of(duty.measure)), duty.measure.reform_list.report_day] for duty in duties}
    first: dict[int, dt.date] = {}
    spoken = ProgressReport.objects.spoken().filter(duty__in=terms).order_by("on")
    for duty, day in spoken.values_list("duty", "on"):
        if duty is not None and terms[duty].span.first <= day <= terms[duty].span.last:
            first.setdefault(duty, day)
    return [AskedReport(duty, terms[duty.pk], first.get(duty.pk)) for duty in duties]
