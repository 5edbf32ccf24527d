"""What is in doubt about a document, in the language of whoever looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agencies.lib.chinese import has_chinese
from importers.documents.values import Problem, told
from importers.plans.doubts import NAMES, percent_of


def in_words(problem: Problem) -> str:
    """The sentences of a problem; what it quotes from the document stays Chinese, and is marked as such."""
    if (get_language() or "").startswith("zh"):
        return problem.message
    if not problem.sentences:
        kept: str = _quoted(problem.message)
        return kept
    said: str = format_html_join(" ", "{}", ((one,) for one in told(problem, _, _filled)))
    return said


def of_stored(problem: Mapping[str, Any] | str) -> str:
    """The same of one that is kept with a job."""
    if isinstance(problem, str):
        return in_words(Problem("", problem))
    return in_words(Problem.of_json(dict(problem)))


def _filled(sentence: str, **facts: object) -> str:
    filled: str = format_html(sentence, **{name: _quoted(fact) for name, fact in facts.items()})
    return filled


def _quoted(fact: object) -> Any:
    is_chinese = isinstance(fact, str) and has_chinese(fact)
    return format_html('<span lang="zh-CN">{}</span>', fact) if is_chinese else fact


@dataclass(frozen=True, slots=True)
class ShownKind:
    """The doubts of one kind: how many, and how many measures they concern."""

    kind: str
    name: str
    count: int
    measures: int


def kinds_of(totals: Mapping[str, Any]) -> list[ShownKind]:
    """The doubts of an import by kind; none for one from before they were counted."""
    return [ShownKind(kind, _(NAMES[kind]), count, rows) for kind, count, rows in totals.get("doubts", ())]


def share_of(totals: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was read without doubt, of how many, and in percent."""
    sure, measures = totals.get("without_doubt"), totals.get("measures", 0)
    return None if sure is None else {"sure": sure, "measures": measures, "percent": percent_of(sure, measures)}
