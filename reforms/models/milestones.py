"""阶段节点: dated steps of a measure, planned by who leads it or printed in the list. They never change its light."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from reforms.models.lists import is_in_work
from reforms.models.measures import DONE, Duty, Measure, Part


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    """Milestones: which are asked for, and of whose measures."""

    def standing(self) -> Self:
        """Those that nobody withdrew."""
        return self.filter(withdrawn_on=None)

    def stood_on(self, day: dt.date) -> Self:
        """Those that were planned by a day and not withdrawn by then."""
        return self.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=day), planned_on__lte=day)

    def open(self) -> Self:
        """Those that somebody still has to reach: not reported as done, on a measure that is worked on. What is claimed
        or closed as a whole is not asked for step by step."""
        in_work = is_in_work("measure__reform_list__") & Q(measure__disposition="active")
        return self.standing().filter(in_work, done_on=None).exclude(measure__status__in=DONE)

    def led_by(self, agencies: frozenset[int]) -> Self:
        """Those of measures that one of these agencies leads."""
        leads = Duty.objects.of(agencies).filter(measure=OuterRef("measure"), part=Part.LEAD)
        return self.filter(Exists(leads))


class Milestone(models.Model):
    """阶段节点: a step of a measure, due on a day (the last on time), reported as done or missed.

    `agency` is the lead that planned it, nobody where the office did or the list prints it. `done_on` is when it was
    reached, `done_words` what was said of that on `reported_on`. What is withdrawn stays, for the history and for past
    days. All dates are business dates in Asia/Shanghai.
    """

    class Source(models.TextChoices):
        PLANNED = "planned", _("计划安排")
        PRINTED = "printed", _("清单印发")

    measure = models.ForeignKey(Measure, models.PROTECT, db_index=False, related_name="milestones")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(_("来源"), max_length=10, choices=Source, default=Source.PLANNED)
    title = models.CharField(_("节点"), max_length=120)
    due_on = models.DateField(_("计划日期"))
    note = models.TextField(_("说明"), max_length=500, blank=True)
    planned_by = models.CharField(_("安排人"), max_length=120, blank=True)
    planned_on = models.DateField(_("安排日期"))
    done_on = models.DateField(_("完成日期"), null=True, blank=True)
    done_words = models.TextField(_("完成情况"), max_length=1000, blank=True)
    done_by = models.CharField(_("报告人"), max_length=120, blank=True)
    reported_on = models.DateField(_("报告日期"), null=True, blank=True)
    withdrawn_on = models.DateField(_("撤销日期"), null=True, blank=True)
    withdrawn_by = models.CharField(_("撤销人"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        indexes = [
            models.Index(fields=("measure", "due_on"), name="milestone_of_measure"),
            models.Index(fields=("due_on", "id"), name="milestone_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("measure", "due_on", "title", "source"),
                condition=Q(withdrawn_on=None),
                name="one_milestone_of_a_name",
                violation_error_message=_("这一天已有同名的阶段节点。"),
            ),
            models.CheckConstraint(
                condition=~Q(title=""), name="milestone_has_a_title", violation_error_message=_("请填写节点。")
            ),
            models.CheckConstraint(
                condition=Q(done_on=None, reported_on=None, done_words="")
                | (Q(done_on__isnull=False, reported_on__isnull=False) & ~Q(done_words="")),
                name="milestone_done_with_words",
                violation_error_message=_("请填写完成日期和完成情况。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.due_on} {self.title[:20]}"

    @property
    def is_printed(self) -> bool:
        """Whether the list says it, so that nobody but its next edition changes it."""
        return self.source == self.Source.PRINTED

    def is_missed(self, on: dt.date) -> bool:
        """Whether its day went by without it."""
        return self.done_on is None and self.withdrawn_on is None and self.due_on < on
