"""What stands unsaved in one form is not dropped by leaving, or by the button of another, without being asked."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import ADMINISTRATOR, LIST, SUPERVISOR, Portal


def asked_on(page: Page) -> list[str]:
    """What the browser asks from here on; each time the person stays."""
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    return asked


def test_another_button_of_the_page_asks_first(opened: ContextMaker, portal: Portal) -> None:
    page = opened(ADMINISTRATOR).new_page()
    page.goto(portal.places.person)
    page.get_by_label("姓名").fill("改了一半")
    asked = asked_on(page)
    page.get_by_role("button", name="English").click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(page.get_by_label("姓名")).to_have_value("改了一半")


@pytest.mark.parametrize("address", ["/unreported/", f"{LIST}fill-in/"])
def test_a_link_asks_first_when_a_tick_has_changed(opened: ContextMaker, portal: Portal, address: str) -> None:
    page = opened(SUPERVISOR).new_page()
    page.goto(address)
    box = page.locator('main form[method="post"] input[type=checkbox]').first
    box.click()
    asked = asked_on(page)
    page.get_by_role("link", name="总览").first.click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    box.click()
    page.get_by_role("link", name="总览").first.click()
    expect(page).to_have_url(f"{portal.address}/")
    assert len(asked) == 1


def test_the_import_asks_before_its_ticks_are_left_and_not_when_they_are_saved(
    opened: ContextMaker, portal: Portal
) -> None:
    page = opened(ADMINISTRATOR).new_page()
    page.goto(portal.places.review)
    page.get_by_role("checkbox", name="采纳").first.uncheck()
    asked = asked_on(page)
    page.get_by_role("link", name="总览").first.click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="保存本页取舍").first.click()
    expect(page.get_by_text("已保存取舍。")).to_be_visible()
    page.get_by_role("button", name="全部采纳").first.click()
    expect(page.get_by_text("不采纳（保持原状")).to_have_count(0)
    assert asked == ["beforeunload"]


def test_what_the_page_itself_wrote_to_be_copied_is_not_asked_about(opened: ContextMaker, portal: Portal) -> None:
    """The words of one agency to paste into a chat are put together again as the page opens."""
    page = opened(SUPERVISOR).new_page()
    page.goto("/unreported/")
    page.locator('main td.num a[href*="agency="]').first.click()
    expect(page.locator("#chat-text")).to_have_attribute("readonly", "")
    # A browser asks only where somebody has touched the page.
    page.get_by_role("heading", level=1).click()
    asked = asked_on(page)
    page.get_by_role("link", name="总览").first.click()
    expect(page).to_have_url(f"{portal.address}/")
    assert asked == []
