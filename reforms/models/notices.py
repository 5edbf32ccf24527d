"""消息: what people are told, who has seen it, and of what somebody wants to be told."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by whether they were seen and are still to be mailed."""

    def unseen_by(self, user_id: int) -> Self:
        """Those that this person has not seen."""
        return self.exclude(sightings__user=user_id)

    def to_mail(self) -> Self:
        """Those that are still to be put into a letter of their own."""
        return self.filter(by_mail=True, delivery=None).exclude(kind__in=(*IN_DIGESTS, Notice.Kind.WATCHED))

    def to_digest(self) -> Self:
        """Those that are still to be put into their agency's digest."""
        return self.filter(by_mail=True, delivery=None, kind__in=IN_DIGESTS)

    def to_daily(self) -> Self:
        """Those that are still to be put into the one letter a day of who wants to be told."""
        return self.filter(by_mail=True, delivery=None, kind=Notice.Kind.WATCHED)


class Notice(models.Model):
    """消息: something that happened and that an agency, one person, or the office is told. `facts` fill the sentence.

    Addressed to `agency` (its reporters and approvers), to `user`, or, when neither is set, to the office, where `by`,
    who did it, need not be told. `by_mail` says whether it also goes out as a letter, and `delivery` in which.
    `once` is the key of what the sweep writes: of two sweeps at once, one writes it.
    """

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", _("任务交办")
        RETURNED = "returned", _("退回修改")
        VERIFIED = "verified", _("核验通过")
        REOPENED = "reopened", _("恢复督办")
        EXTENSION_GRANTED = "extension_granted", _("同意延期")
        EXTENSION_REFUSED = "extension_refused", _("不同意延期")
        DEADLINE_ADJUSTED = "deadline_adjusted", _("时限调整")
        CHASED = "chased", _("催办")
        TO_SIGN = "to_sign", _("待审签")
        SENT_BACK = "sent_back", _("审签退回")
        MATTER_ANSWERED = "matter_answered", _("协调答复")
        DISPOSED = "disposed", _("中止、终止或恢复")
        HANDED_OVER = "handed_over", _("工作移交")
        ORDERED = "ordered", _("督办单")
        ORDER_VOID = "order_void", _("督办单作废")
        ORDER_ANSWERED = "order_answered", _("督办单反馈")
        DOCUMENT = "document", _("公文")
        DOCUMENT_VOID = "document_void", _("公文作废")
        PAPER_SIGNED = "paper_signed", _("送审稿签发")
        REMINDED = "reminded", _("到期提醒")
        REPORT_DUE = "report_due", _("报送提醒")
        ACKNOWLEDGE_DUE = "acknowledge_due", _("签收提醒")
        WEEK = "week", _("本周督办情况")
        FILE_MADE = "file_made", _("导出文件")
        WATCHED = "watched", _("关注的动态")

    kind = models.CharField(max_length=20, choices=Kind)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="notices")
    measure = models.ForeignKey("Measure", models.CASCADE, null=True, blank=True, related_name="notices")
    facts = models.JSONField(default=dict)
    on = models.DateField()
    created_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_mail = models.BooleanField(default=False)
    once = models.CharField(max_length=120, unique=True, null=True, blank=True)
    delivery = models.ForeignKey("Delivery", models.PROTECT, null=True, blank=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("agency", "-id"), name="notice_by_agency"),
            models.Index(fields=("user", "-id"), name="notice_by_user"),
            # Asked every minute, and mostly of nothing: the index holds only what is still to go out.
            models.Index(fields=("id",), condition=models.Q(by_mail=True, delivery=None), name="notice_to_gather"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(agency=None) | models.Q(user=None),
                name="notice_has_one_addressee",
                violation_error_message=_("一条消息只能发给一个单位或一个人。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.agency_id or self.user_id or '-'} {self.on}"


# A part of the day's letter, beside the deadlines (reforms.reminders.asks).
IN_DIGESTS = (Notice.Kind.REPORT_DUE, Notice.Kind.ACKNOWLEDGE_DUE)


class NoticeRead(models.Model):
    """A person has seen a notice."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="sightings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        # Tables keep the names by which databases in use have them (docs/adr/0010-rooms-by-the-job.md).
        db_table = "reforms_sighting"
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("notice", "user"), name="seen_once")]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.user_id}"


class Watching(models.Model):
    """通知我: somebody wants to be told what happens to a measure, or to those that a saved view finds.

    `told_to` is the sequence of the change log up to which they were told. `as_holder` says that an agency of theirs
    acted on the measure when they asked: it ends when none does any more. `by_mail`: also in one letter a day.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="watches")
    measure = models.ForeignKey("Measure", models.CASCADE, null=True, blank=True, related_name="+")
    view = models.ForeignKey("SavedView", models.CASCADE, null=True, blank=True, related_name="+")
    as_holder = models.BooleanField(default=False)
    by_mail = models.BooleanField(default=True)
    told_to = models.BigIntegerField()

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("told_to",), name="watch_by_sequence")]
        constraints = [
            models.UniqueConstraint(fields=("user", "measure"), name="a_measure_watched_once"),
            models.UniqueConstraint(fields=("user", "view"), name="a_view_watched_once"),
            models.CheckConstraint(
                condition=models.Q(measure=None, view__isnull=False) | models.Q(measure__isnull=False, view=None),
                name="a_measure_or_a_view_is_watched",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.measure_id or self.view_id}"
