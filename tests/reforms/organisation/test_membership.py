"""Members of groups, and whom an open group means beside one measure: duties follow at once."""

from collections.abc import Callable

import pytest
from django.test import Client

from agencies.access import Principal
from agencies.models import Agency, GroupMember, Role, User
from reforms.duties import derive_duties, measures_beside
from reforms.models import Assignment, Duty, Measure, NamedMember, Part, ProgressReport, ReformList, Status
from reforms.organisation.directory import set_members
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.decisions import verify_claim
from tests.conftest import ON, PersonMaker
from tests.reforms.people import attach
from tests.reforms.reorganisations import held, logged, merge_into, report
from tests.reforms.shown import get, plain, words

SignIn = Callable[[User], Client]


@pytest.fixture
def districts(reform_list: ReformList) -> Agency:
    return Agency.objects.get(name="各区政府")


@pytest.fixture
def luohu(reform_list: ReformList) -> Agency:
    return Agency.objects.get(name="罗湖区政府")


@pytest.fixture
def office(signed_in: SignIn, person: PersonMaker) -> Client:
    return signed_in(person(Role.SUPERVISOR))


def members_of(group: Agency) -> list[int]:
    return list(group.members.order_by("pk").values_list("pk", flat=True))


def send(client: Client, group: Agency, members: list[int], *, confirm: bool = True) -> str:
    """Send the form, and confirm what the preview shows; the text of the last page but one."""
    address = f"/agencies/{group.pk}/members/"
    preview = client.post(address, {"members": members})
    if confirm:
        again = client.post(address, {"members": members, "seen": preview.context["seen"]})
        assert again.status_code == 302
    return plain(preview.content.decode())


def test_the_page_shows_the_members_first_and_ticked(office: Client, districts: Agency) -> None:
    tree = get(office, f"/agencies/{districts.pk}/members/").tree
    ticked = [words(box.getparent()) for box in tree.xpath('//input[@name="members"][@checked]')]
    assert len(ticked) == 9
    boxes = [words(box.getparent()) for box in tree.xpath('//input[@name="members"]')]
    assert sorted(boxes[:9]) == sorted(ticked)
    assert "各有关单位" not in boxes


def test_what_would_change_is_shown_and_nothing_is_written(office: Client, districts: Agency, luohu: Agency) -> None:
    newcomer = Agency.objects.create(name="大鹏新区管委会")
    before = list(Duty.objects.order_by("pk").values_list())
    wanted = [pk for pk in members_of(districts) if pk != luohu.pk] + [newcomer.pk]
    shown = send(office, districts, wanted, confirm=False)
    for line in ("新增成员 大鹏新区管委会", "移除成员 罗湖区政府", "新增任务分工 18", "取消任务分工 18"):
        assert line in shown
    assert list(Duty.objects.order_by("pk").values_list()) == before
    assert luohu.pk in members_of(districts)


def test_the_two_new_areas_join_the_nine_districts(office: Client, districts: Agency) -> None:
    newcomers = [Agency.objects.create(name=name) for name in ("大鹏新区管委会", "深汕特别合作区管委会")]
    before = set(Duty.objects.values_list("pk", flat=True))
    send(office, districts, [*members_of(districts), *(one.pk for one in newcomers)])
    assert [len(held(one)) for one in newcomers] == [18, 18]
    assert before < set(Duty.objects.values_list("pk", flat=True))
    [entry] = logged("agency.members_changed")
    assert entry.object_id == districts.pk
    assert set(entry.after["members"]) - set(entry.before["members"]) == {"大鹏新区管委会", "深汕特别合作区管委会"}


def test_a_member_that_leaves_and_comes_back_finds_its_reports(
    office: Client, districts: Agency, luohu: Agency
) -> None:
    measure = Measure.objects.filter(duties__agency=luohu, is_standing=False)[0]
    report(luohu, measure)
    everybody = members_of(districts)
    shown = send(office, districts, [pk for pk in everybody if pk != luohu.pk])
    assert "其中1份已有填报" in shown
    assert (held(luohu), ProgressReport.objects.get().duty) == ({}, None)
    send(office, districts, everybody)
    duty = Duty.objects.get(measure=measure, agency=luohu)
    assert (duty.status, ProgressReport.objects.get().duty) == (Status.IN_PROGRESS, duty)
    assert duty.last_report_on == ProgressReport.objects.get().on


def test_a_preview_that_is_out_of_date_is_shown_again(office: Client, districts: Agency, luohu: Agency) -> None:
    wanted = [pk for pk in members_of(districts) if pk != luohu.pk]
    address = f"/agencies/{districts.pk}/members/"
    seen = office.post(address, {"members": wanted}).context["seen"]
    report(luohu, Measure.objects.filter(duties__agency=luohu, is_standing=False)[0])
    again = office.post(address, {"members": wanted, "seen": seen})
    assert (again.status_code, luohu.pk in members_of(districts)) == (200, True)
    assert "其中1份已有填报" in plain(again.content.decode())


def test_the_same_members_again_change_and_log_nothing(office: Client, districts: Agency) -> None:
    assert office.post(f"/agencies/{districts.pk}/members/", {"members": members_of(districts)}).status_code == 302
    assert logged("agency.members_changed") == []


@pytest.mark.parametrize("name", ["市交通运输局", "各有关单位"])
def test_only_a_group_with_fixed_members_has_the_page(office: Client, reform_list: ReformList, name: str) -> None:
    assert office.get(f"/agencies/{Agency.objects.get(name=name).pk}/members/").status_code == 404


@pytest.mark.parametrize("odd", ["99999999999999999999", "²", "x", "\x00", "-1"])
def test_what_is_no_number_is_no_member(office: Client, districts: Agency, odd: str) -> None:
    before = members_of(districts)
    page = office.post(f"/agencies/{districts.pk}/members/", {"members": [*before, odd]})
    assert (page.status_code, members_of(districts)) == (422, before)


def test_measures_are_marked_as_changed(office: Client, districts: Agency, luohu: Agency) -> None:
    measure = Measure.objects.filter(assignments__agency=districts)[0]
    send(office, districts, [pk for pk in members_of(districts) if pk != luohu.pk])
    assert Measure.objects.get(pk=measure.pk).version == measure.version + 1


# Open groups, measure by measure


@pytest.fixture
def open_group(reform_list: ReformList) -> Agency:
    return Agency.objects.get(name="各有关单位")


@pytest.fixture
def open_measure(open_group: Agency, transport: Agency) -> Measure:
    """A measure with an open group beside it, which 市交通运输局 leads and no other."""
    measure = Measure.objects.filter(assignments__agency=open_group, is_standing=False).order_by("pk")[0]
    Assignment.objects.filter(measure=measure, part=Part.LEAD).delete()
    Assignment.objects.create(measure=measure, agency=transport, part=Part.LEAD, order=1, printed_name=transport.name)
    derive_duties([measure.pk])
    return measure


def name(client: Client, measure: Measure, group: Agency, *members: Agency) -> int:
    """Name members by the page; the status of the answer."""
    form = {f"group-{group.pk}": [member.pk for member in members]}
    return client.post(f"/measures/{measure.pk}/members/", form).status_code


@pytest.fixture
def newcomer(db: None) -> Agency:
    return Agency.objects.create(name="市新设单位")


@pytest.mark.parametrize("role", [Role.REPORTER, Role.APPROVER])
def test_the_agency_that_leads_names_whom_an_open_group_means(
    signed_in: SignIn, person: PersonMaker, transport: Agency, newcomer: Agency, open_measure: Measure, role: Role
) -> None:
    group = open_measure.assignments.get(agency__name="各有关单位").agency
    client = signed_in(person(role, agency=transport))
    assert (
        f'href="/measures/{open_measure.pk}/members/"' in client.get(open_measure.get_absolute_url()).content.decode()
    )
    assert name(client, open_measure, group, newcomer) == 302
    duty = Duty.objects.get(agency=newcomer)
    assert (duty.measure, duty.via, duty.part) == (open_measure, group, Part.RESPONSIBLE)
    [entry] = logged("measure.members_named")
    assert (entry.agency, entry.visibility) == (transport, "public")


def test_an_agency_that_does_not_lead_names_nobody(
    signed_in: SignIn, person: PersonMaker, newcomer: Agency, open_measure: Measure, open_group: Agency
) -> None:
    client = signed_in(person(Role.REPORTER, agency=Agency.objects.get(name="市水务局")))
    assert "指定成员" not in client.get(open_measure.get_absolute_url()).content.decode()
    assert client.get(f"/measures/{open_measure.pk}/members/").status_code == 403
    assert name(client, open_measure, open_group, newcomer) == 403
    assert not NamedMember.objects.exists()


def test_the_history_says_who_was_named(
    office: Client, newcomer: Agency, open_measure: Measure, open_group: Agency
) -> None:
    name(office, open_measure, open_group, newcomer)
    name(office, open_measure, open_group)
    shown = plain(office.get(open_measure.get_absolute_url()).content.decode())
    assert "“各有关单位”的成员指定为：市新设单位" in shown
    assert "“各有关单位”不再指定成员" in shown
    assert held(newcomer) == {}


def test_naming_holds_for_this_measure_only_and_outlives_an_edition(
    office: Client, newcomer: Agency, open_measure: Measure, open_group: Agency
) -> None:
    name(office, open_measure, open_group, newcomer)
    derive_duties(list(Measure.objects.values_list("pk", flat=True)))
    derive_duties(measures_beside(open_group))
    assert set(held(newcomer)) == {open_measure.pk}


def test_a_named_member_that_has_reported_keeps_its_status(
    office: Client, newcomer: Agency, luohu: Agency, open_measure: Measure, open_group: Agency
) -> None:
    name(office, open_measure, open_group, newcomer)
    report(newcomer, open_measure)
    name(office, open_measure, open_group, newcomer, luohu)
    assert held(newcomer)[open_measure.pk] == ("responsible", "in_progress")
    assert open_measure.pk in held(luohu)


def test_naming_nobody_new_logs_nothing(office: Client, open_measure: Measure, open_group: Agency) -> None:
    assert name(office, open_measure, open_group) == 302
    assert logged("measure.members_named") == []


def test_only_groups_printed_beside_the_measure_can_be_named(
    office: Client, newcomer: Agency, led: Measure, open_group: Agency
) -> None:
    assert "这条举措没有印出成员待指定的统称。" in plain(office.get(f"/measures/{led.pk}/members/").content.decode())
    assert name(office, led, open_group, newcomer) == 302
    assert not NamedMember.objects.exists()


@pytest.mark.parametrize("wrong", ["各区政府", "撤销"])
def test_a_group_or_a_dissolved_agency_cannot_be_named(
    office: Client, newcomer: Agency, open_measure: Measure, open_group: Agency, luohu: Agency, wrong: str
) -> None:
    merge_into(newcomer, luohu)
    agency = luohu if wrong == "撤销" else Agency.objects.get(name=wrong)
    assert name(office, open_measure, open_group, agency) == 422
    assert not NamedMember.objects.exists()


def test_a_withdrawn_measure_has_no_such_page(office: Client, open_measure: Measure) -> None:
    Measure.objects.filter(pk=open_measure.pk).update(disposition="withdrawn")
    assert office.get(f"/measures/{open_measure.pk}/members/").status_code == 404
    assert "指定成员" not in office.get(open_measure.get_absolute_url()).content.decode()


def test_a_named_member_reports_like_any_other(
    office: Client, signed_in: SignIn, person: PersonMaker, newcomer: Agency, open_measure: Measure, open_group: Agency
) -> None:
    name(office, open_measure, open_group, newcomer)
    client = signed_in(person(Role.REPORTER, agency=newcomer))
    assert client.get(f"/measures/{open_measure.pk}/report/").status_code == 200
    assert GroupMember.objects.filter(member=newcomer).count() == 0


def test_when_the_member_that_had_not_claimed_leaves_what_the_others_claimed_counts(
    districts: Agency, luohu: Agency, led: Measure, person: PersonMaker
) -> None:
    futian = Agency.objects.get(name="福田区政府")
    office = Principal.of_user(person(Role.SUPERVISOR))
    Assignment.objects.filter(measure=led, part=Part.LEAD).update(agency=districts)
    derive_duties([led.pk])
    set_members(districts, [luohu.pk, futian.pk], who=office, on=ON)
    reporter = person(Role.REPORTER, agency=luohu)
    attach(led, luohu, reporter)
    said = ReportContent(progress="已办结。", is_claim=True)
    claim = submit_report(led.pk, luohu.pk, said, who=Principal.of_user(reporter), on=ON)
    verify_claim(claim.pk, seen=None, who=office, on=ON)
    led.refresh_from_db()
    assert led.status == Status.IN_PROGRESS
    set_members(districts, [luohu.pk], who=office, on=ON)
    led.refresh_from_db()
    assert (led.status, led.closed_on) == (Status.CLOSED, ON)
    set_members(districts, [luohu.pk, futian.pk], who=office, on=ON)
    led.refresh_from_db()
    assert led.status == Status.CLOSED
