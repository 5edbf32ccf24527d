"""总览: the sentence is true, and every number on it is the number of rows behind its link."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client

from agencies.access import NOBODY
from agencies.models import Role, User
from reforms.catalogue.filters import MeasureFilter
from reforms.models import ReformList
from tests.conftest import ON, PersonMaker

NUMBER_LINK = re.compile(r'<a[^>]*href="(/measures/\?[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def count_behind(address: str) -> int:
    """How many measures the address asks for, to a visitor."""
    data = QueryDict(unescape(address).partition("?")[2])
    filters = MeasureFilter.read(data, who=NOBODY, today=ON)
    assert filters.problems() == []
    return filters.ordered().count()


def number_links(html: str) -> list[tuple[str, int]]:
    """Links to measures whose whole text is a number (the lights carry their word before it)."""
    links = []
    for address, inner in NUMBER_LINK.findall(html):
        text = re.sub(r"<[^>]+>", " ", inner).split()
        if text and text[-1].isdigit():
            links.append((address, int(text[-1])))
    return links


def test_it_says_where_the_list_stands(client: Client, demo: ReformList) -> None:
    text = re.sub(r"<[^>]+>", "", client.get("/").content.decode())
    assert (
        "截至2022年6月15日，清单共200项改革事项、216条具体举措：持续巩固31条，已销号24条，待核验6条，"
        "正常推进92条，临近到期52条，待报送8条，逾期3条。持续巩固和已销号合计55条，占25.5%。"
    ) in text


def test_it_tells_visitors_only_what_is_printed_where_status_is_not_public(
    client: Client, reform_list: ReformList
) -> None:
    text = re.sub(r"<[^>]+>", "", client.get("/").content.decode())
    assert "清单共200项改革事项、216条具体举措，其中185条印有完成时限，31条已落地、持续巩固提升。" in text
    assert "逾期" not in text.replace("不计逾期", "")


@pytest.mark.parametrize("address", ["/", "/?list=shenzhen-2022"])
def test_every_number_is_the_number_of_rows_behind_its_link(client: Client, demo: ReformList, address: str) -> None:
    pages = [client.get(address, {"lead_page": number}).content.decode() for number in (1, 2)]
    links = dict(link for page in pages for link in number_links(page))
    assert len(links) > 200
    wrong = {link: (said, found) for link, said in links.items() if (found := count_behind(link)) != said}
    assert wrong == {}


def test_it_says_what_to_do_when_there_is_no_list(
    client: Client, reform_list: ReformList, person: PersonMaker, signed_in: Callable[[User], Client]
) -> None:
    ReformList.objects.update(archived_on=ON)
    assert "还没有公开的清单" in client.get("/").content.decode()
    assert 'href="/imports/"' in signed_in(person(Role.ADMINISTRATOR)).get("/").content.decode()
