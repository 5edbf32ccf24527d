"""What a visitor's answers are like on their way: compressed where that helps, and without cookies, so that caches can
keep them."""

import gzip
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reforms.models import ReformList
from tests.conftest import SLUG
from tests.test_access_matrix import OK, TABLE, objects

__all__ = ["objects"]  # a fixture of the matrix
# Where one signs in a form needs its token, and that a cookie.
SIGNING_IN = {"sign-in", "code"}
ZIPPED = {"Accept-Encoding": "gzip, deflate"}


def test_no_page_for_visitors_sets_a_cookie(objects: dict[str, Any], public: ReformList) -> None:
    set_by = {}
    for name, row in TABLE.items():
        if row.get.get("anonymous") == OK and name not in SIGNING_IN:
            address = reverse(name, kwargs={key: objects.get(value, value) for key, value in row.kwargs.items()})
            answer = Client().get(address)
            if answer.cookies:
                set_by[name] = list(answer.cookies)
    assert set_by == {}


def test_a_visitor_reads_in_another_language_without_a_token(public: ReformList) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/language/", {"language": "en", "next": "/measures/"})["Location"] == "/measures/"
    assert '<html lang="en"' in client.get("/measures/").content.decode()


@pytest.mark.parametrize("address", ["/", "/measures/", "/api/v1/measures", "/measures/export/csv/"])
def test_text_is_sent_compressed(client: Client, public: ReformList, address: str) -> None:
    plain, zipped = client.get(address), client.get(address, headers=ZIPPED)
    assert zipped["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in zipped["Vary"]
    sent, whole = _content(zipped), _content(plain)
    assert gzip.decompress(sent) == whole
    assert len(sent) < len(whole) / 2.5


def test_files_that_are_compressed_already_are_left_alone(client: Client, public: ReformList) -> None:
    answer = client.get(reverse("edition-file", args=[SLUG, 1, "docx"]), headers=ZIPPED)
    assert "Content-Encoding" not in answer
    assert _content(answer)[:2] == b"PK"


def test_an_etag_that_was_sent_with_a_compressed_answer_is_known_again(client: Client, public: ReformList) -> None:
    first = client.get("/api/v1/measures", headers=ZIPPED)
    assert first["ETag"].startswith("W/"), "not the same bytes as without"
    assert client.get("/api/v1/measures", headers=ZIPPED | {"If-None-Match": first["ETag"]}).status_code == 304


def _content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
