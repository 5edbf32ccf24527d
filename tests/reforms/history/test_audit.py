"""变更日志, the auditor's page: who did what to what, in words; filtered, paged by keyset, exported whole."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html
from openpyxl import load_workbook

from agencies.access import PORTAL, Principal
from agencies.lib.formulas import looks_like_formula
from agencies.log.check import export_head
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, ChangeHead, Role, User
from agencies.people.accounts import add_person
from reforms.history import audit_export as audit_exports
from reforms.models import Measure, ReformList
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker
from tests.reforms.shown import get, words
from tests.unlocked import log_unlocked

MakeSignedIn = Callable[[User], Client]


@pytest.fixture
def auditor(person: PersonMaker, signed_in: MakeSignedIn) -> Client:
    return signed_in(person(Role.AUDITOR))


@pytest.fixture
def reported(led: Measure, reporter: User, transport: Agency) -> Measure:
    """市交通运输局 has reported on a measure it leads: two entries, the last ones in the log."""
    submit_report(led.pk, transport.pk, ReportContent(progress="方案已印发。"), who=Principal.of_user(reporter), on=ON)
    return led


def tree(client: Client, address: str = "/audit/") -> Any:
    response = client.get(address)
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


def numbers(page: Any) -> list[int]:
    return [int(words(cell)) for cell in page.xpath('//table[contains(@class, "log")]/tbody/tr/td[1]')]


def rows(page: Any) -> list[str]:
    """What each row says, with a space between what stands apart."""
    return [
        " ".join(" ".join(row.itertext()).split()) for row in page.xpath('//table[contains(@class, "log")]/tbody/tr')
    ]


def last() -> int:
    return ChangeHead.objects.get().sequence


def write(**facts: Any) -> int:
    told = {"action": "measure.added", "kind": "measure", "object_id": 1, "visibility": "public"}
    with transaction.atomic():
        return record([Entry(**told | facts)], who=PORTAL, on=ON)


def test_the_newest_comes_first(auditor: Client, reported: Measure) -> None:
    found = numbers(tree(auditor))
    assert found == list(range(last(), last() - 50, -1))


def test_an_entry_is_said_in_words_beside_its_code(auditor: Client, reported: Measure) -> None:
    moved, said, *_rest = rows(tree(auditor))
    assert "状态由“尚未报送”变为“推进中”" in moved
    assert "measure.status_changed" in moved
    assert "状态 尚未报送 推进中" in moved
    assert "报送进展 report.submitted" in said
    assert "进展 方案已印发。" in said
    assert "下一步工作安排 —" in said
    assert "填报人" in said
    assert f"举措 {reported.pk} 市交通运输局" in said


def test_it_links_to_what_it_is_about(auditor: Client, reported: Measure, transport: Agency) -> None:
    page = tree(auditor)
    assert (
        page.xpath('//table[contains(@class, "log")]/tbody/tr[1]/td[contains(@class, "what")]/a/@href')[0]
        == f"/measures/{reported.pk}/"
    )
    edition = tree(auditor, "/audit/?kind=edition")
    assert edition.xpath('//td[contains(@class, "what")]/a/@href')[0] == "/lists/shenzhen-2022/editions/1/"


def test_what_is_seldom_asked_is_folded_until_it_is(auditor: Client) -> None:
    asked = ("/audit/", "/audit/?action=person.added", "/audit/?reason=缺接口", "/audit/?kind=measure&object=1")
    opened = [bool(tree(auditor, address).xpath("//form//details[@open]//input[@name='reason']")) for address in asked]
    assert opened == [False, False, True, True]


def test_a_person_has_a_name_and_no_page(auditor: Client, transport: Agency) -> None:
    add_person(username="li", full_name="李填报", email="", agency=transport, role=Role.REPORTER, who=PORTAL, on=ON)
    [row] = rows(tree(auditor, "/audit/?action=person.added"))
    assert "添加人员" in row
    assert "李填报" in row
    assert "角色 填报人" in row


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SUPERVISOR, Role.REPORTER])
def test_only_the_auditor_reads_it(person: PersonMaker, signed_in: MakeSignedIn, role: Role) -> None:
    client = signed_in(person(role))
    assert client.get("/audit/").status_code == 403
    assert client.get("/audit/export/csv/").status_code == 403
    assert "/audit/" not in client.get("/").content.decode()


def test_the_auditor_finds_it_in_the_menu(auditor: Client) -> None:
    assert tree(auditor, "/").xpath('//nav[@class="menu"]/a[@href="/audit/"]')


def shown(client: Client, query: str) -> set[int]:
    return set(numbers(tree(client, f"/audit/?{query}")))


def test_filters(auditor: Client, reported: Measure, transport: Agency, market: Agency) -> None:
    late = write(
        action="reminders.switched",
        kind="list",
        object_id=1,
        agency_id=market.pk,
        reason="按领导要求",
        on=dt.date(2022, 5, 1),
    )
    report, moved = late - 2, late - 1
    assert shown(auditor, "who=市交通运输局") == {report, moved}
    assert shown(auditor, "action=report.submitted&action=reminders.switched") == {report, late}
    assert shown(auditor, f"kind=measure&object={reported.pk}") >= {report, moved}
    assert shown(auditor, f"kind=list&object={reported.pk}") <= {late}
    assert shown(auditor, "agency=市交通运输局") == {report, moved}
    assert shown(auditor, f"agency={market.pk}") == {late}
    assert shown(auditor, "on_before=2022-05-01") == {late}
    assert late not in shown(auditor, "on_after=2022-05-02")
    assert shown(auditor, "reason=领导") == {late}
    assert shown(auditor, "reason=没有") == set()
    assert shown(auditor, "who=&reason=领导&action=") == {late}


def test_by_real_time(auditor: Client, reported: Measure) -> None:
    now = timezone.localtime()
    assert last() in shown(auditor, f"recorded_after={now.date()}")
    assert last() in shown(auditor, f"recorded_before={now.date()}")
    assert shown(auditor, f"recorded_after={now.date() + dt.timedelta(days=1)}") == set()
    assert shown(auditor, f"recorded_before={now.date() - dt.timedelta(days=1)}") == set()


def test_by_request(auditor: Client, client: Client, person: PersonMaker) -> None:
    client.force_login(person(Role.ADMINISTRATOR, username="zheng"), backend="agencies.people.sign_in.PasswordBackend")
    form = {"name": "市低空经济局", "kind": "single"}
    assert client.post("/agencies/new/", form, headers={"X-Request-ID": "request-20220615"}).status_code == 302
    client.force_login(
        User.objects.get(memberships__role=Role.AUDITOR), backend="agencies.people.sign_in.PasswordBackend"
    )
    [row] = rows(tree(client, "/audit/?request=request-20220615"))
    assert "新增单位" in row
    assert "系统管理员" in row


def test_entries_of_a_second_spelling_are_found_with_the_agency(
    auditor: Client, transport: Agency, market: Agency
) -> None:
    number = write(agency_id=market.pk)
    Agency.objects.filter(pk=market.pk).update(merged_into=transport)
    assert number in shown(auditor, "agency=市交通运输局")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("colour=red", "colour"),
        ("action=delete_everything", "action"),
        ("kind=planet", "kind"),
        ("kind=measure&object=seven", "object"),
        ("kind=measure&object=99999999999999999999", "object"),
        ("object=7", "object"),
        ("agency=市无此局", "agency"),
        ("on_after=2022-13-01", "on_after"),
        ("recorded_before=yesterday", "recorded_before"),
        ("before=x", "before"),
        ("before=9&after=1", "after"),
        ("who=a%00b", "who"),
        (f"request={'x' * 41}", "request"),
    ],
)
def test_what_it_does_not_know_is_struck_out_and_makes_no_file(auditor: Client, query: str, field: str) -> None:
    page = get(auditor, f"/audit/?{query}")
    assert page.status == 200
    if field == "colour":
        assert (page.unknown, page.struck) == (["colour"], [])
        return
    assert (page.unknown, len(page.struck)) == ([], 1)
    assert auditor.get(f"/audit/export/csv/?{query}")["Location"] == f"/audit/?{quote(query, safe='=&%')}"


def link(page: Any, rel: str) -> str:
    found = page.xpath(f'//nav[@class="pager"]/a[@rel="{rel}"]/@href')
    return f"/audit/{found[0]}" if found else ""


def test_one_pages_through_the_whole_log_and_back(auditor: Client, reported: Measure) -> None:
    page, seen = tree(auditor), []
    while True:
        seen += numbers(page)
        older = link(page, "next")
        if not older:
            break
        page = tree(auditor, older)
    assert seen == list(range(last(), 0, -1))
    back = [numbers(page)]
    while link(page, "prev"):
        page = tree(auditor, link(page, "prev"))
        back.append(numbers(page))
    assert back[-1][0] == last()
    assert {number for some in back for number in some} == set(seen)


def test_what_is_written_meanwhile_moves_no_page(auditor: Client, reported: Measure) -> None:
    older = link(tree(auditor), "next")
    before = numbers(tree(auditor, older))
    write()
    assert numbers(tree(auditor, older)) == before


def test_the_filters_stay_while_one_pages(auditor: Client, reported: Measure) -> None:
    page = tree(auditor, "/audit/?action=measure.added")
    older = tree(auditor, link(page, "next"))
    assert all("measure.added" in row for row in rows(older))
    assert older.xpath('//select[@name="action"]/option[@selected]/@value') == ["measure.added"]


def test_it_asks_the_database_little_however_much_it_shows(auditor: Client, demo: ReformList) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        tree(auditor, "/audit/?action=report.submitted")
    assert len(asked) < 20


def state(client: Client) -> str:
    return words(tree(client).xpath("//main")[0])


def test_it_says_how_far_the_log_was_verified(auditor: Client, reported: Measure) -> None:
    assert "尚未核验" in state(auditor)
    assert "链头尚未导出" in state(auditor)
    export_head()
    verified = last()
    write()
    assert f"日志完整，已核验至第{verified}条" in state(auditor)
    assert f"日志现有{verified + 1}条" in state(auditor)
    assert "链头已导出1次" in state(auditor)


def test_it_says_what_was_found_also_where_no_entry_is_to_blame(auditor: Client, reported: Measure) -> None:
    export_head()
    with log_unlocked():
        export_head()
    assert "发现1处问题" in state(auditor)
    assert "缺少触发器" in state(auditor)
    assert "起不可信" not in state(auditor)
    export_head()
    assert "日志完整" in state(auditor)


def test_it_says_that_the_log_was_found_altered(auditor: Client, reported: Measure) -> None:
    with log_unlocked():
        Change.objects.filter(pk=7).update(reason="改")
        assert "数据库不再阻止改动日志" in state(auditor)
    export_head()
    assert "第7条起不可信" in state(auditor)
    assert "数据库不再阻止改动日志" not in state(auditor)


def csv_rows(client: Client, query: str = "") -> list[list[str]]:
    response = client.get(f"/audit/export/csv/{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def xlsx_rows(client: Client, query: str = "") -> list[list[Any]]:
    response = client.get(f"/audit/export/xlsx/{query}")
    assert response.status_code == 200
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert not [cell for row in book["日志"].iter_rows() for cell in row if cell.data_type == "f"]
    return [list(row) for row in book["日志"].iter_rows(values_only=True)]


@pytest.mark.parametrize("query", ["", "?action=measure.added", "?agency=市交通运输局", "?reason=没有"])
def test_the_exports_hold_exactly_what_is_filtered_on_all_pages(
    auditor: Client, reported: Measure, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reforms.history.audit.CHUNK", 7)
    page, expected = tree(auditor, f"/audit/{query}"), []
    while True:
        expected += numbers(page)
        if not link(page, "next"):
            break
        page = tree(auditor, link(page, "next"))
    for found in (csv_rows(auditor, query), xlsx_rows(auditor, query)):
        assert [int(row[0]) for row in found[1:]] == expected


def test_a_row_of_an_export(auditor: Client, reported: Measure) -> None:
    change = Change.objects.get(pk=last())
    heading, row = csv_rows(auditor, "?action=measure.status_changed")
    told = dict(zip(heading, row, strict=True))
    assert told["动作"] == "状态由“尚未报送”变为“推进中”"
    assert told["变更前"].startswith("状态：尚未报送；")
    assert told["变更后"].startswith("状态：推进中；首次填报：2022-06-15")
    assert (told["动作代码"], told["角色"], told["业务日期"]) == (change.action, "填报人", "2022-06-15")
    assert dt.datetime.fromisoformat(told["记录时间"]) == change.recorded_at
    assert told["校验值"] == change.hash
    assert told["对象"].startswith(f"第{reported.item.number}项")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\r=", "\n="])
def test_no_text_becomes_a_formula(auditor: Client, reform_list: ReformList, start: str) -> None:
    text = f'{start}HYPERLINK("http://example.org","点此")'
    write(reason=text, after={"title": text})
    row = csv_rows(auditor, f"?on_after={ON}")[1]
    assert "'" + text in row
    assert not [cell for cell in row if looks_like_formula(cell)]
    assert text.strip() in [str(cell).strip() for cell in xlsx_rows(auditor, f"?on_after={ON}")[1]]


def test_a_sheet_that_nobody_could_open_is_not_made(
    auditor: Client, reported: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_exports, "MOST_IN_A_SHEET", 100)
    response = auditor.get("/audit/export/xlsx/")
    assert response.status_code == 422
    assert "/audit/export/csv/" in response.content.decode()
    assert auditor.get("/audit/export/xlsx/?action=report.submitted").status_code == 200
    assert len(csv_rows(auditor)) == last() + 1


def test_the_files_are_named(auditor: Client, reform_list: ReformList) -> None:
    for kind in ("csv", "xlsx"):
        disposition = unquote(auditor.get(f"/audit/export/{kind}/?kind=list")["Content-Disposition"])
        assert f"变更日志-{timezone.localdate().isoformat()}.{kind}" in disposition
    assert auditor.get("/audit/export/pdf/").status_code == 404


def test_in_english(auditor: Client, reported: Measure) -> None:
    auditor.cookies["django_language"] = "en"
    row = rows(tree(auditor))[0]
    assert "Status changed from “Not yet reported” to “In progress”" in row
    assert f"Measure {reported.pk}" in row
    assert "Reporter" in row
    assert csv_rows(auditor)[0][:3] == ["No.", "Recorded at", "Business date"]
