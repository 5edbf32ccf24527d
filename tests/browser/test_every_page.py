"""What must hold on every page, for everybody, in both languages; and that each fault would be noticed.

`make browser` opens them all. Otherwise it is a dose, another one each day: every second page, by somebody in one of
the languages.
"""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, ContextMaker
from tests.browser.pages import ROLES, Portal, Visit, Watch, dose
from tests.turns import ALL, NAMED, TURN

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
    element => element.tagName.toLowerCase() + "." + element.className + " " + element.textContent.trim().slice(0, 9))];
}"""


CHINESE_WITHOUT_MARK = """() => {
  const chinese = /[\\u3400-\\u9fff]/;
  const marked = element => element.closest("[lang]").lang.startsWith("zh");
  const shown = element => element.checkVisibility ? element.checkVisibility() : element.offsetParent !== null;
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (chinese.test(texts.currentNode.data) && shown(element) && !marked(element)) {
      found.push(element.tagName.toLowerCase() + ": " + texts.currentNode.data.trim());
    }
  }
  for (const element of document.body.querySelectorAll("[title], [placeholder], [aria-label], [alt]")) {
    for (const name of ["title", "placeholder", "aria-label", "alt"]) {
      const text = element.getAttribute(name) || "";
      if (chinese.test(text) && !marked(element)) found.push(name + ": " + text);
    }
  }
  return [...new Set(found)].slice(0, 12);
}"""
TWICE_THE_SAME_ID = """() => {
  const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
}"""
DESCRIBED_BY_NOTHING = """() => [...document.querySelectorAll("[aria-describedby]")].flatMap(element =>
  element.getAttribute("aria-describedby").split(" ").filter(id => !document.getElementById(id)))"""
# Further rows of a table and further choices of a facet come from the same few lines of a template.
KEEP_A_FEW_ROWS = """() => {
  for (const list of document.querySelectorAll("tbody, .facets ul, .brief, .tasks, .history")) {
    [...list.children].slice(8).forEach(child => child.remove());
  }
  [...document.querySelectorAll(".operation, .digest")].slice(4).forEach(element => element.remove());
}"""


@pytest.fixture(scope="module")
def visits(portal: Portal) -> list[Visit]:
    every = portal.visits()
    return every if ALL else dose(every, TURN)


@pytest.mark.parametrize("english", [False, True], ids=["chinese", "english"])
@pytest.mark.parametrize("person", ROLES, ids=lambda person: person or "nobody")
def test_no_page_has_a_fault(
    opened: ContextMaker, visits: list[Visit], watch: Watch, person: str, english: bool
) -> None:
    """Nothing in the console, nothing from another host, no sideways scrolling, no barrier, no unmarked Chinese."""
    page = opened(person, english=english).new_page()
    addresses = [visit.address for visit in visits if (visit.person, visit.english) == (person, english)]
    found: dict[str, list[str]] = {}
    for address in addresses:
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", "en" if english else "zh-CN")
        faults = too_wide(page) + wrong_ids(page) + barriers(page) + watch.errors + watch.elsewhere
        # The words searched for are the reader's own.
        if english and "search=" not in address:
            faults += unmarked_chinese(page)
        for fault in faults:
            found.setdefault(fault, []).append(address)
        watch.forget()
    assert addresses
    told = "".join(f"\n{fault}\n    on {' '.join(where)}" for fault, where in found.items())
    assert not found, f"with TEST_TURN={NAMED}:{told}"


def test_what_the_policy_forbids_does_not_go_unnoticed(page: Page, watch: Watch) -> None:
    page.goto("/sign-in/")
    page.evaluate("document.querySelector('h1').setAttribute('style', 'color: red')")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.invalid/dot.png'}))")
    page.wait_for_timeout(200)
    errors = " ".join(watch.errors)
    watch.forget()
    assert "Applying inline style violates" in errors
    assert "elsewhere.invalid" in errors


def test_other_faults_do_not_go_unnoticed(page: Page) -> None:
    page.goto("/sign-in/")
    assert not too_wide(page) + barriers(page)
    page.evaluate("document.querySelector('h1').style.width = '600px'")
    page.evaluate("document.querySelectorAll('label').forEach(label => label.remove())")
    page.evaluate("document.documentElement.lang = 'en'")
    page.evaluate("document.querySelector('h1').id = 'main'")
    page.evaluate("document.querySelector('h1').setAttribute('aria-describedby', 'nowhere')")
    assert "h1" in str(too_wide(page))
    assert wrong_ids(page) == ["more than one element is #main", "nothing is #nowhere"]
    assert any(barrier.startswith("label") for barrier in barriers(page))
    assert "h1: 登录" in unmarked_chinese(page)


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways, on a desk and on a phone."""
    found = []
    for width, height in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate(WIDER_THAN_THE_WINDOW)
        found += [f"wider than {width} px: {', '.join(wide)}"] if wide else []
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    return found


def wrong_ids(page: Page) -> list[str]:
    """Ids that two elements have (the label of the second leads to the first), and those of help that is not there."""
    repeated = [f"more than one element is #{one}" for one in page.evaluate(TWICE_THE_SAME_ID)]
    return repeated + [f"nothing is #{one}" for one in page.evaluate(DESCRIBED_BY_NOTHING)]


def unmarked_chinese(page: Page) -> list[str]:
    """Chinese, shown or told, in elements that do not say they are Chinese."""
    return list(page.evaluate(CHINESE_WITHOUT_MARK))


def barriers(page: Page) -> list[str]:
    """What axe finds on a page: the rule, how many elements, the first of them and what is wrong with it."""
    page.evaluate(KEEP_A_FEW_ROWS)
    violations: list[dict[str, Any]] = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    return [
        f"{violation['id']} ({len(violation['nodes'])}×) {node['target']}: {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"][:1]
    ]
