"""Working days in mainland China, 调休 included: what `holidays` has from the State Council's notices, and what the
office entered itself, which wins.

Kept by day and not by year: 2018-12-29 was a working Saturday by the notice for 2019, and 2020-01-26 became a holiday
while the year ran.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import lru_cache

import holidays

from reforms.models import CalendarDay

DAY = dt.timedelta(days=1)
ASKED_FROM = (11, 1)  # notices come in November; before that nothing can be known


@lru_cache(maxsize=4096)
def _official(day: dt.date) -> bool:
    return bool(_china().is_working_day(day))


@lru_cache(maxsize=1)
def _china() -> holidays.HolidayBase:
    return holidays.country_holidays("CN")


class WorkingDays:
    """The calendar as it is now; `entered` are the office's own days and whether one works on them."""

    def __init__(self, entered: Mapping[dt.date, bool] | None = None) -> None:
        self._entered = dict(entered or {})
        # Both are asked of the same few deadlines for every duty and day.
        self._by: dict[dt.date, dt.date] = {}
        self._after: dict[tuple[dt.date, int], dt.date] = {}

    @classmethod
    def stored(cls) -> "WorkingDays":
        """With what the office entered: one query. The same object as before while that is unchanged."""
        return cls._entered_as(frozenset(CalendarDay.objects.values_list("day", "works")))

    @classmethod
    @lru_cache(maxsize=1)
    def _entered_as(cls, days: frozenset[tuple[dt.date, bool]]) -> "WorkingDays":
        return cls(dict(days))

    def works(self, day: dt.date) -> bool:
        """Whether one works on a day."""
        entered = self._entered.get(day)
        return _official(day) if entered is None else entered

    def by(self, day: dt.date) -> dt.date:
        """The day itself, or the last working day before it."""
        found = self._by.get(day)
        if found is None:
            found = day
            while not self.works(found):
                found -= DAY
            self._by[day] = found
        return found

    def next(self, day: dt.date) -> dt.date:
        """The day itself, or the first working day after it."""
        while not self.works(day):
            day += DAY
        return day

    def after(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after a day; before it where that is negative."""
        found = self._after.get((day, count))
        if found is None:
            found = day
            for _ in range(abs(count)):
                found = self.next(found + DAY) if count > 0 else self.by(found - DAY)
            self._after[day, count] = found
        return found

    def week_start(self, day: dt.date) -> dt.date:
        """The first working day of the week (Monday to Sunday) that holds a working day."""
        return self.next(day - dt.timedelta(days=day.weekday()))

    def is_known(self, year: int) -> bool:
        """Whether the notice for a year is in: every one since 2001 moved some weekend to a working day."""
        _official(dt.date(year, 1, 1))
        moved: set[dt.date] = getattr(_china(), "weekend_workdays", set())
        return any(day.year == year for day in (*moved, *self._entered))

    def special(self, year: int) -> Iterator[dt.date]:
        """The days of a year on which one works at a weekend, or does not work during the week."""
        day = dt.date(year, 1, 1)
        while day.year == year:
            if self.works(day) != (day.weekday() < 5):
                yield day
            day += DAY

    def missing_year(self, on: dt.date) -> int | None:
        """The year whose notice ought to be entered by now: the present one, from 1 November on the next too."""
        years = [on.year, on.year + 1] if (on.month, on.day) >= ASKED_FROM else [on.year]
        return next((year for year in years if not self.is_known(year)), None)
