"""What would go out on a day, without writing anything."""

import datetime as dt
from collections.abc import Collection

from agencies.models import Agency
from reforms.models import Notice, Reminder
from reforms.reminders.asks import asks_of, owed_asks
from reforms.reminders.digest import Digest, Ground, compose
from reforms.reminders.owed import Ladder, ListStart, still_owed

YEAR = dt.timedelta(days=366)


def preview(on: dt.date, lists: Collection[ListStart] | None = None) -> list[Digest]:
    """The digests that would go out on `on`; `lists` as for `owed_on`. A constant number of queries."""
    ladder = Ladder.of(on, lists)
    if not ladder.days.works(on):
        return []
    loose = Reminder.objects.filter(delivery=None, measure__reform_list__in=ladder.first_days)
    loose = loose.select_related("measure__item")
    by_agency: dict[int, list[Reminder]] = {}
    for reminder in still_owed(list(loose)) + ladder.owed(on):
        by_agency.setdefault(reminder.agency_id, []).append(reminder)
    waiting = [one for one in Notice.objects.to_digest() if one.facts["list"] in ladder.first_days]
    asks = asks_of([*waiting, *owed_asks(on, ladder.days, list(ladder.first_days.items()))], on)
    agencies = Agency.objects.in_bulk({*by_agency, *asks})
    ground = Ground.of(list(agencies.values()), ladder.first_days, on)
    return [
        compose(agency, by_agency.get(pk, []), ground.duties[pk], on, ground=ground, asks=asks.get(pk, ()))
        for pk, agency in sorted(agencies.items())
    ]


def next_letters(on: dt.date, lists: Collection[ListStart]) -> dt.date | None:
    """The first day from `on`, within a year, on which something falls due in these lists."""
    ladder = Ladder.of(on, lists, until=on + YEAR)
    days = (on + dt.timedelta(days=ahead) for ahead in range(YEAR.days))
    return next((day for day in days if ladder.owed(day)), None)
