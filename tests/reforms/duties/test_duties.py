"""Duties follow from what is printed and from who belongs to which group."""

from collections import Counter

import pytest

from agencies.models import Agency, GroupMember
from reforms.duties import derive_duties, holders, measures_beside
from reforms.models import Assignment, Duty, Measure, Part, ReformList, Status
from tests.reforms.shown import LEADS, PRINTED, RESPONSIBLE

DISTRICTS = [
    "罗湖区政府",
    "福田区政府",
    "南山区政府",
    "宝安区政府",
    "龙岗区政府",
    "盐田区政府",
    "龙华区政府",
    "坪山区政府",
    "光明区政府",
]
OPEN_GROUPS = ["各有关单位", "各涉企单位", "各行业主管部门", "各审批部门", "市直有关单位"]
DISTRICT_MEASURES = RESPONSIBLE["各区政府"]


@pytest.fixture
def districts(db: None) -> Agency:
    return Agency.objects.get(name="各区政府")


@pytest.fixture
def luohu(db: None) -> Agency:
    return Agency.objects.get(name="罗湖区政府")


def test_the_districts_act_where_all_districts_are_printed(districts: Agency) -> None:
    assert DISTRICT_MEASURES == 18
    measures = set(Assignment.objects.filter(agency=districts).values_list("measure_id", flat=True))
    assert len(measures) == 18
    for measure in measures:
        acting = Duty.objects.filter(measure=measure).values_list("agency__name", flat=True)
        assert set(DISTRICTS) <= set(acting)


def test_luohu_acts_though_it_is_nowhere_printed(luohu: Agency, districts: Agency) -> None:
    assert not Assignment.objects.filter(agency=luohu).exists()
    duties = Duty.objects.of([luohu.pk])
    assert duties.count() == 18
    assert set(duties.values_list("part", "via")) == {(Part.RESPONSIBLE, districts.pk)}


def test_a_group_itself_has_no_duty(reform_list: ReformList) -> None:
    assert not Duty.objects.filter(agency__kind__in=("group", "open")).exists()


@pytest.mark.parametrize("name", OPEN_GROUPS)
def test_an_open_group_gives_nobody_a_duty(reform_list: ReformList, name: str) -> None:
    group = Agency.objects.get(name=name)
    assert group.kind == Agency.Kind.OPEN
    assert Assignment.objects.filter(agency=group).count() == RESPONSIBLE[name] > 0
    assert not Duty.objects.filter(via=group).exists()


def test_every_other_duty_is_what_is_printed(reform_list: ReformList) -> None:
    groups = {"各区政府", *OPEN_GROUPS}
    for part, printed in ((Part.LEAD, LEADS), (Part.RESPONSIBLE, RESPONSIBLE)):
        held = Counter(Duty.objects.filter(part=part, via=None).values_list("agency__name", flat=True))
        assert held == {name: n for name, n in printed.items() if name not in groups}


def test_each_agency_has_one_duty_per_measure_by_its_strongest_part(reform_list: ReformList) -> None:
    """No agency is printed twice beside a measure, but districts are printed and meant by 各区政府 too."""
    both = [m for m in PRINTED if "各区政府" in m["responsible"] and set(DISTRICTS) & set(m["lead"])]
    for printed in both:
        measure = Measure.objects.get(item__number=printed["item_no"], seq_in_item=printed["seq_in_item"])
        for name in set(DISTRICTS) & set(printed["lead"]):
            duty = Duty.objects.get(measure=measure, agency__name=name)
            assert (duty.part, duty.via) == (Part.LEAD, None)


def test_an_agency_that_leads_and_belongs_to_the_group_leads(luohu: Agency, districts: Agency) -> None:
    measure = Measure.objects.filter(assignments__agency=districts)[0]
    Assignment.objects.create(measure=measure, agency=luohu, part=Part.LEAD, order=9, printed_name=luohu.name)
    derive_duties([measure.pk])
    duty = Duty.objects.get(measure=measure, agency=luohu)
    assert (duty.part, duty.via) == (Part.LEAD, None)


def test_an_agency_that_leaves_a_group_leaves_its_duties(luohu: Agency, districts: Agency) -> None:
    others = set(Duty.objects.exclude(agency=luohu).values_list("pk", flat=True))
    GroupMember.objects.get(group=districts, member=luohu).delete()
    derive_duties(measures_beside(districts))
    assert set(Duty.objects.values_list("pk", flat=True)) == others


def test_an_agency_that_joins_a_group_takes_on_its_duties(districts: Agency) -> None:
    newcomer = Agency.objects.create(name="大鹏新区管委会")
    before = set(Duty.objects.values_list("pk", flat=True))
    GroupMember.objects.create(group=districts, member=newcomer)
    derive_duties(measures_beside(districts))
    assert Duty.objects.of([newcomer.pk]).count() == 18
    assert before <= set(Duty.objects.values_list("pk", flat=True))
    standing = Duty.objects.of([newcomer.pk]).filter(measure__is_standing=True)
    assert set(standing.values_list("status", flat=True)) <= {Status.STANDING}


def test_a_member_that_has_reported_keeps_its_status_when_another_leaves(luohu: Agency, districts: Agency) -> None:
    futian = Agency.objects.get(name="福田区政府")
    duty = Duty.objects.filter(agency=futian, via=districts, measure__is_standing=False)[0]
    duty.status = Status.IN_PROGRESS
    duty.save()
    GroupMember.objects.get(group=districts, member=luohu).delete()
    derive_duties(measures_beside(districts))
    duty.refresh_from_db()
    assert duty.status == Status.IN_PROGRESS


def test_deriving_again_changes_nothing(reform_list: ReformList) -> None:
    before = list(Duty.objects.order_by("pk").values_list())
    derive_duties(list(Measure.objects.values_list("pk", flat=True)))
    assert list(Duty.objects.order_by("pk").values_list()) == before


def test_an_open_group_that_gets_members_gives_them_duties(reform_list: ReformList, market: Agency) -> None:
    group = Agency.objects.get(name="市直有关单位")
    group.kind = Agency.Kind.GROUP
    group.save()
    newcomer = Agency.objects.create(name="市新设单位")
    GroupMember.objects.create(group=group, member=newcomer)
    derive_duties(measures_beside(group))
    assert Duty.objects.get(agency=newcomer).via == group


def test_leads_are_named_first_and_in_printed_order(reform_list: ReformList) -> None:
    measure = Measure.objects.get(item__number=200, seq_in_item=1)
    printed = next(m for m in PRINTED if m["item_no"] == 200)
    named = [duty.agency.name for duty in holders(measure) if duty.via is None]
    assert named == [name for name in [*printed["lead"], *printed["responsible"]] if name != "各区政府"]
    assert {duty.agency.name for duty in holders(measure) if duty.via} == set(DISTRICTS)
