"""What Django and the REST framework say is Chinese on Chinese pages, and addresses people as 您."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
import rest_framework
from babel.messages.extract import extract_from_file
from django.test import Client
from django.utils.translation import gettext, ngettext, override

from agencies.models import Agency, Role
from agencies.people.links import one_time_link
from config.messages import KEYWORDS
from reforms.models import Measure
from tests.conftest import PersonMaker

DJANGO, REST = Path(django.__file__).parent, Path(rest_framework.__file__).parent
FILES = [
    *(DJANGO / "forms").glob("*.py"),
    *(DJANGO / "db" / "models").rglob("*.py"),
    *(DJANGO / "core").glob("*.py"),
    *(DJANGO / "contrib" / "auth" / f"{name}.py" for name in ("forms", "models", "password_validation", "validators")),
    *(REST / f"{name}.py" for name in ("exceptions", "fields", "relations", "serializers", "validators")),
]
NEVER_ALONE = {"IPv4", "IPv6", "URL", ":?.!", ":", "…"}


def messages_of(file: Path) -> Iterator[tuple[str, ...]]:
    for _line, found, _comments, _context in extract_from_file("python", file, keywords=KEYWORDS):
        ids = (found,) if isinstance(found, str) else tuple(part for part in found if isinstance(part, str))
        if ids and ids[0] not in NEVER_ALONE:
            yield ids


def said(ids: tuple[str, ...]) -> str:
    return ngettext(*ids, 2) if len(ids) == 2 else gettext(ids[0])


def test_all_of_it_is_chinese_and_polite() -> None:
    with override("zh-hans"):
        found = {ids: said(ids) for file in FILES for ids in messages_of(file)}
    assert len(found) > 150
    assert {ids: text for ids, text in found.items() if "你" in text or not re.search("[一-鿿]", text)} == {}


@pytest.mark.parametrize(
    ("password", "chinese", "english"),
    [
        ("q7!x", "密码太短，至少8个字符。", "This password is too short. It must contain at least 8 characters."),
        ("password", "这个密码太常见，容易被猜中。", "This password is too common."),
        ("9182736450", "密码不能全是数字。", "This password is entirely numeric."),
    ],
)
def test_a_weak_password_is_refused_in_the_language_of_the_page(
    person: PersonMaker, password: str, chinese: str, english: str
) -> None:
    user = person(Role.VIEWER)
    for language, words in (("zh-hans", chinese), ("en", english)):
        client = Client()
        client.cookies["django_language"] = language
        link = "/" + one_time_link(user).split("/", 3)[3]
        form = client.get(link, follow=True).redirect_chain[-1][0]
        answer = client.post(form, {"new_password1": password, "new_password2": password}).content.decode()
        assert words in answer
        assert "你" not in answer


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "请求内容不是有效的JSON（第1行第2个字符）。"), ("en", "The body is not valid JSON")],
)
def test_what_is_no_json_is_said_in_the_language_of_the_caller(
    client: Client, led: Measure, transport: Agency, bearer: Any, language: str, words: str
) -> None:
    headers = bearer(transport) | {"Accept-Language": language}
    address = f"/api/v1/measures/{led.pk}/reports"
    answer = client.post(address, b"{x", content_type="application/json", headers=headers)
    assert (answer.status_code, words in answer.json()["detail"]) == (400, True)
