"""The reports on a measure as its page shows them: what became of each, and what its agency may still do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reforms.models import COUNTED, ProgressReport
from reforms.reports.matters import is_in_hand
from reforms.reports.submit import may_be_taken_back

State = ProgressReport.State
FOLDED = (State.WITHDRAWN, State.REPLACED)


@dataclass(frozen=True, slots=True)
class Statement:
    """`correction` is the report that replaced it. `may_change` is whether its own agency, asking, may correct and
    withdraw it; `fixed_because` says to it why it may not (of its latest report only: earlier ones are past)."""

    report: ProgressReport
    correction: ProgressReport | None
    may_change: bool = False
    fixed_because: str = ""

    @property
    def is_folded(self) -> bool:
        return self.report.state in FOLDED


def statements(reports: Sequence[ProgressReport], own: frozenset[int]) -> list[Statement]:
    """`reports` of one measure, latest first; `own` are the agencies for whom whoever asks may report. Two queries for
    each own agency, whatever the number of reports."""
    corrections = {report.replaces_id: report for report in reports if report.replaces_id}
    asked = [*_latest_spoken(reports), *(one for one in reports if one.state == State.AWAITING_SIGNATURE)]
    return [
        _statement(report, corrections.get(report.pk), ask=report.agency_id in own and report in asked)
        for report in reports
    ]


def _latest_spoken(reports: Sequence[ProgressReport]) -> list[ProgressReport]:
    latest: dict[int, ProgressReport] = {}
    for report in reports:
        if report.state in COUNTED:
            latest.setdefault(report.agency_id, report)  # they come latest first
    return list(latest.values())


def _statement(report: ProgressReport, correction: ProgressReport | None, *, ask: bool) -> Statement:
    if not ask or report.by_office:
        return Statement(report, correction)
    if may_be_taken_back(report):
        return Statement(report, correction, may_change=True)
    return Statement(report, correction, fixed_because=_why_fixed(report))


def _why_fixed(report: ProgressReport) -> str:
    if report.state in (State.SUBMITTED, State.UNDER_REVIEW) and is_in_hand(report):
        return _("督办人员已受理其中的需协调事项，不能再更正或撤回；请另行填报。")
    return _("督办人员已作出处理，不能再更正或撤回。")
