"""具体举措 as a tool: sorted by its heads, with the columns, the density and as many rows as one asks for."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.models import User
from reforms.catalogue.filters import STATUS_ORDERINGS
from reforms.catalogue.layout import ColumnName
from reforms.catalogue.rows import MeasureRow, all_rows
from reforms.models import Assignment, Light, Measure, ReformList
from tests.reforms.shown import Page, asked, get, plain, words

PRINTED_COLUMNS = ["序号", "改革事项与具体举措"]
USUAL = [*PRINTED_COLUMNS, "牵头单位", "责任单位", "完成时限", "亮灯"]
LIGHTS = list(Light)
VALUES: dict[str, Callable[[MeasureRow], Any]] = {
    "number": lambda row: row.row,
    "lead": lambda row: row.leads[0].id if row.leads else None,
    "deadline": lambda row: row.shown_deadline,
    "light": lambda row: LIGHTS.index(row.light) if row.light else None,
    "last_report_on": lambda row: row.last_report_on,
    "closed_on": lambda row: row.closed_on,
    "updated_at": lambda row: row.updated_at,
}


def heads(page: Page) -> dict[str, Any]:
    """The heads of the table by what they say."""
    return {words(cell): cell for cell in page.tree.xpath("//table[starts-with(@class, 'measures')]/thead//th")}


def address(head: Any) -> str:
    return str(head.xpath("./a/@href")[0])


@pytest.mark.parametrize("day", ["", "&on=2022-05-31"])
@pytest.mark.parametrize("name", VALUES)
def test_each_column_sorts_up_and_down_and_what_has_no_value_comes_last(demo: ReformList, name: str, day: str) -> None:
    Assignment.objects.filter(measure__row__lt=5, part="lead").delete()
    for ordering, down in ((name, False), (f"-{name}", True)):
        filters = asked(f"?ordering={ordering}{day}")
        values = [VALUES[name](row) for row in all_rows(filters.ordered(), filters.view)]
        there = [value for value in values if value is not None]
        assert there == sorted(there, reverse=down)
        assert values[len(there) :] == [None] * (len(values) - len(there))
        assert len(set(there)) > 1


def test_a_head_sorts_by_its_column_and_once_more_the_other_way(client: Client, demo: ReformList) -> None:
    query = "light=overdue&light=due_soon&lead=市市场监管局&on=2022-06-10&columns=lead&columns=deadline&page=2"
    page = get(client, f"/measures/?{query}")
    assert [head for head in heads(page).values() if head.get("aria-sort")] == [heads(page)["序号"]]
    up = get(client, address(heads(page)["完成时限"]))
    assert heads(up)["完成时限"].get("aria-sort") == "ascending"
    assert heads(up)["序号"].get("aria-sort") is None
    down = get(client, address(heads(up)["完成时限"]))
    assert heads(down)["完成时限"].get("aria-sort") == "descending"
    expected = list(
        asked(f"?{query[: query.index('&columns')]}&ordering=-deadline").ordered().values_list("pk", flat=True)
    )
    assert (down.measure_ids, down.chips, list(heads(down))) == (expected[:50], page.chips, list(heads(page)))
    assert address(heads(down)["序号"]).count("ordering") == 0


def test_dates_of_work_are_sorted_with_the_latest_first(client: Client, demo: ReformList) -> None:
    page = get(client, "/measures/?columns=last_report_on")
    latest = get(client, address(heads(page)["最近填报"]))
    filters = asked("?ordering=-last_report_on")
    assert latest.measure_ids == [row.id for row in all_rows(filters.ordered(), filters.view)][:50]


def test_visitors_cannot_sort_by_what_they_may_not_see(client: Client, reform_list: ReformList) -> None:
    for ordering in sorted(STATUS_ORDERINGS):
        page = get(client, f"/measures/?ordering={ordering}")
        assert page.struck == [f"排序：{ordering}"]
        assert page.total == 216
    linked = [name for name, head in heads(get(client, "/measures/")).items() if head.xpath("./a")]
    assert linked == ["序号", "牵头单位", "完成时限"]


def test_a_list_that_does_not_tell_its_status_takes_the_order_by_light_from_all(
    client: Client, demo: ReformList
) -> None:
    ReformList.objects.create(slug="quiet", title="未公开状态的清单", year=2022, open_to="public")
    page = get(client, "/measures/?ordering=light")
    assert page.struck == ["排序：light"]
    assert not heads(page)["亮灯"].xpath("./a")


def test_the_columns_are_those_that_were_chosen_in_the_order_of_the_table(client: Client, demo: ReformList) -> None:
    page = get(client, "/measures/?columns=status&columns=section&columns=closed_on&light=closed")
    assert list(heads(page)) == [*PRINTED_COLUMNS, "任务类别", "状态", "销号日期"]
    cells = [words(cell) for cell in page.tree.xpath("//table/tbody/tr[1]/td")]
    first = next(iter(all_rows(asked("?light=closed").ordered(), asked("").view)))
    assert cells[2:] == [f"{first.section_no} {first.section_title}", "已销号", day_said(first.closed_on)]
    form = page.tree.xpath("//details[@id='layout']/form")[0]
    assert sorted(value for name, value in form.form_values() if name == "columns") == [
        "closed_on",
        "section",
        "status",
    ]
    assert ("light", "closed") in form.form_values()


def day_said(day: dt.date | None) -> str:
    assert day
    return f"{day.year}年{day.month}月{day.day}日"


def test_without_a_choice_the_columns_are_the_usual_ones(client: Client, demo: ReformList) -> None:
    assert list(heads(get(client, "/measures/"))) == USUAL
    back = get(client, "/measures/?columns=lead&density=compact&page_size=20&section=1")
    usual = back.tree.xpath("//details[@id='layout']//a/@href")[0]
    assert usual == "/measures/?section=1"


def test_a_column_that_may_not_be_seen_is_struck_and_asks_to_sign_in(
    client: Client, reform_list: ReformList, reporter: User, signed_in: Callable[[User], Client]
) -> None:
    address = "/measures/?columns=lead&columns=light&columns=colour"
    page = get(client, address)
    assert page.struck == ["显示列：colour", "显示列：亮灯"]
    assert list(heads(page)) == [*PRINTED_COLUMNS, "牵头单位"]
    assert page.tree.xpath("//ul[@class='chips struck']//a[starts-with(@href, '/sign-in/')]")
    assert list(heads(get(signed_in(reporter), address))) == [*PRINTED_COLUMNS, "牵头单位", "亮灯"]


def test_several_lists_may_be_told_apart_by_a_column(client: Client, demo: ReformList) -> None:
    assert "清单" not in plain(get(client, "/measures/").text.split('id="layout"')[1].split("</form>")[0])
    ReformList.objects.create(slug="second", title="第二批清单", year=2023, open_to="public", public_status=True)
    page = get(client, "/measures/?columns=list&page_size=20")
    cells = page.tree.xpath("//table/tbody/tr/td[3]")
    assert [words(cell) for cell in cells] == [str(demo)] * 20


def test_so_many_rows_stand_on_a_page_as_one_asks_for(client: Client, demo: ReformList) -> None:
    whole = list(asked("").ordered().values_list("pk", flat=True))
    for size in (20, 50, 100, 200):
        assert get(client, f"/measures/?page_size={size}").measure_ids == whole[:size]
    assert get(client, "/measures/?page_size=200&page=2").measure_ids == whole[200:]
    page = get(client, "/measures/?page_size=5000")
    assert (page.struck, page.measure_ids) == (["每页条数：5000"], whole[:50])


def test_a_long_page_with_all_its_columns_is_no_heavier_than_an_answer_may_be(
    client: Client, demo: ReformList, django_assert_max_num_queries: Any
) -> None:
    query = "&".join(f"columns={name}" for name in ColumnName.values)
    client.get("/measures/")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/measures/?page_size=20&{query}")
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        with django_assert_max_num_queries(len(few)):
            assert len(client.get(f"/measures/?page_size=200&{query}").content) < 300_000


def test_rows_may_stand_closer(client: Client, demo: ReformList) -> None:
    assert get(client, "/measures/?density=compact").tree.xpath("//table/@class") == ["measures compact"]
    assert get(client, "/measures/?density=loose").struck == ["行距：loose"]


def test_files_hold_every_column_and_all_rows_in_the_order_of_the_page(client: Client, demo: ReformList) -> None:
    page = get(client, "/measures/?columns=lead&density=compact&page_size=20&section=2&ordering=-lead")
    links = page.tree.xpath("//p[@class='exports']/a/@href")
    assert {link.partition("?")[2] for link in links} == {"section=2&ordering=-lead"}
    # Also from an address that somebody wrote.
    for query in ("section=2&ordering=-lead", "section=2&ordering=-lead&columns=lead&page_size=20"):
        lines = list(
            csv.reader(io.StringIO(client.get(f"/measures/export/csv/?{query}").getvalue().decode("utf-8-sig")))
        )
        assert lines[0][:5] == ["序号", "任务类别", "改革事项", "具体举措", "牵头单位"]
        expected = list(asked("?section=2&ordering=-lead").ordered().values_list("text", flat=True))
        assert [line[3] for line in lines[1:]] == expected


def test_the_api_takes_no_layout(client: Client, demo: ReformList) -> None:
    assert client.get("/api/v1/measures?columns=lead").status_code == 400
    found = client.get("/api/v1/measures?ordering=-light&page_size=216").json()["results"]
    assert [one["id"] for one in found] == list(asked("?ordering=-light").ordered().values_list("pk", flat=True))


def test_elsewhere_the_table_has_its_usual_columns_and_is_not_sorted(client: Client, demo: ReformList) -> None:
    section = get(client, f"{demo.get_absolute_url()}sections/1/?columns=lead")
    assert list(heads(section)) == USUAL
    assert not section.tree.xpath("//table//th/a")
    assert len(section.measure_ids) == Measure.objects.filter(section__number=1).count()
