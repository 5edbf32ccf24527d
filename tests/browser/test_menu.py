"""The menu takes one line on a desk's screen, for everybody in both languages."""

import pytest

from tests.browser.conftest import ContextMaker
from tests.browser.pages import ADMINISTRATOR, APPROVER, AUDITOR, REPORTER, SUPERVISOR

PEOPLE = [ADMINISTRATOR, APPROVER, AUDITOR, REPORTER, SUPERVISOR]


@pytest.mark.parametrize("english", [False, True], ids=["chinese", "english"])
def test_the_menu_takes_one_line(opened: ContextMaker, *, english: bool) -> None:
    for person in PEOPLE:
        page = opened(person, english=english).new_page()
        page.goto("/agencies/")
        entries = page.locator("header nav.menu a, .top nav.menu a")
        lines = {entries.nth(at).evaluate("one => one.offsetTop") for at in range(entries.count())}
        assert len(lines) == 1, person
        assert page.locator(".brand").evaluate("one => one.getClientRects().length") == 1
        assert page.locator(".top").evaluate("one => one.offsetHeight") < 70, person
