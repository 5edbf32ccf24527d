"""Whether what is kept beside the change log is what the log says: where measures stood, and their lights by month."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from reforms.models import Measure, PastRead, PastState
from reforms.status import trend
from reforms.status.past import BATCH, COLUMNS, read_from_log, rebuild


@dataclass(frozen=True, slots=True)
class Differing:
    """Ids of the measures whose past states, and of the lists whose lights by month, are not what they should be."""

    measures: list[int]
    lists: list[int]

    def __bool__(self) -> bool:
        return bool(self.measures or self.lists)


def check() -> Differing:
    """What differs. Whatever seems to is looked at a second time while nobody writes: it may have been written
    between two readings."""
    measures = _differing_measures(list(Measure.objects.order_by("pk").values_list("pk", flat=True)))
    lists = _differing_lists(None)
    if not measures and not lists:
        return Differing([], [])
    with transaction.atomic():
        _hold()
        return Differing(_differing_measures(measures), _differing_lists(lists))


def mend(found: Differing) -> None:
    """Write what differs anew from the log."""
    with transaction.atomic():
        _hold()
        for at in range(0, len(found.measures), BATCH):
            rebuild(found.measures[at : at + BATCH])
        trend.fill()


def _hold() -> None:
    # As catch_up: whoever writes states waits for it.
    PastRead.objects.select_for_update().get_or_create(pk=1)


def _differing_measures(ids: Sequence[int]) -> list[int]:
    differing: set[Any] = set()
    for at in range(0, len(ids), BATCH):
        some = ids[at : at + BATCH]
        kept = set(PastState.objects.filter(measure__in=some).order_by().values_list(*COLUMNS))
        differing |= {row[0] for row in kept ^ {_plain(row) for row in read_from_log(some)}}
    return sorted(differing)


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Choices as the text that is stored."""
    return tuple(str(value) if isinstance(value, str) else value for value in row)


def _differing_lists(lists: Collection[int] | None) -> list[int]:
    if lists is not None and not lists:
        return []
    differing = trend.kept(lists)
    differing.subtract(trend.counted_anew(lists))
    return sorted({listed for (listed, _month, _light), change in differing.items() if change})
