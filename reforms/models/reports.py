"""What agencies say of their measures."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, Token
from reforms.models.measures import Duty, Measure


class ProgressReport(models.Model):
    """One report of one agency on one measure. Self-reported; appended, never altered.

    `on` is the business date in Asia/Shanghai, `recorded_at` the real time.
    """

    class Outlook(models.TextChoices):
        ON_SCHEDULE = "on_schedule", _("按计划推进")
        BEHIND = "behind", _("进度滞后")
        AWAITING_APPROVAL = "awaiting_approval", _("待上级批复")

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="reports")
    duty = models.ForeignKey(Duty, models.SET_NULL, null=True, related_name="reports")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="reports")
    progress = models.TextField(_("工作进展"), max_length=5000)
    next_step = models.TextField(_("下一步工作安排"), max_length=5000, blank=True)
    problems = models.TextField(_("存在问题、需协调事项"), max_length=5000, blank=True)
    outlook = models.CharField(_("推进情况"), max_length=20, choices=Outlook, default=Outlook.ON_SCHEDULE)
    on = models.DateField(_("填报日期"))
    recorded_at = models.DateTimeField()
    author = models.CharField(_("填报人"), max_length=120)
    author_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    author_token = models.ForeignKey(Token, models.SET_NULL, null=True, blank=True)
    external_ref = models.CharField(_("外部编号"), max_length=80, blank=True)
    form_key = models.CharField(max_length=40, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("agency", "-id"), name="report_by_agency")]
        constraints = [
            models.UniqueConstraint(
                fields=("agency", "external_ref"),
                condition=~models.Q(external_ref=""),
                name="external_ref_once_per_agency",
                violation_error_message=_("该单位已用此外部编号报送过一次。"),
            ),
            models.UniqueConstraint(
                fields=("agency", "measure", "form_key"),
                condition=~models.Q(form_key=""),
                name="one_report_per_form",
                violation_error_message=_("这份填报已经提交过。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(progress=""),
                name="report_says_something",
                violation_error_message=_("请填写工作进展。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.on} {self.progress[:20]}"
