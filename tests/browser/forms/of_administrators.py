"""What administrators send: lists, agencies, people, tokens."""

import io
import re

from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from tests.agencies.people.test_people_import import workbook as people_sheet
from tests.browser.forms.acts import CHOSEN, each, new_name, press, told, workbook
from tests.browser.pages import PASSWORD, Places
from tests.conftest import FIXTURES

SECOND = FIXTURES / "shenzhen-2022-second-edition.txt"


# Lists --------------------------------------------------------------------------------------------


def settle_what_is_unclear_in_an_import(page: Page, places: Places) -> None:
    page.goto(f"{places.review}?show=problems")
    page.get_by_label("完成时限").fill("2023-03-20")
    press(page, "记录")
    told(page, "已记录")
    for choice in each(page.locator("#agencies select[name^=agency-]")):
        choice.select_option("新单位")
    press(page, "保存单位认定")
    told(page, "已保存单位的认定")


def decline_a_change_and_confirm_the_others(page: Page, places: Places) -> None:
    page.goto(places.review)
    page.get_by_role("checkbox", name="采纳").first.uncheck()
    press(page, "保存本页取舍")
    told(page, "已保存取舍")
    press(page, "确认导入")
    expect(page.get_by_role("status")).to_contain_text("已导入为")


def begin_to_take_the_edition_back_and_think_better_of_it(page: Page, places: Places) -> None:
    """It is a long one, which the worker looks at; none works here."""
    page.goto(places.review)
    page.get_by_role("link", name="撤回该版本").click()
    press(page, "开始核对")
    told(page, "排队等待处理")
    press(page, "取消")
    expect(page.get_by_role("main")).to_contain_text("已取消。未作任何改动。")


def compare_two_editions(page: Page, places: Places) -> None:
    page.goto(places.review)
    page.get_by_role("link", name="与上一版比较").click()
    press(page, "开始比较")
    told(page, "排队等待处理")


def bring_in_a_list_and_think_better_of_it(page: Page, _places: Places) -> None:
    page.goto("/imports/")
    page.get_by_label("清单文件").set_input_files(SECOND)
    press(page, "上传并识别")
    press(page, "取消导入")
    told(page, "已取消")


def say_what_the_columns_of_a_list_hold(page: Page, _places: Places) -> None:
    """A sheet whose labels nobody knows is refused, and read once they were chosen."""
    book = Workbook()
    sheet = book.active
    assert sheet
    for row in (("A", "B", "C", "D", "E"), (1, "某事", "做好某事", "市财政局", "2022年6月底")):
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    page.goto("/imports/")
    page.get_by_label("清单文件").set_input_files(workbook("未识别.xlsx", data.getvalue()))
    press(page, "上传并识别")
    for place, role in enumerate(("序号", "事项", "举措", "牵头", "时限"), 1):
        page.get_by_label(f"第{place}列").select_option(role)
    press(page, "按此重新读取")
    expect(page.get_by_role("button", name="确认导入")).to_be_visible()
    press(page, "取消导入")
    told(page, "已取消")


# Agencies -----------------------------------------------------------------------------------------


def add_an_agency(page: Page, name: str) -> None:
    """The name must be like no other, or the page asks once more."""
    page.goto("/agencies/new/")
    page.locator("[name=name]").fill(name)
    press(page, "新增")
    told(page, "已")


def add_an_agency_and_edit_it(page: Page, _places: Places) -> None:
    add_an_agency(page, new_name("荔枝园"))
    page.get_by_role("link", name="编辑", exact=True).click()
    page.locator("[name=email]").fill("dikong@sz.gov.cn")
    press(page, "保存")
    told(page, "已保存")


def set_mailboxes_of_agencies(page: Page, _places: Places) -> None:
    """On the page, and from the workbook that it hands out."""
    page.goto("/agencies/mailboxes/")
    page.get_by_role("textbox", name="邮箱 市水务局").fill("swj@sz.gov.cn")
    page.get_by_role("textbox", name="邮箱 市交通运输局").fill("jtj@sz.gov.cn")
    press(page, "全部保存")
    told(page, "已保存2个邮箱")
    fill_in_a_workbook(page, "市财政局", "czj@sz.gov.cn")


def fill_in_a_workbook(page: Page, holder: str, email: str) -> None:
    """Download, fill in the yellow cell, upload, confirm."""
    with page.expect_download() as handed_out:
        page.get_by_role("link", name="下载表格").click()
    book = load_workbook(io.BytesIO(handed_out.value.path().read_bytes()))
    sheet = book.worksheets[0]
    row = next(cells for cells in sheet.iter_rows() if holder in [cell.value for cell in cells])
    next(cell for cell in row if cell.number_format == "@").value = email
    data = io.BytesIO()
    book.save(data)
    page.locator("#upload summary").click()
    page.get_by_label("表格文件").set_input_files([workbook("邮箱.xlsx", data.getvalue())])
    press(page, "上传并核对")
    expect(page.get_by_role("main")).to_contain_text("将更改1个邮箱")
    press(page, "确认更改")
    told(page, "已保存1个邮箱")


def enter_a_robot_try_it_change_it_and_remove_it(page: Page, _places: Places) -> None:
    """Nobody listens at its address, which is said."""
    page.goto("/agencies/robots/")
    page.get_by_label("单位").fill("市水务局")
    page.get_by_label("类别").select_option("钉钉")
    page.get_by_label("群名称").fill(new_name("水务群"))
    page.get_by_label("机器人地址").fill("http://127.0.0.1:9/robot/send?access_token=2")
    page.get_by_label("加签密钥").fill("SEC1")
    press(page, "登记")
    told(page, "已登记")
    press(page, "发一条测试消息")
    expect(page.get_by_role("main")).to_contain_text("连不上机器人的服务器")
    page.get_by_label("群名称").fill(new_name("水务群"))
    press(page, "保存")
    told(page, "已保存")
    press(page, "删除这个机器人")
    told(page, "已删除")


def try_the_channels(page: Page, _places: Places) -> None:
    """Mail becomes a file, and at the office's robot nobody listens."""
    page.goto("/reminders/channels/")
    page.get_by_label("邮件（发给自己）").check()
    page.get_by_label("督办群").check()
    press(page, "测试勾选的渠道")
    expect(page.get_by_role("main")).to_contain_text("只写成了文件")
    expect(page.get_by_role("main")).to_contain_text("连不上机器人的服务器")


def merge_two_that_are_one(page: Page, _places: Places) -> None:
    twice = new_name("榕树司")
    add_an_agency(page, twice)
    add_an_agency(page, new_name("木棉署"))
    page.get_by_role("link", name="合并重复单位").click()
    page.get_by_label("并入本单位的重复单位").fill(twice)
    press(page, "下一步")
    press(page, "确认")
    told(page, "已")


def rename_an_agency(page: Page, _places: Places) -> None:
    add_an_agency(page, new_name("龙舟堂"))
    page.get_by_role("link", name="机构变更").click()
    page.get_by_label("新名称").fill(new_name("舢板堂"))
    page.get_by_label("变更日期").fill("2022-06-01")
    press(page, "更名")
    told(page, "已")


def change_the_members_of_a_group(page: Page, places: Places) -> None:
    page.goto(f"{places.group}members/")
    page.get_by_role("checkbox", name="市统计局").check()
    press(page, "下一步")
    press(page, "确认")
    told(page, "已保存")


# People -------------------------------------------------------------------------------------------


def add_a_person(page: Page, username: str) -> None:
    """The page then shows the person's one-time link."""
    page.goto("/people/")
    form = page.locator("form", has=page.get_by_role("button", name="新增", exact=True))
    form.get_by_label("用户名").fill(username)
    form.get_by_label("姓名").fill("演示·辛填报")
    form.get_by_label("单位").select_option("市交通运输局")
    form.get_by_label("角色").select_option("填报人")
    form.get_by_role("button").click()
    expect(page.locator(".secret")).to_be_visible()


def add_a_person_with_another_role(page: Page, _places: Places) -> None:
    add_a_person(page, new_name("xin"))
    page.get_by_role("link", name="收不到链接的").click()
    page.locator("[action$='/people/codes/']").wait_for()
    page.get_by_label("邮箱").fill("xin@sz.gov.cn")
    press(page, "保存")
    told(page, "已保存")
    form = page.locator("form[action$='/roles/']")
    form.get_by_label("单位").select_option("市交通运输局")
    form.get_by_label("角色").select_option("查看")
    form.get_by_role("button").click()
    told(page, "已增加角色")
    page.get_by_role("button", name="移除 查看").click()
    told(page, "已移除")


def hand_work_over(page: Page, places: Places) -> None:
    page.goto(f"{places.person}hand-over/")
    page.get_by_role("radio").first.check()
    page.get_by_label("原因").fill("岗位调整。")
    press(page, "下一步")
    press(page, "确认")
    told(page, "已移交")


def shut_somebody_out_and_let_them_in_again(page: Page, _places: Places) -> None:
    add_a_person(page, new_name("xin"))
    page.get_by_role("link", name="收不到链接的").click()
    page.get_by_role("link", name="停用").click()
    press(page, "没有要移交的，直接停用")
    expect(page.get_by_role("heading", level=1)).to_contain_text("已停用")
    press(page, "启用")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("已停用")


def choose_a_password_by_a_link(page: Page, _places: Places) -> None:
    add_a_person(page, new_name("xin"))
    page.get_by_role("link", name="收不到链接的").click()
    press(page, "一次性链接")
    link = page.locator(".secret").inner_text()
    leave_to_another(page)
    page.goto(link)
    choose_a_password(page)


def choose_a_password_by_a_printed_code(page: Page, _places: Places) -> None:
    username = new_name("xin")
    add_a_person(page, username)
    page.get_by_role("link", name="收不到链接的").click()
    press(page, "打印一次性代码")
    code = page.locator(".slip .code").inner_text()
    leave_to_another(page)
    page.goto("/code/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("一次性代码").fill(code)
    choose_a_password(page)


def leave_to_another(page: Page) -> None:
    """Somebody else goes on, with a browser in which nobody is signed in."""
    page.context.clear_cookies()


def choose_a_password(page: Page) -> None:
    for field in each(page.locator("[type=password]")):
        field.fill(CHOSEN)
    press(page, "保存并登录")
    expect(page).to_have_url(re.compile("/desk/$"))


def bring_in_people_from_a_workbook(page: Page, _places: Places) -> None:
    page.goto("/people/import/")
    rows = people_sheet(("林填报", new_name("lin"), "市交通运输局", "填报人", "lin@sz.gov.cn"))
    page.get_by_label("人员表").set_input_files([workbook("人员.xlsx", rows)])
    press(page, "上传并核对")
    press(page, "确认导入")
    expect(page.locator(".slip")).to_have_count(1)


def set_mailboxes_of_people(page: Page, _places: Places) -> None:
    page.goto("/people/mailboxes/")
    page.get_by_role("textbox", name="邮箱 演示·何查看").fill("he@sz.gov.cn")
    press(page, "全部保存")
    told(page, "已保存1个邮箱")
    fill_in_a_workbook(page, "jtj.viewer", "he.viewer@sz.gov.cn")


def issue_a_token_and_revoke_it(page: Page, _places: Places) -> None:
    page.goto("/tokens/")
    page.get_by_label("单位").select_option("市交通运输局")
    page.get_by_label("用途").fill("业务系统")
    press(page, "签发")
    told(page, "新令牌")
    page.locator("[action$='/revoke/'] button").first.click()
    told(page, "已停用")


def make_a_screen_and_end_it(page: Page, _places: Places) -> None:
    page.goto("/screens/")
    page.get_by_label("单位").select_option("市交通运输局")
    page.get_by_label("位置").fill("三楼大厅")
    page.get_by_label("允许打开的地址").fill("127.0.0.1")
    press(page, "生成地址")
    told(page, "新地址")
    wall = page.context.new_page()
    wall.goto(f"/screen/{page.locator('.secret').inner_text().rstrip('/').rpartition('/')[2]}/")
    expect(wall.get_by_role("heading", name="总体进展")).to_be_visible()
    expect(wall.locator(".scene:visible")).to_have_count(1)
    wall.keyboard.press("ArrowRight")
    expect(wall.get_by_role("heading", name="逾期举措")).to_be_visible()
    wall.get_by_role("button", name="暂停轮播").click()
    expect(wall.get_by_role("button", name="继续轮播")).to_be_visible()
    wall.close()
    page.locator("[action$='/end/'] button").first.click()
    told(page, "已停用")


# Signing in and out -------------------------------------------------------------------------------


def sign_in_read_english_and_sign_out(page: Page, _places: Places) -> None:
    page.goto("/sign-in/")
    page.get_by_label("用户名").fill("futian.reporter")
    page.get_by_label("密码").fill(PASSWORD)
    press(page, "登录")
    page.get_by_role("banner").get_by_role("button", name="English").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Desk")).to_be_visible()
    page.get_by_role("banner").get_by_role("button", name="中文").click()
    page.get_by_role("banner").get_by_role("button", name="退出").click()
    expect(page.get_by_role("banner").get_by_role("link", name="登录")).to_be_visible()


def _sign_in(page: Page, password: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("用户名").fill("futian.reporter")
    page.get_by_label("密码").fill(password)
    press(page, "登录")
    page.get_by_role("banner").get_by_role("link", name="演示·黄填报").click()


def sign_out_elsewhere_and_change_ones_password(page: Page, _places: Places) -> None:
    page.goto("/")
    assert page.context.browser
    elsewhere = page.context.browser.new_context(base_url=page.url).new_page()
    _sign_in(elsewhere, PASSWORD)
    _sign_in(page, PASSWORD)
    page.get_by_label("办公电话").fill("0755-88120000")
    press(page, "保存")
    told(page, "已保存")
    press(page, "退出其他全部登录")
    told(page, "已退出1处登录")
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="登录")).to_be_visible()
    elsewhere.context.close()
    page.get_by_label("旧密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill(f"{PASSWORD}-again")
    page.get_by_label("新密码确认").fill(f"{PASSWORD}-again")
    press(page, "修改密码")
    told(page, "密码已修改")
    page.get_by_role("banner").get_by_role("button", name="退出").click()
    _sign_in(page, f"{PASSWORD}-again")
    expect(page.get_by_role("heading", name="我的账户")).to_be_visible()
