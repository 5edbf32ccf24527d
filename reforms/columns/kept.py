"""The columns as this process keeps them: read once, then brought up to date by what the change log says since.

Whatever alters what they hold is logged in the same transaction, and sequence order is commit order, so whoever has
read up to the head misses nothing. Nothing is written, and no writer waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from agencies.models import Change, ChangeHead
from reforms.columns.facts import MeasureColumns, read_again, read_all
from reforms.models import ListEdition

# So many entries are looked at one by one; after more, everything is read anew.
MOST_ENTRIES = 50_000


@dataclass(frozen=True, slots=True)
class _Head:
    """Where the log stands. The hash tells a log that was brought back from a copy, or begun anew, from this one."""

    sequence: int
    hash: str


@dataclass(slots=True)
class _Kept:
    head: _Head
    columns: MeasureColumns


_kept: list[_Kept] = []
_reading = Lock()


def columns() -> MeasureColumns:
    """The facts of all measures as they are now: one query where nothing was logged since last time."""
    head = _head()
    if _kept and _kept[0].head == head:
        return _kept[0].columns
    # The head first: what is written while the facts are read is read again next time. Others wait, since reading
    # twice takes longer.
    with _reading:
        return _brought_up_to(_head()).columns


def forget() -> None:
    """Read everything anew when next asked."""
    _kept.clear()


def _head() -> _Head:
    return _Head(*ChangeHead.reached())


def _brought_up_to(head: _Head) -> _Kept:
    kept = _kept[0] if _kept else None
    if kept is None or kept.head != head:
        found = _followed(kept, head) if kept and _is_before(kept.head, head) else None
        kept = _Kept(head, found or read_all())
        _kept[:] = [kept]
    return kept


def _is_before(old: _Head, new: _Head) -> bool:
    """Whether the log went on from there."""
    if not old.sequence or not old.sequence < new.sequence <= old.sequence + MOST_ENTRIES:
        return False
    return Change.objects.filter(pk=old.sequence, hash=old.hash).exists()


def _followed(kept: _Kept, head: _Head) -> MeasureColumns | None:
    """The columns with what was logged since; None where everything must be read."""
    news = Change.objects.filter(sequence__gt=kept.head.sequence, sequence__lte=head.sequence)
    altered = _altered(news.values_list("kind", "action", "object_id"))
    if altered is None:
        return None
    return read_again(kept.columns, altered.measures, altered.lists)


@dataclass(frozen=True, slots=True)
class _Altered:
    measures: set[int]
    lists: set[int]


def _altered(entries: Iterable[tuple[str, str, int]]) -> _Altered | None:
    by_kind: dict[str, set[int]] = {}
    for kind, action, pk in entries:
        # Two agencies that become one may stand beside any measure.
        if action.startswith("agency.merged"):
            return None
        by_kind.setdefault(kind, set()).add(pk)
    editions = ListEdition.objects.filter(pk__in=by_kind.get("edition", ()))
    of_editions = set(editions.values_list("reform_list_id", flat=True))
    return _Altered(by_kind.get("measure", set()), by_kind.get("list", set()) | of_editions)
