"""佐证材料: the files that bear a report out. A file is kept once, however often it is handed in."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reforms.models.reports import ProgressReport


class StoredFile(models.Model):
    """The bytes of one file, known by their SHA-256 (hexadecimal). `size` in bytes; `content_type` was found by looking
    into the file. Where it lies says nothing of who brought it or what they called it."""

    sha256 = models.CharField(max_length=64, unique=True, error_messages={"unique": _("该文件已经保存过。")})
    size = models.BigIntegerField(_("大小"))
    content_type = models.CharField(_("类型"), max_length=100)
    file = models.FileField(_("文件"), max_length=200)
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size__gt=0),
                name="stored_file_is_not_empty",
                violation_error_message=_("空文件不能保存。"),
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class Evidence(models.Model):
    """A file handed in with a report, under its owner's name for it. `form_key` is that of the request it came by."""

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="evidence")
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="evidence")
    name = models.CharField(_("文件名"), max_length=200)
    added_at = models.DateTimeField()
    added_by = models.CharField(_("上传人"), max_length=120)
    added_by_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    form_key = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("id",)
        verbose_name = _("佐证材料")
        constraints = [
            models.UniqueConstraint(
                fields=("report", "stored"),
                name="evidence_once_per_report",
                violation_error_message=_("这份填报已有同一个文件。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evidence", args=[self.pk])


def carry_evidence(report: ProgressReport, to: ProgressReport) -> None:
    """Attach the files of one report to another too; those it has already stay once."""
    there = set(Evidence.objects.filter(report=to).values_list("stored_id", flat=True))
    for evidence in Evidence.objects.filter(report=report).exclude(stored__in=there):
        evidence.pk, evidence.report, evidence.form_key = None, to, ""
        evidence._state.adding = True
        evidence.save()
