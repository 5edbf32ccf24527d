"""补录 in bulk: ticked, uploaded or pasted; checked cell by cell, shown, confirmed."""

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import html
from openpyxl import Workbook

from agencies.models import Role, User
from importers.backfill import MOST_ROWS
from importers.pages import backfill as filling
from reforms.models import Measure, Notice, ProgressReport, ReformList
from tests.conftest import SLUG, PersonMaker
from tests.reforms.shown import plain

SignIn = Callable[[User], Client]
ADDRESS = f"/lists/{SLUG}/fill-in/"
REMINDERS = f"/lists/{SLUG}/reminders/"


@pytest.fixture
def office(signed_in: SignIn, person: PersonMaker, reform_list: ReformList) -> Client:
    return signed_in(person(Role.SUPERVISOR))


@pytest.fixture
def single(reform_list: ReformList) -> Measure:
    """The only measure of its item, neither standing nor without a lead."""
    found = Measure.objects.filter(reform_list=reform_list, is_standing=False, duties__part="lead")
    return next(measure for measure in found.order_by("row") if measure.item.measures.count() == 1)


@pytest.fixture
def several(reform_list: ReformList) -> Measure:
    """The second measure of an item that has more."""
    found = Measure.objects.filter(reform_list=reform_list, is_standing=False, seq_in_item=2, duties__part="lead")
    return found.order_by("row")[0]


def pasted(office: Client, text: str) -> Any:
    return office.post(ADDRESS, {"pasted": text})


def confirmed(office: Client, shown: Any) -> Any:
    """What the preview hands on, sent."""
    return office.post(ADDRESS, {"confirmed": "1", "rows": shown.context["text"]}, follow=True)


def refused(response: Any) -> list[tuple[int, str]]:
    assert response.status_code == 422
    assert not ProgressReport.objects.exists()
    return [(one.row, one.cell) for one in response.context["refusals"]]


def test_all_that_are_ticked_may_have_one_day(office: Client, single: Measure, several: Measure) -> None:
    row = {"pick": [single.pk, several.pk], "all-on": "2022-03-25", f"on-{several.pk}": "2022-03-20"}
    shown = office.post(ADDRESS, row | {f"on-{single.pk}": ""})
    assert {one.measure_id: str(one.on) for one, _measure in shown.context["rows"]} == {
        single.pk: "2022-03-25",
        several.pk: "2022-03-20",
    }
    confirmed(office, shown)
    single.refresh_from_db()
    assert (single.status, str(single.closed_on)) == ("closed", "2022-03-25")


def test_the_day_of_all_stays_when_something_is_refused(office: Client, single: Measure, several: Measure) -> None:
    row = {"pick": [single.pk, several.pk], "all-on": "2022-03-25", f"on-{several.pk}": "2099-01-01"}
    again = office.post(ADDRESS, row)
    assert refused(again)
    assert 'name="all-on" value="2022-03-25"' in again.content.decode()


def test_the_administrator_whose_safe_start_lists_it_sees_how_far_it_is(
    signed_in: SignIn, person: PersonMaker, reform_list: ReformList
) -> None:
    administrator = signed_in(person(Role.ADMINISTRATOR))
    assert f'href="{ADDRESS}"' in administrator.get(REMINDERS).content.decode()
    page = administrator.get(ADDRESS)
    assert page.status_code == 200
    assert "补录由督办人员办理" in page.content.decode()
    assert 'name="pick"' not in page.content.decode()
    assert administrator.post(ADDRESS, {"pasted": "1\t2022-03-20"}).status_code == 403


def test_ticked_shown_confirmed_and_closed_on_its_day(office: Client, single: Measure) -> None:
    row = {"pick": single.pk, f"on-{single.pk}": "2022-03-20", f"note-{single.pk}": "已印发。"}
    shown = office.post(ADDRESS, row)
    assert "已印发。" in shown.content.decode()
    assert not ProgressReport.objects.exists()
    done = confirmed(office, shown).content.decode()
    assert "已补录1条" in done
    single.refresh_from_db()
    assert (single.status, str(single.closed_on)) == ("closed", "2022-03-20")
    assert not Notice.objects.exists()


def test_pasted_from_a_sheet_with_and_without_headings(office: Client, single: Measure, several: Measure) -> None:
    number, other = single.item.number, f"{several.item.number}-2"
    shown = pasted(office, f"序号\t举措\t完成日期\t说明\n{number}\t略\t2022年3月20日\t已印发\n")
    assert [row.measure_id for row, _measure in shown.context["rows"]] == [single.pk]
    shown = pasted(office, f"{number}\t2022/3/20\t已印发\n{other}\t20220401\t正在试点\t推进中\n")
    assert [(row.measure_id, row.done) for row, _measure in shown.context["rows"]] == [
        (single.pk, True),
        (several.pk, False),
    ]
    confirmed(office, shown)
    several.refresh_from_db()
    assert (several.status, str(several.first_report_on)) == ("in_progress", "2022-04-01")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_file_is_read(office: Client, single: Measure, encoding: str) -> None:
    data = f"序号,完成日期,说明\n#{single.pk},2022-03-20,已印发\n".encode(encoding)
    shown = office.post(ADDRESS, {"file": SimpleUploadedFile("补录.csv", data)})
    assert [row.note for row, _measure in shown.context["rows"]] == ["已印发"]


def test_a_spreadsheet_with_real_dates_is_read_with_its_own_row_numbers(office: Client, single: Measure) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["补录表"])
    sheet.append(["序号", "完成日期", "说明"])
    sheet.append([single.item.number, dt.date(2022, 3, 20), "已印发"])
    sheet.append([single.item.number, "三月", "写错"])
    sheet["B3"].number_format = "yyyy-mm-dd"
    data = BytesIO()
    book.save(data)
    response = office.post(ADDRESS, {"file": SimpleUploadedFile("补录.xlsx", data.getvalue())})
    assert refused(response) == [(4, "on")]
    sheet.delete_rows(4)
    data = BytesIO()
    book.save(data)
    shown = office.post(ADDRESS, {"file": SimpleUploadedFile("补录.xlsx", data.getvalue())})
    assert [(row.row, str(row.on)) for row, _measure in shown.context["rows"]] == [(3, "2022-03-20")]


def test_every_wrong_cell_is_named_and_nothing_is_written(office: Client, single: Measure, several: Measure) -> None:
    text = f"9999\t2022-03-20\n{several.item.number}\t2022-03-20\n{single.item.number}\t三月底\t\t大概\n"
    response = pasted(office, text)
    assert refused(response) == [(1, "measure"), (2, "measure"), (3, "on"), (3, "state")]
    shown = response.content.decode()
    assert f"{several.item.number}-1、{several.item.number}-2" in shown
    assert "“三月底”不是明确的日期，请写作 2022-06-30 或 2022年6月底（须写明年份）。" in shown


@pytest.mark.parametrize(
    ("said", "day"),
    [("2022年5月底", "2022-05-31"), ("2022年5月", "2022-05-31"), ("2022年一季度", "2022-03-31")],
)
def test_a_span_of_time_is_its_last_day_and_is_shown_before_it_is_written(
    office: Client, single: Measure, said: str, day: str
) -> None:
    shown = pasted(office, f"{single.item.number}\t{said}\t已验收")
    assert [str(row.on) for row, _measure in shown.context["rows"]] == [day]
    assert f"原填 {said}" in plain(shown.content.decode())
    assert not ProgressReport.objects.exists()
    confirmed(office, shown)
    assert {str(report.on) for report in ProgressReport.objects.all()} == {day}


@pytest.mark.parametrize("said", ["5月底", "2022年", "2022年5月左右", "2022年3月、5月", "长期坚持", "今年5月"])
def test_what_names_no_certain_day_is_refused(office: Client, single: Measure, said: str) -> None:
    assert refused(pasted(office, f"{single.item.number}\t{said}")) == [(1, "on")]


def test_days_to_come_and_repeated_measures_are_refused_before_the_preview(office: Client, single: Measure) -> None:
    number = single.item.number
    assert refused(pasted(office, f"{number}\t2022-07-01")) == [(1, "on")]
    assert refused(pasted(office, f"{number}\t2022-03-01\n{number}\t2022-03-02")) == [(1, "measure"), (2, "measure")]
    assert refused(office.post(ADDRESS, {"pasted": "  "})) == [(0, "")]


def test_what_was_pasted_is_kept_to_be_mended(office: Client, single: Measure) -> None:
    response = pasted(office, f"{single.item.number}\t三月底\t不要丢")
    assert "不要丢" in response.content.decode()


def test_what_was_ticked_is_kept_and_called_by_its_item(office: Client, single: Measure) -> None:
    response = office.post(ADDRESS, {"pick": single.pk, f"note-{single.pk}": "不要丢"})
    assert f"第{single.item.number}项" in response.content.decode()
    assert "不要丢" in response.content.decode()


def test_what_is_ticked_on_each_page_of_the_pager_is_checked_together(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "PAGE_SIZE", 10)
    first, here = filled_in(office.get(ADDRESS), "第一页。")
    second, there = filled_in(office.post(ADDRESS, {**first, "to": "show=open&page=2"}), "第二页。")
    assert here != there
    back = office.post(ADDRESS, {**second, "to": "show=open&page=1"})
    assert "其他页已勾选1条，将一并核对。" in back.content.decode()
    assert dict(form_of(back).form_values())[f"note-{here}"] == "第一页。"
    shown = office.post(ADDRESS, dict(form_of(back).form_values()))
    assert {measure.pk for _row, measure in shown.context["rows"]} == {int(here), int(there)}


def form_of(response: Any) -> Any:
    page = html.fromstring(response.content.decode())
    return page.xpath('//form[.//table[contains(@class, "fill-in")]]')[0]


def filled_in(response: Any, note: str) -> tuple[dict[str, str], str]:
    """What the form sends with its first row ticked and written on; and the measure."""
    form = form_of(response)
    pk = form.xpath('.//input[@name="pick"]/@value')[0]
    row = {"pick": pk, f"on-{pk}": "2022-03-20", f"note-{pk}": note}
    return dict(form.form_values()) | row, pk


@pytest.mark.parametrize("odd", ["{", "[]", '{"1": 2}', '{"1": {"on": ""}}', '{"²": {"on":"","note":"","state":""}}'])
def test_carried_along_from_nowhere_is_nothing(office: Client, odd: str) -> None:
    assert refused(office.post(ADDRESS, {"carried": odd})) == [(0, "")]


def test_confirmed_twice_it_is_refused_the_second_time(office: Client, single: Measure) -> None:
    shown = pasted(office, f"{single.item.number}\t2022-03-20")
    confirmed(office, shown)
    again = office.post(ADDRESS, {"confirmed": "1", "rows": shown.context["text"]})
    assert again.status_code == 422
    assert "已销号" in again.content.decode()
    assert ProgressReport.objects.filter(measure=single).count() == 1


@pytest.mark.parametrize("rows", ["", "x", "1\t99999999999999999999\t2022-03-20\t1\t", "1\t1\t2022-13-20\t1\t", "\x00"])
def test_a_confirmation_that_no_preview_made_writes_nothing(office: Client, rows: str) -> None:
    response = office.post(ADDRESS, {"confirmed": "1", "rows": rows})
    assert response.status_code in (403, 422)
    assert not ProgressReport.objects.exists()


def test_a_measure_of_another_list_is_not_filled_in_here(office: Client, single: Measure) -> None:
    other = ReformList.objects.create(slug="other", title="另一份清单", year=2022)
    response = office.post(f"/lists/{other.slug}/fill-in/", {"pasted": f"#{single.pk}\t2022-03-20"})
    assert refused(response) == [(1, "measure")]
    rows = f"1\t{single.pk}\t2022-03-20\t1\t"
    assert office.post(f"/lists/{other.slug}/fill-in/", {"confirmed": "1", "rows": rows}).status_code == 403


@pytest.mark.parametrize("data", [b"PK\3\4 broken", b"\x89PNG....", b""])
def test_a_file_that_cannot_be_read_says_so(office: Client, data: bytes) -> None:
    response = office.post(ADDRESS, {"file": SimpleUploadedFile("坏.xlsx", data)})
    assert response.status_code == 422
    assert response.context["refusals"]


def test_the_switch_of_the_reminders_names_the_three_steps_and_their_state(office: Client, single: Measure) -> None:
    before = office.get(REMINDERS).content.decode()
    assert f'href="{ADDRESS}"' in before
    assert all(said in before for said in ("未填写", "尚未补录", "未开启"))
    confirmed(office, pasted(office, f"{single.item.number}\t2022-03-20"))
    office.post(REMINDERS, {"reminders_from": "2022-06-15", "reminders_on": "on", "looked": "on"})
    after = office.get(REMINDERS).content.decode()
    assert all(said in after for said in ("✔ 2022年6月15日", "✔ 已补录1条", "✔ 已开启"))


def workbook(rows: list[list[Any]]) -> SimpleUploadedFile:
    book, held = Workbook(), BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(held)
    return SimpleUploadedFile("补录.xlsx", held.getvalue())


def test_more_rows_than_somebody_can_wait_for_are_refused_with_their_bound(office: Client, single: Measure) -> None:
    rows = [[f"#{single.pk}", "2022-03-20", "已印发"]] * (MOST_ROWS + 1)
    page = office.post(ADDRESS, {"file": workbook(rows)})
    assert refused(page) == [(0, "measure")]
    assert "一次最多补录1000行" in page.content.decode()


def test_a_small_file_of_a_very_long_sheet_is_not_read(
    office: Client, reform_list: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr("importers.backfill.read_grid", lambda *_file: read.append("read"))
    file = workbook([["7", "2022-03-20", "已印发"]] * 25_000)
    assert (file.size or 0) < 1_000_000
    page = office.post(ADDRESS, {"file": file})
    assert "表格行数或内容过多" in page.content.decode()
    assert not read
