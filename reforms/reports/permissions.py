"""Which reports on a measure somebody may read, and the evidence with them."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from agencies.access.principal import Principal
from agencies.access.rules import Verb, agencies_for, may
from agencies.models import Agency
from reforms.duties.derive import holders
from reforms.duties.successors import Heirs
from reforms.models import Duty, Evidence, Measure, Part, ProgressReport
from reforms.models.reports import INSIDE


@dataclass(frozen=True, slots=True)
class Readable:
    """All reports on a measure, or those of `agencies`; false when none. `drafts` are the agencies whose unsent ones
    may be read too: by those who write and sign there."""

    everything: bool
    agencies: frozenset[int]
    drafts: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.agencies)

    def covers(self, report: ProgressReport) -> bool:
        """Whether a report on that measure is among them, or a draft one may read."""
        if report.state in INSIDE:
            return not report.by_office and report.agency_id in self.drafts
        return self.everything or report.agency_id in self.agencies

    def of(self, measure: Measure) -> QuerySet[ProgressReport]:
        """What was sent; an agency's own drafts and unsigned claims are for its desk."""
        reports = ProgressReport.objects.sent().filter(measure=measure)
        return reports if self.everything else reports.filter(agency__in=self.agencies)


def readable_reports(who: Principal, duties: Collection[Duty]) -> Readable:
    """The office and the agencies that lead a measure read all its reports, the others that act on it their own and
    those of whom they took it over from."""
    own = agencies_for(who, Verb.READ_REPORTS)
    holding = own & {duty.agency_id for duty in duties}
    leads = own & {duty.agency_id for duty in duties if duty.part == Part.LEAD}
    everything = bool(leads) or may(who, Verb.READ_REPORTS, ())
    return Readable(
        everything=everything,
        agencies=holding | _earlier_selves(holding, duties),
        drafts=holding & (agencies_for(who, Verb.REPORT) | agencies_for(who, Verb.SIGN)),
    )


def with_evidence(reports: QuerySet[ProgressReport]) -> QuerySet[ProgressReport]:
    """Reports as pages show them: with agency and evidence loaded."""
    files = Prefetch("evidence", Evidence.objects.select_related("stored"))
    return reports.select_related("agency", "duty").prefetch_related(files)


def readable_report(who: Principal, pk: int) -> ProgressReport:
    """A report whose text `who` may read; Http404 for all others, whether they exist or not."""
    report = get_object_or_404(ProgressReport.objects.select_related("measure", "agency"), pk=pk)
    if not readable_reports(who, holders(report.measure)).covers(report):
        raise Http404
    return report


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
    heirs = Heirs.for_measures(list(measures))
    spellings = Agency.objects.filter(merged_into__in=agencies).values_list("pk", flat=True)
    return frozenset(spellings).union(*(heirs.before(agencies, measure) for measure in measures))
