"""Who acts on a measure, and who must claim that it is done.

Source of the rule: docs/data-model.md, “Claims”. With 按职责分工负责 every lead claims, otherwise the first-named one;
the list may say otherwise. A lead that is a group claims through each of its members.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from reforms.models import Assignment, ClaimedBy, Duty, Measure, Part

EACH_FOR_ITS_PART = "按职责分工负责"
DutiesByMeasure = Mapping[int, Sequence[Duty]]


def claimants_of(measure: Measure) -> frozenset[int]:
    """The ids of the agencies that must claim this measure; empty where nobody leads it yet."""
    duties = list(Duty.objects.filter(measure=measure))
    return claimants([measure], {measure.pk: duties})[measure.pk]


def holders_of(measure: Measure) -> list[int]:
    """The ids of the agencies that act on a measure."""
    return list(Duty.objects.filter(measure=measure).values_list("agency_id", flat=True))


def claimants(measures: Collection[Measure], duties: DutiesByMeasure) -> dict[int, frozenset[int]]:
    """The same for many measures whose lists are loaded: one query."""
    printed: dict[int, list[int]] = {}
    leads = Assignment.objects.filter(measure__in=[measure.pk for measure in measures], part=Part.LEAD)
    for measure_id, agency_id in leads.order_by("measure", "order").values_list("measure_id", "agency_id"):
        printed.setdefault(measure_id, []).append(agency_id)
    return {
        measure.pk: _claimants(measure, printed.get(measure.pk, ()), duties.get(measure.pk, ())) for measure in measures
    }


def _claimants(measure: Measure, printed: Sequence[int], duties: Iterable[Duty]) -> frozenset[int]:
    leading = [duty for duty in duties if duty.part == Part.LEAD]
    if every_lead_claims(measure):
        return frozenset(duty.agency_id for duty in leading)
    for agency_id in printed:
        acting = frozenset(duty.agency_id for duty in leading if agency_id in (duty.agency_id, duty.via_id))
        if acting:
            return acting
    return frozenset(duty.agency_id for duty in leading)


def every_lead_claims(measure: Measure) -> bool:
    """What the list's setting means for this measure."""
    how = measure.reform_list.claimed_by
    return how == ClaimedBy.EVERY_LEAD or (how == ClaimedBy.AS_PRINTED and EACH_FOR_ITS_PART in measure.lead_note)
