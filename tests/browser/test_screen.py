"""大屏 in the browser: scenes turn by themselves, can be held, and say when their numbers are old."""

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import SUPERVISOR


def shown(page: Page) -> str:
    expect(page.locator(".scene:visible")).to_have_count(1)
    return page.locator(".scene:visible h1").inner_text()


def fetched(page: Page) -> None:
    """A minute later the numbers have come."""
    with page.expect_response("**/screen/**") as answer:
        page.clock.run_for(60_000)
    answer.value.finished()
    page.evaluate("() => new Promise((done) => { queueMicrotask(done); })")


def test_scenes_turn_are_held_and_tell_when_they_are_old(opened: ContextMaker) -> None:
    page = opened(SUPERVISOR).new_page()
    page.clock.install()
    page.goto("/screen/?seconds=20&scenes=totals,overdue,soon")
    assert shown(page) == "总体进展"
    page.clock.run_for(20_000)
    assert shown(page) == "逾期举措"
    page.keyboard.press(" ")
    fetched(page)
    assert shown(page) == "逾期举措", "it is held, also while numbers are fetched"

    def another_page(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", body="<p>登录</p>")

    page.route("**/screen/**", another_page)
    page.clock.run_for(120_000)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.clock.run_for(120_000)
    expect(page.get_by_role("alert")).to_contain_text("数据未能更新")
    page.unroute("**/screen/**", another_page)
    fetched(page)
    expect(page.get_by_role("alert")).to_be_hidden()
    assert shown(page) == "逾期举措", "what is new is put into the scene that is shown"
