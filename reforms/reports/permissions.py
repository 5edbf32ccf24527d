"""What somebody may read and write of reports: single ones, those of a measure, the evidence with them."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, agencies_for, may
from agencies.log.write import Entry
from agencies.models import Agency
from reforms.duties import claimants_of, holders_of
from reforms.models import Duty, Evidence, Extension, Measure, Notice, Part, ProgressReport, Successors
from reforms.notices.notify import notify
from reforms.reports.matters import raise_matter
from reforms.status.settle import measure_entry


@dataclass(frozen=True, slots=True)
class Readable:
    """What of one measure is open to somebody: all of it, or what concerns `agencies`; false when nothing is."""

    everything: bool
    agencies: frozenset[int]

    def __bool__(self) -> bool:
        return self.everything or bool(self.agencies)


def readable_on(who: Principal, duties: Collection[Duty]) -> Readable:
    """Of the measure of these duties, as `readable_by` says it of reports: the office and the leads everything, the
    others that act on it what is their own, and of whom they took it over from."""
    own = agencies_for(who, Verb.READ_REPORTS)
    holding = own & {duty.agency_id for duty in duties}
    leads = own & {duty.agency_id for duty in duties if duty.part == Part.LEAD}
    everything = bool(leads) or may(who, Verb.READ_REPORTS, ())
    return Readable(everything=everything, agencies=holding | _earlier_selves(holding, duties))


def with_evidence(reports: QuerySet[ProgressReport]) -> QuerySet[ProgressReport]:
    """Reports as pages show them: with agency and evidence loaded."""
    files = Prefetch("evidence", Evidence.objects.select_related("stored"))
    return reports.select_related("agency", "duty").prefetch_related(files)


def readable_report(who: Principal, pk: int) -> ProgressReport:
    """A report whose text `who` may read; Http404 for all others, whether they exist or not."""
    return get_object_or_404(ProgressReport.objects.readable_by(who).select_related("measure", "agency"), pk=pk)


def sent_reports(who: Principal, measure: Measure) -> QuerySet[ProgressReport]:
    """The reports on a measure that were sent and that `who` may read."""
    return ProgressReport.objects.readable_by(who).sent().filter(measure=measure)


def readable_evidence(who: Principal, pk: int) -> Evidence:
    """Evidence with a report that `who` may read; Http404 for all other."""
    found = get_object_or_404(Evidence.objects.select_related("stored"), pk=pk)
    found.report = readable_report(who, found.report_id)
    return found


def _earlier_selves(agencies: frozenset[int], duties: Collection[Duty]) -> frozenset[int]:
    """Whom these agencies succeeded on the measure of these duties, and their own second spellings."""
    measures = {duty.measure_id for duty in duties if duty.agency_id in agencies}
    if not measures:
        return frozenset()
    heirs = Successors.for_measures(list(measures))
    spellings = Agency.objects.filter(merged_into__in=agencies).values_list("pk", flat=True)
    return frozenset(spellings).union(*(heirs.before(agencies, measure) for measure in measures))


def readable_extension(who: Principal, pk: int) -> Extension:
    """An extension that `who` may read; Http404 for all others, whether they exist or not."""
    return get_object_or_404(Extension.objects.readable_by(who).select_related("agency"), pk=pk)


def may_write(who: Principal, report: ProgressReport) -> bool:
    """Whether somebody may take this report back and change what is attached to it: who reports for its agency; where
    the office entered it, a supervisor none of whose agencies acts on the measure."""
    if report.by_office:
        return may(who, Verb.ENTER_FOR, [report.agency_id, *holders_of(report.measure)])
    return may(who, Verb.REPORT, [report.holder_id])


State = ProgressReport.State
CLAIMED = (State.UNDER_REVIEW, State.VERIFIED)


def check_may_claim(report: ProgressReport, measure: Measure) -> None:
    """Raises ValidationError where this agency cannot claim this measure now."""
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
    if duty.agency.signs_claims and not report.signed_by:
        report.state = State.AWAITING_SIGNATURE
        report.save(update_fields=["state"])
        notify(Notice.Kind.TO_SIGN, on=on, agencies=[report.agency_id], measure=report.measure)
        return [claim_entry("claim.written", report)]
    return [reach_office(report, on=on)]


def reach_office(report: ProgressReport, *, on: dt.date) -> Entry:
    """From here the clock stands still: what follows is others' work."""
    report.state, report.claimed_on = State.UNDER_REVIEW, on
    report.save(update_fields=["state", "claimed_on"])
    raise_matter(report)
    return claim_entry("claim.submitted", report)


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
    if report.signed_by:
        facts |= {"signed_by": report.signed_by, "signed_on": report.signed_on and report.signed_on.isoformat()}
    if report.source:
        facts["source"] = report.source
    return measure_entry(action, report.measure_id, agency_id=report.agency_id, after=facts, reason=reason)


def check_evidenced(report: ProgressReport) -> None:
    """A claim bears itself out by at least one file; what the office enters, by the letter it names."""
    if report.source or Evidence.objects.filter(report=report).exists():
        return
    raise ValidationError(_("申请销号须附佐证材料。请先保存草稿、上传材料，再报送。"), code="needs_evidence")
