"""申请销号: a claim that a measure is done, on its way to the agency's approver and to the office, and back."""

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.log.write import Entry
from reforms.duties import claimants_of
from reforms.models import TEXTS, Duty, Evidence, Measure, Notice, ProgressReport, carry_evidence
from reforms.notices.notify import notify
from reforms.reports.matters import raise_matter
from reforms.status.settle import measure_entry

State = ProgressReport.State
CLAIMED = (State.UNDER_REVIEW, State.VERIFIED)


def check_may_claim(report: ProgressReport, measure: Measure) -> None:
    """Raises ValidationError where this agency cannot claim this measure now."""
    # What is in place is kept so and reported on, and never done.
    if measure.is_standing:
        raise ValidationError(_("持续巩固的举措不需申请销号，请按期报送。"), code="standing")
    if report.agency_id not in claimants_of(measure):
        raise ValidationError(_("该举措由牵头单位申请销号；请填报进展，由牵头单位汇总。"), code="not_claimant")
    # A duty that was taken over brings the claim of whoever held it before; one that was given away took it along.
    same = Q(duty=report.duty_id) if report.duty_id else Q(agency=report.agency_id)
    waiting = Q(agency=report.agency_id, state=State.UNDER_REVIEW)
    claimed = ProgressReport.objects.filter(waiting | (same & Q(state__in=CLAIMED)), measure=measure)
    if claimed.exists():
        raise ValidationError(_("本单位的销号申请已提交或已核验通过。"), code="already_claimed")


def send_claim(report: ProgressReport, duty: Duty, *, on: dt.date) -> list[Entry]:
    """A claim just written goes to the agency's approver, or to the office where it is signed already or needs none."""
    # A signature given elsewhere (已经本单位审签) stands for the one on the portal.
    if duty.agency.signs_claims and not report.signed_by:
        report.state = State.AWAITING_SIGNATURE
        report.save(update_fields=["state"])
        notify(Notice.Kind.TO_SIGN, on=on, agencies=[report.agency_id], measure=report.measure)
        return [claim_entry("claim.written", report)]
    return [reach_office(report, on=on)]


def reach_office(report: ProgressReport, *, on: dt.date) -> Entry:
    """Send a claim on to the office; the entry to log. `on`, the day it arrives, decides whether it is in time."""
    report.state, report.claimed_on = State.UNDER_REVIEW, on
    report.save(update_fields=["state", "claimed_on"])
    raise_matter(report)
    return claim_entry("claim.submitted", report)


def draft_again(claim: ProgressReport, *, who: Principal, on: dt.date) -> None:
    """What an agency claimed and took back from the office it finds in its draft again, with the evidence, unless it
    has begun another one. Who signed it is to sign anew."""
    drafts = ProgressReport.objects.drafts().filter(measure=claim.measure_id, agency=claim.holder_id, by_office=False)
    if claim.by_office or drafts.exists():
        return
    draft = new_draft(claim.measure, claim.duty, claim.holder_id, who=who, on=on)
    for name in (*TEXTS, "outlook", "result"):
        setattr(draft, name, getattr(claim, name))
    draft.is_claim = True
    draft.save()
    carry_evidence(claim, draft)


def new_draft(measure: Measure, duty: Duty | None, agency_id: int, *, who: Principal, on: dt.date) -> ProgressReport:
    """A draft of an agency on a measure, not saved yet."""
    now = timezone.now()
    return ProgressReport(
        measure=measure,
        duty=duty,
        agency_id=agency_id,
        state=State.DRAFT,
        on=on,
        recorded_at=now,
        updated_at=now,
        author=who.label,
        author_user_id=who.user_id,
        author_token_id=who.token_id,
    )


def put_back(report: ProgressReport, *, reason: str, told: Collection[int], who: Principal, on: dt.date) -> Entry:
    """Make a claim a returned one and notify the agencies `told` (ids); `settle` must follow. The entry to log."""
    report.decide(State.RETURNED, who, on, remark=reason)
    report.save()
    notify(Notice.Kind.RETURNED, on=on, agencies=told, measure=report.measure, facts={"reason": reason})
    return claim_entry("claim.returned", report, reason=reason)


def put_back_beside(report: ProgressReport, *, reason: str, who: Principal, on: dt.date) -> list[Entry]:
    """Two claims on one duty, which was made of two, stand or fall together: the others come back too. The entries to
    log."""
    if report.duty_id is None or not report.is_claim:
        return []
    others = ProgressReport.objects.filter(duty=report.duty_id, state__in=CLAIMED).exclude(pk=report.pk)
    return [
        put_back(other, reason=reason, told=[other.holder_id], who=who, on=on)
        for other in others.select_related("measure", "duty").order_by("pk")
    ]


def verified_claims(measure: Measure) -> QuerySet[ProgressReport]:
    """The claims of a measure that were accepted and count."""
    return ProgressReport.objects.filter(measure=measure, state=State.VERIFIED).order_by("pk")


def claim_entry(action: str, report: ProgressReport, *, reason: str = "") -> Entry:
    """What the log keeps of a claim at each of its steps."""
    facts: dict[str, object] = {"report": report.pk, "progress": report.progress, "state": str(report.state)}
    if report.result:
        facts["result"] = report.result
    if report.signed_by:
        facts |= {"signed_by": report.signed_by, "signed_on": report.signed_on and report.signed_on.isoformat()}
    if report.source:
        facts["source"] = report.source
    if report.replaces_id:
        facts["replaces"] = report.replaces_id
    return measure_entry(action, report.measure_id, agency_id=report.agency_id, after=facts, reason=reason)


def check_evidenced(report: ProgressReport) -> None:
    """A claim needs at least one file as evidence; for what the office enters, the letter it names is enough.
    Raises ValidationError."""
    if report.source or Evidence.objects.filter(report=report).exists():
        return
    raise ValidationError(_("申请销号须附佐证材料。请先保存草稿、上传材料，再报送。"), code="needs_evidence")


class Signed(Protocol):
    """What may say that the agency's own approval was given elsewhere."""

    @property
    def signed_by(self) -> str: ...
    @property
    def signed_on(self) -> dt.date | None: ...


def check_signature(said: Signed, on: dt.date) -> None:
    """Name and date of an approval given elsewhere go together; ValidationError names the field that is missing."""
    if said.signed_by.strip() and said.signed_on is None:
        raise ValidationError({"signed_on": ValidationError(_("请填写本单位审签的日期。"), code="required")})
    if said.signed_on and said.signed_on > on:
        raise ValidationError({"signed_on": ValidationError(_("审签日期不能晚于今天。"), code="in_the_future")})
    if said.signed_on and not said.signed_by.strip():
        raise ValidationError({"signed_by": ValidationError(_("请填写本单位审签人。"), code="required")})
