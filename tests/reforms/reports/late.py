"""Who owes a report on an overdue measure that it must claim, told by reading every duty."""

import datetime as dt

from reforms.duties import claimants
from reforms.models import Duty, DutyQuerySet, Light, Measure
from reforms.reports.periods import unreported


def must_claim() -> set[tuple[int, int]]:
    """The measures and agencies of all duties whose agency must claim."""
    held: dict[int, list[Duty]] = {}
    for duty in Duty.objects.all():
        held.setdefault(duty.measure_id, []).append(duty)
    found = claimants(list(Measure.objects.select_related("reform_list")), held)
    return {(measure, agency) for measure, agencies in found.items() for agency in agencies}


def late_claimants(on: dt.date) -> DutyQuerySet:
    """Those duties."""
    overdue = Measure.objects.counted().with_light(on).filter(light=Light.OVERDUE)
    owing = unreported(on).filter(measure__in=overdue.values("pk"))
    must = must_claim()
    return owing.filter(pk__in=[duty.pk for duty in owing if (duty.measure_id, duty.agency_id) in must])
