"""The page of a measure: what is printed, who must act, and where it stands."""

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agencies.access import Principal, Verb, access, agencies_for, may, principal_of, today
from agencies.models import Agency
from reforms.catalogue.rows import MeasureRow, Viewpoint, counted_measures, measure_rows, viewpoint
from reforms.desk.watching import watch_on
from reforms.duties import claimants_of, holders
from reforms.history.measure import HistoryEntry, changes_to, in_history, last_disposal, newest_first
from reforms.lib.filters import asked_day
from reforms.models import Duty, Matter, Measure, Part, PrintedRow, ProgressReport, Reminder, Status, takes_part
from reforms.office.chasing import words_on
from reforms.pages.measures.reports import statements
from reforms.pages.reports.milestones import shown_milestones
from reforms.pages.visitors import kept_for_visitors
from reforms.reminders.stages import stage_of
from reforms.reminders.told import told_of
from reforms.reports.claims import verified_claims
from reforms.reports.milestones import next_of
from reforms.reports.periods import waits_for
from reforms.reports.permissions import Readable, readable_on, shown_reports, with_evidence
from reforms.reports.submit import is_claim_under_way
from reforms.review.deadline_moves import Move, moves_of, times_moved
from reforms.review.extensions import refusal_to_ask


@access(Verb.READ)
@require_safe
@kept_for_visitors
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """One measure: what is printed, who must act, how far it is, and everything that was done to it."""
    who = principal_of(request)
    found = get_object_or_404(Measure.objects.readable_by(who).select_related("reform_list"), pk=pk)
    asked = asked_day(request, today())
    view = viewpoint(who, asked or today(), [found.reform_list.slug], today=today())
    duties = holders(found)
    agencies = frozenset(duty.agency_id for duty in duties)
    leads = frozenset(duty.agency_id for duty in duties if duty.part == Part.LEAD)
    readable = readable_on(who, duties)
    # Asked once: history, words and counts of the page go through the same rows.
    told = list(told_of(found, None if readable.everything else readable.agencies))
    changes = changes_to(found, who)
    context = {
        "row": measure_rows(Measure.objects.filter(pk=pk), view)[0],
        "view": view,
        "duties": duties,
        "printed": PrintedRow.objects.filter(measure=pk)
        .select_related("edition__reform_list")
        .order_by("-edition__number"),
        "may_steer": may(who, Verb.STEER, agencies),
        "may_enter": bool(duties) and may(who, Verb.ENTER_FOR, agencies) and takes_part(found),
        "disposed": last_disposal(found) if readable else None,
        "matters": Matter.objects.readable_by(who).filter(measure=pk).select_related("agency"),
        "may_name_members": may(who, Verb.NAME_MEMBERS, leads),
        "history": _history(changes, told),
        # Who was chased how often is part of the reports; the history leaves out by itself what may not be read.
        "words": words_on(changes, told) if readable else [],
        "siblings": _siblings(found, view),
        "watched": watch_on(found, who),
        "may_plan": may(who, Verb.PLAN, leads) and takes_part(found),
        **deadline_facts(found, view, readable),
        **offered(found, who, duties),
    }
    context |= _reporting(found, who, duties, readable) | _waiting(found, view, duties, readable)
    context |= _milestones(found, context["row"], view)
    # Of what was read already, so that what is under way cannot tell of a report that is not shown.
    reports = [statement.report for statement in context["statements"]]
    context["under_way"] = _under_way(reports, context["moves"])
    return render(request, "measures/measure.html", context)


def _history(changes: Sequence[Any], told: Sequence[Reminder]) -> list[HistoryEntry]:
    """What was done to a measure, and which reminders were told, newest first; the same one that several agencies were
    told on a day is one."""
    same: dict[tuple[dt.date, str], list[Reminder]] = defaultdict(list)
    for one in told:
        same[one.due_on, str(stage_of(one.stage).label)].append(one)
    reminders = [
        HistoryEntry(
            recorded_at=max(one.created_at for one in those),
            on=on,
            who="",
            what=label,
            before="",
            after="",
            agencies=sorted((one.agency for one in those), key=lambda agency: agency.pk),
        )
        for (on, label), those in same.items()
    ]
    return newest_first([*in_history(changes), *reminders])


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A claim or a request that waits for a decision, as its readers see it, and where on the page it stands."""

    label: str
    state: str
    agency: Agency
    on: dt.date
    anchor: str


def _under_way(reports: Sequence[ProgressReport], moves: Sequence[Move]) -> list[UnderWay]:
    waiting = (ProgressReport.State.AWAITING_SIGNATURE, ProgressReport.State.UNDER_REVIEW)
    claims = [
        UnderWay(
            label=_("申请销号"),
            state=report.get_state_display(),
            agency=report.agency,
            on=report.asked_on,
            anchor=f"#report-{report.pk}",
        )
        for report in reports
        if report.is_claim and report.state in waiting
    ]
    asked = [move for move in moves if move.extension and move.extension.state in waiting]
    return claims + [
        UnderWay(label=move.what, state=move.state, agency=move.extension.agency, on=move.on, anchor="#deadlines")
        for move in asked
        if move.extension
    ]


def _reporting(measure: Measure, who: Principal, duties: list[Duty], readable: Readable) -> dict[str, Any]:
    """What was reported, and what whoever asks may report. 本期无变化 takes an earlier report, and one agency only."""
    own = agencies_for(who, Verb.REPORT)
    held = [duty for duty in duties if duty.agency_id in own] if takes_part(measure) else []
    reports = list(with_evidence(shown_reports(who, measure))) if readable else []
    return {
        "statements": statements(reports, own if takes_part(measure) else frozenset()),
        "sees_reports": bool(readable),
        # Said instead of nothing, so that a reader does not take silence for a measure without reports.
        "others_reported": not reports and measure.first_report_on is not None,
        "may_report": bool(held),
        "may_correct": any(duty.agency_id in own for duty in duties),
        "unchanged": held[0] if len(held) == 1 and _may_be_unchanged(held[0]) else None,
        # For 本期无变化: pressed twice, it is one report.
        "form_key": secrets.token_hex(16),
    }


def _may_be_unchanged(duty: Duty) -> bool:
    """Whether 本期无变化 says something: after an earlier report, and while no claim is under way."""
    return duty.last_report_on is not None and not is_claim_under_way(duty.measure_id, duty.agency_id)


def _waiting(measure: Measure, view: Viewpoint, duties: list[Duty], readable: Readable) -> dict[str, Any]:
    """Whom the measure waits for, and whose division and officer may be read."""
    # That a claim waits for a signature is told to its agency, the leads and the office only.
    inside = None if readable.everything else readable.agencies
    return {
        "waiting": waits_for(measure, view.on, duties=duties, inside=inside) if view.sees_status else [],
        "named": {duty.pk for duty in duties if readable.everything or duty.agency_id in readable.agencies},
    }


def _milestones(measure: Measure, row: MeasureRow, view: Viewpoint) -> dict[str, Any]:
    """The steps for whoever sees the status, and the next of them."""
    shown = shown_milestones(measure, row, past=view.past) if view.sees_status else []
    return {"milestones": shown, "next_milestone": next_of(shown)}


def _siblings(measure: Measure, view: Viewpoint) -> dict[str, Measure | None]:
    """The measures before and after, in the order of the list."""
    others = counted_measures(view).filter(reform_list=measure.reform_list)
    return {
        "previous": others.filter(row__lt=measure.row).order_by("-row").select_related("item").first(),
        "next": others.filter(row__gt=measure.row).order_by("row").select_related("item").first(),
    }


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
    """Which of 申请延期, 恢复督办 and 核验 this person is offered, and why no extension may be asked for by those who
    would ask."""
    agencies = [duty.agency_id for duty in duties]
    reviews = may(who, Verb.REVIEW, agencies)
    asking = agencies_for(who, Verb.REPORT) & claimants_of(measure) if _can_be_extended(measure) else frozenset()
    refused = refusal_to_ask(measure, min(asking), today(), claimants=asking) if asking else ""
    return {
        "may_ask": bool(asking) and not refused,
        "may_not_ask": refused,
        # With several leads one part may be verified while the measure is still open.
        "may_reopen": reviews and (measure.status == Status.CLOSED or verified_claims(measure).exists()),
        "to_review": list(_under_review(measure)) if reviews else [],
    }


def _can_be_extended(measure: Measure) -> bool:
    return takes_part(measure) and measure.deadline_in_force is not None


def _under_review(measure: Measure) -> Any:
    return (
        ProgressReport.objects.in_queue("under_review").filter(measure=measure).select_related("agency").order_by("pk")
    )
