"""台账 as a page to print: the rows, the order and the day of the measures page, all of them or none."""

from typing import Any

import pytest
from django.test import Client

from reforms.models import ReformList
from reforms.pages.measures import printed, table
from tests.reforms.ledger.test_ledger import sheet_for
from tests.reforms.people import Cast
from tests.reforms.shown import asked


def sheet_rows(query: str) -> int:
    return 216 if "page" in query else asked(query).measures().count()


def rows_of(client: Client, query: str) -> list[list[str]]:
    tree = client.get(f"/measures/print/{query}").context["rows"]
    return [[text for text, _chinese, _centred in row] for row in tree]


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
    for module in (printed, table):
        monkeypatch.setattr(module, "MOST_PRINTED", 100)
    answer = client.get("/measures/print/?national=true")
    assert "rows" not in answer.context
    assert "共114条，一次最多打印" in answer.content.decode()
    assert "/measures/export/xlsx/?national=true" in answer.content.decode()
    assert client.get("/measures/export/docx/?national=true")["Location"] == "/measures/print/?national=true"
    assert client.get("/measures/export/docx/?section=5").status_code == 200
