"""Reporting progress on a duty. Effective at once, marked as said by the agency itself."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.log import Entry, record
from agencies.models import Change
from agencies.principal import Principal
from agencies.rules import Verb, may
from reforms.models import Disposition, Duty, Measure, ProgressReport, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a report says. `form_key` makes a doubly sent form one report, `external_ref` a doubly sent request."""

    progress: str
    next_step: str = ""
    problems: str = ""
    outlook: ProgressReport.Outlook = ProgressReport.Outlook.ON_SCHEDULE
    form_key: str = ""
    external_ref: str = ""


def submit_report(measure_id: int, agency_id: int, said: Said, *, who: Principal, on: dt.date) -> ProgressReport:
    """Record a report of `agency_id` on a measure and carry the standing forward; one transaction.

    The same form or external reference again gives the report it made the first time. Raises PermissionDenied where
    the rules say no, ValidationError where the measure takes no reports or nothing is said.
    """
    if not may(who, Verb.REPORT, [agency_id]):
        raise PermissionDenied
    with transaction.atomic():
        measure = Measure.objects.select_for_update(no_key=True).get(pk=measure_id)
        duty = Duty.objects.filter(measure=measure, agency=agency_id).first()
        if duty is None:
            raise PermissionDenied
        earlier = _earlier(measure, agency_id, said)
        if earlier:
            return earlier
        _check_takes_reports(measure)
        report = _write(measure, duty, said, who=who, on=on)
        entries = [report_entry(report), *_carry_forward(measure, duty, on=on)]
        record(entries, actor=who, on=on)
    return report


def _earlier(measure: Measure, agency_id: int, said: Said) -> ProgressReport | None:
    """The report that the same form, key or reference made before; it must have said the same."""
    own = ProgressReport.objects.filter(agency=agency_id)
    earlier = own.filter(external_ref=said.external_ref).first() if said.external_ref else None
    if earlier is None and said.form_key:
        earlier = own.filter(measure=measure, form_key=said.form_key).first()
    if earlier and not _same(earlier, measure, said):
        raise ValidationError(_("该编号已用于另一份填报，请换一个编号。"), code="reference_taken")
    return earlier


def _same(report: ProgressReport, measure: Measure, said: Said) -> bool:
    """Whether a report says just this of this measure."""
    texts = all(getattr(report, name) == getattr(said, name).strip() for name in ("progress", "next_step", "problems"))
    return texts and report.measure_id == measure.pk and report.outlook == said.outlook


def _check_takes_reports(measure: Measure) -> None:
    if measure.disposition != Disposition.ACTIVE:
        raise ValidationError(_("该举措已不在册，不再接受填报。"), code="not_active")
    if measure.status == Status.CLOSED:
        raise ValidationError(_("该举措已销号，如需补充请联系督办人员恢复督办。"), code="closed")


def _write(measure: Measure, duty: Duty, said: Said, *, who: Principal, on: dt.date) -> ProgressReport:
    report = ProgressReport(
        measure=measure,
        duty=duty,
        agency_id=duty.agency_id,
        progress=said.progress.strip(),
        next_step=said.next_step.strip(),
        problems=said.problems.strip(),
        outlook=said.outlook,
        form_key=said.form_key,
        external_ref=said.external_ref,
        on=on,
        recorded_at=timezone.now(),
        author=who.label,
        author_user_id=who.user_id,
        author_token_id=who.token_id,
    )
    report.full_clean(validate_unique=False, validate_constraints=False)
    report.save()
    return report


def _carry_forward(measure: Measure, duty: Duty, *, on: dt.date) -> list[Entry]:
    """A first report moves 尚未报送 to 推进中, for the duty and for the measure; other statuses stay."""
    before = measure.status
    duty.status = _after_report(duty.status)
    duty.last_report_on = on
    duty.save(update_fields=["status", "last_report_on"])
    measure.status = _after_report(measure.status)
    measure.first_report_on = measure.first_report_on or on
    measure.last_report_on = on
    measure.version += 1
    measure.updated_at = timezone.now()
    measure.save(
        update_fields=["status", "first_report_on", "last_report_on", "version", "updated_at"],
    )
    if measure.status == before:
        return []
    return [
        Entry(
            action="measure.status_changed",
            kind="measure",
            object_id=measure.pk,
            agency_id=duty.agency_id,
            visibility=Change.Visibility.STATUS,
            before={"status": before},
            after={"status": measure.status},
        )
    ]


def _after_report(status: str) -> str:
    return Status.IN_PROGRESS if status == Status.NOT_REPORTED else status


def report_entry(report: ProgressReport) -> Entry:
    """What the log keeps of a report."""
    said = {"progress": report.progress, "next_step": report.next_step, "problems": report.problems}
    return Entry(
        action="report.submitted",
        kind="measure",
        object_id=report.measure_id,
        agency_id=report.agency_id,
        visibility=Change.Visibility.INTERNAL,
        after={"report": report.pk, "outlook": str(report.outlook), **said},
    )
