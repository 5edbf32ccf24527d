"""还在等待: whom a measure waits for, and for what."""

import datetime as dt

import pytest
from django.db.models import Count

from agencies.models import Agency
from reforms.duties import holders
from reforms.models import Assignment, Duty, Measure, ReformList
from reforms.reports.periods import Awaited, owes_report, unreported, waits_for
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import verify_claim
from tests.conftest import ON
from tests.reforms.people import Cast, acting, attach

NEXT_MONTH = dt.date(2022, 7, 1)
DONE = ReportContent(progress="任务完成。", is_claim=True)


@pytest.fixture
def shared(transport: Agency) -> Measure:
    """A dated measure that 市交通运输局 leads first and on which others act."""
    leads = Assignment.objects.filter(agency=transport, part="lead", order=1, measure__deadline__isnull=False)
    led = Measure.objects.filter(pk__in=leads.values("measure"), lead_note="")
    return led.annotate(n=Count("duties")).filter(n__gt=1).order_by("row")[0]


def said(measure: Measure, on: dt.date = ON, inside: frozenset[int] | None = None) -> dict[str, list[str]]:
    measure = Measure.objects.select_related("reform_list").get(pk=measure.pk)
    return {one.agency.name: list(one.what) for one in waits_for(measure, on, inside=inside)}


def test_at_first_for_a_report_of_everybody_and_the_claim_of_the_lead(shared: Measure, cast: Cast) -> None:
    waiting = said(shared)
    assert list(waiting) == [duty.agency.name for duty in holders(shared)]
    assert waiting.pop(cast.agency.name) == [Awaited.REPORT, Awaited.CLAIM]
    assert set(map(tuple, waiting.values())) == {(Awaited.REPORT,)}


def test_who_has_reported_is_waited_for_again_in_the_next_period(shared: Measure, cast: Cast) -> None:
    submit_report(shared.pk, cast.agency.pk, ReportContent(progress="推进中。"), who=acting(cast.reporter), on=ON)
    assert said(shared)[cast.agency.name] == [Awaited.CLAIM]
    assert said(shared, NEXT_MONTH)[cast.agency.name] == [Awaited.REPORT, Awaited.CLAIM]


def test_an_unsigned_claim_is_the_agencys_own_affair(led: Measure, cast: Cast) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    attach(led, cast.agency, cast.reporter)
    submit_report(led.pk, cast.agency.pk, DONE, who=acting(cast.reporter), on=ON)
    name = cast.agency.name
    assert said(led)[name] == [Awaited.REPORT, Awaited.SIGNATURE]
    assert said(led, inside=frozenset({cast.agency.pk}))[name] == [Awaited.REPORT, Awaited.SIGNATURE]
    assert said(led, inside=frozenset())[name] == [Awaited.REPORT, Awaited.CLAIM]


def test_a_claim_waits_for_the_office_and_then_for_nobody(led: Measure, cast: Cast) -> None:
    attach(led, cast.agency, cast.reporter)
    claim = submit_report(led.pk, cast.agency.pk, DONE, who=acting(cast.reporter), on=ON)
    assert said(led)[cast.agency.name] == [Awaited.VERIFICATION]
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON)
    assert said(led) == {}


def test_a_standing_measure_waits_for_reports_only(reform_list: ReformList) -> None:
    measure = Measure.objects.filter(is_standing=True)[0]
    assert {what for whats in said(measure).values() for what in whats} == {Awaited.REPORT}
    ReformList.objects.update(standing_every="never")
    assert said(measure) == {}


@pytest.mark.parametrize("disposition", ["withdrawn", "suspended", "cancelled"])
def test_what_is_not_worked_on_waits_for_nobody(led: Measure, disposition: str) -> None:
    Measure.objects.filter(pk=led.pk).update(disposition=disposition)
    assert said(led) == {}


def test_one_duty_owes_what_the_whole_list_is_asked_for(demo: ReformList) -> None:
    for on in (ON, NEXT_MONTH):
        asked = set(unreported(on).values_list("pk", flat=True))
        duties = Duty.objects.select_related("measure__reform_list")
        assert {duty.pk for duty in duties if owes_report(duty, duty.measure, on)} == asked
        assert asked
