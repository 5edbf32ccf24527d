"""Following the change log: what was done since a sequence and may be seen, in commit order.

Whoever stores the sequence up to which they have read misses nothing: sequences are given out in commit order
(agencies.log.write), so that nothing can come to stand before what was read already. What may not be seen, or does not
concern the agencies asked about, is passed over and counts as read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from agencies.access import Principal
from agencies.models import Agency, AgencyName, Change, ChangeHead
from reforms.history.readable import followed_changes
from reforms.history.reread import Reread, rules_of
from reforms.models import STOPPED, Assignment, Disposition, Duty, Takeover

WINDOW = 5_000  # so that one answer never reads through a whole log of what may not be seen
NEAR = 500


class BeyondHead(Exception):
    """Nothing was ever logged under such a sequence: the database is an older one than was read before."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A change, what may be told of it, and what whoever keeps a copy reads again. Unless it is `told`, its object is
    another one now and nothing else is said; `named` says whether its actor is named and the reason given."""

    change: Change
    told: bool
    named: bool
    before: dict[str, Any]
    after: dict[str, Any]
    reread: tuple[Reread, ...]


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Everything up to `next_after` was read; `more` says that the log went on beyond it."""

    changes: tuple[FeedEntry, ...]
    next_after: int
    more: bool


def changes_after(after: int, who: Principal, *, limit: int, agencies: frozenset[int] | None = None) -> FeedPage:
    """At most `limit` changes behind `after`, oldest first; with `agencies` (those of `who`), of measures only those
    that concern them. Raises BeyondHead."""
    head, _hash = ChangeHead.reached()  # before the rows
    if after > head:
        raise BeyondHead
    end = min(head, after + WINDOW)
    changes = followed_changes(who).select_related("agency").order_by("sequence")
    # Mostly the first few hold enough. Of the whole window PostgreSQL reads all measures, duties and reports first.
    near = min(end, after + NEAR)
    spans = [(after, near), (near, end)] if near < end else [(after, end)]
    parts = [changes.filter(sequence__gt=first, sequence__lte=last) for first, last in spans]
    rows: Iterable[Any]
    if agencies is None:
        rows = chain.from_iterable(part[: limit + 1] for part in parts)
    else:
        rows = _Concern.of(agencies).those_in(chain.from_iterable(part.iterator() for part in parts))
    found = list(islice(rows, limit + 1))
    # Where no more than `limit` were found, all up to `end` was looked at and counts as read.
    reached = found[limit - 1].sequence if len(found) > limit else end
    kept = found[:limit]
    rules = rules_of(kept, who, own=agencies is not None)
    return FeedPage(tuple(map(_seen, kept, rules)), reached, more=reached < head)


def _seen(change: Any, reread: tuple[Reread, ...]) -> FeedEntry:
    if not change.is_told:
        return FeedEntry(change, told=False, named=False, before={}, after={}, reread=reread)
    return FeedEntry(
        change,
        told=True,
        named=bool(change.is_named),
        before=_told(change.before, sees_status=change.is_status_shown),
        after=_told(change.after, sees_status=change.is_status_shown),
        reread=reread,
    )


def _told(facts: dict[str, Any], *, sees_status: bool) -> dict[str, Any]:
    """The facts without what the office decided about the measure, where its status may not be seen."""
    if sees_status or facts.get("disposition") not in STOPPED:
        return facts
    return facts | {"disposition": str(Disposition.ACTIVE)}


@dataclass(frozen=True, slots=True)
class _Concern:
    """What concerns agencies: measures on which they act, acted or are printed, and changes that name them. Changes of
    lists and agencies concern everybody: duties may follow from them."""

    agencies: frozenset[int]
    measures: frozenset[int]
    names: frozenset[str]

    @classmethod
    def of(cls, agencies: frozenset[int]) -> "_Concern":
        measures = {
            *Duty.objects.of(agencies).values_list("measure_id", flat=True),
            *Assignment.objects.filter(agency__in=agencies).values_list("measure_id", flat=True),
            *Takeover.objects.filter(predecessor__in=agencies).values_list("measure_id", flat=True),
        }
        names = {
            *Agency.objects.filter(pk__in=agencies).values_list("name", flat=True),
            *AgencyName.objects.filter(agency__in=agencies).values_list("name", flat=True),
        }
        return cls(agencies, frozenset(measures), frozenset(names))

    def those_in(self, changes: Iterable[Any]) -> Iterable[Any]:
        return (change for change in changes if self._holds(change))

    def _holds(self, change: Any) -> bool:
        if change.kind != "measure" or change.object_id in self.measures:
            return True
        # Of what they may not read not even that it names them.
        if not change.is_told:
            return False
        if change.agency_id in self.agencies:
            return True
        told = (*change.before.values(), *change.after.values())
        names = (name for value in told for name in (value if isinstance(value, list) else [value]))
        return any(isinstance(name, str) and name in self.names for name in names)
