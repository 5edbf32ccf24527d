"""Chinese and English by a switch. What must hold on every English page is in test_every_page.py."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import REPORTER


def test_the_switch_leads_to_english_and_back_on_the_same_page(page: Page) -> None:
    page.goto("/measures/?section=1")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/measures/?section=1")
    expect(page.get_by_role("navigation").first).to_contain_text("Overview")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("navigation").first).to_contain_text("总览")


def test_the_switch_works_without_javascript(opened: ContextMaker) -> None:
    page = opened(javascript=False).new_page()
    page.goto("/agencies/")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Agencies")


def test_the_language_lasts_after_signing_in(opened: ContextMaker) -> None:
    page = opened(REPORTER, english=True).new_page()
    page.goto("/desk/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/measures/1/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
