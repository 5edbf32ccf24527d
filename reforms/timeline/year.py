"""The deadlines of one year, day by day and month by month."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reforms.catalogue.course import LightCount
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.found import FoundMeasures
from reforms.catalogue.seen import day_of, lights_by
from reforms.columns.reading import counted
from reforms.models import Light
from reforms.timeline.milestones import counts_by_day, years_of


@dataclass(frozen=True, slots=True)
class Load:
    """What falls due on a day, or in a month (`day` is its first): how many measures, and how many show each light;
    none of those whose status may not be seen. And how many milestones."""

    day: dt.date
    total: int
    lights: tuple[LightCount, ...]
    milestones: int = 0

    @property
    def is_free(self) -> bool:
        """Whether nothing is due."""
        return not self.total and not self.milestones


@dataclass(frozen=True, slots=True)
class Month:
    """A month with the days on which something is due."""

    whole: Load
    days: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve months, and the years in which something is due."""

    number: int
    months: tuple[Month, ...]
    others: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many measures are due in it."""
        return sum(month.whole.total for month in self.months)

    @property
    def milestones(self) -> int:
        """How many milestones are."""
        return sum(month.whole.milestones for month in self.months)

    @property
    def most(self) -> int:
        """How many in the fullest month."""
        return max((month.whole.total for month in self.months), default=0)


def year_of(filters: MeasureFilter, number: int | None = None) -> Year:
    """Of the measures that the filters find, counted in memory; without a number the year looked at, or where nothing
    is due in it the nearest one. Two readings of milestones, of dates and counts alone."""
    found = FoundMeasures(filters)
    years = _years(found)
    on = filters.view.on.year
    number = number or min(years, key=lambda year: (abs(year - on), year), default=on)
    counts, steps = _counts(found, number), counts_by_day(filters, number)
    months = tuple(_month(dt.date(number, month, 1), counts, steps) for month in range(1, 13))
    return Year(number, months, tuple(years))


def _years(found: FoundMeasures) -> list[int]:
    days = (day_of(day) for day in counted(found.deadline[found.mask()]))
    return sorted({day.year for day in days if day} | years_of(found.filters))


def _counts(found: FoundMeasures, year: int) -> dict[dt.date, dict[Light | None, int]]:
    first, last = dt.date(year, 1, 1).toordinal(), dt.date(year, 12, 31).toordinal()
    due = found.mask() & (found.deadline >= first) & (found.deadline <= last)
    by_day = lights_by(found.deadline[due] - first, found.told_light[due])
    return {dt.date.fromordinal(first + day): lights for day, lights in by_day.items()}


def _month(first: dt.date, counts: dict[dt.date, dict[Light | None, int]], steps: dict[dt.date, int]) -> Month:
    due = sorted(day for day in {*counts, *steps} if day.month == first.month)
    days = [_due(day, [counts.get(day, {})], steps.get(day, 0)) for day in due]
    return Month(_due(first, [counts.get(day, {}) for day in due], sum(day.milestones for day in days)), tuple(days))


def _due(day: dt.date, counts: Sequence[dict[Light | None, int]], milestones: int) -> Load:
    lights = tuple(LightCount(light, sum(one.get(light, 0) for one in counts)) for light in Light)
    total = sum(sum(one.values()) for one in counts)
    return Load(day, total, tuple(one for one in lights if one.count), milestones)
