"""The measures that filters find, chosen, ordered and counted in memory: the same as MeasureFilter.measures() and
.ordered() find in the database. A test holds the two equal.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from functools import cache, cached_property
from typing import Any, overload

import numpy as np
from django.db.models import QuerySet
from django_filters.constants import EMPTY_VALUES

from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.seen import SeenMeasures, day_of, ordinal_of, smallest
from reforms.columns.kept import WORTH_STORING, columns
from reforms.columns.reading import NO_DAY, Column, among, counted, place_of
from reforms.columns.remembered import Made
from reforms.lib.folding import words_of
from reforms.models import Disposition, Light, Measure, MeasureQuerySet, Part, ReformList, Status
from reforms.search.measures import place_meant

# Measures that are asked for by their ids.
MOST_BY_ID = 1_000
# Beyond any day, and still small enough to be put behind another number in 64 bits.
LAST_DAY = 2**22


class FoundMeasures(SeenMeasures):
    """What the filters in force find."""

    def __init__(self, filters: MeasureFilter) -> None:
        super().__init__(filters.view)
        self.filters = filters
        # Total, page and every facet in which nothing is chosen ask for the same.
        self._by_all, self._by_one = cache(self._chosen_by_all), cache(self._chosen_by)

    def mask(self, *, without: str = "", every_disposition: bool = False) -> Column:
        """Those asked for; `without` leaves one filter out (for its facet). Not to be written to."""
        every = every_disposition or bool(self.filters.chosen("disposition"))
        return self._by_all(tuple(name for name in self.in_force if name != without), every)

    @cached_property
    def in_force(self) -> list[str]:
        """The parameters that choose measures. As django-filter has it, what is empty asks for nothing."""
        given = self.filters.form.cleaned_data.items()
        return [
            name
            for name, value in given
            if value not in EMPTY_VALUES and getattr(self.filters.filters[name], "method", None) != "read_elsewhere"
        ]

    def _chosen_by_all(self, names: tuple[str, ...], every: bool) -> Column:  # noqa: FBT001  # a key of the cache
        parts = self.shown if every else self.counted(), *map(self._by_one, names)
        return self.remembered((self.asked(names), every), parts, lambda: np.logical_and.reduce(parts))

    def asked(self, names: Iterable[str]) -> Hashable:
        """What these filters ask for, to tell results apart by."""
        return tuple((name, repr(self.filters.chosen(name))) for name in names)

    def _chosen_by(self, name: str) -> Column:
        value, rule = self.filters.chosen(name), RULES.get(name)
        if rule is None:
            return self._as_stored(name, value)
        if name == "search":
            return rule(self, value)
        return self.remembered(self.asked([name]), self._read_by_rules, lambda: rule(self, value))

    @cached_property
    def _read_by_rules(self) -> tuple[Any, ...]:
        """Whatever a filter but the search looks at."""
        beside = (column for one in self.columns.beside.values() for column in (one.at, one.agency))
        return self.lists, self.told, self.deadline, self.light, *(self.of[name] for name in FILTERED), *beside

    def with_words(self, query: str) -> Column:
        """Those that a search finds: the rule of reforms.search.measures for columns."""
        found, meant = np.ones(len(self.columns), bool), self._at_place(query)
        for word in words_of(query):
            found &= self.columns.with_word(word) | self._beside(self.filters.known_names.called(word)) | meant
        return found

    def _at_place(self, query: str) -> Column:
        """Those that a query like 51-2 means."""
        place = place_meant(query)
        if not place:
            return np.zeros(len(self.columns), bool)
        meant = Measure.objects.filter(item__number=place[0], seq_in_item=place[1]).order_by()
        return among(self.of["id"], list(meant.values_list("pk", flat=True)))

    def _beside(self, agencies: Collection[int]) -> Column:
        """Those beside which one of the agencies is printed, or on which it must act."""
        found = np.zeros(len(self.columns), bool)
        if agencies:
            duties = self.columns.duties
            found[duties.at[among(duties.of["agency_id"], agencies)]] = True
        for part in Part if agencies else ():
            found |= self.printed_for(agencies, part)
        return found

    def _as_stored(self, name: str, value: Any) -> Column:
        """By a filter that looks at what the columns do not hold: it is asked of the database alone."""
        measures: MeasureQuerySet = Measure.objects.known(self.view.then)
        found = self.filters.filters[name].filter(measures.order_by(), value)
        return among(self.of["id"], list(found.values_list("pk", flat=True)))


def searched_first(measures: MeasureQuerySet, filters: MeasureFilter) -> MeasureQuerySet:
    """The same measures; where a search finds few, the database looks at those alone: for a rare word it would read
    every text before it has a page."""
    if not filters.chosen("search") or len(columns()) < WORTH_STORING:
        return measures
    found = FoundMeasures(filters)
    rows = np.flatnonzero(found.mask())
    return measures if len(rows) > MOST_BY_ID else measures.filter(pk__in=found.ids(rows))


def _is_one_of(name: str) -> "Rule":
    return lambda found, values: among(found.of[name], values)


def _choices(name: str, kind: type[Status | Disposition]) -> "Rule":
    return lambda found, values: found.told & among(found.of[name], [place_of(kind(value)) for value in values])


# The columns that rules read.
FILTERED = (
    "id",
    "reform_list_id",
    "section__number",
    "item__number",
    "item__is_national",
    "is_standing",
    "status",
    "disposition",
)
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
    "search": FoundMeasures.with_words,
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


# The orders of reforms.catalogue.filters that the columns hold; None is that in which they are.
IN_ORDER: dict[str, Callable[[FoundMeasures, bool], Column] | None] = {
    "number": None,
    "lead": _by_lead,
    "deadline": _by_deadline,
    "light": _by_light,
    "closed_on": _by_closing,
}


class Tally:
    """How many measures have each value of each facet, how many are found in all (`total`), and which (`keys`)."""

    def __init__(self, filters: MeasureFilter) -> None:
        self.filters, self.view = filters, filters.view
        # Two tell whether there are several; how many more does not matter.
        readable = ReformList.objects.readable_by(self.view.who).order_by()
        self.several_lists = len(readable.values_list("pk")[:2]) > 1
        self.one_list = not self.several_lists or len(filters.chosen("list") or ()) == 1

    @cached_property
    def _found(self) -> FoundMeasures:
        return FoundMeasures(self.filters)

    @cached_property
    def lists(self) -> "Sequence[tuple[int, str, str, str]]":
        """Id, slug, short title and title of every list that may be read. They take longer to read than all measures
        to count."""
        readable = ReformList.objects.readable_by(self.view.who)
        rows = readable.values_list("pk", "slug", "short_title", "title")
        return self._found.remembered("names of lists", (self._found.columns.lists,), lambda: list(rows))

    @cached_property
    def total(self) -> int:
        """How many the filters in force find."""
        mask = self._found.mask()
        return self._remembered("total", "", (mask,), lambda: int(mask.sum()))

    def _remembered(self, what: str, facet: str, made_from: tuple[Column, ...], make: Callable[[], Made]) -> Made:
        asked = self._found.asked(name for name in self._found.in_force if name != facet)
        return self._found.remembered((what, facet, asked), made_from, make)

    def of(self, name: str) -> dict[Any, int]:
        """The counts of one facet by value: of those whose status may be told where it tells that. What may not be told
        must not be counted either, since the number would tell it."""
        # What does not count stands in 在册情况, of which it is one of the values.
        found = self._found.mask(without=name, every_disposition=name == "disposition")
        column_of, value_of = VALUES[name]
        column, told = column_of(self._found), self._found.told
        counts = self._remembered(
            "counts",
            name,
            (found, column, told),
            lambda: counted(column[found & told if name in OF_STATUS else found]),
        )
        return {value_of(number): n for number, n in counts.items()}

    def of_agencies(self, name: str, part: Part) -> dict[int, int]:
        """The same of the agencies printed beside the measures."""
        mask, beside = self._found.mask(without=name), self._found.columns.beside[part]
        made_from = mask, beside.at, beside.agency
        return self._remembered("agencies", name, made_from, lambda: self._found.agencies(mask, part))

    def keys(self) -> "Sequence[int] | QuerySet[Any, int]":
        """The ids of what the filters in force find, in the order asked for, some of which a page takes."""
        ordering = self.filters.chosen("ordering") or "number"
        if ordering.removeprefix("-") in IN_ORDER:
            return Ordered(self._found, ordering)
        return self.filters.ordered().values_list("pk", flat=True)


def _column(name: str) -> Callable[[FoundMeasures], Column]:
    return lambda found: found.of[name]


# Of each facet the column, and what its numbers stand for.
VALUES: dict[str, tuple[Callable[[FoundMeasures], Column], Callable[[int], Any]]] = {
    "list": (_column("reform_list_id"), int),
    "section": (_column("section__number"), int),
    "national": (_column("item__is_national"), bool),
    "standing": (_column("is_standing"), bool),
    "deadline": (lambda found: found.deadline, day_of),
    "light": (lambda found: found.light, list(Light).__getitem__),
    "status": (_column("status"), list(Status).__getitem__),
    "disposition": (_column("disposition"), list(Disposition).__getitem__),
}
OF_STATUS = ("light", "status", "disposition")
