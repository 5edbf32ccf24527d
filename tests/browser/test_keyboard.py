"""The keys: / searches, j and k move, Enter opens, ? helps; and they can be switched off."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import LIST, REPORTER

TITLES = "table.measures .what > a"


@pytest.fixture
def measures(page: Page) -> Page:
    page.goto("/measures/")
    return page


@pytest.mark.parametrize("address", ["/", "/measures/", "/measures/1/", "/agencies/", LIST, "/api/docs/", "/sign-in/"])
def test_a_slash_goes_to_the_search_of_every_page_and_types_nothing(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("h1").first.click()
    page.keyboard.press("/")
    box = page.get_by_label("全站查找")
    expect(box).to_be_focused()
    expect(box).to_have_value("")


@pytest.mark.parametrize("address", ["/", "/agencies/", f"{LIST}sections/1/", "/search/?q=一窗通"])
def test_j_and_k_move_wherever_there_are_rows(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.href")
    page.keyboard.press("k")
    first = page.evaluate("document.activeElement.href")
    assert first
    assert second
    assert first != second


def test_keys_are_promised_only_where_they_do_something(page: Page) -> None:
    page.goto("/code/")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="键盘快捷键")
    expect(keys.get_by_text("搜索", exact=True)).to_be_visible()
    expect(keys.get_by_text("下一条、上一条")).to_be_hidden()
    page.goto("/measures/")
    page.keyboard.press("?")
    expect(keys.get_by_text("下一条、上一条")).to_be_visible()


def test_j_and_k_move_down_and_up_the_measures(measures: Page) -> None:
    measures.keyboard.press("j")
    expect(measures.locator(TITLES).nth(0)).to_be_focused()
    measures.keyboard.press("j")
    expect(measures.locator(TITLES).nth(1)).to_be_focused()
    measures.keyboard.press("k")
    expect(measures.locator(TITLES).nth(0)).to_be_focused()


def test_enter_opens_the_measure_one_has_moved_to(measures: Page) -> None:
    measures.keyboard.press("j")
    title = measures.locator(TITLES).first.inner_text()
    measures.keyboard.press("Enter")
    expect(measures).to_have_url(re.compile(r"/measures/\d+/$"))
    expect(measures.get_by_role("heading", level=1)).to_contain_text(title)


def test_the_keys_still_move_after_the_results_have_changed(measures: Page) -> None:
    measures.locator(".facet li a").first.click()
    expect(measures.locator(".chips")).to_be_visible()
    measures.locator("h1").click()
    measures.keyboard.press("j")
    expect(measures.locator(TITLES).first).to_be_focused()


def test_j_moves_between_the_tasks_of_the_desk(opened: ContextMaker) -> None:
    desk = opened(REPORTER).new_page()
    desk.goto("/desk/")
    desk.keyboard.press("j")
    expect(desk.locator(".tasks a").first).to_be_focused()


def test_a_letter_typed_into_the_search_is_only_a_letter(measures: Page) -> None:
    box = measures.get_by_label("全站查找")
    box.press_sequentially("jk/?")
    expect(box).to_have_value("jk/?")
    expect(measures.get_by_role("dialog")).to_be_hidden()


def test_a_question_mark_shows_the_keys_and_escape_hides_them(measures: Page) -> None:
    measures.keyboard.press("?")
    expect(measures.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    measures.keyboard.press("Escape")
    expect(measures.get_by_role("dialog")).to_be_hidden()


def test_the_keys_stay_off_once_switched_off(measures: Page) -> None:
    measures.get_by_role("button", name="键盘快捷键").click()
    measures.get_by_label("启用快捷键").uncheck()
    measures.get_by_role("button", name="关闭").click()
    measures.reload()
    measures.keyboard.press("/")
    expect(measures.get_by_label("全站查找")).not_to_be_focused()
    measures.keyboard.press("?")
    expect(measures.get_by_role("dialog")).to_be_hidden()


def test_the_keys_can_be_switched_on_again(measures: Page) -> None:
    measures.get_by_role("button", name="键盘快捷键").click()
    measures.get_by_label("启用快捷键").uncheck()
    measures.get_by_label("启用快捷键").check()
    measures.get_by_role("button", name="关闭").click()
    measures.keyboard.press("j")
    expect(measures.locator(TITLES).first).to_be_focused()


def test_the_first_tab_offers_to_skip_to_the_text(measures: Page) -> None:
    measures.keyboard.press("Tab")
    skip = measures.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    skip.press("Enter")
    expect(measures.get_by_role("main")).to_be_focused()
