"""The account page: one's password, where one is signed in, and the sign-ins of late."""

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from agencies.access import PORTAL
from agencies.models import Change, Role, SignInRecord, User
from agencies.people.accounts import set_active
from agencies.people.codes import issue_codes
from agencies.people.history import WHAT
from agencies.people.sessions import KEPT, MOST_FAILED, browser_in_words, sign_in_failed
from agencies.tasks import forget_ended_sessions
from config.celery import app
from reforms.history.actions import ACTIONS
from tests.conftest import ON, PersonMaker

OLD, NEW = "an old passphrase 3", "a new passphrase 7"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/90.0.4430.212 Safari/537.36"
KYLIN = "Mozilla/5.0 (X11; Kylin V10; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0 Safari/537.36"


@pytest.fixture
def chen(person: PersonMaker) -> User:
    user = person(Role.REPORTER)
    user.set_password(OLD)
    user.save()
    return user


def signed_in(user: User, password: str = OLD, agent: str = WINDOWS) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/sign-in/", {"username": user.username, "password": password}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def change(client: Client, old: str = OLD, new: str = NEW, again: str = NEW) -> Any:
    form = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post("/account/password/", form)


def sessions(client: Client) -> list[tuple[str, bool]]:
    return [(row.browser, row.is_this) for row in client.get("/account/").context["sessions"]]


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(chen: User) -> None:
    here, elsewhere = signed_in(chen), signed_in(chen, agent=KYLIN)
    assert change(here).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)
    assert sessions(here) == [("Windows · Chrome", True)]
    assert Client().post("/sign-in/", {"username": chen.username, "password": OLD}).status_code == 422
    assert is_in(signed_in(chen, NEW))
    entry = Change.objects.get(action="person.password_changed")
    assert (entry.object_id, entry.user_id) == (chen.pk, chen.pk)


def test_it_saves_the_password_alone(chen: User) -> None:
    """An administrator may edit the same person meanwhile."""
    here = signed_in(chen)
    form = here.get("/account/").context["form"]
    User.objects.filter(pk=chen.pk).update(full_name="陈新名")
    form.user.full_name = "陈旧名"
    form.cleaned_data = {"new_password1": NEW}
    form.save()
    chen.refresh_from_db()
    assert chen.full_name == "陈新名"
    assert chen.check_password(NEW)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"old": "something else 5"}, "旧密码不正确"),
        ({"again": "another one 8"}, "不一致"),
        ({"new": "123", "again": "123"}, "密码"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(chen: User, sent: dict[str, str], said: str) -> None:
    here = signed_in(chen)
    answer = change(here, **sent)
    assert answer.status_code == 422
    (errors,) = answer.context["form"].errors.values()
    assert said in str(errors)
    chen.refresh_from_db()
    assert chen.check_password(OLD)
    assert is_in(here)


def test_guessing_the_old_password_is_stopped_as_at_the_sign_in(chen: User) -> None:
    here = signed_in(chen)
    assert [change(here, old=f"guess {n} of it").status_code for n in range(6)] == [422] * 5 + [429]


def test_one_session_is_ended_and_then_all_others(chen: User) -> None:
    here, phone, kylin = signed_in(chen), signed_in(chen, agent="MicroMessenger iPhone"), signed_in(chen, agent=KYLIN)
    assert sessions(here) == [("Windows · Chrome", True), ("麒麟 · Chrome", False), ("iPhone · 微信", False)]
    theirs = next(row.pk for row in here.get("/account/").context["sessions"] if "麒麟" in row.browser)
    here.post("/account/sessions/end/", {"session": theirs})
    assert [is_in(one) for one in (here, phone, kylin)] == [True, True, False]
    answer = here.post("/account/sessions/end/", follow=True)
    assert "已退出1处登录。" in answer.content.decode()
    assert [is_in(one) for one in (here, phone)] == [True, False]
    assert Change.objects.filter(action="person.sessions_ended").count() == 2


def test_nobody_ends_the_session_of_somebody_else(chen: User, person: PersonMaker) -> None:
    other = person(Role.SUPERVISOR)
    other.set_password(OLD)
    other.save()
    here, theirs = signed_in(chen), signed_in(other)
    record = SignInRecord.objects.get(user=other)
    here.post("/account/sessions/end/", {"session": record.pk})
    assert is_in(theirs)
    here.post("/account/sessions/end/")
    assert is_in(theirs)
    assert len(sessions(here)) == 1


def test_whoever_signs_out_or_lets_it_expire_is_signed_in_no_more(chen: User) -> None:
    here, left, forgotten = signed_in(chen), signed_in(chen), signed_in(chen)
    left.post("/sign-out/")
    Session.objects.filter(session_key=forgotten.session.session_key).update(expire_date=timezone.now())
    assert len(sessions(here)) == 1


def test_sign_ins_and_wrong_passwords_are_told_newest_first(chen: User) -> None:
    Client().post("/sign-in/", {"username": chen.username, "password": "a wrong guess 1"}, REMOTE_ADDR="192.0.2.7")
    issue_codes([chen.pk], who=PORTAL, on=ON)
    wrong = {"username": chen.username, "code": "AAAA-BBBB-CCCC-DDDD", "new_password1": NEW, "new_password2": NEW}
    Client().post("/code/", wrong)
    rows = signed_in(chen).get("/account/").context["sign_ins"]
    assert [row.succeeded for row in rows] == [True, False, False]
    assert rows[2].origin == "192.0.2.7"


def test_wrong_passwords_fill_no_table(chen: User) -> None:
    for _ in range(MOST_FAILED + 5):
        sign_in_failed({"username": chen.username})
    assert SignInRecord.objects.filter(user=chen, succeeded=False).count() == MOST_FAILED


def test_a_session_from_before_is_told_of_once_it_is_used(chen: User) -> None:
    here = signed_in(chen)
    SignInRecord.objects.all().delete()
    session = here.session
    del session["moved_on"]
    session.save()
    assert is_in(here)
    assert sessions(here) == [("Windows · Chrome", True)]


def test_choosing_a_password_by_a_code_ends_what_was_open(chen: User) -> None:
    here = signed_in(chen)
    code = issue_codes([chen.pk], who=PORTAL, on=ON)[0].code
    form = {"username": chen.username, "code": code, "new_password1": NEW, "new_password2": NEW}
    there = Client()
    assert there.post("/code/", form).status_code == 302
    assert not is_in(here)
    assert len(sessions(there)) == 1


def test_whoever_was_shut_out_finds_no_old_session_among_the_open_ones(chen: User) -> None:
    signed_in(chen)
    set_active(chen, active=False, who=PORTAL, on=ON)
    set_active(chen, active=True, who=PORTAL, on=ON)
    chen.refresh_from_db()
    chen.set_password(NEW)
    chen.save()
    assert len(sessions(signed_in(chen, NEW))) == 1


def test_old_records_and_sessions_are_forgotten_at_night(chen: User) -> None:
    here = signed_in(chen)
    long_ago = timezone.now() - KEPT - dt.timedelta(days=1)
    SignInRecord.objects.create(user=chen, at=long_ago, seen_at=long_ago, succeeded=True)
    Session.objects.create(session_key="x" * 32, session_data="", expire_date=timezone.now() - dt.timedelta(1))
    assert "agencies.tasks.forget_ended_sessions" in {entry["task"] for entry in app.conf.beat_schedule.values()}
    forget_ended_sessions()
    assert (SignInRecord.objects.count(), Session.objects.count()) == (1, 1)
    assert is_in(here)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (WINDOWS, "Windows · Chrome"),
        (KYLIN, "麒麟 · Chrome"),
        (f"{WINDOWS} Edg/90.0", "Windows · Edge"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 14_0 like Mac OS X) Safari/604.1 wxwork/4.0", "iPhone · 企业微信"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_told_in_words(agent: str, words: str) -> None:
    assert browser_in_words(agent) == words


def test_the_page_names_whom_it_is_for_and_is_linked_from_every_head(chen: User) -> None:
    page = signed_in(chen).get("/account/").content.decode()
    assert chen.username in page
    assert re.search(r'<a class="me"[^>]*href="/account/"', page)


def test_the_page_of_a_person_has_words_for_all_that_the_log_tells_of_people() -> None:
    assert set(WHAT) >= {action for action in ACTIONS if action.startswith("person.")}


def test_one_says_how_one_is_reached_oneself(chen: User) -> None:
    here = signed_in(chen)
    version = here.get("/account/").context["contact"]["version"].value()
    facts = {"position": "四级调研员", "phone": "0755-88120000", "mobile": "", "language": "en", "version": version}
    assert here.post("/account/contact/", facts | {"email": "other@example.org"}).status_code == 302
    chen.refresh_from_db()
    assert (chen.position, chen.phone, chen.email) == ("四级调研员", "0755-88120000", "reporter-0@example.org")
    entry = Change.objects.get(action="person.edited")
    assert (entry.user_id, entry.after) == (
        chen.pk,
        {
            "position": "四级调研员",
            "phone": "0755-88120000",
            "language": "en",
        },
    )
    stale = here.post("/account/contact/", facts | {"phone": "1"})
    assert stale.status_code == 409, "somebody changed it since"
    assert stale.context["contact"]["phone"].value() == "1"
    chen.refresh_from_db()
    assert chen.phone == "0755-88120000"
