"""Reminders that were told: what a measure's page and the lists of who owes say of them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from reforms.models import Delivery, Measure, Reminder
from reforms.reminders.stages import AFTER, WEEKLY, stage_of

CHASES = Q(stage__in=[stage.name for stage in AFTER]) | Q(stage__startswith=WEEKLY.name)


@dataclass(frozen=True, slots=True)
class LastReminder:
    """The day of the latest word after a deadline, and the word."""

    on: dt.date
    label: str


def told_of(measure: Measure, agencies: Collection[int] | None = None) -> QuerySet[Reminder]:
    """The reminders of a measure that were put into a letter, to these agencies (None: to all), the latest first."""
    told = _told().filter(measure=measure).select_related("agency").order_by("-due_on", "-pk")
    return told if agencies is None else told.filter(agency__in=agencies)


def told_by_measure(measures: Collection[int], on: dt.date) -> dict[int, list[Reminder]]:
    """The same of several measures (ids) up to a business date, by the measure's id: one query."""
    found: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in _told().filter(measure__in=measures, due_on__lte=on).select_related("agency").order_by("pk"):
        found[reminder.measure_id].append(reminder)
    return found


def last_reminders(agency_ids: Collection[int]) -> dict[int, LastReminder]:
    """The latest word after a deadline of each of these agencies, by the agency's id: one query."""
    told = _told().filter(CHASES, agency__in=agency_ids).order_by("due_on", "pk")
    rows = told.values_list("agency", "due_on", "stage").distinct()
    # In order of time: of each agency the last one stays.
    return {agency: LastReminder(on, str(stage_of(stage).label)) for agency, on, stage in rows}


def chases_by_letter(first: dt.date, last: dt.date) -> QuerySet[Reminder]:
    """The words after a deadline that were told on one of these days, both inclusive."""
    return _told().filter(CHASES, due_on__range=(first, last))


def is_chase(reminder: Reminder) -> bool:
    """Whether it came after the deadline."""
    return stage_of(reminder.stage).days > 0


def _told() -> QuerySet[Reminder]:
    # What was dropped had become pointless before it was sent.
    return Reminder.objects.exclude(delivery=None).exclude(delivery__state=Delivery.State.DROPPED)
