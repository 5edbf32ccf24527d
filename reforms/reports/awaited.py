"""还在等待: which agencies a measure still waits for, and for what of each."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from reforms.duties.claimants import claimants
from reforms.duties.derive import holders
from reforms.models import Duty, Measure, ProgressReport, Status, takes_part
from reforms.reports.periods import owes_report


class Awaited(TextChoices):
    """What is waited for."""

    REPORT = "report", _("填报")
    CLAIM = "claim", _("申请销号")
    SIGNATURE = "signature", _("本单位审签")
    VERIFICATION = "verification", _("核验")


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
