"""From 申请销号 to 已销号: claim, signature, verification, return, reopening."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from agencies.models import Agency, Change, Membership, Role, User
from reforms.history.measure import history_of
from reforms.models import Assignment, Disposition, Duty, Light, Measure, Notice, Part, ProgressReport, Stale, light_of
from reforms.office.steer import dispose, reassign
from reforms.reports.drafts import draft_of, save_draft
from reforms.reports.submit import ReportContent, submit_report, withdraw_report
from reforms.review.decisions import reopen, return_claim, send_back, sign_claim, verify_claim
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach

State = ProgressReport.State
LATER = ON + dt.timedelta(days=5)
DONE = ReportContent(progress="系统已上线，任务完成。", is_claim=True)


def claimed(led: Measure, cast: Cast, said: ReportContent = DONE) -> ProgressReport:
    attach(led, cast.agency, cast.reporter)
    return submit_report(led.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)


def status(measure: Measure) -> str:
    measure.refresh_from_db()
    return measure.status


def own_duty(measure: Measure, agency: Agency) -> Duty:
    return Duty.objects.get(measure=measure, agency=agency)


def test_a_claim_waits_for_the_office_and_closes_with_the_day_of_the_claim(led: Measure, cast: Cast) -> None:
    claim = claimed(led, cast)
    assert (claim.state, status(led), led.claimed_on) == (State.UNDER_REVIEW, "under_review", ON)
    assert light_of(led, LATER) == Light.UNDER_REVIEW
    verify_claim(claim.pk, seen=claim.version, who=acting(cast.supervisor), on=LATER)
    assert (status(led), led.closed_on, led.claimed_on) == ("closed", ON, ON)
    assert own_duty(led, cast.agency).status == "closed"


def test_where_the_agency_signs_the_claim_reaches_the_office_with_the_signature(led: Measure, cast: Cast) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    before, claim = led.version, claimed(led, cast)
    assert (claim.state, status(led), led.claimed_on) == (State.AWAITING_SIGNATURE, "not_reported", None)
    assert not ProgressReport.objects.sent().exists()
    assert led.version == before, "nobody else learns of it by another version"
    claim = sign_claim(claim.pk, seen=claim.version, who=acting(cast.approver), on=LATER)
    assert (claim.state, claim.claimed_on, claim.signed_by_user) == (State.UNDER_REVIEW, LATER, cast.approver)
    assert (status(led), led.claimed_on) == ("under_review", LATER)


def test_nobody_signs_or_verifies_what_they_wrote(led: Measure, cast: Cast) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    attach(led, cast.agency, cast.approver)
    own = submit_report(led.pk, cast.agency.pk, DONE, who=acting(cast.approver), on=ON)
    with pytest.raises(ValidationError, match="本人"):
        sign_claim(own.pk, seen=None, who=acting(cast.approver), on=ON)
    with pytest.raises(PermissionDenied):
        sign_claim(own.pk, seen=None, who=acting(cast.reporter), on=ON)
    assert ProgressReport.objects.get().state == State.AWAITING_SIGNATURE


def test_the_office_does_not_verify_what_it_entered_itself(led: Measure, cast: Cast) -> None:
    said = ReportContent(progress="来函告知已完成。", is_claim=True, source="深交函〔2022〕88号")
    claim = submit_report(led.pk, cast.agency.pk, said, who=acting(cast.supervisor), on=ON)
    assert claim.by_office
    with pytest.raises(ValidationError, match="另一位督办人员"):
        verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON)
    verify_claim(claim.pk, seen=None, who=acting(cast.second_supervisor), on=ON)
    assert status(led) == "closed"


def test_a_supervisor_does_not_review_measures_of_an_agency_of_their_own(led: Measure, cast: Cast) -> None:
    claim = claimed(led, cast)
    Membership.objects.create(user=cast.supervisor, agency=cast.agency, role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON)
    assert status(led) == "under_review"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.HEAD, Role.ADMINISTRATOR, Role.AUDITOR])
def test_others_neither_sign_nor_verify(led: Measure, cast: Cast, person: PersonMaker, role: Role) -> None:
    claim = claimed(led, cast)
    other = acting(person(role, agency=cast.agency))
    for decide in (sign_claim, verify_claim):
        with pytest.raises(PermissionDenied):
            decide(claim.pk, seen=None, who=other, on=ON)


def test_a_returned_claim_tells_why_and_the_mended_one_closes(led: Measure, cast: Cast) -> None:
    claim = claimed(led, cast)
    with pytest.raises(ValidationError, match="理由"):
        return_claim(claim.pk, reason=" ", seen=None, who=acting(cast.supervisor), on=ON)
    return_claim(claim.pk, reason="缺验收报告。", seen=None, who=acting(cast.supervisor), on=ON)
    assert (status(led), led.claimed_on) == ("in_progress", None)
    assert [report.reason for report in ProgressReport.objects.unanswered_returns()] == ["缺验收报告。"]
    told = Notice.objects.get(kind="returned")
    assert (told.agency, told.facts["reason"]) == (cast.agency, "缺验收报告。")
    save_draft(led.pk, cast.agency.pk, {}, seen=0, who=acting(cast.reporter), on=LATER)
    mended = ReportContent(progress="已补验收报告。", is_claim=True)
    again = submit_report(led.pk, cast.agency.pk, mended, who=acting(cast.reporter), on=LATER)
    assert [evidence.name for evidence in again.evidence.all()] == ["验收报告.pdf"]
    assert not ProgressReport.objects.unanswered_returns().exists()
    verify_claim(again.pk, seen=None, who=acting(cast.supervisor), on=LATER)
    assert (status(led), led.closed_on) == ("closed", LATER)


def test_what_the_approver_does_not_sign_is_a_draft_again(led: Measure, cast: Cast) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    claim = claimed(led, cast)
    send_back(claim.pk, reason="请补数据。", seen=None, who=acting(cast.approver), on=ON)
    draft = draft_of(led.pk, cast.agency.pk)
    assert draft
    assert (draft.pk, draft.reason, status(led)) == (claim.pk, "请补数据。", "not_reported")
    assert Notice.objects.get(kind="sent_back").user == cast.reporter


def test_an_own_claim_is_withdrawn_until_it_is_decided(led: Measure, cast: Cast) -> None:
    claim = claimed(led, cast)
    withdraw_report(claim.pk, seen=claim.version, who=acting(cast.reporter), on=ON)
    assert (status(led), led.first_report_on) == ("not_reported", None)
    claim = claimed(led, cast)
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON)
    with pytest.raises(ValidationError, match="已被处理"):
        withdraw_report(claim.pk, seen=None, who=acting(cast.reporter), on=ON)


def test_who_takes_a_claim_back_from_the_office_finds_what_they_wrote(
    led: Measure, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    claim = claimed(led, cast)
    client = signed_in(cast.reporter)
    page = client.post(f"/reports/{claim.pk}/withdraw/", {"seen": claim.version}, follow=True)
    assert page.redirect_chain == [(f"/measures/{led.pk}/report/", 302)]
    shown = page.content.decode()
    assert "已撤回，文字保留在草稿中。" in shown
    assert claim.progress in shown
    assert "验收报告.pdf" in shown
    form = page.context["form"]
    assert form["is_claim"].value()


def test_a_draft_begun_meanwhile_is_not_written_over(led: Measure, cast: Cast) -> None:
    claim = claimed(led, cast)
    save_draft(led.pk, cast.agency.pk, {"progress": "又有进展。"}, seen=0, who=acting(cast.reporter), on=ON)
    withdraw_report(claim.pk, seen=None, who=acting(cast.reporter), on=ON)
    [draft] = ProgressReport.objects.drafts()
    assert draft.progress == "又有进展。"


def test_whoever_decides_on_an_old_version_is_told(led: Measure, cast: Cast) -> None:
    claim = claimed(led, cast)
    return_claim(claim.pk, reason="请补材料。", seen=claim.version, who=acting(cast.supervisor), on=ON)
    with pytest.raises(Stale) as late:
        verify_claim(claim.pk, seen=claim.version, who=acting(cast.second_supervisor), on=ON)
    assert late.value.current.state == State.RETURNED  # type: ignore[attr-defined]
    assert status(led) == "in_progress"


def test_a_reopened_measure_needs_a_new_claim(led: Measure, cast: Cast) -> None:
    claim = claimed(led, cast)
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=ON)
    led.refresh_from_db()
    reopen(led.pk, reason="抽查发现未上线。", seen=led.version, who=acting(cast.supervisor), on=LATER)
    assert (status(led), led.closed_on, led.claimed_on) == ("in_progress", None, None)
    attach(led, cast.agency, cast.reporter)
    again = submit_report(led.pk, cast.agency.pk, DONE, who=acting(cast.reporter), on=LATER)
    assert again.pk != claim.pk
    verify_claim(again.pk, seen=None, who=acting(cast.supervisor), on=LATER)
    assert (status(led), led.closed_on) == ("closed", LATER)


def test_a_standing_measure_is_not_claimed(cast: Cast) -> None:
    standing = Measure.objects.filter(is_standing=True, duties__agency=cast.agency)[0]
    with pytest.raises(ValidationError, match="持续巩固"):
        submit_report(standing.pk, cast.agency.pk, DONE, who=acting(cast.reporter), on=ON)


class TestSeveralLeads:
    """A measure with more than one printed lead."""

    @pytest.fixture
    def joint(self, db: None) -> Measure:
        leads = Duty.objects.filter(part=Part.LEAD, via=None, measure__deadline__isnull=False)
        counted: dict[int, int] = {}
        for measure_id in leads.values_list("measure_id", flat=True):
            counted[measure_id] = counted.get(measure_id, 0) + 1
        found = Measure.objects.filter(pk__in=[pk for pk, n in counted.items() if n == 2], lead_note="")
        return found.order_by("row")[0]

    def leads(self, joint: Measure) -> list[Agency]:
        printed = Assignment.objects.filter(measure=joint, part=Part.LEAD).order_by("order")
        return [assignment.agency for assignment in printed]

    def test_the_first_named_lead_claims_for_all(self, joint: Measure, person: PersonMaker) -> None:
        first, second = self.leads(joint)
        users = [person(Role.REPORTER, agency=agency) for agency in (first, second)]
        attach(joint, first, users[0])
        reporters = [acting(user) for user in users]
        with pytest.raises(ValidationError, match="牵头单位汇总"):
            submit_report(joint.pk, second.pk, DONE, who=reporters[1], on=ON)
        claim = submit_report(joint.pk, first.pk, DONE, who=reporters[0], on=ON)
        verify_claim(claim.pk, seen=None, who=acting(person(Role.SUPERVISOR)), on=ON)
        joint.refresh_from_db()
        assert joint.status == "closed"
        assert set(Duty.objects.filter(measure=joint).values_list("status", flat=True)) == {"closed"}

    def test_with_each_for_its_part_it_closes_with_the_last_accepted_claim(
        self, joint: Measure, person: PersonMaker
    ) -> None:
        Measure.objects.filter(pk=joint.pk).update(lead_note="（按职责分工负责）")
        first, second = self.leads(joint)
        office = acting(person(Role.SUPERVISOR))
        users = [person(Role.REPORTER, agency=agency) for agency in (first, second)]
        for agency, user in zip((first, second), users, strict=True):
            attach(joint, agency, user)
        one = submit_report(joint.pk, first.pk, DONE, who=acting(users[0]), on=ON)
        verify_claim(one.pk, seen=None, who=office, on=LATER)
        joint.refresh_from_db()
        assert (joint.status, joint.closed_on, own_duty(joint, first).status) == ("in_progress", None, "closed")
        other = submit_report(joint.pk, second.pk, DONE, who=acting(users[1]), on=LATER)
        verify_claim(other.pk, seen=None, who=office, on=LATER + dt.timedelta(days=3))
        joint.refresh_from_db()
        assert (joint.status, joint.closed_on) == ("closed", LATER)


def test_every_step_is_in_the_log_with_its_actor(led: Measure, cast: Cast) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    claim = claimed(led, cast)
    sign_claim(claim.pk, seen=None, who=acting(cast.approver), on=ON)
    verify_claim(claim.pk, seen=None, who=acting(cast.supervisor), on=LATER, remark="材料齐全。")
    told = Change.objects.filter(kind="measure", object_id=led.pk).exclude(action="measure.added")
    assert [(change.action, change.user_id) for change in told.order_by("sequence")] == [
        ("evidence.added", cast.reporter.pk),
        ("claim.written", cast.reporter.pk),
        ("claim.signed", cast.approver.pk),
        ("claim.submitted", cast.approver.pk),
        ("measure.status_changed", cast.approver.pk),
        ("claim.verified", cast.supervisor.pk),
        ("measure.status_changed", cast.supervisor.pk),
    ]
    last = told.order_by("sequence").last()
    assert last
    assert last.after == {"status": "closed", "closed_on": ON.isoformat()}


def test_a_claim_needs_evidence(led: Measure, cast: Cast) -> None:
    with pytest.raises(ValidationError, match="佐证材料"):
        submit_report(led.pk, cast.agency.pk, DONE, who=acting(cast.reporter), on=ON)
    assert not ProgressReport.objects.exists()
    assert claimed(led, cast).evidence.count() == 1


def test_what_the_approver_says_to_the_reporter_is_no_matter_of_the_office(led: Measure, cast: Cast) -> None:
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    claim = claimed(led, cast)
    send_back(claim.pk, reason="请补数据。", seen=None, who=acting(cast.approver), on=ON)

    def told(user: User) -> str:
        seen = history_of(led, acting(user))
        return " ".join(f"{happening.what} {happening.detail}" for happening in seen)

    assert "请补数据。" in told(cast.reporter)
    assert "请补数据。" not in told(cast.supervisor)
    assert DONE.progress not in told(cast.supervisor)


def test_of_two_claims_of_an_agency_only_one_reaches_the_office(led: Measure, cast: Cast) -> None:
    """One that its reporter wrote, one that the office entered from a letter; both wait for the same signature."""
    Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=True)
    own = claimed(led, cast)
    letter = ReportContent(progress="来函告知已完成。", is_claim=True, source="深交函〔2022〕88号")
    entered = submit_report(led.pk, cast.agency.pk, letter, who=acting(cast.supervisor), on=ON)
    sign_claim(entered.pk, seen=None, who=acting(cast.approver), on=ON)
    for verified in (False, True):
        if verified:
            verify_claim(entered.pk, seen=None, who=acting(cast.second_supervisor), on=ON)
        with pytest.raises(ValidationError, match="已提交或已核验"):
            sign_claim(own.pk, seen=None, who=acting(cast.approver), on=LATER)
    assert (status(led), led.closed_on) == ("closed", ON)


def test_whoever_takes_a_claimed_duty_over_does_not_claim_it_again(
    led: Measure, cast: Cast, person: PersonMaker
) -> None:
    claimed(led, cast)
    heir = Agency.objects.get(name="市水务局")
    reassign(led.pk, cast.agency.pk, heir.pk, reason="职责调整。", seen=None, who=acting(cast.supervisor), on=ON)
    reporter = person(Role.REPORTER, agency=heir)
    attach(led, heir, reporter)
    with pytest.raises(ValidationError, match="已提交或已核验"):
        submit_report(led.pk, heir.pk, DONE, who=acting(reporter), on=LATER)
    assert (status(led), led.claimed_on) == ("under_review", ON)


def test_what_is_suspended_is_not_verified_and_what_is_closed_not_suspended(led: Measure, cast: Cast) -> None:
    claim, office = claimed(led, cast), acting(cast.supervisor)
    dispose(led.pk, Disposition.SUSPENDED, reason="机构调整。", seen=None, who=office, on=ON)
    with pytest.raises(ValidationError, match="恢复后才能办理"):
        verify_claim(claim.pk, seen=None, who=office, on=ON)
    dispose(led.pk, Disposition.ACTIVE, reason="调整完成。", seen=None, who=office, on=ON)
    verify_claim(claim.pk, seen=None, who=office, on=ON)
    with pytest.raises(ValidationError, match="先恢复督办"):
        dispose(led.pk, Disposition.CANCELLED, reason="不再需要。", seen=None, who=office, on=ON)
    assert (status(led), led.disposition) == ("closed", "active")
