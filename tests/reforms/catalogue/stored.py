"""The numbers of the measures page as the database has them: what those in memory must equal."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, F, Value, When
from django.db.models.expressions import Combinable

from reforms.catalogue.filters import MeasureFilter
from reforms.models import Assignment, MeasureQuerySet, Part, light_case, that_count


class Stored:
    """The numbers of Tally as the database has them."""

    def __init__(self, filters: MeasureFilter) -> None:
        self.filters, self.view = filters, filters.view
        self.several_lists, self.one_list = True, True

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
            .annotate(it_counts=counts if every else Value(True), **columns)  # a value in SQL
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

    def keys(self) -> list[int]:
        return list(self.filters.ordered().values_list("pk", flat=True))


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
