"""Deadlines moved after printing: extensions that agencies ask for, adjustments that the office makes itself."""

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, agencies_for
from agencies.models import Agency
from reforms.models.measures import Measure
from reforms.models.readable import held_by, reached
from reforms.models.review_requests import WAITING, RequestKind, ReviewRequest

# What never left its agency: nobody else reads it.
UNSENT = ("awaiting_signature", "sent_back")


class ExtensionQuerySet(models.QuerySet["Extension"]):
    """Requests for a later deadline: who may read them, and which wait."""

    def waiting(self) -> Self:
        """Those that nobody has decided yet."""
        return self.filter(state__in=WAITING)

    def in_queue(self, state: str) -> Self:
        """Requests that wait, for the office or for a signature, on measures that are worked on: not suspended or
        cancelled, and of no archived list."""
        return self.filter(state=state, measure__disposition="active", measure__reform_list__archived_on=None)

    def sent(self) -> Self:
        """Those that left the agency."""
        return self.exclude(state__in=UNSENT)

    def readable_by(self, who: Principal) -> Self:
        """What was sent and reached them, and all of an agency whose reports they read."""
        own = held_by(agencies_for(who, Verb.READ_REPORTS))
        return self.filter((reached(who) & ~models.Q(state__in=UNSENT)) | own)

    def granted(self) -> Self:
        """Those that moved the deadline."""
        return self.filter(state="granted")


class Extension(ReviewRequest):
    """A request (延期申请) to move a measure's deadline in force, made before it has passed and decided by the office.

    `former` is the deadline in force when it was asked for, `proposed` what is asked, `granted` what was given:
    each the last day on time.
    """

    kind: ClassVar = RequestKind.EXTENSION
    noun: ClassVar = "extension"
    own_code: ClassVar = "own_request"
    own_review: ClassVar = _("不能批复本人填写或审签的申请，请由另一位督办人员批复。")

    class State(models.TextChoices):
        AWAITING_SIGNATURE = "awaiting_signature", _("待本单位审签")
        SENT_BACK = "sent_back", _("本单位未同意")
        UNDER_REVIEW = "under_review", _("待批复")
        GRANTED = "granted", _("同意延期")
        REFUSED = "refused", _("不同意延期")
        WITHDRAWN = "withdrawn", _("已撤回")

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="extensions")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="extensions")
    state = models.CharField(_("状态"), max_length=20, choices=State)
    former = models.DateField(_("申请时的现行时限"))
    proposed = models.DateField(_("申请延期至"))
    granted = models.DateField(_("同意延期至"), null=True, blank=True)
    reason = models.TextField(_("延期理由"), max_length=2000)
    decision = models.TextField(_("处理意见"), max_length=2000, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("state", "id"), condition=models.Q(state__in=WAITING), name="extension_that_waits"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("measure",),
                condition=models.Q(state__in=WAITING),
                name="one_extension_waits_per_measure",
                violation_error_message=_("这条举措已有一份延期申请在办理。"),
            ),
            models.UniqueConstraint(
                fields=("agency", "measure", "form_key"),
                condition=~models.Q(form_key=""),
                name="one_extension_per_form",
                violation_error_message=_("这份延期申请已经提交过。"),
            ),
            models.CheckConstraint(
                # A check sees its own row only, so the deadline as it was is kept here: on the day it was asked for
                # and, once granted, on that day. The office may have moved it beyond what was asked in between.
                condition=models.Q(state="granted") | models.Q(proposed__gt=models.F("former")),
                name="extension_is_later",
                violation_error_message=_("申请延期的日期必须晚于现行时限。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state="granted", granted__gt=models.F("former"))
                | (~models.Q(state="granted") & models.Q(granted=None)),
                name="granted_extension_has_a_date",
                violation_error_message=_("同意延期必须写明晚于现行时限的日期。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""),
                name="extension_has_a_reason",
                violation_error_message=_("请填写延期理由。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.former} → {self.proposed}"

    @property
    def waiting_since(self) -> dt.date:
        """The day on which it was signed, or asked where nobody signs."""
        return self.signed_on or self.on

    @property
    def deadline_to_ask(self) -> dt.date:
        """The deadline in force when it was asked for; that of the measure may have moved since."""
        return self.former

    def keep_remark(self, remark: str) -> None:
        self.decision = remark


class DeadlineAdjustment(models.Model):
    """The office's own 时限调整 of a deadline in force, on the strength of a document (批准文号)."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="adjustments")
    former = models.DateField(_("原现行时限"), null=True)
    deadline = models.DateField(_("调整后时限"))
    reference = models.CharField(_("批准文号"), max_length=120)
    reason = models.TextField(_("调整理由"), max_length=2000, blank=True)
    on = models.DateField(_("调整日期"))
    recorded_at = models.DateTimeField()
    author = models.CharField(_("调整人"), max_length=120)
    author_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reference=""),
                name="adjustment_has_a_reference",
                violation_error_message=_("请填写批准文号。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.former} → {self.deadline} {self.reference}"


def deadline_moved(then: dt.date | None = None, measure: str = "") -> models.Q:
    """Whether the deadline of a measure (to which the prefix leads) was moved: now, or by a past day."""
    if then is None:
        return models.Q(**{f"{measure}is_deadline_moved": True})
    key = models.OuterRef(f"{measure}pk")
    granted = Extension.objects.granted().filter(measure=key, decided_on__lte=then)
    adjusted = DeadlineAdjustment.objects.filter(measure=key, on__lte=then)
    return models.Q(models.Exists(granted)) | models.Q(models.Exists(adjusted))
