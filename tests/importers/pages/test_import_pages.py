"""导入: what an administrator sees and does, from the upload to the receipt."""

import datetime as dt
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from agencies.lib.jobs.lease import Lease
from agencies.models import Agency, AgencyName, Change, Role
from importers.documents.limits import LIMITS
from importers.jobs import decide
from importers.jobs.decide import Entered, decline_of, key_of
from importers.jobs.watch import JobStage, watch_of
from importers.models import ImportJob
from importers.pages import work
from importers.tasks import run_imports
from reforms.lib.words import moment_text
from reforms.models import Assignment, ListEdition, Measure, PrintedRow, ReformList
from tests.conftest import FIXTURES, REAL_LIST, SLUG, PersonMaker
from tests.importers.editions.test_import_list import nothing_written
from tests.importers.jobs.test_jobs import small, started
from tests.importers.left import Left
from tests.importers.plans.test_plan import fourfold, measure
from tests.importers.samples import duty
from tests.importers.text_editions import TextEdition
from tests.importers.workbooks import duty as sheet_row
from tests.importers.workbooks import listed, workbook

SignIn = Callable[..., Client]
LAW_FIRMS = "率先探索律师事务所名称核准改革试点"
LONG = workbook(listed(*(sheet_row(n, str(n)) for n in range(4, 1204))))
UNCLEAR = fourfold().with_deadline("11*", "力争年内见效")


@pytest.fixture
def administrator(signed_in: SignIn, person: PersonMaker) -> Client:
    return signed_in(person(Role.ADMINISTRATOR))


def upload(client: Client, edition: TextEdition | bytes, name: str = "第二版.txt", **facts: str) -> Any:
    data = edition.content if isinstance(edition, TextEdition) else edition
    file = SimpleUploadedFile(name, data)
    return client.post("/imports/", {"file": file, "target": "", **facts}, follow=True)


def job_of(response: Any) -> ImportJob:
    return ImportJob.objects.get(pk=response.request["PATH_INFO"].strip("/").split("/")[-1])


def words(response: Any) -> str:
    """The text of the page, white space folded."""
    main = html.fromstring(response.content.decode()).find(".//main")
    return " ".join(unescape(" ".join(main.itertext())).split())


def confirm(client: Client, job: ImportJob) -> Any:
    return client.post(f"/imports/{job.pk}/confirm/", {"key": key_of(ImportJob.objects.get(pk=job.pk))}, follow=True)


def take_back(client: Client, edition: ListEdition) -> Any:
    """Look what taking it back changes, and confirm just that."""
    address = f"{edition.get_absolute_url()}revert/"
    key = html.fromstring(client.get(address).content.decode()).xpath('//input[@name="key"]/@value')[0]
    return client.post(address, {"key": key}, follow=True)


def test_the_page_offers_a_form_and_says_what_it_takes(administrator: Client, reform_list: ReformList) -> None:
    page = administrator.get("/imports/")
    assert "Word（.docx）、Excel（.xlsx）、CSV或纯文本，不超过20MB" in words(page)
    assert "还没有在网页上导入过清单" in words(page)


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_the_template_to_fill_in_reads_back_without_a_doubt(
    administrator: Client, reform_list: ReformList, kind: str
) -> None:
    link = html.fromstring(administrator.get("/imports/").content.decode()).xpath(f'//a[contains(@href, ".{kind}")]')[0]
    template = administrator.get(link.get("href"))
    assert template["Content-Disposition"].startswith("attachment")
    shown = words(upload(administrator, template.content, f"清单模板.{kind}", target="new", slug="template"))
    assert "识别出2个任务类别、3项改革事项、4条具体举措； 国家改革任务1项" in shown
    assert "4条中4条（100%）无疑问 将" in shown
    assert administrator.get("/imports/template.pdf").status_code == 404


def test_an_upload_shows_what_was_understood_and_writes_nothing(administrator: Client, reform_list: ReformList) -> None:
    with nothing_written():
        page = upload(administrator, fourfold())
    shown = words(page)
    assert "识别出12个任务类别、200项改革事项、216条具体举措； 国家改革任务101项；单位名称74个" in shown
    assert "新增 1 变更 4 调出 1 不变 211" in shown
    assert "带*事项101项，与表末注一致。" in shown
    assert "确认后将写入6条变化" in shown


def test_a_total_that_does_not_match_the_footnote_is_told(administrator: Client, reform_list: ReformList) -> None:
    page = upload(administrator, TextEdition.real().edited("6*", lambda c: ("6", *c[1:])))
    assert "带*事项100项，与表末注“101项”不符，请核对。" in words(page)


def test_the_changed_words_are_marked(administrator: Client, reform_list: ReformList) -> None:
    page = html.fromstring(upload(administrator, fourfold()).content.decode())
    deadline = page.xpath('//dl[@class="changes"][dt="完成时限"]/dd')[0]
    assert [element.text_content() for element in deadline.iter("del", "ins")] == [
        "删去：2022年12月底",
        "新增：2023年3月底",
    ]


def test_a_problem_is_shown_in_its_row_with_what_to_do(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, UNCLEAR))
    page = administrator.get(f"/imports/{job.pk}/?show=problems")
    row = UNCLEAR.parsed().measures[11].row
    assert f"第11项（第{row}行）完成时限“力争年内见效”无法识别，原文已保留。" in words(page)
    assert "unparsed_deadline" in words(page)
    assert len(html.fromstring(page.content.decode()).xpath('//*[@class="answer"]//input[@type="date"]')) == 1


PROSE = (
    "2023年重点任务分工方案\n各单位：\n一、便民\n1.新增学位。扩建校舍。（市教育局牵头，市财政局配合，2023年8月底）\n"
    "2.开放操场。（市教育局牵头，10月底）\n"
)


def test_a_list_in_paragraphs_is_shown_with_what_does_not_fit_into_it(
    administrator: Client, reform_list: ReformList
) -> None:
    shown = words(upload(administrator, PROSE.encode(), "方案.txt"))
    assert "识别出1个任务类别、2项改革事项、2条具体举措" in shown
    assert "2条中1条（50.0%）无疑问 未归入的段落 1 时限年份为推定 1" in shown
    assert "第2段没有归入任何事项，未导入：“各单位：”。" in shown


UNKNOWN = "2022年小清单\n甲\t乙\t丙\t丁\t戊\n1\t某事\t某举措\t市财政局\t2022年6月底\n".encode()
CHOSEN = {"column-1": "序号", "column-2": "事项", "column-3": "举措", "column-4": "牵头", "column-5": "时限"}
ONE_COLUMN = (
    "2022年小清单\n序号\t改革事项\t具体举措\t责任单位\t完成时限\n1\t某事\t某举措\t市财政局、市司法局\t12月底\n"
    "2\t另一事\t另一举措\t市司法局\t2022年6月底\n"
)


def test_who_leads_is_asked_once_for_the_list_and_offered_for_its_next_edition(
    administrator: Client, reform_list: ReformList
) -> None:
    job = job_of(upload(administrator, ONE_COLUMN.encode(), "清单.txt"))
    refused = confirm(administrator, job)
    assert "请先回答：列第一位的为牵头单位？" in words(refused)
    page = Left.at(administrator, f"/imports/{job.pk}/").fill(day="2022-12-30").press("记录")
    page = Left(administrator, page).fill(**{"who-leads": "none"}).press("按此重新读取")
    assert "已记录谁牵头" in words(page)
    assert "没有牵头单位 1" in words(page)
    # What was answered before still holds.
    assert "时限年份为推定" not in words(page)
    page = Left.at(administrator, f"/imports/{job.pk}/").fill(**{"who-leads": "all"}).press("按此重新读取")
    job.refresh_from_db()
    confirm(administrator, job)
    made = ReformList.objects.get(title="2022年小清单")
    assert made.columns == "首位=共同"
    assert [one.agency.name for one in Assignment.objects.filter(measure__text="某举措", part="lead")] == [
        "市财政局",
        "市司法局",
    ]
    again = upload(administrator, ONE_COLUMN.replace("另一举措", "别的举措").encode(), "清单.txt")
    assert "已回答，可以修改。" in words(again)
    assert "变更 1" in words(again)


MATRIX = (
    "2022年矩阵清单\n序号\t任务\t市财政局\t市司法局\t市教育局\t完成时限\n1\t某事\t●\t○\t○\t2022年6月底\n"
    "2\t另一事\t〃\t\t○\t2022年6月底\n"
)


def test_what_marks_mean_is_asked_once_and_offered_for_the_next_edition(
    administrator: Client, reform_list: ReformList
) -> None:
    job = job_of(upload(administrator, MATRIX.encode(), "清单.txt"))
    assert "请先回答每种符号表示什么" in words(confirm(administrator, job))
    page = Left.at(administrator, f"/imports/{job.pk}/").fill(**{"mark-○": "配合"}).press("按此重新读取")
    assert "已记录符号的含义" in words(page)
    assert "请先回答每种符号表示什么" in words(confirm(administrator, job))
    Left.at(administrator, f"/imports/{job.pk}/").fill(**{"mark-●": "牵头"}).press("按此重新读取")
    job.refresh_from_db()
    confirm(administrator, job)
    made = ReformList.objects.get(title="2022年矩阵清单")
    assert made.columns == "○=配合,●=牵头"
    leads = Assignment.objects.filter(measure__reform_list=made, part="lead")
    assert set(leads.values_list("measure__text", "agency__name")) == {("某事", "市财政局"), ("另一事", "市财政局")}
    printed = PrintedRow.objects.get(edition__reform_list=made, measure__text="另一事")
    assert printed.other == {"市财政局": "〃", "市教育局": "○"}
    again = upload(administrator, MATRIX.replace("另一事", "别的事").encode(), "清单.txt")
    assert "每种符号表示什么？ 已回答，可以修改。" in words(again)
    assert "没有牵头单位" not in words(again)


def test_the_doubts_lead_to_their_rows_before_and_after_the_import(
    administrator: Client, reform_list: ReformList
) -> None:
    job = job_of(upload(administrator, ONE_COLUMN.encode(), "清单.txt"))
    shown = words(administrator.get(f"/imports/{job.pk}/"))
    assert "2条中1条（50.0%）无疑问" in shown
    only = administrator.get(f"/imports/{job.pk}/?show=problems&doubt=year_inferred")
    assert [one.row.title for one in only.context["rows"]] == ["某事"]
    assert not administrator.get(f"/imports/{job.pk}/?show=problems&doubt=several_dates").context["rows"]
    Left.at(administrator, f"/imports/{job.pk}/").fill(**{"who-leads": "first"}).press("按此重新读取")
    job.refresh_from_db()
    receipt = confirm(administrator, job)
    assert "2条中1条（50.0%）无疑问" in words(receipt)
    link = html.fromstring(receipt.content.decode()).xpath('//a[contains(@href, "?doubt=year_inferred")]/@href')[0]
    page = administrator.get(link)
    assert [row.text for row in page.context["page"]] == ["某举措"]
    assert "只显示有此提示的行：时限年份为推定" in words(page)


def test_english_pages_tell_doubts_and_columns_in_english(administrator: Client, reform_list: ReformList) -> None:
    administrator.cookies["django_language"] = "en"
    page = upload(administrator, UNKNOWN, "清单.txt")
    assert "No table of a list was found: table 1 has no column" in words(page)
    assert "张表" not in words(page)
    options = html.fromstring(page.content.decode()).xpath('//select[@name="column-1"]/option/text()')
    assert "not read" in options
    refused = administrator.post(f"/imports/{job_of(page).pk}/columns/", {**CHOSEN, "column-3": "事项"}, follow=True)
    assert "everything else only one" in words(refused)
    shown = upload(administrator, ONE_COLUMN.encode(), "清单.txt")
    said = words(shown)
    assert "1 of 2 measures (50.0%) read without doubt" in said
    assert "Item 1 (row 2): the deadline “ 12月底 ” names no year" in said
    marked = html.fromstring(shown.content.decode()).xpath('//p[@class="problem"]/span[@lang="zh-CN"]/text()')
    assert "12月底" in marked
    # What the document says is marked as Chinese, and nothing else on the page is.
    texts = html.fromstring(shown.content.decode()).xpath('//main//text()[not(ancestor::*[@lang][1][@lang="zh-CN"])]')
    assert [text for text in texts if re.search("[\u4e00-\u9fff]", text)] == []


def test_a_column_without_a_role_is_told_and_shown_beside_its_row(
    administrator: Client, reform_list: ReformList
) -> None:
    rows = "1\t某事\t某举措\t市财政局\t2022年6月底\t市政府督查室\n"
    text = f"2022年小清单\n序号\t改革事项\t具体举措\t牵头单位\t完成时限\t督导单位\n{rows}"
    page = upload(administrator, text.encode(), "清单.txt")
    assert "“督导单位”列没有对应的栏目，1个有内容的单元格按原文保留" in words(page)
    cells = html.fromstring(page.content.decode()).xpath(
        '//dl[@class="six"][1]/dt[.="督导单位"]/following-sibling::dd[1]'
    )
    assert [cell.text_content().strip() for cell in cells] == ["市政府督查室"]


def test_every_row_can_be_seen_beside_its_reading(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, REAL_LIST.read_bytes(), "清单.docx"))
    page = administrator.get(f"/imports/{job.pk}/?show=all&page=2")
    assert len(html.fromstring(page.content.decode()).xpath('//article[@class="import-row"]')) == 50
    assert "内容与现行版本相同，无需导入。" in words(page)


def test_an_answer_is_kept_and_the_doubt_is_gone(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, UNCLEAR))
    page = Left.at(administrator, f"/imports/{job.pk}/?show=problems").fill(day="2022-12-20").press("记录")
    assert "已记录，原文保留不变。" in words(page)
    assert "没有需要处理的问题。" in words(page)
    job.refresh_from_db()
    confirm(administrator, job)
    assert (measure(11).deadline, measure(11).deadline_text) == (dt.date(2022, 12, 20), "力争年内见效")


@pytest.mark.parametrize("answer", [{}, {"day": "2022-02-30"}, {"day": "2022-12-20", "ongoing": "on"}])
def test_an_answer_that_is_none_is_refused_where_it_was_given(
    administrator: Client, reform_list: ReformList, answer: dict[str, str]
) -> None:
    job = job_of(upload(administrator, UNCLEAR))
    place = job.rows.get(item_no=11).place
    page = Left.at(administrator, f"/imports/{job.pk}/?show=problems").fill(**answer).press("记录")
    assert page.status_code == 422
    shown = html.fromstring(page.content.decode())
    assert shown.xpath(f'//*[@id="row-{place}"]//*[@role="alert"]')
    assert shown.xpath('normalize-space(//nav[@class="tabs"]/*[@aria-current])') == "问题 1"


@pytest.mark.parametrize("answer", [{"day": "2022-12-20"}, {}])
def test_a_row_of_an_import_that_is_over_cannot_be_answered(
    administrator: Client, reform_list: ReformList, answer: dict[str, str]
) -> None:
    job = job_of(upload(administrator, UNCLEAR))
    seen = Left.at(administrator, f"/imports/{job.pk}/?show=problems").fill(**answer)
    confirm(administrator, job)
    page = seen.press("记录")
    assert "未作改动" in words(page)
    assert "已导入为" in words(page)


def test_names_are_given_for_an_elided_cell(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, TextEdition.real().with_lead("6*", "司法、公安部门")))
    Left.at(administrator, f"/imports/{job.pk}/?show=problems").fill(names="市司法局、市公安局").press("记录")
    job.refresh_from_db()
    confirm(administrator, job)
    assert list(measure(6).assignments.filter(part="lead").values_list("printed_name", flat=True)) == [
        "市司法局",
        "市公安局",
    ]


def test_what_is_not_ticked_is_not_written_and_listed_on_the_receipt(
    administrator: Client, reform_list: ReformList
) -> None:
    job = job_of(upload(administrator, fourfold()))
    page = Left.at(administrator, job.get_absolute_url()).untick(LAW_FIRMS).press("保存本页取舍")
    assert "确认后将写入5条变化，1条不采纳（保持原状并列入回执）" in words(page)
    receipt = words(confirm(administrator, job))
    assert "未采纳的变化 变更 第6项 率先探索律师事务所名称核准改革试点" in receipt
    assert measure(6).text.startswith("积极争取司法部支持")


def test_all_can_be_declined_and_accepted_at_once(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, fourfold()))
    page = administrator.post(f"/imports/{job.pk}/rows/", {"whole": "decline"}, follow=True)
    assert "没有任何采纳的变化，无需写入。" in words(page)
    page = administrator.post(f"/imports/{job.pk}/rows/", {"whole": "accept"}, follow=True)
    assert "确认后将写入6条变化" in words(page)


def test_the_receipt_says_what_was_done_by_whom_with_which_file(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, fourfold()))
    receipt = words(confirm(administrator, job))
    assert "第2版。" in receipt
    assert "新增 1 变更 4 调出 1 不变 211 未采纳 0" in receipt
    assert f"SHA-256 {job.file_sha256}" in receipt
    assert "administrator" in receipt
    assert Change.objects.filter(action="edition.applied").latest("sequence").user_id is not None


def test_confirming_something_else_than_was_shown_writes_nothing(
    administrator: Client, reform_list: ReformList
) -> None:
    job = job_of(upload(administrator, fourfold()))
    page = administrator.post(f"/imports/{job.pk}/confirm/", {"key": "of another plan"}, follow=True)
    assert "请重新核对后再确认" in words(page)
    assert reform_list.editions.count() == 1


def test_what_another_administrator_declined_meanwhile_has_to_be_looked_at(
    administrator: Client, reform_list: ReformList
) -> None:
    job = job_of(upload(administrator, fourfold()))
    seen = key_of(job)
    decide.take_in(job, Entered(ticks={decline_of(job.rows.get(kind="withdrawn")): True}))
    page = administrator.post(f"/imports/{job.pk}/confirm/", {"key": seen}, follow=True)
    assert "请重新核对后再确认" in words(page)
    assert reform_list.editions.count() == 1


def test_confirming_twice_writes_once(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, fourfold()))
    confirm(administrator, job)
    page = confirm(administrator, job)
    assert "该导入已被确认、取消或正在处理，未作改动。" in words(page)
    assert reform_list.editions.count() == 2


def test_unseen_agencies_are_decided_with_suggestions(administrator: Client, reform_list: ReformList) -> None:
    page = upload(administrator, TextEdition.real().with_lead("6*", "深圳市司法行政局").with_lead("8", "市低空经济局"))
    job = job_of(page)
    form = html.fromstring(page.content.decode()).get_element_by_id("agencies")
    options = form.xpath('.//select[@name="agency-深圳市司法行政局"]/optgroup/option')
    assert options[0].text.strip() == "市司法局"
    assert "还有2个未认定" in words(page)
    known = Agency.objects.get(name="市司法局")
    left = Left(administrator, page).choose("深圳市司法行政局", str(known.pk)).choose("市低空经济局", "new")
    page = left.press("保存单位认定")
    assert "均已认定，可以修改。" in words(page)
    receipt = words(confirm(administrator, job))
    assert "新建单位 市低空经济局" in receipt
    assert measure(6).assignments.get(part="lead").agency == known


def test_a_known_agency_can_be_typed_in(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, TextEdition.real().with_lead("6*", "某某中心")))
    data = {"known": "市公安局", "known-for": "某某中心"}
    Left.at(administrator, job.get_absolute_url()).fill(**data).press("保存单位认定")
    job.refresh_from_db()
    assert job.agencies == {"某某中心": Agency.objects.get(name="市公安局").pk}


@pytest.mark.parametrize(
    ("typed", "for_name", "sentence"),
    [
        ("没有此单位", "某某中心", "没有名为“没有此单位”的单位"),
        ("市公安局", "", "请选择它对应的印发名称。"),
        ("", "某某中心", "请填写已有单位的名称。"),
    ],
)
def test_a_known_agency_that_is_none_is_refused_and_still_stands_there(
    administrator: Client, reform_list: ReformList, typed: str, for_name: str, sentence: str
) -> None:
    job = job_of(upload(administrator, TextEdition.real().with_lead("6*", "某某中心")))
    left = Left.at(administrator, job.get_absolute_url()).fill(**{"known": typed, "known-for": for_name})
    again = left.pressed("保存单位认定")
    assert (again.response.status_code, sentence in words(again.response)) == (422, True)
    assert (again.fields["known"], again.fields["known-for"]) == ([typed], [for_name])


def test_without_decisions_it_cannot_be_confirmed(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, TextEdition.real().with_lead("6*", "市低空经济局")))
    page = confirm(administrator, job)
    assert "有首次出现的单位尚未认定" in words(page)
    assert reform_list.editions.count() == 1


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (REAL_LIST.read_bytes()[:30_000], "corrupt_file", "文件已损坏，无法读取。"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "not_a_document", "这不是可以读取的清单文件"),
        (small(), "no_table", "清单表格中没有任何举措"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(
    administrator: Client, reform_list: ReformList, data: bytes, kind: str, sentence: str
) -> None:
    with nothing_written():
        page = upload(administrator, data, "坏.docx")
    assert sentence in words(page)
    assert "未写入任何数据。" in words(page)
    assert kind in words(page)
    assert "None" not in words(page)


def test_too_large_a_file_is_refused_before_it_is_kept(
    administrator: Client, reform_list: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = upload(administrator, b"x" * (LIMITS.file_size + 1))
    assert page.status_code == 422
    assert "文件超过20MB" in words(page)
    assert not ImportJob.objects.exists()


def test_a_new_list_can_be_made_under_a_chosen_address(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, small(duty("1")), "区.docx", target="new", slug="nanshan-2022"))
    confirm(administrator, job)
    assert ReformList.objects.get(slug="nanshan-2022").title == "南山区改革清单（2022年）"
    taken = upload(administrator, small(duty("1")), "区.docx", target="new", slug=SLUG)
    assert "该网址标识已被使用。" in words(taken)


def test_two_new_lists_that_nobody_gave_an_address_stay_two(administrator: Client, reform_list: ReformList) -> None:
    titles = ("甲区改革清单（2022年）", "乙区改革清单（2022年）")
    found = [
        job_of(upload(administrator, small(duty("1"), title=title), "清单.docx", target="new")) for title in titles
    ]
    for job in found:
        confirm(administrator, job)
    assert set(ReformList.objects.exclude(pk=reform_list.pk).values_list("title", flat=True)) == set(titles)


def test_a_long_document_is_left_to_the_worker(
    administrator: Client, reform_list: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[Any] = []
    monkeypatch.setattr(work, "wake", woken.append)
    assert len(LONG) < 100_000  # what counts is what it holds, not its size
    page = upload(administrator, LONG, name="长清单.xlsx", title="长清单")
    job = job_of(page)
    assert woken == [run_imports]
    assert "排队等待处理…" in words(page)
    watch_of(job.pk).during(JobStage.WRITING)(500, 2000)
    assert "正在写入：500 / 2000条记录 25%" in words(administrator.get(f"/imports/{job.pk}/"))
    run_imports()
    reload = administrator.get(f"/imports/{job.pk}/progress/")
    assert (reload.status_code, reload["HX-Refresh"]) == (204, "true")
    assert "确认后将写入1200条变化" in words(administrator.get(f"/imports/{job.pk}/"))


def test_cancelling_leaves_nothing(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, fourfold()))
    page = administrator.post(f"/imports/{job.pk}/cancel/", follow=True)
    job.refresh_from_db()
    assert "该导入已取消，未写入任何数据。" in words(page)
    assert f"取消人 {job.cancelled_by} 取消时间 {timezone.localtime(job.finished_at):%Y-%m-%d %H:%M:%S}" in words(page)
    assert job.cancelled_by == job.created_by
    assert (reform_list.editions.count(), PrintedRow.objects.count()) == (1, 216)


def test_a_row_of_another_job_cannot_be_answered(administrator: Client, reform_list: ReformList) -> None:
    job = job_of(upload(administrator, UNCLEAR))
    data = {"question": "deadline-9999", "record": "deadline-9999"}
    assert administrator.post(f"/imports/{job.pk}/answer/", data).status_code == 404


def test_cancelling_too_late_does_not_claim_that_nothing_was_written(
    administrator: Client, reform_list: ReformList
) -> None:
    job = job_of(upload(administrator, fourfold()))
    confirm(administrator, job)
    page = administrator.post(f"/imports/{job.pk}/cancel/", follow=True)
    assert "取消没有生效" in words(page)
    assert "未写入任何数据" not in words(page)


def test_cancelling_what_is_being_worked_on_promises_no_more_than_it_can(
    administrator: Client, reform_list: ReformList
) -> None:
    job = started(fourfold())
    ImportJob.objects.filter(pk=job.pk).update(lease_until=Now() + Lease.LENGTH, holder="another")
    page = administrator.post(f"/imports/{job.pk}/cancel/", follow=True)
    assert "正在取消，结果以本页显示的为准。" in words(page)


NO_NUMBERS = ["99999999999999999999", "²", "9" * 5000, "\x00", "-1"]


@pytest.mark.parametrize("odd", NO_NUMBERS, ids=["huge", "superscript", "endless", "nul", "negative"])
@pytest.mark.parametrize(
    ("page", "data", "status"),
    [
        ("rows", {"change": "row-?", "was": "row-?"}, 302),
        ("rows", {"change": "?", "was": "?"}, 302),
        ("rows", {"to": "?"}, 302),
        ("answer", {"question": "deadline-?", "record": "deadline-?"}, 404),
        ("answer", {"question": "?", "record": "?"}, 404),
        ("agencies", {"agency-市低空经济局": "?"}, 422),
        ("agencies", {"agencies-shown": "?"}, 302),
        ("agencies", {"known": "市司法局", "known-for": "?"}, 422),
        ("agencies", {"known": "?", "known-for": "市低空经济局"}, 422),
    ],
)
def test_what_is_no_number_decides_nothing(
    administrator: Client, reform_list: ReformList, page: str, data: dict[str, str], status: int, odd: str
) -> None:
    job = job_of(upload(administrator, TextEdition.real().with_lead("6*", "市低空经济局")))
    said = {name.replace("?", odd): value.replace("?", odd) for name, value in data.items()}
    assert administrator.post(f"/imports/{job.pk}/{page}/", said).status_code == status
    job.refresh_from_db()
    assert (job.agencies, job.answers, job.rows.filter(is_declined=True).count()) == ({"市低空经济局": ""}, [], 0)


def test_the_number_of_queries_does_not_grow_with_the_rows(
    administrator: Client, reform_list: ReformList, django_assert_max_num_queries: Any
) -> None:
    job = job_of(upload(administrator, fourfold()))
    with django_assert_max_num_queries(20):
        administrator.get(f"/imports/{job.pk}/?show=all")


# Editions -----------------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_grow_with_the_imports(
    administrator: Client, reform_list: ReformList, django_assert_num_queries: Any
) -> None:
    for edition in (fourfold(), TextEdition.real()):
        confirm(administrator, job_of(upload(administrator, edition)))
    administrator.get("/imports/")
    with CaptureQueriesContext(connection) as captured:
        administrator.get("/imports/")
    for_two = len(captured)
    confirm(administrator, job_of(upload(administrator, fourfold())))
    with django_assert_num_queries(for_two):
        administrator.get("/imports/")


@pytest.fixture
def second(administrator: Client, reform_list: ReformList) -> ListEdition:
    confirm(administrator, job_of(upload(administrator, fourfold())))
    return reform_list.editions.get(number=2)


def test_a_comparison_says_how_many_changes_are_of_order_alone(administrator: Client, reform_list: ReformList) -> None:
    """So that what it counts and what it lists are the same number."""
    data = (FIXTURES / "shenzhen-2022-second-edition.txt").read_bytes()
    confirm(administrator, job_of(upload(administrator, data)))
    page = Client().get(f"/lists/{SLUG}/editions/1...2/")
    assert "共13处改动。 另有2处仅调整单位顺序。" in words(page)
    assert "全部：15" in words(page)


def test_anyone_can_compare_two_editions(second: ListEdition, client: Client) -> None:
    page = Client().get(f"/lists/{SLUG}/editions/1...2/")
    shown = words(page)
    assert "由216条举措变为216条，共6处改动。" in shown
    assert "第8项 探索高频经营许可跨城互认 完成时限 删去： 2022年12月底 → 新增： 2023年3月底" in shown
    only = words(Client().get(f"/lists/{SLUG}/editions/1...2/?kind=item_renumbered"))
    assert "第4项" in only
    assert "第8项" not in only


def test_an_edition_shows_its_rows_as_printed(second: ListEdition) -> None:
    page = html.fromstring(Client().get(second.get_absolute_url()).content.decode())
    rows = page.xpath('//table[contains(@class,"as-printed")]/tbody/tr[not(@class)]')
    assert len(rows) == 100
    assert rows[0][1].text_content().strip() == "1*"


def test_the_measure_shows_what_each_edition_said(second: ListEdition) -> None:
    shown = words(Client().get(measure(8).get_absolute_url()))
    assert "第2版 第" in shown
    assert "2023年3月底" in shown
    assert "2022年12月底" in shown


def test_the_original_file_comes_back_as_it_was_for_members_only(second: ListEdition, administrator: Client) -> None:
    address = f"{second.get_absolute_url()}original/"
    response = administrator.get(address)
    assert b"".join(response.streaming_content) == fourfold().content
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("kind", ["docx", "xlsx", "csv"])
def test_an_edition_can_be_had_as_a_file_that_reads_back_the_same(second: ListEdition, kind: str) -> None:
    from importers.documents.read import read_document

    response = Client().get(f"{second.get_absolute_url()}list.{kind}")
    assert response.status_code == 200
    again = read_document(b"".join(response.streaming_content), f"清单.{kind}")
    assert again.content_hash == second.content_sha256


def test_there_is_no_file_of_another_kind(second: ListEdition) -> None:
    assert Client().get(f"{second.get_absolute_url()}list.exe").status_code == 404


def test_an_edition_is_taken_back_after_it_was_said_what_that_does(
    second: ListEdition, administrator: Client, reform_list: ReformList
) -> None:
    page = words(administrator.get(f"{second.get_absolute_url()}revert/"))
    assert "撤回第2版，恢复第1版" in page
    assert "5条举措将恢复为上一版的内容，1条只在本版出现的举措将标为“调出清单”" in page
    assert measure(8).deadline == dt.date(2023, 3, 31)
    page = words(take_back(administrator, second))
    assert "已撤回第2版，第1版恢复为现行版本。" in page
    assert measure(8).deadline == dt.date(2022, 12, 31)
    assert "已撤回" in words(Client().get(reform_list.get_absolute_url()))


def test_an_edition_is_not_taken_back_as_somebody_else_saw_it(
    second: ListEdition, administrator: Client, reform_list: ReformList
) -> None:
    address = f"{second.get_absolute_url()}revert/"
    page = administrator.post(address, {"key": "0" * 64})
    assert page.status_code == 409
    assert "您查看期间情况有变化" in words(page)
    assert ListEdition.objects.get(is_in_force=True) == second


def test_an_edition_is_not_taken_back_to_names_that_are_nobody_s(
    administrator: Client, reform_list: ReformList
) -> None:
    known = Agency.objects.get(name="市司法局")
    other = AgencyName.objects.create(agency=known, name="深圳市司法行政局")
    for lead in ("深圳市司法行政局", "市公安局"):
        confirm(administrator, job_of(upload(administrator, TextEdition.real().with_lead("6*", lead))))
    other.delete()
    third = reform_list.editions.get(number=3)
    page = take_back(administrator, third)
    assert "印有“深圳市司法行政局”，现已不是任何单位的名称" in words(page)
    assert ListEdition.objects.get(is_in_force=True).number == 3
    AgencyName.objects.create(agency=known, name="深圳市司法行政局")
    take_back(administrator, third)
    assert measure(6).assignments.get(part="lead").agency == known


def test_the_first_edition_offers_nothing_to_go_back_to(administrator: Client, reform_list: ReformList) -> None:
    first = reform_list.editions.get()
    assert "撤回该版本" not in words(administrator.get(first.get_absolute_url()))
    page = words(administrator.get(f"{first.get_absolute_url()}revert/", follow=True))
    assert "清单已下达或公开，不能撤销" in page


def test_the_list_leads_to_what_each_edition_changed(second: ListEdition, reform_list: ReformList) -> None:
    page = html.fromstring(Client().get(reform_list.get_absolute_url()).content.decode())
    assert page.xpath(f'//a[@href="/lists/{SLUG}/editions/1...2/"]')[0].text.strip() == "与第1版比较"


def test_what_was_added_can_be_reached_from_the_comparison(second: ListEdition) -> None:
    page = html.fromstring(Client().get(f"/lists/{SLUG}/editions/1...2/").content.decode())
    new = Measure.objects.get(title="全新的事项")
    assert page.xpath(f'//a[@href="{new.get_absolute_url()}"]')


def test_what_the_columns_hold_is_chosen_beside_their_first_cells_and_kept_with_the_list(
    administrator: Client, reform_list: ReformList
) -> None:
    refused = upload(administrator, UNKNOWN, "清单.txt")
    assert "请指定各列含义" in words(refused)
    page = html.fromstring(refused.content.decode())
    assert len(page.xpath('//section[@id="columns"]//td/select')) == 5
    second = [cell.text for cell in page.xpath('//section[@id="columns"]//tbody/tr[2]/td[position() > 1]')]
    assert second == ["乙", "某事"], "a row for each column, with its first cells"
    read = administrator.post(f"/imports/{job_of(refused).pk}/columns/", CHOSEN, follow=True)
    assert "识别出0个任务类别、1项改革事项、1条具体举措" in words(read)
    job = job_of(read)
    ImportJob.objects.filter(pk=job.pk).update(agencies=dict.fromkeys(job.agencies, "new"))
    confirm(administrator, ImportJob.objects.get(pk=job.pk))
    made = ReformList.objects.get(title="2022年小清单")
    assert made.columns == "序号=1,事项=2,举措=3,牵头=4,时限=5"
    again = upload(
        administrator, UNKNOWN.replace("某举措".encode(), "另一举措".encode()), "清单.txt", target=str(made.pk)
    )
    assert "变更 1" in words(again)


def test_a_long_document_is_read_again_by_the_worker_too(administrator: Client, reform_list: ReformList) -> None:
    refused = upload(administrator, UNKNOWN + b"\n" * 10_000, "清单.txt")
    run_imports()
    page = administrator.post(f"/imports/{job_of(refused).pk}/columns/", CHOSEN, follow=True)
    assert "排队等待处理…" in words(page)


@pytest.mark.parametrize(("typed", "called"), [("市政务公开任务清单", "市政务公开任务清单"), ("", "清单")])
def test_a_new_list_without_a_heading_has_the_name_that_was_typed_or_that_of_the_file(
    administrator: Client, typed: str, called: str
) -> None:
    data = UNKNOWN.split(b"\n", 1)[1].replace(
        "甲\t乙\t丙\t丁\t戊".encode(), "序号\t事项\t举措\t牵头单位\t完成时限".encode()
    )
    job = job_of(upload(administrator, data, "清单.txt", target="new", slug="named", title=typed))
    confirm(administrator, job)
    assert ReformList.objects.get(slug="named").title == called


def test_columns_that_cannot_be_meant_are_refused_with_a_sentence(
    administrator: Client, reform_list: ReformList
) -> None:
    job = job_of(upload(administrator, UNKNOWN, "清单.txt"))
    page = administrator.post(f"/imports/{job.pk}/columns/", {**CHOSEN, "column-3": "事项"}, follow=True)
    assert "其余的只能有一列" in words(page)


def test_the_imports_that_wait_are_found(administrator: Client, reform_list: ReformList) -> None:
    waiting = job_of(upload(administrator, UNCLEAR))
    stopped = job_of(upload(administrator, UNCLEAR, "另一份.txt"))
    administrator.post(f"/imports/{stopped.pk}/cancel/")
    assert list(administrator.get("/imports/?state=ready").context["page"]) == [waiting]
    assert list(administrator.get("/imports/").context["page"]) == [stopped, waiting]
    assert "没有这样的导入" in words(administrator.get("/imports/?state=failed"))


def test_what_is_said_of_a_new_list_stands_in_its_settings(administrator: Client, reform_list: ReformList) -> None:
    """Issuer, number, day of issue and where it is published are asked for with the file, also as people type them."""
    said = {
        "short_title": "低空清单",
        "issuer": "市政府办公厅",
        "document_number": "深府办〔2022〕1号",
        "issued_on": "2022-01-28",
        "link": "www.sz.gov.cn/list",
        "licence": "注明来源即可使用",
    }
    job = job_of(upload(administrator, small(duty("1")), "清单.docx", target="new", slug="described", **said))
    # The same file read anew with other columns keeps them.
    again = administrator.post(f"/imports/{job.pk}/columns/", {"column-0": "number"}, follow=True)
    assert again.status_code in (200, 422)
    confirm(administrator, job)
    made = ReformList.objects.get(slug="described")
    assert {name: getattr(made, name) for name in said} == said | {
        "issued_on": dt.date(2022, 1, 28),
        "link": "https://www.sz.gov.cn/list",
    }
    assert "深府办〔2022〕1号" in words(administrator.get("/lists/described/"))


def test_what_is_said_wrong_of_a_new_list_is_shown_beside_it(administrator: Client) -> None:
    page = upload(administrator, small(duty("1")), "清单.docx", target="new", issued_on="2022-13-01", link="没有")
    assert page.status_code == 422
    main = html.fromstring(page.content.decode())
    wrong = main.xpath('//details[@open]//*[contains(@class, "wrong")]//*[@name]/@name')
    assert wrong == ["issued_on", "link"]


def test_whoever_confirms_second_is_told_whose_edition_came_first(
    administrator: Client, reform_list: ReformList, person: PersonMaker
) -> None:
    mine = job_of(upload(administrator, fourfold().with_deadline("12*", "2022年9月底"), "我的.txt"))
    theirs, other = Client(), person(Role.ADMINISTRATOR, username="colleague")
    theirs.force_login(other)
    key = key_of(mine)
    confirm(theirs, job_of(upload(theirs, fourfold().with_deadline("13", "2022年10月底"), "先到的.txt")))
    page = administrator.post(f"/imports/{mine.pk}/confirm/", {"key": key}, follow=True)
    notice = html.fromstring(page.content.decode()).xpath('//*[@role="alert"]')[0].text_content()
    first = ListEdition.objects.get(is_in_force=True, reform_list=reform_list)
    assert first.file_name == "先到的.txt"
    assert f"第{first.number}版" in notice
    assert first.imported_by in notice
    assert moment_text(first.imported_at) in notice
