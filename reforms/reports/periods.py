"""报送期: calendar periods, and who has not reported in the present one.

See also docs/data-model.md, “Reports”. Every holder of a duty on a measure that is worked on and
not claimed owes one report a period; the list says how long a period is, for standing measures apart.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from agencies.access import today
from agencies.models import Agency
from reforms.duties import claimants, holders
from reforms.models import (
    DONE,
    TEXTS,
    Duty,
    DutyQuerySet,
    Measure,
    Period,
    ProgressReport,
    ReformList,
    Status,
    takes_part,
)

LENGTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6}


@dataclass(frozen=True, slots=True)
class Span:
    """A period from its first to its last day, both inclusive."""

    first: dt.date
    last: dt.date


# A day of a list's period, where it has one.
DayOf = Callable[[ReformList, Span], dt.date | None]


def span_on(on: dt.date, every: str) -> Span | None:
    """The period that holds `on`; None where none is asked."""
    months = LENGTHS.get(Period(every))
    if months is None:
        return None
    # The first month of the calendar period: 1, 4, 7 or 10 for quarters.
    start = (on.month - 1) // months * months + 1
    after = start + months
    first = dt.date(on.year, start, 1)
    following = dt.date(on.year + (after > 12), (after - 1) % 12 + 1, 1)
    return Span(first, following - dt.timedelta(days=1))


def owes_report(duty: Duty, measure: Measure, on: dt.date) -> bool:
    """What `unreported` says today, for one duty of a measure whose list is loaded."""
    span = span_on(on, asked_of(measure))
    if span is None or not takes_part(measure) or duty.status in (Status.UNDER_REVIEW, Status.CLOSED):
        return False
    return duty.last_report_on is None or duty.last_report_on < span.first


def asked_of(measure: Measure) -> str:
    """How often the holders of this measure (with its list) report."""
    return measure.reform_list.standing_every if measure.is_standing else measure.reform_list.report_every


CLAIMED = ("under_review", "verified")


@dataclass(frozen=True, slots=True)
class Asked:
    """A list's periods that hold one day: of what is under way, and of what is standing (None: none is asked)."""

    reform_list: ReformList
    under_way: Span | None
    standing: Span | None

    @property
    def spans(self) -> list[Span]:
        """Those that are asked for."""
        return [span for span in (self.under_way, self.standing) if span]


@dataclass(frozen=True, slots=True)
class Owing:
    """An agency and for how many measures it owes a report; `oldest` is when it last reported on the stalest (None:
    never)."""

    agency: Agency
    count: int
    oldest: dt.date | None


def asked_on(on: dt.date, lists: Iterable[ReformList]) -> list[Asked]:
    """Which periods these lists ask for on a day."""
    return [Asked(one, span_on(on, one.report_every), span_on(on, one.standing_every)) for one in lists]


def unreported(on: dt.date, lists: Iterable[ReformList] | None = None) -> DutyQuerySet:
    """The duties on which nothing was reported in the period that holds `on`, of these lists (None: of all). One term
    for each length of a period, however many lists there are."""
    owing = Q(pk__in=[])
    for every in LENGTHS:
        span = span_on(on, every)
        if span:
            # A list of a year to come asks for nothing yet.
            owing |= asked_every(every) & Q(measure__reform_list__year__lte=span.last.year) & silent_in(span)
    here = Q() if lists is None else Q(measure__reform_list__in=lists)
    return Duty.objects.in_work().filter(here, measure__disposition="active").filter(owing)


def asked_every(every: Period) -> Q:
    """Of measures whose holders report this often."""
    under_way = Q(measure__is_standing=False, measure__reform_list__report_every=every)
    return under_way | Q(measure__is_standing=True, measure__reform_list__standing_every=every)


def silent_in(span: Span) -> Q:
    """Of duties: neither reported in the period nor claimed, or closed, by its end."""
    # A claim of an earlier period too: as long as it counts there is nothing further to report. Only those that are
    # claimed by now are asked when: to ask of all takes PostgreSQL 8 s where there are 267,000.
    claimed = Q(status__in=DONE) & Q(Exists(_spoken().filter(state__in=CLAIMED, claimed_on__lte=span.last)))
    open_then = Q(measure__closed_on=None) | Q(measure__closed_on__gt=span.last)
    reported = reported_in(span.first, span.last)
    if span.last >= today():
        # In the present period nobody has reported later: that reports are read of nobody then saves PostgreSQL
        # seconds. Of an earlier one most have, and it would take longer.
        reported = Q(last_report_on__range=(span.first, span.last)) | Q(last_report_on__gt=span.last) & reported
    return open_then & ~reported & ~claimed


def reported_in(first: dt.date, last: dt.date) -> Q:
    """Of duties: something was reported on one of these days, both inclusive."""
    return Q(Exists(_spoken().filter(on__range=(first, last))))


def _spoken() -> "QuerySet[ProgressReport]":
    return ProgressReport.objects.spoken().filter(duty=OuterRef("pk"))


def by_agency(duties: DutyQuerySet) -> list[Owing]:
    """Who owes how much, the most first: two queries."""
    by_holder = duties.order_by().values_list("agency_id")
    counts = by_holder.annotate(n=Count("pk"), said=Count("last_report_on"), oldest=Min("last_report_on"))
    counted = list(counts.values_list("agency_id", "n", "said", "oldest"))
    agencies = Agency.objects.in_bulk([pk for pk, *_counts in counted])
    # Where nothing was ever said of one, there is no oldest.
    found = [Owing(agencies[pk], n, oldest if said == n else None) for pk, n, said, oldest in counted]
    return sorted(found, key=lambda owing: (-owing.count, owing.agency.pk))


class Awaited(TextChoices):
    """What is waited for."""

    REPORT = "report", _("填报")
    CLAIM = "claim", _("申请销号")
    SIGNATURE = "signature", _("本单位审签")
    VERIFICATION = "verification", _("督办人员核验")


@dataclass(frozen=True, slots=True)
class AwaitedAgency:
    """One agency that is waited for, and all that is waited for of it (of the office, where it is verification)."""

    agency: Agency
    what: tuple[Awaited, ...]


def waits_for(
    measure: Measure, on: dt.date, *, duties: Sequence[Duty] | None = None, inside: frozenset[int] | None = None
) -> list[AwaitedAgency]:
    """Whom a measure (with its list) waits for on `on`, leads first: claimants whose claim is not verified yet, and
    holders who have not reported in the period. Nobody once it is closed, suspended, cancelled or out of the list.

    `duties` are those of `holders`, when known. That a claim waits for a signature is the agency's own affair: it is
    told of the agencies `inside` only (of all when None), for the others the claim itself is missing.
    Two queries when the duties are given.
    """
    if not takes_part(measure):
        return []
    held = holders(measure) if duties is None else duties
    must_claim = frozenset() if measure.is_standing else claimants([measure], {measure.pk: held})[measure.pk]
    unsigned = _awaiting_signature(measure, inside)
    found = [AwaitedAgency(duty.agency, tuple(_awaited(duty, measure, on, must_claim, unsigned))) for duty in held]
    return [waiting for waiting in found if waiting.what]


def _awaited(
    duty: Duty, measure: Measure, on: dt.date, must_claim: frozenset[int], unsigned: frozenset[int]
) -> list[Awaited]:
    found = [Awaited.REPORT] if owes_report(duty, measure, on) else []
    if duty.agency_id in must_claim and duty.status != Status.CLOSED:
        if duty.status == Status.UNDER_REVIEW:
            found.append(Awaited.VERIFICATION)
        else:
            found.append(Awaited.SIGNATURE if duty.agency_id in unsigned else Awaited.CLAIM)
    return found


def _awaiting_signature(measure: Measure, inside: frozenset[int] | None) -> frozenset[int]:
    claims = ProgressReport.objects.filter(measure=measure, state=ProgressReport.State.AWAITING_SIGNATURE)
    found = frozenset(claims.values_list("agency_id", flat=True))
    return found if inside is None else found & inside


Outlook = ProgressReport.Outlook
WRITTEN = (*TEXTS, "outlook")
LONGEST = 5000


def plain(text: str) -> str:
    """A text as it is compared and kept: one line feed for each end of a line, nothing around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def fingerprint(*texts: str) -> str:
    """Tells whether texts are still what they were."""
    # The separator tells “甲”, “乙丙” from “甲乙”, “丙”.
    return hashlib.sha256("\0".join(map(plain, texts)).encode()).hexdigest()[:12]


def last_reports(duties: Collection[Duty]) -> dict[int, ProgressReport]:
    """The last report that counts, by duty: two queries."""
    return _latest(duties, ProgressReport.objects.spoken())


def last_ids(duties: Collection[Duty]) -> dict[int, int]:
    """The id of the last report of any state but a draft, by duty; what `submit_report` compares `last_seen` with."""
    return _latest_ids(duties, ProgressReport.objects.exclude(state="draft"))


def _latest(duties: Collection[Duty], reports: "QuerySet[ProgressReport]") -> dict[int, ProgressReport]:
    ids = _latest_ids(duties, reports)
    found = ProgressReport.objects.in_bulk(ids.values())
    return {duty: found[pk] for duty, pk in ids.items()}


def _latest_ids(duties: Collection[Duty], reports: "QuerySet[ProgressReport]") -> dict[int, int]:
    places = {(duty.measure_id, duty.agency_id): duty.pk for duty in duties}
    agencies = {agency_id for _measure, agency_id in places}
    found = reports.filter(measure__in=[measure for measure, _agency in places], agency__in=agencies)
    in_order = found.order_by("recorded_at", "pk").values_list("measure", "agency", "pk")
    # In order of time: of each place the last one stays.
    return {places[measure, agency]: pk for measure, agency, pk in in_order if (measure, agency) in places}


def texts_of(report: ProgressReport | None) -> dict[str, str]:
    """What a row begins with."""
    if report is None:
        return dict.fromkeys(TEXTS, "") | {"outlook": str(Outlook.ON_SCHEDULE)}
    return {name: str(getattr(report, name)) for name in WRITTEN}
