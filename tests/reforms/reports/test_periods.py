"""报送期: which calendar period a day is in, and who has not reported in it."""

import datetime as dt

import pytest
from django.utils import timezone

from reforms.models import Duty, Measure, Period, ProgressReport, ReformList
from reforms.reports.periods import Span, span_on, unreported
from reforms.reports.submit import ReportContent, submit_report
from reforms.status.settle import settle
from tests.conftest import ON
from tests.reforms.people import Cast, acting, attach

JUNE, JULY = dt.date(2022, 6, 30), dt.date(2022, 7, 1)


def day(month: int, number: int, year: int = 2022) -> dt.date:
    return dt.date(year, month, number)


@pytest.mark.parametrize(
    ("on", "every", "first", "last"),
    [
        (day(6, 1), Period.MONTH, day(6, 1), day(6, 30)),
        (day(6, 30), Period.MONTH, day(6, 1), day(6, 30)),
        (day(12, 31), Period.MONTH, day(12, 1), day(12, 31)),
        (day(2, 29, 2024), Period.MONTH, day(2, 1, 2024), day(2, 29, 2024)),
        (day(6, 15), Period.QUARTER, day(4, 1), day(6, 30)),
        (day(10, 1), Period.QUARTER, day(10, 1), day(12, 31)),
        (day(1, 1), Period.HALF_YEAR, day(1, 1), day(6, 30)),
        (day(7, 1), Period.HALF_YEAR, day(7, 1), day(12, 31)),
    ],
)
def test_a_day_is_in_its_calendar_period(on: dt.date, every: str, first: dt.date, last: dt.date) -> None:
    assert span_on(on, every) == Span(first, last)


def test_where_no_report_is_asked_there_is_no_period() -> None:
    assert span_on(ON, Period.NEVER) is None


def owing(measure: Measure, on: dt.date) -> bool:
    return unreported(on).filter(measure=measure).exists()


def test_a_report_is_owed_once_in_every_period(led: Measure, cast: Cast) -> None:
    Duty.objects.filter(measure=led).exclude(agency=cast.agency).delete()
    assert owing(led, ON)
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="推进中。"), who=acting(cast.reporter), on=ON)
    assert not owing(led, JUNE)
    assert owing(led, JULY)


def test_every_holder_owes_its_own(led: Measure, cast: Cast) -> None:
    others = set(Duty.objects.filter(measure=led).exclude(agency=cast.agency).values_list("agency", flat=True))
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="推进中。"), who=acting(cast.reporter), on=ON)
    assert set(unreported(ON).filter(measure=led).values_list("agency", flat=True)) == others


def test_whoever_has_claimed_owes_nothing_more(led: Measure, cast: Cast) -> None:
    Duty.objects.filter(measure=led).exclude(agency=cast.agency).delete()
    attach(led, cast.agency, cast.reporter)
    said = ReportContent(progress="已完成。", is_claim=True)
    submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    assert not owing(led, JULY)


def test_standing_measures_are_asked_by_a_period_of_their_own(reform_list: ReformList) -> None:
    standing = Duty.objects.filter(measure__is_standing=True)
    facts = {
        "state": "submitted",
        "progress": "已常态化开展。",
        "on": day(1, 5),
        "author": "李填报",
        "recorded_at": timezone.now(),
    }
    ProgressReport.objects.bulk_create(
        ProgressReport(measure_id=duty.measure_id, duty=duty, agency_id=duty.agency_id, **facts) for duty in standing
    )
    settle({duty.measure_id for duty in standing})
    assert not unreported(ON).filter(pk__in=standing).exists()
    assert unreported(JULY).filter(pk__in=standing).count() == standing.count() > 0
    ReformList.objects.update(standing_every=Period.NEVER)
    assert not unreported(JULY).filter(pk__in=standing).exists()


def test_who_owed_is_what_the_reports_say_on_any_day(demo: ReformList) -> None:
    reports = list(ProgressReport.objects.spoken())
    for on in (day(1, 15), day(3, 31), day(4, 1), ON, day(7, 1), day(12, 31)):
        owed = {duty.pk for duty in Duty.objects.select_related("measure__reform_list") if owed_by(duty, reports, on)}
        assert set(unreported(on).values_list("pk", flat=True)) == owed
        assert owed


def owed_by(duty: Duty, reports: list[ProgressReport], on: dt.date) -> bool:
    """The rule, told by reading every report."""
    measure, own = duty.measure, [report for report in reports if report.duty_id == duty.pk]
    span = span_on(on, measure.reform_list.standing_every if measure.is_standing else measure.reform_list.report_every)
    if span is None or measure.disposition != "active" or measure.reform_list.year > span.last.year:
        return False
    closed = measure.closed_on is not None and measure.closed_on <= span.last
    claims = [report.claimed_on for report in own if report.state in ("under_review", "verified")]
    claimed = not measure.is_standing and any(one and one <= span.last for one in claims)
    return not (closed or claimed or any(span.first <= report.on <= span.last for report in own))


def test_what_became_standing_is_asked_for_though_it_was_claimed_before(led: Measure, cast: Cast) -> None:
    Duty.objects.filter(measure=led).exclude(agency=cast.agency).delete()
    attach(led, cast.agency, cast.reporter)
    said = ReportContent(progress="已完成。", is_claim=True)
    submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)
    Measure.objects.filter(pk=led.pk).update(is_standing=True, status="standing")
    settle([led.pk])
    assert not owing(led, JUNE)
    assert owing(led, day(7, 1, 2023))


def test_what_is_out_of_the_list_owes_nothing(led: Measure) -> None:
    Measure.objects.filter(pk=led.pk).update(disposition="suspended")
    assert not owing(led, ON)
