"""Who must act on each measure, as columns beside those of the measures: desks and 本期未报送 ask who of hundreds of
thousands owes a report."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from reforms.columns.reading import CHUNK, Column, among, joined, looked_up, read, replaced, some, within
from reforms.models import Duty, Part, Status

# What is read of each duty.
READ: dict[str, type] = {
    "id": int,
    "measure_id": int,
    "agency_id": int,
    "via_id": int,
    "part": Part,
    "status": Status,
    "last_report_on": dt.date,
}
# Stands for the `via_id` of a duty that comes through no other agency.
DIRECT = 0


@dataclass(frozen=True, slots=True, eq=False)
class DutyColumns:
    """A row for each duty, in the order of the measures; `at` is the row of its measure."""

    of: dict[str, Column]
    at: Column

    def __len__(self) -> int:
        return len(self.at)

    def near(self, agencies: Collection[int]) -> set[int]:
        """The ids of the measures on which one of these acts, or through which somebody does."""
        mask = among(self.of["agency_id"], agencies) | among(self.of["via_id"], agencies)
        return set(self.of["measure_id"][mask].tolist())


def read_all() -> dict[str, Column]:
    """Those of all measures."""
    return _read(Duty.objects.all())


def read_some(measures: Collection[int]) -> dict[str, Column]:
    """Those of these measures."""
    parts = [_read(Duty.objects.filter(measure__in=ids)) for ids in some(sorted(measures), CHUNK)]
    return joined(parts) if parts else _read(Duty.objects.none())


def measures_near(agencies: Collection[int]) -> set[int]:
    """As `near`, in the database."""
    found = Duty.objects.filter(Q(agency__in=agencies) | Q(via__in=agencies)) if agencies else Duty.objects.none()
    return set(found.order_by().values_list("measure_id", flat=True))


def in_order(row_by_id: Column, duties: dict[str, Column]) -> DutyColumns:
    """These duties in the order of their measures, of which the rows are given by id."""
    at = looked_up(row_by_id, duties["measure_id"])
    # Those of a measure that came while the others were read are read next time.
    there = np.flatnonzero(at >= 0)
    order = there[np.lexsort([duties["id"][there], at[there]])]
    return DutyColumns({name: column[order] for name, column in duties.items()}, at[order])


def in_place(old: DutyColumns, row_by_id: Column, rows: Column, fresh: dict[str, Column]) -> DutyColumns | None:
    """The same with the duties of the measures in these rows as they are by now, which is soon done where none has
    come or gone; None where some have."""
    again, new = within(old.at, rows), in_order(row_by_id, fresh)
    if not np.array_equal(old.of["id"][again], new.of["id"]) or not np.array_equal(old.at[again], new.at):
        return None
    return DutyColumns(replaced(old.of, again, new.of), old.at)


def merged(old: DutyColumns, altered: Collection[int], fresh: dict[str, Column]) -> dict[str, Column]:
    """The old ones but for those of these measures, and the fresh ones."""
    stay = ~among(old.of["measure_id"], altered)
    return joined([{name: column[stay] for name, column in old.of.items()}, fresh])


def _read(duties: "QuerySet[Duty]") -> dict[str, Column]:
    names = [Coalesce("via_id", Value(DIRECT)) if name == "via_id" else name for name in READ]
    return read(duties.order_by().values_list(*names), READ)
