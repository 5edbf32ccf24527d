"""What a measure's page offers beside reporting, and how its deadline was moved."""

from collections.abc import Collection
from typing import Any

from agencies.access.principal import Principal
from agencies.access.rules import Verb, agencies_for, may
from reforms.catalogue.viewpoint import Viewpoint
from reforms.duties.claimants import claimants_of
from reforms.models import Duty, Measure, ProgressReport, Status
from reforms.models.measures import takes_part
from reforms.pages.review.case import moves_of, times_moved
from reforms.reports.claims import verified_claims
from reforms.reports.permissions import Readable


def deadline_facts(measure: Measure, view: Viewpoint, readable: Readable) -> dict[str, Any]:
    """The moves of the deadline for whoever sees the status; texts and names only for whoever reads the reports."""
    if not view.sees_status:
        return {"moves": [], "times": 0}
    own = readable.agencies | view.who.agencies()
    moves = moves_of(measure, everything=readable.everything, agencies=own if readable else frozenset())
    return {
        "moves": moves,
        "times": times_moved(moves),
        "withdrawable": agencies_for(view.who, Verb.REPORT),
    }


def offered(measure: Measure, who: Principal, duties: Collection[Duty]) -> dict[str, Any]:
    """Which of 申请延期, 恢复督办 and 核验 this person is offered."""
    agencies = [duty.agency_id for duty in duties]
    reviews = may(who, Verb.REVIEW, agencies)
    asks = not agencies_for(who, Verb.REPORT).isdisjoint(claimants_of(measure))
    return {
        "may_ask": asks and _can_be_extended(measure),
        "may_reopen": reviews and (measure.status == Status.CLOSED or verified_claims(measure).exists()),
        "to_review": list(_under_review(measure)) if reviews else [],
    }


def _can_be_extended(measure: Measure) -> bool:
    return takes_part(measure) and measure.deadline_in_force is not None


def _under_review(measure: Measure) -> Any:
    return (
        ProgressReport.objects.in_queue("under_review").filter(measure=measure).select_related("agency").order_by("pk")
    )
