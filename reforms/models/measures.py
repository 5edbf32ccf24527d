"""Measures, the agencies printed beside them, and the duties that follow from those."""

import datetime as dt
from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, StrIndex
from django.db.models.lookups import GreaterThan
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal
from agencies.models import Agency
from reforms.models.lights import EVERY, Light, light_case
from reforms.models.lists import has_begun, is_in_work, is_open_to

# What the office decided about measures that stay in the list.
STOPPED = ("suspended", "cancelled")
LONGEST_RESULT = 200


class MeasureQuerySet(models.QuerySet["Measure"]):
    """Measures by who may read them, whether they count, and how they stood on a day."""

    def readable_by(self, who: Principal) -> Self:
        """Those of lists that are open to them."""
        return self.filter(is_open_to(who, "reform_list__"))

    def counted(self) -> Self:
        """Those that count now (`that_count`), for whoever sees the status of every list."""
        return self.filter(that_count())

    def known(self, then: dt.date | None = None) -> Self:
        """Those that are there, whether they count or not; now, or on a past day."""
        # `past` is NULL for a measure that was not there yet.
        return self.as_of(then).filter(has_begun(then, "reform_list__"), past__isnull=False) if then else self

    def as_of(self, day: dt.date) -> Self:
        """Adds `past`, where each stood on a past day; those that were not there yet have none."""
        return self.annotate(past=FilteredRelation("standings", condition=holds_on(day, "standings__")))

    def with_light(self, on: dt.date, *, facts: str = "", told: Q = EVERY) -> Self:
        """Adds `light` as of `on`, from the facts as they are now, or from those of `past__`; None where not `told`."""
        return self.annotate(light=light_case(on, prefix=facts, told=told))

    def light_counts(self, on: dt.date, *, facts: str = "") -> dict[Light, int]:
        """How many show each light; every light is there, so that the counts add up to the whole."""
        # order_by(): an order that was given before would be grouped by as well.
        rows = self.order_by().with_light(on, facts=facts).values_list("light").annotate(n=Count("pk"))
        return dict.fromkeys(Light, 0) | {Light(light): n for light, n in rows}

    def with_shown_deadline(self, deadline: Combinable) -> Self:
        """Adds `shown_deadline` and two to sort by that put measures without one at the end."""
        # Days that no list prints stand in for NULL, which SQLite puts first and PostgreSQL last.
        first, last = (Value(day, output_field=models.DateField()) for day in (dt.date.min, dt.date.max))
        return self.annotate(
            shown_deadline=deadline,
            deadline_or_first=Coalesce(deadline, first),
            deadline_or_last=Coalesce(deadline, last),
        )

    def printed_for(self, agencies: Collection[int], *parts: str) -> Self:
        """Those beside which one of the agencies is printed (as one of `parts` when given)."""
        return self.filter(is_printed_for(agencies, parts))

    def held_by(self, agencies: Collection[int], *parts: str) -> Self:
        """Those for which one of the agencies must act, also through a group."""
        return self.filter(is_held_by(agencies, parts))

    def extended(self) -> Self:
        """Those whose deadline was moved: by an extension that was granted, or by the office itself."""
        return self.filter(is_deadline_moved=True)

    def touch(self) -> int:
        """Mark them as changed now, for whoever asks what changed since; how many there are."""
        return self.order_by().update(version=F("version") + 1, updated_at=timezone.now())


def holds_on(day: dt.date, state: str = "") -> Q:
    """Whether a past state (to which the prefix leads) is that of a day."""
    return Q(**{f"{state}since__lte": day}) & (Q(**{f"{state}until": None}) | Q(**{f"{state}until__gt": day}))


def has_word(word: str) -> Q:
    """Whether the searched text of a measure holds a word, which is folded as that is (reforms.lib.folding)."""
    # As both are folded this is exact, and takes less than LIKE.
    return Q(GreaterThan(StrIndex("search_text", Value(word)), 0))


def that_count(measure: str = "", *, facts: str = "", sees_status: bool = True) -> Q:
    """Whether a measure counts: it is neither withdrawn nor suspended nor cancelled. The latter two are status: for
    those who may not see it they count, in the lists that do not publish it, like any other.

    `measure` leads from the rows that are filtered to the measure, `facts` from there to those of a past day.
    """
    disposition = f"{measure}{facts}disposition"
    active = Q(**{disposition: "active"})
    if sees_status:
        return active
    return active | Q(**{f"{disposition}__in": STOPPED, f"{measure}reform_list__public_status": False})


def is_printed_for(agencies: Collection[int], parts: Collection[str] = ()) -> Exists:
    """Whether one of the agencies is printed beside a measure (as one of `parts` when given)."""
    return Exists(Assignment.objects.filter(_beside(agencies, parts)))


def is_held_by(agencies: Collection[int], parts: Collection[str] = ()) -> Exists:
    """Whether one of the agencies must act on a measure (as one of `parts` when given)."""
    return Exists(Duty.objects.filter(_beside(agencies, parts)))


def _beside(agencies: Collection[int], parts: Collection[str]) -> Q:
    condition = Q(measure=OuterRef("pk"), agency_id__in=list(agencies))
    return condition & Q(part__in=list(parts)) if parts else condition


class DutyQuerySet(models.QuerySet["Duty"]):
    """Duties by agency, and by whether somebody still has to act on them."""

    def of(self, agencies: Collection[int]) -> Self:
        """Those of these agencies."""
        return self.filter(agency_id__in=agencies)

    def in_work(self) -> Self:
        """Those on measures of lists that agencies work on."""
        return self.filter(is_in_work("measure__reform_list__"))

    def measures_of(self, agency_id: int) -> list[int]:
        """The ids of the measures on which an agency must act."""
        return list(self.of([agency_id]).order_by("measure").values_list("measure_id", flat=True))

    def open(self) -> Self:
        """Those somebody still has to act on: the measure counts, is dated, and is neither closed nor claimed."""
        return (
            self.in_work()
            .filter(
                measure__disposition="active",
                measure__status__in=("not_reported", "in_progress"),
                measure__deadline_in_force__isnull=False,
            )
            # The duty itself: a lead whose own claim was accepted has done its part, though others have not.
            .exclude(status="closed")
        )


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

    `deadline` is the last of several printed dates; the others are milestones. `deadline_in_force` follows `deadline`,
    extensions and the office's adjustments (`is_deadline_moved`). Both are the last day on time. `first_report_on`,
    `claimed_on` and `closed_on` are business dates in Asia/Shanghai. `disposition_when_listed` is what the office
    decided, for the time when a withdrawn measure is printed again. `result` is what the office released of how it
    turned out, told once the measure is closed.
    """

    reform_list = models.ForeignKey("ReformList", models.PROTECT, db_index=False, related_name="measures")
    section = models.ForeignKey("Section", models.PROTECT, related_name="measures")
    item = models.ForeignKey("Item", models.PROTECT, db_index=False, related_name="measures")
    edition = models.ForeignKey("ListEdition", models.PROTECT, related_name="measures")
    row = models.PositiveIntegerField(_("行"))
    seq_in_item = models.PositiveIntegerField(_("项内序号"))
    title = models.TextField(_("改革事项"))
    text = models.TextField(_("具体举措"))
    lead_note = models.CharField(_("分工说明"), max_length=60, blank=True)
    deadline_text = models.TextField(_("印发时限"), blank=True)
    deadline = models.DateField(_("印发时限"), null=True, blank=True)
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
    result = models.CharField(_("结果摘要"), max_length=LONGEST_RESULT, blank=True)
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
            # All that pages count, so that counting does not read the long texts beside it (docs/performance.md).
            models.Index(
                fields=(
                    *("reform_list", "disposition", "is_standing", "status", "deadline_in_force", "deadline"),
                    *("closed_on", "claimed_on", "first_report_on", "item", "section"),
                ),
                name="measure_facts",
            ),
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

    measure = models.ForeignKey(Measure, models.CASCADE, db_index=False, related_name="assignments")
    agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="assignments")
    part = models.CharField(max_length=12, choices=Part)
    order = models.PositiveSmallIntegerField()
    # The agency may be called otherwise by now.
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

    measure = models.ForeignKey(Measure, models.CASCADE, db_index=False, related_name="duties")
    agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="duties")
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

    measure = models.ForeignKey(Measure, models.CASCADE, db_index=False, related_name="named_members")
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

    measure = models.ForeignKey(Measure, models.CASCADE, db_index=False, related_name="takeovers")
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


# Printed behind the leads, as in 市甲局、市乙局（按职责分工负责）: each of them answers for its own part.
EACH_FOR_ITS_PART = "按职责分工负责"
# Who is so has claimed: what is left is the office's.
DONE = (Status.UNDER_REVIEW, Status.CLOSED)


def takes_part(measure: Measure) -> bool:
    """Whether a measure is one that is worked on: in the list, neither suspended nor cancelled, and not closed."""
    return measure.disposition == Disposition.ACTIVE and measure.status != Status.CLOSED
