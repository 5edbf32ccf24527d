"""各单位办理情况: what each agency leads and how far that is, and how it reports, in the order of the directory and not
of merit."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Agency
from reforms.catalogue.overview import Counts, lights_by_lead, lists_of_overview
from reforms.catalogue.rows import Viewpoint
from reforms.catalogue.seen import SeenMeasures
from reforms.columns.reading import NO_DAY, Column, among, place_of
from reforms.models import (
    DONE,
    Light,
    Measure,
    Part,
    ProgressReport,
    ReformList,
    ReformListQuerySet,
    deadline_moved,
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
        # Whoever leads nothing has a row only for how it reports; where that is not told, the row would say that it
        # exists.
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
    # What an agency led before a merger stands under its old name, in a row that is its successor's to read.
    before = Agency.objects.filter(successor__in=own).values_list("pk", flat=True)
    return ReadableRows(rows=own | frozenset(before), reports=reports)


def _are_public(who: Principal, reform_list: ReformList | None) -> bool:
    # One list that does not publish them is enough to shut the table of all.
    return not lists_of(who, reform_list).exclude(public_status=True, public_agencies=True).exists()


def lists_of(who: Principal, reform_list: ReformList | None) -> ReformListQuerySet:
    """The one that was chosen, else all that somebody may see and that are worked on."""
    return lists_of_overview(who, [reform_list.slug] if reform_list else ())


def numbers_of(view: Viewpoint, reform_list: ReformList | None) -> Numbers:
    """Of one list, or of all that are looked at, counted in memory but for the claims that came back."""
    seen = SeenMeasures(view)
    led = seen.counted([reform_list.slug] if reform_list else ())
    lists = lists_of(view.who, reform_list)
    return Numbers(
        lights=lights_by_lead(view, reform_list),
        claimed=seen.agencies(led & among(seen.of["status"], [place_of(one) for one in DONE]), Part.LEAD),
        late=seen.agencies(led & _closed_late(seen), Part.LEAD),
        moved=seen.agencies(led & _moved(seen), Part.LEAD),
        reports=punctuality(view.on, lists),
        returned=_returned(view.on, lists),
    )


def _closed_late(seen: SeenMeasures) -> Column:
    """The rule of reforms.models.is_closed for columns."""
    deadline, claimed, closed = (seen.of[name] for name in ("deadline_in_force", "claimed_on", "closed_on"))
    done = (closed != NO_DAY) & (closed <= seen.view.on.toordinal())
    late: Column = done & (deadline != NO_DAY) & (deadline < np.where(claimed != NO_DAY, claimed, closed))
    return late


def _moved(seen: SeenMeasures) -> Column:
    """The same of deadline_moved; of a past day the database knows what was granted by then."""
    if not seen.view.past:
        return seen.of["is_deadline_moved"]
    moved = Measure.objects.filter(deadline_moved(seen.view.then)).order_by()
    return among(seen.of["id"], list(moved.values_list("pk", flat=True)))


def returned_claims(on: dt.date, lists: QuerySet[ReformList]) -> QuerySet[Any]:
    """退回: the claims on measures that count which came back by a day, each as often as it did, with the agency that
    answers for it now as `holder`."""
    returned = ProgressReport.objects.filter(state=ProgressReport.State.RETURNED, decided_on__lte=on)
    counted = returned.filter(measure__disposition="active", measure__reform_list__in=lists)
    # Duties move to successors, reports keep the name under which they were written.
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
