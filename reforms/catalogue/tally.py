"""How many of the measures that filters find have each value of each facet."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.found import IN_ORDER, FoundMeasures, Ordered
from reforms.catalogue.seen import counted, day_of
from reforms.columns.facts import Column
from reforms.models import Disposition, Light, Part, ReformList, Status


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
    def total(self) -> int:
        """How many the filters in force find."""
        return int(self._found.mask().sum())

    def of(self, name: str) -> dict[Any, int]:
        """The counts of one facet by value: of those whose status may be told where it tells that. What may not be told
        must not be counted either, since the number would tell it."""
        # What does not count stands in 在册情况, of which it is one of the values.
        found = self._found.mask(without=name, every_disposition=name == "disposition")
        column, value_of = VALUES[name]
        counts = counted(column(self._found)[found & self._found.told if name in OF_STATUS else found])
        return {value_of(number): n for number, n in counts.items()}

    def of_agencies(self, name: str, part: Part) -> dict[int, int]:
        """The same of the agencies printed beside the measures."""
        return self._found.agencies(self._found.mask(without=name), part)

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
