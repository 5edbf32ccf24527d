"""Milestones of the measures that filters find: by how far they are, and day by day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.enums import TextChoices
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.rows import MeasureRow, Viewpoint, rows_with
from reforms.models import Milestone, MilestoneQuerySet


class MilestoneStage(TextChoices):
    """How far milestones are; those that are missed are among the open ones."""

    OPEN = "open", _("未完成")
    MISSED = "missed", _("已过计划日期未完成")
    DONE = "done", _("已完成")


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone with its measure as a table shows it."""

    milestone: Milestone
    measure: MeasureRow
    done_on: dt.date | None
    is_missed: bool


def milestones_under(filters: MeasureFilter) -> MilestoneQuerySet:
    """Those of the measures found, as far as their status may be seen, in order of their days; of a past day those that
    were planned by then, under the title and the day they have now."""
    view = filters.view
    if not view.sees_status:
        return Milestone.objects.none()
    # One milestone after the other, of which there are fewer than measures.
    found = Milestone.objects.filter(
        Exists(filters.measures().filter(pk=OuterRef("measure"))), view.tells_status("measure__")
    )
    return found.stood_on(view.on) if view.past else found.standing()


def at_stage(stage: MilestoneStage, on: dt.date) -> Q:
    """Whether a milestone was so far on a day."""
    if stage == MilestoneStage.DONE:
        return Q(done_on__lte=on)
    return _open_on(on) & (Q(due_on__lt=on) if stage == MilestoneStage.MISSED else Q())


def _open_on(day: dt.date) -> Q:
    """Not reached by a day, on a measure that was neither claimed nor closed as a whole by then."""
    no_claim = Q(measure__claimed_on=None) | Q(measure__claimed_on__gt=day)
    not_closed = Q(measure__closed_on=None) | Q(measure__closed_on__gt=day)
    return (Q(done_on=None) | Q(done_on__gt=day)) & no_claim & not_closed


def counts_by_stage(milestones: MilestoneQuerySet, on: dt.date) -> dict[str, int]:
    """How many are so far, by stage, and under "" how many there are. One query."""
    named = {str(stage): Count("pk", filter=at_stage(stage, on)) for stage in MilestoneStage}
    found = milestones.order_by().aggregate(every=Count("pk"), **named)
    return {"": found.pop("every"), **found}


def counts_by_day(filters: MeasureFilter, year: int) -> dict[dt.date, int]:
    """How many are due on each day of a year."""
    due = milestones_under(filters).filter(due_on__range=(dt.date(year, 1, 1), dt.date(year, 12, 31)))
    return dict(due.order_by().values_list("due_on").annotate(n=Count("pk")))


def years_of(filters: MeasureFilter) -> set[int]:
    """The years in which one is due."""
    return set(milestones_under(filters).order_by().values_list(ExtractYear("due_on"), flat=True).distinct())


def rows_of(milestones: Sequence[Milestone], view: Viewpoint) -> list[MilestoneRow]:
    """These milestones with their measures."""
    found = rows_with(list(dict.fromkeys(one.measure_id for one in milestones)), view)
    measures = {row.id: row for row in found}
    return [_row(one, measures[one.measure_id], view) for one in milestones]


def _row(milestone: Milestone, measure: MeasureRow, view: Viewpoint) -> MilestoneRow:
    done_on = milestone.done_on if milestone.done_on and milestone.done_on <= view.on else None
    missed = done_on is None and milestone.due_on < view.on and not measure.is_done
    return MilestoneRow(milestone, measure, done_on, missed)


def nearest(filters: MeasureFilter, *, behind: dt.timedelta, most: int) -> Iterable[MilestoneRow]:
    """From so long before the day looked at on, by day."""
    due = milestones_under(filters).filter(due_on__gte=filters.view.on - behind)
    return rows_of(list(due[:most]), filters.view)
