"""Undoing a first import: the list goes with the agencies it made, unless somebody has acted on it or could see it."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client

from agencies.access import PORTAL, Principal
from agencies.log.chain import verify
from agencies.models import Agency, Change, Membership, Role, User
from importers.editions.refusals import Refused
from importers.editions.undo import undo_first_import, would_undo
from reforms.models import Assignment, Audience, Disposition, Item, ListEdition, Measure, ReformList, Section
from reforms.office.steer import dispose
from reforms.organisation.directory import add_agency
from tests.conftest import ON, PersonMaker
from tests.importers.editions.test_apply_writers import apply
from tests.importers.jobs.test_jobs import small
from tests.importers.pages.test_import_pages import confirm, job_of, take_back, upload
from tests.importers.samples import duty

NEW, OTHER = "市低空经济局", "市无人机管理局"


@pytest.fixture
def edition(reform_list: ReformList) -> ListEdition:
    """A list of two measures; one agency is known from the real list, two came with it."""
    made = apply(small(duty("1", lead="市财政局"), duty("2", lead=NEW), duty("3", lead=OTHER)), None)
    ReformList.objects.filter(pk=made.pk).update(open_to=Audience.OFFICE)
    return ListEdition.objects.get(reform_list=made)


def test_list_and_agencies_go_and_nothing_else(edition: ListEdition) -> None:
    before = [model._default_manager.count() for model in (Measure, Section, Item, Assignment, Agency, ListEdition)]
    assert before[0] == 219
    undone = undo_first_import(edition, who=PORTAL, on=ON)
    assert (undone.measures, set(undone.agencies)) == (3, {NEW, OTHER})
    assert (Measure.objects.count(), ListEdition.objects.count(), ReformList.objects.count()) == (216, 1, 1)
    assert Agency.objects.filter(name="市财政局").exists()
    assert Agency.objects.count() == before[4] - 2
    assert not Section.objects.exclude(reform_list__slug="shenzhen-2022").exists()


def test_an_agency_that_somebody_uses_stays(edition: ListEdition, person: PersonMaker) -> None:
    person(Role.REPORTER, agency=Agency.objects.get(name=NEW))
    assert undo_first_import(edition, who=PORTAL, on=ON).agencies == (OTHER,)
    assert Membership.objects.filter(agency__name=NEW).exists()


def test_the_list_that_came_with_the_portal_leaves_no_agency_behind(
    reform_list: ReformList, person: PersonMaker
) -> None:
    """Neither a group nor its members, also those that the directory has added to it beside the list."""
    ReformList.objects.update(open_to=Audience.OFFICE)
    office = person(Role.ADMINISTRATOR)
    before = Agency.objects.exclude(memberships__user=office)
    assert before.filter(name="坪山区政府").exists()
    undone = undo_first_import(ListEdition.objects.get(), who=Principal.of_user(office), on=ON)
    assert {"各区政府", "福田区政府", "坪山区政府"} <= set(undone.agencies)
    assert len(undone.agencies) == 78
    assert not before.exists()
    assert verify().fault is None


def test_a_member_stays_with_a_group_that_stays(edition: ListEdition) -> None:
    districts = Agency.objects.get(name="各区政府")
    districts.members.add(Agency.objects.get(name=NEW))
    assert undo_first_import(edition, who=PORTAL, on=ON).agencies == (OTHER,)


def test_a_member_that_somebody_entered_stays_without_its_group(edition: ListEdition, person: PersonMaker) -> None:
    administrator = Principal.of_user(person(Role.ADMINISTRATOR))
    entered = add_agency(Agency(name="市航空办"), [], who=administrator, on=ON)
    Agency.objects.get(name=NEW).members.add(entered, Agency.objects.get(name=OTHER))
    assert set(undo_first_import(edition, who=PORTAL, on=ON).agencies) == {NEW, OTHER}
    assert Agency.objects.filter(pk=entered.pk).exists()


def test_looking_takes_nothing_away(edition: ListEdition) -> None:
    assert would_undo(edition).measures == 3
    assert Measure.objects.count() == 219
    assert Agency.objects.filter(name=NEW).exists()


def test_what_was_opened_is_not_taken_away(edition: ListEdition) -> None:
    ReformList.objects.filter(pk=edition.reform_list_id).update(open_to=Audience.AGENCIES)
    with pytest.raises(Refused, match="open"):
        undo_first_import(edition, who=PORTAL, on=ON)


def test_what_somebody_acted_on_is_not_taken_away(edition: ListEdition, person: PersonMaker) -> None:
    office = Principal.of_user(person(Role.SUPERVISOR))
    measure = Measure.objects.filter(reform_list=edition.reform_list)[0]
    dispose(measure.pk, Disposition.SUSPENDED, reason="暂缓", seen=None, who=office, on=ON)
    with pytest.raises(Refused, match="acted_on"):
        undo_first_import(edition, who=PORTAL, on=ON)
    assert Measure.objects.count() == 219


def test_the_log_keeps_what_was_undone_and_stays_whole(edition: ListEdition) -> None:
    title, pk = str(edition.reform_list), edition.reform_list_id
    undo_first_import(edition, who=PORTAL, on=ON)
    told = Change.objects.get(action="list.undone")
    assert (told.object_id, told.before["title"], told.before["added"]) == (pk, title, 3)
    removed = Change.objects.filter(sequence__gt=told.sequence).order_by("sequence")
    assert {(one.action, one.before["name"]) for one in removed} == {("agency.removed", NEW), ("agency.removed", OTHER)}
    assert verify().fault is None


def test_an_import_by_its_page_can_be_undone(person: PersonMaker, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(person(Role.ADMINISTRATOR))
    job = job_of(upload(client, small(duty("1", lead="市财政局")), "小清单.docx", target="new", slug="small"))
    confirm(client, job)
    edition = ListEdition.objects.get(reform_list__slug="small")
    assert take_back(client, edition).redirect_chain == [("/imports/", 302)]
    assert not ReformList.objects.filter(slug="small").exists()
    assert client.get("/imports/").status_code == 200


def test_the_page_shows_what_will_go_before_it_goes(
    edition: ListEdition, person: PersonMaker, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(person(Role.ADMINISTRATOR))
    address = f"{edition.get_absolute_url()}revert/"
    page = client.get(address).content.decode()
    assert NEW in page
    assert "3条举措" in page
    assert take_back(client, edition).redirect_chain == [("/imports/", 302)]
    assert not ReformList.objects.exclude(slug="shenzhen-2022").exists()
    assert client.get("/imports/").status_code == client.get("/agencies/").status_code == 200


def test_the_list_that_came_with_the_portal_does_not_come_back_with_the_next_start(reform_list: ReformList) -> None:
    ReformList.objects.update(open_to=Audience.OFFICE)
    undo_first_import(ListEdition.objects.get(), who=PORTAL, on=ON)
    call_command("first_start")
    assert not ReformList.objects.exists()
