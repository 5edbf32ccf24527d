"""Evidence that goes from one report to another, and how much of it a claim needs."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from reforms.models import Evidence, ProgressReport


def check_evidenced(report: ProgressReport) -> None:
    """A claim bears itself out by at least one file; what the office enters, by the letter it names."""
    if report.source or Evidence.objects.filter(report=report).exists():
        return
    raise ValidationError(_("申请销号须附佐证材料。请先保存草稿、上传材料，再报送。"), code="needs_evidence")
