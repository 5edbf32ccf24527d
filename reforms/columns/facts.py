"""What pages count of every measure, as columns of numbers in memory: choosing and counting a million rows takes
milliseconds there, and seconds in the database (docs/performance.md, “What is kept in memory”).

A day is its ordinal, NO_DAY where there is none; a choice is its place among the values of its class.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import QuerySet, TextChoices

from reforms.models import (
    DUE_SOON_DAYS,
    Assignment,
    Disposition,
    Light,
    Measure,
    Part,
    PastState,
    Status,
    has_word,
    holds_on,
)

NO_DAY = 0
CHUNK = 20_000
Column = np.ndarray[Any, Any]

# What is read of each measure.
READ: dict[str, type] = {
    "id": int,
    "reform_list_id": int,
    "row": int,
    "section_id": int,
    "section__number": int,
    "item_id": int,
    "item__number": int,
    "item__is_national": bool,
    "status": Status,
    "disposition": Disposition,
    "is_standing": bool,
    "deadline": dt.date,
    "deadline_in_force": dt.date,
    "is_deadline_moved": bool,
    "first_report_on": dt.date,
    "claimed_on": dt.date,
    "closed_on": dt.date,
}
PLACE = ("reform_list_id", "row", "id")
# Of each past state, beside the measure's id.
PAST = tuple(name for name in READ if name in {field.name for field in PastState._meta.concrete_fields} - {"id"})
# So many past days are kept; one takes half of what the present takes.
PAST_DAYS = 3
# So many words that were searched last; each takes a byte a measure.
WORDS_KEPT = 32
THERE = "there"


@dataclass(frozen=True, slots=True, eq=False)
class PrintedAgencies:
    """The agencies that are printed beside measures as one part: at which row of the columns, and the agency's id;
    those of one measure follow one another as they are printed."""

    at: Column
    agency: Column


@dataclass(frozen=True, slots=True, eq=False)
class MeasureColumns:
    """A row for each measure, in the order in which the lists print them."""

    of: dict[str, Column]
    beside: dict[Part, PrintedAgencies]
    # Read and made when first asked for, and let go with these.
    past: dict[dt.date, "MeasureColumns"] = field(default_factory=dict)
    lights: dict[dt.date, Column] = field(default_factory=dict)
    holding: dict[str, Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.of["id"])

    def light(self, on: dt.date) -> Column:
        """The light of each measure on the business date `on`, from the facts as they are now: `light_of` for all."""
        found = self.lights.get(on)
        if found is None:
            # One day is asked for, and another once it has turned. Other threads may do the same meanwhile.
            self.lights.clear()
            found = self.lights[on] = _lights(self.of, on.toordinal())
        return found

    def as_of(self, day: dt.date) -> "MeasureColumns":
        """The same with the facts of a past day (reforms.status.past); `there` says which had come by then."""
        found = self.past.get(day)
        if found is None:
            for old in list(self.past)[: 1 - PAST_DAYS]:
                self.past.pop(old, None)
            found = self.past[day] = _as_of(self, day)
        return found

    def with_word(self, word: str) -> Column:
        """Those whose text holds a word, as it is searched (reforms.search). The database reads all texts for it: the
        answer is kept, since whoever searches goes on to filter and to turn pages."""
        found = self.holding.get(word)
        if found is None:
            ids = Measure.objects.filter(has_word(word)).order_by().values_list("pk", flat=True)
            for old in list(self.holding)[: 1 - WORDS_KEPT]:
                self.holding.pop(old, None)
            found = self.holding[word] = among(self.of["id"], list(ids.iterator(chunk_size=CHUNK)))
        return found

    @property
    def there(self) -> Column:
        """Those that are there on that day."""
        return self.of[THERE] if THERE in self.of else np.ones(len(self), bool)

    def rows_of(self, ids: Column) -> Column:
        """The row of each of these measures; -1 of those that are not there."""
        return _row_of(self.of["id"], ids)[ids]

    def at(self, ids: Collection[int]) -> Column:
        """The rows of the measures with these ids; those that are not there are left out."""
        return np.flatnonzero(among(self.of["id"], ids))


def among(column: Column, values: Collection[int]) -> Column:
    """Whether each is one of these. By a table: ids are small numbers, and there may be many of either."""
    wanted = np.fromiter(values, np.int64, len(values))
    last = int(column.max(initial=0))
    table = np.zeros(last + 1, bool)
    table[wanted[(wanted >= 0) & (wanted <= last)]] = True
    return table[column]


def place_of(choice: TextChoices) -> int:
    """The number that stands for a value of a choice."""
    return list(type(choice)).index(choice)


def _lights(of: dict[str, Column], on: int) -> Column:
    """The rule of reforms.models.lights for columns; a test holds them equal."""
    deadline, claimed, closed = of["deadline_in_force"], of["claimed_on"], of["closed_on"]
    in_time = (deadline == NO_DAY) | (claimed <= deadline)
    rules = {
        Light.CLOSED: (closed != NO_DAY) & (closed <= on),
        Light.STANDING: of["is_standing"],
        Light.UNDER_REVIEW: (claimed != NO_DAY) & (claimed <= on) & in_time,
        Light.OVERDUE: (deadline != NO_DAY) & (deadline < on),
        Light.DUE_SOON: (deadline != NO_DAY) & (deadline <= on + DUE_SOON_DAYS),
        Light.ON_TRACK: (of["first_report_on"] != NO_DAY) & (of["first_report_on"] <= on),
    }
    places = [np.int8(place_of(light)) for light in rules]
    return np.select(list(rules.values()), places, np.int8(place_of(Light.AWAITING_REPORT)))


def _as_of(now: MeasureColumns, day: dt.date) -> MeasureColumns:
    """What stands since that day or longer is read off the present; of the others the state that was followed."""
    of = {name: now.of[name].copy() for name in PAST} | {THERE: np.ones(len(now), bool)}
    began_later = PastState.objects.filter(until=None, since__gt=day).order_by()
    of[THERE][now.at(list(began_later.values_list("measure_id", flat=True)))] = False
    followed = PastState.objects.filter(holds_on(day), until__gt=day).order_by()
    read = _read(followed.values_list("measure_id", *PAST), ("id", *PAST))
    at = now.rows_of(read["id"])
    found = at >= 0
    for name in PAST:
        of[name][at[found]] = read[name][found]
    of[THERE][at[found]] = True
    return MeasureColumns(now.of | of, now.beside, holding=now.holding)


def read_all() -> MeasureColumns:
    """All measures, some at a time, so that their rows are never all in memory."""
    return _in_order(_read_measures(Measure.objects.all()), _read_beside(Assignment.objects.all()))


def read_again(old: MeasureColumns, measures: Collection[int], lists: Collection[int]) -> MeasureColumns:
    """The same with these measures, and all measures of these lists, as they are by now."""
    ids = set(measures) | set(old.of["id"][among(old.of["reform_list_id"], lists)].tolist())
    ids |= set(Measure.objects.filter(reform_list__in=lists).values_list("pk", flat=True))
    if not ids:
        return old
    fresh: dict[str, list[Column]] = {name: [] for name in READ}
    beside: list[Column] = []
    for some in _some(sorted(ids), CHUNK):
        _append(fresh, _read_measures(Measure.objects.filter(pk__in=some)))
        beside.append(_read_beside(Assignment.objects.filter(measure__in=some)))
    return _with(old, ids, {name: np.concatenate(parts) for name, parts in fresh.items()}, np.concatenate(beside))


def _with(old: MeasureColumns, ids: Collection[int], fresh: dict[str, Column], printed: Column) -> MeasureColumns:
    at, by_place = old.at(ids), np.lexsort([fresh[name] for name in reversed(PLACE)])
    stay = np.ones(len(old), bool)
    stay[at] = False
    # That none has come, gone or moved is the usual case, in which nothing needs to be sorted.
    in_place = all(np.array_equal(old.of[name][at], fresh[name][by_place]) for name in PLACE)
    if in_place and np.array_equal(_printed_beside(old, ~stay), printed):
        return MeasureColumns(
            _in_place(old, at, {name: column[by_place] for name, column in fresh.items()}), old.beside
        )
    together = {name: np.concatenate([column[stay], fresh[name]]) for name, column in old.of.items()}
    return _in_order(together, np.concatenate([_printed_beside(old, stay), printed]))


def _in_place(old: MeasureColumns, at: Column, fresh: dict[str, Column]) -> dict[str, Column]:
    of = dict(old.of)
    for name, column in fresh.items():
        if not np.array_equal(column, of[name][at]):
            # Whoever reads the old one goes on reading it.
            of[name] = of[name].copy()
            of[name][at] = column
    return of


def _in_order(of: dict[str, Column], printed: Column) -> MeasureColumns:
    order = np.lexsort([of[name] for name in reversed(PLACE)])
    ordered = {name: column[order] for name, column in of.items()}
    return MeasureColumns(ordered, {part: _beside(ordered["id"], printed, part) for part in Part})


def _beside(ids: Column, printed: Column, part: Part) -> PrintedAgencies:
    own = printed[printed["part"] == place_of(part)]
    at = _row_of(ids, own["measure"])[own["measure"]]
    # Of a measure that came while the others were read; it is read next time.
    there = at >= 0
    return PrintedAgencies(at[there], own["agency"][there])


def _row_of(ids: Column, asked: Column) -> Column:
    """The row of each id, by the id; -1 of those that are asked for and not there."""
    row_of = np.full(max(int(ids.max(initial=0)), int(asked.max(initial=0))) + 1, -1, np.int32)
    row_of[ids] = np.arange(len(ids), dtype=np.int32)
    return row_of


def _printed_beside(columns: MeasureColumns, rows: Column) -> Column:
    """What is printed beside the measures in these rows, as it was read."""
    parts = []
    for part, one in columns.beside.items():
        wanted = rows[one.at]
        found = np.zeros(int(wanted.sum()), PRINTED)
        found["measure"], found["agency"] = columns.of["id"][one.at[wanted]], one.agency[wanted]
        found["part"] = place_of(part)
        parts.append(found)
    return _by_measure(np.concatenate(parts))


def _by_measure(printed: Column) -> Column:
    """By measure and part, as they are printed there."""
    return printed[np.lexsort([printed["part"], printed["measure"]])]


def _read_measures(measures: "QuerySet[Measure]") -> dict[str, Column]:
    return _read(measures.order_by().values_list(*READ), tuple(READ))


def _read(rows: "QuerySet[Any, Any]", names: Sequence[str]) -> dict[str, Column]:
    found: dict[str, list[Column]] = {name: [] for name in names}
    for some in _some(rows.iterator(chunk_size=CHUNK), CHUNK):
        by_name = dict(zip(names, zip(*some, strict=True), strict=True))
        _append(found, {name: _column(values, READ[name]) for name, values in by_name.items()})
    return {name: np.concatenate(parts) if parts else _column((), READ[name]) for name, parts in found.items()}


def _append(found: dict[str, list[Column]], some: dict[str, Column]) -> None:
    for name, column in some.items():
        found[name].append(column)


def _column(values: Sequence[Any], kind: type) -> Column:
    if kind is dt.date:
        days = {day: day.toordinal() if day else NO_DAY for day in set(values)}
        return np.fromiter((days[day] for day in values), np.int32, len(values))
    if issubclass(kind, TextChoices):
        places = {str(choice): place for place, choice in enumerate(kind)}
        return np.fromiter((places[value] for value in values), np.int8, len(values))
    return np.fromiter(values, bool if kind is bool else np.int32, len(values))


PRINTED = np.dtype([("measure", np.int32), ("agency", np.int32), ("part", np.int8)])


def _read_beside(assignments: "QuerySet[Assignment]") -> Column:
    # In printed order, which sorting by measure leaves as it is.
    rows = assignments.order_by("order").values_list("measure_id", "agency_id", "part").iterator(chunk_size=CHUNK)
    places = {str(part): place_of(part) for part in Part}
    chunks = [
        np.array([(measure, agency, places[part]) for measure, agency, part in some], PRINTED)
        for some in _some(rows, CHUNK)
    ]
    return _by_measure(np.concatenate(chunks) if chunks else np.zeros(0, PRINTED))


def _some(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rows = iter(rows)
    while some := list(islice(rows, size)):
        yield some
