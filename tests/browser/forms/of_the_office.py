"""What those who supervise send."""

import re
from io import BytesIO

from docx import Document
from playwright.sync_api import Page, expect

from tests.browser.forms.acts import PROGRESS, each, press, told, workbook
from tests.browser.pages import LIST, Places


def verify_a_claim(page: Page, places: Places) -> None:
    page.goto(places.claim)
    tick_all(page)
    press(page, "核验通过")
    told(page, "已核验通过")


def tick_all(page: Page) -> None:
    """What must be looked at before a claim is verified."""
    for box in each(page.locator(".checks-list input")):
        box.check()


def grant_a_request(page: Page, places: Places) -> None:
    page.goto(places.extension)
    press(page, "同意延期")
    told(page, "已同意延期")


def verify_several_claims(page: Page, _places: Places) -> None:
    page.goto("/review/?kind=claim")
    for box in each(page.locator(".waiting input"))[:2]:
        box.check()
    press(page, "一并办理勾选的")
    tick_all(page)
    press(page, "核验通过")
    told(page, "2")


def reopen_a_closed_measure(page: Page, places: Places) -> None:
    page.goto(f"{places.closed}reopen/")
    page.get_by_label("恢复督办的理由").fill("验收材料有误。")
    press(page, "恢复督办")
    told(page, "已恢复督办")


def chase_those_ticked_in_the_table(page: Page, _places: Places) -> None:
    page.goto("/measures/?light=overdue")
    expect(page.get_by_role("button", name="催办所选举措")).to_be_hidden()
    page.get_by_label("全选本页").check()
    press(page, "催办所选举措")
    page.get_by_label("催办内容").fill("请于本周内报送进展。")
    press(page, "确认催办")
    told(page, "已催办")
    expect(page).to_have_url(re.compile(r"/measures/\?light=overdue$"))


def chase_a_measure(page: Page, places: Places) -> None:
    page.goto(f"{places.measure}steer/")
    page.locator("#chase summary").click()
    page.locator("#chase").get_by_label("催办内容").fill("请于周五前报送。")
    page.locator("#chase").get_by_role("button").click()
    # It was chased today already, and so it is asked once more.
    expect(page.locator("main")).to_contain_text("已催办1次")
    press(page, "确认催办")
    told(page, "已催办")


def move_a_deadline_and_correct_a_slip(page: Page, places: Places) -> None:
    fill_in_an_adjustment(page, places, "2032-12-31")
    expect(page.get_by_role("alert")).to_contain_text("请核对年份")
    press(page, "返回修改")
    expect(page.locator("#adjust [name=deadline]")).to_have_value("2032-12-31")
    page.locator("#adjust").get_by_role("button").click()
    press(page, "确认时限调整")
    told(page, "已调整现行时限")
    fill_in_an_adjustment(page, places, "2022-11-30")
    expect(page.get_by_role("main")).to_contain_text("不另计次数")
    press(page, "确认时限调整")
    told(page, "已更正")


def fill_in_an_adjustment(page: Page, places: Places, deadline: str) -> None:
    """Up to the page that asks to confirm."""
    page.goto(f"{places.another_measure}steer/")
    page.locator("#adjust summary").click()
    page.locator("#adjust [name=deadline]").fill(deadline)
    page.locator("#adjust").get_by_label("批准文号").fill("深府办〔2022〕9号")
    page.locator("#adjust").get_by_role("button").click()


def resume_a_suspended_measure(page: Page, places: Places) -> None:
    page.goto(f"{places.suspended}steer/")
    page.locator("#resume summary").click()
    page.locator("#resume").get_by_label("理由").fill("方案已印发。")
    page.locator("#resume").get_by_role("button").click()
    told(page, "已恢复推进")


def enter_what_came_by_letter(page: Page, places: Places) -> None:
    page.goto(f"{places.typed_on}enter/")
    page.get_by_label("代录依据").fill("深交函〔2022〕9号")
    page.get_by_label(PROGRESS).fill("来函报送的进展。")
    press(page, "代录")
    told(page, "已代录")


def fill_in_what_was_done_before(page: Page, _places: Places) -> None:
    page.goto(f"{LIST}fill-in/")
    row = page.locator(".fill-in tbody tr").first
    row.get_by_role("checkbox").check()
    row.locator("[type=date]").fill("2022-05-31")
    row.locator("[type=text]").fill("平台启用前已完成。")
    page.get_by_role("button", name="核对").last.click()
    press(page, "确认补录")
    told(page, "已补录")


def chase_who_has_not_reported(page: Page, _places: Places) -> None:
    page.goto("/unreported/")
    page.locator("[name=agency][type=checkbox]").first.check()
    press(page, "催办勾选的单位")
    told(page, "已催办")


def take_up_a_matter(page: Page, places: Places) -> None:
    page.goto(places.matter)
    page.get_by_label("协调情况").fill("已商上级部门开放接口。")
    press(page, "转为协调中")
    told(page, "已")


def draft_sign_and_answer_an_order(page: Page, places: Places) -> None:
    """A second person's signature is entered; the answer came on paper."""
    page.goto(places.order_to_draft)
    page.get_by_label("督办联系人").fill("张三")
    press(page, "拟制草稿")
    told(page, "已拟制草稿")
    page.get_by_label("牵头领导").fill("赵副市长")
    press(page, "保存")
    told(page, "已保存")
    press(page, "保存并送审")
    told(page, "已送审")
    page.get_by_label("签发人").fill("王秘书长")
    press(page, "签发")
    told(page, "已签发")
    for label in ("办理情况", "未完成原因", "下一步措施", "负责人"):
        page.get_by_label(label).fill("见来函。")
    page.get_by_label("预计完成时间").fill("2022-09-30")
    press(page, "反馈")
    told(page, "已反馈")


def draft_a_bulletin_and_have_it_signed_and_sent(page: Page, _places: Places) -> None:
    page.goto("/bulletins/")
    press(page, "拟制草稿")
    told(page, "已拟制草稿")
    page.get_by_label("抄送").fill("市委办公厅")
    press(page, "保存")
    told(page, "已保存")
    press(page, "按最新数据重拟")
    told(page, "已按最新数据重拟正文")
    press(page, "保存并送审")
    told(page, "已送审")
    press(page, "退回修改")
    told(page, "已退回修改")
    press(page, "保存并送审")
    page.get_by_label("签发人").fill("王秘书长")
    press(page, "签发")
    told(page, "已签发")
    press(page, "发送给所选单位")
    told(page, "已发送")
    page.get_by_text("作废", exact=True).click()
    page.get_by_label("作废的理由").fill("数据有误。")
    press(page, "确认作废")
    told(page, "已作废")


def set_how_often_agencies_report(page: Page, _places: Places) -> None:
    page.goto(f"{LIST}working/")
    page.get_by_label("报送期", exact=True).select_option("每季度")
    press(page, "保存")
    told(page, "已保存")


def say_by_whom_a_list_was_issued_and_to_whom_it_is_open(page: Page, _places: Places) -> None:
    """What others notice is shown once more, and confirmed."""
    page.goto(f"{LIST}settings/")
    page.get_by_label("印发机关").fill("深圳市人民政府办公厅")
    page.get_by_label("对外公开自").fill("2022-01-01")
    press(page, "保存")
    press(page, "确认")
    told(page, "已保存")


def set_from_when_reminders_go_out(page: Page, _places: Places) -> None:
    page.goto(f"{LIST}reminders/")
    page.get_by_label("已核对下方").check()
    press(page, "保存")
    told(page, "已保存")


def set_the_rules_of_reminders(page: Page, _places: Places) -> None:
    page.goto(f"{LIST}reminders/rules/")
    page.get_by_label("每周催办 天数").fill("12")
    page.get_by_label("首次催办 附言").fill("请{单位}于三日内报送。")
    press(page, "保存")
    told(page, "已保存")
    expect(page.get_by_label("每周催办 天数")).to_have_value("12")
    press(page, "恢复默认规则")
    told(page, "已保存")
    expect(page.get_by_label("每周催办 天数")).to_have_value("10")


def word_the_sentences_of_a_bulletin(page: Page, _places: Places) -> None:
    page.goto(f"{LIST}sentences/")
    page.get_by_label("导语").fill("现将{清单简称}（截至{截至日}）通报如下。")
    press(page, "预览")
    expect(page.get_by_role("main")).to_contain_text("（截至2022年6月15日）通报如下。")
    press(page, "保存")
    told(page, "已保存")
    press(page, "恢复默认语句")
    told(page, "已保存")
    expect(page.get_by_label("导语")).to_have_value("现将《{清单}》截至{截至日}的进展情况通报如下。")


def use_a_letterhead_and_take_the_portals_again(page: Page, _places: Places) -> None:
    page.goto("/letterheads/")
    file, made = Document(), BytesIO()
    file.add_paragraph("【正文】")
    file.save(made)
    page.get_by_label("红头模板（.docx）").set_input_files(workbook("红头.docx", made.getvalue()))
    press(page, "上传")
    told(page, "已上传")
    with page.expect_download():
        page.get_by_role("link", name="下载预览").click()
    press(page, "启用")
    told(page, "已启用")
    press(page, "恢复系统版式")
    told(page, "已停用")


def send_again_to_who_was_refused(page: Page, places: Places) -> None:
    page.goto(places.delivery)
    press(page, "重新发送给没有收到的")
    told(page, "已列入发送")


def try_the_settings_of_mail(page: Page, _places: Places) -> None:
    page.goto("/reminders/sweeps/")
    press(page, "给自己发一封测试信")
    told(page, "测试信已发往")


def confirm_the_clock(page: Page, _places: Places) -> None:
    page.goto("/reminders/sweeps/")
    press(page, "时钟准确，恢复发送")
    told(page, "时钟已确认")


def enter_days_off_in_the_calendar(page: Page, _places: Places) -> None:
    page.goto("/calendar/?year=2022")
    page.get_by_text("填写本单位的安排").click()
    page.get_by_label("自", exact=True).fill("2022-08-01")
    page.get_by_label("至", exact=True).fill("2022-08-02")
    page.get_by_label("休息").check()
    page.get_by_label("说明").fill("台风停工")
    press(page, "保存")
    told(page, "已保存")


def take_a_day_of_the_calendar_back(page: Page, _places: Places) -> None:
    page.goto("/calendar/?year=2022")
    page.get_by_role("button", name="恢复官方安排 2022年8月1日").click()
    told(page, "已恢复官方安排")


def name_whom_an_open_group_means(page: Page, _places: Places) -> None:
    page.goto("/agencies/?search=各有关单位")
    page.get_by_role("link", name="各有关单位", exact=True).click()
    page.locator("a[href^='/measures/'][href$='/']").filter(has_not_text="举措").first.click()
    page.get_by_role("link", name="指定成员").first.click()
    page.get_by_role("checkbox", name="市统计局").first.check()
    press(page, "保存")
    told(page, "已保存")
    expect(page.get_by_role("main")).to_contain_text("市统计局")


def order_a_long_file(page: Page, _places: Places) -> None:
    page.goto("/audit/")
    page.get_by_role("main").get_by_role("link", name="xlsx", exact=True).click()
    press(page, "生成文件")
    told(page, "排队等待处理")
