"""The real list's facts are the same in the database, on the pages and in the export."""

import csv
import io

from django.test import Client

from reforms.models import Assignment, Item, Measure, PrintedRow, ReformList, Section
from tests.reforms.shown import FACTS, LEADS, NAMES, PRINTED, RESPONSIBLE, get, plain

PER_SECTION = {1: 27, 2: 17, 3: 14, 4: 14, 5: 30, 6: 14, 7: 15, 8: 11, 9: 9, 10: 17, 11: 33, 12: 15}
SEVERAL = {7: 2, 24: 2, 35: 3, 51: 4, 66: 3, 68: 5, 69: 4}


def test_the_database_holds_what_the_list_prints(reform_list: ReformList) -> None:
    assert Section.objects.count() == 12
    assert Item.objects.count() == 200
    assert Item.objects.filter(is_national=True).count() == 101
    assert Measure.objects.count() == PrintedRow.objects.count() == 216
    assert Measure.objects.filter(item__is_national=True).count() == 114
    assert Measure.objects.filter(deadline__isnull=False).count() == 185
    assert Measure.objects.filter(is_standing=True).count() == 31
    assert Assignment.objects.values("printed_name").distinct().count() == len(NAMES) == 74
    assert Assignment.objects.filter(part="lead").count() == sum(LEADS.values()) == 320
    assert Assignment.objects.filter(part="responsible").count() == sum(RESPONSIBLE.values()) == 310


def test_every_measure_is_as_printed(reform_list: ReformList) -> None:
    fields = ("section__number", "section__title", "item__number", "item__is_national", "title", "seq_in_item", "text")
    stored = Measure.objects.order_by("row").values_list(
        *fields, "lead_note", "deadline_text", "deadline", "is_standing"
    )
    names = ("section_no", "section", "item_no", "national", "item_title", "seq_in_item", "text")
    printed = [
        (*(m[name] for name in names), m["lead_note"], m["deadline_text"], m["deadline"], m["ongoing"]) for m in PRINTED
    ]
    assert [(*row[:9], row[9].isoformat() if row[9] else None, row[10]) for row in stored] == printed


def test_every_agency_stands_where_it_is_printed(reform_list: ReformList) -> None:
    for part in ("lead", "responsible"):
        stored: dict[int, list[str]] = {}
        for beside in Assignment.objects.filter(part=part).order_by("measure__row", "order").select_related("measure"):
            stored.setdefault(beside.measure.row, []).append(beside.printed_name)
        assert list(stored.values()) == [m[part] for m in PRINTED if m[part]]


def test_the_page_of_the_list_counts_sections_items_and_measures(client: Client, reform_list: ReformList) -> None:
    tree = get(client, "/lists/shenzhen-2022/").tree
    rows = tree.xpath("(//table)[1]/tbody/tr")
    named = [row.xpath("string(./th/a)").split() for row in rows]
    assert [title for _number, title in named] == [section["title"] for section in FACTS["sections"]]
    counts = {int(number): row.xpath("./td/a/text()") for (number, _title), row in zip(named, rows, strict=True)}
    assert {no: int(measures) for no, (_items, measures) in counts.items()} == PER_SECTION
    assert sum(int(items) for items, _measures in counts.values()) == 200


def test_the_page_of_measures_counts_the_same(client: Client, reform_list: ReformList) -> None:
    links = get(client, "/measures/").facet_links
    sections = {int(link.label.split()[0]): link.count for link in links if link.facet == "任务类别"}
    assert sections == PER_SECTION
    counts = {(link.facet, link.label): link.count for link in links}
    assert counts["时限", "2022年3月31日"] == 17
    assert counts["时限", "2022年6月30日"] == 66
    assert counts["时限", "2022年12月31日"] == 102
    assert counts["时限", "未印发时限"] == counts["是否持续巩固", "是"] == 31
    assert counts["国家改革任务", "是"] == 114
    assert counts["牵头单位", "市市场监管局"] == 60


def test_the_export_counts_the_same(client: Client, reform_list: ReformList) -> None:
    content = b"".join(client.get("/measures/export/csv/").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert len(rows) == 216
    assert len({row["序号"] for row in rows}) == 200
    assert len({row["序号"] for row in rows if row["序号"].endswith("*")}) == 101
    assert len({row["任务类别"] for row in rows}) == 12
    assert sum(bool(row["印发时限"]) for row in rows) == 185
    assert sum(row["完成时限"] == "已落地，持续巩固提升" for row in rows) == 31
    assert sum("市市场监管局" in row["牵头单位"] for row in rows) == 60


def test_items_with_several_measures_show_them_all(client: Client, reform_list: ReformList) -> None:
    found = {number: len(get(client, f"/lists/shenzhen-2022/items/{number}/").measure_ids) for number in SEVERAL}
    assert found == SEVERAL


def test_item_seven_has_two_titles(client: Client, reform_list: ReformList) -> None:
    shown = plain(get(client, "/lists/shenzhen-2022/items/7/").text)
    assert "开展“一照多址”改革" in shown
    assert "探索“一证多址”改革" in shown
