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


@dataclass(frozen=True, slots=True)
class Load:
    """What falls due on a day, or in a month (`day` is its first): how many measures, and how many show each light;
    none of those whose status may not be seen."""

    day: dt.date
    total: int
    lights: tuple[LightCount, ...]


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
    def most(self) -> int:
        """How many in the fullest month."""
        return max((month.whole.total for month in self.months), default=0)


def year_of(filters: MeasureFilter, number: int | None = None) -> Year:
    """Of the measures that the filters find; without a number the year looked at, or where nothing is due in it the
    nearest one. Two readings, of dates and counts alone."""
    years = _years(filters)
    on = filters.view.on.year
    number = number or min(years, key=lambda year: (abs(year - on), year), default=on)
    counts = _counts(filters, number)
    months = tuple(_month(dt.date(number, month, 1), counts) for month in range(1, 13))
    return Year(number, months, tuple(years))


def _years(filters: MeasureFilter) -> list[int]:
    dated = filters.measures().exclude(shown_deadline=None).order_by()  # type: ignore[misc]  # annotated
    return sorted(set(dated.annotate(year=ExtractYear("shown_deadline")).values_list("year", flat=True)))


def _counts(filters: MeasureFilter, year: int) -> dict[dt.date, dict[Light | None, int]]:
    view = filters.view
    told = view.tells_status() if view.sees_status else Q(pk=None)  # which nothing matches
    due = filters.measures().filter(shown_deadline__range=(dt.date(year, 1, 1), dt.date(year, 12, 31))).order_by()  # type: ignore[misc]  # annotated
    rows = due.with_light(view.on, facts=view.facts, told=told).values_list("shown_deadline", "light")  # type: ignore[misc]  # annotated
    found: dict[dt.date, dict[Light | None, int]] = defaultdict(lambda: defaultdict(int))
    for day, light, count in rows.annotate(n=Count("pk")).values_list("shown_deadline", "light", "n"):
        found[day][Light(light) if light else None] += count
    return found


def _month(first: dt.date, counts: dict[dt.date, dict[Light | None, int]]) -> Month:
    days = [_due(day, [counts[day]]) for day in sorted(counts) if day.month == first.month]
    return Month(_due(first, [counts[one.day] for one in days]), tuple(days))


def _due(day: dt.date, counts: Sequence[dict[Light | None, int]]) -> Load:
    lights = tuple(LightCount(light, sum(one.get(light, 0) for one in counts)) for light in Light)
    return Load(day, sum(sum(one.values()) for one in counts), tuple(one for one in lights if one.count))
