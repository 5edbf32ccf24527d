"""The office reviews by keyboard alone: from case to case, approve, return; and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import SUPERVISOR, Portal

CHECKS = "#approve input[type=checkbox]"


@pytest.fixture
def case(opened: ContextMaker) -> Page:
    """The first case of the queue."""
    page = opened(SUPERVISOR).new_page()
    page.goto("/review/?kind=claim")
    page.get_by_role("link", name="从第一件开始").click()
    expect(page.locator("#approve")).to_be_visible()
    page.wait_for_load_state()
    return page


def test_n_and_p_lead_to_the_next_case_and_back(case: Page) -> None:
    first = case.url
    case.keyboard.press("n")
    expect(case).not_to_have_url(first)
    expect(case.locator(".place")).to_contain_text("第2/")
    case.wait_for_load_state()
    case.keyboard.press("p")
    expect(case).to_have_url(first)


def test_r_goes_to_the_reason_and_a_phrase_is_put_in(case: Page) -> None:
    case.keyboard.press("r")
    reason = case.get_by_label("退回理由")
    expect(reason).to_be_focused()
    expect(reason).to_have_value("")
    case.get_by_role("button", name="佐证材料不全").click()
    case.get_by_role("button", name="请补充本单位审签意见").click()
    expect(reason).to_have_value(re.compile("^佐证材料不全.*\n请补充本单位审签意见。$"))
    expect(reason).to_be_focused()


def test_letters_in_the_reason_are_only_letters(case: Page) -> None:
    here = case.url
    case.keyboard.press("r")
    case.keyboard.type("napr")
    expect(case.get_by_label("退回理由")).to_have_value("napr")
    expect(case).to_have_url(here)


def test_the_keys_are_listed_and_can_be_switched_off(case: Page) -> None:
    here = case.url
    case.keyboard.press("?")
    keys = case.get_by_role("dialog", name="键盘快捷键")
    expect(keys).to_contain_text("写退回理由")
    keys.get_by_label("启用快捷键").uncheck()
    keys.get_by_role("button", name="关闭").click()
    case.keyboard.press("n")
    case.wait_for_timeout(300)
    expect(case).to_have_url(here)


def test_a_case_is_approved_with_the_keyboard_alone_and_the_next_opens(case: Page) -> None:
    first, boxes = case.url, case.locator(CHECKS).count()
    assert boxes in (3, 4)  # one more where the agency signs
    for box in range(boxes):
        case.keyboard.press("a")
        expect(case.locator(CHECKS).nth(box)).to_be_focused()
        case.keyboard.press("Space")
    case.keyboard.press("a")
    expect(case.get_by_role("button", name="核验通过")).to_be_focused()
    case.keyboard.press("Enter")
    expect(case.get_by_role("status").first).to_contain_text("已核验通过")
    expect(case).not_to_have_url(first)
    expect(case.locator("#approve")).to_be_visible()


def test_ctrl_enter_sends_the_form_one_writes_in(case: Page) -> None:
    case.keyboard.press("r")
    case.keyboard.insert_text("请补充验收报告。")
    case.keyboard.press("Control+Enter")
    expect(case.get_by_role("status").first).to_contain_text("已退回修改")


def test_without_javascript_a_request_is_granted_to_another_day(opened: ContextMaker, portal: Portal) -> None:
    page = opened(SUPERVISOR, javascript=False).new_page()
    page.goto(portal.places.extension)
    expect(page.locator(".phrases")).to_be_hidden()
    page.get_by_label("同意延期至").fill("2023-02-28")
    page.get_by_role("button", name="同意延期", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已同意延期")
    page.goto(portal.places.extension)
    expect(page.get_by_role("main")).to_contain_text("2023年2月28日")
