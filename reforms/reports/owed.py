"""Who owes a report, of all duties at once: what `unreported` says in the database, for columns in memory. Pages count
hundreds of thousands of them, and show some."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import overload

import numpy as np
from django.db.models import Q

from agencies.models import Agency
from reforms.columns.facts import MeasureColumns
from reforms.columns.kept import columns
from reforms.columns.reading import NO_DAY, Column, among, counted, distinct, place_of
from reforms.columns.remembered import REMEMBERED
from reforms.models import DONE, ClaimedBy, Disposition, Duty, Light, Part, ReformList, Status
from reforms.reports.periods import DayOf, Owing, Span, span_on, unreported

# What is asked of a list.
READ = ("year", "report_every", "standing_every", "report_day", "claimed_by", "issued_on", "first_on", "reminders_from")
# So many are read at once.
CHUNK = 500
# Of a list that asks for nothing.
NEVER = NO_DAY


@dataclass(frozen=True, eq=False)
class AskedLists:
    """The lists that agencies work on, and the periods that hold one day for which each asks for reports."""

    on: dt.date
    lists: Sequence[ReformList]
    # Kept with these, by what they were made with.
    tables: dict[DayOf, Column] = field(default_factory=dict)

    @classmethod
    def holding(cls, on: dt.date, now: MeasureColumns, lists: Collection[int] | None = None) -> "AskedLists":
        """Of these lists (None: of all, which are remembered); one query."""
        found = ReformList.objects.in_work().order_by().only(*READ)
        if lists is not None:
            return cls(on, list(found.filter(pk__in=lists)))
        return REMEMBERED.of(("asked", on), (now.lists,), lambda: cls(on, list(found)))

    @cached_property
    def ids(self) -> list[int]:
        """Their ids."""
        return [one.pk for one in self.lists]

    @cached_property
    def by_id(self) -> dict[int, ReformList]:
        """The same by their ids."""
        return {one.pk: one for one in self.lists}

    @cached_property
    def _spans(self) -> list[tuple[ReformList, bool, Span]]:
        """The periods for which reports are asked, by list and whether of what stands."""
        every = ((one, stands, self.span(one, standing=stands)) for one in self.lists for stands in (False, True))
        return [(one, stands, span) for one, stands, span in every if span]

    def span(self, reform_list: ReformList, *, standing: bool) -> Span | None:
        """The period for which a list asks of what stands, or of what is under way; None where it asks for none."""
        span = span_on(self.on, reform_list.standing_every if standing else reform_list.report_every)
        # A list of a year to come asks for nothing yet.
        return span if span and reform_list.year <= span.last.year else None

    def days(self, lists: Column, standing: Column, day_of: DayOf) -> Column:
        """For each of these measures, by list and whether it stands, that day of the period for which a report is
        asked; NEVER where none is, or it has none."""
        table = self.tables.get(day_of)
        if table is None:
            table = self.tables[day_of] = self._table(day_of)
        # The last place is for the lists beyond.
        found: Column = table[standing.astype(np.int8), np.minimum(lists, table.shape[1] - 1)]
        return found

    def _table(self, day_of: DayOf) -> Column:
        table = np.full((2, max(self.ids, default=0) + 2), NEVER, np.int32)
        for one, stands, span in self._spans:
            day = day_of(one, span)
            if day:
                table[int(stands), one.pk] = day.toordinal()
        return table


def first_day(_one: ReformList, span: Span) -> dt.date:
    """The first day of the period."""
    return span.first


def last_day(_one: ReformList, span: Span) -> dt.date:
    """The last day of the period."""
    return span.last


@dataclass(frozen=True, eq=False)
class OwedReports:
    """Duties on which nothing was reported in the period that holds `on`, as rows of the columns of duties."""

    columns: MeasureColumns
    asked: AskedLists
    rows: Column

    @classmethod
    def on(
        cls, on: dt.date, lists: Collection[int] | None = None, agencies: Collection[int] | None = None
    ) -> "OwedReports":
        """Of these lists and agencies (None: of all). One query or two, however many duties there are, for the present
        period; for an earlier one the database is asked of those who spoke since."""
        now = columns()
        asked = AskedLists.holding(on, now, lists)
        rows = np.arange(len(now.duties))
        if agencies is not None:
            rows = np.flatnonzero(among(now.duties.of["agency_id"], agencies))
        return cls(now, asked, rows[owing(now, asked, rows)])

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def on_day(self) -> dt.date:
        """The day whose periods are meant."""
        return self.asked.on

    def of(self, agencies: Collection[int]) -> "OwedReports":
        """Those of these agencies."""
        return self.where(among(self.agencies, agencies))

    def where(self, mask: Column) -> "OwedReports":
        """Those for which this says yes."""
        return replace(self, rows=self.rows[mask])

    @property
    def ids(self) -> list[int]:
        """Their ids."""
        found: list[int] = self.columns.duties.of["id"][self.rows].tolist()
        return found

    @property
    def agencies(self) -> Column:
        """The id of the agency of each."""
        found: Column = self.columns.duties.of["agency_id"][self.rows]
        return found

    @property
    def lists(self) -> Column:
        """The id of the list of each."""
        found: Column = self.columns.of["reform_list_id"][self._at]
        return found

    @property
    def standing(self) -> Column:
        """Whether the measure of each stands."""
        found: Column = self.columns.of["is_standing"][self._at]
        return found

    @property
    def measures(self) -> int:
        """How many measures they are about."""
        return distinct(self._at)

    @property
    def _at(self) -> Column:
        return self.columns.duties.at[self.rows]

    def of_late_claimants(self) -> "OwedReports":
        """Those of agencies that must claim a measure which is overdue on that day."""
        overdue = self.columns.light(self.on_day) == place_of(Light.OVERDUE)
        late = self.where(overdue[self._at])
        return late.where(must_claim(self.columns)[late.rows])

    def due(self, day_of: DayOf) -> Column:
        """By when each is due: that day of its list's period."""
        return self.asked.days(self.lists, self.standing, day_of)

    def late(self, day_of: DayOf, today: dt.date) -> "OwedReports":
        """Those whose day has passed; nobody outside the government's line is late."""
        due = self.due(day_of)
        outside = Agency.objects.filter(outside_line=True).order_by().values_list("pk", flat=True)
        passed = (due != NEVER) & (due < today.toordinal())
        return self.where(passed & ~among(self.agencies, list(outside)))

    def by_agency(self) -> list[Owing]:
        """Who owes how much, the most first: one query."""
        said = self.columns.duties.of["last_report_on"][self.rows]
        oldest = np.full(int(self.agencies.max(initial=0)) + 1, np.iinfo(np.int32).max, np.int32)
        np.minimum.at(oldest, self.agencies, said)
        counts = self.counts()
        named = Agency.objects.in_bulk(counts)
        # Where nothing was ever said of one, there is no oldest.
        days = {pk: dt.date.fromordinal(int(oldest[pk])) if oldest[pk] != NO_DAY else None for pk in counts}
        found = [Owing(named[pk], count, days[pk]) for pk, count in counts.items() if pk in named]
        return sorted(found, key=lambda one: (-one.count, one.agency.pk))

    def counts(self) -> Counter[int]:
        """How many each agency owes, by its id."""
        return Counter(counted(self.agencies))

    def in_order(self) -> "DutiesInOrder":
        """All of them by agency, list and row."""
        return in_order(self.columns, self.rows)


def in_order(now: MeasureColumns, rows: Column) -> "DutiesInOrder":
    """The duties in these rows by agency, list and row: one query, and one for what is shown of them."""
    at = now.duties.at[rows]
    lists = now.of["reform_list_id"][at]
    places = {pk: place for place, pk in enumerate(ReformList.objects.values_list("pk", flat=True))}
    table = np.zeros(int(lists.max(initial=0)) + 1, np.int32)
    for pk in set(lists.tolist()):
        table[pk] = places.get(pk, 0)
    order = np.lexsort([now.of["row"][at], table[lists], now.duties.of["agency_id"][rows]])
    return DutiesInOrder(now.duties.of["id"][rows[order]])


class DutiesInOrder(Sequence[Duty]):
    """Duties with these ids in their order, with agency, item and list, of which a page reads some."""

    def __init__(self, ids: Column) -> None:
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, part: int) -> Duty: ...
    @overload
    def __getitem__(self, part: slice) -> list[Duty]: ...
    def __getitem__(self, part: int | slice) -> Duty | list[Duty]:
        ids = np.atleast_1d(self.ids[part]).tolist()
        beside = Duty.objects.select_related("agency", "measure__item", "measure__reform_list")
        read = beside.in_bulk(ids)
        # One may have gone since the columns were read.
        found = [read[pk] for pk in ids if pk in read]
        return found if isinstance(part, slice) else found[0]

    def __iter__(self) -> Iterator[Duty]:
        """All, some at a time."""
        for at in range(0, len(self), CHUNK):
            yield from self[at : at + CHUNK]


def owing(now: MeasureColumns, asked: AskedLists, rows: Column) -> Column:
    """Of duties in these rows: whether a report is owed. The rule of `unreported`, a test holds them equal."""
    duties = now.duties
    at = duties.at[rows]
    lists, standing = now.of["reform_list_id"][at], now.of["is_standing"][at]
    first, closed = asked.days(lists, standing, first_day), now.of["closed_on"][at]
    closed_later = closed > asked.days(lists, standing, last_day)
    said = duties.of["last_report_on"][rows]
    active = now.of["disposition"][at] == place_of(Disposition.ACTIVE)
    status = duties.of["status"][rows]
    claimed = among(status, [place_of(one) for one in DONE])
    asks = (first != NEVER) & active & ((closed == NO_DAY) | closed_later)
    owed: Column = asks & (said < first) & ~claimed
    # Whoever spoke later may have spoken in the period as well, or not; and who is done since may not have been then.
    later = asks & ((said > asked.on.toordinal()) | (closed_later & (status == place_of(Status.CLOSED))))
    if later.any():
        spoke = Q(last_report_on__gt=asked.on) | Q(status=Status.CLOSED)
        ids = unreported(asked.on, asked.lists).filter(spoke).order_by().values_list("pk", flat=True)
        owed = np.where(later, among(duties.of["id"][rows], list(ids)), owed)
    return owed


def must_claim(now: MeasureColumns) -> Column:
    """Of every duty whether its agency must claim the measure. The rule of reforms.duties, a test holds them equal."""
    duties, printed = now.duties, now.beside[Part.LEAD]
    held = (duties.at, duties.of["agency_id"], duties.of["via_id"], duties.of["part"])
    first = REMEMBERED.of("first leads", (*held, printed.at, printed.agency), lambda: _first_leads(now))
    made_from = (*held, first, now.of["reform_list_id"], now.of["each_for_its_part"], now.lists)
    return REMEMBERED.of("must claim", made_from, lambda: _must_claim(now, first))


def _must_claim(now: MeasureColumns, first_leads: Column) -> Column:
    claimed_by = dict(ReformList.objects.order_by().values_list("pk", "claimed_by"))
    of_list = now.of["reform_list_id"]
    every = among(of_list, [pk for pk, by in claimed_by.items() if by == ClaimedBy.EVERY_LEAD])
    as_printed = among(of_list, [pk for pk, by in claimed_by.items() if by == ClaimedBy.AS_PRINTED])
    every |= as_printed & now.of["each_for_its_part"]
    duties, first = now.duties, first_leads[now.duties.at]
    is_first = (duties.of["agency_id"] == first) | (duties.of["via_id"] == first) | (first == 0)
    found: Column = (duties.of["part"] == place_of(Part.LEAD)) & (every[duties.at] | is_first)
    return found


def _first_leads(now: MeasureColumns) -> Column:
    """For each measure the agency that is printed first among the leads which somebody acts as; 0 where none does."""
    duties, printed = now.duties, now.beside[Part.LEAD]
    leads = np.flatnonzero(duties.of["part"] == place_of(Part.LEAD))
    # A number for each measure and agency.
    most = 1 + max(int(ids.max(initial=0)) for ids in (duties.of["agency_id"], duties.of["via_id"], printed.agency))
    base = duties.at[leads].astype(np.int64) * most
    acting = np.concatenate([base + duties.of["agency_id"][leads], base + duties.of["via_id"][leads]])
    acting.sort()
    wanted = printed.at.astype(np.int64) * most + printed.agency
    found = np.searchsorted(acting, wanted)
    beside = np.zeros(len(wanted), bool)
    inside = found < len(acting)
    beside[inside] = acting[found[inside]] == wanted[inside]
    at, agency = printed.at[beside], printed.agency[beside]
    first = np.zeros(len(now), np.int32)
    # Backwards, so that what is printed first stays.
    first[at[::-1]] = agency[::-1]
    return first
