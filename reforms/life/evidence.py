"""Evidence that goes from one report to another, and how much of it a claim needs."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from reforms.models import Evidence, ProgressReport


def carry_evidence(report: ProgressReport, to: ProgressReport) -> None:
    """Attach the files of one report to another too; those it has already stay once."""
    there = set(Evidence.objects.filter(report=to).values_list("stored_id", flat=True))
    for evidence in Evidence.objects.filter(report=report).exclude(stored__in=there):
        evidence.pk, evidence.report, evidence.form_key = None, to, ""
        evidence._state.adding = True
        evidence.save()


def check_evidenced(report: ProgressReport) -> None:
    """A claim bears itself out by at least one file; what the office enters, by the letter it names."""
    if report.source or Evidence.objects.filter(report=report).exists():
        return
    raise ValidationError(_("申请销号须附佐证材料。请先保存草稿、上传材料，再报送。"), code="needs_evidence")
