"""The filters on reports, extensions and tasks; they refuse what they do not know, as those on measures do."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Self

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reforms.desk.tasks import TaskKind
from reforms.lib.filters import (
    Many,
    One,
    Problems,
    StrictFilter,
    me_is_nobody,
    read_agencies_or_me,
    read_choice,
    read_choices,
    read_day,
    read_moment,
    read_numbers,
)
from reforms.models import Extension, Milestone, MilestoneQuerySet, ProgressReport
from reforms.timeline.milestones import MilestoneStage, at_stage


class WorkFilter(StrictFilter):
    """`own` are the agencies that `agency=me` stands for."""

    agency = Many(method="by_agency", read=read_agencies_or_me, label=pgettext_lazy("one", "单位"))
    measure = Many(field_name="measure_id", read=read_numbers, label=_("举措编号"))
    own: frozenset[int] = frozenset()

    @classmethod
    def read(cls, data: QueryDict, *, queryset: QuerySet[Any], own: frozenset[int], controls: frozenset[str]) -> Self:
        made: Self = cls(data, queryset=queryset, controls=controls)
        made.own = own
        return made

    def by_agency(self, qs: QuerySet[Any], name: str, value: Sequence[int | None]) -> QuerySet[Any]:
        # None stands for me.
        named = {pk for pk in value if pk is not None}
        return qs.filter(agency__in=named | (self.own if None in value else frozenset()))


class ReportFilter(WorkFilter):
    state = Many(read=read_choices(ProgressReport.State.values), label=_("状态"))
    updated_since = One(method="by_moment", read=read_moment, label=_("此后有改动"))

    class Meta:
        model = ProgressReport
        fields: tuple[str, ...] = ()

    def by_moment(self, qs: QuerySet[Any], name: str, value: dt.datetime) -> QuerySet[Any]:
        # What was never altered has no updated_at and counts by when it was recorded.
        found: QuerySet[Any] = qs.alias(touched=Coalesce("updated_at", "recorded_at")).filter(touched__gte=value)
        return found


class ExtensionFilter(WorkFilter):
    state = Many(read=read_choices(Extension.State.values), label=_("状态"))

    class Meta:
        model = Extension
        fields: tuple[str, ...] = ()


class MilestoneFilter(WorkFilter):
    """`agency` means leading the measure; how far milestones are is asked as of `on`."""

    stage = One(method="by_stage", read=read_choice(MilestoneStage.values), label=_("进度"))
    due_after = One(field_name="due_on", lookup_expr="gte", read=read_day, label=_("计划日期自"))
    due_before = One(field_name="due_on", lookup_expr="lte", read=read_day, label=_("计划日期至"))
    on: dt.date

    class Meta:
        model = Milestone
        fields: tuple[str, ...] = ()

    def problems(self) -> Problems:
        nobody = None in (self.chosen("agency") or ()) and not self.own
        return super().problems() + ([me_is_nobody()] if nobody else [])

    def by_agency(self, qs: MilestoneQuerySet, name: str, value: Sequence[int | None]) -> QuerySet[Any]:  # type: ignore[override]  # of this filter's own model
        named = frozenset(pk for pk in value if pk is not None)
        return qs.led_by(named | (self.own if None in value else frozenset()))

    def by_stage(self, qs: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return qs.filter(at_stage(MilestoneStage(value), self.on))


class TaskFilter(StrictFilter):
    """Read by the view: what waits is no table."""

    agency = Many(method="read_elsewhere", read=read_agencies_or_me, label=pgettext_lazy("one", "单位"))
    kind = Many(method="read_elsewhere", read=read_choices(TaskKind.values), label=_("类别"))

    class Meta:
        model = ProgressReport
        fields: tuple[str, ...] = ()

    def read_elsewhere(self, qs: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return qs
