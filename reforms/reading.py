"""Which reports on a measure somebody may read."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from agencies.models import Agency
from agencies.principal import Principal
from agencies.rules import Verb, agencies_for, may
from reforms.models import Duty, Measure, Part, ProgressReport
from reforms.standins import Heirs


@dataclass(frozen=True, slots=True)
class Readable:
    """All reports on a measure, or those of `agencies`; false when none."""

    everything: bool
    agencies: frozenset[int]

    def __bool__(self) -> bool:
        return self.everything or bool(self.agencies)

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
    return Readable(everything=everything, agencies=holding | _earlier_selves(holding, duties))


def _earlier_selves(agencies: frozenset[int], duties: Collection[Duty]) -> frozenset[int]:
    """Whom these agencies succeeded on the measure of these duties, and their own second spellings."""
    measures = {duty.measure_id for duty in duties if duty.agency_id in agencies}
    if not measures:
        return frozenset()
    heirs = Heirs.for_measures(list(measures))
    spellings = Agency.objects.filter(merged_into__in=agencies).values_list("pk", flat=True)
    return frozenset(spellings).union(*(heirs.before(agencies, measure) for measure in measures))
