"""All measures as somebody may look at them on a day, as columns in memory.

A set of measures is a mask, with a yes or no for each row.
"""

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from reforms.catalogue.rows import Viewpoint
from reforms.columns.kept import columns
from reforms.columns.reading import FEW, NO_DAY, Column, among, counted, place_of
from reforms.columns.remembered import REMEMBERED, Made
from reforms.models import STOPPED, Disposition, Light, Part, ReformListQuerySet

ACTIVE = place_of(Disposition.ACTIVE)
# Every light, and none for where it is not told.
SHOWN_LIGHTS: list[Light | None] = [*Light, None]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class LookedLists:
    """The lists that are looked at, in their order, and which of them tell the status of their measures."""

    ids: Column
    slugs: Sequence[str]
    is_told: Column

    @classmethod
    def read(cls, lists: ReformListQuerySet) -> Self:
        """These; one query."""
        rows = list(lists.values_list("pk", "slug", "public_status"))
        ids, slugs, told = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(np.array(ids, np.int32), slugs, np.array(told, bool))

    def called(self, slugs: Collection[str]) -> list[int]:
        """The ids of those with these addresses."""
        return [pk for pk, slug in zip(self.ids.tolist(), self.slugs, strict=True) if slug in slugs]


class SeenMeasures:
    """What a viewpoint sees: the same as `counted_measures` and its annotations say in the database."""

    def __init__(self, view: Viewpoint) -> None:
        self.view = view
        self.columns = columns().as_of(view.on) if view.past else columns()
        self.of = self.columns.of
        lists = view.lists()
        # Whose lists they are, and as of when: what others see is remembered beside it.
        self._seen_by = str(lists.query), view.sees_every_status, view.then
        self.lists = self.remembered("lists", (self.columns.lists,), lambda: LookedLists.read(lists))

    def remembered(self, what: Hashable, made_from: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """What was made last for this viewpoint, where it was made from the same objects."""
        return REMEMBERED.of((self._seen_by, what), made_from, make)

    def counted(self, slugs: Collection[str] = ()) -> Column:
        """Those that count, of the lists looked at or of those of `slugs`."""
        every = self.remembered("counted", (self.shown, self.counts), lambda: self.shown & self.counts)
        if not slugs:
            return every
        chosen = tuple(sorted(slugs))
        return self.remembered(("counted", chosen), (every, self.lists), lambda: every & self.in_lists(chosen))

    @cached_property
    def shown(self) -> Column:
        """Those in the lists looked at, whether they count or not."""
        there, of_lists = self.columns.there, self.of["reform_list_id"]
        made_from = (of_lists, self.lists, *([there] if self.view.past else []))
        return self.remembered("shown", made_from, lambda: among(of_lists, self.lists.ids.tolist()) & there)

    @cached_property
    def told(self) -> Column:
        """Those whose status may be seen."""
        return self.remembered("told", (self.of["reform_list_id"], self.lists), self._told)

    def _told(self) -> Column:
        if self.view.sees_every_status:
            return np.ones(len(self.columns), bool)
        return among(self.of["reform_list_id"], self.lists.ids[self.lists.is_told].tolist())

    @cached_property
    def counts(self) -> Column:
        """Those that count, as far as may be seen: `that_count` for columns."""
        return self.remembered("counts", (self.of["disposition"], self.told), self._counts)

    def _counts(self) -> Column:
        active: Column = self.of["disposition"] == ACTIVE
        if self.view.sees_every_status:
            return active
        return active | (among(self.of["disposition"], [place_of(Disposition(one)) for one in STOPPED]) & ~self.told)

    @cached_property
    def deadline(self) -> Column:
        """The deadline that may be shown: the current one goes with the status, the printed one is public."""
        if self.view.sees_every_status:
            return self.of["deadline_in_force"]
        made_from = self.told, self.of["deadline_in_force"], self.of["deadline"]
        return self.remembered("deadline", made_from, lambda: np.where(*made_from))

    @cached_property
    def light(self) -> Column:
        """The light of each on the day that is looked at, whether it is told or not."""
        return self.columns.light(self.view.on)

    @cached_property
    def told_light(self) -> Column:
        """The same as a place in SHOWN_LIGHTS."""
        untold = np.int8(SHOWN_LIGHTS.index(None))
        return self.remembered("light", (self.told, self.light), lambda: np.where(self.told, self.light, untold))

    def in_lists(self, slugs: Collection[str]) -> Column:
        """Those of the lists with these addresses."""
        return among(self.of["reform_list_id"], self.lists.called(slugs))

    def printed_for(self, agencies: Collection[int], part: Part) -> Column:
        """Those beside which one of the agencies is printed as that part."""
        beside, found = self.columns.beside[part], np.zeros(len(self.columns), bool)
        found[beside.at[among(beside.agency, agencies)]] = True
        return found

    def agencies(self, mask: Column, part: Part) -> dict[int, int]:
        """How many of these each agency is printed beside as that part; those beside none are left out."""
        beside = self.columns.beside[part]
        return counted(beside.agency[mask[beside.at]])

    def in_order(self, rows: Column) -> Column:
        """These rows by the order of their lists, the latest first, and as printed there."""
        return rows[np.lexsort([rows, self.place_of_list[rows]])]

    @cached_property
    def place_of_list(self) -> Column:
        """For each measure the place of its list in the order of lists."""
        lists = self.of["reform_list_id"]
        places = np.zeros(int(lists.max(initial=0)) + 1, np.int32)
        ids = self.lists.ids[self.lists.ids < len(places)]
        places[ids] = np.arange(len(ids), dtype=np.int32)
        return places[lists]

    def ids(self, rows: Column) -> list[int]:
        """The ids of the measures in these rows."""
        found: list[int] = self.of["id"][rows].tolist()
        return found

    def first_due(self, mask: Column, most: int) -> list[int]:
        """The ids of these that are due first, no more than `most`; as printed where deadlines are equal."""
        rows = np.flatnonzero(mask)
        return self.ids(rows[smallest(self.deadline[rows], rows, most)[:most]])


def lights_by(subjects: Column, shown: Column) -> dict[int, dict[Light | None, int]]:
    """How many of each subject, a small number, show each light; `shown` are places in SHOWN_LIGHTS."""
    found: dict[int, dict[Light | None, int]] = {}
    # A number for each subject and light.
    for number, count in counted(subjects.astype(np.int64) * len(SHOWN_LIGHTS) + shown).items():
        subject, light = divmod(number, len(SHOWN_LIGHTS))
        found.setdefault(subject, {})[SHOWN_LIGHTS[light]] = count
    return found


def smallest(first: Column, then: Column, most: int) -> Column:
    """The places of the smallest, in order by the one and then by the other: so many of them, or more."""
    if len(first) <= max(FEW, most):
        return np.lexsort([then, first])
    last = np.partition(first, most)[most]
    some = np.flatnonzero(first <= last)
    return some[np.lexsort([then[some], first[some]])]


def day_of(ordinal: int) -> dt.date | None:
    """The day that a number of a column stands for."""
    return dt.date.fromordinal(ordinal) if ordinal != NO_DAY else None


def ordinal_of(day: dt.date | None) -> int:
    """The number that stands for a day."""
    return day.toordinal() if day else NO_DAY
