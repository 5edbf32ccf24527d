"""台账 as a page to print: the rows, the order and the day of the measures page, all of them or none."""

import itertools
from typing import Any

import pytest
from django.test import Client
from lxml import html
from lxml.html import fragment_fromstring

from reforms.models import Measure, ReformList
from reforms.pages.measures import table
from tests.reforms.large import repeated
from tests.reforms.ledger.test_ledger import sheet_for
from tests.reforms.people import Cast
from tests.reforms.shown import asked


def sheet_rows(query: str) -> int:
    return 216 if "page" in query else asked(query).measures().count()


def rows_of(client: Client, query: str) -> list[list[str]]:
    tree = client.get(f"/measures/print/{query}").context["rows"]
    return [[text for text, _foreign, _centred in row] for row in tree]


@pytest.mark.parametrize("query", ["?section=5&ordering=-deadline", "?light=overdue&on=2022-05-01", "?page=2"])
def test_it_has_what_the_workbook_prints_in_its_order(demo: ReformList, cast: Cast, signed_in: Any, query: str) -> None:
    heading, *rows = sheet_for(cast.supervisor, query).iter_rows(min_row=3, values_only=True)
    place = heading.index("具体举措")
    found = rows_of(signed_in(cast.supervisor), query)
    assert [row[place] for row in found] == [row[place] for row in rows]
    assert len(found) == sheet_rows(query)


def test_visitors_are_printed_what_they_may_read(client: Client, reform_list: ReformList) -> None:
    answer = client.get("/measures/print/?section=5").content.decode()
    assert "进展情况" not in answer
    assert "亮灯" not in answer


def test_beyond_what_is_printed_it_says_so_and_offers_the_workbook(
    client: Client, demo: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MOST_PRINTED", 100)
    answer = client.get("/measures/print/?national=true")
    assert "rows" not in answer.context
    assert "共114条，一次最多打印" in answer.content.decode()
    assert "/measures/export/xlsx/?national=true" in answer.content.decode()
    assert client.get("/measures/export/docx/?national=true")["Location"] == "/measures/print/?national=true"
    assert client.get("/measures/export/docx/?section=5").status_code == 200


def test_five_hundred_rows_come_in_answers_that_are_light_and_lose_none(
    demo: ReformList, cast: Cast, signed_in: Any
) -> None:
    """With the texts of the real list, whose 500 rows are heavier than an answer may be: what does not fit follows."""
    texts = itertools.cycle(Measure.objects.order_by("row")[:100])
    for one in itertools.islice(texts, 284):
        repeated(one, 1)
    client = signed_in(cast.supervisor)
    address, numbers, parts = "/measures/print/", [], 0
    while address:
        parts += 1
        page = client.get(address, headers={"HX-Request": "true"} if parts > 1 else {})
        assert len(page.content) < 300_000
        tree = (
            fragment_fromstring(page.content.decode(), create_parent="div")
            if parts > 1
            else html.fromstring(page.content)
        )
        numbers += [row.xpath("string(td[4])") for row in tree.xpath("//tr[count(td)>2]")]
        address = next(iter(tree.xpath("//tbody/@hx-get")), "")
        assert address == next(iter(tree.xpath("//tbody[@hx-get]//a/@href")), ""), "also without scripts"
        address = address and f"/measures/print/{address}"
    assert parts > 1
    assert sorted(numbers) == sorted(Measure.objects.counted().values_list("text", flat=True))
    assert len(numbers) == 500


def test_what_follows_says_which_rows_it_is(client: Client, reform_list: ReformList) -> None:
    """As it is seen without scripts, from the link below the rows."""
    page = client.get("/measures/print/?section=5&from=2")
    assert "以下为第3条至第" in page.content.decode()
    assert [row[0][0] for row in page.context["rows"]] == [row[0] for row in rows_of(client, "?section=5")[2:]]
    for wrong in ("-1", "x", "9" * 30):
        assert client.get(f"/measures/print/?section=5&from={wrong}").status_code == 200
