"""大屏 in the browser: scenes turn by themselves, can be held, and say when their numbers are old."""

import pytest
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
    assert shown(page).startswith("逾期举措")
    page.keyboard.press(" ")
    fetched(page)
    assert shown(page).startswith("逾期举措"), "it is held, also while numbers are fetched"

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
    assert shown(page).startswith("逾期举措"), "what is new is put into the scene that is shown"


def test_a_wall_whose_address_was_ended_shows_no_numbers_until_it_is_opened_again(opened: ContextMaker) -> None:
    page = opened(SUPERVISOR).new_page()
    page.clock.install()
    page.goto("/screen/?seconds=20&scenes=totals,overdue")

    def ended(route: Route) -> None:
        route.fulfill(status=404, content_type="text/html", body="<p>没有找到这个页面</p>")

    page.route("**/screen/**", ended)
    fetched(page)
    expect(page.get_by_role("alert")).to_contain_text("这个大屏地址已停用")
    expect(page.locator("main")).to_be_hidden()
    page.unroute("**/screen/**", ended)
    fetched(page)
    expect(page.get_by_role("alert")).to_be_hidden()
    shown(page)


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160)], ids=["1920", "3840"])
@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
def test_every_scene_fits_the_wall_and_nothing_is_cut(
    opened: ContextMaker, english: bool, size: tuple[int, int]
) -> None:
    page = opened(SUPERVISOR, english=english, size=size).new_page()
    page.clock.install()
    page.goto("/screen/")
    for link in page.locator(".wall-foot nav a").all():
        link.click()
        called = shown(page)
        assert page.evaluate("document.documentElement.scrollHeight") <= size[1], called
        cut = page.locator(".wall-lights .word, .wall-foot p").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"
        )
        assert cut == [], called
