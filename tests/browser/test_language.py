"""Chinese and English by a switch; on an English page whatever stays Chinese says that it is."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import REPORTER, ROLES, Portal

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


def test_the_switch_leads_to_english_and_back_on_the_same_page(page: Page) -> None:
    page.goto("/measures/?section=1")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(lambda address: address.endswith("/measures/?section=1"))
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


@pytest.mark.parametrize("person", ROLES, ids=lambda person: person or "nobody")
def test_no_english_page_has_chinese_that_does_not_say_so(opened: ContextMaker, portal: Portal, person: str) -> None:
    page = opened(person, english=True).new_page()
    found: dict[str, Any] = {}
    for address in portal.pages(person):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", "en")
        left = page.evaluate(CHINESE_WITHOUT_MARK)
        if left:
            found[address] = left
    assert not found, "\n" + "\n".join(f"{address}: {text}" for address, left in found.items() for text in left)
