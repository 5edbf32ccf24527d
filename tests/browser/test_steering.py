"""The office steers a measure: resumed, and suspended again after a second look, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import SUPERVISOR, Portal


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_suspended_measure_is_resumed_and_suspended_again(
    opened: ContextMaker, portal: Portal, javascript: bool
) -> None:
    measure = portal.places.suspended
    page = opened(SUPERVISOR, javascript=javascript).new_page()
    page.goto(measure)
    expect(page.get_by_text("等待上级方案。").first).to_be_visible()
    page.get_by_role("link", name="督办：时限").click()

    page.locator("#resume summary").click()
    page.locator("#resume").get_by_label("理由").fill("方案已印发。")
    page.locator("#resume").get_by_role("button").click()
    expect(page).to_have_url(f"{portal.address}{measure}")
    expect(page.get_by_role("status").first).to_contain_text("已恢复推进")

    page.get_by_role("link", name="督办：时限").click()
    page.locator("#suspend summary").click()
    page.locator("#suspend").get_by_label("理由").fill("等待上级方案。")
    page.locator("#suspend").get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("请核对：中止")
    page.get_by_role("button", name="确认中止").click()
    expect(page.get_by_role("status").first).to_contain_text("已中止")
