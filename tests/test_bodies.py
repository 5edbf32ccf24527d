"""How much a request may bring: more than its address takes is refused before any of it is read."""

from typing import Any

import pytest
from django.conf import settings as portal
from django.test import Client

from agencies.models import Role
from tests.conftest import PersonMaker
from tests.reforms.api.contract import PROBLEM

MEGABYTE = 1_048_576
MULTIPART = "multipart/form-data; boundary=x"


class Untouched:
    """A body of any size, of which nothing may be read."""

    def read(self, *_size: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def send(client: Client, address: str, size: int, **more: Any) -> Any:
    facts = {"CONTENT_LENGTH": str(size), "CONTENT_TYPE": MULTIPART, "wsgi.input": Untouched()}
    return client.generic("POST", address, **(facts | more))


def is_let_in(client: Client, address: str, size: int) -> bool:
    """Whether the page itself decides what to do with it."""
    try:
        return bool(send(client, address, size).status_code != 413)
    except AssertionError as read:
        return str(read) == "the body was read"


@pytest.mark.parametrize("address", ["/sign-in/", "/imports/", "/reports/1/evidence/", "/language/", "/code/"])
def test_strangers_bring_no_more_than_a_form(client: Client, db: None, address: str) -> None:
    answer = send(Client(enforce_csrf_checks=True), address, 400 * MEGABYTE)
    assert answer.status_code == 413
    assert "这里一次最多接受4MB" in answer.content.decode()


@pytest.mark.parametrize("address", ["/people/", "/measures/1/report/", "/people/import/"])
def test_nor_do_people_on_pages_that_take_no_large_files(client: Client, person: PersonMaker, address: str) -> None:
    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    assert send(client, address, 5 * MEGABYTE).status_code == 413


@pytest.mark.parametrize(("address", "most"), [("/imports/", 24), ("/reports/1/evidence/", 204)])
def test_files_are_taken_up_to_the_limit_of_their_page(
    client: Client, person: PersonMaker, address: str, most: int
) -> None:
    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    too_much = send(client, address, most * MEGABYTE + 1)
    assert (too_much.status_code, f"最多接受{most}MB" in too_much.content.decode()) == (413, True)
    assert is_let_in(client, address, most * MEGABYTE)


def test_the_api_says_so_as_a_problem(client: Client, db: None) -> None:
    answer = send(client, "/api/v1/measures/1/reports", 5 * MEGABYTE, CONTENT_TYPE="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)
    assert answer.json()["code"] == "too_large"


def test_a_body_of_unknown_length_is_refused(client: Client, db: None) -> None:
    page = client.generic("POST", "/sign-in/", HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert (page.status_code, "没有注明长度" in page.content.decode()) == (411, True)


def test_a_form_of_too_many_letters_is_said_to_be_too_large(client: Client, db: None) -> None:
    letters = portal.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    answer = client.post("/sign-in/", {"username": "x" * letters})
    assert (answer.status_code, "提交的内容太大" in answer.content.decode()) == (413, True)
