"""Following the change log: what was done since a sequence and may be seen, in commit order.

Whoever stores the sequence up to which they have read misses nothing: sequences are given out in commit order
(agencies.log), so that nothing can come to stand before what was read already. What may not be seen, or does not
concern the agencies asked about, is passed over and counts as read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.db.models import Exists, OuterRef, Q

from agencies.models import Agency, AgencyName, Change, ChangeHead
from agencies.principal import Principal
from agencies.rules import Verb, agencies_for, may
from reforms.history import INSIDE
from reforms.models import Assignment, Duty, Measure, Takeover
from reforms.reading_all import led_by

KINDS = ("measure", "edition", "list", "agency")  # people and tokens are for the audit log
WINDOW = 5_000  # so that one answer never reads through a whole log of what may not be seen
Visibility = Change.Visibility


class BeyondHead(Exception):
    """Nothing was ever logged under such a sequence: the database is an older one than was read before."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A change, and whether its actor may be named."""

    change: Change
    named: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """Everything up to `next_after` was read; `more` says that the log went on beyond it."""

    changes: tuple[Seen, ...]
    next_after: int
    more: bool


def changes_after(after: int, who: Principal, *, limit: int, agencies: frozenset[int] | None = None) -> Followed:
    """At most `limit` changes behind `after`, oldest first; with `agencies`, of measures only those that concern them.
    Raises BeyondHead."""
    head = ChangeHead.objects.values_list("sequence", flat=True).filter(pk=1).first() or 0  # before the rows
    if after > head:
        raise BeyondHead
    end = min(head, after + WINDOW)
    rows = (
        Change.objects.filter(_visible(who), kind__in=KINDS, sequence__gt=after, sequence__lte=end)
        .select_related("agency")
        .order_by("sequence")
    )
    concerning = _Concern.of(agencies).those_in(rows.iterator()) if agencies is not None else rows[: limit + 1]
    found = list(islice(concerning, limit + 1))
    reached = found[limit - 1].sequence if len(found) > limit else end
    return Followed(_named(found[:limit], who), reached, more=reached < head)


def _visible(who: Principal) -> Q:
    """As in the history of a measure (reforms.history), but for what stays between an agency's own people."""
    status = Q(visibility=Visibility.STATUS)
    if not may(who, Verb.READ_STATUS):
        shown = Measure.objects.filter(pk=OuterRef("object_id"), reform_list__public_status=True)
        status &= Q(Exists(shown), kind="measure")
    return Q(visibility=Visibility.PUBLIC) | status | (Q(visibility=Visibility.INTERNAL) & _internal(who))


def _internal(who: Principal) -> Q:
    own = agencies_for(who, Verb.READ_REPORTS)
    inside = Q(action__in=INSIDE) | Q(action="extension.asked", after__state="awaiting_signature")
    others = Q(kind="measure", object_id__in=led_by(own))
    if may(who, Verb.READ_REPORTS, ()):
        others = Q()
    return Q(agency__in=own) | (others & ~inside)


def _named(changes: list[Change], who: Principal) -> tuple[Seen, ...]:
    """Names of persons are internal: for the office, the measure's leads, and the person's own agency."""
    own = agencies_for(who, Verb.READ_REPORTS)
    everything = may(who, Verb.READ_REPORTS, ())
    measures = [change.object_id for change in changes if change.kind == "measure"]
    led = set(led_by(own).filter(measure__in=measures)) if own else set()
    return tuple(
        Seen(change, everything or change.agency_id in own or (change.kind == "measure" and change.object_id in led))
        for change in changes
    )


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

    def those_in(self, changes: Iterable[Change]) -> Iterable[Change]:
        return (change for change in changes if self._holds(change))

    def _holds(self, change: Change) -> bool:
        if change.kind != "measure" or change.object_id in self.measures or change.agency_id in self.agencies:
            return True
        told = (*change.before.values(), *change.after.values())
        names = (name for value in told for name in (value if isinstance(value, list) else [value]))
        return any(isinstance(name, str) and name in self.names for name in names)
