"""报送期: calendar periods, and who has not reported in the present one.

Source of the rule: docs/data-model.md, “Reporting periods”. Every holder of a duty on a measure that is worked on and
not claimed owes one report a period; the list says how long a period is, for standing measures apart.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from reforms.models import Duty, DutyQuerySet, Measure, Period, ReformList, Status, takes_part

MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6}


@dataclass(frozen=True, slots=True)
class Span:
    """A period from its first to its last day, both inclusive."""

    first: dt.date
    last: dt.date


def span_on(on: dt.date, every: str) -> Span | None:
    """The period that holds `on`; None where none is asked."""
    months = MONTHS.get(Period(every))
    if months is None:
        return None
    start = (on.month - 1) // months * months + 1
    after = start + months
    first = dt.date(on.year, start, 1)
    following = dt.date(on.year + (after > 12), (after - 1) % 12 + 1, 1)
    return Span(first, following - dt.timedelta(days=1))


def owing_reports(on: dt.date) -> DutyQuerySet:
    """The duties whose holders have not reported in the period that holds `on`, over all lists."""
    owing = Q(pk__in=[])
    for reform_list in ReformList.objects.all():
        for standing, every in ((False, reform_list.report_every), (True, reform_list.standing_every)):
            span = span_on(on, every)
            if span:
                owing |= _since(reform_list, span, standing=standing)
    open_ones = Duty.objects.filter(measure__disposition="active").exclude(status__in=("under_review", "closed"))
    return open_ones.exclude(measure__status="closed").filter(owing)


def owes_report(duty: Duty, measure: Measure, on: dt.date) -> bool:
    """The same for one duty of a measure whose list is loaded."""
    span = span_on(on, asked_of(measure))
    if span is None or not takes_part(measure) or duty.status in (Status.UNDER_REVIEW, Status.CLOSED):
        return False
    return duty.last_report_on is None or duty.last_report_on < span.first


def asked_of(measure: Measure) -> str:
    """How often the holders of this measure (with its list) report."""
    return measure.reform_list.standing_every if measure.is_standing else measure.reform_list.report_every


def _since(reform_list: ReformList, span: Span, *, standing: bool) -> Q:
    missing = Q(last_report_on=None) | Q(last_report_on__lt=span.first)
    return missing & Q(measure__reform_list=reform_list, measure__is_standing=standing)
