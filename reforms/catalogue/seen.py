"""All measures as somebody may look at them on a day, as columns in memory.

A set of measures is a mask, with a yes or no for each row.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reforms.catalogue.rows import Viewpoint
from reforms.columns.facts import NO_DAY, Column, among, place_of
from reforms.columns.kept import columns
from reforms.models import STOPPED, Disposition, Light, Part

ACTIVE = place_of(Disposition.ACTIVE)
# Every light, and none for where it is not told.
SHOWN_LIGHTS: list[Light | None] = [*Light, None]
# So many are sorted whole; of more, only those that may stand on the page.
FEW = 5_000


@dataclass(frozen=True, slots=True)
class _Looked:
    """A list that is looked at."""

    id: int
    slug: str
    public_status: bool


class SeenMeasures:
    """What a viewpoint sees: the same as `counted_measures` and its annotations say in the database."""

    def __init__(self, view: Viewpoint) -> None:
        self.view = view
        self.columns = columns().as_of(view.on) if view.past else columns()
        self.of = self.columns.of
        rows = view.lists().values_list("pk", "slug", "public_status")
        self._lists = [_Looked(*row) for row in rows]

    def counted(self, slugs: Collection[str] = ()) -> Column:
        """Those that count, of the lists looked at or of those of `slugs`."""
        return self.shown & self.counts & self.in_lists(slugs) if slugs else self.shown & self.counts

    @cached_property
    def shown(self) -> Column:
        """Those in the lists looked at, whether they count or not."""
        return among(self.of["reform_list_id"], [one.id for one in self._lists]) & self.columns.there

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
        """The light of each on the day that is looked at, whether it is told or not."""
        return self.columns.light(self.view.on)

    @cached_property
    def told_light(self) -> Column:
        """The same as a place in SHOWN_LIGHTS."""
        return np.where(self.told, self.light, len(Light))

    def in_lists(self, slugs: Collection[str]) -> Column:
        """Those of the lists with these addresses."""
        return among(self.of["reform_list_id"], [one.id for one in self._lists if one.slug in slugs])

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
        ids = [one.id for one in self._lists if one.id < len(places)]
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


def counted(values: Column) -> dict[int, int]:
    """How many there are of each number that occurs."""
    numbers, counts = _different(values)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def lights_by(subjects: Column, shown: Column) -> dict[int, dict[Light | None, int]]:
    """How many of each subject, a small number, show each light; `shown` are places in SHOWN_LIGHTS."""
    found: dict[int, dict[Light | None, int]] = {}
    # A number for each subject and light.
    for number, count in counted(subjects.astype(np.int64) * len(SHOWN_LIGHTS) + shown).items():
        subject, light = divmod(number, len(SHOWN_LIGHTS))
        found.setdefault(subject, {})[SHOWN_LIGHTS[light]] = count
    return found


def distinct(values: Column) -> int:
    """How many different numbers occur."""
    return len(_different(values)[0])


def numbered(values: Column) -> tuple[list[int], Column]:
    """The different numbers in order, and for each value which of them it is."""
    numbers, _counts = _different(values)
    if len(values) <= FEW:
        return numbers.tolist(), np.searchsorted(numbers, values)
    place = np.zeros(int(values.max()) + 1, np.int32)
    place[numbers] = np.arange(len(numbers), dtype=np.int32)
    return numbers.tolist(), place[values]


def _different(values: Column) -> tuple[Column, Column]:
    """The numbers that occur, in order, and how often each does. Many are not sorted but counted in a table, which is
    as long as the largest number: ids and days are small ones."""
    if len(values) <= FEW:
        numbers, counts = np.unique(values, return_counts=True)
        return numbers, counts
    counts = np.bincount(values)
    numbers = np.flatnonzero(counts)
    return numbers, counts[numbers]


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
