"""What the document says about itself (“共101项”) beside what was counted, for the page that asks to confirm."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from importers.documents.grammar.text import squeezed
from importers.documents.sentences import gettext_noop, problem
from importers.documents.values import ParsedList, Problem


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison; `kind` is sections, items, measures or national. `passed` is None where nothing is stated."""

    kind: str
    passed: bool | None
    said: Problem

    @property
    def sentence(self) -> str:
        """What is compared, and with what result."""
        return self.said.message


_COUNTED = {
    "sections": gettext_noop("任务类别{count}类，"),
    "items": gettext_noop("改革事项{count}项，"),
    "measures": gettext_noop("具体举措{count}条，"),
    "national": gettext_noop("带*事项{count}项，"),
}
_NOT_STATED = gettext_noop("文件未写明总数。")
_AS_STATED = gettext_noop("与{source}一致。")
_NOT_AS_STATED = gettext_noop("与{source}“{stated}”不符，请核对。")
_TITLE, _NOTES = gettext_noop("标题"), gettext_noop("表末注")
_UNITS = {"sections": "类", "items": "项", "measures": "条", "national": "项"}
# 标“*”的…, 带*事项…: a clause that counts the national items.
_MARKED = re.compile(r"(?:标|带|加|打|注)[“\"]?[*★☆※][”\"]?|^(?:注:)?[“\"]?[*★☆※]")
_NATIONAL = re.compile(r"(?P<number>\d{1,5})(?:项|个|条)")
# 12个类别; 共200项; 200项改革事项; 12大类200项; 216条举措.
_TOTALS = (
    ("sections", re.compile(r"(?P<number>\d{1,4})(?:个|大)?(?:类别|大类|方面|部分|板块|领域|类)")),
    ("items", re.compile(r"(?:共|合计|总计|计)(?:有|计)?(?:[^\d,，;；。]{0,8}?)(?P<number>\d{1,5})(?:个)?(?:项|事项)")),
    ("items", re.compile(r"(?P<number>\d{1,5})项(?:改革)?(?:事项|任务|改革)(?!未|已|中)")),
    ("items", re.compile(r"(?:类别|大类|方面|部分|板块|领域|类)、?(?P<number>\d{1,5})项")),
    ("measures", re.compile(r"(?P<number>\d{1,5})(?:条|项)(?:具体|改革)*(?:举措|措施)|(?P<bare>\d{1,5})条")),
)


def checks(parsed: ParsedList) -> tuple[Check, ...]:
    """The four totals, each beside every number that title and notes state for it."""
    stated = {kind: dict[int, str]() for kind in _COUNTED}
    for where, text in ((_TITLE, parsed.title), *((_NOTES, note) for note in parsed.notes)):
        for kind, number in _stated(squeezed(text)):
            stated[kind].setdefault(number, where)
    return tuple(check for kind, counted in counted(parsed).items() for check in _of_kind(kind, counted, stated[kind]))


def counted(parsed: ParsedList) -> dict[str, int]:
    """How many sections, items, measures and national items there are, wherever it is told.

    An item begins where its first measure stands; its number may be used again elsewhere.
    """
    items = [measure for measure in parsed.measures if measure.seq_in_item == 1]
    return {
        "sections": len(parsed.sections),
        "items": len(items),
        "measures": len(parsed.measures),
        "national": sum(item.national for item in items),
    }


def _of_kind(kind: str, counted: int, stated: dict[int, str]) -> Iterator[Check]:
    total = _COUNTED[kind]
    if not stated:
        yield Check(kind, passed=None, said=problem(kind, total, _NOT_STATED, count=counted))
    for number, where in stated.items():
        printed = f"{number}{_UNITS[kind]}"
        sentence = _AS_STATED if number == counted else _NOT_AS_STATED
        said = problem(kind, total, sentence, count=counted, source=where, stated=printed)
        yield Check(kind, passed=number == counted, said=said)


def _stated(text: str) -> Iterator[tuple[str, int]]:
    for clause in re.split("[;；。]", text):
        if _MARKED.search(clause):
            numbers = [int(match["number"]) for match in _NATIONAL.finditer(clause)]
            yield from (("national", number) for number in numbers[-1:])
        else:
            yield from _totals(clause)


def _totals(clause: str) -> Iterator[tuple[str, int]]:
    for kind, pattern in _TOTALS:
        for match in pattern.finditer(clause):
            yield kind, int(next(filter(None, match.groups())))
