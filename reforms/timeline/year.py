"""The deadlines of one year, day by day and month by month."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import ExtractYear

from reforms.catalogue.course import LightCount
from reforms.catalogue.filters import MeasureFilter
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
    """Of the measures that the filters find; without a number the year looked at, or where nothing is due in it the
    nearest one. Two readings of measures and two of milestones, of dates and counts alone."""
    years = _years(filters)
    on = filters.view.on.year
    number = number or min(years, key=lambda year: (abs(year - on), year), default=on)
    counts, steps = _counts(filters, number), counts_by_day(filters, number)
    months = tuple(_month(dt.date(number, month, 1), counts, steps) for month in range(1, 13))
    return Year(number, months, tuple(years))


def _years(filters: MeasureFilter) -> list[int]:
    dated = filters.measures().exclude(shown_deadline=None).order_by()  # type: ignore[misc]  # annotated
    deadlines = set(dated.annotate(year=ExtractYear("shown_deadline")).values_list("year", flat=True))
    return sorted(deadlines | years_of(filters))


def _counts(filters: MeasureFilter, year: int) -> dict[dt.date, dict[Light | None, int]]:
    view = filters.view
    told = view.tells_status() if view.sees_status else Q(pk=None)  # which nothing matches
    due = filters.measures().filter(shown_deadline__range=(dt.date(year, 1, 1), dt.date(year, 12, 31))).order_by()  # type: ignore[misc]  # annotated
    rows = due.with_light(view.on, facts=view.facts, told=told).values_list("shown_deadline", "light")  # type: ignore[misc]  # annotated
    found: dict[dt.date, dict[Light | None, int]] = defaultdict(lambda: defaultdict(int))
    for day, light, count in rows.annotate(n=Count("pk")).values_list("shown_deadline", "light", "n"):
        found[day][Light(light) if light else None] += count
    return found


def _month(first: dt.date, counts: dict[dt.date, dict[Light | None, int]], steps: dict[dt.date, int]) -> Month:
    due = sorted(day for day in {*counts, *steps} if day.month == first.month)
    days = [_due(day, [counts.get(day, {})], steps.get(day, 0)) for day in due]
    return Month(_due(first, [counts.get(day, {}) for day in due], sum(day.milestones for day in days)), tuple(days))


def _due(day: dt.date, counts: Sequence[dict[Light | None, int]], milestones: int) -> Load:
    lights = tuple(LightCount(light, sum(one.get(light, 0) for one in counts)) for light in Light)
    total = sum(sum(one.values()) for one in counts)
    return Load(day, total, tuple(one for one in lights if one.count), milestones)
