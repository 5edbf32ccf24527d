"""The measures that filters find, chosen and ordered in memory: the same as MeasureFilter.measures() and .ordered()
find in the database. A test holds the two equal.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, overload

import numpy as np
from django_filters.constants import EMPTY_VALUES

from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.seen import SeenMeasures, ordinal_of, smallest
from reforms.columns.facts import NO_DAY, Column, among, place_of
from reforms.models import Disposition, Light, Measure, MeasureQuerySet, Part, Status

# Beyond any day, and still small enough to be put behind another number in 64 bits.
LAST_DAY = 2**22


class FoundMeasures(SeenMeasures):
    """What the filters in force find."""

    def __init__(self, filters: MeasureFilter) -> None:
        super().__init__(filters.view)
        self.filters = filters
        self._one = cache(self._chosen_by)

    def mask(self, *, without: str = "", every_disposition: bool = False) -> Column:
        """Those asked for; `without` leaves one filter out (for its facet)."""
        every = every_disposition or self.filters.chosen("disposition")
        found = self.shown.copy() if every else self.counted()
        for name, value in self.filters.form.cleaned_data.items():
            # As django-filter has it: what is empty asks for nothing.
            if name != without and value not in EMPTY_VALUES and self._chooses(name):
                found &= self._one(name)
        return found

    def _chooses(self, name: str) -> bool:
        """Whether a parameter chooses measures at all."""
        return getattr(self.filters.filters[name], "method", None) != "read_elsewhere"

    def _chosen_by(self, name: str) -> Column:
        value, rule = self.filters.chosen(name), RULES.get(name)
        return rule(self, value) if rule else self._as_stored(name, value)

    def _as_stored(self, name: str, value: Any) -> Column:
        """By a filter that looks at what the columns do not hold: it is asked of the database alone."""
        measures: MeasureQuerySet = Measure.objects.known(self.view.then)
        found = self.filters.filters[name].filter(measures.order_by(), value)
        return among(self.of["id"], list(found.values_list("pk", flat=True)))


def _is_one_of(name: str) -> "Rule":
    return lambda found, values: among(found.of[name], values)


def _choices(name: str, kind: type[Status | Disposition]) -> "Rule":
    return lambda found, values: found.told & among(found.of[name], [place_of(kind(value)) for value in values])


# How the filters read the columns, by name; those that are missing here look at more than these hold.
Rule = Callable[[FoundMeasures, Any], Column]
RULES: dict[str, Rule] = {
    "id": _is_one_of("id"),
    "list": lambda found, slugs: found.in_lists(slugs),
    "section": _is_one_of("section__number"),
    "item": _is_one_of("item__number"),
    "national": lambda found, value: found.of["item__is_national"] == value,
    "standing": lambda found, value: found.of["is_standing"] == value,
    "lead": lambda found, agencies: found.printed_for(agencies, Part.LEAD),
    "responsible": lambda found, agencies: found.printed_for(agencies, Part.RESPONSIBLE),
    "deadline": lambda found, days: among(found.deadline, [ordinal_of(day) for day in days]),
    "deadline_after": lambda found, day: found.deadline >= day.toordinal(),
    "deadline_before": lambda found, day: (found.deadline != NO_DAY) & (found.deadline <= day.toordinal()),
    "light": lambda found, lights: found.told & among(found.light, [place_of(Light(one)) for one in lights]),
    "status": _choices("status", Status),
    "disposition": _choices("disposition", Disposition),
}


class Ordered(Sequence[int]):
    """The ids of what is found in an order: a part of them is sorted only as far as it reaches."""

    def __init__(self, found: FoundMeasures, ordering: str) -> None:
        self.found, self.ordering = found, ordering

    def __len__(self) -> int:
        return int(self.found.mask().sum())

    @overload
    def __getitem__(self, part: int) -> int: ...
    @overload
    def __getitem__(self, part: slice) -> list[int]: ...
    def __getitem__(self, part: int | slice) -> int | list[int]:
        return self._ids(part) if isinstance(part, slice) else self._ids(slice(part, part + 1))[0]

    def _ids(self, part: slice) -> list[int]:
        rows = np.flatnonzero(self.found.mask())
        start, stop, _step = part.indices(len(rows))
        key, name = IN_ORDER[self.ordering.removeprefix("-")], self.ordering
        descending = name.startswith("-")
        if key is None:
            return self.found.ids((rows[::-1] if descending else rows)[start:stop])
        first = key(self.found, descending)[rows]
        # What is equal by the first stands by id, or as printed.
        then = rows if name.endswith("lead") else self.found.of["id"][rows]
        if descending:
            first, then = -first, -then
        return self.found.ids(rows[smallest(first, then, stop)[start:stop]])


def _without_last(days: Column, descending: bool) -> Column:  # noqa: FBT001  # one of two orders
    """Days to sort by; measures without one come last either way."""
    return days if descending else np.where(days == NO_DAY, LAST_DAY, days)


def _by_deadline(found: FoundMeasures, descending: bool) -> Column:  # noqa: FBT001
    return _without_last(found.deadline, descending)


def _by_closing(found: FoundMeasures, descending: bool) -> Column:  # noqa: FBT001
    return _without_last(found.of["closed_on"], descending)


def _by_light(found: FoundMeasures, descending: bool) -> Column:  # noqa: FBT001
    return found.light.astype(np.int64) * (LAST_DAY + 1) + _by_deadline(found, descending)


def _by_lead(found: FoundMeasures, descending: bool) -> Column:  # noqa: FBT001
    beside = found.columns.beside[Part.LEAD]
    leads = np.full(len(found.columns), 0 if descending else 2**31 - 1, np.int64)
    # Backwards: where several are printed, the first is set last.
    leads[beside.at[::-1]] = beside.agency[::-1]
    return leads


# The orders of reforms.catalogue.orderings that the columns hold; None is that in which they are.
IN_ORDER: dict[str, Callable[[FoundMeasures, bool], Column] | None] = {
    "number": None,
    "lead": _by_lead,
    "deadline": _by_deadline,
    "light": _by_light,
    "closed_on": _by_closing,
}
