"""表格填报: a row for each duty; what was edited is reported, row by row, and nothing that was written is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.access import Principal
from agencies.models import Agency, Role, User
from reforms.desk.agency import DeskRow
from reforms.models import Duty, Measure, ProgressReport, ReformList
from reforms.pages.desk.entry import EntryRow
from reforms.reports.drafts import draft_of, save_draft
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker

SignIn = Callable[[User], Client]
ADDRESS = "/desk/table/"


@pytest.fixture
def table(signed_in: SignIn, reporter: User, led: Measure) -> Client:
    return signed_in(reporter)


def as_sent(entries: list[EntryRow]) -> dict[str, Any]:
    """What the browser would send of these rows as they stand."""
    data: dict[str, Any] = {"duty": [entry.row.duty.pk for entry in entries]}
    for entry in entries:
        for name in entry.form.fields:
            value = entry.form[name].value()
            if name != "unchanged" or value:
                data[entry.form.add_prefix(name)] = "" if value is None else value
    return data


def rows(client: Client, address: str = ADDRESS) -> list[EntryRow]:
    return list(client.get(address).context["entries"])


def name(measure: Measure, field: str, agency: Agency) -> str:
    return f"r{Duty.objects.get(measure=measure, agency=agency).pk}-{field}"


def second(entries: list[EntryRow], led: Measure) -> Measure:
    return next(entry.row.duty.measure for entry in entries if entry.row.duty.measure_id != led.pk)


def acting(user: User) -> Principal:
    return Principal.of_user(user)


def test_a_row_for_each_duty_that_owes_a_report(table: Client, led: Measure, reporter: User, transport: Agency) -> None:
    before = len(rows(table))
    assert before == Duty.objects.of([transport.pk]).filter(measure__disposition="active").count()
    submit_report(led.pk, transport.pk, ReportContent(progress="推进中。"), who=acting(reporter), on=ON)
    assert len(rows(table)) == before - 1
    assert len(rows(table, f"{ADDRESS}?scope=open")) == before


def test_what_was_not_edited_is_not_reported(table: Client) -> None:
    answer = table.post(ADDRESS, as_sent(rows(table)), follow=True)
    assert "没有改动" in answer.content.decode()
    assert not ProgressReport.objects.exists()


def test_only_the_edited_rows_are_reported(table: Client, led: Measure, transport: Agency) -> None:
    entries = rows(table)
    other = second(entries, led)
    data = as_sent(entries) | {
        name(led, "progress", transport): "系统已联调。\r\n第二行",
        name(other, "progress", transport): "方案已印发。",
        name(other, "outlook", transport): "behind",
    }
    answer = table.post(ADDRESS, data, follow=True)
    assert "已报送2条举措" in answer.content.decode()
    said = {(one.measure_id, one.progress, one.outlook) for one in ProgressReport.objects.all()}
    assert said == {(led.pk, "系统已联调。\n第二行", "on_schedule"), (other.pk, "方案已印发。", "behind")}


def test_a_table_sent_twice_reports_once(table: Client, led: Measure, transport: Agency) -> None:
    data = as_sent(rows(table)) | {name(led, "progress", transport): "系统已联调。"}
    assert [table.post(ADDRESS, data).status_code for _twice in range(2)] == [302, 302]
    assert ProgressReport.objects.count() == 1


def test_the_last_text_is_there_to_begin_with_and_no_change_is_one_tick(
    table: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    said = ReportContent(progress="系统已联调。", problems="缺数据。")
    submit_report(led.pk, transport.pk, said, who=acting(reporter), on=ON)
    [row] = [entry for entry in rows(table, f"{ADDRESS}?scope=open") if entry.row.duty.measure_id == led.pk]
    assert (row.form["progress"].value(), row.form["problems"].value()) == ("系统已联调。", "缺数据。")
    data = as_sent([row]) | {name(led, "unchanged", transport): "on"}
    table.post(ADDRESS, data)
    again = ProgressReport.objects.order_by("-pk")[0]
    assert (again.is_unchanged, again.progress, again.problems) == (True, "系统已联调。", "缺数据。")


def test_no_change_and_a_change_at_once_is_refused(
    table: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    submit_report(led.pk, transport.pk, ReportContent(progress="系统已联调。"), who=acting(reporter), on=ON)
    [row] = [entry for entry in rows(table, f"{ADDRESS}?scope=open") if entry.row.duty.measure_id == led.pk]
    data = as_sent([row]) | {name(led, "unchanged", transport): "on", name(led, "progress", transport): "又改了"}
    answer = table.post(ADDRESS, data)
    assert answer.status_code == 422
    assert "又修改了内容" in answer.content.decode()
    assert ProgressReport.objects.sent().count() == 1


def test_no_change_where_nothing_was_ever_said_is_refused(table: Client, led: Measure, transport: Agency) -> None:
    data = as_sent(rows(table)) | {name(led, "unchanged", transport): "on"}
    assert "不能报“本期无变化”" in table.post(ADDRESS, data).content.decode()


def test_good_rows_are_reported_and_the_others_keep_their_text_and_say_why(
    table: Client, led: Measure, transport: Agency
) -> None:
    entries = rows(table)
    other = second(entries, led)
    data = as_sent(entries) | {
        name(led, "progress", transport): "",
        name(led, "next_step", transport): "不要丢失",
        name(other, "progress", transport): "方案已印发。",
    }
    answer = table.post(ADDRESS, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert [entry.row.duty.measure_id for entry in answer.context["outcome"].sent] == [other.pk]
    assert [entry.row.duty.measure_id for entry in answer.context["outcome"].kept] == [led.pk]
    assert "请填写工作进展" in page
    assert "不要丢失" in page
    draft = draft_of(led.pk, transport.pk)
    assert draft is not None
    assert draft.next_step == "不要丢失"


def test_the_row_sent_again_after_it_was_put_right_is_reported(table: Client, led: Measure, transport: Agency) -> None:
    data = as_sent(rows(table)) | {name(led, "next_step", transport): "下月验收。"}
    answer = table.post(ADDRESS, data)
    again = as_sent(answer.context["outcome"].kept) | {name(led, "progress", transport): "已联调。"}
    assert table.post(ADDRESS, again).status_code == 302
    report = ProgressReport.objects.get()
    assert (report.state, report.progress, report.next_step) == ("submitted", "已联调。", "下月验收。")


def test_a_text_that_is_too_long_says_so_and_stays(table: Client, led: Measure, transport: Agency) -> None:
    data = as_sent(rows(table)) | {name(led, "progress", transport): "长" * 5001}
    answer = table.post(ADDRESS, data)
    assert answer.status_code == 422
    [kept] = answer.context["outcome"].kept
    assert list(kept.form.errors) == ["progress"]
    assert "长" * 5001 in answer.content.decode()


def test_a_colleagues_report_meanwhile_is_shown_beside_ones_own(
    table: Client, led: Measure, transport: Agency, person: PersonMaker
) -> None:
    data = as_sent(rows(table)) | {name(led, "progress", transport): "我写的进展。"}
    colleague = acting(person(Role.APPROVER, agency=transport))
    submit_report(led.pk, transport.pk, ReportContent(progress="同事写的进展。"), who=colleague, on=ON)
    answer = table.post(ADDRESS, data)
    assert answer.status_code == 409
    assert all(text in answer.content.decode() for text in ("我写的进展。", "同事写的进展。"))
    assert table.post(ADDRESS, as_sent(answer.context["outcome"].kept)).status_code == 302
    assert [one.progress for one in ProgressReport.objects.sent().order_by("pk")][-1] == "我写的进展。"


def test_a_row_that_was_not_touched_does_not_undo_what_a_colleague_said(
    table: Client, led: Measure, transport: Agency, person: PersonMaker
) -> None:
    data = as_sent(rows(table))
    colleague = acting(person(Role.APPROVER, agency=transport))
    submit_report(led.pk, transport.pk, ReportContent(progress="同事写的进展。"), who=colleague, on=ON)
    assert table.post(ADDRESS, data).status_code == 302
    assert ProgressReport.objects.count() == 1


@pytest.mark.parametrize("standing", [{"status": "closed", "closed_on": ON}, {"disposition": "withdrawn"}])
def test_a_measure_that_was_closed_or_withdrawn_meanwhile_says_so_and_keeps_the_text(
    table: Client, led: Measure, transport: Agency, standing: dict[str, Any]
) -> None:
    data = as_sent(rows(table)) | {name(led, "progress", transport): "不要丢失"}
    Measure.objects.filter(pk=led.pk).update(**standing)
    answer = table.post(ADDRESS, data)
    assert answer.status_code == 422
    assert "不要丢失" in answer.content.decode()
    assert not ProgressReport.objects.exists()


def test_drafts_are_kept_by_a_button_are_there_again_and_are_sent_when_ticked(
    table: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    data = as_sent(rows(table)) | {name(led, "progress", transport): "写到一半", "draft": "1"}
    assert "已保存1份草稿" in table.post(ADDRESS, data, follow=True).content.decode()
    assert not ProgressReport.objects.sent().exists()
    [row] = [entry for entry in rows(table) if entry.row.duty.measure_id == led.pk]
    assert row.form["progress"].value() == "写到一半"
    table.post(ADDRESS, as_sent([row]))
    assert not ProgressReport.objects.sent().exists()
    table.post(ADDRESS, as_sent([row]) | {name(led, "as_is", transport): "on"})
    assert [one.progress for one in ProgressReport.objects.sent()] == ["写到一半"]


def test_a_colleagues_draft_is_not_reported_unless_it_is_written_on(
    table: Client, led: Measure, transport: Agency, person: PersonMaker
) -> None:
    colleague = acting(person(Role.APPROVER, agency=transport))
    save_draft(led.pk, transport.pk, {"progress": "同事写到一半"}, seen=0, who=colleague, on=ON)
    table.post(ADDRESS, as_sent(rows(table)))
    assert not ProgressReport.objects.sent().exists()


def test_a_draft_that_a_colleague_wrote_on_meanwhile_is_not_overwritten(
    table: Client, led: Measure, transport: Agency, person: PersonMaker
) -> None:
    data = as_sent(rows(table)) | {name(led, "progress", transport): "我写到一半", "draft": "1"}
    colleague = acting(person(Role.APPROVER, agency=transport))
    save_draft(led.pk, transport.pk, {"progress": "同事写到一半"}, seen=0, who=colleague, on=ON)
    page = table.post(ADDRESS, data).content.decode()
    assert all(text in page for text in ("我写到一半", "同事写到一半"))
    draft = draft_of(led.pk, transport.pk)
    assert draft is not None
    assert draft.progress == "同事写到一半"


def test_a_claim_in_the_making_is_for_its_own_page(
    table: Client, led: Measure, transport: Agency, reporter: User
) -> None:
    written = {"progress": "已完成。", "is_claim": True}
    save_draft(led.pk, transport.pk, written, seen=0, who=acting(reporter), on=ON)
    answer = table.get(ADDRESS)
    assert led.pk not in [entry.row.duty.measure_id for entry in answer.context["entries"]]
    long: list[DeskRow] = answer.context["long"]
    assert [row.duty.measure_id for row in long] == [led.pk]


def test_rows_of_another_agency_are_not_taken(table: Client, led: Measure, market: Agency) -> None:
    other = Duty.objects.of([market.pk])[0]
    fields = {"progress": "冒名", "outlook": "on_schedule", "form_key": "x", "last_seen": 0, "draft_seen": 0}
    data = {"duty": [other.pk]} | {f"r{other.pk}-{field}": value for field, value in fields.items()}
    table.post(ADDRESS, data)
    assert not ProgressReport.objects.exists()
    assert table.get(f"{ADDRESS}?agency={market.pk}").status_code == 403


def test_many_rows_take_no_more_queries_than_few(client: Client, person: PersonMaker, demo: ReformList) -> None:
    def queries(agency: Agency) -> int:
        client.force_login(person(Role.REPORTER, agency=agency), backend="agencies.people.sign_in.PasswordBackend")
        client.get(f"{ADDRESS}?scope=open")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{ADDRESS}?scope=open")
        return len(asked)

    many, few = (Agency.objects.get(name=name) for name in ("市市场监管局", "市口岸办"))
    assert queries(many) <= queries(few) <= 30


def test_a_text_with_a_nul_is_kept_without_it(table: Client, led: Measure, transport: Agency) -> None:
    data = as_sent(rows(table)) | {name(led, "progress", transport): "已启动\x00联调。"}
    table.post(ADDRESS, data)
    draft = draft_of(led.pk, transport.pk)
    assert draft
    assert draft.progress == "已启动联调。"
