"""What must hold on every page: nothing in the console, nothing from elsewhere, no sideways scrolling, no barrier."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, ContextMaker
from tests.browser.pages import ADMINISTRATOR, NOBODY, REPORTER, ROLES, SUPERVISOR, Portal, Watch

AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
WIDER_THAN_THE_WINDOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const inScroller = element => element.parentElement && (
    element.parentElement.matches("body") ? false
      : getComputedStyle(element.parentElement).overflowX !== "visible" || inScroller(element.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter(
    element => element.getBoundingClientRect().right > width + 0.5 && !inScroller(element));
  return [document.documentElement.scrollWidth + " px", ...wide.slice(0, 4).map(
    element => element.tagName.toLowerCase() + "." + element.className + " " + element.textContent.trim().slice(0, 20))];
}"""


def visited(page: Page, addresses: list[str]) -> Iterator[str]:
    for address in addresses:
        page.goto(address, wait_until="load")
        yield address


@pytest.mark.parametrize("person", ROLES, ids=lambda person: person or "nobody")
def test_no_page_reports_an_error_or_asks_another_host(
    opened: ContextMaker, portal: Portal, watch: Watch, person: str
) -> None:
    page = opened(person).new_page()
    for address in visited(page, portal.pages(person)):
        assert page.get_by_role("main").is_visible(), address
        assert not watch.errors, address
        assert not watch.elsewhere, address


def test_what_the_policy_forbids_does_not_go_unnoticed(opened: ContextMaker, watch: Watch) -> None:
    page = opened().new_page()
    page.goto("/")
    page.evaluate("document.querySelector('h1').setAttribute('style', 'color: red')")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.invalid/dot.png'}))")
    page.wait_for_timeout(100)
    assert any("style" in error for error in watch.errors)
    assert any("elsewhere.invalid" in error for error in watch.errors)
    watch.errors.clear()
    watch.elsewhere.clear()


@pytest.mark.parametrize("person", [NOBODY, REPORTER, SUPERVISOR, ADMINISTRATOR], ids=lambda name: name or "nobody")
def test_no_page_scrolls_sideways(opened: ContextMaker, portal: Portal, person: str) -> None:
    page = opened(person).new_page()
    too_wide = {}
    for address in visited(page, portal.pages(person)):
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            wide = page.evaluate(WIDER_THAN_THE_WINDOW)
            if wide:
                too_wide[f"{address} at {width} px"] = wide
    assert not too_wide


def test_a_page_that_scrolls_sideways_does_not_go_unnoticed(opened: ContextMaker) -> None:
    page = opened(size=PHONE).new_page()
    page.goto("/sign-in/")
    page.evaluate("document.querySelector('h1').style.width = '600px'")
    assert "h1" in str(page.evaluate(WIDER_THAN_THE_WINDOW))


@pytest.mark.parametrize("english", [False, True], ids=["chinese", "english"])
@pytest.mark.parametrize("person", ROLES, ids=lambda person: person or "nobody")
def test_no_page_has_a_barrier(opened: ContextMaker, portal: Portal, person: str, english: bool) -> None:
    page = opened(person, english=english).new_page()
    found = [f"{address}: {barrier}" for address in visited(page, portal.pages(person)) for barrier in barriers(page)]
    assert not found, "\n" + "\n".join(found)


def test_a_barrier_does_not_go_unnoticed(opened: ContextMaker) -> None:
    page = opened().new_page()
    page.goto("/sign-in/")
    page.evaluate("document.querySelectorAll('label').forEach(label => label.remove())")
    assert any(barrier.startswith("label") for barrier in barriers(page))


def barriers(page: Page) -> list[str]:
    """What axe finds on a page: the rule, how many elements, the first of them and what is wrong with it."""
    violations: list[dict[str, Any]] = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    return [
        f"{violation['id']} ({len(violation['nodes'])}×) {node['target']}: {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"][:1]
    ]
