"""Which reports on a measure somebody may read, and the evidence with them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from agencies.access.principal import Principal
from agencies.access.rules import Verb, agencies_for, may
from agencies.models import Agency
from reforms.duties.claimants import holders_of
from reforms.duties.derive import holders
from reforms.duties.successors import Heirs
from reforms.models import Duty, Evidence, Extension, Matter, Measure, Part, ProgressReport
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


def all_readable_reports(who: Principal) -> QuerySet[ProgressReport]:
    """Every report that `reforms.reports.permissions.readable_report` gives to `who`."""
    writers = agencies_for(who, Verb.REPORT) | agencies_for(who, Verb.SIGN)
    drafts = ProgressReport.objects.filter(held_by(writers), by_office=False, state__in=("draft", "awaiting_signature"))
    return ProgressReport.objects.sent().filter(_sent_to(who)) | drafts


def all_readable_extensions(who: Principal) -> QuerySet[Extension]:
    """The office and the leads of a measure read what was sent, an agency all of its own."""
    own = agencies_for(who, Verb.READ_REPORTS)
    return Extension.objects.sent().filter(_sent_to(who)) | Extension.objects.filter(held_by(own))


def readable_extension(who: Principal, pk: int) -> Extension:
    """An extension that `who` may read; Http404 for all others, whether they exist or not."""
    found = all_readable_extensions(who).select_related("agency").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _sent_to(who: Principal) -> Q:
    """What reached others: everything for the office, what concerns a measure that one leads, and one's own."""
    if may(who, Verb.READ_REPORTS, ()):
        return Q()
    own = agencies_for(who, Verb.READ_REPORTS)
    return Q(measure__in=led_by(own)) | held_by(own) | of_earlier_selves(own)


def led_by(agencies: frozenset[int]) -> QuerySet[Duty, int]:
    """The ids of the measures that one of the agencies leads, as a subquery."""
    return Duty.objects.of(agencies).filter(part=Part.LEAD).values_list("measure_id", flat=True)


def held_by(agencies: frozenset[int], measure: str = "measure") -> Q:
    """Of one of the agencies, on a measure (the field of that name) on which it still acts."""
    duties = Duty.objects.filter(measure=OuterRef(measure), agency=OuterRef("agency"))
    return Q(Exists(duties), agency__in=agencies)


def of_earlier_selves(agencies: frozenset[int], measure: str = "measure") -> Q:
    """Of those that the agencies succeeded on a measure, and of their second spellings."""
    measures = sorted(set(Duty.objects.of(agencies).values_list("measure_id", flat=True)))
    if not measures:
        return Q(pk__in=[])
    heirs, held = Heirs.for_measures(measures), Duty.objects.of(agencies).values("measure")
    spellings = Agency.objects.filter(merged_into__in=agencies)
    found = Q(**{f"{measure}__in": held}, agency__in=spellings)
    before: dict[int, list[int]] = defaultdict(list)
    for pk in measures if heirs.successors or heirs.takeovers else ():
        for agency in heirs.before(agencies, pk):
            before[agency].append(pk)
    for agency, theirs in before.items():
        found |= Q(**{f"{measure}__in": theirs}, agency=agency)
    return found


def readable_matters(who: Principal) -> QuerySet[Matter]:
    """By the rule for reports: the office all, an agency those of measures it leads, and those it raised, or took over,
    on measures it acts on."""
    matters = Matter.objects.all()
    if may(who, Verb.READ_REPORTS, ()):
        return matters
    own = agencies_for(who, Verb.READ_REPORTS)
    leads = Duty.objects.of(own).filter(measure=OuterRef("measure"), part=Part.LEAD)
    return matters.filter(Q(Exists(leads)) | Q(report__duty__agency__in=own))


def may_write(who: Principal, report: ProgressReport) -> bool:
    """Whether somebody may take this report back and change what is attached to it: who reports for its agency; where
    the office entered it, a supervisor none of whose agencies acts on the measure."""
    if report.by_office:
        return may(who, Verb.ENTER_FOR, [report.agency_id, *holders_of(report.measure)])
    return may(who, Verb.REPORT, [report.holder_id])
