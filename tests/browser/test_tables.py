"""Tables on a phone and on a wide screen: what is out of sight is said and can be reached, and the width is used."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, ContextMaker
from tests.browser.pages import LIST, REPORTER, SUPERVISOR, Portal

WIDE = (1920, 1080)


@pytest.fixture
def phone(opened: ContextMaker) -> Page:
    return opened(size=PHONE).new_page()


def test_a_table_that_is_wider_than_the_phone_says_so_and_moves_by_the_keyboard(phone: Page) -> None:
    phone.goto("/measures/print/?section=6")
    region = phone.get_by_role("region", name="表格")
    expect(phone.get_by_text("左右移动可看到其余各列")).to_be_visible()
    region.focus()
    expect(region).to_be_focused()
    phone.keyboard.press("ArrowRight")
    for _ in range(40):
        if region.evaluate("area => area.scrollLeft") > 0:
            break
        phone.wait_for_timeout(50)
    assert region.evaluate("area => area.scrollLeft") > 0


def test_rows_are_lines_on_a_phone_and_nothing_of_them_is_out_of_sight(opened: ContextMaker, portal: Portal) -> None:
    own = ["/account/"]
    office = [f"{LIST}editions/1/", f"{LIST}reminders/rules/", f"{LIST}reminders/year/", "/chases/", "/orders/"]
    office += ["/bulletins/", "/bulletins/compare/?from=2022-05-01", portal.places.delivery, "/reminders/sweeps/"]
    office += ["/performance/reports/", "/performance/asked/", "/performance/asked/rows/?month=2022-05"]
    office += ["/measures/chase/?measure=1&measure=2", f"{LIST}data/", f"{LIST}leads/", "/people/roles/", "/calendar/"]
    for person, pages in ((REPORTER, own), (SUPERVISOR, office)):
        page = opened(person, size=PHONE).new_page()
        for address in pages:
            page.goto(address)
            expect(page.locator(".plain-table, .heat").first).to_be_visible()
            expect(page.get_by_text("左右移动可看到其余各列"), address).to_have_count(0)


def test_on_a_phone_the_light_stands_beside_the_number(phone: Page) -> None:
    phone.goto("/measures/")
    row = phone.locator(".measures tbody tr").first
    top = {name: row.locator(f"td.{name}").evaluate("cell => cell.offsetTop") for name in ("num", "what", "lit")}
    assert max(top["num"], top["lit"]) < top["what"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_where_all_of_it_is_in_sight_nothing_is_said(opened: ContextMaker, size: tuple[int, int]) -> None:
    """On a phone the rows of this table are lines."""
    page = opened(size=size).new_page()
    page.goto("/measures/1/")
    expect(page.get_by_text("左右移动可看到其余各列")).to_have_count(0)
    assert page.locator(".scroll[tabindex]").count() == 0


@pytest.mark.parametrize("address", ["/", "/timeline/", "/measures/", "/agencies/1/", f"{LIST}sections/1/"])
def test_a_wide_screen_is_used_and_names_stay_on_few_lines(opened: ContextMaker, address: str) -> None:
    page = opened(size=WIDE).new_page()
    page.goto(address)
    main = page.locator("main").bounding_box()
    assert main
    assert main["width"] > 0.85 * WIDE[0]
    lines = page.locator("table.measures td[data-label=责任单位]").evaluate_all(
        "cells => cells.map(cell => new Set([...cell.querySelectorAll('a')].map(name => name.offsetTop)).size)"
    )
    assert max(lines, default=0) <= 4


def test_where_it_stands_is_on_the_first_screen_of_a_phone_and_on_paper(phone: Page) -> None:
    phone.goto("/measures/1/")
    line = phone.locator(".glance")
    box = line.bounding_box()
    assert box
    assert box["y"] + box["height"] < PHONE[1]
    for part in ("时限", "牵头"):
        expect(line).to_contain_text(part)
    phone.emulate_media(media="print")
    expect(line).to_be_visible()
    phone.emulate_media(media="screen")


def test_english_quotes_are_of_a_latin_face(opened: ContextMaker) -> None:
    page = opened(english=True).new_page()
    page.goto("/search/?q=nothing-like-it")
    first = "one => getComputedStyle(one).fontFamily.split(',')[0]"
    assert "Segoe UI" in page.locator("main").evaluate(first)
    page.goto("/measures/1/")
    assert "PingFang SC" in page.locator("h1").evaluate(first)
