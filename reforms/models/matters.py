"""What happens around the reports: lists taken note of, matters to be coordinated, and what people are told."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from reforms.models.lists import ListEdition
from reforms.models.measures import Measure
from reforms.models.reminders import Delivery
from reforms.models.reports import ProgressReport


class Acknowledgement(models.Model):
    """签收: an agency has taken note of its duties in an edition. Once per agency and edition."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="acknowledgements")
    edition = models.ForeignKey(ListEdition, models.PROTECT, related_name="acknowledgements")
    on = models.DateField(_("签收日期"))
    recorded_at = models.DateTimeField()
    author = models.CharField(_("签收人"), max_length=120)
    author_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("agency", "edition"),
                name="acknowledged_once_per_edition",
                violation_error_message=_("本单位已签收这一版清单。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.edition_id} {self.on}"


class MatterQuerySet(models.QuerySet["Matter"]):
    def living(self) -> Self:
        return self.filter(state__in=("open", "taken"))


class Matter(models.Model):
    """需协调事项: a problem that an agency reported and the office works on. One living per measure and agency.

    `text` is what the latest report says of it; when a report no longer raises it, it is dropped.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待协调")
        TAKEN = "taken", _("协调中")
        SETTLED = "settled", _("已协调")
        DROPPED = "dropped", _("不再提出")

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="matters")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="matters")
    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="matters")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.OPEN)
    text = models.TextField(_("需协调事项"))
    answer = models.TextField(_("协调情况"), max_length=2000, blank=True)
    raised_on = models.DateField(_("提出日期"))
    handled_on = models.DateField(_("处理日期"), null=True, blank=True)
    handled_by = models.CharField(_("处理人"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MatterQuerySet.as_manager()

    class Meta:
        ordering = ("raised_on", "id")
        indexes = [models.Index(fields=("state", "raised_on"), name="matter_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=("measure", "agency"),
                condition=models.Q(state__in=("open", "taken")),
                name="one_living_matter",
                violation_error_message=_("该单位在这条举措上已有一件需协调事项。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="settled") | ~models.Q(answer=""),
                name="settled_matter_has_an_answer",
                violation_error_message=_("请填写协调情况。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.agency_id} {self.text[:20]}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unseen_by(self, user_id: int) -> Self:
        return self.exclude(sightings__user=user_id)

    def to_mail(self) -> Self:
        """Those that are still to be put into a letter."""
        return self.filter(by_mail=True, delivery=None)


class Notice(models.Model):
    """消息: something that happened and that an agency, one person, or the office is told. `facts` fill the sentence.

    Addressed to `agency` (its reporters and approvers), to `user`, or, when neither is set, to the office, where `by`,
    who did it, need not be told. `by_mail` says whether it also goes out as a letter, and `delivery` in which.
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

    kind = models.CharField(max_length=20, choices=Kind)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="notices")
    measure = models.ForeignKey(Measure, models.CASCADE, null=True, blank=True, related_name="notices")
    facts = models.JSONField(default=dict)
    on = models.DateField()
    created_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_mail = models.BooleanField(default=False)
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="notices")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("agency", "-id"), name="notice_by_agency"),
            models.Index(fields=("user", "-id"), name="notice_by_user"),
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


class Sighting(models.Model):
    """A person has seen a notice."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="sightings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("notice", "user"), name="seen_once")]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.user_id}"
