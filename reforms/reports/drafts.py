"""Drafts, kept on the server as one types: one per agency and measure, which colleagues share.

A draft is no report yet and is not logged. Two who write on it at once are told (Stale) and lose nothing.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from reforms.files.storage import release
from reforms.models import (
    Duty,
    Evidence,
    Measure,
    ProgressReport,
    StoredFile,
    carry_evidence,
    check_version,
    lock_measure,
)
from reforms.reports.claims import new_draft
from reforms.reports.submit import (
    ReportContent,
    check_last,
    check_not_at_signature,
    check_takes_reports,
    last_sent,
    name_officer,
    submit_report,
    wrote_last,
)

State = ProgressReport.State
WRITTEN = ("progress", "next_step", "problems", "outlook", "is_claim", "result", "signed_by", "signed_on")
AGAIN = ("progress", "next_step", "problems", "outlook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """The form that writes a draft. What the same form (`form_key`) wrote before is no colleague's text. `draft_seen`
    is the version that it shows. `last_seen` is the id of the agency's last report that the form knew of (0 for none),
    so that what arrives late, after the draft was sent, begins no new one. `replaces` is the own report it corrects.
    Division and officer are the duty's own."""

    form_key: str = ""
    draft_seen: int | None = None
    last_seen: int | None = None
    replaces: int | None = None
    division: str | None = None
    officer: str | None = None

    def knows(self, draft: ProgressReport) -> bool:
        """Whether the form shows the draft as it is."""
        return wrote_last(draft, self.form_key) or draft.version == self.draft_seen


def draft_of(measure_id: int, agency_id: int) -> ProgressReport | None:
    """The agency's draft on a measure."""
    return ProgressReport.objects.drafts().filter(measure=measure_id, agency=agency_id, by_office=False).first()


def save_draft(
    measure_id: int,
    agency_id: int,
    written: Mapping[str, object],
    *,
    seen: int | None,
    who: Principal,
    on: dt.date,
    pen: Pen | None = None,
) -> ProgressReport:
    """Keep what was written so far (any of WRITTEN). `seen` is the version it was written on, 0 when there was none
    yet, None to ask nothing; `pen` says which form writes. Raises PermissionDenied, Stale, ValidationError."""
    pen = pen or Pen()
    with transaction.atomic():
        measure, duty = _place(measure_id, agency_id, who=who)
        check_last(last_sent(measure.pk, agency_id), pen.last_seen)
        known = draft_of(measure_id, agency_id)
        # A form whose last answer was lost writes on what it wrote itself, whatever version that is by now.
        asked = None if known and wrote_last(known, pen.form_key) else seen
        draft = _open(measure, duty, known, seen=asked, who=who, on=on)
        for name in WRITTEN:
            if name in written:
                setattr(draft, name, written[name])
        # Under a key that has made a report, sending this draft would only give that report again.
        draft.form_key, draft.replaces_id = unused_key(pen.form_key, draft), pen.replaces
        draft.full_clean(validate_unique=False, validate_constraints=False)
        _keep(draft)
        name_officer(duty, division=pen.division, officer=pen.officer)
    return draft


def discard_draft(measure_id: int, agency_id: int, *, seen: int | None, who: Principal) -> None:
    """Throw an own draft away, and its evidence. Raises PermissionDenied, Stale."""
    if not may(who, Verb.REPORT, [agency_id]):
        raise PermissionDenied
    with transaction.atomic():
        lock_measure(measure_id)
        draft = draft_of(measure_id, agency_id)
        if draft:
            check_version(draft, seen)
            for evidence in Evidence.objects.filter(report=draft).select_related("stored"):
                evidence.delete()
                # Held, so that nobody takes the file up while it is let go.
                release(StoredFile.objects.select_for_update().get(pk=evidence.stored_id))
            draft.delete()


def _keep(draft: ProgressReport) -> None:
    """Save it; a new one that mends a returned claim begins with that claim's evidence."""
    is_new = draft.pk is None
    draft.save()
    if is_new:
        returned = ProgressReport.objects.unanswered_returns().filter(duty=draft.duty_id).first()
        if returned:
            carry_evidence(returned, draft)


def unused_key(form_key: str, draft: ProgressReport) -> str:
    """The key of the form, unless it has made a report already."""
    made = ProgressReport.objects.filter(measure=draft.measure_id, agency=draft.agency_id, form_key=form_key)
    return "" if made.exclude(pk=draft.pk).exists() else form_key


def _place(measure_id: int, agency_id: int, *, who: Principal) -> tuple[Measure, Duty]:
    """The measure, held, and the agency's duty on it."""
    if not may(who, Verb.REPORT, [agency_id]):
        raise PermissionDenied
    measure = lock_measure(measure_id)
    duty = Duty.objects.filter(measure=measure, agency=agency_id).first()
    if duty is None:
        raise PermissionDenied
    check_takes_reports(measure)
    return measure, duty


def _open(
    measure: Measure,
    duty: Duty,
    draft: ProgressReport | None,
    *,
    seen: int | None,
    who: Principal,
    on: dt.date,
) -> ProgressReport:
    """The draft to write on; a new one is not saved yet."""
    if draft is None:
        return _begin(measure, duty, who=who, on=on)
    check_version(draft, seen)
    written_on(draft, who)
    return draft


def written_on(draft: ProgressReport, who: Principal) -> None:
    """Say that `who` changed it now; the caller saves it."""
    draft.version, draft.updated_at = draft.version + 1, timezone.now()
    draft.author, draft.author_user_id, draft.author_token_id = who.label, who.user_id, who.token_id


def _begin(measure: Measure, duty: Duty, *, who: Principal, on: dt.date) -> ProgressReport:
    check_not_at_signature(measure, duty.agency_id)
    return new_draft(measure, duty, duty.agency_id, who=who, on=on)


def submit_draft(
    report_id: int,
    *,
    seen: int | None,
    who: Principal,
    on: dt.date,
    signed_by: str = "",
    signed_on: dt.date | None = None,
    division: str | None = None,
    officer: str | None = None,
    external_ref: str = "",
) -> ProgressReport:
    """Send the agency's draft just as it is; it becomes the report. What was approved on the draft stays approved.

    Raises PermissionDenied, Stale, and ValidationError where it is no draft or cannot be sent.
    """
    with transaction.atomic():
        draft = held_draft(report_id, seen=seen, who=who)
        said = ReportContent(
            progress=draft.progress,
            next_step=draft.next_step,
            problems=draft.problems,
            outlook=ProgressReport.Outlook(draft.outlook),
            is_claim=draft.is_claim,
            result=draft.result,
            signed_by=signed_by or draft.signed_by,
            signed_on=signed_on or draft.signed_on,
            division=division,
            officer=officer,
            external_ref=external_ref or draft.external_ref,
        )
        return submit_report(draft.measure_id, draft.agency_id, said, who=who, on=on, replaces=_replaced(draft))


def _replaced(draft: ProgressReport) -> int | None:
    """What the draft corrects, unless it has taken its place already (sent, and taken back to be mended)."""
    if draft.replaces_id is None:
        return None
    standing = ProgressReport.objects.filter(pk=draft.replaces_id).exclude(state=State.REPLACED)
    return draft.replaces_id if standing.exists() else None


def change_draft(
    report_id: int, written: Mapping[str, object], *, seen: int | None, who: Principal, on: dt.date
) -> ProgressReport:
    """Write on the agency's draft (reforms.reports.drafts.WRITTEN). Raises as `submit_draft` does."""
    with transaction.atomic():
        draft = held_draft(report_id, seen=seen, who=who)
        return save_draft(draft.measure_id, draft.agency_id, written, seen=seen, who=who, on=on)


def throw_away(report_id: int, *, seen: int | None, who: Principal) -> None:
    """Throw the agency's draft away, and its evidence. Raises as `submit_draft` does."""
    with transaction.atomic():
        draft = held_draft(report_id, seen=seen, who=who)
        discard_draft(draft.measure_id, draft.agency_id, seen=seen, who=who)


def held_draft(report_id: int, *, seen: int | None, who: Principal) -> ProgressReport:
    """The draft and its measure, held; only those who write for the agency. Must be called inside a transaction.
    Raises PermissionDenied, Stale, and ValidationError where it is no draft."""
    lock_measure(ProgressReport.objects.values_list("measure_id", flat=True).get(pk=report_id))
    # Read once the measure is held: it may have been sent meanwhile.
    draft = ProgressReport.objects.get(pk=report_id)
    if draft.by_office or not may(who, Verb.REPORT, [draft.agency_id]):
        raise PermissionDenied
    check_version(draft, seen)
    if draft.state != State.DRAFT:
        raise ValidationError(
            _("该填报现为“%(state)s”，不是草稿。") % {"state": draft.get_state_display()}, code="not_a_draft"
        )
    return draft
