"""When the duties of two agencies become one, by reassignment or succession: what only one of them had claimed."""

import datetime as dt
from collections.abc import Mapping

from agencies.log import Entry
from agencies.principal import Principal
from reforms.life.claims import put_back
from reforms.models import Duty, ProgressReport, Status

WHY = "两个单位承担的任务已合并，请就全部任务重新申请销号。"
DONE = (Status.UNDER_REVIEW, Status.CLOSED)
State = ProgressReport.State


def return_half_claims(agency_id: int, heirs: Mapping[int, int], *, who: Principal, on: dt.date) -> list[Entry]:
    """Before the duties of `agency_id` are moved to the heir named for each measure: where the heir has a duty already
    and only one of the two is claimed, that claim comes back (退回修改), for the heir to claim for both. The entries to
    log; `settle` must follow."""
    duties = list(Duty.objects.filter(agency=agency_id, measure__in=heirs))
    held = Duty.objects.filter(measure__in=heirs, agency__in=set(heirs.values()))
    by_place = {(duty.measure_id, duty.agency_id): duty for duty in held}
    pairs = [(duty, by_place.get((duty.measure_id, heirs[duty.measure_id]))) for duty in duties]
    halves = [
        duty.pk if duty.status in DONE else other.pk
        for duty, other in pairs
        if other and (duty.status in DONE) != (other.status in DONE)
    ]
    claims = ProgressReport.objects.filter(duty__in=halves, state__in=(State.UNDER_REVIEW, State.VERIFIED))
    return [
        put_back(claim, reason=WHY, told=heirs[claim.measure_id], who=who, on=on)
        for claim in claims.select_related("measure").order_by("pk")
    ]
