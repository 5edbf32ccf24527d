"""The same body taken in twice becomes one, and nothing that pointed to either is lost."""

import datetime as dt
from dataclasses import asdict

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from agencies.access import Principal
from agencies.models import Agency, AgencyName, Change, GroupMember, Membership, Role, Token, User
from reforms.duties import derive_duties
from reforms.models import (
    Assignment,
    Delivery,
    Duty,
    Measure,
    Milestone,
    NamedMember,
    Part,
    ProgressReport,
    ReformList,
    Reminder,
)
from reforms.organisation.merge import belongings, merge_agencies
from reforms.reports.milestones import report_milestone
from tests.conftest import ON, PersonMaker
from tests.reforms.reorganisations import OFFICE, held, logged, report, split


@pytest.fixture
def twin(transport: Agency) -> Agency:
    """市交通运输委, in truth 市交通运输局: printed beside three measures, one of which prints both in one cell."""
    return make_twin(transport)


def make_twin(transport: Agency) -> Agency:
    agency = Agency.objects.create(name="市交通运输委", email="twin@example.org")
    AgencyName.objects.create(agency=agency, name="市交委")
    free = Measure.objects.exclude(assignments__agency=transport).order_by("pk")[:2]
    shared = Measure.objects.filter(assignments__agency=transport, assignments__part=Part.LEAD).order_by("pk")[0]
    for measure, part in ((free[0], Part.LEAD), (free[1], Part.RESPONSIBLE), (shared, Part.LEAD)):
        Assignment.objects.create(measure=measure, agency=agency, part=part, order=9, printed_name=agency.name)
    derive_duties([free[0].pk, free[1].pk, shared.pk])
    return agency


def shared_by(one: Agency, other: Agency) -> Measure:
    return Measure.objects.filter(duties__agency=one).filter(duties__agency=other).get()


def test_printed_places_duties_and_reports_add_up(transport: Agency, twin: Agency) -> None:
    shared = shared_by(transport, twin)
    for agency in (transport, twin):
        for measure in Measure.objects.filter(duties__agency=agency, is_standing=False)[:3]:
            report(agency, measure)
    places = set(Assignment.objects.filter(agency__in=(transport, twin)).values_list("measure_id", "part"))
    measures, reports = held(transport).keys() | held(twin).keys(), ProgressReport.objects.count()
    others = Duty.objects.exclude(agency__in=(transport, twin)).count()
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    assert set(Assignment.objects.filter(agency=transport).values_list("measure_id", "part")) == places
    assert held(transport).keys() == measures
    assert Duty.objects.exclude(agency=transport).count() == others
    assert ProgressReport.objects.filter(agency=transport, duty__agency=transport).count() == reports
    assert Duty.objects.filter(measure=shared, agency=transport).count() == 1
    assert set(asdict(belongings(twin)).values()) == {0}


def test_a_cell_that_prints_both_is_in_the_log(transport: Agency, twin: Agency) -> None:
    shared = shared_by(transport, twin)
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    [entry] = logged("agency.merged_rows")
    assert entry.after["printed_twice"] == [{"measure": shared.pk, "part": "lead", "printed_name": "市交通运输委"}]
    assert (entry.after["assignments"], entry.after["duties"], entry.visibility) == (3, 3, "internal")


def test_both_logs_tell_of_it_by_name_and_id(transport: Agency, twin: Agency) -> None:
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    [kept], [gone] = logged("agency.merged"), logged("agency.merged_into")
    assert (kept.object_id, kept.after) == (transport.pk, {"duplicate": {"id": twin.pk, "name": "市交通运输委"}})
    assert (gone.object_id, gone.after) == (twin.pk, {"kept": {"id": transport.pk, "name": "市交通运输局"}})


def test_every_name_of_the_duplicate_leads_to_the_kept_one(transport: Agency, twin: Agency) -> None:
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    for name in ("市交通运输委", "市交委", "市交通运输局", "深圳市交通运输局"):
        assert Agency.objects.called([name])[name] == transport
    assert {"市交通运输委", "市交委"} <= set(transport.other_names.values_list("name", flat=True))
    transport.refresh_from_db()
    assert transport.email == "twin@example.org"


def test_the_duplicate_vanishes_and_its_address_leads_on(
    client: Client, reform_list: ReformList, transport: Agency, twin: Agency
) -> None:
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    assert "市交通运输委" not in client.get("/agencies/").content.decode()
    moved = client.get(f"/agencies/{twin.pk}/")
    assert (moved.status_code, moved["Location"]) == (301, f"/agencies/{transport.pk}/")
    names = [one["name"] for one in client.get("/api/v1/agencies?page_size=200").json()["results"]]
    assert "市交通运输委" not in names
    moved = client.get(f"/api/v1/agencies/{twin.pk}")
    assert (moved.status_code, moved["Location"]) == (301, f"http://testserver/api/v1/agencies/{transport.pk}")


def test_an_old_link_with_the_number_of_the_duplicate_shows_the_kept_one(
    client: Client, reform_list: ReformList, transport: Agency, twin: Agency
) -> None:
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    counts = [client.get(f"/api/v1/measures?holder={pk}&count=true").json()["count"] for pk in (twin.pk, transport.pk)]
    assert counts[0] == counts[1] == len(held(transport)) > 0


def test_people_keep_their_roles_once(transport: Agency, twin: Agency, reporter: User, person: PersonMaker) -> None:
    Membership.objects.create(user=reporter, agency=twin, role=Role.REPORTER)
    other = person(Role.VIEWER, agency=twin)
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    assert list(Membership.objects.filter(user=reporter).values_list("agency", "role")) == [(transport.pk, "reporter")]
    assert list(Membership.objects.filter(user=other).values_list("agency", "role")) == [(transport.pk, "viewer")]


def test_a_token_of_the_duplicate_goes_on_for_the_kept_one(transport: Agency, twin: Agency) -> None:
    _token, secret = Token.issue(agency_id=twin.pk, name="系统", read_only=True, days=1, by_id=None)
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    me = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).json()
    assert me["roles"] == [{"agency": {"id": transport.pk, "name": "市交通运输局"}, "role": "reporter"}]


def test_a_reference_both_gave_away_is_told_apart(transport: Agency, twin: Agency) -> None:
    for agency in (transport, twin):
        report(agency, Measure.objects.filter(duties__agency=agency, is_standing=False)[0])
    ProgressReport.objects.update(external_ref="A-1")
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    refs = ProgressReport.objects.order_by("pk").values_list("agency", "external_ref")
    assert list(refs) == [(transport.pk, "A-1"), (transport.pk, f"A-1#{twin.pk}")]


def test_nobody_is_told_the_same_twice_and_what_was_told_is_kept(transport: Agency, twin: Agency) -> None:
    shared, now = shared_by(transport, twin), timezone.now()
    facts = {"measure": shared, "deadline": ON, "due_on": ON, "created_at": now}
    digest = Delivery.objects.create(agency=twin, on=ON, message_id="<t@test>", next_try_at=now, created_at=now)
    Reminder.objects.create(agency=transport, stage="before_7", **facts)
    Reminder.objects.create(agency=twin, stage="before_7", **facts)
    Reminder.objects.create(agency=transport, stage="before_15", **facts)
    told = Reminder.objects.create(agency=twin, stage="before_15", delivery=digest, **facts)
    alone = Reminder.objects.create(agency=twin, stage="before_30", **facts)
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    assert Reminder.objects.filter(stage="before_7").count() == 1
    assert list(Delivery.objects.get(agency=transport).reminders.all()) == [told]
    assert Reminder.objects.get(pk=alone.pk).agency == transport


def test_places_in_groups_and_named_ones_move(transport: Agency, twin: Agency) -> None:
    group, open_group = Agency.objects.get(name="各区政府"), Agency.objects.get(name="各有关单位")
    measure = Measure.objects.filter(assignments__agency=open_group).exclude(duties__agency=transport)[0]
    GroupMember.objects.create(group=group, member=twin)
    for member in (transport, twin):
        NamedMember.objects.create(measure=measure, group=open_group, member=member)
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    assert transport in group.members.all()
    assert list(measure.named_members.values_list("member", flat=True)) == [transport.pk]
    assert Duty.objects.filter(agency=transport, via=group).exists()
    assert Duty.objects.filter(measure=measure, agency=transport).exists()


def test_two_spellings_of_a_group_become_one(reform_list: ReformList) -> None:
    group = Agency.objects.get(name="各区政府")
    twin = Agency.objects.create(name="各区人民政府", kind=Agency.Kind.GROUP)
    measure = Measure.objects.exclude(assignments__agency=group)[0]
    Assignment.objects.create(measure=measure, agency=twin, part=Part.LEAD, order=9, printed_name=twin.name)
    derive_duties([measure.pk])
    merge_agencies(group, twin, who=OFFICE, on=ON)
    assert Duty.objects.filter(measure=measure, via=group, part=Part.LEAD).count() == 9


def test_what_a_duplicate_planned_the_kept_one_goes_on_with(
    transport: Agency, twin: Agency, person: PersonMaker
) -> None:
    measure = Measure.objects.filter(duties__agency=twin, duties__part="lead").order_by("row")[0]
    milestone = Milestone.objects.create(measure=measure, agency=twin, title="形成初稿", due_on=ON, planned_on=ON)
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    milestone.refresh_from_db()
    assert milestone.agency == transport
    reporter = Principal.of_user(person(Role.REPORTER, agency=transport))
    report_milestone(milestone.pk, done_on=ON, words="已形成。", seen=None, who=reporter, on=ON)


def test_what_a_duplicate_took_over_goes_on_with_the_kept_one(transport: Agency, twin: Agency) -> None:
    water, heir = Agency.objects.get(name="市水务局"), Agency.objects.create(name="市新局")
    chosen = min(held(water).keys() - held(transport).keys() - held(twin).keys())
    split(water, heir, twin, choices={chosen: twin.pk})
    assert chosen in held(twin)
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    derive_duties(list(Measure.objects.values_list("pk", flat=True)))
    assert chosen in held(transport)


def test_merging_twice_leads_straight_to_the_last(client: Client, transport: Agency, twin: Agency) -> None:
    last = Agency.objects.create(name="市大交通局")
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    merge_agencies(last, transport, who=OFFICE, on=ON)
    assert client.get(f"/agencies/{twin.pk}/")["Location"] == f"/agencies/{last.pk}/"
    assert Agency.objects.called(["市交委"])["市交委"] == last


def test_the_changes_of_old_can_still_be_read(transport: Agency, twin: Agency) -> None:
    report(twin, Measure.objects.filter(duties__agency=twin, is_standing=False)[0])
    before = list(Change.objects.values())
    merge_agencies(transport, twin, who=OFFICE, on=ON)
    assert list(Change.objects.values())[: len(before)] == before


@pytest.mark.parametrize(
    ("kept", "duplicate", "said"),
    [
        ("市司法局", "市司法局", "不能与自己合并，请填写另一个单位。"),
        ("市司法局", "各区政府", "两者类别不同，请先核对并改为同一类别。"),
        ("市司法局", "市老局", "“市老局”已撤销或已并入其他单位，不能再合并。"),
    ],
)
def test_what_makes_no_sense_is_refused(reform_list: ReformList, kept: str, duplicate: str, said: str) -> None:
    Agency.objects.create(name="市老局", dissolved_on=dt.date(2020, 1, 1), successor=Agency.objects.first())
    with pytest.raises(ValidationError) as refused:
        merge_agencies(Agency.objects.get(name=kept), Agency.objects.get(name=duplicate), who=OFFICE, on=ON)
    assert refused.value.messages == [said]


class AnyTwoAgencies(TestCase):
    """Whatever two agencies are printed beside, merging them keeps every place and every duty once."""

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Part), st.booleans()), unique=True, max_size=12))
    def test_sums_hold(self, places: list[tuple[int, Part, bool]]) -> None:
        pair = Agency.objects.create(name="甲"), Agency.objects.create(name="乙")
        measures = list(Measure.objects.order_by("pk")[:6])
        for number, part, second in places:
            agency = pair[second]
            Assignment.objects.create(
                measure=measures[number], agency=agency, part=part, order=50 + second, printed_name=agency.name
            )
        derive_duties([measure.pk for measure in measures])
        others = Duty.objects.exclude(agency__in=pair).count()
        merge_agencies(*pair, who=OFFICE, on=ON)
        printed = {(measures[number].pk, str(part)) for number, part, _second in places}
        assert set(pair[0].assignments.values_list("measure_id", "part")) == printed
        strongest = {pk: "lead" if (pk, "lead") in printed else "responsible" for pk, _part in printed}
        assert {pk: part for pk, (part, _status) in held(pair[0]).items()} == strongest
        assert Duty.objects.exclude(agency__in=pair).count() == others
        assert held(pair[1]) == {}
