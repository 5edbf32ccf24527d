"""Which reminders ought to exist. Running it again, or twice at once, adds nothing twice."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from reforms.models import Duty, DutyQuerySet, Extension, ReformList, Reminder
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.stages import EARLIEST, WEEK, stage_due

BATCH = 1000
ListStart = tuple[int, dt.date]
Place = tuple[int, int, dt.date]  # measure, agency, deadline


def chaseable() -> DutyQuerySet:
    """Open duties whose clock runs: it rests while the office has a request for more time before it."""
    asked = Extension.objects.filter(state=Extension.State.UNDER_REVIEW)
    return Duty.objects.open().exclude(measure__in=asked.values("measure"))


@dataclass(frozen=True, slots=True)
class Ladder:
    """The duties of some lists that are near their deadline or past it, and what was told of each: three queries,
    however many days are asked about."""

    duties: list[Duty]
    first_days: Mapping[int, dt.date]
    told: dict[Place, dict[str, dt.date]]
    days: WorkingDays

    @classmethod
    def of(cls, on: dt.date, lists: Collection[ListStart] | None = None, until: dt.date | None = None) -> "Ladder":
        """For the day `on`, or the days from then to `until`; `lists` with their first days, without it those that are
        switched on."""
        first_days = dict(switched_on() if lists is None else lists)
        near = chaseable().filter(
            measure__reform_list__in=first_days, measure__deadline_in_force__lte=(until or on) + EARLIEST
        )
        duties = list(near.select_related("measure__item"))
        return cls(duties, first_days, _told(duties, on), WorkingDays.stored())

    def owed(self, on: dt.date) -> list[Reminder]:
        """The reminders that fall due by `on` and were not told yet, unsaved, with their measures; none on a day off.
        Only stages that fall on or after a list's first day are owed."""
        if not self.days.works(on):
            return []
        found = []
        for duty in self.duties:
            deadline = duty.measure.deadline_in_force
            if deadline is None:
                continue
            told = self.told.get((duty.measure_id, duty.agency_id, deadline), {})
            start = self.first_days[duty.measure.reform_list_id]
            if stage := stage_due(deadline, on, told, start, self.days):
                # By the day on which it is told: the next step waits from then (reforms.reminders.stages).
                found.append(
                    Reminder(measure=duty.measure, agency_id=duty.agency_id, deadline=deadline, stage=stage, due_on=on)
                )
        return found

    def tell(self, reminders: Iterable[Reminder]) -> None:
        """Go on as if these had been told."""
        for one in reminders:
            self.told.setdefault((one.measure_id, one.agency_id, one.deadline), {})[one.stage] = one.due_on


def owed_on(on: dt.date, lists: Collection[ListStart] | None = None) -> list[Reminder]:
    """The reminders owed by `on` that are not there yet. `lists` asks what would be owed if just these were switched on
    from these days; without it, the lists that are."""
    return Ladder.of(on, lists).owed(on)


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
        chaseable()
        .filter(measure__in=[reminder.measure_id for reminder in reminders])
        .values_list("measure_id", "agency_id", "measure__deadline_in_force")
    )
    # With the deadline: one that moved since is reminded of anew, at its own stages.
    return [r for r in reminders if (r.measure_id, r.agency_id, r.deadline) in open_now]


def switched_on() -> list[ListStart]:
    """The lists whose reminders are on, each with the first day that counts."""
    on = ReformList.objects.in_work().filter(reminders_on=True)
    return [(pk, first) for pk, first in on.values_list("pk", "reminders_from") if first]


def _told(duties: Collection[Duty], on: dt.date) -> dict[Place, dict[str, dt.date]]:
    """What was told of these duties; of the weekly turns only those that can still matter."""
    deadlines = {day for duty in duties if (day := duty.measure.deadline_in_force)}
    recent = ~Q(stage__startswith=WEEK) | Q(due_on__gt=on - dt.timedelta(days=14))
    rows = Reminder.objects.filter(recent, deadline__in=deadlines)
    told: dict[Place, dict[str, dt.date]] = {}
    for measure, agency, deadline, stage, day in rows.values_list(
        "measure_id", "agency_id", "deadline", "stage", "due_on"
    ):
        told.setdefault((measure, agency, deadline), {})[stage] = day
    return told
