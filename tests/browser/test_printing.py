"""Pages on paper, as Chromium prints them: all rows, the head of the table on each page, nothing that one clicks."""

import subprocess
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import ContextMaker, Watch
from tests.browser.pages import SUPERVISOR
from tests.reforms.printing import READER

pytestmark = pytest.mark.skipif(not READER, reason="pdftotext is missing: what is printed was NOT looked at")
# One clicks on it, or goes elsewhere by it.
CONTROLS = """() => [...document.querySelectorAll("button, option, label, .menu a, .pager a, .facets a, .exports a")]
  .map(element => element.textContent.trim().replace(/\\s+/g, " ")).filter(text => text.length > 1)"""


def on_paper(page: Page, folder: Path) -> list[str]:
    """The text of each page."""
    file = folder / "page.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    read = subprocess.run([READER, "-layout", str(file), "-"], check=True, capture_output=True, timeout=60)
    # Characters may come back as their look-alikes.
    return unicodedata.normalize("NFKC", read.stdout.decode()).rstrip("\f").split("\f")


def letters(text: str) -> Counter[str]:
    return Counter(letter for letter in unicodedata.normalize("NFKC", text) if letter.isalnum())


def test_all_of_a_filter_is_printed_under_a_head_on_every_page(opened: ContextMaker, tmp_path: Path) -> None:
    page = opened(SUPERVISOR).new_page()
    page.goto("/measures/?section=1&ordering=deadline")
    page.get_by_role("link", name="打印", exact=True).click()
    page.wait_for_url("**/measures/print/?*")
    rows = page.locator("tbody tr").all_inner_texts()
    printed = on_paper(page, tmp_path)
    assert len(rows) == 27
    assert len(printed) > 1
    assert letters("".join(rows)) - letters("".join(printed)) == Counter()
    assert all("具体举措" in text and "亮灯" in text for text in printed)
    assert "数据截至2022年6月15日" in printed[0]
    assert "任务类别:" in printed[0]


MORE = """<tbody data-more hx-get="?from=200" hx-trigger="load" hx-swap="outerHTML" hx-target="this">
  <tr><td colspan="9"><a href="?from=200">其余15条</a></td></tr></tbody></table>"""


def in_parts(page: Page, held: list[Route]) -> Page:
    """The page as it is where one answer does not hold all rows (the demonstration's fit); its second part is held."""

    def answer(route: Route) -> None:
        if "from=" in route.request.url:
            held.append(route)
            return
        got = route.fetch()
        route.fulfill(response=got, body=got.text().replace("</table>", MORE))

    page.route("**/measures/print/**", answer)
    page.goto("/measures/print/")
    page.wait_for_function("() => document.querySelector('[data-more]')")
    return page


def test_what_comes_in_parts_is_printed_once_all_of_it_is_there(opened: ContextMaker) -> None:
    held: list[Route] = []
    page = in_parts(opened(SUPERVISOR).new_page(), held)
    expect(page.get_by_role("button", name="正在载入全部各行…")).to_be_disabled()
    rows = page.locator("table.ledger tbody:not([data-more]) tr")
    first = rows.count()
    held.pop().continue_()
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_enabled()
    assert rows.count() == first + first - 200


def test_where_a_part_does_not_come_the_page_says_so_and_can_be_printed(opened: ContextMaker, watch: Watch) -> None:
    held: list[Route] = []
    page = in_parts(opened(SUPERVISOR).new_page(), held)
    expect(page.get_by_role("button", name="正在载入全部各行…")).to_be_disabled()
    held.pop().abort()
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_enabled()
    expect(page.get_by_role("link", name="其余15条")).to_be_visible()
    # It was not answered on purpose.
    watch.errors.clear()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/measures/?light=overdue", "已逾期的举措(3条)"),
        ("/unreported/", "未按时报送"),
        ("/audit/?action=claim.verified", ""),
    ],
)
def test_nothing_that_one_clicks_is_printed(opened: ContextMaker, tmp_path: Path, address: str, said: str) -> None:
    page = opened("auditor" if "audit" in address else SUPERVISOR).new_page()
    page.goto(address)
    shown = "".join(page.locator("main table, h1, .crumbs").all_inner_texts())
    controls = [text for text in page.evaluate(CONTROLS) if text not in shown]
    printed = "".join(on_paper(page, tmp_path))
    lines = {part for line in printed.splitlines() for part in line.split()}
    assert controls
    assert lines.isdisjoint(controls)
    assert said in printed.replace(" ", "")
    assert "数据截至2022年6月15日" in printed
    assert "制表时间:20" in printed.replace(" ", "")
    assert f"{address}" in printed or "?" not in address
