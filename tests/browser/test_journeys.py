"""The six journeys, by keyboard alone, on a desk screen and on a phone, in both languages: report, claim, sign, return
and fix, verify; and asking for more time until it is granted."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import Portal
from tests.reforms.documents import PDF
from tests.turns import whose_turn

REPORTER, APPROVER, OFFICE = "scjg.reporter", "scjg.approver", "supervisor.2"
DESK, PHONE = (1366, 768), (390, 844)
MOST_TABS = 400
PROOF = {"name": "验收报告.pdf", "mimeType": "application/pdf", "buffer": PDF}
# Each day both screens and both languages.
SCREENS = [
    pytest.param(place, size, english, id=f"{size[0]}-{'en' if english else 'zh'}")
    for place, (size, english) in enumerate([(DESK, False), (PHONE, True), (DESK, True), (PHONE, False)])
]


class Hands:
    """Somebody who has a keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, selector: str) -> None:
        """Tab on until what has the focus matches, as a person would."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"{selector} cannot be reached by keyboard on {self.page.url}")

    def press(self, selector: str) -> None:
        self.reach(selector)
        self.page.keyboard.press("Enter")

    def write(self, selector: str, text: str) -> None:
        self.reach(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def tick(self, selector: str) -> None:
        self.reach(selector)
        self.page.keyboard.press("Space")

    def follow(self, selector: str, address: str) -> None:
        """A link, until its page is there with its scripts."""
        self.press(selector)
        expect(self.page).to_have_url(re.compile(address))
        self.page.wait_for_load_state()


@pytest.fixture
def hands(opened: ContextMaker) -> object:
    def of(person: str, size: tuple[int, int], english: bool) -> Hands:
        return Hands(opened(person, size=size, english=english).new_page())

    return of


def form_of(measure: str) -> str:
    return f"a[href^='{measure}report/']"


def claim_it(reporter: Hands, measure: str, said: str) -> None:
    """Draft, evidence, tick, send."""
    page = reporter.page
    page.goto(measure)
    reporter.follow(form_of(measure), f"{measure}report/")
    reporter.write("textarea[name=progress]", said)
    reporter.press("button[formaction$='/draft/']")
    expect(page.locator("form.drop")).to_be_visible()
    reporter.reach("input[type=file]")
    page.locator("input[type=file]").set_input_files(PROOF)
    reporter.press(".drop button")
    expect(page.locator(".evidence")).to_contain_text("验收报告.pdf")
    page.goto(page.url)
    reporter.tick("#id_is_claim")
    reporter.press("#report-form .buttons > button:first-child")
    expect(page).to_have_url(re.compile(f"{measure}$"))
    expect(page.get_by_role("status").first).to_be_visible()


def sign_it(approver: Hands, measure_title: str) -> None:
    page = approver.page
    page.goto("/sign/?kind=claim")
    address = page.locator("main a", has_text=measure_title).first.get_attribute("href") or ""
    approver.follow(f"main a[href='{address}']", "/sign/claims/")
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").first).to_be_visible()


def title_of(page: Page, measure: str) -> str:
    page.goto(measure)
    return page.locator("h1").inner_text().lstrip("0123456789*-").strip()


def claims_of(office: Hands, title: str) -> Page:
    """The office opens the claim from its queue."""
    page = office.page
    page.goto("/review/?kind=claim")
    address = page.locator("main .tasks a", has_text=title).first.get_attribute("href") or ""
    office.follow(f"main a[href='{address}']", "/review/claims/")
    return page


@pytest.mark.parametrize(("place", "size", "english"), whose_turn(SCREENS, 2))
def test_from_the_first_report_to_the_verified_claim(
    hands: object, portal: Portal, place: int, size: tuple[int, int], english: bool
) -> None:
    measure = portal.places.to_claim[place]
    reporter, approver, office = (hands(who, size, english) for who in (REPORTER, APPROVER, OFFICE))  # type: ignore[operator]

    # report
    title = title_of(reporter.page, measure)
    reporter.follow(form_of(measure), f"{measure}report/")
    reporter.write("textarea[name=progress]", "系统已上线试运行。")
    reporter.press("#report-form .buttons > button:first-child")
    expect(reporter.page.locator("article.report").first).to_contain_text("系统已上线试运行。")

    # claim and sign
    claim_it(reporter, measure, "系统验收合格，任务完成。")
    sign_it(approver, title)

    # returned, and fixed
    page = claims_of(office, title)
    page.keyboard.press("r")
    page.keyboard.insert_text("请补充用户使用情况。")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").first).to_be_visible()
    reporter.page.goto("/desk/")
    expect(reporter.page.locator("main")).to_contain_text("请补充用户使用情况。")
    reporter.page.goto(measure)
    reporter.follow(form_of(measure), f"{measure}report/")
    expect(reporter.page.locator("main")).to_contain_text("请补充用户使用情况。")
    reporter.write("textarea[name=progress]", "系统验收合格，用户八千余人。")
    reporter.press("#report-form .buttons > button:first-child")
    expect(reporter.page).to_have_url(re.compile(f"{measure}$"))
    sign_it(approver, title)

    # verified
    page = claims_of(office, title)
    expect(page.locator("main")).to_contain_text("用户八千余人")
    expect(page.locator("main")).to_contain_text("验收报告.pdf")
    page.wait_for_load_state()
    for _ in range(page.locator("#approve input[type=checkbox]").count()):
        page.keyboard.press("a")
        page.keyboard.press("Space")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_be_visible()
    page.goto(measure)
    expect(page.locator(".glance .light-closed")).to_be_visible()


@pytest.mark.parametrize(("place", "size", "english"), whose_turn(SCREENS, 2))
def test_more_time_is_asked_for_signed_and_granted(
    hands: object, portal: Portal, place: int, size: tuple[int, int], english: bool
) -> None:
    measure = portal.places.to_extend[place]
    reporter, approver, office = (hands(who, size, english) for who in (REPORTER, APPROVER, OFFICE))  # type: ignore[operator]
    title = title_of(reporter.page, measure)
    reporter.follow(f"a[href='{measure}extension/']", "/extension/")
    reporter.reach("input[type=date]")
    reporter.page.locator("input[type=date]").first.fill("2023-06-30")
    reporter.write("textarea[name=reason]", "上级配套文件尚未印发。")
    reporter.press("main form .buttons button")
    expect(reporter.page.get_by_role("status").first).to_be_visible()

    for who, queue, address in ((approver, "/sign/", "/sign/extensions/"), (office, "/review/", "/review/extensions/")):
        page = who.page
        page.goto(f"{queue}?kind=extension")
        link = page.locator("main .tasks a", has_text=title).first.get_attribute("href") or ""
        who.follow(f"main a[href='{link}']", address)
        page.keyboard.press("a")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("status").first).to_be_visible()

    page = reporter.page
    page.goto(measure)
    expect(page.locator("main")).to_contain_text(re.compile("2023年6月30日|30 June 2023"))
    expect(page.locator("main")).to_contain_text(re.compile("2022年|2022"))
