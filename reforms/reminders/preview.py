"""What would go out on a day, and in the year to come, without writing anything."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from agencies.models import Agency
from reforms.models import Notice, ReformList, Reminder
from reforms.reminders.asks import asks_ahead, asks_of, owed_asks
from reforms.reminders.digest import Digest, Ground, compose, milestones_told
from reforms.reminders.letters import people_of, recipients_of
from reforms.reminders.owed import Ladder, ListStart, still_owed
from reforms.reminders.stages import TOLD_FIRST, Stage, stage_due, stage_of

YEAR = dt.timedelta(days=366)


def preview(on: dt.date, lists: Collection[ListStart] | None = None) -> list[Digest]:
    """The digests that would go out on `on`; `lists` as for `owed_on`. A constant number of queries."""
    ladder = Ladder.of(on, lists)
    # Nothing is sent on days off, so nothing is previewed for them.
    if not ladder.days.works(on):
        return []
    loose = Reminder.objects.filter(delivery=None, measure__reform_list__in=ladder.first_days)
    loose = loose.select_related("measure__item")
    by_agency: dict[int, list[Reminder]] = {}
    for reminder in still_owed(list(loose)) + ladder.owed(on):
        by_agency.setdefault(reminder.agency_id, []).append(reminder)
    waiting = [one for one in Notice.objects.to_digest() if one.facts["list"] in ladder.first_days]
    owed = owed_asks(on, ladder.days, list(ladder.first_days.items()), rules=ladder.rules)
    asks = asks_of([*waiting, *owed], on)
    agencies = Agency.objects.in_bulk({*by_agency, *asks})
    ground = Ground.of(list(agencies.values()), ladder.first_days, on, rules=ladder.rules)
    steps = milestones_told(agencies, ladder.first_days, on)
    return [
        compose(
            agency,
            by_agency.get(pk, []),
            ground.duties[pk],
            on,
            ground=ground,
            asks=asks.get(pk, ()),
            milestones=steps[pk],
        )
        for pk, agency in sorted(agencies.items())
    ]


def next_letters(on: dt.date, lists: Collection[ListStart]) -> dt.date | None:
    """The first day from `on`, within a year, on which something falls due in these lists."""
    ladder = Ladder.of(on, lists, until=on + YEAR)
    # One by one, so that no day after the first that has letters is worked out.
    days = (on + dt.timedelta(days=ahead) for ahead in range(YEAR.days))
    return next((day for day in days if ladder.owed(day)), None)


@dataclass(slots=True)
class DayAhead:
    """What would go out on one day: the agencies written to, those of them whom no address is known of, and of how many
    duties each word speaks."""

    on: dt.date
    agencies: set[int] = field(default_factory=set)
    words: dict[str, int] = field(default_factory=dict)
    without_mailbox: int = 0


def year_ahead(reform_list: ReformList, on: dt.date, start: dt.date) -> list[DayAhead]:
    """The days from `on` to a year later on which letters would go out about this list, whose first day is `start`, if
    nothing were reported, claimed or moved from now on. What costs is the number of different deadlines and periods,
    not that of measures."""
    ladder = Ladder.of(on, [(reform_list.pk, start)], until=on + YEAR)
    days: dict[dt.date, DayAhead] = {}
    asked = asks_ahead(reform_list, ladder, on, on + YEAR)
    for day, stage, agencies in (*_owed_today(on, ladder), *_told_ahead(ladder, on), *asked):
        found = days.setdefault(day, DayAhead(day))
        found.agencies |= agencies.keys()
        label = str(stage.label)
        found.words[label] = found.words.get(label, 0) + agencies.total()
    # All days at once: the addresses are of today, and do not depend on the day.
    out_of_reach = {pk for pk, found in _addresses(days.values()).items() if not found}
    for found in days.values():
        found.without_mailbox = len(found.agencies & out_of_reach)
    return [days[day] for day in sorted(days)]


Ahead = tuple[dt.date, Stage, Counter[int]]


def _owed_today(on: dt.date, ladder: Ladder) -> Iterator[Ahead]:
    """What is asked for today beside deadlines, late as it may be."""
    if ladder.days.works(on):
        for notice in owed_asks(on, ladder.days, list(ladder.first_days.items())):
            yield on, stage_of(notice.facts["stage"]), Counter({notice.agency_id or 0: notice.facts.get("count", 1)})


def _told_ahead(ladder: Ladder, on: dt.date) -> Iterator[Ahead]:
    """Duties of one deadline that were told the same are told the same: they are followed as one."""
    same: defaultdict[tuple[int, dt.date, frozenset[tuple[str, dt.date]]], Counter[int]] = defaultdict(Counter)
    for duty in ladder.duties:
        if deadline := duty.measure.deadline_in_force:
            told = ladder.told.get((duty.measure_id, duty.agency_id, deadline), {})
            same[duty.measure.reform_list_id, deadline, frozenset(told.items())][duty.agency_id] += 1
    working = [day for ahead in range(YEAR.days) if ladder.days.works(day := on + dt.timedelta(days=ahead))]
    for (list_id, deadline, steps), agencies in same.items():
        told, rules = dict(steps), ladder.rules[list_id]
        for day in working:
            if name := stage_due(deadline, day, told, ladder.first_days[list_id], ladder.days, rules=rules):
                # As if it had been told: the next step of the ladder counts from it.
                told[name] = day
                yield day, rules.stage(name), agencies


def _addresses(days: Iterable[DayAhead]) -> dict[int, tuple[str, ...]]:
    """Where letters to these agencies go at all."""
    agencies = Agency.objects.in_bulk({pk for day in days for pk in day.agencies})
    people = people_of(agencies.values())
    return {pk: recipients_of(agency, TOLD_FIRST, people) for pk, agency in agencies.items()}
