"""What waits for somebody's decision: claims and extensions, for the office's review or for an agency's own signature.

A queue holds them oldest first. What the one who looks may not decide stays in it and says why.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, agencies_for
from reforms.duties import holders_of
from reforms.models import Duty, Extension, ProgressReport, ReviewRequest


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request with its measure, item, list and agency loaded. `barred` says why whoever looks may not decide it;
    empty when they may."""

    request: ReviewRequest
    barred: str

    @property
    def pk(self) -> int:
        """That of the request, of whichever kind."""
        return self.request.id


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where one request stands in a queue: 1 for the first (0 when it is not in it), of how many, and what is beside it
    and may be decided."""

    at: int
    total: int
    before: Waiting | None
    after: Waiting | None


def place_of(request: ReviewRequest, queue: Collection[Waiting]) -> QueuePlace:
    """Also of a request that no longer waits: then what is beside the place it had."""
    key, keys = request.queue_key, [waiting.request.queue_key for waiting in queue]
    # Previous and next lead only to what whoever looks may decide.
    open_ones = [waiting for waiting in queue if not waiting.barred]
    before = [waiting for waiting in open_ones if waiting.request.queue_key < key]
    after = [waiting for waiting in open_ones if waiting.request.queue_key > key]
    at = keys.index(key) + 1 if key in keys else 0
    return QueuePlace(at, len(keys), before[-1] if before else None, after[0] if after else None)


def to_review(who: Principal) -> list[Waiting]:
    """What waits for the office. Five queries, however much it is."""
    found = waiting_requests("under_review")
    holders = _holders(found)
    return _queue(found, lambda request: _why_not_review(request, holders.get(request.measure_id, []), who))


def to_sign(who: Principal) -> list[Waiting]:
    """What waits for a signature inside the agencies in which this person approves."""
    own = agencies_for(who, Verb.SIGN)
    return _queue(waiting_requests("awaiting_signature", agencies=own), lambda request: why_not_sign(request, who))


def waiting_requests(state: str, *, agencies: Collection[int] | None = None) -> list[ReviewRequest]:
    """The requests of both kinds that wait so (only those of `agencies` when given), each with its measure, item, list
    and agency. Two queries."""
    # No agencies is not the same as any agency.
    whose = {} if agencies is None else {"agency__in": agencies}
    beside = ("measure__item", "measure__reform_list", "agency")
    reports = ProgressReport.objects.in_queue(state).filter(**whose).select_related(*beside)
    asked = Extension.objects.in_queue(state).filter(**whose)
    return [*reports, *asked.select_related(*beside)]


def count_to_review() -> int:
    """How much waits for the office: what a queue of to_review would hold. Two queries."""
    return _count("under_review")


def count_to_sign(who: Principal) -> int:
    """How much waits for a signature of this person's agencies: what a queue of to_sign would hold. Two queries."""
    return _count("awaiting_signature", agency__in=agencies_for(who, Verb.SIGN))


def _count(state: str, **whose: object) -> int:
    kinds = (ProgressReport.objects, Extension.objects)
    return sum(kind.in_queue(state).filter(**whose).count() for kind in kinds)


def _holders(found: Iterable[ReviewRequest]) -> dict[int, list[int]]:
    pairs = Duty.objects.filter(measure__in={request.measure_id for request in found}).order_by()
    holders: dict[int, list[int]] = {}
    for measure_id, agency_id in pairs.values_list("measure_id", "agency_id"):
        holders.setdefault(measure_id, []).append(agency_id)
    return holders


def _queue(found: Iterable[ReviewRequest], why_not: Callable[[ReviewRequest], str]) -> list[Waiting]:
    ordered = sorted(found, key=lambda request: request.queue_key)
    return [Waiting(request, why_not(request)) for request in ordered]


def why_not_review(request: ReviewRequest, who: Principal) -> str:
    """Why this person does not decide on a request for the office; empty when they may."""
    return _why_not_review(request, holders_of(request.measure), who)


def _why_not_review(request: ReviewRequest, holders: Collection[int], who: Principal) -> str:
    try:
        request.check_reviewer(who, holders)
    except PermissionDenied:
        return _("您所在的单位承担这条举措，请由其他督办人员办理。")
    except ValidationError as error:
        return error.messages[0]
    return ""


def why_not_sign(request: ReviewRequest, who: Principal) -> str:
    """Why this person does not sign a request for its agency; empty when they may. Raises PermissionDenied for
    others."""
    try:
        request.check_signer(who)
    except ValidationError as error:
        return error.messages[0]
    return ""
