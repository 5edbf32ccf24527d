"""Who must claim a measure: asked of all duties at once, and of each measure, it is the same."""

import random
from collections import Counter

import pytest

from agencies.models import Agency
from reforms.columns.kept import columns
from reforms.duties import derive_duties
from reforms.models import EACH_FOR_ITS_PART, Assignment, Measure, Part, ReformList
from reforms.reports.owed import must_claim as must_claim_of_all
from tests.reforms.reports.late import must_claim


def claiming() -> set[tuple[int, int]]:
    """The measures and agencies of those who must claim, by the columns."""
    now = columns()
    mask, of = must_claim_of_all(now), now.duties.of
    return set(zip(of["measure_id"][mask].tolist(), of["agency_id"][mask].tolist(), strict=True))


@pytest.mark.parametrize("how", ["first_lead", "every_lead", "as_printed"])
def test_of_the_real_list(demo: ReformList, how: str) -> None:
    ReformList.objects.update(claimed_by=how)
    assert claiming() == must_claim()
    Measure.objects.filter(row__lt=60).update(lead_note=f"（{EACH_FOR_ITS_PART}）")
    assert claiming() == must_claim()


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
    assert claiming() == must_claim()
    counts = Counter(measure for measure, _agency in must_claim())
    # Some wait for one agency, some for the members of a group, and some for nobody.
    assert {0, 1, 2} <= {counts[measure.pk] for measure in measures}
