"""Deeds in any order on one measure: whatever was allowed, what stands follows from the reports and nobody is stuck."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from agencies.access import Principal
from agencies.log import chain
from agencies.models import Agency
from reforms.duties import claimants_of, derive_duties, holders
from reforms.models import Disposition, Duty, Measure, ProgressReport, ReformList, Stale, light_of
from reforms.office.steer import dispose, reassign
from reforms.organisation.merge import merge_agencies
from reforms.pages.reports.worksheet import worksheet
from reforms.reports.claims import check_may_claim
from reforms.reports.permissions import readable_on
from reforms.reports.submit import ReportContent, report_unchanged, submit_report, withdraw_report
from reforms.review.decisions import reopen, return_claim, send_back, sign_claim, verify_claim
from reforms.review.queue import to_review
from reforms.status.settle import settle
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting, attach
from tests.reforms.reorganisations import OFFICE, merge_into
from tests.reforms.review.test_joined_duties import Joint, joint
from tests.turns import shared_out

__all__ = ["joint"]
SEEDS, STEPS = range(6), 60
Deed = Callable[[], object]
State = ProgressReport.State


@dataclass(slots=True)
class Play:
    """Two leads and another agency, and what any of them might do next."""

    measure: Measure
    casts: list[Cast]
    chance: random.Random
    steps: int = 0

    def living(self) -> list[Cast]:
        ids = [cast.agency.pk for cast in self.casts]
        living = {agency.pk for agency in Agency.objects.living().filter(pk__in=ids)}
        return [cast for cast in self.casts if cast.agency.pk in living]

    def deeds(self) -> Iterator[Deed]:
        """One of each kind, by whoever chance says."""
        cast, other = self.chance.sample(self.living(), 2)
        pk, said = (
            self.measure.pk,
            ReportContent(progress=f"第{self.steps}步。", problems=self.chance.choice(["", "缺接口。"])),
        )
        reporter, office = acting(cast.reporter), acting(cast.supervisor)
        yield lambda: submit_report(pk, cast.agency.pk, said, who=reporter, on=ON)
        yield lambda: report_unchanged(pk, cast.agency.pk, who=reporter, on=ON, form_key=str(self.steps))
        yield from [partial(self.claim, cast), partial(self.claim, other)] * 3
        yield from [partial(self.give, cast, other)] * 2
        yield lambda: reopen(pk, reason="复查。", seen=None, who=office, on=ON)
        to = self.chance.choice([Disposition.SUSPENDED, Disposition.ACTIVE, Disposition.ACTIVE])
        yield lambda: dispose(pk, to, reason="调整。", seen=None, who=office, on=ON)
        if len(self.living()) > 2 and self.chance.random() < 0.2:
            yield lambda: merge_into(other.agency, cast.agency)
            yield lambda: merge_agencies(other.agency, cast.agency, who=OFFICE, on=ON)
        yield from self.decisions(office)

    def decisions(self, office: Principal) -> Iterator[Deed]:
        """What may become of each claim that is under way, mostly for the better."""
        for report in ProgressReport.objects.filter(measure=self.measure).order_by("pk"):
            own = next((cast for cast in self.casts if cast.agency.pk == report.agency_id), self.casts[0])
            reporter, approver = acting(own.reporter), acting(own.approver)
            if report.state in (State.SUBMITTED, State.UNDER_REVIEW, State.AWAITING_SIGNATURE):
                yield partial(withdraw_report, report.pk, seen=None, who=reporter, on=ON)
            if report.state == State.AWAITING_SIGNATURE:
                yield from [partial(sign_claim, report.pk, seen=None, who=approver, on=ON)] * 4
                yield partial(send_back, report.pk, reason="不妥。", seen=None, who=approver, on=ON)
            if report.state == State.UNDER_REVIEW:
                yield from [partial(verify_claim, report.pk, seen=None, who=office, on=ON)] * 3
                yield partial(return_claim, report.pk, reason="不全。", seen=None, who=office, on=ON)

    def give(self, holder: Cast, heir: Cast) -> None:
        who, pks = acting(holder.supervisor), (holder.agency.pk, heir.agency.pk)
        reassign(self.measure.pk, *pks, reason="改。", seen=None, who=who, on=ON)

    def claim(self, cast: Cast) -> None:
        attach(self.measure, cast.agency, cast.reporter, name=f"{self.steps}.pdf")
        said = ReportContent(progress=f"第{self.steps}步完成。", is_claim=True)
        submit_report(self.measure.pk, cast.agency.pk, said, who=acting(cast.reporter), on=ON)

    def go_on(self) -> None:
        """One deed; what the rules refuse is not done. Anything else that goes wrong is a fault."""
        self.steps += 1
        deed = self.chance.choice(list(self.deeds()))
        with suppress(ValidationError, PermissionDenied, Stale), transaction.atomic():
            deed()


def standing(measure: Measure) -> tuple[object, ...]:
    measure.refresh_from_db()
    facts = ("status", "disposition", "first_report_on", "last_report_on", "claimed_on", "closed_on")
    duties = Duty.objects.filter(measure=measure).order_by("agency")
    return (
        *(getattr(measure, name) for name in facts),
        *duties.values_list("agency", "part", "via", "status", "last_report_on"),
    )


def faults(measure: Measure) -> Iterator[str]:
    """What must never be."""
    before = standing(measure)
    for again in (derive_duties, settle):
        with transaction.atomic():
            again([measure.pk])
            if standing(measure) != before:
                yield f"{again.__name__} once more changes {before} to {standing(measure)}"
            transaction.set_rollback(True)
    measure.refresh_from_db()
    duties, must = holders(measure), claimants_of(measure)
    yield from (f"{duty.agency} is dissolved and holds a duty" for duty in duties if not duty.agency.is_living)
    verified = set(measure.reports.filter(state=State.VERIFIED).values_list("duty", flat=True))
    if measure.status == "closed" and not {duty.pk for duty in duties if duty.agency_id in must} <= verified:
        yield "closed, and somebody who must claim has no verified claim"
    if measure.status == "closed":
        yield from _closed_on_half(measure)
    waiting = {thing.pk for thing in to_review(Principal(label="督办"))}
    lost = measure.reports.filter(state=State.UNDER_REVIEW, measure__disposition="active").exclude(pk__in=waiting)
    yield from (f"claim {report.pk} waits and is in no queue" for report in lost)
    if Measure.objects.filter(pk=measure.pk).with_light(ON).get().light != light_of(measure, ON):
        yield "the light in SQL is another one"
    if measure.disposition == "active" and measure.status != "closed":
        yield from _stuck(measure, duties, must)


def _closed_on_half(measure: Measure) -> Iterator[str]:
    """Of what came back, all of it was claimed again and verified since."""
    for returned in measure.reports.filter(state=State.RETURNED, duty__measure=measure):
        since = returned.updated_at or returned.recorded_at
        if not measure.reports.filter(duty=returned.duty, state=State.VERIFIED, recorded_at__gt=since).exists():
            yield f"closed, and claim {returned.pk} came back and was never mended"


def _stuck(measure: Measure, duties: list[Duty], must: frozenset[int]) -> Iterator[str]:
    """Whoever must claim and has not may do so, and the form says what the rule says."""
    for duty in duties:
        own = Principal(label="人", roles=frozenset({("reporter", duty.agency_id)}))
        sheet = worksheet(measure, duty, duties, readable=readable_on(own, duties))
        try:
            check_may_claim(ProgressReport(measure=measure, duty=duty, agency_id=duty.agency_id), measure)
        except ValidationError as error:
            refused = error.messages[0]
        else:
            refused = ""
        if bool(refused) != bool(sheet.claim_refusal):
            yield f"{duty.agency}: the form says “{sheet.claim_refusal}”, the rule “{refused}”"
        if refused and duty.agency_id in must and duty.status in ("not_reported", "in_progress"):
            yield f"{duty.agency} must claim and may not: {refused}"


@pytest.mark.parametrize("seed", shared_out(SEEDS, days=3))
def test_whatever_is_done_what_stands_follows_and_nobody_is_stuck(joint: Joint, person: PersonMaker, seed: int) -> None:
    chance = random.Random(seed)  # chosen by chance, not kept from anybody
    claimed_by = chance.choice(["as_printed", *["every_lead"] * 4])
    ReformList.objects.filter(pk=joint.measure.reform_list_id).update(claimed_by=claimed_by)
    others = [Cast(person, Agency.objects.create(name=name), prefix=name) for name in ("市丙局",)]
    for cast in (joint.first, *others):
        Agency.objects.filter(pk=cast.agency.pk).update(signs_claims=chance.random() < 0.4)
    measure = Measure.objects.select_related("reform_list").get(pk=joint.measure.pk)
    play = Play(measure, [joint.first, joint.second, *others], chance)
    for _ in range(STEPS):
        play.go_on()
        assert list(faults(measure)) == []
    assert chain.verify().fault is None
