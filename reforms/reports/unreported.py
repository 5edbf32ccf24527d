"""未报送: who has not reported in a period, the present one or an earlier one, and whose overdue measures wait for it.

Source of the rule: docs/data-model.md, “Reporting periods”; for the present period this is what
reforms.reports.periods.owing_reports says, and a test holds the two equal.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Agency
from reforms.duties.claimants import claimants
from reforms.models import Duty, DutyQuerySet, Light, Measure, ProgressReport, ReformList
from reforms.reports.periods import Span, span_on

CLAIMED = ("under_review", "verified")


@dataclass(frozen=True, slots=True)
class Asked:
    """A list's periods that hold one day: of what is under way, and of what is standing (None: none is asked)."""

    reform_list: ReformList
    under_way: Span | None
    standing: Span | None


@dataclass(frozen=True, slots=True)
class Owing:
    """An agency and for how many measures it owes a report; `oldest` is when it last reported on the stalest (None:
    never)."""

    agency: Agency
    count: int
    oldest: dt.date | None


def asked_on(on: dt.date, lists: Iterable[ReformList]) -> list[Asked]:
    return [Asked(one, span_on(on, one.report_every), span_on(on, one.standing_every)) for one in lists]


def unreported(on: dt.date, lists: Iterable[ReformList] | None = None) -> DutyQuerySet:
    """The duties on which nothing was reported in the periods that hold `on`, of these lists (None: of all)."""
    owing = Q(pk__in=[])
    for asked in asked_on(on, ReformList.objects.all() if lists is None else lists):
        for standing, span in ((False, asked.under_way), (True, asked.standing)):
            if span and span.last.year >= asked.reform_list.year:
                here = Q(measure__reform_list=asked.reform_list, measure__is_standing=standing)
                owing |= here & _silent_in(span)
    return Duty.objects.filter(measure__disposition="active").filter(owing)


def _silent_in(span: Span) -> Q:
    """Neither reported in the period nor claimed, or closed, by its end."""
    spoken = ProgressReport.objects.spoken().filter(duty=OuterRef("pk"))
    reported = spoken.filter(on__range=(span.first, span.last))
    claimed = spoken.filter(state__in=CLAIMED, claimed_on__lte=span.last)
    open_then = Q(measure__closed_on=None) | Q(measure__closed_on__gt=span.last)
    return open_then & ~Q(Exists(reported)) & ~Q(Exists(claimed))


def readable_by(who: Principal, duties: DutyQuerySet) -> DutyQuerySet:
    """The office sees everybody's, agencies their own."""
    return duties if may(who, Verb.READ_REPORTS, ()) else duties.of(agencies_for(who, Verb.READ_REPORTS))


def of_late_claimants(duties: DutyQuerySet, on: dt.date) -> DutyQuerySet:
    """Of these, those of agencies that must claim a measure which is overdue on `on`."""
    late = Measure.objects.counted().with_light(on).filter(light=Light.OVERDUE)
    measures = list(late.filter(duties__in=duties).distinct().select_related("reform_list"))
    held: dict[int, list[Duty]] = {}
    for duty in Duty.objects.filter(measure__in=measures):
        held.setdefault(duty.measure_id, []).append(duty)
    must = claimants(measures, held)
    ids = [duty.pk for found in held.values() for duty in found if duty.agency_id in must[duty.measure_id]]
    return duties.filter(pk__in=ids)


def by_agency(duties: DutyQuerySet) -> list[Owing]:
    """Who owes how much, the most first: two queries."""
    counted: dict[int, list[dt.date | None]] = {}
    for agency_id, day in duties.order_by().values_list("agency_id", "last_report_on"):
        counted.setdefault(agency_id, []).append(day)
    agencies = Agency.objects.in_bulk(counted)
    found = [Owing(agencies[pk], len(days), _oldest(days)) for pk, days in counted.items()]
    return sorted(found, key=lambda owing: (-owing.count, owing.agency.pk))


def _oldest(days: Collection[dt.date | None]) -> dt.date | None:
    said = [day for day in days if day]
    return min(said) if len(said) == len(days) else None
