"""What an agency has in front of it while it reports on a measure: its draft, what it said last, what the office said
of its claim, and what the others said."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agencies.models import Agency
from reforms.duties import claimants
from reforms.lib.words import in_language
from reforms.models import Duty, Measure, ProgressReport
from reforms.reports.drafts import AGAIN, WRITTEN, draft_of
from reforms.reports.permissions import Readable
from reforms.reports.submit import last_sent

State = ProgressReport.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Worksheet:
    """`replaced` is the own report to be corrected, `claim_refusal` why no completion can be claimed (empty when it
    can). `others` are the latest reports of the other agencies, for an agency that claims for all."""

    measure: Measure
    duty: Duty
    draft: ProgressReport | None
    last: ProgressReport | None
    last_seen: int
    waiting: ProgressReport | None
    returned: ProgressReport | None
    replaced: ProgressReport | None
    claim_refusal: str
    others: tuple[ProgressReport, ...]

    @property
    def agency(self) -> Agency:
        return self.duty.agency

    @property
    def objection(self) -> ProgressReport | None:
        """The claim with the reason for which it came back: from the office, or from the agency's own approver."""
        if self.draft and self.draft.reason:
            return self.draft
        return self.returned

    @property
    def text(self) -> ProgressReport | None:
        """What the form begins with."""
        return self.draft or self.replaced or self.last

    @property
    def draft_version(self) -> int:
        return self.draft.version if self.draft else 0

    @property
    def initial(self) -> dict[str, object]:
        """What the form shows before anything is typed."""
        start = {
            "division": self.duty.division,
            "officer": self.duty.officer,
            "last_seen": self.last_seen,
            "draft_seen": self.draft_version,
            "replaces": self.replaced.pk if self.replaced else None,
        }
        if self.text is None:
            return start
        kept = WRITTEN if self.draft or self.replaced else AGAIN
        said = {name: getattr(self.text, name) for name in kept}
        if self.returned and self.text.pk == self.returned.pk:
            said["is_claim"] = True
        return start | said


def worksheet(
    measure: Measure, duty: Duty, duties: Sequence[Duty], *, readable: Readable, replaces: int | None = None
) -> Worksheet:
    """The worksheet of the agency of `duty`, one of the measure's `duties`. A draft that corrects goes on doing so."""
    draft = draft_of(measure.pk, duty.agency_id)
    replaces = replaces or (draft.replaces_id if draft else None)
    own = list(ProgressReport.objects.exclude(state=State.DRAFT).filter(duty=duty))  # also who held it before
    spoken = ProgressReport.objects.spoken().filter(measure=measure).select_related("agency")
    replaced = next((report for report in own if report.pk == replaces), None)
    refusal = _claim_refusal(measure, duty, duties, [report for report in own if report is not replaced])
    latest = last_sent(measure.pk, duty.agency_id)
    return Worksheet(
        measure=measure,
        duty=duty,
        draft=draft,
        last=spoken.filter(duty=duty).first(),
        last_seen=latest.pk if latest else 0,
        waiting=next((report for report in own if report.state == State.AWAITING_SIGNATURE), None),
        returned=ProgressReport.objects.unanswered_returns().filter(duty=duty).first(),
        replaced=replaced,
        claim_refusal=refusal,
        others=_latest_of_each(spoken.exclude(agency=duty.agency_id)) if readable.everything and not refusal else (),
    )


def _claim_refusal(measure: Measure, duty: Duty, duties: Sequence[Duty], own: Collection[ProgressReport]) -> str:
    if measure.is_standing:
        return _("持续巩固的举措不需申请销号，请按期报送。")
    claiming = claimants([measure], {measure.pk: duties})[measure.pk]
    if duty.agency_id not in claiming:
        names = [in_language(one.agency.name, one.agency.name_en) for one in duties if one.agency_id in claiming]
        return _("该举措由%(agencies)s申请销号；请填报进展，由其汇总。") % {"agencies": _("、").join(names) or "—"}
    if any(report.state in (State.UNDER_REVIEW, State.VERIFIED) for report in own):
        return _("本单位的销号申请已提交或已核验通过。")
    return ""


def _latest_of_each(reports: Iterable[ProgressReport]) -> tuple[ProgressReport, ...]:
    latest: dict[int, ProgressReport] = {}
    for report in reports:
        latest.setdefault(report.agency_id, report)
    return tuple(latest.values())
