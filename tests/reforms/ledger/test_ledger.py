"""台账: what it says beyond the printed list, to whom, of which day."""

import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from agencies.models import Agency, Role, User
from reforms.models import Disposition, Measure, PrintedRow, ReformList
from reforms.office.chasing import chase
from reforms.office.steer import dispose
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.extensions import ExtensionTerms, adjust_deadline, ask_extension, grant_extension
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting

REPORTED = ["进展情况", "问题及需协调事项", "下一步工作安排", "推进情况"]
OWN = ["延期批准文号", "催办次数", "责任处室", "经办人"]


def sheet_for(user: User | None, query: str) -> Any:
    client = Client()
    if user:
        client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    response = client.get(f"/measures/export/xlsx/{query}")
    return load_workbook(io.BytesIO(b"".join(response.streaming_content)))["台账"]


def row_of(user: User | None, measure: Measure, query: str = "") -> dict[str, Any]:
    """What the 台账 of the measure's item says of it, by heading."""
    heading, *rows = sheet_for(user, f"?item={measure.item.number}{query}").iter_rows(min_row=3, values_only=True)
    found = [dict(zip(heading, row, strict=True)) for row in rows]
    return next(row for row in found if row["具体举措"] == measure.text)


def report(measure: Measure, agency: Agency, user: User, *, on: dt.date = ON, **said: Any) -> None:
    submit_report(measure.pk, agency.pk, ReportContent(**said), who=acting(user), on=on)


def test_it_says_what_was_reported_last_to_those_who_may_read_it(
    public: ReformList, led: Measure, cast: Cast, transport: Agency, person: PersonMaker
) -> None:
    report(led, transport, cast.reporter, on=ON - dt.timedelta(days=20), progress="起草方案。")
    said = {"progress": "方案已印发。", "problems": "需市公安局支持。", "next_step": "启动试点。", "outlook": "behind"}
    report(led, transport, cast.reporter, **said)
    for reader in (cast.supervisor, cast.reporter, person(Role.AUDITOR)):
        row = row_of(reader, led)
        assert [row[name] for name in REPORTED] == ["方案已印发。", "需市公安局支持。", "启动试点。", "进度滞后"]
    other = person(Role.REPORTER, agency=Agency.objects.get(name="市市场监管局"))
    assert [row_of(other, led)[name] for name in REPORTED] == [None] * 4
    assert not set(REPORTED) & set(row_of(None, led))


def test_a_past_day_has_the_report_of_that_day(public: ReformList, led: Measure, cast: Cast, transport: Agency) -> None:
    earlier = ON - dt.timedelta(days=20)
    report(led, transport, cast.reporter, on=earlier, progress="起草方案。")
    report(led, transport, cast.reporter, progress="方案已印发。")
    assert row_of(cast.supervisor, led, f"&on={earlier}")["进展情况"] == "起草方案。"
    assert row_of(cast.supervisor, led, f"&on={earlier - dt.timedelta(days=1)}")["进展情况"] is None


def test_what_several_leads_say_stands_under_their_names(public: ReformList, cast: Cast, person: PersonMaker) -> None:
    measure = next(one for one in Measure.objects.all() if one.duties.filter(part="lead").count() > 1)
    leads = [duty.agency for duty in measure.duties.filter(part="lead")]
    for agency in reversed(leads):
        report(measure, agency, person(Role.REPORTER, agency=agency), progress=f"{agency.name}的进展。")
    said = row_of(cast.supervisor, measure)["进展情况"]
    assert said == "\n".join(f"{agency.name}：{agency.name}的进展。" for agency in leads)


def test_the_office_reads_what_moved_a_deadline_and_how_often_somebody_was_chased(
    public: ReformList, led: Measure, cast: Cast, transport: Agency
) -> None:
    office = acting(cast.supervisor)
    asked = ask_extension(
        led.pk,
        transport.pk,
        ExtensionTerms(until=dt.date(2022, 9, 30), reason="协调"),
        who=acting(cast.reporter),
        on=ON,
    )
    grant_extension(asked.pk, until=dt.date(2022, 9, 30), seen=None, who=office, on=ON)
    later = ON + dt.timedelta(days=1)
    adjust_deadline(led.pk, dt.date(2022, 12, 31), reference="深府办〔2022〕9号", seen=None, who=office, on=later)
    chase(led.pk, words="请尽快", seen=None, who=office, on=ON)
    chase(led.pk, words="请再尽快", seen=None, who=office, on=later)
    row = row_of(cast.supervisor, led)
    assert (row["延期批准文号"], row["催办次数"]) == ("2022年6月15日批复延至2022年9月30日", 1)
    for reader in (cast.reporter, None):
        assert not set(OWN) & set(row_of(reader, led))


def test_it_says_whether_a_measure_was_closed_in_time(demo: ReformList) -> None:
    heading, *rows = sheet_for(None, "?light=closed").iter_rows(min_row=3, values_only=True)
    place = heading.index("按期销号")
    assert {row[place] for row in rows} <= {"是", *(f"逾期{n}天" for n in range(1, 400))}
    measure = Measure.objects.filter(status="closed")[0]
    Measure.objects.filter(pk=measure.pk).update(claimed_on=dt.date(2022, 4, 3), deadline_in_force=dt.date(2022, 3, 31))
    assert row_of(None, measure)["按期销号"] == "逾期3天"
    # How long the office took is not the agency's.
    Measure.objects.filter(pk=measure.pk).update(claimed_on=dt.date(2022, 3, 31), closed_on=dt.date(2022, 4, 20))
    assert row_of(None, measure)["按期销号"] == "是"


def test_leaders_that_a_list_prints_stand_beside_the_agencies(public: ReformList, led: Measure, cast: Cast) -> None:
    PrintedRow.objects.filter(measure=led).update(other={"分管市领导": "某某", "备注": "见附件"})
    assert row_of(cast.supervisor, led)["分管市领导"] == "某某"
    dispose(led.pk, Disposition.SUSPENDED, reason="等待", seen=None, who=acting(cast.supervisor), on=ON)
    assert row_of(cast.supervisor, led, "&disposition=suspended")["在册情况"] == "中止"


@pytest.mark.parametrize("who", [None, "reporter", "supervisor"])
def test_the_printed_columns_are_as_wide_as_the_page(public: ReformList, cast: Cast, who: str | None) -> None:
    sheet = sheet_for(getattr(cast, who) if who else None, "")
    letters = [cell.column_letter for cell in sheet[3]]
    last = sheet.print_area.split(":")[1].replace("$", "").rstrip("0123456789")
    printed = letters[: letters.index(last) + 1]
    # Pixels of a column are 7 for each character and 5; 96 of them an inch.
    across = sum((sheet.column_dimensions[letter].width * 7 + 5) / 96 * 25.4 for letter in printed)
    assert across == pytest.approx(390, abs=1)
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.auto_filter.ref == f"A3:{letters[-1]}{sheet.max_row}"
    assert sheet.print_area.endswith(f"${sheet.max_row}")


def test_what_is_asked_for_stands_under_every_page(public: ReformList, cast: Cast) -> None:
    sheet = sheet_for(cast.supervisor, "?search=R%26D&on=2022-05-01")
    assert sheet.oddFooter.left.text == "数据截至2022年5月1日　搜索：R&&D"
    assert sheet.oddFooter.center.text == "第&P页　共&N页"
    assert sheet.oddFooter.right.text.startswith("制表时间：20")


def test_several_values_of_a_filter_are_said_together(demo: ReformList, cast: Cast) -> None:
    sheet = sheet_for(cast.supervisor, "?light=overdue&light=due_soon&national=true")
    assert sheet.oddFooter.left.text.endswith("亮灯：逾期、临近到期；国家改革任务：是")


def test_however_many_measures_it_asks_the_same(
    demo: ReformList, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    sheet_for(cast.supervisor, "?list=shenzhen-2022")
    with django_assert_max_num_queries(45) as few:
        sheet_for(cast.supervisor, "?list=shenzhen-2022&item=1")
    with django_assert_max_num_queries(len(few.captured_queries)):
        sheet_for(cast.supervisor, "?list=shenzhen-2022")
