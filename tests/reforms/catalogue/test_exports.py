"""导出: exactly the rows that the page shows under the same address, as xlsx and as csv."""

import csv
import datetime as dt
import io
import json
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook

from agencies.lib.formulas import looks_like_formula
from reforms.models import Measure, ReformList
from tests.conftest import REAL_LIST
from tests.reforms.shown import PRINTED, asked, get

PRINTED_COLUMNS = ["序号", "任务类别", "改革事项", "具体举措", "牵头单位", "责任单位", "完成时限", "印发时限"]
STATUS_COLUMNS = ["现行时限", "状态", "亮灯", "最近填报", "销号日期", "结果摘要"]


def sheet(client: Client, query: str = "") -> Any:
    response = client.get(f"/measures/export/xlsx/{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return load_workbook(io.BytesIO(b"".join(response.streaming_content)))["台账"]


def xlsx_rows(client: Client, query: str = "") -> list[list[Any]]:
    """The heading and the rows under it, in the columns of the csv: those of the 台账 that both have, in its order."""
    heading, *rows = (list(row) for row in sheet(client, query).iter_rows(min_row=3, values_only=True))
    both = [name for name in [*PRINTED_COLUMNS, *STATUS_COLUMNS] if name in heading]
    return [both, *([row[heading.index(name)] for name in both] for row in rows)]


def csv_rows(client: Client, query: str = "") -> list[list[str]]:
    response = client.get(f"/measures/export/csv/{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def json_of(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(f"/measures/export/json/{query}")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = json.loads(b"".join(response.streaming_content))
    return found


def printed_cells(measure: dict[str, Any], title: str) -> list[Any]:
    """What the 台账 says of a printed measure."""
    return [
        f"{measure['item_no']}{'*' if measure['national'] else ''}",
        measure["section"],
        title,
        measure["text"],
        "、".join(measure["lead"]) + measure["lead_note"],
        "、".join(measure["responsible"]),
        measure["deadline_text"],
        measure["deadline"] or "",
    ]


EXPECTED = [printed_cells(measure, measure["item_title"]) for measure in PRINTED]


def test_the_sheet_says_what_the_list_prints(client: Client, reform_list: ReformList) -> None:
    heading, *rows = xlsx_rows(client)
    assert heading == PRINTED_COLUMNS
    said = [[cell.date().isoformat() if isinstance(cell, dt.datetime) else cell or "" for cell in row] for row in rows]
    assert said == EXPECTED


def test_the_csv_says_what_the_list_prints(client: Client, reform_list: ReformList) -> None:
    heading, *rows = csv_rows(client)
    assert heading == PRINTED_COLUMNS
    assert rows == EXPECTED


@pytest.mark.parametrize(
    "query", ["?section=5&ordering=-deadline", "?search=区块链", "?light=overdue", "?item=68&national=false"]
)
def test_it_has_exactly_the_rows_that_the_page_shows(client: Client, demo: ReformList, query: str) -> None:
    page = get(client, f"/measures/{query}")
    assert page.total == len(page.measure_ids)
    texts = Measure.objects.in_bulk(page.measure_ids)
    expected = [texts[pk].text for pk in page.measure_ids]
    for rows in (xlsx_rows(client, query), csv_rows(client, query)):
        assert [row[3] for row in rows[1:]] == expected
    assert [row["id"] for row in json_of(client, query)["results"]] == page.measure_ids


def test_it_has_all_pages_of_what_is_found(client: Client, demo: ReformList) -> None:
    expected = list(asked("?standing=false&ordering=deadline").ordered().values_list("text", flat=True))
    query = "?standing=false&ordering=deadline&page=2"
    assert [row[3] for row in xlsx_rows(client, query)[1:]] == expected
    assert [row[3] for row in csv_rows(client, query)[1:]] == expected
    found = json_of(client, query)
    assert [row["text"] for row in found["results"]] == expected
    assert found["count"] == len(expected) == 185


def test_a_file_of_json_says_of_which_day_and_holds_what_the_api_says(client: Client, demo: ReformList) -> None:
    today, past = json_of(client, "?light=closed"), json_of(client, "?light=closed&on=2022-03-31")
    assert (today["on"], past["on"]) == ("2022-06-15", "2022-03-31")
    assert len(today["results"]) == 24 > len(past["results"]) > 0
    assert today["page"].endswith("/measures/?light=closed")
    answered = client.get("/api/v1/measures?light=closed&page_size=100").json()["results"]
    assert today["results"] == answered
    assert past["results"] == client.get("/api/v1/measures?light=closed&on=2022-03-31").json()["results"]


def test_status_is_there_for_who_may_see_it(client: Client, demo: ReformList) -> None:
    heading, *rows = csv_rows(client, "?light=closed")
    assert heading == PRINTED_COLUMNS + STATUS_COLUMNS
    assert len(rows) == 24
    assert {(row[9], row[10]) for row in rows} == {("已销号", "✔已销号")}
    assert all(row[12] for row in rows)
    assert xlsx_rows(client)[0] == PRINTED_COLUMNS + STATUS_COLUMNS


def test_status_is_not_there_for_who_may_not(client: Client, demo: ReformList) -> None:
    demo.public_status = False
    demo.save()
    assert csv_rows(client)[0] == xlsx_rows(client)[0] == PRINTED_COLUMNS
    everything = b"".join(client.get("/measures/export/csv/").streaming_content).decode()
    rows = json_of(client)["results"]
    assert {(row["status"], row["light"], row["closed_on"]) for row in rows} == {(None, None, None)}
    assert len(rows) == 216
    assert not [word for word in ("逾期", "待核验", "已销号") if word in everything]


def test_the_sheet_says_what_it_is_of_which_day_and_how_many(client: Client, demo: ReformList) -> None:
    found = sheet(client, "?light=overdue")
    assert found["A1"].value == "改革事项台账"
    legend = "　黄灯仅表示时限临近，不代表进度滞后。"
    assert found["A2"].value == f"数据截至2022年6月15日　亮灯：逾期　共3条{legend}"
    assert sheet(client, "?item=68")["A2"].value == f"数据截至2022年6月15日　事项序号：68　共5条{legend}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\n="])
def test_no_text_becomes_a_formula(client: Client, reform_list: ReformList, led: Measure, start: str) -> None:
    text = f'{start}HYPERLINK("http://example.org","点此")'
    Measure.objects.filter(pk=led.pk).update(text=text, title="=1+1", deadline_text="=NOW()")
    query = f"?item={led.item.number}"
    cells = [cell for row in sheet(client, query).iter_rows() for cell in row]
    assert text in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]
    said = [cell for row in csv_rows(client, query)[1:] for cell in row]
    assert "'" + text in said
    assert not [cell for cell in said if looks_like_formula(cell)]


def test_a_text_with_an_odd_character_can_still_be_exported(
    client: Client, reform_list: ReformList, led: Measure
) -> None:
    """A unit separator is let in with a text file; a sheet cannot hold it."""
    Measure.objects.filter(pk=led.pk).update(text="第一行\x1f第二行")
    rows = xlsx_rows(client, f"?item={led.item.number}")
    assert any("第一行" in row[3] for row in rows[1:])


def test_lines_and_quotes_survive(client: Client, reform_list: ReformList, led: Measure) -> None:
    text = '第一行，"引号"\n第二行,逗号'
    Measure.objects.filter(pk=led.pk).update(text=text)
    for rows in (xlsx_rows(client, f"?item={led.item.number}"), csv_rows(client, f"?item={led.item.number}")):
        assert text in [row[3] for row in rows]


def test_an_empty_result_is_a_file_with_its_heading(client: Client, reform_list: ReformList) -> None:
    assert csv_rows(client, "?search=不存在的词语") == [PRINTED_COLUMNS]
    assert xlsx_rows(client, "?search=不存在的词语") == [PRINTED_COLUMNS]


def test_the_file_is_named_for_what_it_is_and_its_day(client: Client, reform_list: ReformList) -> None:
    for kind in ("csv", "xlsx", "json"):
        disposition = unquote(client.get(f"/measures/export/{kind}/?on=2022-03-31")["Content-Disposition"])
        assert disposition.startswith("attachment")
        assert f"改革事项台账-2022-03-31.{kind}" in disposition


def test_there_is_no_other_kind(client: Client, reform_list: ReformList) -> None:
    assert client.get("/measures/export/ods/").status_code == 404


def test_the_page_links_to_the_export_of_itself(client: Client, demo: ReformList) -> None:
    page = get(client, "/measures/?light=overdue&section=1&section=5")
    for address in page.tree.xpath('//p[@class="exports"]/a[contains(@href, "/export/csv/")]/@href'):
        content = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(content, newline="")))) == page.total + 1


def test_with_several_lists_each_row_names_its_own(client: Client, public: ReformList) -> None:
    call_command("import_list", str(REAL_LIST), slug="second", yes=True, verbosity=0)
    ReformList.objects.update(open_to="public")
    lines = b"".join(client.get("/measures/export/csv/?search=拓展").streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("清单,序号,")
    assert {line.split(",")[0] for line in lines[1:]} == {str(public), str(ReformList.objects.get(slug="second"))}
