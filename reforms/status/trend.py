"""走势: how many measures of a list showed each light at the end of each month, kept as the changes of each month.

A light changes when a fact does, and by the calendar alone when a deadline comes near or passes. Whoever writes where
measures stood (reforms.status.past) hands what was and what is to `keep`, which adds the difference; what the table
says can be counted anew from those states at any time (`counted_anew`), and a test and `manage.py check_derived` do.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from agencies.lib.bulk import insert
from reforms.models import DUE_SOON_DAYS, Dates, Disposition, LightFlow, PastState, light_of

# By list, first day of the month, and light.
Flows = Counter[tuple[int, dt.date, str]]
COLUMNS = ("reform_list_id", "month", "light", "change")
BATCH = 200  # rows of four values in a statement, far below what any database takes
MEASURES = 2_000
NEAR = dt.timedelta(days=DUE_SOON_DAYS)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StateSpan:
    """Where a measure of a list stood from one day up to the day before another (None: to this day)."""

    reform_list_id: int
    since: dt.date
    until: dt.date | None
    counts: bool
    dates: Dates

    def steps(self) -> Iterator[tuple[dt.date, str]]:
        """From each day on which its light may have changed, the light; nothing of what does not count."""
        if not self.counts:
            return
        until = self.until or dt.date.max
        for day in sorted({self.since, *(day for day in self._turns() if self.since < day < until)}):
            yield day, light_of(self.dates, day).value

    def _turns(self) -> Iterator[dt.date]:
        dates, deadline = self.dates, self.dates.deadline_in_force
        yield from (day for day in (dates.first_report_on, dates.claimed_on, dates.closed_on) if day)
        if deadline:
            yield from (deadline - NEAR, deadline + DAY)


def flows_of(states: Iterable[StateSpan]) -> Flows:
    """What these states add to each month and take from it."""
    flows: Flows = Counter()
    for state in states:
        shown = ""
        for day, light in state.steps():
            if shown:
                flows[state.reform_list_id, day.replace(day=1), shown] -= 1
            flows[state.reform_list_id, day.replace(day=1), light] += 1
            shown = light
        if shown and state.until:
            flows[state.reform_list_id, state.until.replace(day=1), shown] -= 1
    return flows


def states_of(measure_ids: Iterable[int]) -> list[StateSpan]:
    """Where these measures stood, as kept."""
    return _read(PastState.objects.filter(measure__in=measure_ids))


def _read(rows: QuerySet[PastState]) -> list[StateSpan]:
    names = ("measure__reform_list_id", "since", "until", "disposition", *Dates.__slots__)
    found = rows.order_by().values_list(*names)
    return [
        StateSpan(listed, since, until, disposition == Disposition.ACTIVE, Dates(*dates))
        for listed, since, until, disposition, *dates in found
    ]


def keep(before: Iterable[StateSpan], after: Iterable[StateSpan]) -> None:
    """Add the difference to what is kept. In the transaction that writes the states, which holds them (`PastRead`)."""
    changed = flows_of(after)
    changed.subtract(flows_of(before))
    rows = sorted((*key, change) for key, change in changed.items() if change)
    for at in range(0, len(rows), BATCH):
        _add(rows[at : at + BATCH])


def _add(rows: list[tuple[int, dt.date, str, int]]) -> None:
    table = connection.ops.quote_name(LightFlow._meta.db_table)
    marks = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    date = connection.ops.adapt_datefield_value
    values = [value for listed, month, light, change in rows for value in (listed, date(month), light, change)]
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {table} ("reform_list_id", "month", "light", "change") VALUES {marks} '  # noqa: S608
            'ON CONFLICT ("reform_list_id", "month", "light") '
            f'DO UPDATE SET "change" = {table}."change" + excluded."change"',
            values,
        )


def counted_anew(lists: Collection[int] | None = None) -> Flows:
    """What the table should say, of these lists or of all: read some measures at a time, so that memory stays flat."""
    flows: Flows = Counter()
    states = PastState.objects.all() if lists is None else PastState.objects.filter(measure__reform_list__in=lists)
    last = PastState.objects.order_by("-measure").values_list("measure", flat=True).first() or 0
    for first in range(0, last + 1, MEASURES):
        flows.update(flows_of(_read(states.filter(measure__gte=first, measure__lt=first + MEASURES))))
    return _without_nothing(flows)


def kept(lists: Collection[int] | None = None) -> Flows:
    """What the table says, of these lists or of all."""
    flows = LightFlow.objects.all() if lists is None else LightFlow.objects.filter(reform_list__in=lists)
    rows = flows.order_by().values_list("reform_list_id", "month", "light", "change")
    return _without_nothing({(listed, month, light): change for listed, month, light, change in rows})


def _without_nothing(flows: Mapping[tuple[int, dt.date, str], int]) -> Flows:
    return Counter({key: change for key, change in flows.items() if change})


def fill() -> int:
    """Write the table anew from the states; how many rows it has."""
    with transaction.atomic():
        flows = counted_anew()
        LightFlow.objects.all().delete()
        insert(LightFlow, COLUMNS, [(*key, change) for key, change in sorted(flows.items())])
    return len(flows)
