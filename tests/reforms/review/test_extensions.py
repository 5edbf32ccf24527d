"""延期申请 and 时限调整: asked for before expiry, decided by the office, never overwriting what is printed."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from agencies.models import Agency, Change, Role
from reforms.models import Extension, Measure, Notice, Stale
from reforms.office.steer import reassign
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import verify_claim
from reforms.review.extensions import (
    ExtensionTerms,
    adjust_deadline,
    ask_extension,
    grant_extension,
    refuse_extension,
    sign_extension,
    withdraw_extension,
)
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach

State = Extension.State
JUNE, SEPTEMBER, DECEMBER = dt.date(2022, 6, 30), dt.date(2022, 9, 30), dt.date(2022, 12, 31)
WANTED = ExtensionTerms(until=SEPTEMBER, reason="上级文件尚未印发。")


def asked(led: Measure, cast: Cast, on: dt.date = ON) -> Extension:
    return ask_extension(led.pk, cast.agency.pk, WANTED, who=acting(cast.reporter), on=on)


def test_a_granted_extension_moves_the_deadline_in_force_and_leaves_the_printed_one(led: Measure, cast: Cast) -> None:
    extension = asked(led, cast)
    grant_extension(extension.pk, until=SEPTEMBER, seen=1, who=acting(cast.supervisor), on=ON)
    led.refresh_from_db()
    assert (led.deadline, led.deadline_in_force) == (JUNE, SEPTEMBER)
    moved = Change.objects.get(action="measure.deadline_moved", object_id=led.pk)
    assert (moved.before, moved.after) == (
        {"deadline_in_force": "2022-06-30"},
        {"deadline_in_force": "2022-09-30"},
    )
    assert Extension.objects.granted().filter(measure=led).count() == 1
    assert Notice.objects.filter(kind="extension_granted", agency=cast.agency).count() == 1


def test_on_the_last_day_it_may_be_asked_for_and_on_the_day_after_no_more(led: Measure, cast: Cast) -> None:
    with pytest.raises(ValidationError, match="现行时限已过"):
        asked(led, cast, on=JUNE + dt.timedelta(days=1))
    assert asked(led, cast, on=JUNE).state == State.UNDER_REVIEW


def test_the_office_may_grant_another_day_or_refuse_with_a_reason(led: Measure, cast: Cast) -> None:
    extension = asked(led, cast)
    with pytest.raises(ValidationError, match="理由"):
        refuse_extension(extension.pk, reason="", seen=None, who=acting(cast.supervisor), on=ON)
    refuse_extension(extension.pk, reason="理由不充分。", seen=None, who=acting(cast.supervisor), on=ON)
    led.refresh_from_db()
    assert led.deadline_in_force == JUNE
    again = asked(led, cast)
    grant_extension(again.pk, until=DECEMBER, seen=None, who=acting(cast.supervisor), on=ON)
    led.refresh_from_db()
    assert led.deadline_in_force == DECEMBER


def test_only_one_waits_at_a_time_and_the_agency_may_take_it_back(led: Measure, cast: Cast) -> None:
    extension = asked(led, cast)
    with pytest.raises(ValidationError, match="已有一份"):
        asked(led, cast)
    withdraw_extension(extension.pk, seen=1, who=acting(cast.reporter), on=ON)
    assert asked(led, cast).pk != extension.pk


def test_where_the_agency_signs_it_waits_for_its_approver_first(led: Measure, cast: Cast) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    extension = asked(led, cast)
    assert extension.state == State.AWAITING_SIGNATURE
    with pytest.raises(ValidationError, match="不能再这样处理"):
        grant_extension(extension.pk, until=SEPTEMBER, seen=None, who=acting(cast.supervisor), on=ON)
    assert sign_extension(extension.pk, seen=1, who=acting(cast.approver), on=ON).state == State.UNDER_REVIEW


def test_only_the_office_decides_and_only_on_what_it_saw(led: Measure, cast: Cast) -> None:
    extension = asked(led, cast)
    for who in (cast.reporter, cast.approver):
        with pytest.raises(PermissionDenied):
            grant_extension(extension.pk, until=SEPTEMBER, seen=1, who=acting(who), on=ON)
    with pytest.raises(Stale):
        grant_extension(extension.pk, until=SEPTEMBER, seen=7, who=acting(cast.supervisor), on=ON)


def test_the_offices_adjustment_needs_a_document(led: Measure, cast: Cast) -> None:
    who = acting(cast.supervisor)
    with pytest.raises(ValidationError, match="批准文号"):
        adjust_deadline(led.pk, DECEMBER, reference=" ", seen=led.version, who=who, on=ON)
    adjust_deadline(led.pk, DECEMBER, reference="深府办〔2022〕9号", seen=led.version, who=who, on=ON)
    led.refresh_from_db()
    assert (led.deadline, led.deadline_in_force, led.is_deadline_moved) == (JUNE, DECEMBER, True)
    with pytest.raises(Stale):
        adjust_deadline(led.pk, SEPTEMBER, reference="再调", seen=led.version - 1, who=who, on=ON)


def test_what_is_granted_is_later_than_the_deadline_in_force_by_now(led: Measure, cast: Cast) -> None:
    extension = asked(led, cast)
    office = acting(cast.supervisor)
    adjust_deadline(led.pk, DECEMBER, reference="深府办〔2022〕9号", seen=None, who=office, on=ON)
    with pytest.raises(ValidationError, match="晚于现行时限"):
        grant_extension(extension.pk, until=SEPTEMBER, seen=None, who=office, on=ON)
    led.refresh_from_db()
    assert led.deadline_in_force == DECEMBER


def test_where_the_office_moved_the_deadline_beyond_what_was_asked_a_later_day_is_granted(
    led: Measure, cast: Cast
) -> None:
    waiting, office = asked(led, cast), acting(cast.supervisor)
    led.refresh_from_db()
    adjust_deadline(led.pk, DECEMBER, reference="深府办〔2022〕9号", seen=led.version, who=office, on=ON)
    later = DECEMBER + dt.timedelta(days=31)
    granted = grant_extension(waiting.pk, until=later, seen=None, who=office, on=ON)
    assert (granted.proposed, granted.former, granted.granted) == (SEPTEMBER, DECEMBER, later)
    led.refresh_from_db()
    assert led.deadline_in_force == later


def test_a_request_that_waits_for_a_signature_goes_to_whoever_takes_the_measure_over(
    led: Measure, cast: Cast, person: PersonMaker
) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    extension = asked(led, cast)
    heir = Agency.objects.get(name="市水务局")
    reassign(led.pk, cast.agency.pk, heir.pk, reason="职责调整。", seen=None, who=acting(cast.supervisor), on=ON)
    with pytest.raises(PermissionDenied):
        sign_extension(extension.pk, seen=None, who=acting(cast.approver), on=ON)
    signed = sign_extension(extension.pk, seen=None, who=acting(person(Role.APPROVER, agency=heir)), on=ON)
    assert (signed.state, signed.agency) == (State.UNDER_REVIEW, heir)


def test_once_the_measure_is_closed_its_deadline_is_not_moved_behind_the_claim(led: Measure, cast: Cast) -> None:
    extension = asked(led, cast)
    attach(led, cast.agency, cast.reporter)
    late = JUNE + dt.timedelta(days=5)
    done = ReportContent(progress="已办结。", is_claim=True)
    claim = submit_report(led.pk, cast.agency.pk, done, who=acting(cast.reporter), on=late)
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=late)
    with pytest.raises(ValidationError, match="已销号"):
        grant_extension(extension.pk, until=SEPTEMBER, seen=None, who=acting(cast.supervisor), on=late)
    refuse_extension(extension.pk, reason="已销号。", seen=None, who=acting(cast.supervisor), on=late)
    led.refresh_from_db()
    assert led.deadline_in_force == JUNE
