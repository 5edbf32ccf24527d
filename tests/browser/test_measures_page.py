"""The working page: facets, chips, search, order and pages, with JavaScript and without."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ContextMaker
from tests.browser.pages import NOBODY

ALL_MEASURES, FIRST_SECTION = 215, 1  # one is suspended


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def measures(opened: ContextMaker, javascript: bool) -> Page:
    """The page of all measures."""
    page = opened(NOBODY, javascript=javascript).new_page()
    page.goto("/measures/")
    return page


@pytest.fixture
def quick(page: Page) -> Page:
    """The page of all measures, marked: the mark is gone when the document is loaded anew."""
    page.goto("/measures/")
    page.evaluate("document.body.dataset.mark = 'here'")
    return page


def found(page: Page) -> int:
    """How many measures the page says it has found."""
    return int(page.locator(".said strong").inner_text())


def first_facet_choice(page: Page, label: str) -> tuple[str, int]:
    """Take the first choice of a facet: its name, and the count beside it."""
    choice = page.locator(".facet", has=page.locator("summary", has_text=label)).locator("li a").first
    name, count = choice.locator(".label").inner_text(), choice.locator(".count").inner_text()
    choice.click()
    return name, int(count)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def still_same_document(page: Page) -> bool:
    return bool(page.evaluate("document.body.dataset.mark === 'here'"))


def test_a_facet_narrows_the_measures_to_the_number_beside_it(measures: Page) -> None:
    assert found(measures) == ALL_MEASURES
    name, count = first_facet_choice(measures, "任务类别")
    expect(measures.locator(".said strong")).to_have_text(str(count))
    assert 0 < count < ALL_MEASURES
    assert query(measures) == {"section": ["1"]}
    expect(measures.locator(".chips strong")).to_have_text(name.lstrip("0123456789 　"))


def test_back_undoes_a_facet(measures: Page) -> None:
    first_facet_choice(measures, "牵头单位")
    expect(measures.locator(".chips")).to_be_visible()
    measures.go_back()
    expect(measures.locator(".chips")).to_have_count(0)
    expect(measures.locator(".said strong")).to_have_text(str(ALL_MEASURES))
    assert query(measures) == {}


def test_a_chip_takes_its_filter_away(measures: Page) -> None:
    first_facet_choice(measures, "任务类别")
    expect(measures.locator(".chips li a")).to_have_count(2)
    measures.locator(".chips li a").first.click()
    expect(measures.locator(".said strong")).to_have_text(str(ALL_MEASURES))
    assert "section" not in query(measures)


def test_filters_add_up_and_the_search_keeps_them(measures: Page) -> None:
    _, in_section = first_facet_choice(measures, "任务类别")
    expect(measures.locator(".said strong")).to_have_text(str(in_section))
    measures.get_by_label("搜索", exact=True).fill("破产")
    measures.get_by_label("搜索", exact=True).press("Enter")
    expect(measures.locator(".chips li a")).to_have_count(3)
    assert query(measures)["section"] == ["1"]
    assert query(measures)["search"] == ["破产"]
    assert found(measures) <= in_section


def test_the_order_can_be_changed(measures: Page, javascript: bool) -> None:
    measures.get_by_label("排序").select_option(label="时限最远在前")
    if not javascript:
        measures.get_by_role("button", name="搜索", exact=True).click()
    expect(measures).to_have_url(re.compile(r"[?&]ordering=-deadline"))
    dated = measures.locator("td.when", has_text="2022年", has_not_text="现行")
    expect(dated.first).to_contain_text("2022年12月")


def test_the_next_page_begins_where_this_one_ends(measures: Page) -> None:
    expect(measures.locator(".said")).to_contain_text("1–50")
    measures.get_by_role("link", name="下一页").click()
    expect(measures.locator(".said")).to_contain_text("51–100")
    expect(measures.locator("table.measures tbody tr")).to_have_count(50)
    measures.locator(".pager a", has_text=re.compile("^5$")).click()
    expect(measures.locator("table.measures tbody tr")).to_have_count(15)


def test_a_page_stays_within_the_filters(measures: Page) -> None:
    measures.goto("/measures/?light=on_track")
    total = found(measures)
    measures.get_by_role("link", name="下一页").click()
    expect(measures.locator(".said")).to_contain_text(f"51–{total}")
    assert query(measures)["light"] == ["on_track"]


def test_a_facet_answers_without_loading_the_page_anew(quick: Page) -> None:
    _, count = first_facet_choice(quick, "任务类别")
    expect(quick.locator(".said strong")).to_have_text(str(count))
    assert still_same_document(quick)


def test_two_characters_are_enough_to_find_as_one_types(quick: Page) -> None:
    quick.get_by_label("搜索", exact=True).press_sequentially("破产")
    expect(quick.locator(".chips")).to_contain_text("破产")
    assert query(quick) == {"search": ["破产"]}
    assert 0 < found(quick) < 30
    assert still_same_document(quick)


def test_what_was_typed_is_kept_while_the_results_change(quick: Page) -> None:
    box = quick.get_by_label("搜索", exact=True)
    box.press_sequentially("破产")
    expect(quick.locator(".chips")).to_contain_text("破产")
    expect(box).to_be_focused()
    expect(box).to_have_value("破产")


def test_a_choice_of_order_answers_at_once(quick: Page) -> None:
    quick.get_by_label("排序").select_option(label="时限最近在前")
    expect(quick.locator("td.when").first).to_contain_text("2022年3月")
    assert query(quick)["ordering"] == ["deadline"]
    assert still_same_document(quick)


def test_the_address_of_a_filtered_page_can_be_passed_on(quick: Page, opened: ContextMaker) -> None:
    _, count = first_facet_choice(quick, "任务类别")
    expect(quick.locator(".said strong")).to_have_text(str(count))
    colleague = opened().new_page()
    colleague.goto(quick.url)
    assert found(colleague) == count


def test_the_exports_are_of_what_is_shown(quick: Page) -> None:
    first_facet_choice(quick, "任务类别")
    expect(quick.get_by_role("link", name="csv")).to_have_attribute("href", "/measures/export/csv/?section=1")


def test_signing_in_and_the_other_language_lead_back_to_what_a_facet_shows(quick: Page) -> None:
    _, count = first_facet_choice(quick, "任务类别")
    expect(quick.locator(".said strong")).to_have_text(str(count))
    quick.get_by_role("button", name="English").click()
    expect(quick).to_have_url(re.compile(r"/measures/\?section=1$"))
    quick.get_by_role("button", name="中文").click()
    quick.get_by_role("link", name="登录").click()
    assert query(quick) == {"next": ["/measures/?section=1"]}


def test_the_focus_and_what_was_opened_stay_where_they_were(quick: Page) -> None:
    quick.locator("#facet-responsible > summary").click()
    quick.locator("#facet-light > summary").click()
    choice = quick.locator("#facet-responsible li a").nth(2)
    name = choice.get_attribute("id")
    choice.focus()
    quick.keyboard.press("Enter")
    expect(quick.locator(".chips")).to_be_visible()
    expect(quick.locator(f"#{name}")).to_be_focused()
    expect(quick.locator("#facet-responsible")).to_have_attribute("open", "")
    assert quick.locator("#facet-light").get_attribute("open") is None
    quick.locator(".chips li a").first.focus()
    quick.keyboard.press("Enter")
    expect(quick.locator(".chips")).to_have_count(0)
    expect(quick.locator("#found")).to_be_focused()


def test_a_value_is_found_among_all_and_page_and_filters_stay_where_they_were_scrolled(quick: Page) -> None:
    quick.goto("/measures/?page_size=100")
    quick.locator("#facet-responsible > summary").click()
    quick.locator("#find-responsible").press_sequentially("海关")
    choice = quick.locator("#all-responsible li a")
    expect(choice).to_have_count(1)
    choice.focus()
    quick.evaluate("window.scrollTo(0, 400)")
    before = quick.evaluate("window.scrollY")
    quick.keyboard.press("Enter")
    expect(quick.locator(".chips strong").first).to_have_text("深圳海关")
    expect(quick.locator(f"#of-responsible-{query(quick)['responsible'][0]}")).to_be_focused()
    assert quick.evaluate("[window.scrollY, document.querySelector('.facets').scrollTop > 0]") == [before, True]
    assert before == 400
    expect(quick.locator("h1")).to_have_text(re.compile("^深圳海关为责任单位的举措（"))
    expect(quick).to_have_title(re.compile("^深圳海关为责任单位的举措（"))


def test_on_a_phone_the_filters_stay_open(opened: ContextMaker) -> None:
    page = opened(size=(390, 844)).new_page()
    page.goto("/measures/")
    page.locator(".facets-label").click()
    page.locator("#facet-section li a").first.click()
    expect(page.locator(".chips")).to_be_visible()
    expect(page.locator(".facets")).to_be_visible()
