"""Guessing passwords and codes: how many tries an account has, how many an address, and what does not get round it."""

import contextlib
import datetime as dt
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from django.db.models import F
from django.test import Client, RequestFactory
from django.utils import timezone

from agencies.access import PORTAL
from agencies.lib.addresses import origin_of
from agencies.models import Role, SignInTries, User
from agencies.people import attempts
from agencies.people.attempts import ADDRESS_FREE, ADDRESS_TRIES, LEASE, PAUSE, TRIES, TooManyTries, begin
from agencies.people.codes import issue_codes
from agencies.tasks import forget_old_tries
from config.celery import app
from tests.conftest import ON, PASSWORD, PersonMaker

PROXY = "10.1.1.1"
CITY = "203.0.113.7"


def sign_in(username: str, password: str = PASSWORD, **way: Any) -> Any:
    return Client().post("/sign-in/", {"username": username, "password": password}, **way)


def enter(username: str, code: str, **way: Any) -> Any:
    new = "a new passphrase 7"
    form = {"username": username, "code": code, "new_password1": new, "new_password2": new}
    return Client().post("/code/", form, **way)


def wide(username: str) -> str:
    """In the full-width letters that a Chinese keyboard gives."""
    return "".join(chr(ord(sign) + 0xFEE0) for sign in username)


def from_behind(address: str, proxy: str = PROXY) -> dict[str, Any]:
    return {"REMOTE_ADDR": proxy, "headers": {"X-Forwarded-For": address}}


def elsewhere(number: int) -> dict[str, Any]:
    """From an address that nobody else has."""
    return {"REMOTE_ADDR": f"198.51.{number // 200}.{number % 200 + 1}"}


def later(seconds: float) -> None:
    """Let time pass for everything that was counted."""
    past = dt.timedelta(seconds=seconds)
    SignInTries.objects.update(since=F("since") - past, next_at=F("next_at") - past)


def flood(way: dict[str, Any]) -> int:
    """Guesses at names that nobody has, each as soon as the address is let; how many were looked at."""
    looked_at = 0
    for number in range(ADDRESS_TRIES + 20):
        with contextlib.suppress(TooManyTries):
            begin(RequestFactory().post("/sign-in/", **way), f"guess-{number}").failed()
            looked_at += 1
        later(1)
    return looked_at


@pytest.fixture
def long_rest(monkeypatch: pytest.MonkeyPatch) -> int:
    """However long a test takes, it is over before an address that is let in one by one has rested."""
    monkeypatch.setattr(attempts, "rest_until", lambda _began: timezone.now() + dt.timedelta(seconds=300))
    return 300


# By account -------------------------------------------------------------------------------------


def test_five_wrong_passwords_pause_the_name_and_no_other(reporter: User, person: PersonMaker) -> None:
    assert [sign_in(reporter.username, "wrong").status_code for _ in range(7)] == [422] * 5 + [429] * 2
    paused = sign_in(reporter.username)
    assert paused.status_code == 429
    assert PAUSE - 30 < int(paused["Retry-After"]) <= PAUSE
    assert "15分钟" in paused.content.decode()
    assert sign_in(person(Role.VIEWER).username, **elsewhere(1)).status_code == 302


@pytest.mark.parametrize(
    "spelled",
    [
        wide,
        str.upper,
        lambda name: wide(name.upper()),
        lambda name: f"  {name}\u3000",
        lambda name: f"\u3000{wide(name)} ",
        lambda name: name[:-1] + wide(name[-1]),
    ],
)
def test_another_spelling_of_the_name_gives_no_more_tries(reporter: User, spelled: Callable[[str], str]) -> None:
    code = issue_codes([reporter.pk], who=PORTAL, on=ON)[0].code
    for _ in range(TRIES):
        assert sign_in(spelled(reporter.username), "wrong").status_code == 422
    assert sign_in(reporter.username).status_code == 429
    assert sign_in(spelled(reporter.username)).status_code == 429
    assert enter(reporter.username, code).status_code == 429
    assert enter(spelled(reporter.username), code).status_code == 429


def test_another_spelling_gives_no_more_tries_for_codes(reporter: User) -> None:
    code = issue_codes([reporter.pk], who=PORTAL, on=ON)[0].code
    for number in range(TRIES):
        assert enter((wide, str.upper)[number % 2](reporter.username), "A" * 16).status_code == 422
    assert enter(reporter.username, code).status_code == 429
    assert sign_in(wide(reporter.username)).status_code == 429


def test_a_name_that_nobody_has_is_paused_in_the_same_words(reporter: User) -> None:
    pages = []
    for number, name in enumerate((reporter.username, "nobody")):
        for _ in range(TRIES):
            sign_in(name, "wrong", **elsewhere(number))
        pages.append(sign_in(name, "wrong", **elsewhere(number)))
    assert [page.status_code for page in pages] == [429, 429]
    assert pages[0].content.decode().split("<main")[1] == pages[1].content.decode().split("<main")[1]


def test_after_a_quarter_of_an_hour_there_are_tries_again(reporter: User) -> None:
    for _ in range(TRIES + 1):
        sign_in(reporter.username, "wrong")
    later(PAUSE - 60)
    assert "请1分钟后再试" in sign_in(reporter.username).content.decode()
    later(61)
    assert [sign_in(reporter.username, "wrong").status_code for _ in range(6)] == [422] * 5 + [429]
    later(PAUSE)
    assert sign_in(reporter.username).status_code == 302


def test_the_right_password_forgets_the_wrong_ones(reporter: User) -> None:
    for _ in range(3):
        for _ in range(TRIES - 1):
            assert sign_in(reporter.username, "wrong").status_code == 422
        assert sign_in(reporter.username).status_code == 302


def test_what_is_not_filled_in_is_no_try(reporter: User) -> None:
    for _ in range(TRIES + 1):
        assert sign_in(reporter.username, "").status_code == 422
        assert sign_in("", "x").status_code == 422
    assert sign_in(reporter.username).status_code == 302


def test_an_endless_name_counts_as_any_other_does(reporter: User) -> None:
    names = [reporter.username * 500 + str(number) for number in range(TRIES + 1)]
    assert [sign_in(name, "x").status_code for name in names] == [422] * TRIES + [429]


def test_neither_names_nor_addresses_can_be_read_from_what_is_counted(reporter: User) -> None:
    sign_in(reporter.username, "wrong", REMOTE_ADDR=CITY)
    kept = str(list(SignInTries.objects.values()))
    assert SignInTries.objects.count() == 2
    assert reporter.username not in kept
    assert CITY not in kept


def test_it_needs_no_redis(reporter: User, settings: Any) -> None:
    gone = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": gone, "shared": gone}
    assert sign_in(reporter.username).status_code == 302
    assert [sign_in(reporter.username, "wrong").status_code for _ in range(6)] == [422] * 5 + [429]


def test_once_refused_it_reads_once_and_writes_nothing(
    reporter: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(TRIES):
        sign_in(reporter.username, "wrong")
    with django_assert_num_queries(1) as asked:
        assert sign_in(reporter.username).status_code == 429
    assert asked.captured_queries[0]["sql"].startswith("SELECT")


# By address -------------------------------------------------------------------------------------


def test_an_address_that_guesses_names_is_paused_and_no_other(reporter: User) -> None:
    assert flood(elsewhere(1)) == ADDRESS_TRIES
    paused = sign_in(reporter.username, **elsewhere(1))
    assert paused.status_code == 429
    assert "您所在的网络输错密码的次数过多" in paused.content.decode()
    assert int(paused["Retry-After"]) > 60
    assert enter(reporter.username, "A" * 16, **elsewhere(1)).status_code == 429
    assert sign_in(reporter.username, **elsewhere(2)).status_code == 302
    later(PAUSE)
    assert sign_in(reporter.username, **elsewhere(1)).status_code == 302


def test_after_a_few_failures_an_address_is_let_in_one_by_one(reporter: User, long_rest: int) -> None:
    answers = [sign_in(f"nobody-{number}", "wrong", REMOTE_ADDR=CITY).status_code for number in range(12)]
    assert answers == [422] * ADDRESS_FREE + [429] * (12 - ADDRESS_FREE)
    paused = sign_in(reporter.username, REMOTE_ADDR=CITY)
    assert (paused.status_code, int(paused["Retry-After"]) <= long_rest) == (429, True)
    assert "过几秒再登录" in paused.content.decode()
    later(long_rest)
    assert sign_in(reporter.username, REMOTE_ADDR=CITY).status_code == 302


def test_eighty_people_behind_one_address_sign_in_at_once_mistyping_now_and_then(person: PersonMaker) -> None:
    people = [person(Role.VIEWER, username=f"person-{number}") for number in range(80)]
    for number, one in enumerate(people):
        for _ in range(2 if number % 4 == 0 else 0):
            assert sign_in(one.username, "mistyped", REMOTE_ADDR=CITY).status_code == 422
        assert sign_in(one.username, REMOTE_ADDR=CITY).status_code == 302


def test_who_has_an_account_gets_no_guesses_at_others_by_it(reporter: User) -> None:
    request, looked_at = RequestFactory().post("/sign-in/", REMOTE_ADDR=CITY), 0
    with contextlib.suppress(TooManyTries):
        for number in range(2 * ADDRESS_TRIES):
            begin(request, f"guess-{number}").failed()
            looked_at += 1
            later(1)
            begin(request, reporter.username).succeeded()
            later(1)
    assert looked_at == ADDRESS_TRIES


def test_a_city_behind_one_proxy_is_not_locked_out_by_one_of_its_addresses(reporter: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = (ip_network(PROXY),)
    assert flood(from_behind("192.0.2.66")) == ADDRESS_TRIES
    for number in range(200):
        begin(RequestFactory().post("/sign-in/", **from_behind(f"192.0.3.{number}")), f"person-{number}")
    assert sign_in(reporter.username, **from_behind("192.0.3.1")).status_code == 302
    assert sign_in(reporter.username, **from_behind("192.0.2.66")).status_code == 429


def test_what_a_visitor_says_of_its_address_changes_nothing(reporter: User, settings: Any, long_rest: int) -> None:
    settings.TRUSTED_PROXIES = (ip_network(PROXY),)
    forged = [sign_in(f"guess-{n}", "wrong", **from_behind(f"192.0.2.{n}", CITY)).status_code for n in range(12)]
    assert forged.count(422) == ADDRESS_FREE
    assert sign_in(reporter.username, REMOTE_ADDR=CITY).status_code == 429
    assert sign_in(reporter.username, **from_behind("192.0.2.1")).status_code == 302


def test_a_city_behind_a_proxy_that_was_not_declared_is_not_locked_out(reporter: User) -> None:
    assert flood(from_behind(CITY, "127.0.0.1")) > ADDRESS_TRIES
    assert sign_in(reporter.username, **from_behind(CITY, "127.0.0.1")).status_code == 302


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("203.0.113.7", "192.0.2.1", "203.0.113.7"),
        ("127.0.0.1", "192.0.2.1", None),  # a proxy nobody declared
        ("", "192.0.2.1", None),  # a unix socket
        ("10.1.1.1", "192.0.2.1", "192.0.2.1"),
        ("10.1.1.1", "9.9.9.9, 192.0.2.1", "192.0.2.1"),
        ("10.1.1.1", "9.9.9.9, 192.0.2.1, 10.1.1.2", "192.0.2.1"),
        ("10.1.1.1", "192.0.2.1:4711", "192.0.2.1"),
        ("10.1.1.1", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"),
        ("10.1.1.1", "192.0.2.1, unknown", None),
        ("10.1.1.1", None, None),
        ("::ffff:10.1.1.1", "::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
        ("fe80::1%eth0", None, "fe80::/64"),
    ],
)
def test_the_address_is_the_last_one_that_a_trusted_proxy_vouches_for(
    settings: Any, peer: str, forwarded: str | None, origin: str | None
) -> None:
    settings.TRUSTED_PROXIES = (ip_network("10.1.1.0/24"),)
    said = {"headers": {"X-Forwarded-For": forwarded}} if forwarded else {}
    assert origin_of(RequestFactory().get("/", REMOTE_ADDR=peer, **said)) == origin


def test_an_address_is_let_in_again_after_a_process_that_died_over_its_password(reporter: User) -> None:
    request = RequestFactory().post("/sign-in/", REMOTE_ADDR=CITY)
    for number in range(ADDRESS_FREE):
        begin(request, f"guess-{number}")
    with pytest.raises(TooManyTries):
        begin(request, "somebody")
    later(LEASE)
    assert sign_in(reporter.username, REMOTE_ADDR=CITY).status_code == 302


# Forgetting -------------------------------------------------------------------------------------


def test_what_counts_no_longer_is_forgotten_every_hour(reporter: User) -> None:
    assert "agencies.tasks.forget_old_tries" in {entry["task"] for entry in app.conf.beat_schedule.values()}
    SignInTries.objects.create(
        key="old", tries=5, since=timezone.now() - dt.timedelta(days=2), next_at=timezone.now() - dt.timedelta(days=2)
    )
    sign_in(reporter.username, "wrong")
    forget_old_tries()
    assert not SignInTries.objects.filter(key="old").exists()
    assert SignInTries.objects.count() == 2
