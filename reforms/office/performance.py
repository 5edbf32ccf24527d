"""各单位办理情况: what each agency leads and how far that is, and how it reports, in the order of the directory and not
of merit."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, FilteredRelation, QuerySet
from django.db.models.functions import Coalesce

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Agency
from reforms.catalogue.leads import lights_by_lead
from reforms.catalogue.overview import Counts, lists_of_overview
from reforms.catalogue.rows import Viewpoint, counted_measures
from reforms.models import (
    DONE,
    Assignment,
    Light,
    Part,
    ProgressReport,
    ReformList,
    deadline_moved,
    holds_on,
    is_closed,
)
from reforms.office.punctuality import Punctuality, punctuality


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadableRows:
    """Whose rows somebody reads (None: everybody's), and of whom also how they report (None: of everybody)."""

    rows: frozenset[int] | None
    reports: frozenset[int] | None

    def reads_reports(self, agency: int) -> bool:
        """Whether they read how this one reports."""
        return self.reports is None or agency in self.reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """An agency: of the measures beside which it is printed as lead, how many are claimed to be done, verified, of
    those late, overdue now, and had their deadline moved; how it reports what it must act on itself (None: not asked,
    or not told), and how many claims came back (None: not told)."""

    agency: Agency
    led: int
    claimed: int
    verified: int
    late: int
    overdue: int
    moved: int
    reports: Punctuality | None
    returned: int | None

    @property
    def in_time(self) -> int:
        """How many were verified whose claim came in time."""
        return self.verified - self.late

    @property
    def judged(self) -> int:
        """Of how many it is known whether they were in time: verified, or overdue now."""
        return self.verified + self.overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """All numbers, by agency."""

    lights: dict[int, Counts]
    claimed: dict[int, int]
    late: dict[int, int]
    moved: dict[int, int]
    reports: dict[int, Punctuality]
    returned: dict[int, int]

    def agencies(self, reach: ReadableRows) -> list[int]:
        """Those that have a row, in the order of the directory."""
        told = {pk for pk in {*self.reports, *self.returned} if reach.reads_reports(pk)}
        found = {*self.lights, *told}
        return sorted(found if reach.rows is None else found & reach.rows)


def reach_of(who: Principal, view: Viewpoint, reform_list: ReformList | None) -> ReadableRows:
    """The office, administrators and auditors read every row, agencies their own and those of agencies they succeeded,
    unless every list that is looked at publishes tables of agencies. How an agency reports is its own and the
    office's. One query."""
    own = agencies_for(who, Verb.READ_REPORTS)
    reports = None if may(who, Verb.READ_REPORTS, ()) else own
    if reports is None or may(who, Verb.READ_UNPUBLISHED) or _are_public(who, reform_list):
        return ReadableRows(rows=None, reports=reports)
    before = Agency.objects.filter(successor__in=own).values_list("pk", flat=True)
    return ReadableRows(rows=own | frozenset(before), reports=reports)


def _are_public(who: Principal, reform_list: ReformList | None) -> bool:
    return not lists_of(who, reform_list).exclude(public_status=True, public_agencies=True).exists()


def lists_of(who: Principal, reform_list: ReformList | None) -> QuerySet[ReformList]:
    """The one that was chosen, else all that somebody may see and that are worked on."""
    return lists_of_overview(who, [reform_list.slug] if reform_list else ())


def numbers_of(view: Viewpoint, reform_list: ReformList | None) -> Numbers:
    """Of one list, or of all that are looked at: eight queries."""
    facts = "past__" if view.past else "measure__"
    printed = _leads(view, reform_list)
    lists = lists_of(view.who, reform_list)
    return Numbers(
        lights=lights_by_lead(view, reform_list),
        claimed=_count(printed.filter(**{f"{facts}status__in": DONE})),
        late=_count(printed.filter(is_closed(view.on, late=True, prefix=facts))),
        moved=_count(printed.filter(deadline_moved(view.then, "measure__"))),
        reports=punctuality(view.on, lists),
        returned=_returned(view.on, lists),
    )


def _leads(view: Viewpoint, reform_list: ReformList | None) -> "QuerySet[Assignment]":
    """The leads printed beside the measures that count."""
    measures = counted_measures(view)
    if reform_list:
        measures = measures.filter(reform_list=reform_list)
    leads = Assignment.objects.filter(part=Part.LEAD, measure__in=measures.order_by().values("pk"))
    if not view.past:
        return leads
    # As MeasureQuerySet.as_of, from one table further away.
    stood = holds_on(view.on, "measure__standings__")
    return leads.annotate(past=FilteredRelation("measure__standings", condition=stood))


def _count(rows: "QuerySet[Assignment]") -> dict[int, int]:
    counts = rows.order_by().values_list("agency").annotate(n=Count("measure"))
    return dict(counts.values_list("agency", "n"))


def returned_claims(on: dt.date, lists: QuerySet[ReformList]) -> QuerySet[Any]:
    """退回: the claims on measures that count which came back by a day, each as often as it did, with the agency that
    answers for it now as `holder`."""
    returned = ProgressReport.objects.filter(state=ProgressReport.State.RETURNED, decided_on__lte=on)
    counted = returned.filter(measure__disposition="active", measure__reform_list__in=lists)
    return counted.annotate(holder=Coalesce("duty__agency", "agency"))


def _returned(on: dt.date, lists: QuerySet[ReformList]) -> dict[int, int]:
    counts = returned_claims(on, lists).order_by().values_list("holder").annotate(n=Count("pk"))
    return dict(counts.values_list("holder", "n"))


def performances(numbers: Numbers, agencies: Sequence[int], reach: ReadableRows) -> list[Performance]:
    """The rows of these agencies: one query."""
    known = Agency.objects.select_related("successor").in_bulk(agencies)
    return [_performance(known[pk], numbers, told=reach.reads_reports(pk)) for pk in agencies]


def _performance(agency: Agency, numbers: Numbers, *, told: bool) -> Performance:
    lights = numbers.lights.get(agency.pk, {})
    return Performance(
        agency=agency,
        led=sum(lights.values()),
        claimed=numbers.claimed.get(agency.pk, 0),
        verified=lights.get(Light.CLOSED, 0),
        late=numbers.late.get(agency.pk, 0),
        overdue=lights.get(Light.OVERDUE, 0),
        moved=numbers.moved.get(agency.pk, 0),
        reports=numbers.reports.get(agency.pk) if told else None,
        returned=numbers.returned.get(agency.pk, 0) if told else None,
    )
