"""What the change log says was altered between two of its entries, for whatever is kept in memory.

Whatever alters what is kept is logged in the same transaction, and sequence order is commit order, so whoever has
read up to the head misses nothing. Nothing is written, and no writer waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agencies.models import Change, ChangeHead
from reforms.models import ListEdition

# So many entries are looked at one by one; after more, everything is read anew.
MOST_ENTRIES = 50_000


@dataclass(frozen=True, slots=True)
class LogHead:
    """Where the log stands. The hash tells a log that was brought back from a copy, or begun anew, from this one."""

    sequence: int
    hash: str

    @classmethod
    def now(cls) -> "LogHead":
        """Where it stands now; one query."""
        return cls(*ChangeHead.reached())


@dataclass(frozen=True, slots=True)
class Altered:
    """The measures that are named, the lists of which any measure may have been altered, and the agencies whose names,
    members, mailboxes or duties may have been."""

    measures: set[int] = field(default_factory=set)
    lists: set[int] = field(default_factory=set)
    agencies: set[int] = field(default_factory=set)
    # Whether nothing but measures is named.
    measures_alone: bool = True


def altered_between(old: LogHead, new: LogHead) -> Altered | None:
    """What was altered since `old`; None where that cannot be said, or may be anything."""
    if not _is_before(old, new):
        return None
    news = Change.objects.filter(sequence__gt=old.sequence, sequence__lte=new.sequence)
    return _altered(news.values_list("kind", "action", "object_id"))


def _is_before(old: LogHead, new: LogHead) -> bool:
    """Whether the log went on from there."""
    if not old.sequence or not old.sequence < new.sequence <= old.sequence + MOST_ENTRIES:
        return False
    return Change.objects.filter(pk=old.sequence, hash=old.hash).exists()


def _altered(entries: Iterable[tuple[str, str, int]]) -> Altered | None:
    by_kind: dict[str, set[int]] = {}
    for kind, action, pk in entries:
        # Two agencies that become one may stand beside any measure.
        if action.startswith("agency.merged"):
            return None
        by_kind.setdefault(kind, set()).add(pk)
    editions = ListEdition.objects.filter(pk__in=by_kind.get("edition", ()))
    of_editions = set(editions.values_list("reform_list_id", flat=True))
    lists = by_kind.get("list", set()) | of_editions
    measures, agencies = by_kind.pop("measure", set()), by_kind.get("agency", set())
    return Altered(measures, lists, agencies, measures_alone=not by_kind)
