"""The columns as this process keeps them: read once, then brought up to date by what the change log says since."""

from dataclasses import dataclass
from threading import Lock

from reforms.columns.altered import Head, altered_between
from reforms.columns.facts import MeasureColumns, read_again, read_all


@dataclass(slots=True)
class _Kept:
    head: Head
    columns: MeasureColumns


_kept: list[_Kept] = []
_reading = Lock()


def columns() -> MeasureColumns:
    """The facts of all measures as they are now: one query where nothing was logged since last time."""
    head = Head.now()
    if _kept and _kept[0].head == head:
        return _kept[0].columns
    # The head first: what is written while the facts are read is read again next time. Others wait, since reading
    # twice takes longer.
    with _reading:
        return _brought_up_to(Head.now()).columns


def forget() -> None:
    """Read everything anew when next asked."""
    _kept.clear()


def _brought_up_to(head: Head) -> _Kept:
    kept = _kept[0] if _kept else None
    if kept is None or kept.head != head:
        kept = _Kept(head, _followed(kept, head) if kept else read_all())
        _kept[:] = [kept]
    return kept


def _followed(kept: _Kept, head: Head) -> MeasureColumns:
    """The columns with what was logged since."""
    altered = altered_between(kept.head, head)
    return read_again(kept.columns, altered.measures, altered.lists) if altered else read_all()
