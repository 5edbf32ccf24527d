"""A newcomer's whole path, as README's “In earnest” begins it: from an empty folder to a reminder that was received.

Everything is done in the browser, by links as they are shown and by buttons; nothing is done beside it.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import pictures
from tests.browser.conftest import DESKTOP, LONGEST_WAIT, PHONE
from tests.browser.forms.acts import CHOSEN, WORKBOOK
from tests.browser.newcomers import AIRSPACE, DUE, TRANSPORT, Reader, Started, a_list_due, started, today_in_china
from tests.browser.pages import Watch
from tests.tooling.processes import eventually
from tests.turns import whose_turn

OFFICE = "市营商环境改革专班办公室"
MAILBOX = "lin@jtj.example"
LETTER_SECONDS = 90  # the scheduler asks once a minute
STAGE_DAYS = 7  # the third reminder of a deadline falls so many days before it

Newcomer = Callable[[], Reader]


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Started]:
    with started(tmp_path) as running:
        yield running


WAYS = [
    pytest.param((english, size), id=f"{'english' if english else 'chinese'}-{'phone' if size == PHONE else 'desktop'}")
    for size in (DESKTOP, PHONE)
    for english in (False, True)
]


@pytest.fixture(params=whose_turn(WAYS, 1))
def newcomer(request: pytest.FixtureRequest, browser: Browser, portal: Started) -> Iterator[Newcomer]:
    """newcomer() is somebody with a browser of their own."""
    english, (width, height) = request.param
    watch, contexts = Watch(portal.address.removeprefix("http://")), list[BrowserContext]()

    def sit_down() -> Reader:
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(LONGEST_WAIT)
        watch.over(context)
        contexts.append(context)
        return Reader(context.new_page(), english, pictured=pictures.WANTED and (width, height) == DESKTOP)

    yield sit_down
    for context in contexts:
        context.close()
    assert not watch.errors
    assert not watch.elsewhere


def test_a_newcomer_gets_from_the_printed_link_to_a_reminder_received(newcomer: Newcomer, portal: Started) -> None:
    today = today_in_china()
    administrator, supervisor, reporter = newcomer(), newcomer(), newcomer()
    choose_a_password(administrator, portal.first_link(), "1-password")
    take_the_example_away(administrator)
    is_shown_the_way(administrator)
    choose_a_password(supervisor, add(administrator, "wu", "吴督办", "wu@office.example", OFFICE, "督办人员"))
    bring_in_a_list(administrator, a_list_due(today + dt.timedelta(days=STAGE_DAYS)))
    told = choose_a_password(reporter, add(administrator, "lin", "林填报", MAILBOX, TRANSPORT, "填报人"))
    come_again(reporter, told)

    give_it_to_agencies(administrator)
    see_how_often_agencies_report(administrator)
    call_it_a_working_day(supervisor, today)
    switch_reminders_on(supervisor, today)
    see_what_is_left(administrator)
    report(reporter)

    assert eventually(lambda: bool(portal.letters_to(MAILBOX)), seconds=LETTER_SECONDS), portal.said.read_text()
    letter = text_of(portal.letters_to(MAILBOX)[0])
    assert DUE in letter
    follow_the_letter(reporter, link_in(letter))
    see_that_it_went_out(supervisor)


def choose_a_password(who: Reader, link: str, picture: str = "") -> str:
    """Somebody follows their link; the username that they are told."""
    who.page.goto(link)
    who.choose_language()
    username = who.main.locator(".receipt strong").inner_text()
    if picture:
        who.picture(picture)
    for field in who.page.locator("[type=password]").all():
        field.fill(CHOSEN)
    who.press("保存并登录")
    who.page.wait_for_url("**/desk/")
    return username


def take_the_example_away(administrator: Reader) -> None:
    """The list that the portal comes with is not theirs: what would go is shown, and then nothing of it is left."""
    administrator.open("清单", "all")
    administrator.main.get_by_role("link", name=administrator.words("第%(number)s版") % {"number": 1}).click()
    administrator.follow("撤销导入")
    expect(administrator.main).to_contain_text("216")
    administrator.picture("2-undo")
    administrator.press("确认撤销")
    administrator.page.wait_for_url("**/imports/")


def is_shown_the_way(administrator: Reader) -> None:
    """The desk of a portal without a list names the steps; those that are not possible yet lead nowhere."""
    administrator.open("工作台")
    steps = administrator.main.locator(".steps li")
    expect(steps).to_have_count(5)
    expect(steps.get_by_role("link")).to_have_count(2)
    administrator.picture("3-desk")


def come_again(who: Reader, username: str) -> None:
    """The next day, with the username that was read on the page of the link."""
    who.page.get_by_role("banner").get_by_role("button", name=who.words("退出")).click()
    who.open("登录")
    who.field("用户名").fill(username)
    who.page.locator("[type=password]").fill(CHOSEN)
    who.press("登录")
    who.page.wait_for_url("**/desk/")


def add(administrator: Reader, username: str, name: str, mailbox: str, agency: str, role: str) -> str:
    """Add a person; their one-time link as the page shows it."""
    administrator.open("人员")
    administrator.follow("新增人员")
    administrator.field("用户名").fill(username)
    administrator.field("姓名").fill(name)
    administrator.main.locator("[type=email]").fill(mailbox)
    administrator.field("单位", "one").select_option(agency)
    administrator.field("角色").select_option(administrator.words(role))
    administrator.press("新增")
    expect(administrator.page.locator(".secret")).to_be_visible()
    administrator.picture("4-people")
    return administrator.page.locator(".secret").inner_text()


def bring_in_a_list(administrator: Reader, data: bytes) -> None:
    administrator.open("导入")
    file = {"name": "清单.xlsx", "mimeType": WORKBOOK, "buffer": data}
    administrator.field("清单文件").set_input_files([file])
    administrator.press("上传并识别")
    administrator.picture("5-import")
    administrator.main.get_by_role("combobox", name=AIRSPACE).select_option(administrator.words("新单位"))
    administrator.press("保存单位认定")
    administrator.press("确认导入")
    expect(administrator.page.locator(".receipt dd").first).to_have_text("2")
    administrator.picture("6-receipt")


def give_it_to_agencies(administrator: Reader) -> None:
    """From the desk to what the list is called and whom it is open to, which is shown before it is done."""
    administrator.open("工作台")
    administrator.follow("填写清单信息，下达到各单位")
    administrator.field("印发机关").fill("市政府办公厅")
    administrator.field("谁可以看").select_option(administrator.words("各单位（须登录）"))
    administrator.press("保存")
    expect(administrator.main.get_by_role("button", name=administrator.words("确认"), exact=True)).to_be_visible()
    administrator.picture("7-open")
    administrator.press("确认")
    administrator.is_told("已保存。")


def see_how_often_agencies_report(administrator: Reader) -> None:
    """By the step of the desk that leads there."""
    administrator.open("工作台")
    administrator.follow("确定报送期")
    expect(administrator.field("报送期")).to_have_value("month")
    administrator.picture("8-working")


def call_it_a_working_day(supervisor: Reader, today: dt.date) -> None:
    """Letters go out on working days: whatever day the test runs on, the office's calendar makes it one."""
    supervisor.open("提醒")
    supervisor.follow("工作日历")
    supervisor.main.get_by_text(supervisor.words("填写本单位的安排")).click()
    supervisor.field("自").fill(today.isoformat())
    supervisor.main.get_by_label(supervisor.words("上班")).check()
    supervisor.field("说明").fill("值班")
    supervisor.press("保存")
    supervisor.is_told("已保存。")


def switch_reminders_on(supervisor: Reader, today: dt.date) -> None:
    """Safe start: the first day that counts, who would receive what, and only then the switch."""
    supervisor.open("提醒")
    supervisor.main.get_by_role("link", name="市交通领域").click()
    supervisor.field("提醒自此日起算").fill(today.isoformat())
    supervisor.press("保存")
    supervisor.is_told("已保存。")
    preview = supervisor.page.locator(".digest").filter(has_text=TRANSPORT)
    preview.locator("summary").click()
    expect(preview.locator("pre")).to_contain_text(DUE)
    supervisor.picture("9-reminders")
    supervisor.field("发送提醒").check()
    supervisor.field("已核对下方“谁将收到什么”").check()
    supervisor.press("保存")
    supervisor.is_told("已保存。")


def see_what_is_left(administrator: Reader) -> None:
    """The way is behind them; what is left is said, with its number."""
    administrator.open("工作台")
    expect(administrator.main.locator("#a-path")).to_have_count(0)
    expect(administrator.main.locator("#a-mailboxes .n")).to_have_text("1")
    administrator.picture("10-left")


def report(reporter: Reader) -> None:
    reporter.open("工作台")
    row = reporter.page.locator(".desk-rows li").filter(has_text=DUE)
    row.get_by_role("link", name=reporter.words("填报")).click()
    row.get_by_label(reporter.words("工作进展")).fill("平台已完成联调。")
    row.get_by_role("button", name=reporter.words("报送"), exact=True).click()
    expect(reporter.page.get_by_role("status").filter(has_text="平台已完成联调。")).to_be_visible()


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content())


def link_in(text: str) -> str:
    return re.findall(r"http\S+", text)[0]


def follow_the_letter(reporter: Reader, link: str) -> None:
    reporter.page.goto(link)
    expect(reporter.main).to_contain_text(DUE)
    expect(reporter.main).to_contain_text("平台已完成联调。")


def see_that_it_went_out(supervisor: Reader) -> None:
    supervisor.open("提醒")
    expect(supervisor.main.get_by_role("row").filter(has_text=TRANSPORT)).to_contain_text(
        # There is no mail server here.
        supervisor.words("已写入文件，未发送")
    )
