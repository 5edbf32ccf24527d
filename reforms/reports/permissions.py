"""What somebody may read and write of reports: single ones, those of a measure, the evidence with them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Agency
from reforms.duties import holders_of
from reforms.models import Duty, Evidence, Extension, Measure, Part, ProgressReport, Successors


@dataclass(frozen=True, slots=True)
class Readable:
    """What of one measure is open to somebody: all of it, or what concerns `agencies`; false when nothing is."""

    everything: bool
    agencies: frozenset[int]

    def __bool__(self) -> bool:
        return self.everything or bool(self.agencies)


def readable_on(who: Principal, duties: Collection[Duty]) -> Readable:
    """Of the measure of these duties, as `readable_by` says it of reports: the office and the leads everything, the
    others that act on it what is their own, and of whom they took it over from."""
    own = agencies_for(who, Verb.READ_REPORTS)
    holding = own & {duty.agency_id for duty in duties}
    leads = own & {duty.agency_id for duty in duties if duty.part == Part.LEAD}
    everything = bool(leads) or may(who, Verb.READ_REPORTS, ())
    return Readable(everything=everything, agencies=holding | _earlier_selves(holding, duties))


def with_evidence(reports: QuerySet[ProgressReport]) -> QuerySet[ProgressReport]:
    """Reports as pages show them: with agency and evidence loaded."""
    files = Prefetch("evidence", Evidence.objects.select_related("stored"))
    return reports.select_related("agency", "duty").prefetch_related(files)


def readable_report(who: Principal, pk: int) -> ProgressReport:
    """A report whose text `who` may read; Http404 for all others, whether they exist or not."""
    return get_object_or_404(ProgressReport.objects.readable_by(who).select_related("measure", "agency"), pk=pk)


def sent_reports(who: Principal, measure: Measure) -> QuerySet[ProgressReport]:
    """The reports on a measure that were sent and that `who` may read."""
    return ProgressReport.objects.readable_by(who).sent().filter(measure=measure)


def shown_reports(who: Principal, measure: Measure) -> QuerySet[ProgressReport]:
    """The same, and the claims of `who`'s own agencies that wait for a signature there."""
    return ProgressReport.objects.readable_by(who).filter(measure=measure).exclude(state=ProgressReport.State.DRAFT)


def readable_evidence(who: Principal, pk: int) -> Evidence:
    """Evidence with a report that `who` may read; Http404 for all other."""
    found = get_object_or_404(Evidence.objects.select_related("stored"), pk=pk)
    found.report = readable_report(who, found.report_id)
    return found


def _earlier_selves(agencies: frozenset[int], duties: Collection[Duty]) -> frozenset[int]:
    """Whom these agencies succeeded on the measure of these duties, and their own second spellings."""
    measures = {duty.measure_id for duty in duties if duty.agency_id in agencies}
    if not measures:
        return frozenset()
    heirs = Successors.for_measures(list(measures))
    spellings = Agency.objects.filter(merged_into__in=agencies).values_list("pk", flat=True)
    return frozenset(spellings).union(*(heirs.before(agencies, measure) for measure in measures))


def readable_extension(who: Principal, pk: int) -> Extension:
    """An extension that `who` may read; Http404 for all others, whether they exist or not."""
    return get_object_or_404(Extension.objects.readable_by(who).select_related("agency"), pk=pk)


def may_write(who: Principal, report: ProgressReport) -> bool:
    """Whether somebody may take this report back and change what is attached to it: who reports for its agency; where
    the office entered it, a supervisor none of whose agencies acts on the measure."""
    if report.by_office:
        return may(who, Verb.ENTER_FOR, [report.agency_id, *holders_of(report.measure)])
    return may(who, Verb.REPORT, [report.holder_id])


def last_readable(ids: Sequence[int], who: Principal, on: dt.date) -> dict[int, dict[int, ProgressReport]]:
    """The last report that counts and that `who` may read, up to a business date, by measure and agency: one query."""
    reports = ProgressReport.objects.readable_by(who).spoken().filter(measure__in=ids, on__lte=on)
    found: dict[int, dict[int, ProgressReport]] = defaultdict(dict)
    # In order of time: of each agency the last one stays.
    for report in reports.select_related("agency").order_by("recorded_at", "pk"):
        found[report.measure_id][report.agency_id] = report
    return found
