"""离线填报: the duties go out as a workbook and exactly the cells that were edited come back as reports."""

import io
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html
from openpyxl import Workbook, load_workbook

from agencies.access import Principal
from agencies.models import Agency, Change, Role, User
from reforms.lib.words import named_text
from reforms.models import Duty, Measure, ProgressReport, ReformList
from reforms.reports.drafts import save_draft
from reforms.reports.submit import ReportContent, submit_report
from reforms.workbook.layout import EDITABLE, HEADING_ROW, LOCKED, OUTLOOKS, REPORTED
from tests.conftest import ON, PersonMaker, with_another_end
from tests.reforms.large import repeated

SignIn = Callable[[User], Client]
FIRST = HEADING_ROW + 1
COLUMN = {name: at for at, name in enumerate((*LOCKED, *EDITABLE), 2)}


class Paper:
    """A downloaded workbook, to be filled in."""

    def __init__(self, data: bytes) -> None:
        self.book = load_workbook(io.BytesIO(data))
        self.sheet: Any = self.book["填报"]

    @property
    def rows(self) -> range:
        return range(FIRST, self.sheet.max_row + 1)

    def row_of(self, measure: Measure) -> int:
        return next(row for row in self.rows if self.sheet.cell(row, 1).value == measure.pk)

    def write(self, row: int, name: str, value: Any) -> None:
        self.sheet.cell(row, COLUMN[name]).value = value

    def text(self, row: int, name: str) -> str:
        return self.sheet.cell(row, COLUMN[name]).value or ""

    @property
    def data(self) -> bytes:
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


@pytest.fixture
def desk(signed_in: SignIn, reporter: User, demo: ReformList) -> Client:
    return signed_in(reporter)


def paper(client: Client, query: str = "") -> Paper:
    return Paper(client.get(f"/desk/sheet/file/{query}").content)


def upload(client: Client, data: bytes) -> Any:
    return client.post("/desk/sheet/", {"file": SimpleUploadedFile("填报表.xlsx", data)})


def proposed(answer: Any) -> set[tuple[int, str, str]]:
    """The edits that the preview shows: measure, cell, text."""
    found = answer.context["findings"].proposals
    return {(one.line.measure_id, edit.name, edit.after) for one in found for edit in one.edits}


def confirm(client: Client, answer: Any, **more: Any) -> Any:
    page = answer.content.decode()
    rows = re.findall(r'name="rows" value="(\d+)"\s+checked', page)
    data = {"shown": answer.context["sealed"], "rows": rows} | more
    return client.post("/desk/sheet/confirm/", data)


def refusal(answer: Any) -> str:
    assert answer.status_code == 422
    return str(answer.context["form"].errors["file"][0])


def reports() -> int:
    return ProgressReport.objects.filter(is_demo=False).exclude(state="draft").count()


def acting(user: User) -> Principal:
    return Principal.of_user(user)


def test_it_holds_the_agencys_open_duties_with_their_last_text(desk: Client, transport: Agency) -> None:
    sheet = paper(desk)
    held = Duty.objects.of([transport.pk]).filter(measure__disposition="active").exclude(measure__status="closed")
    assert {sheet.sheet.cell(row, 1).value for row in sheet.rows} == set(held.values_list("measure", flat=True))
    reported = ProgressReport.objects.filter(agency=transport, measure__status="in_progress")[0]
    assert sheet.text(sheet.row_of(reported.measure), "progress") == reported.progress


def test_only_what_may_be_filled_in_can_be_changed(desk: Client) -> None:
    sheet = paper(desk).sheet
    assert sheet.protection.sheet
    locked = [sheet.cell(FIRST, column).protection.locked for column in range(1, sheet.max_column + 1)]
    assert locked == [True] * (1 + len(LOCKED)) + [False] * len(EDITABLE)
    [choice] = sheet.data_validations.dataValidation
    assert choice.formula1 == f'"{",".join(OUTLOOKS.values())}"'


def test_without_an_edit_nothing_is_proposed(signed_in: SignIn, person: PersonMaker, demo: ReformList) -> None:
    market = Agency.objects.get(name="市市场监管局")
    report = ProgressReport.objects.filter(agency=market, state="submitted")[0]
    ProgressReport.objects.filter(pk=report.pk).update(progress="=1+1\r\n第二行\t缩进 _x000D_ \x0b尾 ")
    client = signed_in(person(Role.REPORTER, agency=market))
    handed_out = client.get("/desk/sheet/file/").content
    for data in (handed_out, Paper(handed_out).data):
        findings = upload(client, data).context["findings"]
        assert (findings.proposals, findings.problems, findings.notes) == ([], [], [])


@pytest.mark.parametrize("seed", range(4))
def test_exactly_the_edited_cells_are_proposed_and_confirmed(
    signed_in: SignIn, person: PersonMaker, demo: ReformList, seed: int
) -> None:
    chance = random.Random(seed)
    market = Agency.objects.get(name="市市场监管局")
    client = signed_in(person(Role.REPORTER, agency=market))
    sheet, edits = paper(client), set()
    for row in chance.sample(list(sheet.rows), 12):
        pk = sheet.sheet.cell(row, 1).value
        if not sheet.text(row, "progress"):
            edits.add((pk, "progress", f"第{row}行的进展。"))
        for name in chance.sample(list(EDITABLE), 2):
            others = [one for one in OUTLOOKS.values() if one != sheet.text(row, "outlook")]
            text = chance.choice(others) if name == "outlook" else f"{name}\n第{row}行的新内容。"
            edits = {edit for edit in edits if edit[:2] != (pk, name)} | {(pk, name, text)}
    places = {sheet.sheet.cell(row, 1).value: row for row in sheet.rows}
    for pk, name, text in edits:
        sheet.write(places[pk], name, text)
    answer = upload(client, sheet.data)
    assert proposed(answer) == edits
    assert answer.context["findings"].problems == []
    receipt = confirm(client, answer)
    assert receipt.context["failed"] == []
    reported = {pk for pk, name, _text in edits if name in REPORTED}
    assert set(ProgressReport.objects.filter(is_demo=False).values_list("measure", flat=True)) == reported
    again = paper(client)
    assert {(pk, name, again.text(places[pk], name)) for pk, name, _text in edits} == edits


def test_nothing_is_written_before_it_is_confirmed_and_twice_is_once(
    desk: Client, led: Measure, transport: Agency
) -> None:
    sheet = paper(desk)
    sheet.write(sheet.row_of(led), "progress", "已完成联调。")
    answer = upload(desk, sheet.data)
    assert reports() == 0
    assert [len(confirm(desk, answer).context["done"]) for _twice in range(2)] == [1, 1]
    assert reports() == 1
    assert "没有可报送的改动" in upload(desk, sheet.data).content.decode()


def test_only_what_was_shown_is_sent_and_only_to_who_saw_it(
    desk: Client, led: Measure, transport: Agency, person: PersonMaker, signed_in: SignIn
) -> None:
    sheet = paper(desk)
    sheet.write(sheet.row_of(led), "progress", "已完成联调。")
    answer = upload(desk, sheet.data)
    forged = with_another_end(answer.context["sealed"])
    assert confirm(desk, answer, shown=forged).status_code == 422
    assert confirm(desk, answer, rows=[]).context["left"] == 1
    other = signed_in(person(Role.APPROVER, agency=transport))
    assert confirm(other, answer).status_code == 422
    assert reports() == 0


def test_who_is_in_charge_is_set_without_a_report(desk: Client, led: Measure, transport: Agency) -> None:
    sheet = paper(desk)
    sheet.write(sheet.row_of(led), "division", "运输处")
    confirm(desk, upload(desk, sheet.data))
    assert reports() == 0
    assert Duty.objects.get(measure=led, agency=transport).division == "运输处"
    assert Change.objects.filter(action="duty.officer_named", object_id=led.pk).count() == 1


def test_a_report_made_meanwhile_is_shown_and_left_unticked(
    desk: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    sheet = paper(desk)
    sheet.write(sheet.row_of(led), "next_step", "文件中的下一步。")
    said = ReportContent(progress="页面上的进展。", next_step="页面上的下一步。")
    submit_report(led.pk, transport.pk, said, who=acting(reporter), on=ON)
    answer = upload(desk, sheet.data)
    page = answer.content.decode()
    assert all(text in page for text in ("文件中的下一步。", "页面上的下一步。", "又有新的填报"))
    assert confirm(desk, answer).context["left"] == 1
    confirm(desk, answer, rows=[led.pk])
    last = ProgressReport.objects.filter(measure=led)[0]
    assert (last.progress, last.next_step) == ("页面上的进展。", "文件中的下一步。")


def too_late(desk: Client, led: Measure, meanwhile: Callable[[], object]) -> str:
    """The receipt of a row that something happened to between preview and confirmation."""
    sheet = paper(desk)
    sheet.write(sheet.row_of(led), "progress", "文件中的进展。")
    answer = upload(desk, sheet.data)
    meanwhile()
    receipt = confirm(desk, answer)
    assert len(receipt.context["failed"]) == 1
    page: str = receipt.content.decode()
    return page


def test_a_report_made_after_the_preview_stops_the_row_and_both_texts_are_there(
    desk: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    said = ReportContent(progress="页面上的进展。")
    page = too_late(desk, led, lambda: submit_report(led.pk, transport.pk, said, who=acting(reporter), on=ON))
    assert all(text in page for text in ("文件中的进展。", "页面上的进展。"))


def test_a_draft_is_not_replaced_unless_one_ticks_it(
    desk: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    sheet = paper(desk)
    sheet.write(sheet.row_of(led), "progress", "文件中的进展。")
    save_draft(led.pk, transport.pk, {"progress": "写到一半"}, seen=0, who=acting(reporter), on=ON)
    answer = upload(desk, sheet.data)
    assert "写到一半" in answer.content.decode()
    assert confirm(desk, answer).context["left"] == 1


def test_a_draft_written_on_after_the_preview_stops_the_row_and_both_texts_are_there(
    desk: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    text = {"progress": "同事写到一半"}
    page = too_late(desk, led, lambda: save_draft(led.pk, transport.pk, text, seen=0, who=acting(reporter), on=ON))
    assert all(text in page for text in ("文件中的进展。", "同事写到一半", "同事改写了草稿"))
    assert not ProgressReport.objects.filter(measure=led, progress="文件中的进展。").exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("progress", "=SUM(A1:A9)", "是公式"),
        ("progress", "长" * 5001, "5001字，超过5000字"),
        ("division", "长" * 81, "超过80字"),
        ("progress", 0.8, "是数字或日期"),
        ("outlook", "很顺利", "推进情况只能是"),
        ("progress", "", "请填写工作进展"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named(desk: Client, led: Measure, name: str, value: Any, said: str) -> None:
    sheet = paper(desk)
    row = sheet.row_of(led)
    sheet.write(row, name, value)
    if not value:
        sheet.write(row, "next_step", "有下一步，没有进展。")
    answer = upload(desk, sheet.data)
    [problem] = answer.context["findings"].problems
    cell = sheet.sheet.cell(row, COLUMN[name]).coordinate
    assert problem.startswith(f"{named_text(led.item.number, led.seq_in_item)}，{cell}："), "and which measure that is"
    assert said in problem
    assert proposed(answer) == set()


def test_locked_cells_are_ignored_with_a_note(desk: Client, led: Measure) -> None:
    sheet = paper(desk)
    row = sheet.row_of(led)
    sheet.write(row, "deadline", "2099-12-31")
    sheet.write(row, "progress", "已完成联调。")
    answer = upload(desk, sheet.data)
    assert answer.context["findings"].notes == [f"第{row}行：灰色单元格被改动，已忽略该改动。"]
    assert proposed(answer) == {(led.pk, "progress", "已完成联调。")}


def test_rows_may_be_sorted_and_left_out(desk: Client, led: Measure) -> None:
    sheet = paper(desk)
    sheet.write(sheet.row_of(led), "progress", "已完成联调。")
    kept = [[cell.value for cell in sheet.sheet[row]] for row in sheet.rows if row % 2 or row == sheet.row_of(led)]
    gone = len(sheet.rows) - len(kept)
    sheet.sheet.delete_rows(FIRST, len(sheet.rows))
    for values in reversed(kept):
        sheet.sheet.append(values)
    answer = upload(desk, sheet.data)
    assert proposed(answer) == {(led.pk, "progress", "已完成联调。")}
    assert answer.context["findings"].notes == [f"下载时的行有{gone}行不在文件中，视为没有改动。"]


def test_inserted_doubled_and_unknown_rows_are_not_taken(desk: Client, led: Measure, market: Agency) -> None:
    sheet = paper(desk)
    row, last = sheet.row_of(led), sheet.sheet.max_row
    foreign = Duty.objects.of([market.pk]).exclude(measure__duties__agency__name="市交通运输局")[0].measure_id
    for pk in (led.pk, foreign, None):
        sheet.sheet.append([pk, *["x"] * 13])
    problems = upload(desk, sheet.data).context["findings"].problems
    assert [problem.partition("：")[0] for problem in problems] == [
        f"第{n}行" for n in (row, last + 1, last + 2, last + 3)
    ]


def test_what_is_no_longer_ones_duty_is_not_taken(desk: Client, led: Measure) -> None:
    sheet = paper(desk)
    row = sheet.row_of(led)
    sheet.write(row, "progress", "已完成联调。")
    Measure.objects.filter(pk=led.pk).update(disposition="withdrawn")
    [problem] = upload(desk, sheet.data).context["findings"].problems
    assert problem.startswith(f"第{row}行：")


def packed(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(f"{name}.xml", content)
    return buffer.getvalue()


def another_workbook() -> bytes:
    buffer = io.BytesIO()
    Workbook().save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not a workbook", "不是可以读取的"),
        (b"x" * (2 * 1024 * 1024 + 1), "超过2MB"),
        (another_workbook(), "不是从本页下载的"),
        (packed(a=b" " * (41 * 1024 * 1024)), "解压后过大"),
        (packed(a=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "不允许的内容"),
        (packed(a='<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")), "不允许的内容"),
    ],
    ids=["no zip", "too large", "another workbook", "bomb", "entities", "another encoding"],
)
def test_a_file_that_is_not_ours_is_refused(desk: Client, data: bytes, said: str) -> None:
    assert said in refusal(upload(desk, data))


def test_a_forged_version_is_refused(desk: Client) -> None:
    sheet = paper(desk)
    cell = sheet.book["版本"]["A1"]
    cell.value = cell.value[:40] + ("a" if cell.value[40] != "a" else "b") + cell.value[41:]
    assert "版本信息已被改动" in refusal(upload(desk, sheet.data))


def test_too_many_rows_are_refused(desk: Client) -> None:
    sheet = paper(desk)
    for _more in range(2001):
        sheet.sheet.append([None, "x"])
    assert "超过2000行" in refusal(upload(desk, sheet.data))


def test_more_reports_than_somebody_can_wait_for_are_refused(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reforms.pages.desk.workbook.MOST_AT_ONCE", 1)
    sheet = paper(desk)
    for row in (4, 5):
        sheet.sheet.cell(row, 9).value = "已完成接口联调。"
    assert "有2条举措有改动，一次最多报送1条" in refusal(upload(desk, sheet.data))


def test_another_agencys_workbook_is_refused(
    client: Client, signed_in: SignIn, person: PersonMaker, demo: ReformList, reporter: User, market: Agency
) -> None:
    theirs = paper(signed_in(person(Role.REPORTER, agency=market)))
    assert "另一单位" in refusal(upload(signed_in(reporter), theirs.data))
    assert client.get(f"/desk/sheet/file/?agency={market.pk}").status_code == 403


def test_the_office_enters_for_an_agency_when_it_says_how_it_knows(
    signed_in: SignIn, person: PersonMaker, demo: ReformList, transport: Agency, led: Measure
) -> None:
    office = signed_in(person(Role.SUPERVISOR))
    sheet = paper(office, f"?agency={transport.pk}")
    sheet.write(sheet.row_of(led), "progress", "来函称已完成联调。")
    answer = upload(office, sheet.data)
    for source in ("", " ", "深交函\x00", "函" * 201):
        assert confirm(office, answer, source=source).status_code == 422
    assert reports() == 0
    confirm(office, answer, source="深交函〔2022〕8号")
    report = ProgressReport.objects.get(is_demo=False)
    assert (report.by_office, report.source, report.agency) == (True, "深交函〔2022〕8号", transport)


def test_of_an_agency_that_is_not_there_the_office_gets_no_workbook(
    signed_in: SignIn, person: PersonMaker, reform_list: ReformList
) -> None:
    office = signed_in(person(Role.SUPERVISOR))
    assert office.get("/desk/sheet/file/?agency=999999999").status_code == 404


def test_many_reports_are_written_together(desk: Client, led: Measure) -> None:
    """Ten times the reports in a few queries each: what they move is read, settled and logged together."""
    repeated(led, 60)
    sheet = paper(desk)
    for row in list(sheet.rows)[-60:]:
        sheet.write(row, "progress", f"第{row}行的进展。")
    answer = upload(desk, sheet.data)
    before = reports()
    with CaptureQueriesContext(connection) as queries:
        receipt = confirm(desk, answer)
    assert (len(receipt.context["done"]), reports()) == (60, before + 60)
    assert len(queries) < 60 * 6
    written = ProgressReport.objects.filter(is_demo=False, measure__text=led.text).values_list("pk", flat=True)
    told = [change.after["report"] for change in Change.objects.filter(action="report.submitted")]
    assert set(written) <= set(told)
    assert len(told) == len(set(told))
    assert set(Measure.objects.filter(reports__in=written).values_list("status", flat=True)) == {"in_progress"}


def test_in_english_the_preview_names_its_columns_in_english(desk: Client, led: Measure) -> None:
    sheet = paper(desk)
    sheet.write(sheet.row_of(led), "progress", "已完成联调。")
    desk.cookies["django_language"] = "en"
    tree = html.fromstring(upload(desk, sheet.data).content)
    assert [one.text_content() for one in tree.xpath('//dl[@class="changes"]/dt')] == ["Progress"]
