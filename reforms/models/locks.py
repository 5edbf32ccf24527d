"""Holding measures to the end of a transaction: whoever acts on them waits."""

from collections.abc import Iterable

from reforms.models.lists import ReformList
from reforms.models.measures import Measure


def lock_measure(measure_id: int) -> Measure:
    """The measure with its list, held to the end of the transaction: whoever acts on it waits here."""
    return Measure.objects.select_for_update(no_key=True, of=("self",)).select_related("reform_list").get(pk=measure_id)


def lock_measures(measure_ids: Iterable[int]) -> list[int]:
    """Hold these measures to the end of the transaction, so that nobody reports on a duty that is being moved."""
    held = Measure.objects.select_for_update(no_key=True).filter(pk__in=set(measure_ids)).order_by("pk")
    return list(held.values_list("pk", flat=True))


def lock_measures_of(reform_list: ReformList) -> None:
    """The same for every measure of a list, in the same order."""
    list(
        Measure.objects.select_for_update(no_key=True).filter(reform_list=reform_list).order_by("pk").values_list("pk")
    )
