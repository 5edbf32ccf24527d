"""One claim or extension as whoever decides on it sees it: what is said beside what was, and what else counts."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.access.principal import Principal
from agencies.models import Change
from reforms.catalogue.rows import MeasureRow, measure_rows
from reforms.catalogue.viewpoint import Viewpoint, viewpoint
from reforms.duties.claimants import claimants_of
from reforms.history.measure import Happening, happening_of, history_of
from reforms.lib.textdiff import Piece, marked
from reforms.models import Duty, Extension, Measure, ProgressReport
from reforms.models.reports import SPOKEN, TEXTS, label_of
from reforms.reports.permissions import sent_reports, with_evidence
from reforms.review.deadline_moves import Move, moves_of, times_moved
from reforms.review.queue import Thing


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
    history: list[Happening]
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


def case_of(thing: Thing, who: Principal, on: dt.date) -> ClaimCase | ExtensionCase:
    """Everything needed to decide on a claim or a request, or to sign it."""
    return _extension_case(thing, who, on) if isinstance(thing, Extension) else _claim_case(thing, who, on)


def _claim_case(claim: ProgressReport, who: Principal, on: dt.date) -> ClaimCase:
    last = _spoken(who, claim.measure).filter(agency=claim.agency_id, recorded_at__lt=claim.recorded_at).first()
    return ClaimCase(
        **_shared(claim, who, on, last),
        claim=claim,
        said=_said(claim, last),
        timing=timing(claim.claimed_on, claim.measure.deadline_in_force),
        waits_for=_waits_for(claim),
    )


def _extension_case(extension: Extension, who: Principal, on: dt.date) -> ExtensionCase:
    last = _spoken(who, extension.measure).filter(agency=extension.agency_id).first()
    return ExtensionCase(
        **_shared(extension, who, on, last),
        extension=extension,
        of_agency=Measure.objects.counted().held_by([extension.agency_id]).extended().count(),
    )


def _spoken(who: Principal, measure: Measure) -> QuerySet[ProgressReport]:
    return with_evidence(sent_reports(who, measure).filter(state__in=SPOKEN))


def _shared(thing: Thing, who: Principal, on: dt.date, last: ProgressReport | None) -> dict[str, Any]:
    measure, view = thing.measure, viewpoint(who, on, [thing.measure.reform_list.slug])
    own = thing.pk if isinstance(thing, ProgressReport) else 0
    others = _spoken(who, measure).exclude(pk__in=[own, last.pk if last else 0])
    moves = moves_of(measure, everything=True)
    return {
        "measure": measure,
        "row": measure_rows(Measure.objects.filter(pk=measure.pk), view)[0],
        "view": view,
        "last": last,
        "others": list(others),
        "history": history_of(measure, who),
        "moves": [move for move in moves if move.extension != thing],
        "times": times_moved(moves),
    }


def _said(claim: ProgressReport, last: ProgressReport | None) -> list[Said]:
    found = []
    for name in TEXTS:
        old, new = (getattr(report, name) if report else "" for report in (last, claim))
        if old or new:
            found.append(Said(label_of(name), _marked(old, new)))
    return found


def _marked(old: str, new: str) -> list[Piece]:
    """What came is marked only where there was something to compare it with."""
    return marked(old, new) if old else [Piece("kept", new)]


def _waits_for(claim: ProgressReport) -> list[Duty]:
    must = claimants_of(claim.measure) - {claim.holder_id}
    return list(Duty.objects.filter(measure=claim.measure_id, agency__in=must).select_related("agency").order_by("pk"))


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


def meanwhile(thing: Thing) -> Happening | None:
    """The last thing that happened to a claim or an extension: what whoever decided too late is told."""
    name = "extension" if isinstance(thing, Extension) else "report"
    changes = Change.objects.filter(kind="measure", object_id=thing.measure_id, **{f"after__{name}": thing.pk})
    last = changes.select_related("agency").order_by("-sequence").first()
    return happening_of(last) if last else None
