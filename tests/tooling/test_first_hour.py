"""docs/first-hour.md and its Chinese twin say the same, with pictures that are there and small."""

import re

import pytest

from tests.browser.pictures import FOLDER, in_few_colours, pictures_of
from tests.tooling.processes import ROOT
from tests.tooling.test_readme import ELSEWHERE, commands

PAGES = {"en": "docs/first-hour.md", "zh": "docs/first-hour.zh-CN.md"}
LARGEST = 60 * 1024


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def shown(language: str) -> list[str]:
    """The names of the pictures of a page, in its order."""
    return re.findall(rf"!\[[^\]]+\]\(first-hour/{language}/([\w-]+)\.png\)", text(PAGES[language]))


def test_both_have_the_same_steps_tables_and_commands() -> None:
    for what in (r"^#+ \d*", r"^\|[^|]*", "`[^`\n]+`"):
        found = [re.findall(what, text(page), re.MULTILINE) for page in PAGES.values()]
        assert len(found[0]) == len(found[1]) > 5, what
    assert commands(PAGES["en"]) == commands(PAGES["zh"])
    assert set(commands(PAGES["en"])) <= ELSEWHERE, "what is run is run by a test"


def test_each_shows_every_picture_that_was_taken_in_its_language_in_order() -> None:
    taken = {language: [file.stem for file in pictures_of() if file.parent.name == language] for language in PAGES}
    assert shown("en") == shown("zh")
    for language in PAGES:
        assert sorted(shown(language)) == sorted(taken[language])
    assert [int(name.split("-")[0]) for name in shown("en")] == list(range(1, len(shown("en")) + 1))


def test_no_picture_is_large() -> None:
    assert len(pictures_of()) > 15
    assert [str(file.relative_to(FOLDER)) for file in pictures_of() if file.stat().st_size > LARGEST] == []


def test_both_readmes_lead_there() -> None:
    for readme, page in (("README.md", PAGES["en"]), ("README.zh-CN.md", PAGES["zh"])):
        (earnest,) = (part for part in text(readme).split("\n## ") if "DEMO=0 make run" in part)
        assert f"({page})" in earnest


@pytest.mark.parametrize("name", ["zh/1-password.png", "en/1-password.png"])
def test_a_picture_in_few_colours_is_a_picture(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    assert data.startswith(b"\x89PNG")
    with pytest.raises(AssertionError, match="three colours"):
        in_few_colours(data)
