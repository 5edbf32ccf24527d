"""Pages of visitors are made once for as long as nothing was logged, and are never older than the log."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from agencies.models import Agency, User
from reforms.lib.answers import ANSWERS, KeptAnswers
from reforms.models import Disposition, Measure, ReformList
from reforms.office.steer import dispose
from reforms.pages.visitors import kept_for_visitors
from tests.conftest import ON, PersonMaker
from tests.reforms.columns.test_kept import OFFICE
from tests.reforms.people import Cast
from tests.reforms.reorganisations import merge_into
from tests.reforms.review.test_joined_duties import Joint, joint
from tests.reforms.status.test_random_deeds import Play

__all__ = ["joint"]
PAGES = ("/", "/measures/", "/measures/?light=overdue", "/agencies/", "/lists/", "/timeline/")


@pytest.fixture
def by_the_log(public: ReformList, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the portal: what is written without the log is not noticed."""
    monkeypatch.setattr("tests.conftest._forget_all", lambda: None)


def asked(client: Client, address: str, **headers: str) -> tuple[int, bytes, str]:
    response = client.get(address, headers=headers)
    return response.status_code, response.content, response.headers.get("ETag", "")


@pytest.mark.parametrize("address", PAGES)
def test_the_second_visitor_takes_one_query(public: ReformList, address: str) -> None:
    first, queries = asked(Client(), address), list[str]()
    with connection.execute_wrapper(lambda execute, sql, *rest: (queries.append(sql), execute(sql, *rest))[1]):
        assert asked(Client(), address) == first
    assert [sql.split(" FROM ")[1].split()[0] for sql in queries] == ['"agencies_changehead"']


def test_whoever_has_the_page_is_not_sent_it_again(client: Client, public: ReformList) -> None:
    _status, body, tag = asked(client, "/measures/")
    assert client.get("/measures/").headers["Cache-Control"] == "no-cache"
    assert asked(client, "/measures/", **{"If-None-Match": tag})[:2] == (304, b"")
    # As a proxy that compresses makes of it.
    assert asked(client, "/measures/", **{"If-None-Match": f"W/{tag}"})[0] == 304
    assert asked(client, "/measures/", **{"If-None-Match": '"other"'})[:2] == (200, body)


def test_a_page_is_made_anew_once_something_was_logged(client: Client, by_the_log: None) -> None:
    before = {address: asked(client, address) for address in PAGES}
    measure = Measure.objects.get(item__number=3)
    dispose(measure.pk, Disposition.SUSPENDED, reason="缓。", seen=None, who=OFFICE, on=ON)
    after = {address: asked(client, address) for address in PAGES}
    assert all(before[address][2] != after[address][2] for address in PAGES)
    assert "215" in after["/measures/"][1].decode()
    assert "216" in before["/measures/"][1].decode()


def test_what_is_written_without_the_log_would_not_be_noticed(client: Client, by_the_log: None) -> None:
    """The control: these tests see what follows from the log."""
    before = asked(client, "/measures/")
    Measure.objects.filter(item__number=3).update(title="改名")
    assert asked(client, "/measures/") == before
    ANSWERS.forget()
    assert asked(client, "/measures/")[1] != before[1]


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_done_no_page_is_older_than_it(
    client: Client, joint: Joint, person: PersonMaker, by_the_log: None, seed: int
) -> None:
    other = Cast(person, Agency.objects.create(name="市丙局"), prefix="c")
    measure = Measure.objects.select_related("reform_list").get(pk=joint.measure.pk)
    ANSWERS.forget()
    play = Play(measure, [joint.first, joint.second, other], random.Random(seed))  # chosen by chance
    pages = (*PAGES, f"/measures/{measure.pk}/", f"/agencies/{joint.first.agency.pk}/", f"/agencies/{other.agency.pk}/")
    for step in range(24):
        play.go_on()
        address = pages[step % len(pages)]
        kept = asked(client, address)[1]
        ANSWERS.forget()
        assert asked(client, address)[1] == kept, address


def test_they_follow_what_becomes_of_agencies(client: Client, by_the_log: None) -> None:
    heir, old = Agency.objects.get(name="市水务局"), Agency.objects.get(name="市司法局")
    addresses = (f"/agencies/{old.pk}/", f"/agencies/{heir.pk}/")
    before = [asked(client, address)[1] for address in addresses]
    merge_into(heir, old)
    assert all(asked(client, one)[1] != page for one, page in zip(addresses, before, strict=True))


def test_language_day_and_part_of_the_page_have_answers_of_their_own(
    client: Client, public: ReformList, settings: Any
) -> None:
    chinese = asked(client, "/measures/")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = asked(client, "/measures/")
    client.cookies.clear()
    part = asked(client, "/measures/", **{"HX-Request": "true"})
    settings.PORTAL_TODAY = ON.replace(month=7)
    later = asked(client, "/measures/")
    assert len({chinese[1], english[1], part[1], later[1]}) == 4
    assert len({chinese[2], english[2], part[2], later[2]}) == 4


def test_whoever_signed_in_has_a_page_of_their_own(client: Client, public: ReformList, reporter: User) -> None:
    visitor = asked(Client(), "/measures/")
    client.force_login(reporter, backend="agencies.people.sign_in.PasswordBackend")
    own = asked(client, "/measures/")
    assert own[1] != visitor[1]
    assert own[2] == ""
    assert asked(Client(), "/measures/") == visitor
    # A visitor again, with the message that says so.
    client.post("/sign-out/")
    assert asked(Client(), "/measures/") == visitor


def test_a_machine_is_answered_again_with_what_it_was_answered(client: Client, public: ReformList) -> None:
    first = client.get("/api/v1/measures?page_size=3")
    queries: list[str] = []
    with connection.execute_wrapper(lambda execute, sql, *rest: (queries.append(sql), execute(sql, *rest))[1]):
        second = client.get("/api/v1/measures?page_size=3")
    assert len(queries) == 1
    assert (second.json(), second.headers["ETag"]) == (first.json(), first.headers["ETag"])
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    again = client.get("/api/v1/measures?page_size=3", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_two_tokens_never_share_an_answer(
    client: Client, public: ReformList, transport: Agency, market: Agency, bearer: Callable[..., dict[str, str]]
) -> None:
    answers = []
    for agency in (transport, market):
        headers = bearer(agency)
        answers += [client.get("/api/v1/tasks", headers=headers).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


def test_a_page_with_a_form_of_ones_own_is_not_kept(db: None, rf: RequestFactory) -> None:
    page = kept_for_visitors(lambda request: HttpResponse(get_token(request)))

    def asked_anew() -> HttpResponseBase:
        request = rf.get("/form/")
        request.user = AnonymousUser()
        return page(request)

    first, second = asked_anew(), asked_anew()
    assert "ETag" not in first.headers
    assert first.getvalue() != second.getvalue()  # type: ignore[attr-defined]


def test_only_so_much_is_kept() -> None:
    kept = KeptAnswers(1000)
    for number in range(30):
        kept.keep(str(number), HttpResponse(b"x" * 50))
    assert kept.size == 1000
    assert kept.again("9") is None
    assert kept.again("10") is not None
    kept.keep("large", HttpResponse(b"x" * 51))
    assert kept.again("large") is None
    cookie = HttpResponse(b"x")
    cookie.set_cookie("a", "b")
    kept.keep("cookie", cookie)
    assert kept.again("cookie") is None
