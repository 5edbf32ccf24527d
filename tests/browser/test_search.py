"""The search in the head of every page: suggestions by keyboard, and without JavaScript a page of results."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import NOBODY, REPORTER

PHONE = (390, 844)


@pytest.fixture
def box(page: Page) -> Page:
    """A page with the focus in the search."""
    page.goto("/agencies/")
    page.keyboard.press("/")
    return page


def test_what_is_found_is_suggested_as_one_types_and_opened_by_the_arrows(box: Page) -> None:
    box.keyboard.type("一窗通")
    options = box.get_by_role("listbox", name="查找结果").get_by_role("option")
    expect(options.first).to_be_visible()
    search = box.get_by_role("combobox", name="全站查找")
    expect(search).to_have_attribute("aria-expanded", "true")
    box.keyboard.press("ArrowDown")
    box.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(search).to_have_attribute("aria-activedescendant", "suggestion-1")
    box.keyboard.press("ArrowUp")
    address = options.first.get_attribute("href")
    box.keyboard.press("Enter")
    expect(box).to_have_url(re.compile(f"{address}$"))


def test_enter_without_a_choice_leads_to_all_results(box: Page) -> None:
    box.keyboard.type("一窗通")
    box.keyboard.press("Enter")
    expect(box).to_have_url(re.compile(r"/search/\?q="))
    expect(box.get_by_role("heading", level=1)).to_have_text("查找“一窗通”")
    expect(box.get_by_label("全站查找")).to_have_value("一窗通")


def test_escape_and_leaving_close_the_suggestions(box: Page) -> None:
    suggestions = box.locator("#suggestions")
    box.keyboard.type("市场")
    expect(suggestions).to_be_visible()
    box.keyboard.press("Escape")
    expect(suggestions).to_be_hidden()
    box.keyboard.press("ArrowDown")
    expect(suggestions).to_be_visible()
    box.keyboard.press("Tab")
    expect(suggestions).to_be_hidden()


@pytest.mark.parametrize("person", [NOBODY, REPORTER])
def test_without_javascript_it_is_a_form(opened: ContextMaker, person: str) -> None:
    page = opened(person, javascript=False, size=PHONE).new_page()
    page.goto("/")
    page.get_by_label("全站查找").fill("市知识产权局")
    page.get_by_label("全站查找").press("Enter")
    expect(page.get_by_role("link", name="市市场监管局").first).to_be_visible()


def test_the_suggestions_fit_on_a_phone(opened: ContextMaker) -> None:
    page = opened(NOBODY, size=PHONE).new_page()
    page.goto("/")
    page.get_by_label("全站查找").press_sequentially("市场")
    expect(page.locator("#suggestions [role=option]").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
