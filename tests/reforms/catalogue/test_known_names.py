"""Nothing is created silently: whatever name a document, a file or a setting gives, a known agency is found by it."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agencies.access import PORTAL
from agencies.models import Agency, Role
from agencies.people.accounts import ensure_first_administrator
from importers.documents.read import check_file
from importers.editions.known import plan_import
from reforms.models import ReformList
from reforms.organisation.merge import merge_agencies
from reforms.organisation.succession import NewName, rename
from tests.conftest import FIXTURES, ON, REAL_LIST
from tests.reforms.reorganisations import MAY_DAY, OFFICE, merge_into


def load() -> None:
    call_command("load_agencies", str(FIXTURES / "agencies-shenzhen.json"), verbosity=0)


@pytest.fixture
def changed(reform_list: ReformList, transport: Agency) -> Agency:
    """市交通运输局 is 市交通局 now, 市水务局 is no more, and 市商务局 turned out to be 市商贸局."""
    rename(transport, NewName(name="市交通局", on=MAY_DAY), who=OFFICE, today=ON)
    merge_into(transport, Agency.objects.get(name="市水务局"))
    merge_agencies(Agency.objects.create(name="市商贸局"), Agency.objects.get(name="市商务局"), who=OFFICE, on=ON)
    transport.refresh_from_db()
    return transport


def test_loading_the_directory_again_brings_no_old_name_back(changed: Agency) -> None:
    count = Agency.objects.count()
    load()
    changed.refresh_from_db()
    assert (Agency.objects.count(), changed.name) == (count, "市交通局")
    assert Agency.objects.get(name="市商务局").merged_into == Agency.objects.get(name="市商贸局")
    assert Agency.objects.called(["市交通运输局"])["市交通运输局"] == changed


def test_a_list_that_prints_the_old_names_has_no_new_agency(reform_list: ReformList, changed: Agency) -> None:
    assert plan_import(check_file(REAL_LIST), reform_list).new_agencies == ()


def test_the_first_administrator_belongs_to_the_office_under_its_new_name(db: None, settings: Any) -> None:
    office = Agency.objects.create(name=settings.OFFICE_NAME)
    rename(office, NewName(name="市营商环境办", on=MAY_DAY), who=OFFICE, today=ON)
    user = ensure_first_administrator(who=PORTAL, on=ON)
    assert user is not None
    assert list(user.memberships.values_list("agency", "role")) == [(office.pk, Role.ADMINISTRATOR)]


def test_no_token_is_issued_to_a_dissolved_agency(changed: Agency) -> None:
    with pytest.raises(CommandError, match="统称和已撤销的单位不能持有令牌"):
        call_command("issue_token", "市水务局")
