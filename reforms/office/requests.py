"""减负: how often each agency was asked for something, by month, from what was asked or sent.

One request is a report of a period that a list asks an agency for (by its day of report, of whoever holds a duty in it
now), a chase by hand, a letter that chases what is overdue (one a day, however much is in it), or an order that was
issued. Reminders before a deadline or a day of report ask for nothing more and do not count.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from django.db.models import Count, Max, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from reforms.models import Duty, Notice, ReformList, SupervisionOrder
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
    last = day.year * 12 + day.month - 1
    return [dt.date(place // 12, place % 12 + 1, 1) for place in range(last - MONTHS + 1, last + 1)]


def asked_agencies(first: dt.date, last: dt.date) -> set[int]:
    """Who has something to do, or was asked in these days: four queries."""
    chased, ordered = _chases(first, last), _orders(first, last)
    asked = (_held(), chased, ordered, chases_by_letter(first, last))
    return {pk for rows in asked for pk in rows.order_by().values_list("agency", flat=True).distinct()}


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


def _held() -> "QuerySet[Duty]":
    return Duty.objects.in_work().filter(measure__disposition="active")


def _chases(first: dt.date, last: dt.date) -> "QuerySet[Notice]":
    return Notice.objects.filter(kind=Notice.Kind.CHASED, agency__isnull=False, on__range=(first, last))


def _orders(first: dt.date, last: dt.date) -> "QuerySet[SupervisionOrder]":
    return SupervisionOrder.objects.filter(issued_on__range=(first, last))


def _of_chases(agencies: Collection[int], first: dt.date, last: dt.date) -> Iterator[Request]:
    told = _chases(first, last).filter(agency__in=agencies)
    for agency, on, facts in told.values_list("agency", "on", "facts"):
        words, count = str(facts.get("words") or ""), len(facts.get("measures") or [None])
        yield Request(agency=agency or 0, on=on, kind=Kind.CHASE, words=words, measures=count)


@dataclass(frozen=True, slots=True)
class _Holding:
    """What an agency holds in a list: whether any of it is open, and the last day on which any was closed."""

    agency: int
    reform_list: int
    standing: bool
    open: int
    closed_on: dt.date | None


def _of_periods(agencies: Collection[int], first: dt.date, last: dt.date) -> Iterator[Request]:
    """Each list asks an agency once on a day of report, of what is under way, of what stands, or of both."""
    lists, days = {one.pk: one for one in ReformList.objects.in_work()}, WorkingDays.stored()

    @cache
    def spans(every: str, report_day: int) -> Sequence[tuple[Span, dt.date]]:
        return list(_spans(every, report_day, first, last, days))

    seen: set[tuple[int, int, dt.date]] = set()
    for held in _holdings(agencies):
        one = lists[held.reform_list]
        for span, due in spans(one.standing_every if held.standing else one.report_every, one.report_day):
            key = (held.agency, one.pk, due)
            if key not in seen and _asks(one, held, span):
                seen.add(key)
                yield Request(agency=held.agency, on=due, kind=Kind.PERIOD, reform_list=one, span=span)


def _holdings(agencies: Collection[int]) -> list[_Holding]:
    held = _held().filter(agency__in=agencies).order_by()
    by_list = held.values_list("agency", "measure__reform_list", "measure__is_standing")
    opened = Count("pk", filter=Q(measure__closed_on=None))
    return [_Holding(*row) for row in by_list.annotate(open=opened, closed=Max("measure__closed_on"))]


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


def _asks(reform_list: ReformList, held: _Holding, span: Span) -> bool:
    """Whether the list had begun, and something was open in the period."""
    began = reform_list.issued_on or reform_list.first_on
    if reform_list.year > span.last.year or (began and began > span.last):
        return False
    return bool(held.open) or (held.closed_on is not None and held.closed_on >= span.first)
