"""The one-time link in a browser: from the administrator's page to a password and the desk."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ContextMaker
from tests.browser.forms.of_administrators import add_a_person, choose_a_password
from tests.browser.pages import ADMINISTRATOR


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_the_links_shown_to_an_administrator_let_their_owner_choose_a_password(
    opened: ContextMaker, javascript: bool
) -> None:
    office, owner = opened(ADMINISTRATOR).new_page(), opened(javascript=javascript).new_page()
    add_a_person(office, f"zhao{javascript}")
    first = office.locator(".secret").inner_text()
    owner.goto(first)
    choose_a_password(owner)

    office.get_by_role("link", name="收不到链接的").click()
    office.get_by_role("button", name="一次性链接").click()
    second = office.locator(".secret").inner_text()
    owner.context.clear_cookies()
    owner.goto(second)
    choose_a_password(owner)
    for used in (first, second):
        owner.goto(used)
        expect(owner.get_by_role("heading", level=1)).to_have_text("此链接已失效")
