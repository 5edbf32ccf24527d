"""Every page as it looks, for people to look at: `make screenshots DIR=folder`. Nothing is judged here."""

import os
import re
from pathlib import Path

import pytest

from tests.browser.conftest import PHONE, ContextMaker
from tests.browser.pages import ROLES, Portal

FOLDER = os.environ.get("SCREENSHOTS", "")
WIDTHS = (PHONE[0], 1366, 1920)
TALLEST = 6000  # a page of a long list says no more below
pytestmark = pytest.mark.skipif(not FOLDER, reason="make screenshots")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("english", [False, True], ids=["chinese", "english"])
@pytest.mark.parametrize("person", ROLES, ids=lambda person: person or "nobody")
def test_pages_are_kept_as_they_look(
    opened: ContextMaker, portal: Portal, person: str, english: bool, width: int
) -> None:
    folder = Path(FOLDER) / (person or "nobody") / ("en" if english else "zh") / str(width)
    folder.mkdir(parents=True, exist_ok=True)
    page = opened(person, english=english).new_page()
    page.set_viewport_size({"width": width, "height": PHONE[1] if width == PHONE[0] else 1080})
    for address in dict.fromkeys(portal.pages(person)):
        page.goto(address)
        height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
        clip = {"x": 0, "y": 0, "width": width, "height": height}
        kept = folder / f"{name_of(address)}.png"
        page.screenshot(path=kept, full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
        assert kept.stat().st_size


def name_of(address: str) -> str:
    """The address as the name of a file: what stands between its words becomes a line."""
    return re.sub(r"[^\w]+", "-", address).strip("-")[:80] or "overview"
