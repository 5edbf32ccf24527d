"""Two duties become one: what only one of the two had claimed is claimed anew, for both."""

from dataclasses import dataclass

import pytest
from django.core.exceptions import ValidationError

from agencies.models import Agency, Change
from reforms.catalogue.rows import viewpoint
from reforms.desk.agency import desk_of
from reforms.desk.duties import Group
from reforms.models import Duty, Measure, Notice, Part, ProgressReport, ReformList
from reforms.office.steer import reassign
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import reopen, verify_claim
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach
from tests.reforms.reorganisations import merge_into

State = ProgressReport.State
DONE = ReportContent(progress="本单位部分已完成。", is_claim=True)


@dataclass(frozen=True, slots=True)
class Joint:
    """A measure with two leads, both of which must claim; the second one's people are `second`."""

    measure: Measure
    first: Cast
    second: Cast

    def claim(self, cast: Cast) -> ProgressReport:
        attach(self.measure, cast.agency, cast.reporter)
        return submit_report(self.measure.pk, cast.agency.pk, DONE, who=acting(cast.reporter), on=ON)

    def verified(self, cast: Cast) -> ProgressReport:
        return verify_claim(self.claim(cast).pk, seen=None, who=acting(self.first.supervisor), on=ON)

    def join(self) -> None:
        """The first agency's part goes to the second."""
        reassign(
            *(self.measure.pk, self.first.agency.pk, self.second.agency.pk),
            reason="职责调整。",
            seen=None,
            who=acting(self.first.supervisor),
            on=ON,
        )

    @property
    def standing(self) -> tuple[str, str]:
        """Status of the measure, and of the duty that is left."""
        self.measure.refresh_from_db()
        return self.measure.status, Duty.objects.get(measure=self.measure, agency=self.second.agency).status


@pytest.fixture
def joint(reform_list: ReformList, person: PersonMaker) -> Joint:
    ReformList.objects.filter(pk=reform_list.pk).update(claimed_by="every_lead")
    for measure in Measure.objects.filter(is_standing=False, deadline__gt=ON).order_by("row"):
        leads = list(Duty.objects.filter(measure=measure, part=Part.LEAD, via=None).order_by("pk"))
        if len(leads) == 2 and Duty.objects.filter(measure=measure).count() == 2:
            casts = [Cast(person, duty.agency, prefix=f"joint{place}") for place, duty in enumerate(leads)]
            return Joint(measure, *casts)
    raise AssertionError("the list has no measure with two leads alone")


@pytest.mark.parametrize("verified", [True, False])
def test_a_claim_for_one_half_comes_back_to_the_heir_with_the_reason(joint: Joint, *, verified: bool) -> None:
    claim = joint.verified(joint.first) if verified else joint.claim(joint.first)
    submit_report(
        joint.measure.pk,
        joint.second.agency.pk,
        ReportContent(progress="在办。"),
        who=acting(joint.second.reporter),
        on=ON,
    )
    joint.join()
    claim.refresh_from_db()
    assert (claim.state, "重新申请销号" in claim.reason) == (State.RETURNED, True)
    assert joint.standing == ("in_progress", "in_progress")
    told = Notice.objects.filter(kind="returned", facts__reason=claim.reason)
    assert {notice.agency for notice in told} == {joint.first.agency, joint.second.agency}
    desk = desk_of(viewpoint(acting(joint.second.reporter), ON))
    assert [one.measure_id for one in desk.groups[Group.RETURNED]] == [joint.measure.pk]
    last = Change.objects.filter(action="claim.returned").get()
    assert (last.object_id, last.reason) == (joint.measure.pk, claim.reason)
    both = submit_report(joint.measure.pk, joint.second.agency.pk, DONE, who=acting(joint.second.reporter), on=ON)
    assert [piece.name for piece in both.evidence.all()] == ["验收报告.pdf"]
    verify_claim(both.pk, seen=None, who=acting(joint.first.supervisor), on=ON)
    assert joint.standing == ("closed", "closed")


def test_the_heir_s_own_half_comes_back_too(joint: Joint) -> None:
    claim = joint.verified(joint.second)
    joint.join()
    claim.refresh_from_db()
    assert claim.state == State.RETURNED
    assert joint.standing == ("in_progress", "in_progress")


def test_what_both_have_claimed_stays_claimed(joint: Joint) -> None:
    joint.verified(joint.first)
    waiting = joint.claim(joint.second)
    joint.join()
    assert not ProgressReport.objects.filter(state=State.RETURNED).exists()
    assert joint.standing == ("under_review", "under_review")
    verify_claim(waiting.pk, seen=None, who=acting(joint.first.supervisor), on=ON)
    assert joint.standing == ("closed", "closed")


def test_a_succession_settles_at_once(joint: Joint) -> None:
    joint.verified(joint.first)
    joint.claim(joint.second)
    heir = Agency.objects.create(name="市大甲局")
    merge_into(heir, joint.first.agency)
    joint.measure.refresh_from_db()
    assert joint.measure.status == "under_review"
    merge_into(joint.second.agency, heir)
    assert joint.standing == ("under_review", "under_review")


def test_a_succession_returns_what_only_one_had_claimed(joint: Joint) -> None:
    claim = joint.verified(joint.first)
    merge_into(joint.second.agency, joint.first.agency)
    claim.refresh_from_db()
    assert claim.state == State.RETURNED
    assert joint.standing == ("in_progress", "in_progress")


def test_the_accepted_claim_of_one_lead_is_undone_before_the_measure_closes(joint: Joint) -> None:
    claim = joint.verified(joint.first)
    joint.claim(joint.second)
    supervisor = acting(joint.first.supervisor)
    reopen(joint.measure.pk, reason="核验有误。", seen=None, who=supervisor, on=ON)
    claim.refresh_from_db()
    assert (claim.state, joint.standing) == (State.REOPENED, ("in_progress", "under_review"))
    with pytest.raises(ValidationError, match="无需恢复督办"):
        reopen(joint.measure.pk, reason="再来。", seen=None, who=supervisor, on=ON)
    joint.verified(joint.first)
    assert joint.standing[0] == "under_review"
