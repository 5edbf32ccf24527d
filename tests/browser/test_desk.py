"""The desk in a browser: reporting within a row, and a table that takes a block of cells from WPS."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import Watch

MARKET = "scjg.reporter"
PASTE = """(field, text) => {
  const clipboard = new DataTransfer();
  clipboard.setData("text/plain", text);
  field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: clipboard, bubbles: true, cancelable: true}));
}"""
BLOCK = '"第一行进展\n分两行写，""引号""也在"\t下一步甲\t\t进度滞后\n第二行进展\t下一步乙\n'


def rows(page: Page) -> Locator:
    return page.locator("table.entry tbody tr")


def test_a_report_is_written_within_its_row(opened: ContextMaker) -> None:
    page = opened(MARKET).new_page()
    page.goto("/desk/")
    row = page.locator(".desk-rows li").filter(has=page.locator("a[hx-get]")).first
    identity = row.get_attribute("id")
    row = page.locator(f"#{identity}")
    row.get_by_role("link", name="填报").click()
    row.get_by_label("工作进展").fill(" ")
    row.get_by_role("button", name="报送").click()
    expect(row.get_by_role("alert")).to_contain_text("请填写工作进展")
    row.get_by_label("工作进展").fill("在行内填写的进展。")
    row.get_by_role("button", name="报送").click()
    expect(row.get_by_role("status")).to_contain_text("在行内填写的进展。")
    expect(row.get_by_role("button", name="撤回")).to_be_visible()


def test_a_row_that_was_opened_can_be_shut_again(opened: ContextMaker) -> None:
    page = opened(MARKET).new_page()
    page.goto("/desk/")
    page.locator(".desk-rows a[hx-get]").first.click()
    page.locator(".in-place").get_by_role("link", name="取消", exact=True).click()
    expect(page.locator(".in-place")).to_have_count(0)
    expect(page.locator(".desk-rows a[hx-get]").first).to_be_visible()


def test_a_block_of_cells_fills_to_the_right_and_down(opened: ContextMaker) -> None:
    page = opened(MARKET).new_page()
    page.goto("/desk/table/?scope=open")
    first, second = rows(page).nth(0), rows(page).nth(1)
    kept = second.locator("select").input_value()
    first.locator("textarea").first.evaluate(PASTE, BLOCK)
    expect(first.locator("textarea").first).to_have_value('第一行进展\n分两行写，"引号"也在')
    expect(first.locator("textarea").nth(1)).to_have_value("下一步甲")
    expect(first.locator("select")).to_have_value("behind")
    expect(second.locator("textarea").first).to_have_value("第二行进展")
    expect(second.locator("textarea").nth(1)).to_have_value("下一步乙")
    expect(second.locator("select")).to_have_value(kept)
    expect(page.locator("#edited")).to_contain_text("2")


def test_one_text_is_pasted_as_text(opened: ContextMaker) -> None:
    page = opened(MARKET).new_page()
    page.goto("/desk/table/?scope=open")
    page.locator("table.entry textarea").first.evaluate(PASTE, "一段话\n分两行")
    expect(page.locator("#edited")).to_have_text("")


def test_only_what_was_edited_is_sent_by_ctrl_and_enter(opened: ContextMaker) -> None:
    page = opened(MARKET).new_page()
    page.goto("/desk/table/?scope=open")
    field = rows(page).nth(2).locator("textarea").first
    field.fill("键盘报送的进展。")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        field.press("Control+Enter")
    assert (sent.value.post_data or "").count("-progress=") == 1
    expect(page.get_by_role("status").first).to_contain_text("已报送1条举措")


def test_without_javascript_the_table_is_a_form(opened: ContextMaker) -> None:
    page = opened(MARKET, javascript=False).new_page()
    page.goto("/desk/table/?scope=open")
    rows(page).nth(3).locator("textarea").first.fill("没有脚本也能报送。")
    page.get_by_role("main").get_by_role("button", name="报送").click()
    expect(page.get_by_role("status").first).to_contain_text("已报送1条举措")


def test_signed_out_meanwhile_the_text_stays_and_leaving_is_asked_about(opened: ContextMaker, watch: Watch) -> None:
    context = opened(MARKET)
    page = context.new_page()
    page.goto("/desk/")
    page.locator(".desk-rows a[hx-get]").first.click()
    progress = page.locator("form.in-place textarea").first
    progress.fill("写了一半的进展")
    context.clear_cookies(name="sessionid")
    page.locator("form.in-place").get_by_role("button", name="报送").click()
    expect(page.get_by_role("alert")).to_contain_text("文字还在")
    expect(progress).to_have_value("写了一半的进展")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/")
    assert asked == ["beforeunload"]
    watch.forget()
