"""Reorganisations: what is printed stays with the printed name, duties go on with whoever succeeded."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from agencies.access import Principal
from agencies.models import Agency, GroupMember, Membership, Role, Succession, Token, User
from reforms.duties import derive_duties, joint_status, measures_beside
from reforms.models import Assignment, Duty, Measure, NamedMember, Part, ProgressReport, ReformList, Reminder, Status
from reforms.organisation.succession import NewName, Reorganisation, rename, reorganise
from reforms.reminders.sending.outbox import sweep
from reforms.reports.permissions import readable_on, sent_reports
from tests.conftest import ON, PersonMaker
from tests.reforms.reorganisations import MAY_DAY, OFFICE, REFERENCE, held, logged, merge_into, report, split
from tests.reforms.shown import LEADS, RESPONSIBLE


@pytest.fixture
def heir(db: None) -> Agency:
    return Agency.objects.create(name="市大交通局")


@pytest.fixture
def water(db: None) -> Agency:
    return Agency.objects.get(name="市水务局")


def test_duties_move_with_their_status_and_the_print_stays(transport: Agency, heir: Agency, led: Measure) -> None:
    report(transport, led, on=dt.date(2022, 4, 20))
    before, printed = held(transport), list(Assignment.objects.order_by("pk").values_list())
    merge_into(heir, transport)
    assert held(transport) == {}
    assert held(heir) == before
    assert list(Assignment.objects.order_by("pk").values_list()) == printed
    duty = Duty.objects.get(measure=led, agency=heir)
    assert (duty.status, duty.last_report_on, duty.via) == (Status.IN_PROGRESS, dt.date(2022, 4, 20), transport)
    assert ProgressReport.objects.get(measure=led).duty == duty


def test_nothing_is_lost_or_doubled_when_two_are_merged(transport: Agency, water: Agency, heir: Agency) -> None:
    measures = held(transport).keys() | held(water).keys()
    reports = ProgressReport.objects.count()
    others = Duty.objects.exclude(agency__in=(transport, water)).count()
    merge_into(heir, transport, water)
    assert held(heir).keys() == measures
    assert Duty.objects.exclude(agency=heir).count() == others
    assert ProgressReport.objects.count() == reports


def test_the_stronger_part_counts_where_the_heir_was_printed_too(transport: Agency, water: Agency) -> None:
    """The heir is only responsible beside a measure that the dissolved one leads."""
    measure = Measure.objects.filter(duties__agency=transport, duties__part=Part.LEAD).exclude(duties__agency=water)[0]
    Assignment.objects.create(measure=measure, agency=water, part=Part.RESPONSIBLE, order=9, printed_name=water.name)
    derive_duties([measure.pk])
    report(water, measure)
    merge_into(water, transport)
    duty = Duty.objects.get(measure=measure, agency=water)
    assert (duty.part, duty.status) == (Part.LEAD, Status.IN_PROGRESS)
    assert ProgressReport.objects.get(measure=measure).duty == duty


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("closed", "closed", "closed"),
        ("closed", "under_review", "under_review"),
        ("closed", "not_reported", "in_progress"),
        ("under_review", "in_progress", "in_progress"),
        ("not_reported", "in_progress", "in_progress"),
        ("not_reported", "not_reported", "not_reported"),
        ("standing", "standing", "standing"),
    ],
)
def test_two_duties_that_become_one_are_done_only_when_both_are(one: str, other: str, together: str) -> None:
    assert joint_status(one, other) == joint_status(other, one) == together


def test_a_new_edition_that_prints_the_old_name_gives_the_heir_the_duty(transport: Agency, heir: Agency) -> None:
    merge_into(heir, transport)
    measure = Measure.objects.exclude(duties__agency=heir)[0]
    old = Agency.objects.called([transport.name])[transport.name]
    Assignment.objects.create(measure=measure, agency=old, part=Part.RESPONSIBLE, order=9, printed_name=old.name)
    derive_duties([measure.pk])
    assert Duty.objects.get(measure=measure, agency=heir).via == transport
    assert not Duty.objects.filter(agency=transport).exists()


def test_a_place_of_a_dissolved_agency_in_a_group_gives_its_heir_the_duties(heir: Agency) -> None:
    group, luohu = Agency.objects.get(name="各区政府"), Agency.objects.get(name="罗湖区政府")
    merge_into(heir, luohu)
    assert Duty.objects.of([heir.pk]).filter(via=group).count() == RESPONSIBLE["各区政府"]
    derive_duties(measures_beside(group))
    assert Duty.objects.of([heir.pk]).filter(via=group).count() == RESPONSIBLE["各区政府"]
    assert GroupMember.objects.filter(group=group, member=luohu).exists()


def test_a_dissolved_agency_named_for_a_measure_is_its_heir(transport: Agency, heir: Agency) -> None:
    group = Agency.objects.get(name="各有关单位")
    measure = Measure.objects.filter(assignments__agency=group).exclude(duties__agency=transport)[0]
    NamedMember.objects.create(measure=measure, group=group, member=transport)
    merge_into(heir, transport)
    derive_duties([measure.pk])
    assert Duty.objects.get(measure=measure, agency=heir).via == group


def test_an_heir_that_is_dissolved_in_turn_passes_everything_on(transport: Agency, water: Agency, heir: Agency) -> None:
    before = held(transport)
    merge_into(water, transport)
    merge_into(heir, water)
    assert before.keys() <= held(heir).keys()
    derive_duties(list(Measure.objects.values_list("pk", flat=True)))
    assert before.keys() <= held(heir).keys()
    assert held(transport) == held(water) == {}


def test_a_split_gives_each_measure_to_the_one_chosen_and_the_rest_to_the_first(
    transport: Agency, water: Agency, heir: Agency
) -> None:
    before = held(transport)
    chosen = [pk for pk in before if pk not in held(water)][:2]
    split(transport, heir, water, choices=dict.fromkeys(chosen, water.pk))
    for _again in range(2):
        assert held(heir) == {pk: duty for pk, duty in before.items() if pk not in chosen}
        assert {pk: held(water)[pk] for pk in chosen} == {pk: before[pk] for pk in chosen}
        derive_duties(list(Measure.objects.values_list("pk", flat=True)))


def test_a_choice_for_a_stranger_is_not_taken(transport: Agency, water: Agency, heir: Agency, market: Agency) -> None:
    measure = min(held(transport).keys() - held(market).keys())
    split(transport, heir, water, choices={measure: market.pk})
    assert measure in held(heir)
    assert measure not in held(market)


def test_every_measure_says_in_its_history_where_the_duty_went(
    client: Client, reform_list: ReformList, transport: Agency, heir: Agency, led: Measure
) -> None:
    count = len(held(transport))
    merge_into(heir, transport)
    entries = logged("measure.duty_moved")
    assert (len(entries), {entry.reason for entry in entries}) == (count, {REFERENCE})
    page = client.get(led.get_absolute_url()).content.decode()
    assert "因机构变更，任务分工由“市交通运输局”转至“市大交通局”" in page
    assert "（承接自市交通运输局）" in page


def test_the_log_tells_of_both_sides(transport: Agency, heir: Agency) -> None:
    merge_into(heir, transport)
    [dissolved], [succeeded] = logged("agency.dissolved"), logged("agency.succeeded")
    assert (dissolved.object_id, dissolved.after["successors"]) == (
        transport.pk,
        [{"id": heir.pk, "name": "市大交通局"}],
    )
    assert (succeeded.object_id, succeeded.after["predecessors"][0]["name"]) == (heir.pk, "市交通运输局")
    assert dissolved.after["on"] == "2022-05-01"


def test_tokens_stop_and_the_people_chosen_go_along(
    transport: Agency, heir: Agency, reporter: User, person: PersonMaker, bearer: Callable[..., dict[str, str]]
) -> None:
    staying = person(Role.VIEWER, agency=transport)
    headers = bearer(transport)
    place = Membership.objects.get(user=reporter)
    merge_into(heir, transport, people=frozenset({place.pk}))
    assert Client().get("/api/v1/me", headers=headers).status_code == 401
    assert [entry.action for entry in logged("token.revoked")] == ["token.revoked"]
    assert Membership.objects.get(user=reporter).agency == heir
    assert Membership.objects.get(user=staying).agency == transport
    assert [entry.object_id for entry in logged("person.moved")] == [reporter.pk]


def test_who_has_the_same_role_with_the_heir_already_has_it_once(
    transport: Agency, heir: Agency, reporter: User
) -> None:
    Membership.objects.create(user=reporter, agency=heir, role=Role.REPORTER)
    places = Membership.objects.filter(user=reporter, agency=transport)
    merge_into(heir, transport, people=frozenset(places.values_list("pk", flat=True)))
    assert list(Membership.objects.filter(user=reporter).values_list("agency", "role")) == [(heir.pk, "reporter")]


def test_nobody_is_reminded_for_a_dissolved_agency(
    reform_list: ReformList, transport: Agency, heir: Agency, led: Measure
) -> None:
    reform_list.reminders_on, reform_list.reminders_from = True, ON
    reform_list.save()
    Agency.objects.filter(pk__in=(transport.pk, heir.pk)).update(email="agency@example.org")
    waiting = Reminder.objects.create(
        measure=led,
        agency=transport,
        deadline=dt.date(2022, 6, 30),
        stage="before_15",
        due_on=ON,
        created_at=dt.datetime(2022, 6, 15, tzinfo=dt.UTC),
    )
    merge_into(heir, transport)
    told: list[int] = []
    sweep(ON, send=lambda delivery, digest: told.append(delivery.agency_id))
    assert heir.pk in told
    assert transport.pk not in told
    waiting.refresh_from_db()
    assert waiting.delivery is not None
    assert waiting.delivery.state == "dropped"


def test_the_heir_reads_what_was_reported_before_it(transport: Agency, heir: Agency) -> None:
    measure = Measure.objects.filter(duties__agency=transport, duties__part=Part.RESPONSIBLE)[0]
    report(transport, measure, "原单位的进展")
    merge_into(heir, transport)
    duties = list(Duty.objects.filter(measure=measure))
    mine = Principal(label="x", user_id=1, roles=frozenset({(Role.REPORTER, heir.pk)}))
    assert [one.progress for one in sent_reports(mine, measure)] == ["原单位的进展"]
    assert not readable_on(mine, duties).everything
    theirs = Principal(label="x", user_id=1, roles=frozenset({(Role.REPORTER, transport.pk)}))
    assert not readable_on(theirs, duties)
    assert not sent_reports(theirs, measure)


@pytest.mark.parametrize("day", [ON + dt.timedelta(days=1), dt.date(2030, 1, 1)])
def test_the_day_must_have_come(transport: Agency, heir: Agency, day: dt.date) -> None:
    asked = Reorganisation(
        kind=Succession.Kind.MERGED, predecessors=(transport,), successors=(heir,), on=day, reference=""
    )
    with pytest.raises(ValidationError, match="机构变更自生效之日起登记：请在"):
        reorganise(asked, who=OFFICE, today=ON)
    assert not Succession.objects.exists()
    with pytest.raises(ValidationError, match="机构变更自生效之日起登记"):
        rename(transport, NewName(name="市交通局", on=day), who=OFFICE, today=ON)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("市交通运输局", "市交通运输局", "“市交通运输局”不能承接自己；如只是改名，请选择“更名”。"),
        ("市交通运输局", "各区政府", "“各区政府”是统称，不能合并、拆分或承接。"),
        ("各区政府", "市交通运输局", "“各区政府”是统称，不能合并、拆分或承接。"),
        ("市交通运输局", "市司法局", "“市司法局”已撤销或已并入其他单位，请改填现在的单位。"),
        ("市司法局", "市交通运输局", "“市司法局”已撤销或已并入其他单位，请改填现在的单位。"),
    ],
)
def test_what_makes_no_sense_is_refused(reform_list: ReformList, old: str, new: str, said: str) -> None:
    merge_into(Agency.objects.get(name="市民政局"), Agency.objects.get(name="市司法局"))
    with pytest.raises(ValidationError) as refused:
        merge_into(Agency.objects.get(name=new), Agency.objects.get(name=old))
    assert refused.value.messages == [said]


def test_a_split_needs_two_heirs(transport: Agency, heir: Agency) -> None:
    with pytest.raises(ValidationError, match="两个以上承接单位"):
        split(transport, heir)


def test_a_renamed_agency_stays_the_same_one(client: Client, reform_list: ReformList, transport: Agency) -> None:
    before, printed = held(transport), LEADS["市交通运输局"]
    new = NewName(name="市交通局", full_name="深圳市交通局", on=MAY_DAY, reference=REFERENCE)
    succession = rename(transport, new, who=OFFICE, today=ON)
    assert Agency.objects.get(name="市交通局").pk == transport.pk
    assert held(transport) == before
    for name in ("市交通运输局", "深圳市交通运输局", "市交通局", "深圳市交通局"):
        assert Agency.objects.called([name])[name] == transport
    assert (succession.old_name, succession.new_name) == ("市交通运输局", "市交通局")
    [entry] = logged("agency.renamed")
    assert (entry.before["name"], entry.after["name"], entry.reason) == ("市交通运输局", "市交通局", REFERENCE)
    assert client.get("/api/v1/measures?lead=市交通运输局&count=true").json()["count"] == printed


def test_an_agency_may_take_back_a_name_it_had(transport: Agency) -> None:
    for name in ("市交通局", "市交通运输局"):
        rename(transport, NewName(name=name, on=MAY_DAY), who=OFFICE, today=ON)
        transport.refresh_from_db()
    assert transport.name == "市交通运输局"
    assert list(transport.other_names.values_list("name", flat=True)) == ["市交通局"]


@pytest.mark.parametrize("name", ["市司法局", "深圳市司法局", "市知识产权局"])
def test_no_agency_takes_the_name_of_another(transport: Agency, name: str) -> None:
    with pytest.raises(ValidationError, match="的名称；如为同一单位，请用“合并重复单位”"):
        rename(transport, NewName(name=name, on=MAY_DAY), who=OFFICE, today=ON)


def test_a_printed_predecessor_shows_the_status_of_its_heir(
    client: Client, public: ReformList, transport: Agency, heir: Agency, led: Measure
) -> None:
    report(transport, led)
    merge_into(heir, transport)
    lead: dict[str, Any] = client.get(f"/api/v1/measures/{led.pk}").json()["lead"][0]
    assert (lead["name"], lead["status"]) == ("市交通运输局", "in_progress")


def test_what_an_agency_holds_is_found_by_its_filter(client: Client, transport: Agency, heir: Agency) -> None:
    measures = held(transport).keys()
    merge_into(heir, transport)
    found = client.get(f"/api/v1/measures?holder={heir.pk}&page_size=100").json()["results"]
    assert {one["id"] for one in found} == measures
    assert client.get(f"/api/v1/measures?holder={transport.pk}&count=true").json()["count"] == 0


def test_an_expired_token_is_not_revoked_again(transport: Agency, heir: Agency) -> None:
    token, _secret = Token.issue(agency_id=transport.pk, name="旧", read_only=True, days=1, by_id=None)
    Token.objects.filter(pk=token.pk).update(expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    merge_into(heir, transport)
    assert logged("token.revoked") == []
