"""责任处室、经办人: named by the agency for its own duties, logged."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from agencies.models import Agency, Change, Role, User
from reforms.models import Duty, Measure
from reforms.reports.officers import Officer, colleagues_of, name_officers
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting


@pytest.fixture
def duty(led: Measure, cast: Cast) -> Duty:
    return Duty.objects.get(measure=led, agency=cast.agency)


def facts(duty: Duty) -> tuple[str, str, User | None]:
    duty.refresh_from_db()
    return duty.division, duty.officer, duty.officer_user


def test_what_is_named_stands_beside_the_duty_and_in_the_log(duty: Duty, cast: Cast) -> None:
    named = Officer(division=" 综合处 ", officer="林工", officer_user=cast.reporter.pk)
    assert name_officers([duty.pk], named, who=acting(cast.reporter), on=ON) == [duty]
    assert facts(duty) == ("综合处", "林工", cast.reporter)
    change = Change.objects.get(action="duty.officer_named")
    assert (change.object_id, change.agency) == (duty.measure_id, cast.agency)
    assert change.after == {"division": "综合处", "officer": "林工", "officer_user": cast.reporter.pk}


def test_none_leaves_a_fact_alone_and_nothing_new_is_not_logged(duty: Duty, cast: Cast) -> None:
    who = acting(cast.reporter)
    name_officers([duty.pk], Officer(division="综合处", officer="林工"), who=who, on=ON)
    name_officers([duty.pk], Officer(division="规划处"), who=who, on=ON)
    assert facts(duty)[:2] == ("规划处", "林工")
    assert name_officers([duty.pk], Officer(division="规划处"), who=who, on=ON) == []
    assert Change.objects.filter(action="duty.officer_named").count() == 2


def test_an_account_without_a_name_gives_its_own(duty: Duty, cast: Cast) -> None:
    User.objects.filter(pk=cast.approver.pk).update(full_name="周审核")
    name_officers([duty.pk], Officer(officer_user=cast.approver.pk), who=acting(cast.reporter), on=ON)
    assert facts(duty) == ("", "周审核", cast.approver)


def test_a_name_alone_finds_the_only_colleague_of_that_name(duty: Duty, cast: Cast) -> None:
    User.objects.filter(pk=cast.approver.pk).update(full_name="周审核")
    name_officers([duty.pk], Officer(officer="周审核"), who=acting(cast.reporter), on=ON)
    assert facts(duty)[2] == cast.approver
    name_officers([duty.pk], Officer(officer="外聘专家"), who=acting(cast.reporter), on=ON)
    assert facts(duty) == ("", "外聘专家", None)


def test_only_a_colleague_can_be_the_officer(duty: Duty, cast: Cast, person: PersonMaker, market: Agency) -> None:
    stranger = person(Role.REPORTER, agency=market)
    with pytest.raises(ValidationError, match="本单位"):
        name_officers([duty.pk], Officer(officer_user=stranger.pk), who=acting(cast.reporter), on=ON)
    User.objects.filter(pk=cast.approver.pk).update(is_active=False)
    assert cast.approver not in colleagues_of([cast.agency.pk])


def test_all_or_nothing_and_only_for_ones_own_agency(duty: Duty, cast: Cast, market: Agency) -> None:
    other = Duty.objects.filter(agency=market)[0]
    with pytest.raises(PermissionDenied):
        name_officers([duty.pk, other.pk], Officer(division="综合处"), who=acting(cast.reporter), on=ON)
    with pytest.raises(PermissionDenied):
        name_officers([duty.pk], Officer(division="综合处"), who=acting(cast.supervisor), on=ON)
    assert facts(duty)[0] == ""


def test_the_office_may_on_behalf_when_it_says_how_it_knows(duty: Duty, cast: Cast) -> None:
    name_officers([duty.pk], Officer(division="综合处"), who=acting(cast.supervisor), on=ON, source="来函〔2022〕3号")
    assert Change.objects.get(action="duty.officer_named").reason == "来函〔2022〕3号"


def test_a_name_that_is_too_long_is_refused(duty: Duty, cast: Cast) -> None:
    with pytest.raises(ValidationError):
        name_officers([duty.pk], Officer(division="长" * 81), who=acting(cast.reporter), on=ON)
