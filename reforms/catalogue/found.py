"""The measures that filters find, chosen and counted from the columns in memory: the same as MeasureFilter.measures()
and .ordered() find in the database, which past days are asked of. A test holds the two equal.
"""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, overload

import numpy as np
from django_filters.constants import EMPTY_VALUES

from reforms.catalogue.filters import MeasureFilter
from reforms.columns.facts import NO_DAY, Column, among, place_of
from reforms.columns.kept import columns
from reforms.models import STOPPED, Disposition, Light, Measure, Part, Status

ACTIVE = place_of(Disposition.ACTIVE)
# Beyond any day, and still small enough to be put behind another number in 64 bits.
LAST_DAY = 2**22
# So many are sorted whole; of more, only those that may stand on the page.
FEW = 5_000


@dataclass(frozen=True, slots=True)
class _Looked:
    """A list that is looked at."""

    id: int
    slug: str
    public_status: bool


class Found:
    """What the filters in force find of the facts as they are now. All sets are masks: a yes or no for each row."""

    def __init__(self, filters: MeasureFilter) -> None:
        self.filters, self.view = filters, filters.view
        self.columns = columns()
        self.of = self.columns.of
        rows = self.view.lists().order_by().values_list("pk", "slug", "public_status")
        self._lists = [_Looked(*row) for row in rows]
        self._one = cache(self._chosen_by)

    def mask(self, *, without: str = "", every_disposition: bool = False) -> Column:
        """Those asked for; `without` leaves one filter out (for its facet)."""
        every = every_disposition or self.filters.chosen("disposition")
        found = self._shown.copy() if every else self._shown & self.counts
        for name, value in self.filters.form.cleaned_data.items():
            # As django-filter has it: what is empty asks for nothing.
            if name != without and value not in EMPTY_VALUES and self._chooses(name):
                found &= self._one(name)
        return found

    def ids(self, rows: Column) -> list[int]:
        """The ids of the measures in these rows."""
        found: list[int] = self.of["id"][rows].tolist()
        return found

    @cached_property
    def told(self) -> Column:
        """Those whose status may be seen."""
        if self.view.sees_every_status:
            return np.ones(len(self.columns), bool)
        return among(self.of["reform_list_id"], [one.id for one in self._lists if one.public_status])

    @cached_property
    def counts(self) -> Column:
        """Those that count, as far as may be seen: `that_count` for columns."""
        active: Column = self.of["disposition"] == ACTIVE
        if self.view.sees_every_status:
            return active
        return active | (among(self.of["disposition"], [place_of(Disposition(one)) for one in STOPPED]) & ~self.told)

    @cached_property
    def deadline(self) -> Column:
        """The deadline that may be shown: the current one goes with the status, the printed one is public."""
        if self.view.sees_every_status:
            return self.of["deadline_in_force"]
        return np.where(self.told, self.of["deadline_in_force"], self.of["deadline"])

    @cached_property
    def light(self) -> Column:
        """The light of each on the day that is looked at."""
        return self.columns.light(self.view.on)

    @cached_property
    def _shown(self) -> Column:
        return among(self.of["reform_list_id"], [one.id for one in self._lists])

    def _chooses(self, name: str) -> bool:
        """Whether a parameter chooses measures at all."""
        return getattr(self.filters.filters[name], "method", None) != "read_elsewhere"

    def in_lists(self, slugs: Collection[str]) -> Column:
        """Those of the lists with these addresses."""
        return among(self.of["reform_list_id"], [one.id for one in self._lists if one.slug in slugs])

    def _chosen_by(self, name: str) -> Column:
        value, rule = self.filters.chosen(name), RULES.get(name)
        return rule(self, value) if rule else self._as_stored(name, value)

    def _as_stored(self, name: str, value: Any) -> Column:
        """By a filter that looks at what the columns do not hold: it is asked of the database alone."""
        measures = Measure.objects.order_by().with_shown_deadline(self.view.deadline)
        found = self.filters.filters[name].filter(measures, value)
        return among(self.of["id"], list(found.values_list("pk", flat=True)))

    def printed_for(self, agencies: Collection[int], part: Part) -> Column:
        """Those beside which one of the agencies is printed as that part."""
        beside, found = self.columns.beside[part], np.zeros(len(self.columns), bool)
        found[beside.at[among(beside.agency, agencies)]] = True
        return found

    def agencies(self, mask: Column, part: Part) -> dict[int, int]:
        """Beside how many of these each agency is printed as that part; those beside none are left out."""
        beside = self.columns.beside[part]
        return counted(beside.agency[mask[beside.at]])

    def page(self, ordering: str) -> "Ordered":
        """All that are found, in that order: one of IN_ORDER."""
        return Ordered(self, ordering)


def counted(values: Column) -> dict[int, int]:
    """How many there are of each number that occurs."""
    counts = np.bincount(values) if len(values) else np.zeros(0, np.int64)
    there = np.flatnonzero(counts)
    return dict(zip(there.tolist(), counts[there].tolist(), strict=True))


def day_of(ordinal: int) -> dt.date | None:
    """The day that a number of a column stands for."""
    return dt.date.fromordinal(ordinal) if ordinal != NO_DAY else None


def ordinal_of(day: dt.date | None) -> int:
    """The number that stands for a day."""
    return day.toordinal() if day else NO_DAY


def _is_one_of(name: str) -> "Rule":
    return lambda found, values: among(found.of[name], values)


def _choices(name: str, kind: type[Status | Disposition]) -> "Rule":
    return lambda found, values: found.told & among(found.of[name], [place_of(kind(value)) for value in values])


# How the filters read the columns, by name; those that are missing here look at more than these hold.
Rule = Callable[[Found, Any], Column]
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

    def __init__(self, found: Found, ordering: str) -> None:
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
        return self.found.ids(rows[_sorted(first, then, stop)[start:stop]])


def _sorted(first: Column, then: Column, stop: int) -> Column:
    """The places of the smallest `stop`, or more."""
    if len(first) <= max(FEW, stop):
        return np.lexsort([then, first])
    last = np.partition(first, stop)[stop]
    some = np.flatnonzero(first <= last)
    return some[np.lexsort([then[some], first[some]])]


def _without_last(days: Column, descending: bool) -> Column:  # noqa: FBT001  # one of two orders
    """Days to sort by; measures without one come last either way."""
    return days if descending else np.where(days == NO_DAY, LAST_DAY, days)


def _by_deadline(found: Found, descending: bool) -> Column:  # noqa: FBT001
    return _without_last(found.deadline, descending)


def _by_closing(found: Found, descending: bool) -> Column:  # noqa: FBT001
    return _without_last(found.of["closed_on"], descending)


def _by_light(found: Found, descending: bool) -> Column:  # noqa: FBT001
    return found.light.astype(np.int64) * (LAST_DAY + 1) + _by_deadline(found, descending)


def _by_lead(found: Found, descending: bool) -> Column:  # noqa: FBT001
    beside = found.columns.beside[Part.LEAD]
    leads = np.full(len(found.columns), 0 if descending else 2**31 - 1, np.int64)
    # Backwards: where several are printed, the first is set last.
    leads[beside.at[::-1]] = beside.agency[::-1]
    return leads


# The orders of reforms.catalogue.orderings that the columns hold; None is that in which they are.
IN_ORDER: dict[str, Callable[[Found, bool], Column] | None] = {
    "number": None,
    "lead": _by_lead,
    "deadline": _by_deadline,
    "light": _by_light,
    "closed_on": _by_closing,
}
