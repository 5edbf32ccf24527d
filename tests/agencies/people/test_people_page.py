"""The pages for people: finding somebody, changing details and roles, shutting out, and what is remembered of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from agencies.access import PORTAL, Principal
from agencies.models import AccessCode, Agency, Change, Membership, Role, User
from agencies.people.accounts import give_role, set_active, take_role
from agencies.people.codes import issue_codes, use_code
from tests.conftest import ON, PersonMaker


@pytest.fixture
def administrator(person: PersonMaker, signed_in: Callable[[User], Client]) -> User:
    user = person(Role.ADMINISTRATOR, username="zheng")
    signed_in(user)
    return user


@pytest.fixture
def lin(person: PersonMaker, transport: Agency) -> User:
    user = person(Role.REPORTER, agency=transport, username="lin")
    user.full_name = "林填报"
    user.save()
    return user


def names_on(response: Any) -> list[str]:
    return [user.username for user in response.context["page"]]


def last_change() -> Change:
    return Change.objects.latest("sequence")


@pytest.mark.parametrize(
    "query", ["search=林填", "search=LIN", "search=交通运输 林", "role=reporter", "active=yes&role=reporter"]
)
def test_somebody_is_found_by_name_username_agency_or_role(
    client: Client, administrator: User, lin: User, query: str
) -> None:
    assert names_on(client.get(f"/people/?{query}")) == ["lin"]


def test_role_and_agency_must_hold_of_one_and_the_same_place(
    client: Client, administrator: User, lin: User, transport: Agency, market: Agency
) -> None:
    Membership.objects.create(user=lin, agency=market, role=Role.VIEWER)
    assert names_on(client.get(f"/people/?agency={market.pk}&role=viewer")) == ["lin"]
    assert names_on(client.get(f"/people/?agency={market.pk}&role=reporter")) == []


def test_those_shut_out_are_found_when_asked_for(client: Client, administrator: User, lin: User) -> None:
    set_active(lin, active=False, who=PORTAL, on=ON)
    assert names_on(client.get("/people/?active=no")) == ["lin"]
    assert "lin" not in names_on(client.get("/people/?active=yes"))


def test_those_who_have_yet_to_come_in_are_found(
    client: Client, administrator: User, lin: User, person: PersonMaker
) -> None:
    """Never signed in, or a code that was not used; nobody who is shut out, and nobody who is in."""
    came, forgot, late = (person(Role.VIEWER, username=name) for name in ("came", "forgot", "late"))
    gone = person(Role.VIEWER, username="gone")
    User.objects.filter(pk__in=[administrator.pk, came.pk, forgot.pk, late.pk]).update(last_login=timezone.now())
    User.objects.filter(pk=gone.pk).update(is_active=False)
    issue_codes([forgot.pk, late.pk], who=PORTAL, on=ON)
    AccessCode.objects.filter(user=late).update(expires_at=timezone.now())
    response = client.get("/people/?entry=waiting")
    assert names_on(response) == ["lin", "forgot", "late"]
    text = response.content.decode()
    assert (text.count("从未登录"), text.count("一次性代码未使用，已过期"), text.count("一次性代码未使用，有效至")) == (
        1,
        1,
        1,
    )
    use_code(AccessCode.objects.get(user=forgot), "correct horse 2022", on=ON)
    assert names_on(client.get("/people/?entry=waiting")) == ["lin", "late"]


@pytest.mark.parametrize(
    "query", ["role=king", "entry=never", "agency=0", "agency=99999999999999999999", "active=maybe", "search=%00"]
)
def test_a_condition_that_makes_no_sense_finds_nobody_and_says_so(
    client: Client, administrator: User, query: str
) -> None:
    response = client.get(f"/people/?{query}")
    assert response.status_code == 400
    assert names_on(response) == []
    assert 'class="error"' in response.content.decode()


def test_a_page_holds_fifty(client: Client, administrator: User) -> None:
    User.objects.bulk_create(User(username=f"p{n:03}") for n in range(60))
    first, second = client.get("/people/?search=p0"), client.get("/people/?search=p0&page=2")
    assert (len(names_on(first)), len(names_on(second))) == (50, 10)
    assert "search=p0&amp;page=2" in first.content.decode()


def test_more_people_cost_no_more_queries(
    client: Client, administrator: User, person: PersonMaker, transport: Agency
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get("/people/")
        return len(seen)

    person(Role.REPORTER, Role.VIEWER, agency=transport, username="one")
    queries()  # the first page of a session moves its end on
    before = queries()
    for n in range(12):
        person(Role.REPORTER, Role.HEAD, agency=transport, username=f"more{n}")
    assert queries() == before


def version_on(client: Client, user: User) -> str:
    return str(client.get(f"/people/{user.pk}/").context["details"]["version"].value())


def test_name_and_email_are_changed_and_remembered(client: Client, administrator: User, lin: User) -> None:
    form = {"full_name": "林联络", "email": "lin@sz.gov.cn", "language": "zh-hans", "version": version_on(client, lin)}
    page = client.post(f"/people/{lin.pk}/", form, follow=True).content.decode()
    lin.refresh_from_db()
    assert (lin.full_name, lin.email) == ("林联络", "lin@sz.gov.cn")
    assert last_change().before == {"full_name": "林填报", "email": "lin@example.org"}
    assert last_change().after == {"full_name": "林联络", "email": "lin@sz.gov.cn"}
    assert '<del lang="zh-CN">林填报</del><ins lang="zh-CN">林联络</ins>' in page


def test_position_and_telephone_are_kept(client: Client, administrator: User, lin: User) -> None:
    contact = {"position": "科长", "phone": "0755-88101234", "mobile": "13800000000"}
    form = {"full_name": "林填报", "email": "lin@example.org", "language": "zh-hans", **contact}
    form["version"] = version_on(client, lin)
    page = client.post(f"/people/{lin.pk}/", form, follow=True).content.decode()
    lin.refresh_from_db()
    assert {name: getattr(lin, name) for name in contact} == contact == last_change().after
    assert "办公电话" in page
    assert 'value="0755-88101234"' in page
    old = {**form, "phone": "1"}
    answer = client.post(f"/people/{lin.pk}/", old)
    assert answer.status_code == 409
    assert [row[1:] for row in answer.context["differing"] if row[0] == "办公电话"] == [("0755-88101234", "1")]


def test_saving_what_is_there_writes_nothing(client: Client, administrator: User, lin: User) -> None:
    before = Change.objects.count()
    form = {
        "full_name": "林填报",
        "email": "lin@example.org",
        "language": "zh-hans",
        "version": version_on(client, lin),
    }
    assert "没有变化。" in client.post(f"/people/{lin.pk}/", form, follow=True).content.decode()
    assert Change.objects.count() == before


def test_a_link_says_whom_it_is_for(client: Client, administrator: User, market: Agency, lin: User) -> None:
    facts = {"username": "wang.wu", "full_name": "王五", "email": "", "agency": market.pk, "role": "viewer"}
    added = client.post("/people/", facts).content.decode()
    assert "已新增“王五”（用户名wang.wu）。请将此一次性链接交给本人" in added
    again = client.post(f"/people/{lin.pk}/invite/").content.decode()
    assert f"请将此一次性链接交给“{lin}”（用户名{lin.username}）本人" in again


def test_what_is_no_address_is_not_taken(client: Client, administrator: User, lin: User) -> None:
    form = {"full_name": "林填报", "email": "nowhere", "language": "zh-hans", "version": version_on(client, lin)}
    assert client.post(f"/people/{lin.pk}/", form).status_code == 422


def test_a_stale_form_shows_both_versions_and_loses_neither(client: Client, administrator: User, lin: User) -> None:
    old = version_on(client, lin)
    client.post(
        f"/people/{lin.pk}/", {"full_name": "林先", "email": "first@sz.gov.cn", "language": "zh-hans", "version": old}
    )
    mine = {"full_name": "林后", "email": "second@sz.gov.cn", "language": "en"}
    response = client.post(f"/people/{lin.pk}/", mine | {"version": old})
    page = response.content.decode()
    assert response.status_code == 409
    assert all(said in page for said in ("林先", "first@sz.gov.cn", "林后", "second@sz.gov.cn"))
    lin.refresh_from_db()
    assert lin.full_name == "林先"
    again = {name: response.context["details"][name].value() for name in (*mine, "version")}
    assert client.post(f"/people/{lin.pk}/", again).status_code == 302
    lin.refresh_from_db()
    assert (lin.full_name, lin.email, lin.language) == ("林后", "second@sz.gov.cn", "en")
    assert "<del>中文</del><ins>English</ins>" in client.get(f"/people/{lin.pk}/").content.decode().replace(
        ' lang="zh-CN"', ""
    )


def roles_version_on(client: Client, user: User) -> str:
    return str(client.get(f"/people/{user.pk}/").context["version"])


def test_a_role_is_added_and_taken_away(client: Client, administrator: User, lin: User, market: Agency) -> None:
    form = {"agency": market.pk, "role": "viewer", "version": roles_version_on(client, lin)}
    assert "市市场监管局" in client.post(f"/people/{lin.pk}/roles/", form, follow=True).content.decode()
    place = lin.memberships.get(agency=market, role=Role.VIEWER)
    assert (last_change().action, last_change().after["agency"]) == ("person.role_given", "市市场监管局")
    take = f"/people/{lin.pk}/roles/{place.pk}/take/"
    page = client.post(take, {"version": roles_version_on(client, lin)}, follow=True).content.decode()
    assert not lin.memberships.filter(agency=market).exists()
    assert (last_change().action, last_change().before["role"]) == ("person.role_taken", "viewer")
    assert "移除角色" in page


def test_a_role_is_not_given_twice(client: Client, administrator: User, lin: User, transport: Agency) -> None:
    form = {"agency": transport.pk, "role": "reporter", "version": roles_version_on(client, lin)}
    response = client.post(f"/people/{lin.pk}/roles/", form)
    assert response.status_code == 422
    assert "此人在该单位已有这一角色" in response.content.decode()


def test_nobody_gets_a_role_in_a_collective_name(client: Client, administrator: User, lin: User) -> None:
    group = Agency.objects.get(name="各区政府")
    form = {"agency": group.pk, "role": "reporter", "version": roles_version_on(client, lin)}
    assert client.post(f"/people/{lin.pk}/roles/", form).status_code == 422


def test_roles_that_changed_meanwhile_are_shown_and_nothing_is_done(
    client: Client, administrator: User, lin: User, market: Agency, transport: Agency
) -> None:
    old = roles_version_on(client, lin)
    give_role(lin, agency=market, role=Role.HEAD, who=PORTAL, on=ON)
    giving = client.post(f"/people/{lin.pk}/roles/", {"agency": market.pk, "role": "viewer", "version": old})
    taking = client.post(f"/people/{lin.pk}/roles/{lin.memberships.get(agency=transport).pk}/take/", {"version": old})
    for response in (giving, taking):
        assert response.status_code == 409
        assert "单位负责人" in response.content.decode()
    assert giving.context["role_form"]["role"].value() == "viewer"
    assert lin.memberships.count() == 2


def test_a_place_of_somebody_else_cannot_be_taken_under_this_address(
    client: Client, administrator: User, lin: User, person: PersonMaker, market: Agency
) -> None:
    other = person(Role.VIEWER, agency=market)
    take = f"/people/{lin.pk}/roles/{other.memberships.get().pk}/take/"
    assert client.post(take, {"version": roles_version_on(client, lin)}).status_code == 409
    assert other.memberships.exists()


def test_nobody_takes_away_their_own_administrator_role(
    client: Client, administrator: User, person: PersonMaker
) -> None:
    person(Role.ADMINISTRATOR, username="second")
    take = f"/people/{administrator.pk}/roles/{administrator.memberships.get().pk}/take/"
    page = client.post(take, {"version": roles_version_on(client, administrator)}, follow=True).content.decode()
    assert "不能移除自己的系统管理员角色" in page
    assert administrator.memberships.exists()


def test_the_last_administrator_stays_one(administrator: User) -> None:
    with pytest.raises(ValidationError, match="最后一位系统管理员"):
        take_role(administrator.memberships.get(), who=PORTAL, on=ON)
    with pytest.raises(ValidationError, match="最后一位系统管理员"):
        set_active(administrator, active=False, who=PORTAL, on=ON)
    administrator.refresh_from_db()
    assert administrator.is_active


def test_one_of_two_administrators_may_go(administrator: User, person: PersonMaker) -> None:
    second = person(Role.ADMINISTRATOR, username="second")
    set_active(second, active=False, who=Principal.of_user(administrator), on=ON)
    with pytest.raises(ValidationError, match="最后一位系统管理员"):
        take_role(administrator.memberships.get(), who=PORTAL, on=ON)


def test_a_demonstration_administrator_does_not_keep_a_real_portal(
    administrator: User, person: PersonMaker, settings: Any
) -> None:
    demo = person(Role.ADMINISTRATOR, username="demo")
    User.objects.filter(pk=demo.pk).update(is_demo=True)
    settings.DEMO = False
    with pytest.raises(ValidationError, match="最后一位系统管理员"):
        set_active(administrator, active=False, who=PORTAL, on=ON)


def test_shutting_out_asks_about_the_work_first(client: Client, administrator: User, lin: User) -> None:
    asked = client.get(f"/people/{lin.pk}/active/").content.decode()
    assert f'href="/people/{lin.pk}/hand-over/"' in asked
    lin.refresh_from_db()
    assert lin.is_active
    client.post(f"/people/{lin.pk}/active/", {"active": "no"})
    lin.refresh_from_db()
    assert not lin.is_active


def test_shutting_out_twice_does_not_let_in(client: Client, administrator: User, lin: User) -> None:
    for _ in range(2):
        client.post(f"/people/{lin.pk}/active/", {"active": "no"})
    lin.refresh_from_db()
    assert not lin.is_active
    client.post(f"/people/{lin.pk}/active/", {"active": "yes"})
    lin.refresh_from_db()
    assert lin.is_active


def test_a_link_made_for_somebody_is_remembered(client: Client, administrator: User, lin: User) -> None:
    assert "/welcome/" in client.post(f"/people/{lin.pk}/invite/").context["link"]
    assert (last_change().action, last_change().object_id) == ("person.invited", lin.pk)
    assert "生成一次性链接" in client.get(f"/people/{lin.pk}/").content.decode()


def test_the_history_tells_of_this_person_only(
    client: Client, administrator: User, lin: User, person: PersonMaker, transport: Agency
) -> None:
    other = person(Role.VIEWER, agency=transport)
    set_active(other, active=False, who=PORTAL, on=ON)
    assert client.get(f"/people/{lin.pk}/").context["events"] == []
    assert [str(event.what) for event in client.get(f"/people/{other.pk}/").context["events"]] == ["停用账号"]


def test_in_english_agencies_have_their_english_names(
    client: Client, administrator: User, lin: User, transport: Agency
) -> None:
    Agency.objects.filter(pk=transport.pk).update(name_en="Transport Bureau")
    client.cookies["django_language"] = "en"
    for address in ("/people/", f"/people/{lin.pk}/"):
        tree = html.fromstring(client.get(address).content)
        [said] = tree.xpath('//main//*[not(self::option)][normalize-space(text())="Transport Bureau"]/@lang')
        assert said == "en"
        assert tree.xpath('//main//option[text()="Transport Bureau"][not(@lang)]')
        assert not tree.xpath(f'//main//*[normalize-space(text())="{transport.name}"]')
