"""导入 in the browser: a second edition from the upload to the receipt, and back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import PHONE, ContextMaker, Made, Portal, demonstration
from tests.browser.pages import ADMINISTRATOR, LIST
from tests.conftest import FIXTURES

LAW_FIRMS = "率先探索律师事务所名称核准改革试点"
SECOND = FIXTURES / "shenzhen-2022-second-edition.txt"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, made: Made) -> Iterator[Portal]:
    """One of their own: they change the list, which is short enough here to be compared and taken back in place."""
    with demonstration(tmp_path_factory.mktemp("imports"), made, LONG_EDITION="1000") as shown:
        yield shown


@pytest.fixture(scope="module")
def sessions() -> dict[str, StorageState]:
    """Who has signed in to it."""
    return {}


def upload(page: Page, file: Path) -> None:
    page.goto("/imports/")
    page.get_by_label("清单文件").set_input_files(file)
    page.get_by_role("button", name="上传并识别").click()


def take_back(page: Page) -> None:
    """From the receipt, so that the next test finds the list as it was."""
    page.get_by_role("link", name="撤回该版本").click()
    page.get_by_role("button", name="确认撤回").click()
    expect(page.get_by_text("恢复为现行版本")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_second_edition_comes_in_and_is_taken_back(opened: ContextMaker, *, javascript: bool) -> None:
    page = opened(ADMINISTRATOR, javascript=javascript, size=PHONE).new_page()
    upload(page, SECOND)
    expect(page.get_by_role("heading", name="第8项")).to_be_visible()
    expect(page.get_by_text("确认后将写入15条变化。")).to_be_visible()
    page.get_by_role("checkbox", name=f"采纳 {LAW_FIRMS}").uncheck()
    if javascript:
        expect(page.get_by_text("确认后将写入14条变化，1条不采纳")).to_be_visible()
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator("h2:text('未采纳的变化') + ul")).to_contain_text(LAW_FIRMS)
    page.get_by_role("link", name="与上一版比较").click()
    expect(page.get_by_text("共13处改动")).to_be_visible()
    page.goto(f"{LIST}items/6/")
    expect(page.get_by_text("积极争取司法部支持").first).to_be_visible()
    page.go_back()
    page.go_back()
    take_back(page)
    page.goto(f"{LIST}items/8/")
    expect(page.get_by_text("2022年12月底").first).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_what_is_unticked_on_two_pages_is_left_out(opened: ContextMaker, tmp_path: Path, *, javascript: bool) -> None:
    longer = tmp_path / "第四版.txt"
    longer.write_text(SECOND.read_text(encoding="utf-8").replace("2022年12月底", "2023年1月底"), encoding="utf-8")
    page = opened(ADMINISTRATOR, javascript=javascript).new_page()
    upload(page, longer)
    said = page.get_by_text(re.compile(r"确认后将写入\d+条变化"))
    total = int(re.findall(r"写入(\d+)条", said.inner_text())[0])
    titles = [untick_the_last(page)]
    page.get_by_role("button", name="下一页").click()
    expect(page.get_by_text(f"确认后将写入{total - 1}条变化，1条不采纳")).to_be_visible()
    titles.append(untick_the_last(page))
    page.get_by_role("button", name="确认导入").click()
    declined = page.locator("h2:text('未采纳的变化') + ul li")
    expect(declined).to_have_count(2)
    for line, title in enumerate(titles):
        expect(declined.nth(line)).to_contain_text(title)
    take_back(page)


def untick_the_last(page: Page) -> str:
    """The last change on the page; its title."""
    row = page.locator("article.import-row").last
    row.get_by_role("checkbox", name="采纳").uncheck()
    return row.get_by_role("heading").locator("[lang]").inner_text()


def test_what_is_typed_in_a_row_survives_a_tick_and_goes_with_any_button(opened: ContextMaker, tmp_path: Path) -> None:
    unclear = tmp_path / "第五版.txt"
    unclear.write_text(SECOND.read_text(encoding="utf-8").replace("2023年3月底", "力争年内见效", 1), encoding="utf-8")
    page = opened(ADMINISTRATOR).new_page()
    upload(page, unclear)
    page.get_by_label("完成时限").fill("2023-03-20")
    page.get_by_role("checkbox", name=f"采纳 {LAW_FIRMS}").uncheck()
    expect(page.get_by_text("1条不采纳")).to_be_visible()
    expect(page.get_by_label("完成时限")).to_have_value("2023-03-20")
    page.wait_for_load_state("networkidle")  # the count after the last change
    page.get_by_role("button", name="问题 1").click()
    expect(page.get_by_text("没有需要处理的问题。")).to_be_visible()
    expect(page.get_by_text("已记录，原文保留不变。")).to_be_visible()
    page.get_by_role("button", name="取消导入").click()


def test_a_broken_file_is_refused_with_what_to_do(opened: ContextMaker, tmp_path: Path) -> None:
    broken = tmp_path / "清单.docx"
    broken.write_bytes((FIXTURES / "shenzhen-2022-first-batch.docx").read_bytes()[:20_000])
    page = opened(ADMINISTRATOR).new_page()
    upload(page, broken)
    expect(page.get_by_role("alert")).to_contain_text("文件已损坏，无法读取。请用WPS打开，另存为.docx后上传。")


def test_an_unclear_deadline_is_settled_in_its_row(opened: ContextMaker, tmp_path: Path) -> None:
    unclear = tmp_path / "第三版.txt"
    unclear.write_text(SECOND.read_text(encoding="utf-8").replace("2023年3月底", "力争年内见效", 1), encoding="utf-8")
    page = opened(ADMINISTRATOR).new_page()
    upload(page, unclear)
    page.get_by_role("button", name="问题 1").click()
    page.get_by_label("完成时限").fill("2023-03-20")
    page.get_by_role("button", name="记录").click()
    expect(page.get_by_text("没有需要处理的问题。")).to_be_visible()
    page.get_by_role("button", name="取消导入").click()
    expect(page.get_by_text("该导入已取消，未写入任何数据。")).to_be_visible()
