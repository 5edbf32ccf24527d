"""submit_report: the rules of reporting, without a page or an API in between."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from agencies.access import NOBODY, PORTAL, Principal
from agencies.models import Agency, Change, Role
from reforms.models import Duty, Measure, ProgressReport
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker
from tests.reforms.people import attach


def principal(*roles: tuple[Role, Agency], read_only: bool = False) -> Principal:
    held = frozenset((role, agency.pk) for role, agency in roles)
    return Principal(label="林填报（市交通运输局）", user_id=None, roles=held, read_only=read_only)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.APPROVER])
def test_who_reports_for_the_agency_may(led: Measure, transport: Agency, role: Role) -> None:
    report = submit_report(
        led.pk, transport.pk, ReportContent(progress=" 已完成。 "), who=principal((role, transport)), on=ON
    )
    assert (report.progress, report.on, report.author) == ("已完成。", ON, "林填报（市交通运输局）")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.REPORTER, Role.APPROVER}))
def test_nobody_else_in_the_agency_may(led: Measure, transport: Agency, role: Role) -> None:
    with pytest.raises(PermissionDenied):
        submit_report(led.pk, transport.pk, ReportContent(progress="x"), who=principal((role, transport)), on=ON)


def test_neither_another_agency_nor_nobody_may(led: Measure, transport: Agency, market: Agency) -> None:
    another = principal((Role.REPORTER, market))
    for who in (another, NOBODY, PORTAL, principal((Role.REPORTER, transport), read_only=True)):
        with pytest.raises(PermissionDenied):
            submit_report(led.pk, transport.pk, ReportContent(progress="x"), who=who, on=ON)
    with pytest.raises(PermissionDenied):
        submit_report(led.pk, market.pk, ReportContent(progress="x"), who=another, on=ON)
    assert not ProgressReport.objects.exists()


def test_a_standing_measure_stays_standing(transport: Agency) -> None:
    measure = Measure.objects.held_by([transport.pk]).filter(is_standing=True).first()
    measure = measure or Measure.objects.filter(is_standing=True)[0]
    agency = Duty.objects.filter(measure=measure)[0].agency
    submit_report(measure.pk, agency.pk, ReportContent(progress="x"), who=principal((Role.REPORTER, agency)), on=ON)
    measure.refresh_from_db()
    assert (measure.status, measure.last_report_on) == ("standing", ON)


def test_a_claimed_measure_stays_claimed(led: Measure, transport: Agency, person: PersonMaker) -> None:
    who = principal((Role.REPORTER, transport))
    attach(led, transport, person(Role.REPORTER, agency=transport))
    submit_report(led.pk, transport.pk, ReportContent(progress="已完成。", is_claim=True), who=who, on=ON)
    submit_report(led.pk, transport.pk, ReportContent(progress="补充说明。"), who=who, on=ON)
    led.refresh_from_db()
    assert (led.status, led.claimed_on) == ("under_review", ON)
    assert Change.objects.filter(action="measure.status_changed", object_id=led.pk).count() == 1


def test_a_report_that_says_nothing_is_refused_and_leaves_no_trace(led: Measure, transport: Agency) -> None:
    changes = Change.objects.count()
    with pytest.raises(ValidationError) as refused:
        submit_report(
            led.pk, transport.pk, ReportContent(progress="  "), who=principal((Role.REPORTER, transport)), on=ON
        )
    assert "progress" in refused.value.error_dict
    led.refresh_from_db()
    assert (led.status, Change.objects.count()) == ("not_reported", changes)


def test_a_person_who_left_stays_named_in_what_they_reported(
    led: Measure, transport: Agency, person: PersonMaker
) -> None:
    user = person(Role.REPORTER, agency=transport, username="lin")
    submit_report(led.pk, transport.pk, ReportContent(progress="x"), who=Principal.of_user(user), on=ON)
    user.delete()
    report = ProgressReport.objects.get()
    assert report.author_user is None
    assert report.author == "lin（市交通运输局）"
