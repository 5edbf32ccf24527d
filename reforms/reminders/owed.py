"""Which reminders ought to exist. Running it again, or twice at once, adds nothing twice."""

import datetime as dt
from collections.abc import Collection

from django.utils import timezone

from reforms.models import Duty, DutyQuerySet, ReformList, Reminder
from reforms.reminders.stages import STAGES, stage_on

BATCH = 1000
ListStart = tuple[int, dt.date]


def owed_on(on: dt.date, lists: Collection[ListStart] | None = None) -> list[Reminder]:
    """The reminders owed by `on` that are not there yet, unsaved, with their measures.

    Only stages that fall on or after a list's first day are owed. `lists` asks what would be owed if just these were
    switched on from these days; without it, the lists that are.
    """
    first_days = dict(_switched_on() if lists is None else lists)
    owed = [
        Reminder(measure=duty.measure, agency_id=duty.agency_id, deadline=deadline, stage=stage.name, due_on=due)
        for duty in _open_duties(on, first_days)
        if (deadline := duty.measure.deadline_in_force)
        and (stage := stage_on(deadline, on))
        and (due := stage.falls_on(deadline)) >= first_days[duty.measure.reform_list_id]
    ]
    told = _told(owed)
    return [reminder for reminder in owed if _key(reminder) not in told]


def create_owed(on: dt.date) -> int:
    """Write the reminders owed by `on`; how many were new."""
    new = owed_on(on)
    now = timezone.now()
    for reminder in new:
        reminder.created_at = now
    # Of two that run at once one writes each row (told_once); the other's conflict is no error.
    Reminder.objects.bulk_create(new, ignore_conflicts=True, batch_size=BATCH)
    return len(new)


def still_owed(reminders: list[Reminder]) -> list[Reminder]:
    """Those whose duty is still open with the same deadline: nobody is chased for what was done meanwhile."""
    open_now = set(
        Duty.objects.open()
        .filter(measure__in=[reminder.measure_id for reminder in reminders])
        .values_list("measure_id", "agency_id", "measure__deadline_in_force")
    )
    # With the deadline: one that moved since is reminded of anew, at its own stages.
    return [r for r in reminders if (r.measure_id, r.agency_id, r.deadline) in open_now]


def _switched_on() -> list[ListStart]:
    on = ReformList.objects.in_work().filter(reminders_on=True)
    return [(pk, first) for pk, first in on.values_list("pk", "reminders_from") if first]


def _open_duties(on: dt.date, first_days: dict[int, dt.date]) -> DutyQuerySet:
    """Open duties of these lists that are near enough to a stage."""
    # For a deadline further off than the earliest stage nothing is owed yet.
    horizon = on - dt.timedelta(days=min(stage.days for stage in STAGES))
    return (
        Duty.objects.open()
        .filter(measure__reform_list__in=first_days, measure__deadline_in_force__lte=horizon)
        .select_related("measure__item")
    )


Key = tuple[int, int, dt.date, str]


def _key(reminder: Reminder) -> Key:
    return reminder.measure_id, reminder.agency_id, reminder.deadline, reminder.stage


def _told(owed: list[Reminder]) -> set[Key]:
    """The keys among `owed` that exist already."""
    days = {reminder.deadline for reminder in owed}
    return set(Reminder.objects.filter(deadline__in=days).values_list("measure_id", "agency_id", "deadline", "stage"))
