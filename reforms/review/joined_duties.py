"""When the duties of two agencies become one, by reassignment or succession: what only one of them had claimed."""

import datetime as dt
from collections.abc import Mapping, Sequence

from agencies.access import Principal
from agencies.log.write import Entry
from reforms.duties import claimants
from reforms.models import DONE, Duty, Measure, ProgressReport, Status
from reforms.reports.permissions import CLAIMED, claim_entry, put_back

WHY = "两个单位承担的任务已合并，请就全部任务重新申请销号。"
State = ProgressReport.State
Pair = tuple[Duty, Duty]


def return_half_claims(agency_id: int, heirs: Mapping[int, int], *, who: Principal, on: dt.date) -> list[Entry]:
    """Before the duties of `agency_id` are moved to the heir named for each measure: where the heir has a duty already,
    both had to claim and only one has, that claim comes back (退回修改), for the heir to claim for both; what one of
    them was about to sign is a draft again. The entries to log; `settle` must follow."""
    pairs = joined(agency_id, heirs)
    entries = [_unsign(claim) for claim in _claims(pairs, (State.AWAITING_SIGNATURE,))]
    for claim in _claims(half_claimed(pairs), CLAIMED):
        told = [claim.holder_id, heirs[claim.measure_id]]
        entries.append(put_back(claim, reason=WHY, told=told, who=who, on=on))
    return entries


def joined(agency_id: int, heirs: Mapping[int, int]) -> list[Pair]:
    """The duties of `agency_id` on open measures, each with the duty of the heir that it would become one with, where
    both must claim."""
    measures = Measure.objects.filter(pk__in=heirs).exclude(status=Status.CLOSED).select_related("reform_list")
    by_measure: dict[int, dict[int, Duty]] = {measure.pk: {} for measure in measures}
    for duty in Duty.objects.filter(measure__in=by_measure):
        by_measure[duty.measure_id][duty.agency_id] = duty
    must = claimants(measures, {pk: list(duties.values()) for pk, duties in by_measure.items()})
    return [
        (duties[agency_id], duties[heirs[pk]])
        for pk, duties in by_measure.items()
        if agency_id in duties and heirs[pk] in duties and {agency_id, heirs[pk]} <= must[pk]
    ]


def half_claimed(pairs: list[Pair]) -> list[Pair]:
    """Those of which one is claimed and the other is not."""
    return [(one, other) for one, other in pairs if (one.status in DONE) != (other.status in DONE)]


def _claims(pairs: list[Pair], states: Sequence[str]) -> list[ProgressReport]:
    duties = [duty.pk for pair in pairs for duty in pair]
    found = ProgressReport.objects.filter(duty__in=duties, state__in=states)
    return list(found.select_related("measure", "duty").order_by("pk"))


def _unsign(claim: ProgressReport) -> Entry:
    claim.state, claim.reason, claim.form_key, claim.version = State.DRAFT, WHY, "", claim.version + 1
    claim.save()
    return claim_entry("claim.sent_back", claim, reason=WHY)
