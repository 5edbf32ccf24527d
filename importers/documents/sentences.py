"""Saying a problem in words: its sentences are kept apart from what fills them, so that pages can translate."""

from collections.abc import Callable
from typing import Any

from importers.documents.values import Problem


def gettext_noop(text: str) -> str:
    """Mark a sentence for the catalogue; it is translated where it is shown."""
    return text


NOTHING_WRITTEN = gettext_noop("未写入任何数据。")
# Facts that are words of the portal and not of the document.
_LABELS = ("column", "source")
_ROW, _ITEM = gettext_noop("第{row}行"), gettext_noop("第{item}项（第{row}行）")


def problem(
    kind: str,
    *sentences: str,
    item_no: int | None = None,
    row: int | None = None,
    cell: str | None = None,
    value: str | None = None,
    rows: tuple[int, ...] = (),
    **facts: Any,
) -> Problem:
    """A problem with its message. `facts` fill the braces of the sentences, beside `where`, `row`, `item` and `value`;
    texts and
    whole numbers; `column` and `source` are translated as well."""
    made = Problem(kind, "", item_no, row, cell, value, rows, sentences, tuple(facts.items()))
    return made.saying("".join(told(made)))


def told(found: Problem, translate: Callable[[str], str] = str, fill: Callable[..., str] = str.format) -> list[str]:
    """The sentences of a problem in the language of `translate`; `fill` puts the facts into one of them."""
    if not found.sentences:
        return [found.message]
    facts = dict(found.facts)
    facts |= {name: translate(str(facts[name])) for name in _LABELS if name in facts}
    place = {"item": found.item_no, "row": found.row}
    where = translate(_ROW if found.item_no is None else _ITEM).format(**place)
    value = (found.value or "").replace("\n", " ")
    return [fill(translate(one), **{**place, "where": where, "value": value, **facts}) for one in found.sentences]
