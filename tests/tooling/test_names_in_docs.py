"""What the documents name is there: every path, module and name of ours in backquotes.

A page that tells of what was, as a decision may, names it without backquotes.
"""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tooling.processes import ROOT

PAGES = [*sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("README*.md")), ROOT / "CONTRIBUTING.md"]
FOLDERS = "agencies|reforms|importers|config|templates|static|tests|docs|fixtures"
PATH = re.compile(rf"(?:{FOLDERS})/[\w./*-]*|[\w./-]+\.(?:py|html|css|js|toml)")
DOTTED = re.compile(r"(?:agencies|reforms|importers|config|tests)(?:\.\w+)+")


def names_in(text: str) -> Iterator[str]:
    """What stands in backquotes, without the brackets of a call; not what stands in blocks of code."""
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    for quoted in re.findall(r"`([^`\n]+)`", prose):
        yield quoted.removesuffix("()")


def is_there(name: str) -> bool:
    """Whether a path exists (from the root, or as the end of one), or a dotted name can be imported."""
    if PATH.fullmatch(name):
        return any(ROOT.glob(name)) or ("*" not in name and any(ROOT.glob(f"[!.]*/**/{name}")))
    return _is_importable(name) if DOTTED.fullmatch(name) else True


def _is_importable(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    try:
        return bool(importlib.import_module(name))
    except ModuleNotFoundError:
        return bool(module) and _has(module, attribute)


def _has(owner: str, attribute: str) -> bool:
    """Whether a module, or a class in one, has the name."""
    module, _, cls = owner.rpartition(".")
    try:
        return hasattr(importlib.import_module(owner), attribute)
    except ModuleNotFoundError:
        return bool(module) and _has(module, cls) and hasattr(getattr(importlib.import_module(module), cls), attribute)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_everything_a_page_names_is_there(page: Path) -> None:
    assert [name for name in names_in(page.read_text(encoding="utf-8")) if not is_there(name)] == []


def test_it_would_see_a_name_that_is_gone() -> None:
    here = ["reforms/urls.py", "stages.py", "static/", "tests/*/__init__.py", "reforms.models.Measure.is_standing"]
    gone = ["reforms/views/", "standins.py", "tests/*/nothing.py", "reforms.life", "agencies.access.yesterday"]
    text = " ".join(f"`{name}`" for name in (*here, *gone, "agencies.access.today()", "evidence.added", "/people/"))
    assert [name for name in names_in(text) if not is_there(name)] == gone
