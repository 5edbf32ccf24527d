"""导入 in the browser: a second edition from the upload to the receipt, and back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, ContextMaker
from tests.browser.pages import ADMINISTRATOR, LIST
from tests.conftest import FIXTURES

SECOND = FIXTURES / "shenzhen-2022-second-edition.txt"


def upload(page: Page, file: Path) -> None:
    page.goto("/imports/")
    page.get_by_label("清单文件").set_input_files(file)
    page.get_by_role("button", name="上传并识别").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_second_edition_comes_in_and_is_taken_back(opened: ContextMaker, *, javascript: bool) -> None:
    page = opened(ADMINISTRATOR, javascript=javascript, size=PHONE).new_page()
    upload(page, SECOND)
    expect(page.get_by_role("heading", name="第8项")).to_be_visible()
    page.get_by_role("checkbox", name="采纳 率先探索律师事务所名称核准改革试点").uncheck()
    page.get_by_role("button", name="保存本页取舍").first.click()
    expect(page.get_by_text("确认后将写入14条变化，1条不采纳")).to_be_visible()
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("未采纳的变化")).to_be_visible()
    page.get_by_role("link", name="与上一版比较").click()
    expect(page.get_by_text("共13处改动")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="撤回该版本").click()
    page.get_by_role("button", name="确认撤回").click()
    expect(page.get_by_text("恢复为现行版本")).to_be_visible()
    page.goto(f"{LIST}items/8/")
    expect(page.get_by_text("2022年12月底").first).to_be_visible()


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
    page.get_by_role("link", name="问题 1").click()
    page.get_by_label("完成时限").fill("2023-03-20")
    page.get_by_role("button", name="记录").click()
    expect(page.get_by_text("没有需要处理的问题。")).to_be_visible()
    page.get_by_role("button", name="取消导入").click()
    expect(page.get_by_text("该导入已取消，未写入任何数据。")).to_be_visible()
