"""From signing in to a report in the history, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import NOBODY, PASSWORD, REPORTER, VIEWER, Portal, Watch


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_reporter_signs_in_reports_and_sees_it_in_the_history(
    opened: ContextMaker, portal: Portal, javascript: bool
) -> None:
    measure = portal.places.measure if javascript else portal.places.another_measure
    said = f"已完成联调测试，{'页面' if javascript else '表单'}报送。"
    page = opened(NOBODY, javascript=javascript).new_page()

    page.goto("/")
    page.get_by_role("link", name="登录").click()
    page.get_by_label("用户名").fill(REPORTER)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()

    expect(page).to_have_url(f"{portal.address}/desk/")
    page.locator(f".tasks a[href='{measure}report/']").click()
    page.get_by_label("进展").first.fill(said)
    page.get_by_role("button", name="报送").click()

    expect(page).to_have_url(f"{portal.address}{'/desk/' if javascript else measure}")
    expect(page.get_by_role("status").first).to_contain_text("已报送")
    page.goto(measure)
    latest = page.locator("#history + .history li").first
    expect(latest).to_contain_text("2022年6月15日")
    expect(latest).to_contain_text("报送进展")
    expect(latest).to_contain_text(said)
    page.goto("/desk/")
    expect(page.get_by_text(said)).to_be_visible()


def test_the_form_begins_with_what_was_said_last(opened: ContextMaker, portal: Portal) -> None:
    page = opened(REPORTER).new_page()
    page.goto(portal.places.measure)
    last = page.locator(".report p").first.inner_text()
    page.get_by_role("link", name="填报进展").click()
    expect(page.get_by_label("进展").first).to_have_value(last)


def test_an_empty_report_is_refused_and_what_else_was_written_is_kept(opened: ContextMaker, portal: Portal) -> None:
    page = opened(REPORTER, javascript=False).new_page()
    page.goto(f"{portal.places.measure}report/")
    page.get_by_label("进展").first.fill("　 ")
    page.get_by_label("下一步工作安排").fill("七月完成验收。")
    page.get_by_role("button", name="报送").click()
    expect(page).to_have_url(re.compile("/report/$"))
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("下一步工作安排")).to_have_value("七月完成验收。")


def test_a_wrong_password_says_so_and_lets_nobody_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("用户名").fill("nobody.at.all")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/desk/")
    expect(page).to_have_url(re.compile("/sign-in/"))


def test_a_viewer_reads_the_reports_and_is_offered_no_reporting(opened: ContextMaker, portal: Portal) -> None:
    page = opened(VIEWER).new_page()
    page.goto(portal.places.measure)
    expect(page.locator(".report").first).to_be_visible()
    expect(page.get_by_role("link", name="填报")).to_have_count(0)
    page.goto("/desk/")
    expect(page.locator(".tasks li").first).to_be_visible()
    expect(page.get_by_role("link", name="填报")).to_have_count(0)


def test_who_has_not_signed_in_reads_no_report(page: Page, portal: Portal) -> None:
    page.goto(portal.places.measure)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".report")).to_have_count(0)
    expect(page.get_by_role("link", name="填报")).to_have_count(0)


def test_after_signing_out_the_desk_is_shut(opened: ContextMaker, portal: Portal) -> None:
    page = opened(NOBODY).new_page()
    page.goto("/sign-in/")
    page.get_by_label("用户名").fill("scjg.reporter")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(f"{portal.address}/")
    page.goto("/desk/")
    expect(page).to_have_url(re.compile("/sign-in/"))


PROGRESS = "工作进展"


def at_the_form(opened: ContextMaker, portal: Portal) -> Page:
    page = opened(REPORTER).new_page()
    page.goto(f"{portal.places.typed_on}report/")
    return page


def state_of(page: Page) -> Locator:
    return page.locator("#draft-state")


def test_what_is_typed_is_kept_without_a_button(opened: ContextMaker, portal: Portal) -> None:
    page = at_the_form(opened, portal)
    page.get_by_label(PROGRESS).fill("边写边存的进展")
    expect(state_of(page)).to_contain_text("正在输入")
    expect(state_of(page)).to_contain_text("草稿已保存")
    page.get_by_label(PROGRESS).fill("边写边存的进展，又写了一句")
    page.get_by_label("下一步工作安排").focus()
    expect(page.locator("[name=draft_seen]")).not_to_have_value("0")
    expect(state_of(page)).to_contain_text("草稿已保存")
    again = at_the_form(opened, portal)
    expect(again.get_by_label(PROGRESS)).to_have_value("边写边存的进展，又写了一句")


def test_text_that_could_not_be_kept_is_said_and_sent_again(opened: ContextMaker, portal: Portal, watch: Watch) -> None:
    page = at_the_form(opened, portal)
    page.route("**/draft/", lambda route: route.fulfill(status=503, body="busy"))
    page.get_by_label(PROGRESS).fill("网络断了也不丢")
    page.get_by_label("下一步工作安排").focus()
    expect(state_of(page)).to_contain_text("尚未保存")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="取消").click()
    expect(page.get_by_label(PROGRESS)).to_have_value("网络断了也不丢")
    assert asked == ["beforeunload"]
    page.unroute("**/draft/")
    expect(state_of(page)).to_contain_text("草稿已保存", timeout=8_000)
    watch.forget()


def test_a_button_pressed_while_the_draft_is_on_its_way_waits_for_it(opened: ContextMaker, portal: Portal) -> None:
    """Should the draft arrive after the report, it would be refused, as another person's."""
    page = opened(REPORTER).new_page()
    page.goto(f"{portal.places.another_measure}report/")
    held: list[Route] = []
    sent: list[str] = []
    page.route("**/draft/", lambda route: held.append(route))  # noqa: PLW0108  # it is given an attribute
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_label("进展").first.fill("正在会签。")
    page.get_by_role("button", name="报送").click()
    page.wait_for_timeout(500)
    assert [url.rsplit("/", 2)[1] for url in sent] == ["draft"]
    held[0].continue_()
    expect(page.get_by_role("status").first).to_contain_text("已报送")


def test_leaving_at_once_keeps_the_last_words(opened: ContextMaker, portal: Portal) -> None:
    page = at_the_form(opened, portal)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label(PROGRESS).type("离开前的最后一句。")
    page.goto("/desk/")
    again = at_the_form(opened, portal)
    for _ in range(20):  # what a page sends as it goes may arrive after the next one was asked for
        if "离开前的最后一句" in again.get_by_label(PROGRESS).input_value():
            return
        again.wait_for_timeout(250)
        again.reload()
    pytest.fail("the last words were not kept")


def test_two_windows_see_both_texts_and_lose_neither(opened: ContextMaker, portal: Portal) -> None:
    first, second = at_the_form(opened, portal), at_the_form(opened, portal)
    first.get_by_label(PROGRESS).fill("先写的一稿")
    expect(state_of(first)).to_contain_text("草稿已保存")
    second.get_by_label(PROGRESS).fill("后写的一稿")
    conflict = second.locator("#conflict")
    expect(conflict).to_contain_text("先写的一稿")
    expect(conflict).to_contain_text("后写的一稿")
    expect(second.get_by_label(PROGRESS)).to_have_value("后写的一稿")
    conflict.get_by_role("button", name="用我的").click()
    expect(second.locator("#conflict")).to_be_empty()
    expect(second.get_by_label(PROGRESS)).to_have_value("后写的一稿")
    first.get_by_label(PROGRESS).fill("先写的一稿，继续")
    expect(first.locator("#conflict")).to_contain_text("后写的一稿")
    first.get_by_role("link", name="用对方的").click()
    expect(first.get_by_label(PROGRESS)).to_have_value("后写的一稿")


def test_one_click_reports_that_nothing_changed(opened: ContextMaker, portal: Portal) -> None:
    page = opened(REPORTER).new_page()
    page.goto(portal.places.another_measure)
    before = page.locator(".report").count()
    page.get_by_role("button", name="本期无变化").click()
    expect(page.get_by_role("status").first).to_contain_text("本期无变化")
    expect(page.locator(".report")).to_have_count(before + 1)
