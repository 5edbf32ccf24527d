"""What one agency leads, takes part in and must act on, as rows of the columns: all that its page says of
them is counted in memory."""

from collections.abc import Sequence
from functools import cache, cached_property
from typing import overload

import numpy as np

from agencies.models import Agency
from reforms.catalogue.rows import Viewpoint
from reforms.catalogue.seen import SeenMeasures, lights_by
from reforms.columns.duties import DIRECT
from reforms.columns.reading import Column, among, counted, first_of_each, united
from reforms.models import Light, Part


class Borne:
    """Of the measures that count, seen from `view`; rows are those of `seen.of`."""

    def __init__(self, agency: Agency, view: Viewpoint) -> None:
        self.agency, self.seen = agency, SeenMeasures(view)
        self.printed = cache(self._printed)
        duties = self.seen.columns.duties
        own = np.flatnonzero(duties.of["agency_id"] == agency.pk)
        rows, via = duties.at[own], duties.of["via_id"][own]
        self.every_via = set(counted(via)) - {DIRECT}
        count = self._counted[rows]
        self.held, self._via = rows[count], via[count]

    @cached_property
    def _counted(self) -> Column:
        return self.seen.counted()

    @cached_property
    def through(self) -> dict[int, int]:
        """How many of its duties come through each group or predecessor."""
        return counted(self._via[self._via != DIRECT])

    @property
    def extended(self) -> int:
        """Of how many that it must act on the deadline was moved, as far as may be seen."""
        return int((self.seen.of["is_deadline_moved"] & self.seen.told)[self.held].sum())

    def _printed(self, part: Part) -> Column:
        """The rows beside which it is printed as that part."""
        beside = self.seen.columns.beside[part]
        rows: Column = beside.at[beside.agency == self.agency.pk]
        found: Column = rows[self._counted[rows]]
        return found

    @cached_property
    def rows(self) -> Column:
        """The rows that it bears. A group holds no duty itself, its members do: of it those beside which it is
        printed."""
        if not self.agency.is_collective:
            return united([self.held], len(self.seen.columns))
        return united(map(self.printed, Part), len(self.seen.columns))

    @cached_property
    def lights(self) -> dict[Light, int]:
        """How many of those show each light, as far as may be seen."""
        counts = counted(self.seen.told_light[self.rows])
        return {light: counts.get(place, 0) for place, light in enumerate(Light)}

    def ids(self, part: str) -> "InOrder":
        """The ids of the measures of one part, in the order of lists; of none of `Part`, those that come through
        others."""
        rows = self.printed(Part(part)) if part in Part.values else self.held[self._via != DIRECT]
        return InOrder(self.seen, rows)

    @cached_property
    def sections(self) -> list[int]:
        """The ids of the sections in which it has anything, in the order of lists."""
        of = self.seen.of
        rows = united([self.rows, *map(self.printed, Part)], len(self.seen.columns))
        sections, first = first_of_each(of["section_id"][rows])
        at = rows[first]
        found: list[int] = sections[np.lexsort([of["section__number"][at], self.seen.place_of_list[at]])].tolist()
        return found

    def printed_in(self, sections: Sequence[int], part: Part) -> dict[int, int]:
        """How many measures of each of these sections print it as that part."""
        return counted(self._here(self.printed(part), sections))

    def lights_in(self, sections: Sequence[int]) -> dict[int, dict[Light | None, int]]:
        """How many of those it bears in each of these sections show each light; None where it is not told."""
        of_section = self.seen.of["section_id"][self.rows]
        here = among(of_section, sections)
        return lights_by(of_section[here], self.seen.told_light[self.rows[here]])

    def _here(self, rows: Column, sections: Sequence[int]) -> Column:
        of_section: Column = self.seen.of["section_id"][rows]
        return of_section[among(of_section, sections)]


class InOrder(Sequence[int]):
    """The ids of measures in the order of lists, of which a page takes some."""

    def __init__(self, seen: SeenMeasures, rows: Column) -> None:
        self.seen, self.rows = seen, rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, part: int) -> int: ...
    @overload
    def __getitem__(self, part: slice) -> list[int]: ...
    def __getitem__(self, part: int | slice) -> int | list[int]:
        found = self.seen.ids(np.atleast_1d(self.seen.in_order(self.rows)[part]))
        return found if isinstance(part, slice) else found[0]
