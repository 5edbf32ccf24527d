"""Which reports on a measure somebody may read."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from agencies.principal import Principal
from agencies.rules import Verb, agencies_for, may
from reforms.models import Duty, Measure, Part, ProgressReport


@dataclass(frozen=True, slots=True)
class Readable:
    """All reports on a measure, or those of `agencies`; false when none."""

    everything: bool
    agencies: frozenset[int]

    def __bool__(self) -> bool:
        return self.everything or bool(self.agencies)

    def of(self, measure: Measure) -> QuerySet[ProgressReport]:
        reports = ProgressReport.objects.filter(measure=measure)
        return reports if self.everything else reports.filter(agency__in=self.agencies)


def readable_reports(who: Principal, duties: Collection[Duty]) -> Readable:
    """The office and the agencies that lead a measure read all its reports, the others that act on it their own."""
    own = agencies_for(who, Verb.READ_REPORTS)
    holding = own & {duty.agency_id for duty in duties}
    leads = own & {duty.agency_id for duty in duties if duty.part == Part.LEAD}
    return Readable(everything=bool(leads) or may(who, Verb.READ_REPORTS, ()), agencies=holding)
