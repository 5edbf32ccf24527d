"""A choice among many: typing finds one; without JavaScript it is a plain list."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import ContextMaker

ADMINISTRATOR = "administrator"
FIND = "输入文字查找选项"


def people(opened: ContextMaker, *, javascript: bool = True) -> Page:
    page = opened(ADMINISTRATOR, javascript=javascript).new_page()
    page.goto("/people/")
    return page


def test_typing_leaves_what_fits_and_enter_takes_the_first(opened: ContextMaker) -> None:
    page = people(opened)
    choice = page.locator("#id_agency")
    search = page.locator("#id_agency").locator("xpath=preceding-sibling::input[1]")
    expect(search).to_have_attribute("aria-label", FIND)
    search.fill("交通 运输")
    shown = choice.locator("option:not([hidden])")
    expect(shown).to_have_text(["市交通运输局"])
    search.press("Enter")
    assert choice.evaluate("select => select.selectedOptions[0].text") == "市交通运输局"
    expect(search).to_have_value("")
    assert choice.evaluate("select => select.size") == 0
    expect(choice).to_be_focused()


def test_what_was_typed_to_find_is_neither_sent_nor_asked_after(opened: ContextMaker) -> None:
    page = people(opened)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#id_agency").locator("xpath=preceding-sibling::input[1]").fill("交通")
    page.goto("/agencies/")
    assert asked == []


def test_a_short_list_has_no_search(opened: ContextMaker) -> None:
    page = people(opened)
    assert page.locator("#id_role option").count() <= 20
    expect(page.locator("#id_role").locator("xpath=preceding-sibling::input[@class='find']")).to_have_count(0)


def test_without_javascript_it_is_a_plain_list(opened: ContextMaker) -> None:
    page = people(opened, javascript=False)
    expect(page.locator("input.find")).to_have_count(0)
    page.locator("#id_agency").select_option(label="市交通运输局")
