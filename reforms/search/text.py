"""What is kept to be searched: the printed texts of a measure, folded, beside its row (`Measure.search_text`).

It is made from the measure, its item and the names printed beside it, in the transaction that writes those, and from
nothing else, so that it can be checked and made again.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from agencies.lib.bulk import update
from reforms.lib.folding import fold_cells
from reforms.models import Assignment, Measure

BATCH = 1_000


def search_text(measure: Measure, names: Sequence[str]) -> str:
    """The text of a measure whose item is loaded; `names` are printed beside it, leads first."""
    item = measure.item
    return fold_cells([f"第{item.number}项", item.title, measure.title, measure.text, *names])


def wrong_texts(
    measures: "QuerySet[Any]", *, assignments: "QuerySet[Any] | None" = None
) -> Iterator[list[tuple[int, str]]]:
    """Ids of measures whose text is not what it should be, with what it should be; some at a time."""
    last, names = 0, Assignment.objects.all() if assignments is None else assignments
    found = measures.select_related("item").order_by("pk")
    while batch := list(found.filter(pk__gt=last)[:BATCH]):
        beside = _names(names.filter(measure__in=[measure.pk for measure in batch]))
        right = {measure.pk: search_text(measure, beside.get(measure.pk, ())) for measure in batch}
        yield [(measure.pk, right[measure.pk]) for measure in batch if measure.search_text != right[measure.pk]]
        last = batch[-1].pk


def _names(assignments: "QuerySet[Any]") -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    ordered = assignments.order_by("measure", "part", "order")
    for measure, name in ordered.values_list("measure_id", "printed_name"):
        names.setdefault(measure, []).append(name)
    return names


def mend(wrong: Iterator[list[tuple[int, str]]]) -> int:
    """Writes these texts; how many. Keepers of copies are not told: nothing that they see has changed."""
    count = 0
    for some in wrong:
        update(Measure, ["search_text"], some)
        count += len(some)
    return count
