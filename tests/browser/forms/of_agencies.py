"""What reporters and approvers send."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.forms.acts import PROGRESS, each, new_name, press, told, workbook
from tests.browser.pages import Places
from tests.reforms.documents import pdf
from tests.reforms.workbook.test_workbook import FIRST, Paper


def report_on_a_measure(page: Page, places: Places) -> None:
    page.goto(f"{places.measure}report/")
    page.get_by_label(PROGRESS).fill("联调测试已完成。")
    press(page, "报送")
    told(page, "已报送")


def report_within_a_row_and_take_it_back(page: Page, _places: Places) -> None:
    page.goto("/desk/")
    identity = page.locator(".desk-rows li").filter(has=page.locator("a[hx-get]")).first.get_attribute("id")
    row = page.locator(f"#{identity}")
    row.get_by_role("link", name="填报").click()
    row.get_by_label(PROGRESS).fill("在行内填写的进展。")
    row.get_by_role("button", name="报送").click()
    expect(row.get_by_role("status")).to_contain_text("在行内填写的进展。")
    row.get_by_role("button", name="撤回").click()
    told(page, "已撤回")


def begin_within_a_row_and_go_on_in_the_full_page(page: Page, _places: Places) -> None:
    """Without being asked whether to leave: what was written is there."""
    page.on("dialog", lambda dialog: dialog.accept() if dialog.type != "beforeunload" else dialog.dismiss())
    page.goto("/desk/")
    identity = page.locator(".desk-rows li").filter(has=page.locator("a[hx-get]")).last.get_attribute("id")
    row = page.locator(f"#{identity}")
    row.locator("a[hx-get]").click()
    row.get_by_label(PROGRESS).fill("在行内写了一半。")
    row.get_by_role("button", name="存为草稿").click()
    expect(row.get_by_role("status")).to_contain_text("草稿已保存")
    row.get_by_role("link", name="继续填写").click()
    row.get_by_label(PROGRESS).fill("在行内写了一半，还要附材料。")
    row.get_by_role("button", name="带到完整页面").click()
    page.wait_for_url("**/report/**")
    expect(page.get_by_label(PROGRESS)).to_have_value("在行内写了一半，还要附材料。")


def say_that_nothing_changed(page: Page, places: Places) -> None:
    page.goto(places.another_measure)
    press(page, "本期无变化")
    told(page, "本期无变化")


def keep_a_draft(page: Page, places: Places) -> None:
    page.goto(f"{places.drafted}report/")
    page.get_by_label(PROGRESS).fill("草稿又写了一句。")
    press(page, "保存草稿")
    expect(page.locator("#draft-state")).to_contain_text("草稿已保存")


def add_a_file_and_take_it_off(page: Page, places: Places) -> None:
    page.goto(f"{places.drafted}report/")
    file = {"name": "批复.pdf", "mimeType": "application/pdf", "buffer": pdf("批复")}
    page.get_by_label("添加佐证材料").set_input_files([file])
    press(page, "上传")
    expect(page.get_by_text("已添加“批复.pdf”")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    press(page, "删除 批复.pdf")
    expect(page.get_by_text("已删除“批复.pdf”")).to_be_visible()


def throw_the_draft_away(page: Page, places: Places) -> None:
    page.goto(f"{places.drafted}draft/discard/")
    press(page, "放弃草稿")
    told(page, "草稿已放弃")


def ask_for_more_time(page: Page, measure: str) -> None:
    page.goto(f"{measure}extension/")
    page.get_by_label("申请延期至").fill("2023-03-31")
    page.get_by_label("延期理由").fill("上级配套文件尚未印发。")
    press(page, "提交申请")
    told(page, "已")


def ask_for_more_time_and_think_better_of_it(page: Page, places: Places) -> None:
    ask_for_more_time(page, places.to_extend[0])
    page.goto(places.to_extend[0])
    press(page, "撤回申请")
    told(page, "已撤回")


def ask_for_more_time_for_another(page: Page, places: Places) -> None:
    ask_for_more_time(page, places.to_extend[1])


def plan_a_milestone_change_report_and_withdraw_it(page: Page, places: Places) -> None:
    page.goto(f"{places.measure}milestones/")
    name = new_name("形成初稿")
    page.get_by_label("节点", exact=True).fill(name)
    page.get_by_label("计划日期").fill("2022-06-30")
    press(page, "保存")
    told(page, "已安排阶段节点")
    open_the_milestone(page, name)
    page.get_by_text("修改节点").first.click()
    page.locator("#change").get_by_label("说明").fill("先征求各区意见。")
    press(page, "修改节点")
    told(page, "已修改阶段节点")
    open_the_milestone(page, name)
    page.get_by_label("完成情况").fill("初稿已形成。")
    press(page, "报告完成")
    told(page, "已报告该节点完成")
    open_the_milestone(page, name)
    press(page, "撤回完成报告")
    told(page, "已撤回完成报告")
    open_the_milestone(page, name)
    page.get_by_text("撤销节点").first.click()
    press(page, "撤销节点")
    told(page, "已撤销阶段节点")
    expect(page.locator(".milestones").get_by_text(name)).to_have_count(0)


def open_the_milestone(page: Page, name: str) -> None:
    page.locator(".milestones li").filter(has_text=name).locator("a").click()


def sign_a_claim(page: Page, places: Places) -> None:
    page.goto(places.to_sign)
    sign(page)


def sign_a_request(page: Page, places: Places) -> None:
    page.goto("/sign/")
    page.locator(".waiting a[href*='/sign/extensions/']").first.click()
    sign(page)


def sign(page: Page) -> None:
    page.locator("#approve").get_by_role("button", name="审签同意").click()
    told(page, "已")


def say_who_is_in_charge(page: Page, places: Places) -> None:
    page.goto(f"{places.measure}duty/")
    page.get_by_label("责任处室").fill("综合处")
    press(page, "保存")
    told(page, "已保存责任处室")


def say_who_is_in_charge_of_those_ticked(page: Page, _places: Places) -> None:
    page.goto("/desk/")
    page.locator("[name=duty]").first.check()
    page.locator(".officers summary").click()
    page.locator("#officers").get_by_label("责任处室").fill("法规处")
    press(page, "设置")
    told(page, "已设置1条")


def say_of_those_ticked_that_nothing_changed(page: Page, _places: Places) -> None:
    page.goto("/desk/")
    expect(page.locator("#officers")).to_be_hidden()
    page.locator("li").filter(has=page.get_by_role("button", name="本期无变化")).locator("[name=duty]").last.check()
    page.locator("#officers [formaction]").click()
    told(page, "已报送1条举措“本期无变化”")


def set_who_is_in_charge_from_the_table_of_measures(page: Page, _places: Places) -> None:
    page.goto("/measures/?agency=me")
    expect(page.locator("#bulk")).to_be_hidden()
    page.locator("td [name=measure]").first.check()
    page.locator("#bulk summary").click()
    page.locator("#bulk").get_by_label("责任处室").fill("政策处")
    press(page, "设置")
    told(page, "已设置1条")
    expect(page).to_have_url(re.compile(r"/measures/\?agency=me$"))


def take_note_of_the_list(page: Page, _places: Places) -> None:
    page.goto("/desk/")
    page.locator("[action*='/acknowledge/'] button").first.click()
    told(page, "已签收")


def report_in_the_table(page: Page, _places: Places) -> None:
    page.goto("/desk/table/?scope=open")
    page.locator("table.entry textarea").first.fill("在表格中填写的进展。")
    press(page, "报送")
    told(page, "已报送1条")


def report_in_a_workbook(page: Page, _places: Places) -> None:
    page.goto("/desk/sheet/")
    with page.expect_download() as started:
        page.get_by_role("link", name="下载填报表").click()
    paper = Paper(Path(started.value.path()).read_bytes())
    paper.write(FIRST, "progress", "在填报表中填写的进展。")
    page.get_by_label("填好的填报表").set_input_files([workbook("填报表.xlsx", paper.data)])
    press(page, "上传并核对")
    for box in each(page.get_by_role("checkbox", name=re.compile("^报送"))):
        box.check()
    press(page, "确认报送")
    told(page, "已办1")


def let_reminders_rest_and_take_them_up_again(page: Page, _places: Places) -> None:
    page.goto("/letters/")
    page.get_by_label("暂不收信至").fill("2022-06-20")
    page.get_by_label("代收人").select_option(index=1)
    press(page, "保存")
    told(page, "已保存")
    press(page, "恢复收信")
    told(page, "已恢复收信")


def mark_one_message_as_read(page: Page, _places: Places) -> None:
    page.goto("/notices/")
    unread = page.locator("li.unseen").count()
    page.locator("li.unseen").first.get_by_role("button").click()
    expect(page.locator("li.unseen")).to_have_count(unread - 1)


def mark_all_messages_as_read(page: Page, _places: Places) -> None:
    page.goto("/notices/")
    press(page, "全部标为已读")
    expect(page.locator("li.unseen")).to_have_count(0)


def subscribe_renew_the_address_and_end_it(page: Page, _places: Places) -> None:
    """A personal address opens without signing in until it is another one, and then no more."""
    page.goto("/account/")
    page.get_by_role("link", name="订阅本单位承担的举措").click()
    press(page, "生成个人地址")
    told(page, "只显示这一次")
    old = page.get_by_role("status").locator(".secret").first.inner_text()
    assert page.request.get(old).ok
    page.get_by_role("link", name="我的订阅地址").click()
    press(page, "更换地址 本单位承担的举措")
    told(page, "旧地址已失效")
    assert page.request.get(old).status == 404
    page.get_by_role("link", name="我的账户").click()
    press(page, "停用 本单位承担的举措")
    told(page, "订阅地址已停用")


def ask_to_be_told_of_a_measure_and_of_a_view(page: Page, places: Places) -> None:
    page.goto(places.measure)
    press(page, "通知我")
    told(page, "有新动态时")
    page.goto("/account/")
    press(page, "关闭邮件")
    expect(page.get_by_role("button", name="开启邮件")).to_be_visible()
    page.locator("[action^='/account/watches/'] button:not([name])").first.click()
    told(page, "已取消通知")
    page.goto("/measures/views/")
    press(page, "通知我 本单位临近到期")
    told(page, "有新动态时")
    press(page, "取消通知 本单位临近到期")
    told(page, "已取消通知")


def save_a_view_change_it_star_it_and_remove_it(page: Page, _places: Places) -> None:
    """What was filtered, sorted and laid out is kept under a name, stands on the desk with its count, and goes."""
    page.goto("/measures/?light=on_track&ordering=-deadline&columns=lead")
    count = page.locator(".said strong").inner_text()
    page.get_by_role("link", name="保存为视图").click()
    name = new_name("正常推进")
    page.get_by_label("名称").fill(name)
    press(page, "保存")
    told(page, "已保存为")
    page.goto("/desk/")
    page.get_by_role("navigation", name="星标视图").get_by_role("link", name=f"{name} {count}").click()
    expect(page).to_have_url(re.compile(r"light=on_track&ordering=-deadline&columns=lead$"))
    page.get_by_role("link", name="我的视图").click()
    press(page, f"取消星标 {name}")
    press(page, f"加星标 {name}")
    page.get_by_role("link", name=f"修改 {name}").click()
    page.get_by_label("共享给").select_option("市交通运输局")
    press(page, "保存")
    told(page, "已保存为")
    page.get_by_role("link", name=f"修改 {name}").click()
    press(page, "删除这个视图")
    told(page, "已删除视图")
