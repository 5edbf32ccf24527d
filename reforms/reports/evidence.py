"""Handing in evidence with a report, and taking it back."""

import datetime as dt
from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.log.write import Entry, record
from reforms.files.inspection import clean_name, inspect, refusal
from reforms.files.storage import Content, claim_row, delete_unused, release, store
from reforms.models import Evidence, ProgressReport, StoredFile
from reforms.reports.drafts import Pen, unused_key, written_on
from reforms.reports.permissions import may_write
from reforms.status.settle import measure_entry


def takes_evidence(report: ProgressReport) -> bool:
    """Whether evidence may still be added to a report or removed from it: on a draft, and on a progress report. What
    is signed or verified is decided on as it was sent; a claim is withdrawn first."""
    return report.state in (ProgressReport.State.DRAFT, ProgressReport.State.SUBMITTED)


def may_change_evidence(who: Principal, report: ProgressReport) -> bool:
    """Whether somebody may add evidence to this report and remove it: who reports for its agency, and the office where
    it entered the report itself."""
    return may_write(who, report) and takes_evidence(report)


def add_evidence(
    report_id: int,
    upload: "File[bytes]",
    *,
    who: Principal,
    on: dt.date,
    form_key: str = "",
    pen: Pen | None = None,
) -> tuple[Evidence, bool]:
    """Keep a file and attach it to a report; the evidence, and whether it is new: the same file again is the same one.

    Raises PermissionDenied where the rules say no, ValidationError (naming the file and what to do) where the file or
    the report does not allow it. A `form_key` belongs to one file of a report; `pen` is the form in which the report is
    being written beside its files.
    """
    report = ProgressReport.objects.get(pk=report_id)
    name = clean_name(upload.name or "")
    # Before anything is read or stored, and again below, once the report is held.
    _check_report(report, who)
    content = inspect(upload, name)
    earlier = _earlier(report, content, form_key)
    if earlier:
        return earlier, False
    _check_room(report, name)
    kept = store(upload, content)
    try:
        with transaction.atomic():
            report = ProgressReport.objects.select_for_update(no_key=True).get(pk=report_id)
            _check_report(report, who)
            earlier = _earlier(report, content, form_key)
            if earlier:
                return earlier, False
            _check_room(report, name)
            stored = claim_row(upload, content, kept)
            evidence = _attach(report, stored, name, form_key=form_key, who=who)
            _raise_version(report, who, pen)
            record([_entry("evidence.added", evidence)], who=who, on=on)
    finally:  # refused at the last moment, or somebody else stored the same file: no row may name this one
        transaction.on_commit(partial(delete_unused, kept, content.sha256), robust=True)
    return evidence, True


def _raise_version(report: ProgressReport, who: Principal, pen: Pen | None) -> None:
    """The files are part of what is signed, sent and decided: whoever saw others has seen another report. The form that
    stands beside the files, and had seen the draft as it was, has seen it still."""
    if report.state == ProgressReport.State.DRAFT:
        report.form_key = unused_key(pen.form_key, report) if pen and pen.knows(report) else ""
        written_on(report, who)
    else:
        report.version += 1
    report.save()


def _attach(report: ProgressReport, stored: StoredFile, name: str, *, form_key: str, who: Principal) -> Evidence:
    return Evidence.objects.create(
        report=report,
        stored=stored,
        name=name,
        added_at=timezone.now(),
        added_by=who.label,
        added_by_user_id=who.user_id,
        form_key=form_key,
    )


def remove_evidence(pk: int, *, who: Principal, on: dt.date, pen: Pen | None = None) -> None:
    """Take a piece of evidence off its report; a file that no other report uses is deleted, the log keeps its hash.
    `pen` as for `add_evidence`.

    Raises Evidence.DoesNotExist, PermissionDenied, ValidationError (the report is closed to changes).
    """
    with transaction.atomic():
        report_id = Evidence.objects.values_list("report_id", flat=True).get(pk=pk)
        report = ProgressReport.objects.select_for_update(no_key=True).get(pk=report_id)
        _check_report(report, who)
        evidence = Evidence.objects.select_related("report", "stored").get(pk=pk)
        # The report first and then its file, in the order in which `add_evidence` takes them.
        stored = StoredFile.objects.select_for_update().get(pk=evidence.stored_id)
        entry = _entry("evidence.removed", evidence)
        evidence.delete()
        _raise_version(report, who, pen)
        release(stored)
        record([entry], who=who, on=on)


def _check_report(report: ProgressReport, who: Principal) -> None:
    if not may_write(who, report):
        raise PermissionDenied
    if not takes_evidence(report):
        raise ValidationError(_("这份填报已不能增删佐证材料。请另报一次进展并附上材料。"), code="report_closed")


def _earlier(report: ProgressReport, content: Content, form_key: str) -> Evidence | None:
    """The same file on the same report. A form key that brought another file is refused."""
    own = Evidence.objects.filter(report=report).select_related("stored")
    earlier = own.filter(stored__sha256=content.sha256).first()
    if form_key and own.filter(form_key=form_key).exclude(stored__sha256=content.sha256).exists():
        raise ValidationError(_("该编号已用于另一个文件，请换一个编号。"), code="reference_taken")
    return earlier


def _check_room(report: ProgressReport, name: str) -> None:
    if Evidence.objects.filter(report=report).count() >= settings.EVIDENCE_MAX_FILES:
        raise refusal("too_many", name)


def _entry(action: str, evidence: Evidence) -> Entry:
    stored = evidence.stored
    facts = {"report": evidence.report_id, "name": evidence.name, "sha256": stored.sha256, "size": stored.size}
    removed = action == "evidence.removed"
    before, after = (facts, {}) if removed else ({}, facts)
    report = evidence.report
    return measure_entry(action, report.measure_id, agency_id=report.agency_id, before=before, after=after)
