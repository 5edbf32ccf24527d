"""Who must claim a measure: asked of many duties at once in the database, and of measures in memory, it is the same."""

import random

import pytest

from agencies.models import Agency
from reforms.duties import EACH_FOR_ITS_PART, claimants, derive_duties, must_claim
from reforms.models import Assignment, Duty, Measure, Part, ReformList


def told_otherwise() -> set[tuple[int, int]]:
    """The measures and agencies of which the two do not say the same."""
    held: dict[int, list[Duty]] = {}
    for duty in Duty.objects.all():
        held.setdefault(duty.measure_id, []).append(duty)
    must = claimants(list(Measure.objects.select_related("reform_list")), held)
    in_memory = {(measure, agency) for measure, agencies in must.items() for agency in agencies}
    asked = Duty.objects.filter(must_claim())
    return in_memory ^ set(asked.values_list("measure_id", "agency_id"))


@pytest.mark.parametrize("how", ["first_lead", "every_lead", "as_printed"])
def test_of_the_real_list(demo: ReformList, how: str) -> None:
    ReformList.objects.update(claimed_by=how)
    assert told_otherwise() == set()
    Measure.objects.filter(row__lt=60).update(lead_note=f"（{EACH_FOR_ITS_PART}）")
    assert told_otherwise() == set()


@pytest.mark.parametrize("seed", range(3))
def test_where_groups_and_heirs_stand_among_the_leads(reform_list: ReformList, seed: int) -> None:
    """Groups with and without members, agencies that another took over from, in any order of print."""
    chance = random.Random(seed)  # chosen by chance
    agencies = [Agency.objects.create(name=f"市第{n}局") for n in range(6)]
    groups = [Agency.objects.create(name=f"各{n}类单位", kind=Agency.Kind.GROUP) for n in range(3)]
    groups[0].members.set(agencies[:2])
    groups[1].members.set(agencies[1:4])
    measures = list(Measure.objects.order_by("row")[:60])
    Assignment.objects.filter(measure__in=measures, part=Part.LEAD).delete()
    for measure in measures:
        printed = chance.sample([*agencies, *groups], chance.randint(1, 4))
        Assignment.objects.bulk_create(
            Assignment(measure=measure, agency=one, part=Part.LEAD, order=n, printed_name=one.name)
            for n, one in enumerate(printed)
        )
    derive_duties([measure.pk for measure in measures])
    assert told_otherwise() == set()
    counts = {measure: Duty.objects.filter(must_claim(), measure=measure).count() for measure in measures}
    # Some wait for one agency, some for the members of a group, and some for nobody.
    assert {0, 1, 2} <= set(counts.values())
