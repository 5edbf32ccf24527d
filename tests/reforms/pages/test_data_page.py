"""A list as a public front door: where it comes from, its data as files that stay, what they mean and how it counts."""

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from agencies.models import Role
from reforms.api.shapes.lists import MeasureShape
from reforms.catalogue.dictionary import FIELDS
from reforms.models import DUE_SOON_DAYS, Audience, Light, ReformList
from reforms.pages.lists.data import RULES
from tests.conftest import ON, PersonMaker
from tests.reforms.shown import get, plain, words

DATA = "/lists/shenzhen-2022/data/"
STATUS_COLUMNS = {"现行时限", "状态", "亮灯", "最近填报", "销号日期"}


def content(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


def csv_rows(client: Client, address: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(client, address).decode("utf-8-sig"))))


def told(client: Client, on: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content(client, f"{DATA}measures.json{on}"))
    return found


def test_the_whole_list_comes_in_three_forms_that_agree(client: Client, demo: ReformList) -> None:
    heading, *rows = csv_rows(client, f"{DATA}measures.csv")
    sheet: Any = load_workbook(io.BytesIO(content(client, f"{DATA}measures.xlsx"))).active
    listed = list(sheet.iter_rows(min_row=3, values_only=True))
    found = told(client)
    assert len(rows) == len(listed) - 1 == len(found["measures"]) == 216
    assert set(heading) < set(listed[0]), "the 台账 has more, and what is printed first"
    for name in set(heading) - {"印发时限", "现行时限", "最近填报", "销号日期"}:
        said = [row[listed[0].index(name)] or "" for row in listed[1:]]
        assert [row[heading.index(name)] for row in rows] == said, name
    assert set(heading) > STATUS_COLUMNS
    assert [row[heading.index("改革事项")] for row in rows] == [one["title"] for one in found["measures"]]
    assert found["on"] == ON.isoformat()
    lights = [one["light"] for one in found["measures"]]
    assert {light: lights.count(light) for light in Light.values} == client.get("/api/v1/stats").json()["lights"]


def test_the_json_is_that_of_the_api(client: Client, demo: ReformList) -> None:
    measures = client.get("/api/v1/measures?page_size=500&list=shenzhen-2022").json()["results"]
    assert told(client)["measures"] == measures


def test_a_past_day_is_that_day(client: Client, demo: ReformList) -> None:
    then = told(client, "?on=2022-05-31")
    assert then["on"] == "2022-05-31"
    assert [one["light"] for one in then["measures"]] != [one["light"] for one in told(client)["measures"]]
    assert told(client, "?on=2029-01-01")["on"] == ON.isoformat()
    for kind in ("measures.json", "measures.csv", "measures.xlsx"):
        assert client.get(f"{DATA}{kind}?on=soon").status_code == 404, "a file cannot say that it shows another day"
    assert "soon" in get(client, f"{DATA}?on=soon").text


def test_what_is_not_public_is_not_in_the_files(client: Client, reform_list: ReformList) -> None:
    heading, *_rows = csv_rows(client, f"{DATA}measures.csv")
    assert STATUS_COLUMNS.isdisjoint(heading)
    assert {one["light"] for one in told(client)["measures"]} == {None}
    page = get(client, DATA)
    assert "进展状态未公开" in page.text
    assert "closed_on" not in page.text


@pytest.mark.parametrize("audience", [Audience.OFFICE, Audience.AGENCIES])
def test_a_list_that_is_not_public_gives_nothing(
    client: Client, demo: ReformList, person: PersonMaker, audience: str
) -> None:
    ReformList.objects.update(open_to=audience)
    addresses = [DATA, *(f"{DATA}measures.{kind}" for kind in ("csv", "xlsx", "json"))]
    assert [client.get(address).status_code for address in addresses] == [404] * 4
    client.force_login(person(Role.SUPERVISOR), backend="agencies.people.sign_in.PasswordBackend")
    assert [client.get(address).status_code for address in addresses] == [200] * 4
    assert client.get(f"{DATA}measures.docx").status_code == 404


def test_every_column_and_field_is_in_the_dictionary(client: Client, demo: ReformList) -> None:
    heading, *_rows = csv_rows(client, f"{DATA}measures.csv")
    assert set(heading) == {str(field.heading) for field in FIELDS if field.heading}
    assert [field.name for field in FIELDS if field.name != "via"] != []
    assert {field.name for field in FIELDS} == set(MeasureShape().fields)
    shown = get(client, DATA).tree.xpath('//h2[@id="fields"]/following-sibling::div[1]//tbody/tr')
    assert [words(row.xpath("./th")[0]) for row in shown] == [field.name for field in FIELDS]
    for row in csv_rows(client, f"{DATA}measures.csv?on=2022-05-31")[1:3]:
        assert len(row) == len(heading)


def test_the_page_says_whose_it_is_and_on_whose_terms(client: Client, demo: ReformList) -> None:
    assert "本清单未注明使用许可" in get(client, DATA).text or demo.licence
    ReformList.objects.update(
        issuer="深圳市人民政府",
        document_number="深府〔2022〕1号",
        issued_on=dt.date(2022, 1, 31),
        link="https://www.sz.gov.cn/1.html",
        licence="注明来源即可使用",
        public_contact="12345",
    )
    for address in (DATA, "/lists/shenzhen-2022/"):
        facts = words(get(client, address).tree.xpath('//dl[@class="facts"]')[0])
        for said in (
            "深圳市人民政府",
            "深府〔2022〕1号",
            "2022年1月31日",
            "sz.gov.cn",
            "注明来源即可使用",
            "咨询 12345",
        ):
            assert said in facts
    assert "本清单未注明使用许可" not in get(client, DATA).text


def test_the_list_says_where_it_stands_to_whoever_may_know(client: Client, demo: ReformList) -> None:
    page = get(client, "/lists/shenzhen-2022/")
    counts = [int(words(one)) for one in page.tree.xpath('//ul[contains(@class, "lights")]//span[@class="count"]')]
    assert counts == [3, 52, 92, 8, 6, 24, 31]
    assert f"{DATA}" in page.text
    ReformList.objects.update(public_status=False)
    assert get(client, "/lists/shenzhen-2022/").tree.xpath('//ul[contains(@class, "lights")]') == []


def test_the_method_names_every_light_in_the_order_in_which_they_apply(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/method/")
    assert [light for light, _said in RULES] == [
        *(Light.CLOSED, Light.STANDING, Light.UNDER_REVIEW, Light.OVERDUE, Light.DUE_SOON),
        *(Light.ON_TRACK, Light.AWAITING_REPORT),
    ]
    shown = [words(one).lstrip("▲◆●○◐✔◎ ") for one in page.tree.xpath('//dl[contains(@class, "lights-said")]/dt')]
    assert shown == [str(light.label) for light, _said in RULES]
    assert f"今后{DUE_SOON_DAYS}天以内" in plain(page.text)


def test_robots_are_kept_from_endless_filters_and_find_lists(client: Client, db: None) -> None:
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /measures/?", "Disallow: /files/"} < set(lines)
    assert "Disallow: /" not in lines
    assert not [line for line in lines if line.startswith("Disallow: /lists")]


def test_the_icon_is_our_own(client: Client, db: None) -> None:
    assert client.get("/favicon.ico").headers["Location"] == "/static/icon-32.png"
    head = get(client, "/").text.partition("</head>")[0]
    assert all(name in head for name in ("icon.svg", "icon-32.png", "icon-180.png"))
