"""Over time: what was due and what was completed, and how many measures showed each light when past months ended."""

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

from django.db.models import Case, IntegerField, Q, Sum, Value, When

from reforms.catalogue.rows import Viewpoint
from reforms.models import SHAPES, Light, LightFlow, has_begun

MONTHS_SHOWN = 12
# More days than these are shown by month, more months than those by year.
DAYS_SHOWN, SPANS_SHOWN = 24, 36


@dataclass(frozen=True, slots=True)
class LightCount:
    """How many measures show a light."""

    light: Light
    count: int

    @property
    def shape(self) -> str:
        """By which it is known without its colour."""
        return SHAPES[self.light]


def light_counts(counts: Mapping[Any, int]) -> tuple[LightCount, ...]:
    """Every light in order, those that nothing shows with 0."""
    return tuple(LightCount(light, counts.get(light, 0)) for light in Light)


@dataclass(frozen=True, slots=True)
class Tallied:
    """How many measures show a light (None: it is not told), have a deadline, and are national or not; how many of them
    are in place, and of how many completion was claimed and is not decided yet."""

    light: Light | None
    deadline: dt.date | None
    is_national: bool
    count: int
    standing: int
    awaiting: int


class Grain(IntEnum):
    """How finely days are told apart."""

    DAY = 1
    MONTH = 2
    YEAR = 3

    def span(self, day: dt.date) -> tuple[dt.date, dt.date]:
        """The first and the last day that are not told apart from it."""
        if self == Grain.DAY:
            return day, day
        if self == Grain.MONTH:
            return day.replace(day=1), month_end(day)
        return day.replace(month=1, day=1), day.replace(month=12, day=31)

    @classmethod
    def of(cls, days: Collection[dt.date]) -> "Grain":
        """The finest that leaves no more of them than can be shown."""
        if len(days) <= DAYS_SHOWN:
            return cls.DAY
        return cls.MONTH if len({cls.MONTH.span(day) for day in days}) <= SPANS_SHOWN else cls.YEAR


@dataclass(frozen=True, slots=True)
class Due:
    """The measures whose deadlines lie in a span of days: how many, how many of them are closed, and of how many
    completion was claimed and is not decided yet."""

    first: dt.date
    last: dt.date
    planned: int
    done: int
    awaiting: int

    @property
    def query(self) -> str:
        """What finds them."""
        if self.first == self.last:
            return f"deadline={self.first.isoformat()}"
        return f"deadline_after={self.first.isoformat()}&deadline_before={self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Completed:
    """How many measures were completed on a day, as their leads say, and how many of those were verified."""

    day: dt.date
    claimed: int
    verified: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Deadlines against completions. `due` is what was due up to the day looked at; `claimed` is completed by the word
    of those who lead, whether verified yet or not; `grain` is how finely `deadlines` are told apart."""

    deadlines: tuple[Due, ...]
    completions: tuple[Completed, ...]
    grain: Grain
    due: int
    claimed: int
    verified: int


def course_of(tally: Sequence[Tallied], completed: Sequence[Completed], view: Viewpoint) -> Course:
    """Of the measures that were tallied, `completed` by day."""
    grain = Grain.of({one.deadline for one in tally if one.deadline})
    verified = sum(one.count for one in tally if one.light == Light.CLOSED)
    return Course(
        deadlines=_deadlines(tally, grain),
        completions=_by_grain(completed, grain, view.on),
        grain=grain,
        due=sum(one.count for one in tally if one.deadline and one.deadline <= view.on),
        claimed=verified + sum(one.awaiting for one in tally),
        verified=verified,
    )


def _deadlines(tally: Iterable[Tallied], grain: Grain) -> tuple[Due, ...]:
    """What falls due when. Done is what is closed by the day looked at, whenever it was due."""
    planned: Counter[tuple[dt.date, dt.date]] = Counter()
    done, awaiting = planned.copy(), planned.copy()
    for one in tally:
        if one.deadline:
            span = grain.span(one.deadline)
            planned[span] += one.count
            awaiting[span] += one.awaiting
            done[span] += one.count if one.light == Light.CLOSED else 0
    return tuple(Due(*span, planned[span], done[span], awaiting[span]) for span in sorted(planned))


def _by_grain(completed: Iterable[Completed], grain: Grain, on: dt.date) -> tuple[Completed, ...]:
    claimed: Counter[dt.date] = Counter()
    verified: Counter[dt.date] = Counter()
    for one in completed:
        # Of many years the end of the month will do.
        day = min(one.day if grain == Grain.DAY else month_end(one.day), on)
        claimed[day] += one.claimed
        verified[day] += one.verified
    return tuple(Completed(day, claimed[day], verified[day]) for day in sorted(claimed))


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """How many measures showed each light on the last day of a month."""

    day: dt.date
    lights: tuple[LightCount, ...]

    @property
    def total(self) -> int:
        """How many counted then."""
        return sum(counted.count for counted in self.lights)


def trend_of(view: Viewpoint, slugs: Collection[str] = ()) -> tuple[MonthEnd, ...]:
    """Of the lists looked at that tell their status, or those of `slugs` that do: the last months that ended before the
    day looked at. One query over what is kept by list and month (reforms.status.trend), however many measures."""
    ends = _month_ends(view.on)
    flows = LightFlow.objects.filter(view.shows(), view.tells_status(), month__lte=ends[-1])
    if slugs:
        flows = flows.filter(reform_list__slug__in=slugs)
    # What a list brings along counts from the first of these days on which the list itself does.
    counts_from = Case(
        *(
            When(Q(month__lte=end) & has_begun(end, "reform_list__"), then=Value(place))
            for place, end in enumerate(ends)
        ),
        output_field=IntegerField(),
    )
    rows = flows.order_by().values_list(counts_from, "light").annotate(n=Sum("change"))
    changes = {(place, light): n for place, light, n in rows if place is not None}
    shown, found = dict.fromkeys(Light, 0), []
    for place, end in enumerate(ends):
        shown = {light: count + changes.get((place, light.value), 0) for light, count in shown.items()}
        found.append(MonthEnd(end, light_counts(shown)))
    return tuple(one for one in found if one.total)


def _month_ends(on: dt.date) -> list[dt.date]:
    """The last days of the months that ended before, the earliest first."""
    ends: list[dt.date] = []
    day = on
    while len(ends) < MONTHS_SHOWN:
        day = day.replace(day=1) - dt.timedelta(days=1)
        ends.insert(0, day)
    return ends


@lru_cache(maxsize=2**15)
def month_end(day: dt.date) -> dt.date:
    """The last day of its month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
