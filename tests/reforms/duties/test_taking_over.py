"""Duties that change hands amid a claim: nothing closes on half, nobody is stuck, all concerned are told."""

import pytest
from django.core.exceptions import ValidationError

from agencies.models import Agency
from reforms.catalogue.rows import viewpoint
from reforms.desk.agency import desk_of
from reforms.desk.tasks import tasks_of
from reforms.duties import derive_duties
from reforms.models import Disposition, Duty, Extension, Matter, Measure, Notice, ProgressReport
from reforms.office.chasing import chase
from reforms.office.steer import dispose, reassign
from reforms.organisation.merge import merge_agencies
from reforms.pages.office.forms import ReassignForm
from reforms.reports.drafts import save_draft
from reforms.reports.submit import ReportContent, report_unchanged, submit_report, withdraw_report
from reforms.review.decisions import return_claim, sign_claim, verify_claim
from reforms.review.extensions import ExtensionTerms, ask_extension, withdraw_extension
from reforms.review.queue import to_review
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.reorganisations import OFFICE, merge_into
from tests.reforms.review.test_joined_duties import DONE, Joint, joint

__all__ = ["joint"]
State = ProgressReport.State


@pytest.fixture
def third(person: PersonMaker) -> Cast:
    return Cast(person, Agency.objects.create(name="市丙局"), prefix="third")


def give(joint: Joint, holder: Cast, heir: Cast) -> None:
    who = acting(joint.first.supervisor)
    reassign(joint.measure.pk, holder.agency.pk, heir.agency.pk, reason="职责调整。", seen=None, who=who, on=ON)


def states(joint: Joint) -> list[str]:
    return sorted(ProgressReport.objects.filter(measure=joint.measure).values_list("state", flat=True))


@pytest.mark.parametrize("how", ["returned", "withdrawn"])
def test_two_claims_on_one_duty_stand_or_fall_together(joint: Joint, how: str) -> None:
    joint.verified(joint.first)
    waiting = joint.claim(joint.second)
    joint.join()
    if how == "returned":
        return_claim(waiting.pk, reason="不全。", seen=None, who=acting(joint.first.supervisor), on=ON)
    else:
        withdraw_report(waiting.pk, seen=None, who=acting(joint.second.reporter), on=ON)
    assert [state for state in states(joint) if state != "draft"] == ["returned", how]
    assert joint.standing[0] == "in_progress"
    joint.verified(joint.second)
    assert joint.standing == ("closed", "closed")


def test_of_two_that_wait_the_refused_half_takes_the_other_along(joint: Joint) -> None:
    first, _second = joint.claim(joint.first), joint.claim(joint.second)
    joint.join()
    return_claim(first.pk, reason="不全。", seen=None, who=acting(joint.first.supervisor), on=ON)
    assert states(joint) == ["returned", "returned"]


def test_what_the_heir_was_about_to_sign_for_its_half_is_a_draft_again(joint: Joint) -> None:
    Agency.objects.filter(pk=joint.second.agency.pk).update(signs_claims=True)
    joint.verified(joint.first)
    unsigned = joint.claim(joint.second)
    joint.join()
    unsigned.refresh_from_db()
    assert (unsigned.state, states(joint)) == (State.DRAFT, ["draft", "returned"])


def test_one_lead_that_had_to_claim_alone_keeps_its_claim(joint: Joint) -> None:
    type(joint.measure.reform_list).objects.update(claimed_by="first_lead")
    claim = joint.claim(joint.first)
    joint.join()
    claim.refresh_from_db()
    assert claim.state == State.UNDER_REVIEW


def test_what_was_given_away_stays_with_whom_it_was_given_to(joint: Joint, third: Cast) -> None:
    joint.verified(joint.first)
    give(joint, joint.first, third)
    give(joint, joint.second, joint.first)
    held = dict(Duty.objects.filter(measure=joint.measure).values_list("agency", "status"))
    assert held == {third.agency.pk: "closed", joint.first.agency.pk: "not_reported"}
    joint.verified(joint.first)
    joint.measure.refresh_from_db()
    assert joint.measure.status == "closed"


def test_a_measure_given_to_an_agency_that_is_then_absorbed_comes_home(joint: Joint) -> None:
    joint.join()
    merge_into(joint.first.agency, joint.second.agency)
    assert [duty.agency for duty in Duty.objects.filter(measure=joint.measure)] == [joint.first.agency]


def test_an_agency_that_gets_a_measure_back_finds_its_reports(joint: Joint, third: Cast) -> None:
    said = ReportContent(progress="前期工作。")
    submit_report(joint.measure.pk, joint.first.agency.pk, said, who=acting(joint.first.reporter), on=ON)
    ProgressReport.objects.update(duty=None)
    give(joint, joint.first, third)
    give(joint, third, joint.first)
    duty = Duty.objects.get(measure=joint.measure, agency=joint.first.agency)
    assert (duty.last_report_on, ProgressReport.objects.get().duty) == (ON, duty)


def test_a_draft_makes_no_progress(joint: Joint) -> None:
    who = acting(joint.first.reporter)
    report = submit_report(joint.measure.pk, joint.first.agency.pk, ReportContent(progress="。"), who=who, on=ON)
    ProgressReport.objects.filter(pk=report.pk).update(duty=None, state=State.WITHDRAWN)
    Duty.objects.filter(measure=joint.measure, agency=joint.first.agency).delete()
    derive_duties([joint.measure.pk])
    duty = Duty.objects.get(measure=joint.measure, agency=joint.first.agency)
    assert (duty.status, duty.last_report_on) == ("not_reported", None)


def test_the_office_s_decision_reaches_whoever_holds_the_duty_now(joint: Joint, third: Cast) -> None:
    claim = joint.claim(joint.first)
    give(joint, joint.first, third)
    return_claim(claim.pk, reason="不全。", seen=None, who=acting(joint.first.supervisor), on=ON)
    assert Notice.objects.get(kind="returned").agency == third.agency
    tasks = [task.receiver.agency_id for task in tasks_of(acting(third.reporter), ON) if task.kind.value == "returned"]
    assert tasks == [third.agency.pk]
    assert not [task for task in tasks_of(acting(joint.first.reporter), ON) if task.kind.value == "returned"]


def test_a_claim_and_a_request_that_came_along_can_be_withdrawn_by_the_heir(joint: Joint, third: Cast) -> None:
    claim = joint.claim(joint.first)
    wanted = ExtensionTerms(until=joint.measure.deadline_in_force.replace(year=2024), reason="待批复。")
    asked = ask_extension(joint.measure.pk, joint.first.agency.pk, wanted, who=acting(joint.first.reporter), on=ON)
    give(joint, joint.first, third)
    withdraw_report(claim.pk, seen=None, who=acting(third.reporter), on=ON)
    withdraw_extension(asked.pk, seen=None, who=acting(third.reporter), on=ON)
    assert Extension.objects.get().state == "withdrawn"
    assert states(joint) == ["draft", "withdrawn"]
    [draft] = ProgressReport.objects.drafts()
    assert (draft.progress, draft.agency) == (claim.progress, third.agency), "whoever takes it back writes on"


def test_nothing_is_withdrawn_from_a_closed_measure_and_nobody_chased(joint: Joint) -> None:
    said, who = ReportContent(progress="协助。"), acting(joint.second.reporter)
    report = submit_report(joint.measure.pk, joint.second.agency.pk, said, who=who, on=ON)
    Measure.objects.filter(pk=joint.measure.pk).update(status="closed", closed_on=ON, claimed_on=ON)
    with pytest.raises(ValidationError, match="已销号"):
        withdraw_report(report.pk, seen=None, who=who, on=ON)
    assert chase(joint.measure.pk, who=acting(joint.first.supervisor), on=ON) == 0


def test_a_suspended_measure_rests_in_every_queue_until_it_is_resumed(joint: Joint) -> None:
    supervisor = acting(joint.first.supervisor)
    claim = joint.claim(joint.first)
    dispose(joint.measure.pk, Disposition.SUSPENDED, reason="暂缓。", seen=None, who=supervisor, on=ON)
    assert to_review(supervisor) == []
    assert not [task for task in tasks_of(supervisor, ON) if task.kind.value == "to_verify"]
    for decide in (verify_claim, return_claim):
        reason = {"reason": "不全。"} if decide is return_claim else {}
        with pytest.raises(ValidationError, match="恢复后才能办理"):
            decide(claim.pk, seen=None, who=supervisor, on=ON, **reason)
    dispose(joint.measure.pk, Disposition.ACTIVE, reason="恢复。", seen=None, who=supervisor, on=ON)
    assert [waiting.pk for waiting in to_review(supervisor)] == [claim.pk]


def test_nothing_is_signed_on_a_suspended_measure(joint: Joint) -> None:
    Agency.objects.filter(pk=joint.first.agency.pk).update(signs_claims=True)
    claim = joint.claim(joint.first)
    who = acting(joint.first.supervisor)
    dispose(joint.measure.pk, Disposition.SUSPENDED, reason="暂缓。", seen=None, who=who, on=ON)
    with pytest.raises(ValidationError, match="恢复后才能办理"):
        sign_claim(claim.pk, seen=None, who=acting(joint.first.approver), on=ON)


def test_unchanged_is_not_said_on_top_of_a_claim(joint: Joint) -> None:
    joint.claim(joint.first)
    who = acting(joint.first.reporter)
    with pytest.raises(ValidationError, match="正在办理"):
        report_unchanged(joint.measure.pk, joint.first.agency.pk, who=who, on=ON, form_key="k")


def test_a_claim_that_was_mended_and_withdrawn_is_returned_again_with_its_evidence(joint: Joint) -> None:
    claim = joint.claim(joint.first)
    return_claim(claim.pk, reason="不全。", seen=None, who=acting(joint.first.supervisor), on=ON)
    who, place = acting(joint.first.reporter), (joint.measure.pk, joint.first.agency.pk)
    again = submit_report(*place, DONE, who=who, on=ON)
    assert not ProgressReport.objects.unanswered_returns().exists()
    withdraw_report(again.pk, seen=None, who=who, on=ON)
    assert list(ProgressReport.objects.unanswered_returns()) == [claim]
    assert submit_report(*place, DONE, who=who, on=ON).evidence.count() == 1


def test_what_is_withdrawn_is_no_longer_a_matter(joint: Joint) -> None:
    who, place = acting(joint.first.reporter), (joint.measure.pk, joint.first.agency.pk)
    submit_report(*place, ReportContent(progress="在办。", problems="缺接口。"), who=who, on=ON)
    second = submit_report(*place, ReportContent(progress="在办。", problems="缺接口和数据。"), who=who, on=ON)
    withdraw_report(second.pk, seen=None, who=who, on=ON)
    assert [(matter.text, matter.state) for matter in Matter.objects.all()] == [("缺接口。", "open")]
    first = ProgressReport.objects.spoken().get()
    withdraw_report(first.pk, seen=None, who=who, on=ON)
    assert Matter.objects.get().state == "dropped"


def test_a_reference_can_be_used_again_after_a_withdrawal(joint: Joint) -> None:
    who, place = acting(joint.first.reporter), (joint.measure.pk, joint.first.agency.pk)
    said = ReportContent(progress="在办。", external_ref="OA-2")
    report = submit_report(*place, said, who=who, on=ON)
    withdraw_report(report.pk, seen=None, who=who, on=ON)
    assert submit_report(*place, said, who=who, on=ON).state == State.SUBMITTED


def test_equal_references_of_two_agencies_do_not_meet_in_one(joint: Joint, person: PersonMaker) -> None:
    Agency.objects.filter(pk=joint.first.agency.pk).update(signs_claims=True)
    claim = joint.claim(joint.first)
    ProgressReport.objects.filter(pk=claim.pk).update(external_ref="2022-17")
    said, other = ReportContent(progress="协助。", external_ref="2022-17"), joint.second
    submit_report(joint.measure.pk, other.agency.pk, said, who=acting(other.reporter), on=ON)
    joint.join()
    assert ProgressReport.objects.filter(external_ref="2022-17").count() == 1


def test_drafts_without_a_duty_are_merged_with_their_agencies(joint: Joint) -> None:
    for cast in (joint.first, joint.second):
        text = {"progress": cast.agency.name}
        save_draft(joint.measure.pk, cast.agency.pk, text, seen=None, who=acting(cast.reporter), on=ON)
    ProgressReport.objects.update(duty=None)
    Duty.objects.filter(measure=joint.measure, agency=joint.first.agency).delete()
    merge_agencies(joint.second.agency, joint.first.agency, who=OFFICE, on=ON)
    (draft,) = ProgressReport.objects.drafts()
    assert joint.first.agency.name in draft.progress
    assert joint.second.agency.name in draft.progress


def test_the_page_says_beforehand_that_a_claim_will_come_back(joint: Joint) -> None:
    joint.verified(joint.first)
    measure = Measure.objects.select_related("item").get(pk=joint.measure.pk)
    said = {"holder": joint.first.agency.pk, "heir": joint.second.agency.name, "reason": "。", "seen": measure.version}
    form = ReassignForm(said, measure=measure, who=acting(joint.first.reporter))
    assert form.is_valid(), form.errors
    foreseen = form.consequences(who=acting(joint.first.reporter), on=ON)
    assert any("就全部任务重新申请" in sentence for sentence in foreseen)


def test_what_is_closed_lies_on_no_desk(joint: Joint) -> None:
    joint.verified(joint.first)
    joint.verified(joint.second)
    desk = desk_of(viewpoint(acting(joint.first.reporter), ON))
    assert joint.measure.pk not in {one.measure_id for places in desk.groups.values() for one in places}
