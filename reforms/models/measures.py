"""Measures, the agencies printed beside them, and the duties that follow from those."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from reforms.models.lists import Item, ListEdition, ReformList, Section
from reforms.models.querysets import DutyQuerySet, MeasureQuerySet


class Status(models.TextChoices):
    """Where a measure stands, as stored."""

    NOT_REPORTED = "not_reported", _("尚未报送")
    IN_PROGRESS = "in_progress", _("推进中")
    UNDER_REVIEW = "under_review", _("待核验")
    CLOSED = "closed", _("已销号")
    STANDING = "standing", _("持续巩固")


class Disposition(models.TextChoices):
    """Whether a measure still counts; only ACTIVE ones do."""

    ACTIVE = "active", _("在册")
    WITHDRAWN = "withdrawn", _("调出清单")
    SUSPENDED = "suspended", _("中止")
    CANCELLED = "cancelled", _("终止")


class Part(models.TextChoices):
    """What a printed agency is to a measure."""

    LEAD = "lead", _("牵头单位")
    RESPONSIBLE = "responsible", _("责任单位")


class Measure(models.Model):
    """One row's duty. An identity that survives every edition.

    `milestone` is the first of several printed dates, `deadline` the last. `deadline_in_force` follows `deadline`,
    extensions and the office's adjustments (`is_deadline_moved`). All are the last day on time. `first_report_on`,
    `claimed_on` and `closed_on` are business dates in Asia/Shanghai. `disposition_when_listed` is what the office
    decided, for the time when a withdrawn measure is printed again.
    """

    reform_list = models.ForeignKey(ReformList, models.PROTECT, related_name="measures")
    section = models.ForeignKey(Section, models.PROTECT, related_name="measures")
    item = models.ForeignKey(Item, models.PROTECT, related_name="measures")
    edition = models.ForeignKey(ListEdition, models.PROTECT, related_name="measures")
    row = models.PositiveIntegerField(_("行"))
    seq_in_item = models.PositiveIntegerField(_("项内序号"))
    title = models.TextField(_("改革事项"))
    text = models.TextField(_("具体举措"))
    lead_note = models.CharField(_("分工说明"), max_length=60, blank=True)
    deadline_text = models.TextField(_("印发时限"), blank=True)
    deadline = models.DateField(_("印发时限"), null=True, blank=True)
    milestone = models.DateField(_("阶段节点"), null=True, blank=True)
    deadline_in_force = models.DateField(_("现行时限"), null=True, blank=True)
    is_standing = models.BooleanField(_("持续巩固"), default=False)
    status = models.CharField(_("状态"), max_length=20, choices=Status, default=Status.NOT_REPORTED)
    disposition = models.CharField(_("在册情况"), max_length=20, choices=Disposition, default=Disposition.ACTIVE)
    disposition_when_listed = models.CharField(max_length=20, choices=Disposition, default=Disposition.ACTIVE)
    is_deadline_moved = models.BooleanField(_("时限已调整"), default=False)
    first_report_on = models.DateField(null=True, blank=True)
    last_report_on = models.DateField(null=True, blank=True)
    claimed_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    search_text = models.TextField(editable=False)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ("reform_list", "row", "id")
        indexes = [
            models.Index(fields=("reform_list", "row", "id"), name="measure_in_order"),
            models.Index(fields=("item", "seq_in_item"), name="measure_in_item"),
            models.Index(fields=("deadline_in_force", "id"), name="measure_by_deadline"),
            models.Index(fields=("updated_at", "id"), name="measure_by_update"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status=Status.STANDING, is_standing=True)
                | (~models.Q(status=Status.STANDING) & models.Q(is_standing=False)),
                name="standing_is_one_fact",
                violation_error_message=_("“持续巩固”的状态与标记必须一致。"),
            ),
            models.CheckConstraint(
                condition=models.Q(status=Status.CLOSED, closed_on__isnull=False)
                | (~models.Q(status=Status.CLOSED) & models.Q(closed_on__isnull=True)),
                name="closed_has_a_date",
                violation_error_message=_("已销号的举措必须有销号日期，未销号的不能有。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.UNDER_REVIEW) | models.Q(claimed_on__isnull=False),
                name="under_review_has_a_claim",
                violation_error_message=_("待核验的举措必须有申请销号日期。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(status=Status.NOT_REPORTED) | models.Q(first_report_on__isnull=True),
                name="not_reported_has_no_report",
                violation_error_message=_("已有进展填报的举措不能是“尚未报送”。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}-{self.seq_in_item} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("measure", args=[self.pk])


class Assignment(models.Model):
    """An agency as printed beside a measure, in printed order."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="assignments")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="assignments")
    part = models.CharField(max_length=12, choices=Part)
    order = models.PositiveSmallIntegerField()
    printed_name = models.CharField(max_length=120)

    class Meta:
        ordering = ("measure", "part", "order")
        indexes = [models.Index(fields=("agency", "part", "measure"), name="assignment_by_agency")]
        constraints = [
            models.UniqueConstraint(
                fields=("measure", "part", "agency"),
                name="agency_once_per_part",
                violation_error_message=_("同一举措的同一栏中，单位不能重复。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.part} {self.printed_name}"


class Duty(models.Model):
    """Who really must act: one agency's share of one measure, by its strongest part.

    Derived from assignments, membership and succession; `via` is the group, or the dissolved agency, that is printed
    when the holder itself is not. `status`, `last_report_on` and `outlook` follow from its reports
    (reforms.status.settle); `division` and `officer` are whom the agency named for it.
    """

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="duties")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="duties")
    part = models.CharField(max_length=12, choices=Part)
    via = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=20, choices=Status, default=Status.NOT_REPORTED)
    last_report_on = models.DateField(null=True, blank=True)
    outlook = models.CharField(_("推进情况"), max_length=20, blank=True)
    division = models.CharField(_("责任处室"), max_length=80, blank=True)
    officer = models.CharField(_("经办人"), max_length=80, blank=True)
    officer_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="duties"
    )

    objects = DutyQuerySet.as_manager()

    class Meta:
        ordering = ("measure", "part", "id")
        indexes = [models.Index(fields=("agency", "measure"), name="duty_by_agency")]
        constraints = [
            models.UniqueConstraint(
                fields=("measure", "agency"),
                name="one_duty_per_agency",
                violation_error_message=_("同一举措中，一个单位只有一份任务分工。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.agency_id} {self.part}"


class NamedMember(models.Model):
    """An agency that an open group printed beside a measure (各有关单位) was said to mean there."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="named_members")
    group = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    member = models.ForeignKey(Agency, models.PROTECT, related_name="named_places")

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("measure", "group", "member"),
                name="named_once_per_measure",
                violation_error_message=_("该单位已是这条举措的成员。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(group=models.F("member")),
                name="no_open_group_names_itself",
                violation_error_message=_("统称不能是自己的成员。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.member_id} ∈ {self.group_id}"


class Takeover(models.Model):
    """Who took a measure over from whom: a successor of a split agency that is not the one that took over the rest, or
    the agency to which the office gave it (改派)."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="takeovers")
    predecessor = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    successor = models.ForeignKey(Agency, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("measure", "predecessor"),
                name="one_takeover_per_measure",
                violation_error_message=_("这条举措已指定承接单位。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.predecessor_id} → {self.successor_id}"
