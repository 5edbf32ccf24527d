"""What the forms have in common."""

import itertools
from collections.abc import Callable

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.pages import Places

Act = Callable[[Page, Places], None]
PROGRESS = "工作进展"
CHOSEN = "岭南荔枝 2022"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
numbers = itertools.count(1)


def press(page: Page, name: str) -> None:
    """The first button of that very name in the page itself, not in its head."""
    page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()


def told(page: Page, words: str) -> None:
    """The page says so, and complains of nothing."""
    expect(page.get_by_role("status").filter(has_text=words).first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def each(found: Locator) -> list[Locator]:
    """Every one of them, once the page that has them is there as a whole: a click does not wait for it."""
    expect(found.first).to_be_attached()
    found.page.wait_for_load_state()
    return found.all()


def workbook(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": WORKBOOK, "buffer": data}


def new_name(kind: str) -> str:
    """A name that nobody has yet."""
    return f"{kind}{next(numbers)}"
