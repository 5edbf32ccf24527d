"""What goes wrong is said on a page, in the reader's language; under /api/ as application/problem+json."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from agencies.models import Role, User
from reforms.models import ReformList
from tests.conftest import PersonMaker
from tests.reforms.api.contract import PROBLEM

PAGES = {
    403: ("您无权进行这一操作", "/people/"),
    404: ("没有找到这个页面", "/nowhere/"),
}


@pytest.fixture
def reader(person: PersonMaker) -> Client:
    """A viewer, whose client answers crashes with a page as the server does."""
    client = Client(raise_request_exception=False)
    client.force_login(person(Role.VIEWER), backend="agencies.people.sign_in.PasswordBackend")
    return client


def has_chinese_heading(html: str) -> bool:
    heading = html.partition("<h1>")[2].partition("</h1>")[0]
    return any("一" <= letter <= "鿿" for letter in heading)


@pytest.mark.parametrize("status", PAGES)
def test_an_error_is_a_page_in_both_languages(reader: Client, status: int) -> None:
    words, address = PAGES[status]
    chinese = reader.get(address)
    assert (chinese.status_code, words in chinese.content.decode()) == (status, True)
    assert "回到总览" in chinese.content.decode()
    reader.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    english = reader.get(address)
    assert english.status_code == status
    assert not has_chinese_heading(english.content.decode())


def crash(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("the disk is full")


def test_a_crash_is_a_page_that_says_so_in_both_languages(
    reader: Client, reform_list: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reforms.pages.overview.views.overview_of", crash)
    response = reader.get("/")
    text = response.content.decode()
    assert response.status_code == 500
    assert "系统出错了" in text
    assert "Something went wrong" in text
    assert "the disk is full" not in text


def test_a_crash_of_the_api_is_a_problem(
    reader: Client, reform_list: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reforms.api.lists.page_of", crash)
    response = reader.get("/api/v1/measures")
    assert (response.status_code, response["Content-Type"]) == (500, PROBLEM)
    assert (response.json()["status"], response.json()["code"]) == (500, "server_error")
    assert "the disk is full" not in response.content.decode()


def test_an_expired_form_is_a_page_in_both_languages(reporter: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(reporter, backend="agencies.people.sign_in.PasswordBackend")
    chinese = client.post("/sign-out/")
    assert (chinese.status_code, "页面已过期" in chinese.content.decode()) == (403, True)
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    assert not has_chinese_heading(client.post("/sign-out/").content.decode())


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/nowhere", 404, "not_found"),
        ("/api/v2/measures", 404, "not_found"),
        ("/api/v1/measures/99999999", 404, "not_found"),
        ("/api/v1/lists/nowhere", 404, "not_found"),
        ("/api/v1/me", 401, "not_authenticated"),
    ],
)
def test_an_error_of_the_api_is_a_problem_in_the_language_of_the_caller(
    client: Client, db: None, address: str, status: int, code: str
) -> None:
    answers = {lang: client.get(address, headers={"Accept-Language": lang}) for lang in ("zh-CN", "en")}
    for answer in answers.values():
        assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
        assert (answer.json()["code"], answer.json()["instance"]) == (code, address)
    if "v2" not in address:
        assert answers["en"].json()["title"].isascii()
        assert not answers["zh-CN"].json()["title"].isascii()


def test_a_form_without_its_token_is_a_problem_under_the_api(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/api/v1/openapi.json")
    assert response["Content-Type"] == PROBLEM


@pytest.mark.parametrize(("address", "kind"), [("/", "text/html"), ("/api/v1/measures", PROBLEM)])
def test_a_request_for_another_host_is_refused_as_such(client: Client, db: None, address: str, kind: str) -> None:
    response = client.get(address, headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert response["Content-Type"].partition(";")[0] == kind


@pytest.mark.parametrize("status", [200, 404])
def test_every_answer_carries_its_request_id(client: Client, db: None, status: int) -> None:
    address = "/healthz" if status == 200 else "/nowhere/"
    assert client.get(address, headers={"X-Request-ID": "from-the-proxy-1"})["X-Request-ID"] == "from-the-proxy-1"
    made = client.get(address, headers={"X-Request-ID": "bad id\twith spaces"})["X-Request-ID"]
    assert made != "bad id\twith spaces"
    assert len(made) >= 8
