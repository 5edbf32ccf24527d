"""Comparing two editions of which one measure in a hundred was reworded."""

from collections.abc import Iterator

from importers.documents.read import read_document
from importers.documents.values import ParsedList, ParsedMeasure
from importers.plans.compare import compare
from tests.bench.documents import list_of
from tests.bench.timing import interleaved, table

LIMIT = "limit: walk both lists and compare row by row"
Place = tuple[int | None, int]


def report(rows: list[int], times: int) -> Iterator[str]:
    for size in rows:
        old, new = (read_document(list_of(size, changed=changed), "list.docx") for changed in (False, True))
        found = compare(old, new).counts
        ways = {
            LIMIT: lambda old=old, new=new: by_row(old, new),
            "plain: pair by number, compare field by field": lambda old=old, new=new: by_number(old, new),
            "ours: pair by what they say, tell what changed": lambda old=old, new=new: compare(old, new),
        }
        title = f"Comparing two editions of {len(new.measures)} measures ({found})"
        yield table(title, interleaved(ways, times=times), rows=len(new.measures), limit=LIMIT)


def by_row(old: ParsedList, new: ParsedList) -> int:
    return sum(one.text != other.text for one, other in zip(old.measures, new.measures, strict=True))


def by_number(old: ParsedList, new: ParsedList) -> list[tuple[Place, str]]:
    """What most programs do; a number that moved makes it tell of two changes, or of many."""
    known = {place(measure): measure for measure in old.measures}
    return [
        (place(measure), name)
        for measure in new.measures
        for name in ("item_title", "text", "lead", "responsible", "deadline_text", "section", "national")
        if place(measure) not in known or getattr(known[place(measure)], name) != getattr(measure, name)
    ]


def place(measure: ParsedMeasure) -> Place:
    return measure.item_no, measure.seq_in_item
