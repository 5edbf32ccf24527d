"""What the document says about itself (“共101项”) beside what was counted, for the page that asks to confirm."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from importers.documents.grammar.text import squeezed
from importers.documents.layout.headings import is_total
from importers.documents.values import ParsedList, Problem, gettext_noop, problem


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
_TITLE, _NOTES, _TOTAL_ROW = gettext_noop("标题"), gettext_noop("表末注"), gettext_noop("合计行")
_OF_A_PART, _OF_ALL = re.compile("^小计"), re.compile("^(?:总计|共计)")
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
    """The four totals, each beside every number that title, notes and the row of the total state for it."""
    found = counted(parsed)
    stated = {kind: dict[int, str]() for kind in _COUNTED}
    notes = [squeezed(note) for note in parsed.notes]
    footnotes = [(_NOTES, note) for note in notes if not is_total(note)]
    for where, text in ((_TITLE, squeezed(parsed.title)), *footnotes):
        for kind, number in _stated(text):
            stated[kind].setdefault(number, where)
    for kind, number in _stated(_total_of_all([note for note in notes if is_total(note)])):
        # Items and measures are both counted in 项 at the end of a table.
        is_of_measures = kind == "items" and number != found["items"] and number == found["measures"]
        stated["measures" if is_of_measures else kind].setdefault(number, _TOTAL_ROW)
    return tuple(check for kind, count in found.items() for check in _of_kind(kind, count, stated[kind]))


def _total_of_all(totals: list[str]) -> str:
    """Of several rows of totals the one that is of the whole list; '' where each may be of a section."""
    totals = [total for total in totals if not _OF_A_PART.match(total)]
    totals = [total for total in totals if _OF_ALL.match(total)] or totals
    return totals[0] if len(totals) == 1 else ""


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
