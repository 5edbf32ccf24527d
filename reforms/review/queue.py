"""What waits for somebody's decision: claims and extensions, for the office's review or for an agency's own signature.

A queue holds them oldest first. What the one who looks may not decide stays in it and says why.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.access.principal import Principal
from agencies.access.rules import Verb, agencies_for
from reforms.duties.claimants import holders_of
from reforms.models import Duty, Extension, ProgressReport
from reforms.review import claims, extensions

Thing = ProgressReport | Extension
Key = tuple[dt.date, str, int]


class Kind(TextChoices):
    CLAIM = "claim", gettext_lazy("销号申请")
    EXTENSION = "extension", gettext_lazy("延期申请")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A claim or an extension with its measure, item, list and agency loaded. `barred` says why whoever looks may not
    decide it; empty when they may."""

    kind: Kind
    thing: Thing
    barred: str

    @property
    def pk(self) -> int:
        return self.thing.pk

    @property
    def key(self) -> Key:
        return key_of(self.thing)

    @property
    def since(self) -> dt.date:
        return since(self.thing)

    @property
    def days_late(self) -> int:
        """Days between the deadline in force and the day it was claimed or asked for; 0 when in time."""
        deadline = self.thing.former if isinstance(self.thing, Extension) else self.thing.measure.deadline_in_force
        return max((self.since - deadline).days, 0) if deadline else 0


def kind_of(thing: Thing) -> Kind:
    return Kind.EXTENSION if isinstance(thing, Extension) else Kind.CLAIM


def since(thing: Thing) -> dt.date:
    """The day from which it waits: a claim that reached the office from then on, everything else from its writing."""
    return getattr(thing, "claimed_on", None) or thing.on


def key_of(thing: Thing) -> Key:
    """Its place in a queue."""
    return (since(thing), kind_of(thing), thing.pk)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one thing stands in a queue: 1 for the first (0 when it is not in it), of how many, and what is beside it
    and may be decided."""

    at: int
    total: int
    before: Waiting | None
    after: Waiting | None


def place_of(thing: Thing, queue: Collection[Waiting]) -> Place:
    """Also of a thing that no longer waits: then what is beside the place it had."""
    key, keys = key_of(thing), [waiting.key for waiting in queue]
    open_ones = [waiting for waiting in queue if not waiting.barred]
    before = [waiting for waiting in open_ones if waiting.key < key]
    after = [waiting for waiting in open_ones if waiting.key > key]
    at = keys.index(key) + 1 if key in keys else 0
    return Place(at, len(keys), before[-1] if before else None, after[0] if after else None)


def to_review(who: Principal) -> list[Waiting]:
    """What waits for the office. Five queries, however much it is."""
    found = _waiting("under_review")
    holders = _holders(found)
    return _queue(found, lambda thing: _why_not_review(thing, holders.get(thing.measure_id, []), who))


def to_sign(who: Principal) -> list[Waiting]:
    """What waits for a signature inside the agencies in which this person approves."""
    own = agencies_for(who, Verb.SIGN)
    return _queue(_waiting("awaiting_signature", agencies=own), lambda thing: why_not_sign(thing, who))


def _waiting(state: str, *, agencies: Collection[int] | None = None) -> list[Thing]:
    whose = {} if agencies is None else {"agency__in": agencies}
    beside = ("measure__item", "measure__reform_list", "agency")
    reports = ProgressReport.objects.in_queue(state).filter(**whose).select_related(*beside)
    asked = Extension.objects.in_queue(state).filter(**whose)
    return [*reports, *asked.select_related(*beside)]


def _holders(found: Iterable[Thing]) -> dict[int, list[int]]:
    pairs = Duty.objects.filter(measure__in={thing.measure_id for thing in found}).order_by()
    holders: dict[int, list[int]] = {}
    for measure_id, agency_id in pairs.values_list("measure_id", "agency_id"):
        holders.setdefault(measure_id, []).append(agency_id)
    return holders


def _queue(found: Iterable[Thing], why_not: Callable[[Thing], str]) -> list[Waiting]:
    return [Waiting(kind=kind_of(thing), thing=thing, barred=why_not(thing)) for thing in sorted(found, key=key_of)]


def why_not_review(thing: Thing, who: Principal) -> str:
    """Why this person does not decide on a thing for the office; empty when they may."""
    return _why_not_review(thing, holders_of(thing.measure), who)


def _why_not_review(thing: Thing, holders: Collection[int], who: Principal) -> str:
    try:
        if isinstance(thing, Extension):
            extensions.check_reviewer(thing, holders, who)
        else:
            claims.check_reviewer(thing, holders, who)
    except PermissionDenied:
        return _("您所在的单位承担这条举措，请由其他督办人员办理。")
    except ValidationError as error:
        return error.messages[0]
    return ""


def why_not_sign(thing: Thing, who: Principal) -> str:
    """Why this person does not sign a thing for its agency; empty when they may. Raises PermissionDenied for others."""
    try:
        if isinstance(thing, Extension):
            extensions.check_signer(thing, who)
        else:
            claims.check_signer(thing, who)
    except ValidationError as error:
        return error.messages[0]
    return ""
