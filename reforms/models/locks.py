"""Holding measures to the end of a transaction: whoever acts on them waits."""

from collections.abc import Iterable

from django.db import models

from reforms.models.lists import ReformList
from reforms.models.measures import Measure


def lock_measure(measure_id: int) -> Measure:
    """The measure with its list, held to the end of the transaction: whoever acts on it waits here.
    Raises Measure.DoesNotExist."""
    # no_key: rows that point at the measure may still be added. of: its list is read with it, but not held.
    return Measure.objects.select_for_update(no_key=True, of=("self",)).select_related("reform_list").get(pk=measure_id)


def lock_whole_measures(measure_ids: Iterable[int]) -> list[Measure]:
    """Many of them, as `lock_measure` reads one, in the order of `lock_measures`. Raises Measure.DoesNotExist."""
    asked = set(measure_ids)
    held = Measure.objects.select_for_update(no_key=True, of=("self",)).select_related("reform_list")
    found = list(held.filter(pk__in=asked).order_by("pk"))
    if len(found) != len(asked):
        raise Measure.DoesNotExist
    return found


def lock_measures(measure_ids: Iterable[int]) -> list[int]:
    """Hold these measures to the end of the transaction, so that nobody reports on a duty that is being moved."""
    # By id, always: two who hold several measures in different orders would wait for each other for ever.
    held = Measure.objects.select_for_update(no_key=True).filter(pk__in=set(measure_ids)).order_by("pk")
    return list(held.values_list("pk", flat=True))


def lock_measures_of(reform_list: ReformList) -> None:
    """The same for every measure of a list, in the same order."""
    # Asking the database is what takes the locks; of the rows nothing is needed.
    list(
        Measure.objects.select_for_update(no_key=True).filter(reform_list=reform_list).order_by("pk").values_list("pk")
    )


class Stale(Exception):
    """The object moved on since it was looked at; `current` is what it is now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(str(current))
        self.current = current


def check_version(current: models.Model, seen: int | None) -> None:
    """Raises Stale unless `current.version` is the one that was seen; None asks nothing."""
    if seen is not None and seen != current.version:  # type: ignore[attr-defined]  # every model that is decided on has one
        raise Stale(current)
