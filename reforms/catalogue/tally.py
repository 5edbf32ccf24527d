"""How many of the measures that filters find have each value of each facet: from the columns in memory, or, of a past
day, from the database. A test holds the two equal.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, F, QuerySet, Value, When
from django.db.models.expressions import Combinable

from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.found import IN_ORDER, Found, Ordered, counted, day_of
from reforms.columns.facts import Column
from reforms.models import (
    Assignment,
    Disposition,
    Light,
    MeasureQuerySet,
    Part,
    ReformList,
    Status,
    light_case,
    that_count,
)


class Tally(ABC):
    """How many measures have each value of each facet, how many are found in all (`total`), and which (`keys`)."""

    def __init__(self, filters: MeasureFilter) -> None:
        self.filters, self.view = filters, filters.view
        # Two tell whether there are several; how many more does not matter.
        readable = ReformList.objects.readable_by(self.view.who).order_by()
        self.several_lists = len(readable.values_list("pk")[:2]) > 1
        self.one_list = not self.several_lists or len(filters.chosen("list") or ()) == 1

    @property
    @abstractmethod
    def total(self) -> int:
        """How many the filters in force find."""

    @abstractmethod
    def of(self, name: str) -> dict[Any, int]:
        """The counts of one facet by value: of those whose status may be told where it tells that. What may not be told
        must not be counted either, since the number would tell it."""

    @abstractmethod
    def of_agencies(self, name: str, part: Part) -> dict[int, int]:
        """The same of the agencies printed beside the measures."""

    @abstractmethod
    def keys(self) -> "Ordered | QuerySet[Any, int]":
        """The ids of what the filters in force find, in the order asked for, some of which a page takes."""


def tally_of(filters: MeasureFilter) -> Tally:
    """The one for the day that is looked at."""
    return StoredTally(filters) if filters.view.past else KeptTally(filters)


def _stored_keys(filters: MeasureFilter) -> "QuerySet[Any, int]":
    return filters.ordered().values_list("pk", flat=True)


class KeptTally(Tally):
    """From the columns in memory, as measures stand now."""

    @cached_property
    def total(self) -> int:
        return int(self._found.mask().sum())

    def of(self, name: str) -> dict[Any, int]:
        of_status, every = name in OF_STATUS, name == "disposition"
        found = self._found.mask(without=name, every_disposition=every)
        column, value_of = VALUES[name]
        counts = counted(column(self._found)[found & self._found.told if of_status else found])
        return {value_of(number): n for number, n in counts.items()}

    def of_agencies(self, name: str, part: Part) -> dict[int, int]:
        return self._found.agencies(self._found.mask(without=name), part)

    def keys(self) -> "Ordered | QuerySet[Any, int]":
        ordering = self.filters.chosen("ordering") or "number"
        in_order = ordering.removeprefix("-") in IN_ORDER
        return Ordered(self._found, ordering) if in_order else _stored_keys(self.filters)

    @cached_property
    def _found(self) -> Found:
        return Found(self.filters)


def _column(name: str) -> Callable[[Found], Column]:
    return lambda found: found.of[name]


# Of each facet the column, and what its numbers stand for.
VALUES: dict[str, tuple[Callable[[Found], Column], Callable[[int], Any]]] = {
    "list": (_column("reform_list_id"), int),
    "section": (_column("section__number"), int),
    "national": (_column("item__is_national"), bool),
    "standing": (_column("is_standing"), bool),
    "deadline": (lambda found: found.deadline, day_of),
    "light": (lambda found: found.light, list(Light).__getitem__),
    "status": (_column("status"), list(Status).__getitem__),
    "disposition": (_column("disposition"), list(Disposition).__getitem__),
}


class StoredTally(Tally):
    """From the database: of a past day, of which the columns know nothing."""

    @cached_property
    def total(self) -> int:
        return sum(group.count for group in self._groups if group.counts)

    def of(self, name: str) -> dict[Any, int]:
        found: Counter[Any] = Counter()
        for group in self._groups if name in self._free else self._grouped([name], without=name):
            # What does not count stands in 在册情况, of which it is one of the values.
            if group.counts or name == "disposition":
                found[group.values[name]] += group.count
        if name in OF_STATUS:
            del found[None]
        return dict(found)

    def of_agencies(self, name: str, part: Part) -> dict[int, int]:
        beside = self._beside if _is_free(self.filters, name) else _agencies_beside(self.filters.measures(without=name))
        return {agency: n for (found, agency), n in beside.items() if found == part}

    @cached_property
    def _beside(self) -> dict[tuple[str, int], int]:
        return _agencies_beside(self.filters.measures())

    @cached_property
    def _free(self) -> list[str]:
        """The facets that are counted together."""
        names = ["deadline", "national", "standing"]
        names += ["list"] if self.several_lists else []
        names += ["section"] if self.one_list else []
        names += OF_STATUS if self.view.sees_status else []
        return [name for name in names if _is_free(self.filters, name)]

    @cached_property
    def _groups(self) -> "list[_Group]":
        return self._grouped(self._free)

    def _grouped(self, names: Sequence[str], *, without: str = "") -> "list[_Group]":
        every = "disposition" in names
        facts, sees_every = self.view.facts, self.view.sees_every_status
        counts = Case(When(that_count(facts=facts, sees_status=sees_every), then=True), default=False)
        columns = {f"of_{name}": self._column(name) for name in names}
        rows = (
            # order_by(): an order would be grouped by as well.
            self.filters.measures(without=without, every_disposition=every)
            .order_by()
            .annotate(it_counts=counts if every else Value(True), **columns)  # noqa: FBT003  # a value in SQL
            .values_list("it_counts", *columns)
            .annotate(n=Count("pk"))
        )
        found = rows.values_list("it_counts", "n", *columns)
        return [_Group(bool(it), n, dict(zip(names, values, strict=True))) for it, n, *values in found]

    def _column(self, name: str) -> Combinable:
        facts, told = self.view.facts, self.view.tells_status()
        if name == "light":
            return light_case(self.view.on, prefix=facts, told=told)
        if name in OF_STATUS:
            field = F(f"{facts}{name}")
            return Case(When(told, then=field)) if told else field
        return F(f"{facts}is_standing") if name == "standing" else F(COLUMNS[name])

    def keys(self) -> "QuerySet[Any, int]":
        return _stored_keys(self.filters)


# None stands for measures whose status may not be told.
OF_STATUS = ["light", "status", "disposition"]
COLUMNS = {
    "deadline": "shown_deadline",
    "list": "reform_list_id",
    "national": "item__is_national",
    "section": "section__number",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """So many measures with these values, by facet; `counts` is false of those that were withdrawn or stopped."""

    counts: bool
    count: int
    values: dict[str, Any]


def _is_free(filters: MeasureFilter, name: str) -> bool:
    chosen = filters.chosen(name)
    return chosen is None or chosen == []


def _agencies_beside(measures: MeasureQuerySet) -> dict[tuple[str, int], int]:
    beside = Assignment.objects.filter(measure__in=measures.order_by().values("pk")).order_by()
    counts = beside.values_list("part", "agency").annotate(n=Count("measure"))
    return {(part, agency): n for part, agency, n in counts.values_list("part", "agency", "n")}
