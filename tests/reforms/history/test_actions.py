"""Whatever the code records is said in words: every action has a sentence, every kind of object a name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from agencies.models import Change
from reforms.history.actions import ACTIONS, sentence_of
from reforms.history.facts import FACT_NAMES
from reforms.history.objects import KINDS
from reforms.models import ReformList

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [
    file
    for package in ("agencies", "reforms", "importers")
    for file in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in file.parts and file.name not in {"actions.py", "objects.py"}
]
# Facts that are named for one kind of object look like actions (reforms.history.facts).
FACTS = {name for name in FACT_NAMES if "." in name}
LOOKS_LIKE_ONE = re.compile(r"[a-z_]+\.[a-z_]+")


def strings(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def recorded(keyword: str, *, by: str = "") -> set[str]:
    """What stands after `keyword=` in calls (of one function)."""
    nodes = (node for file in SOURCES for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    calls = [node for node in nodes if isinstance(node, ast.Call) and (not by or ast.unparse(node.func) == by)]
    values = [word.value for call in calls for word in call.keywords if word.arg == keyword]
    return {text for value in values for text in strings(value)}


def mentioned() -> set[str]:
    """Every text anywhere in the code that begins like an action: the ones handed on by position too."""
    beginnings = {action.partition(".")[0] for action in ACTIONS}
    texts = (text for file in SOURCES for text in strings(ast.parse(file.read_text(encoding="utf-8"))))
    return {text for text in texts if LOOKS_LIKE_ONE.fullmatch(text) and text.partition(".")[0] in beginnings}


def test_every_action_in_the_code_has_a_sentence() -> None:
    found = {text for text in recorded("action") if LOOKS_LIKE_ONE.fullmatch(text)} | mentioned()
    assert len(found) > 20
    assert found - set(ACTIONS) - FACTS == set()


def test_no_sentence_is_left_of_an_action_that_is_gone() -> None:
    assert set(ACTIONS) - mentioned() == set()


def test_every_kind_of_object_is_known() -> None:
    kinds = recorded("kind", by="Entry")
    assert {"measure", "agency", "token"} <= kinds
    assert kinds - set(KINDS) == set()


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_sentence_can_be_said_of_an_entry_that_says_nothing(action: str, language: str) -> None:
    """An entry may be older than what its sentence tells of today."""
    with translation.override(language):
        assert sentence_of(Change(action=action, before={}, after={}))


def test_an_action_of_a_version_to_come_is_shown_by_its_code() -> None:
    assert sentence_of(Change(action="measure.painted", before={}, after={})) == "measure.painted"


def test_everything_in_the_demonstration_is_said_in_words(demo: ReformList) -> None:
    actions = set(Change.objects.order_by().values_list("action", flat=True).distinct())
    assert "report.submitted" in actions
    assert actions <= set(ACTIONS)
