"""Signing in and out, and every way of not getting in."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from agencies.access import PORTAL
from agencies.models import Agency, Change, Membership, Role, User
from agencies.people.accounts import ensure_first_administrator, set_active
from agencies.people.links import one_time_link
from reforms.models import Measure
from tests.conftest import ON, PASSWORD, PersonMaker

SIGN_IN = "/sign-in/"
SignIn = Callable[[User], Client]


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(SIGN_IN, {"username": username, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


def test_one_signs_in_and_gets_to_the_desk(client: Client, reporter: User) -> None:
    assert sign_in(client, reporter.username)["Location"] == "/desk/"
    assert is_in(client)


def test_one_gets_to_where_one_wanted_but_never_to_another_site(client: Client, reporter: User) -> None:
    body = {"username": reporter.username, "password": PASSWORD}
    assert client.post(SIGN_IN, {**body, "next": "/agencies/"})["Location"] == "/agencies/"
    assert Client().post(SIGN_IN, {**body, "next": "https://evil.example/"})["Location"] == "/desk/"


@pytest.mark.parametrize("username", ["", "nobody-of-that-name"])
def test_a_wrong_password_is_said_without_saying_who_exists(client: Client, reporter: User, username: str) -> None:
    wrong = sign_in(client, username or reporter.username, "wrong")
    assert wrong.status_code == 422
    assert wrong.context["form"].non_field_errors()
    messages = {str(sign_in(client, name, "x").context["form"].errors) for name in (reporter.username, "nobody")}
    assert len(messages) == 1
    assert not is_in(client)


@pytest.fixture
def demo_person(reporter: User) -> User:
    reporter.is_demo = True
    reporter.save()
    return reporter


def test_demo_people_enter_on_the_machine_itself(client: Client, demo_person: User, settings: Any) -> None:
    settings.DEMO = True
    assert sign_in(client, demo_person.username).status_code == 302


@pytest.mark.parametrize(
    "way",
    [
        {"REMOTE_ADDR": "10.0.0.5"},
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": "::ffff:10.0.0.5"},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"REMOTE_ADDR": "10.0.0.5", "headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"REMOTE_ADDR": ""},
    ],
)
def test_demo_people_enter_from_nowhere_else(
    client: Client, demo_person: User, settings: Any, way: dict[str, Any]
) -> None:
    settings.DEMO = True
    assert sign_in(client, demo_person.username, **way).status_code == 422
    assert not is_in(client)


def test_demo_people_do_not_enter_a_real_portal(client: Client, demo_person: User, settings: Any) -> None:
    settings.DEMO = False
    assert sign_in(client, demo_person.username).status_code == 422


def test_signing_out_is_a_post(client: Client, reporter: User) -> None:
    sign_in(client, reporter.username)
    assert client.get("/sign-out/").status_code == 405
    assert is_in(client)
    assert client.post("/sign-out/").status_code == 302
    assert not is_in(client)


def test_a_form_from_elsewhere_signs_nobody_in(reporter: User) -> None:
    assert sign_in(Client(enforce_csrf_checks=True), reporter.username).status_code == 403


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def choose(client: Client, link: str, password: str = "a new passphrase 7") -> Any:
    """Open a one-time link and choose a password."""
    opened = client.get(path_of(link), follow=True)
    where = opened.redirect_chain[-1][0] if opened.redirect_chain else path_of(link)
    return client.post(where, {"new_password1": password, "new_password2": password})


def test_a_one_time_link_sets_a_password_and_signs_in(client: Client, person: PersonMaker) -> None:
    user = person(Role.VIEWER)
    assert choose(client, one_time_link(user))["Location"] == "/desk/"
    assert is_in(client)
    assert sign_in(Client(), user.username, "a new passphrase 7").status_code == 302


def test_the_page_of_a_link_says_with_which_username_one_will_sign_in(client: Client, person: PersonMaker) -> None:
    user = person(Role.VIEWER)
    page = client.get(path_of(one_time_link(user)), follow=True).content.decode()
    assert f'<strong class="mono">{user.username}</strong>' in page
    assert "以后用它" in page


def test_a_one_time_link_works_once(person: PersonMaker) -> None:
    user = person(Role.VIEWER)
    link = one_time_link(user)
    choose(Client(), link)
    second = Client().get(path_of(link), follow=True)
    assert "此链接已失效" in second.content.decode()
    choose(Client(), link, "an intruder 99 wants in")
    assert sign_in(Client(), user.username, "an intruder 99 wants in").status_code == 422


def test_a_newer_link_ends_the_older_ones(person: PersonMaker) -> None:
    user = person(Role.VIEWER)
    older, opened = one_time_link(user), Client()
    form = opened.get(path_of(older), follow=True).redirect_chain[-1][0]
    newer = one_time_link(User.objects.get(pk=user.pk))
    assert "为您生成了新的链接" in Client().get(path_of(older), follow=True).content.decode()
    opened.post(form, {"new_password1": "an intruder 99", "new_password2": "an intruder 99"})
    assert sign_in(Client(), user.username, "an intruder 99").status_code == 422
    assert choose(Client(), newer)["Location"] == "/desk/"


def test_a_weak_password_is_not_taken(client: Client, person: PersonMaker) -> None:
    response = choose(client, one_time_link(person(Role.VIEWER)), "12345678")
    assert response.context["form"].errors
    assert not is_in(client)


def test_the_link_is_told_to_no_other_site(client: Client, person: PersonMaker) -> None:
    """A browser that is to tell nobody at all would post the form with `Origin: null`, which is refused."""
    opened = client.get(path_of(one_time_link(person(Role.VIEWER))), follow=True)
    assert opened["Referrer-Policy"] == "same-origin"


def test_who_is_shut_out_is_out_at_once(client: Client, reporter: User) -> None:
    sign_in(client, reporter.username)
    set_active(reporter, active=False, who=PORTAL, on=ON)
    assert not is_in(client)
    assert client.get("/desk/")["Location"] == "/sign-in/?next=/desk/"
    assert sign_in(Client(), reporter.username).status_code == 422
    assert Change.objects.latest("sequence").action == "person.deactivated"


def test_the_links_of_who_is_shut_out_do_not_work(client: Client, reporter: User) -> None:
    link = one_time_link(reporter)
    set_active(reporter, active=False, who=PORTAL, on=ON)
    assert "此链接已失效" in client.get(path_of(link), follow=True).content.decode()
    choose(client, link, "an intruder 99 wants in")
    set_active(reporter, active=True, who=PORTAL, on=ON)
    assert sign_in(Client(), reporter.username, "an intruder 99 wants in").status_code == 422


def test_a_role_taken_away_is_gone_with_the_next_request(client: Client, reporter: User) -> None:
    sign_in(client, reporter.username)
    Membership.objects.filter(user=reporter).delete()
    assert client.get("/desk/").status_code == 403


def test_the_first_administrator_is_made_once(client: Client, db: None) -> None:
    first = ensure_first_administrator(who=PORTAL, on=ON)
    assert first is not None
    assert not first.has_usable_password()
    assert ensure_first_administrator(who=PORTAL, on=ON) == first
    choose(client, one_time_link(first))
    assert client.get("/people/").status_code == 200
    assert ensure_first_administrator(who=PORTAL, on=ON) is None


def test_a_demo_administrator_does_not_count_as_the_first(demo_person: User) -> None:
    Membership.objects.filter(user=demo_person).update(role=Role.ADMINISTRATOR)
    first = ensure_first_administrator(who=PORTAL, on=ON)
    assert first is not None
    assert first != demo_person


@pytest.fixture
def administrator(person: PersonMaker, client: Client) -> User:
    user = person(Role.ADMINISTRATOR)
    client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    return user


def test_an_administrator_takes_somebody_in(client: Client, administrator: User, transport: Agency) -> None:
    form = {"username": "lin", "full_name": "林填报", "email": "", "agency": transport.pk, "role": "reporter"}
    response = client.post("/people/", form)
    assert choose(Client(), response.context["link"])["Location"] == "/desk/"
    told = Change.objects.filter(kind="user").order_by("sequence").values_list("action", flat=True)
    assert list(told) == ["person.added", "person.password_changed"]
    assert client.post("/people/", form).status_code == 422


def test_nobody_shuts_out_themselves(
    client: Client, administrator: User, reporter: User, signed_in: Callable[[User], Client]
) -> None:
    client.post(f"/people/{administrator.pk}/active/")
    assert is_in(client)
    client.post(f"/people/{reporter.pk}/active/")
    reporter.refresh_from_db()
    assert not reporter.is_active


def test_a_form_sent_after_the_session_ended_is_said_to_be_lost_and_leads_back_to_its_page(
    client: Client, led: Measure
) -> None:
    sent = client.post(
        f"/measures/{led.pk}/unchanged/", headers={"Referer": "http://testserver/desk/?mine=1"}, follow=False
    )
    assert sent.status_code == 302
    assert unquote(sent["Location"]) == "/sign-in/?next=/desk/?mine=1"
    assert "没有保存" in client.get(sent["Location"]).content.decode()
    elsewhere = client.post(f"/measures/{led.pk}/unchanged/", headers={"Referer": "http://evil.example/desk/"})
    assert unquote(elsewhere["Location"]) == f"/sign-in/?next=/measures/{led.pk}/unchanged/"


def test_what_was_typed_within_a_page_is_not_replaced_by_the_sign_in(client: Client, led: Measure) -> None:
    within = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/"}
    sent = client.post(f"/desk/report/{led.pk}/", headers=within)
    assert (sent.status_code, "请先复制" in sent.content.decode()) == (401, True)
    opened = client.get(f"/desk/report/{led.pk}/", headers=within)
    assert (opened.status_code, unquote(opened["HX-Redirect"])) == (401, "/sign-in/?next=/desk/")


def test_an_address_that_only_takes_forms_says_so(
    client: Client, signed_in: SignIn, reporter: User, led: Measure
) -> None:
    answer = signed_in(reporter).get(f"/measures/{led.pk}/unchanged/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "没有任何改动" in answer.content.decode()
    assert client.post("/api/v1/stats").json()["status"] == 405


def test_a_session_lasts_from_the_last_request(
    signed_in: SignIn, reporter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(reporter)
    client.get("/desk/")
    first = Session.objects.get().expire_date
    client.get("/desk/")
    assert Session.objects.get().expire_date == first
    now = time.time()
    monkeypatch.setattr("agencies.people.sessions.time.time", lambda: now + 601)
    client.get("/desk/")
    assert Session.objects.get().expire_date > first
