"""清单信息与公开: what a list is called and whom it is open to is set on its page, and shown before others notice."""

from collections.abc import Callable

import pytest
from django.test import Client

from agencies.models import Change, Role, User
from reforms.models import Audience, ReformList
from reforms.office.list_settings import DESCRIBED
from tests.conftest import ON, PersonMaker

ADDRESS = "/lists/shenzhen-2022/settings/"


@pytest.fixture
def office(person: PersonMaker, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(person(Role.SUPERVISOR))


def filled(client: Client, **entered: str) -> dict[str, str]:
    """The form as it is shown, with what was entered; what is not ticked is not sent."""
    form = client.get(ADDRESS).context["form"]
    shown = {field.name: field.value() for field in form}
    sent = {name: str(value) for name, value in shown.items() if value not in (None, False)}
    return {name: value for name, value in (sent | entered).items() if value != "off"}


def test_what_others_notice_is_shown_before_it_is_done(office: Client, reform_list: ReformList, client: Client) -> None:
    ReformList.objects.update(open_to=Audience.OFFICE)
    sent = filled(office, open_to="public", public_status="on")
    page = office.post(ADDRESS, sent)
    assert "请核对" in page.content.decode()
    assert ("谁可以看", "督办部门和管理员", "所有人") in page.context["changes"]
    assert ReformList.objects.get().open_to == Audience.OFFICE
    assert office.post(ADDRESS, dict(page.context["sent"]) | {"confirmed": "1"}).status_code == 302
    assert (ReformList.objects.get().open_to, ReformList.objects.get().public_status) == (Audience.PUBLIC, True)
    assert Client().get("/lists/shenzhen-2022/").status_code == 200
    told = Change.objects.filter(action="list.settings_changed").latest("sequence")
    assert (told.before, told.after) == (
        {"open_to": "office", "public_status": False},
        {"open_to": "public", "public_status": True},
    )


def test_what_it_is_called_is_saved_at_once(office: Client, reform_list: ReformList) -> None:
    entered = {"issuer": "市政府办公厅", "document_number": "深府办〔2022〕1号", "issued_on": "2022-01-28"}
    assert office.post(ADDRESS, filled(office, **entered)).status_code == 302
    page = office.get("/lists/shenzhen-2022/").content.decode()
    assert all(text in page for text in (*list(entered.values())[:2], "2022年1月28日"))
    assert office.get("/api/v1/lists/shenzhen-2022").json()["document_number"] == "深府办〔2022〕1号"


def test_archived_is_said_with_what_is_still_open_and_can_be_undone(office: Client, reform_list: ReformList) -> None:
    page = office.post(ADDRESS, filled(office, archived="on"))
    assert page.context["still_open"] > 100
    office.post(ADDRESS, dict(page.context["sent"]) | {"confirmed": "1"})
    assert ReformList.objects.get().archived_on == ON
    page = office.post(ADDRESS, filled(office, archived="off"))
    office.post(ADDRESS, dict(page.context["sent"]) | {"confirmed": "1"})
    assert ReformList.objects.get().archived_on is None


def test_whoever_comes_second_is_told_what_is_set_now(office: Client, reform_list: ReformList) -> None:
    stale = filled(office, short_title="我的简称")
    office.post(ADDRESS, filled(office, short_title="先到的简称"))
    page = office.post(ADDRESS, stale)
    assert page.status_code == 409
    assert ("简称", "先到的简称") in page.context["stale"]
    assert 'value="我的简称"' in page.content.decode()
    assert ReformList.objects.get().short_title == "先到的简称"
    again = {field.name: field.value() for field in page.context["form"]}
    office.post(ADDRESS, stale | {"seen": again["seen"]})
    assert ReformList.objects.get().short_title == "我的简称"


def test_days_in_the_wrong_order_are_refused_by_name(office: Client, reform_list: ReformList) -> None:
    page = office.post(ADDRESS, filled(office, public_from="2022-07-01", public_until="2022-06-01"))
    assert page.status_code == 422
    assert "公开的最后一天不能早于第一天" in page.content.decode()


def test_the_form_holds_every_setting(office: Client, reform_list: ReformList) -> None:
    names = {field.name for field in office.get(ADDRESS).context["form"]}
    assert names == {*DESCRIBED, "archived", "seen"} - {"archived_on"}
