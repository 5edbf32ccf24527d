"""One claim or extension as whoever decides on it sees it: what is said beside what was, and what else counts."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.access import Principal
from agencies.models import Change
from reforms.catalogue.rows import MeasureRow, Viewpoint, measure_rows, viewpoint
from reforms.duties import claimants_of
from reforms.history.measure import HistoryEntry, happening_of, history_of
from reforms.lib.textdiff import Piece, marked
from reforms.models import (
    COUNTED,
    TEXTS,
    Duty,
    Extension,
    Measure,
    ProgressReport,
    RequestKind,
    ReviewRequest,
    label_of,
)
from reforms.reports.permissions import sent_reports, with_evidence
from reforms.review.deadline_moves import Move, moves_of, times_moved


@dataclass(frozen=True, slots=True)
class Said:
    """One of the texts of a report, with what changed since the one before it."""

    label: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What both kinds of cases show. `others` are the reports on the measure but the latest one shown in full."""

    measure: Measure
    row: MeasureRow
    view: Viewpoint
    last: ProgressReport | None
    others: list[ProgressReport]
    history: list[HistoryEntry]
    moves: list[Move]
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCase(Case):
    """A claim. `said` is compared with `last`, the agency's report before it; `waits_for` are the duties of the other
    agencies that must claim too."""

    claim: ProgressReport
    said: list[Said]
    timing: str
    waits_for: list[Duty]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionCase(Case):
    """A request for a later deadline. `of_agency` is on how many measures of the agency the deadline was moved."""

    extension: Extension
    of_agency: int


def _claim_case(claim: ProgressReport, who: Principal, on: dt.date) -> ClaimCase:
    spoken = _spoken(claim.measure, who).exclude(pk=claim.pk)
    # Not the latest: a case that is decided can be opened too, and its agency may have reported since.
    last = spoken.filter(agency=claim.agency_id, recorded_at__lt=claim.recorded_at).first()
    return ClaimCase(
        **_shared(claim, who, on, spoken, last),
        claim=claim,
        said=_said(claim, last),
        timing=timing(claim.claimed_on, claim.measure.deadline_in_force),
        waits_for=_waits_for(claim),
    )


def _extension_case(extension: Extension, who: Principal, on: dt.date) -> ExtensionCase:
    spoken = _spoken(extension.measure, who)
    last = spoken.filter(agency=extension.agency_id).first()
    return ExtensionCase(
        **_shared(extension, who, on, spoken, last),
        extension=extension,
        of_agency=Measure.objects.counted().held_by([extension.agency_id]).extended().count(),
    )


def _spoken(measure: Measure, who: Principal) -> QuerySet[ProgressReport]:
    """The reports on a measure that count and that they may read."""
    return with_evidence(sent_reports(who, measure).filter(state__in=COUNTED))


def _shared(
    asked: ReviewRequest, who: Principal, on: dt.date, spoken: QuerySet[ProgressReport], last: ProgressReport | None
) -> dict[str, Any]:
    measure, view = asked.measure, viewpoint(who, on, [asked.measure.reform_list.slug])
    moves = moves_of(measure, everything=True)
    return {
        "measure": measure,
        "row": measure_rows(Measure.objects.filter(pk=measure.pk), view)[0],
        "view": view,
        "last": last,
        "others": list(spoken.exclude(pk=last.pk) if last else spoken),
        "history": history_of(measure, who),
        "moves": [move for move in moves if move.extension != asked],
        "times": times_moved(moves),
    }


def _said(claim: ProgressReport, last: ProgressReport | None) -> list[Said]:
    found = []
    for name in (*TEXTS, "result"):
        old, new = (getattr(report, name) if report else "" for report in (last, claim))
        if old or new:
            found.append(Said(label_of(name), _marked(old, new)))
    return found


def _marked(old: str, new: str) -> list[Piece]:
    """What came is marked only where there was something to compare it with."""
    return marked(old, new) if old else [Piece("equal", new)]


def _waits_for(claim: ProgressReport) -> list[Duty]:
    must = claimants_of(claim.measure) - {claim.holder_id}
    return list(Duty.objects.filter(measure=claim.measure_id, agency__in=must).select_related("agency").order_by("pk"))


CASES: Mapping[RequestKind, Callable[[Any, Principal, dt.date], ClaimCase | ExtensionCase]] = {
    RequestKind.CLAIM: _claim_case,
    RequestKind.EXTENSION: _extension_case,
}


def case_of(asked: ReviewRequest, who: Principal, on: dt.date) -> ClaimCase | ExtensionCase:
    """Everything needed to decide on a request, or to sign it."""
    return CASES[asked.kind](asked, who, on)


def timing(day: dt.date | None, deadline: dt.date | None) -> str:
    """按期申请，提前15天 / 逾期3天申请; empty where the measure has no deadline or nothing has been claimed yet."""
    if day is None or deadline is None:
        return ""
    days = (deadline - day).days
    if days < 0:
        return ngettext("逾期%(n)d天申请", "逾期%(n)d天申请", -days) % {"n": -days}
    if days == 0:
        return _("时限当天申请")
    return ngettext("按期申请，提前%(n)d天", "按期申请，提前%(n)d天", days) % {"n": days}


def meanwhile(asked: ReviewRequest) -> HistoryEntry | None:
    """The last thing that happened to a request: what whoever decided too late is told."""
    # Entries about a request name it among their facts.
    about = {f"after__{asked.noun}": asked.pk}
    changes = Change.objects.filter(kind="measure", object_id=asked.measure_id, **about)
    last = changes.select_related("agency").order_by("-sequence").first()
    return happening_of(last) if last else None
