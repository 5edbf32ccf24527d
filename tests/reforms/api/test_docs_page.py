"""接口: the page that says what the API does, in the language of its reader."""

import re

import pytest
from django.test import Client
from lxml import html

from agencies.lib.chinese import has_chinese
from reforms.api.docs import document

PROSE = '//section[@class="operation"]/p | //section[@class="operation"]//td'


def said(client: Client, language: str) -> list[str]:
    client.cookies["django_language"] = language
    tree = html.fromstring(client.get("/api/docs/").content)
    return [" ".join(one.text_content().split()) for one in tree.xpath(PROSE)]


def test_in_chinese_every_description_is(client: Client, db: None) -> None:
    english = [text for text in said(client, "zh-hans") if re.search(r"[A-Za-z]+ [A-Za-z]+", text)]
    assert not [text for text in english if not has_chinese(text)]


def test_in_english_names_of_filters_are_english_too(client: Client, db: None) -> None:
    texts = said(client, "en")
    assert "The counts of the overview." in texts
    # What the office calls its steps stands in Chinese beside the English.
    assert not [text for text in texts if has_chinese(text) and not re.search("[A-Za-z]{3}", text)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_document_is_the_same_whatever_the_language_of_who_asks_first(
    client: Client, db: None, language: str
) -> None:
    document.cache_clear()
    client.cookies["django_language"] = language
    assert client.get("/api/v1/openapi.json").json() == document("zh-hans")
