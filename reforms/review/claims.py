"""申请销号: claimed by an agency, signed inside it where it wants that, verified by the office.

Nobody does two of the three. Whoever decides says which version they saw, so that of two at once one is told
(reforms.lib.versions).
"""

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access.principal import Principal
from agencies.access.rules import Verb, may
from agencies.log.write import record
from reforms.duties.claimants import holders_of
from reforms.lib.versions import check_version
from reforms.models import Disposition, Measure, Notice, ProgressReport, Status
from reforms.models.locks import lock_measure
from reforms.notices.notify import tell
from reforms.reports.claims import (
    check_may_claim,
    claim_entry,
    decide,
    mark_changed,
    put_back,
    put_back_beside,
    reach_office,
    verified_claims,
)
from reforms.review.decisions import check_waits, required_reason
from reforms.status.entries import measure_entry
from reforms.status.settle import settle

State = ProgressReport.State


def sign_claim(report_id: int, *, seen: int | None, who: Principal, on: dt.date) -> ProgressReport:
    """The agency's approver signs; the claim goes to the office with today's date."""
    with transaction.atomic():
        report, measure = _held(report_id)
        check_signer(report, who)
        check_waits(report, State.AWAITING_SIGNATURE, seen)
        _check_active(measure)
        check_may_claim(report, measure)
        report.signed_by, report.signed_by_user_id, report.signed_on = who.label, who.user_id, on
        mark_changed(report)
        report.save()
        entries = [claim_entry("claim.signed", report), reach_office(report, on=on)]
        record([*entries, *settle([measure.pk], agency_id=report.agency_id)], actor=who, on=on)
    return report


def send_back(report_id: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> ProgressReport:
    """The agency's approver does not sign: the claim is a draft again, with the reason."""
    with transaction.atomic():
        report, measure = _held(report_id)
        check_signer(report, who)
        check_waits(report, State.AWAITING_SIGNATURE, seen)
        decide(report, State.DRAFT, who, on, reason=required_reason(reason))
        report.form_key = ""
        report.save()
        tell(Notice.Kind.SENT_BACK, on=on, users=_author(report), measure=measure, facts={"reason": report.reason})
        record([claim_entry("claim.sent_back", report, reason=report.reason)], actor=who, on=on)
    return report


def verify_claim(report_id: int, *, seen: int | None, who: Principal, on: dt.date, remark: str = "") -> ProgressReport:
    """The office accepts a claim. The measure closes when all who must claim are accepted."""
    with transaction.atomic():
        report, measure = _held(report_id)
        check_reviewer(report, holders_of(measure), who)
        check_waits(report, State.UNDER_REVIEW, seen)
        _check_active(measure)
        decide(report, State.VERIFIED, who, on, reason=remark.strip())
        report.save()
        entries = [claim_entry("claim.verified", report, reason=report.reason)]
        entries += settle([measure.pk], agency_id=report.agency_id)
        closed = Measure.objects.filter(pk=measure.pk, status=Status.CLOSED).exists()
        tell(
            Notice.Kind.VERIFIED,
            on=on,
            agencies=_told(report, closed=closed),
            measure=measure,
            facts={"closed": closed},
        )
        record(entries, actor=who, on=on)
    return report


def return_claim(report_id: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> ProgressReport:
    """The office returns a claim with a reason (退回修改): the agency finds it on its desk as a draft to be mended."""
    with transaction.atomic():
        report, measure = _held(report_id)
        check_reviewer(report, holders_of(measure), who)
        check_waits(report, State.UNDER_REVIEW, seen)
        _check_active(measure)
        reason = required_reason(reason)
        entries = [put_back(report, reason=reason, told=[report.holder_id], who=who, on=on)]
        entries += put_back_beside(report, reason=reason, who=who, on=on)
        record([*entries, *settle([measure.pk], agency_id=report.agency_id)], actor=who, on=on)
    return report


def reopen(measure_id: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> Measure:
    """恢复督办: accepted claims no longer count. A closed measure is open again; one that still waited for other leads
    waits for those too whose claims were accepted."""
    with transaction.atomic():
        measure = lock_measure(measure_id)
        holders = holders_of(measure)
        if not may(who, Verb.REVIEW, holders):
            raise PermissionDenied
        check_version(measure, seen)
        claims = list(verified_claims(measure))
        if measure.status != Status.CLOSED and not claims:
            raise ValidationError(_("该举措未销号，也没有核验通过的申请，无需恢复督办。"), code="not_closed")
        reason = required_reason(reason)
        for claim in claims:
            claim.state = State.REOPENED
            mark_changed(claim)
        ProgressReport.objects.bulk_update(claims, ["state", "version", "updated_at"])
        tell(Notice.Kind.REOPENED, on=on, agencies=holders, measure=measure, facts={"reason": reason})
        reopened = {"claims": [claim.pk for claim in claims]}
        entry = measure_entry("measure.reopened", measure.pk, after=reopened, reason=reason)
        record([entry, *settle([measure.pk])], actor=who, on=on)
    return Measure.objects.get(pk=measure_id)


def _held(report_id: int) -> tuple[ProgressReport, Measure]:
    """The claim and its measure, held; read again once nobody else can change them."""
    measure = lock_measure(ProgressReport.objects.values_list("measure_id", flat=True).get(pk=report_id))
    return ProgressReport.objects.select_related("measure", "agency", "duty").get(pk=report_id), measure


def check_signer(report: ProgressReport, who: Principal) -> None:
    """Raises PermissionDenied, or ValidationError saying why just this person does not sign."""
    if not may(who, Verb.SIGN, [report.agency_id]):
        raise PermissionDenied
    if who.user_id == report.author_user_id:
        raise ValidationError(_("不能审签本人填写的申请，请由另一位审核人审签。"), code="own_claim")


def check_reviewer(report: ProgressReport, holders: Collection[int], who: Principal) -> None:
    """Raises PermissionDenied, or ValidationError saying why just this person does not verify; `holders` are the ids
    of the agencies that act on the measure."""
    if not may(who, Verb.REVIEW, [*holders, report.agency_id]):
        raise PermissionDenied
    if who.user_id in (report.author_user_id, report.signed_by_user_id):
        raise ValidationError(_("不能核验本人填写或审签的申请，请由另一位督办人员核验。"), code="own_claim")


def _check_active(measure: Measure) -> None:
    if measure.disposition != Disposition.ACTIVE:
        raise ValidationError(_("该举措已中止、终止或调出清单，恢复后才能办理。"), code="not_active")


def _author(report: ProgressReport) -> list[int]:
    return [report.author_user_id] if report.author_user_id else []


def _told(report: ProgressReport, *, closed: bool) -> list[int]:
    """Who hears of an accepted claim: its agency, and everybody on the measure once it is closed."""
    return holders_of(report.measure) if closed else [report.holder_id]
