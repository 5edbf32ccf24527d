"""What pages count of every measure, as columns of numbers in memory: choosing and counting a million rows takes
milliseconds there, and seconds in the database (docs/performance.md, “What is kept in memory”).
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from reforms.columns import duties as held_duties
from reforms.columns.altered import Altered
from reforms.columns.duties import DutyColumns
from reforms.columns.reading import (
    CHUNK,
    NO_DAY,
    Column,
    among,
    joined,
    looked_up,
    place_of,
    read,
    replaced,
    row_of,
    some,
    within,
)
from reforms.columns.texts import SearchedTexts, texts_of
from reforms.models import (
    DUE_SOON_DAYS,
    EACH_FOR_ITS_PART,
    Assignment,
    Disposition,
    Light,
    Measure,
    Part,
    PastState,
    Status,
    holds_on,
)

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
    "each_for_its_part": bool,
}
# What of it is no field.
MADE = {
    "each_for_its_part": ExpressionWrapper(Q(lead_note__contains=EACH_FOR_ITS_PART), BooleanField()),
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
    """The agencies that are printed beside measures as one part: at which row of the columns, in order, and the
    agency's id; those of one measure follow one another as they are printed."""

    at: Column
    agency: Column


class ListsAsRead:
    """Stands for all lists as they were at some time; what was read of them is true as long as it is the same."""


@dataclass(frozen=True, slots=True, eq=False)
class MeasureColumns:
    """A row for each measure, in the order in which the lists print them."""

    of: dict[str, Column]
    beside: dict[Part, PrintedAgencies]
    duties: DutyColumns
    texts: SearchedTexts = field(default_factory=SearchedTexts)
    # Read and made when first asked for, and let go with these.
    past: dict[dt.date, "MeasureColumns"] = field(default_factory=dict)
    lights: dict[dt.date, Column] = field(default_factory=dict)
    holding: dict[str, Column] = field(default_factory=dict)
    index: list[Column] = field(default_factory=list)
    # Another one after what may have altered lists.
    lists: ListsAsRead = field(default_factory=ListsAsRead)

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
        """Those whose text holds a word, as it is searched (reforms.search). The answer is kept, also when what was
        logged is followed, since many search the same and go on to filter."""
        found = self.holding.get(word)
        if found is None:
            for old in list(self.holding)[: 1 - WORDS_KEPT]:
                self.holding.pop(old, None)
            found = self.holding[word] = self.texts.with_word(word, self.of["id"])
        return found

    @property
    def there(self) -> Column:
        """Those that are there on that day."""
        return self.of[THERE] if THERE in self.of else np.ones(len(self), bool)

    @property
    def row_by_id(self) -> Column:
        """By its id the row of each measure; -1 where there is none."""
        if not self.index:
            self.index.append(row_of(self.of["id"], self.of["id"]))
        return self.index[0]

    def rows_of(self, ids: Column) -> Column:
        """The row of each of these measures; -1 of those that are not there."""
        return looked_up(self.row_by_id, ids)

    def at(self, ids: Collection[int]) -> Column:
        """The rows of the measures with these ids, in order; those that are not there are left out."""
        rows = np.unique(self.rows_of(np.fromiter(ids, np.int64, len(ids))))
        return rows[rows >= 0]


# What lights follow from.
_LIT_BY = ("deadline_in_force", "claimed_on", "closed_on", "is_standing", "first_report_on")


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
    since = PastState.objects.filter(holds_on(day), until__gt=day).order_by()
    states = read(since.values_list("measure_id", *PAST), {"id": int} | {name: READ[name] for name in PAST})
    at = now.rows_of(states["id"])
    found = at >= 0
    for name in PAST:
        of[name][at[found]] = states[name][found]
    of[THERE][at[found]] = True
    return replace(now, of=now.of | of, past={}, lights={})


def read_all() -> MeasureColumns:
    """All measures, some at a time, so that their rows are never all in memory."""
    of, printed = _read_measures(Measure.objects.all()), _read_beside(Assignment.objects.all())
    return _in_order(of, printed, held_duties.read_all())


def meant_by(altered: Altered, columns: MeasureColumns) -> set[int]:
    """The measures that are named, all of the lists, and all on which the agencies act, by these columns or by now."""
    of_lists = Measure.objects.filter(reform_list__in=altered.lists)
    ids = altered.measures | set(columns.of["id"][among(columns.of["reform_list_id"], altered.lists)].tolist())
    ids |= set(of_lists.values_list("pk", flat=True)) if altered.lists else set()
    if altered.agencies:
        ids |= columns.duties.near(altered.agencies) | held_duties.measures_near(altered.agencies)
    return ids


def read_again(old: MeasureColumns, ids: Collection[int]) -> MeasureColumns:
    """The same with these measures as they are by now."""
    if not ids:
        return old
    # As they are now: other threads search meanwhile.
    held, lights = dict(old.holding), dict(old.lights)
    parts: list[dict[str, Column]] = []
    beside: list[Column] = []
    holders: dict[str, list[int]] = {word: [] for word in held}
    searched = old.texts
    for part in some(sorted(ids), CHUNK):
        parts.append(_read_measures(Measure.objects.filter(pk__in=part)))
        beside.append(_read_beside(Assignment.objects.filter(measure__in=part)))
        # The texts of a few are read sooner than searched word by word.
        texts = texts_of(part) if held or part[0] < searched.end else {}
        searched = searched.followed(part, texts)
        _append_words(holders, texts)
    found = _with(old, ids, joined(parts), np.concatenate(beside), held_duties.read_some(ids))
    if found.of["id"] is old.of["id"]:
        altered = old.at(ids)
        found.holding.update({word: _with_some(mask, altered, old.at(holders[word])) for word, mask in held.items()})
        found.lights.update({day: _lit_again(light, found.of, altered, day) for day, light in lights.items()})
    else:
        for word, mask in held.items():
            before = mask.copy()
            before[old.at(ids)] = False
            found.holding[word] = among(found.of["id"], old.of["id"][before])
            found.holding[word][found.at(holders[word])] = True
    return replace(found, texts=searched)


def _with_some(mask: Column, altered: Column, holding: Column) -> Column:
    """The same mask, or where it is another one by now a copy: of the altered rows those are set that hold."""
    now = among(altered, holding.tolist())
    if np.array_equal(mask[altered], now):
        return mask
    found = mask.copy()
    found[altered] = now
    return found


def _lit_again(light: Column, of: dict[str, Column], rows: Column, on: dt.date) -> Column:
    """The lights of a day with those of these rows made anew."""
    some = _lights({name: of[name][rows] for name in _LIT_BY}, on.toordinal())
    return replaced({"": light}, rows, {"": some})[""]


def differing(one: MeasureColumns, other: MeasureColumns) -> list[str]:
    """The names of the columns that are not the same."""
    printed = {str(part): (beside, other.beside[part]) for part, beside in one.beside.items()}
    duties = one.duties.of | {"at": one.duties.at}, other.duties.of | {"at": other.duties.at}
    return [
        *(name for name, column in one.of.items() if not np.array_equal(column, other.of[name])),
        *(
            name
            for name, (here, there) in printed.items()
            if not (np.array_equal(here.at, there.at) and np.array_equal(here.agency, there.agency))
        ),
        *(f"duty {name}" for name, column in duties[0].items() if not np.array_equal(column, duties[1][name])),
    ]


def _append_words(holding: dict[str, list[int]], texts: Mapping[int, str]) -> None:
    """Which of the measures with these texts hold each word."""
    for pk, text in texts.items():
        for word, found in holding.items():
            if word in text:
                found.append(pk)


def _with(
    old: MeasureColumns, ids: Collection[int], fresh: dict[str, Column], printed: Column, duties: dict[str, Column]
) -> MeasureColumns:
    at, by_place = old.at(ids), np.lexsort([fresh[name] for name in reversed(PLACE)])
    # That none has come, gone or moved is the usual case, in which nothing needs to be sorted.
    in_place = all(np.array_equal(old.of[name][at], fresh[name][by_place]) for name in PLACE)
    if in_place and np.array_equal(_printed_beside(old, at), printed):
        of = replaced(old.of, at, {name: column[by_place] for name, column in fresh.items()})
        held = held_duties.in_place(old.duties, old.row_by_id, at, duties)
        if held is None:
            held = held_duties.in_order(old.row_by_id, held_duties.merged(old.duties, ids, duties))
        return MeasureColumns(of, old.beside, held, index=old.index)
    stay = np.ones(len(old), bool)
    stay[at] = False
    together = {name: np.concatenate([column[stay], fresh[name]]) for name, column in old.of.items()}
    beside = np.concatenate([_printed_beside(old, np.flatnonzero(stay)), printed])
    return _in_order(together, beside, held_duties.merged(old.duties, ids, duties))


def _in_order(of: dict[str, Column], printed: Column, duties: dict[str, Column]) -> MeasureColumns:
    order = np.lexsort([of[name] for name in reversed(PLACE)])
    ordered = {name: column[order] for name, column in of.items()}
    row_by_id = row_of(ordered["id"], ordered["id"])
    beside = {part: _beside(row_by_id, printed, part) for part in Part}
    return MeasureColumns(ordered, beside, held_duties.in_order(row_by_id, duties), index=[row_by_id])


def _beside(row_by_id: Column, printed: Column, part: Part) -> PrintedAgencies:
    own = printed[printed["part"] == place_of(part)]
    at = looked_up(row_by_id, own["measure"])
    # Those of a measure that came while the others were read are read next time.
    there = np.flatnonzero(at >= 0)
    order = there[np.argsort(at[there], kind="stable")]
    return PrintedAgencies(at[order], own["agency"][order])


def _printed_beside(columns: MeasureColumns, rows: Column) -> Column:
    """What is printed beside the measures in these rows, as it was read."""
    parts = []
    for part, one in columns.beside.items():
        wanted = within(one.at, rows)
        found = np.zeros(len(wanted), PRINTED)
        found["measure"], found["agency"] = columns.of["id"][one.at[wanted]], one.agency[wanted]
        found["part"] = place_of(part)
        parts.append(found)
    return _by_measure(np.concatenate(parts))


def _by_measure(printed: Column) -> Column:
    """By measure and part, as they are printed there."""
    return printed[np.lexsort([printed["part"], printed["measure"]])]


def _read_measures(measures: "QuerySet[Measure]") -> dict[str, Column]:
    return read(measures.annotate(**MADE).order_by().values_list(*READ), READ)


PRINTED = np.dtype([("measure", np.int32), ("agency", np.int32), ("part", np.int8)])


def _read_beside(assignments: "QuerySet[Assignment]") -> Column:
    # In printed order, which sorting by measure leaves as it is.
    rows = assignments.order_by("order").values_list("measure_id", "agency_id", "part").iterator(chunk_size=CHUNK)
    places = {str(part): place_of(part) for part in Part}
    chunks = [
        np.array([(measure, agency, places[part]) for measure, agency, part in chunk], PRINTED)
        for chunk in some(rows, CHUNK)
    ]
    return _by_measure(np.concatenate(chunks) if chunks else np.zeros(0, PRINTED))
