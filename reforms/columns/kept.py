"""The columns as this process keeps them: read once, then brought up to date by what the change log says since."""

from dataclasses import dataclass, replace
from threading import Lock

import numpy as np

from reforms.columns.altered import LogHead, altered_between
from reforms.columns.facts import MeasureColumns, read_again, read_all
from reforms.columns.stored import STALE_AFTER, store, stored


@dataclass(frozen=True, slots=True)
class _Kept:
    """`stored` is where the log stood when they were stored last; None where they were read anew since."""

    head: LogHead
    columns: MeasureColumns
    stored: int | None = None


_kept: list[_Kept] = []
_reading = Lock()


def columns() -> MeasureColumns:
    """The facts of all measures as they are now: one query where nothing was logged since last time."""
    head = LogHead.now()
    if _kept and _kept[0].head == head:
        return _kept[0].columns
    # The head first: what is written while the facts are read is read again next time. Others wait, since reading
    # twice takes longer.
    with _reading:
        return _brought_up_to(LogHead.now()).columns


def forget() -> None:
    """Begin anew when next asked, as a process that starts."""
    _kept.clear()


def differing() -> list[str]:
    """The columns in which what is stored, brought up to date, is not what is in the database; one of the two is
    wrong where there are any (`manage.py check_derived`)."""
    found, head = _on_disk(), LogHead.now()
    if found is None:
        return []
    followed, right = _followed(found, head).columns, read_all()
    beside = {f"{part}": (one, right.beside[part]) for part, one in followed.beside.items()}
    names = [name for name, column in right.of.items() if not np.array_equal(column, followed.of[name])]
    return names + [
        name
        for name, (one, other) in beside.items()
        if not (np.array_equal(one.at, other.at) and np.array_equal(one.agency, other.agency))
    ]


def store_anew() -> None:
    """Read everything and store it, whatever is there."""
    head = LogHead.now()
    store(head, read_all())


def _brought_up_to(head: LogHead) -> _Kept:
    kept = _followed(_kept[0] if _kept else _on_disk() or _read(head), head)
    if kept.stored is None or head.sequence - kept.stored >= STALE_AFTER:
        store(head, kept.columns)
        kept = replace(kept, stored=head.sequence)
    _kept[:] = [kept]
    return kept


def _on_disk() -> _Kept | None:
    found = stored()
    return _Kept(*found, stored=found[0].sequence) if found else None


def _read(head: LogHead) -> _Kept:
    return _Kept(head, read_all())


def _followed(kept: _Kept, head: LogHead) -> _Kept:
    """The columns with what was logged since."""
    if kept.head == head:
        return kept
    altered = altered_between(kept.head, head)
    if altered is None:
        return _read(head)
    return replace(kept, head=head, columns=read_again(kept.columns, altered.measures, altered.lists))
