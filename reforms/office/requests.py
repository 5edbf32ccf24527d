"""减负: how often each agency was asked for something, by month, from what was asked or sent.

One request is a report of a period that a list asks an agency for (by its day of report, of whoever holds a duty in it
now), a chase by hand, a letter that chases what is overdue (one a day, however much is in it), or an order that was
issued. Reminders before a deadline or a day of report ask for nothing more and do not count.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db.models import Count, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from reforms.columns.kept import columns
from reforms.columns.reading import LATER, NO_DAY, Column, among, counted, place_of
from reforms.models import Disposition, Notice, ReformList, SupervisionOrder
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import due_in
from reforms.reminders.told import chases_by_letter
from reforms.reports.periods import Span, span_on

MONTHS = 12


class Kind(TextChoices):
    """By what an agency was asked."""

    PERIOD = "period", _("定期报送")
    CHASE = "chase", _("人工催办")
    LETTER = "letter", _("逾期催办信")
    ORDER = "order", _("督办单")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One time an agency (id) was asked, on a business date: for the report of a `span` of a list, by a notice, or by
    an order; `measures` of how many, where that is known."""

    agency: int
    on: dt.date
    kind: Kind
    reform_list: ReformList | None = None
    span: Span | None = None
    words: str = ""
    order: SupervisionOrder | None = None
    measures: int = 0


def months_to(day: dt.date) -> list[dt.date]:
    """The first days of the twelve months that end with that of `day`."""
    # Months counted through from year 0, so that no end of a year needs a case of its own.
    last = day.year * 12 + day.month - 1
    return [dt.date(place // 12, place % 12 + 1, 1) for place in range(last - MONTHS + 1, last + 1)]


def asked_agencies(first: dt.date, last: dt.date) -> set[int]:
    """Who has something to do, or was asked in these days: four queries."""
    asked = (_chases(first, last), _orders(first, last), chases_by_letter(first, last))
    holding = columns().duties.of["agency_id"][_held([one.pk for one in _in_work()])]
    told = {pk for rows in asked for pk in rows.order_by().values_list("agency", flat=True).distinct()}
    return told | set(counted(holding))


def requests(
    agencies: Collection[int], first: dt.date, last: dt.date, kinds: Collection[Kind] = tuple(Kind)
) -> list[Request]:
    """All that these agencies were asked in these days, in order of time: at most five queries."""
    found: list[Request] = []
    if Kind.PERIOD in kinds:
        found += _of_periods(agencies, first, last)
    if Kind.CHASE in kinds:
        found += _of_chases(agencies, first, last)
    if Kind.LETTER in kinds:
        told = chases_by_letter(first, last).filter(agency__in=agencies).order_by()
        counts = told.values_list("agency", "due_on").annotate(n=Count("measure", distinct=True))
        found += [Request(agency=pk, on=on, kind=Kind.LETTER, measures=n) for pk, on, n in counts]
    if Kind.ORDER in kinds:
        for order in _orders(first, last).filter(agency__in=agencies).annotate(n=Count("lines")):
            on = order.issued_on or first
            found.append(Request(agency=order.agency_id, on=on, kind=Kind.ORDER, order=order, measures=order.n))
    return sorted(found, key=lambda one: (one.on, one.agency))


def _held(lists: Collection[int]) -> Column:
    """The rows of the duties on measures of these lists that count."""
    now = columns()
    active = (now.of["disposition"] == place_of(Disposition.ACTIVE)) & among(now.of["reform_list_id"], lists)
    return np.flatnonzero(active[now.duties.at])


def _chases(first: dt.date, last: dt.date) -> "QuerySet[Notice]":
    return Notice.objects.filter(kind=Notice.Kind.CHASED, agency__isnull=False, on__range=(first, last))


def _orders(first: dt.date, last: dt.date) -> "QuerySet[SupervisionOrder]":
    return SupervisionOrder.objects.filter(issued_on__range=(first, last))


def _of_chases(agencies: Collection[int], first: dt.date, last: dt.date) -> Iterator[Request]:
    told = _chases(first, last).filter(agency__in=agencies)
    for agency, on, facts in told.values_list("agency", "on", "facts"):
        # Chases of one measure keep it with the notice itself, and name none here.
        words, count = str(facts.get("words") or ""), len(facts.get("measures") or [None])
        yield Request(agency=agency or 0, on=on, kind=Kind.CHASE, words=words, measures=count)


@dataclass(frozen=True, slots=True, eq=False)
class _Holdings:
    """What agencies hold in lists: of each agency, list, and whether it stands, the last day on which any was closed
    (LATER: some is open). Counted in memory: there are hundreds of thousands of duties (docs/performance.md)."""

    agency: Column
    reform_list: Column
    standing: Column
    open_until: Column

    @classmethod
    def of(cls, agencies: Collection[int], lists: Collection[int]) -> "_Holdings":
        now, rows = columns(), _held(lists)
        held = now.duties.of["agency_id"]
        rows = rows[among(held[rows], agencies)]
        at = now.duties.at[rows]
        closed = np.where(now.of["closed_on"][at] == NO_DAY, LATER, now.of["closed_on"][at])
        # What stands comes after what is under way.
        order = np.lexsort([now.of["reform_list_id"][at], held[rows], now.of["is_standing"][at]])
        found = cls(held[rows], now.of["reform_list_id"][at], now.of["is_standing"][at], closed).where(order)
        first = np.flatnonzero(found.begins())
        latest = np.maximum.reduceat(found.open_until, first) if len(first) else found.open_until
        return replace(found.where(first), open_until=latest)

    def begins(self) -> Column:
        """Whether each is another than the one before it."""
        same = [
            np.diff(column, prepend=-1) != 0 for column in (self.agency, self.reform_list, self.standing.astype(int))
        ]
        begins: Column = np.logical_or.reduce(same)
        return begins

    def where(self, rows: Column) -> "_Holdings":
        """Those in these rows, or for which this says yes."""
        return _Holdings(self.agency[rows], self.reform_list[rows], self.standing[rows], self.open_until[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Periods:
    """The reports that were asked for by period: of each the agency, the list, and the place of the period among
    `spans`, which have its day of report beside."""

    spans: Sequence[tuple[Span, dt.date]]
    agency: Column
    reform_list: Column
    span: Column


def _periods(agencies: Collection[int], first: dt.date, last: dt.date, lists: Collection[ReformList]) -> _Periods:
    """Each list asks an agency once on a day of report, of what is under way, of what stands, or of both."""
    held, days = _Holdings.of(agencies, [one.pk for one in lists]), WorkingDays.stored()
    spans: list[tuple[Span, dt.date]] = []
    found: list[tuple[Column, Column, Column]] = []
    for standing in (False, True):
        # Lists share lengths and days of report: each pair is worked out once, not once a list.
        terms: dict[tuple[str, int], list[ReformList]] = {}
        for one in lists:
            terms.setdefault((one.standing_every if standing else one.report_every, one.report_day), []).append(one)
        for (every, report_day), those in terms.items():
            own = held.where((held.standing == standing) & among(held.reform_list, [one.pk for one in those]))
            for span, due in _spans(every, report_day, first, last, days):
                begun = [one.pk for one in those if one.year <= span.last.year and one.has_begun(span.last)]
                asked = among(own.reform_list, begun) & (own.open_until >= span.first.toordinal())
                lists_asked = own.reform_list[asked]
                found.append((own.agency[asked], lists_asked, np.full(len(lists_asked), len(spans))))
                spans.append((span, due))
    if not found:
        nothing = np.zeros(0, int)
        return _Periods((), nothing, nothing, nothing)
    agency, reform_list, place = (np.concatenate(parts) for parts in zip(*found, strict=True))
    due_on = np.array([due.toordinal() for _span, due in spans])[place]
    # What is under way and what stands may be due on one day: the agency was asked once then.
    each = (agency.astype(np.int64) * (1 + int(reform_list.max(initial=0))) + reform_list) * LATER + due_on
    _each, once = np.unique(each, return_index=True)
    return _Periods(spans, agency[once], reform_list[once], place[once])


def _in_work() -> list[ReformList]:
    return list(ReformList.objects.in_work())


def _of_periods(agencies: Collection[int], first: dt.date, last: dt.date) -> Iterator[Request]:
    lists = {one.pk: one for one in _in_work()}
    found = _periods(agencies, first, last, lists.values())
    for agency, pk, place in zip(found.agency.tolist(), found.reform_list.tolist(), found.span.tolist(), strict=True):
        span, due = found.spans[place]
        yield Request(agency=agency, on=due, kind=Kind.PERIOD, reform_list=lists[pk], span=span)


def requests_by_month(
    agencies: Collection[int], first: dt.date, last: dt.date, kinds: Collection[Kind] = tuple(Kind)
) -> Counter[tuple[int, dt.date]]:
    """How many requests each agency had in each month, by its first day: as many as `requests` has."""
    others = requests(agencies, first, last, [kind for kind in kinds if kind != Kind.PERIOD])
    counts = Counter((one.agency, one.on.replace(day=1)) for one in others)
    if Kind.PERIOD in kinds:
        found = _periods(agencies, first, last, _in_work())
        months = [due.replace(day=1) for _span, due in found.spans]
        # A number for each agency and period.
        for number, n in counted(found.agency.astype(np.int64) * len(months) + found.span).items():
            agency, place = divmod(number, len(months))
            counts[agency, months[place]] += n
    return counts


def _spans(
    every: str, report_day: int, first: dt.date, last: dt.date, days: WorkingDays
) -> Iterator[tuple[Span, dt.date]]:
    """The periods whose day of report lies in these days."""
    span = span_on(first, every)
    while span and span.first <= last:
        due = due_in(span, report_day, days)
        if first <= due <= last:
            yield span, due
        span = span_on(span.last + dt.timedelta(days=1), every)
