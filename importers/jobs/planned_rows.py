"""A plan as rows to look at: each printed row beside its reading, what changes, and every problem in its place."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from importers.documents.stated_totals import checks, counted
from importers.documents.values import ParsedList, ParsedMeasure, Problem
from importers.models import ImportJob, PlannedRow
from importers.plans.compare import COSMETIC, Difference
from importers.plans.doubts import (
    doubts_by_kind,
    is_question_who_leads,
    marks_asked,
    question_who_leads,
    read_without_doubt,
    rows_of,
)
from importers.plans.plan import KnownMeasure, MeasureChange, Plan, agency_names

Kind = PlannedRow.Kind


def planned_rows(job: ImportJob, plan: Plan) -> Iterator[PlannedRow]:
    """The rows of the document in order, then the measures it no longer prints."""
    changes = {change.printed.row: change for change in plan.matched}
    problems = _by_row(plan.printed.warnings)
    place = 0
    for place, measure in enumerate(plan.printed.measures, start=1):
        yield _printed(job, place, measure, changes.get(measure.row), problems.get(measure.row, []))
    for after, known in enumerate(plan.withdrawn, start=place + 1):
        yield _withdrawn(job, after, known)


def totals(plan: Plan) -> dict[str, Any]:
    """What was understood and what would change, in numbers."""
    measures = plan.printed.measures
    return {
        **counted(plan.printed),
        "agencies": len(agency_names(plan.printed)),
        "dated": sum(measure.deadline is not None for measure in measures),
        "ongoing": sum(measure.ongoing for measure in measures),
        "problems": len(plan.printed.warnings),
        "without_doubt": read_without_doubt(plan.printed),
        "doubts": [[one.kind, len(one.messages), len(one.rows)] for one in doubts_by_kind(plan.printed)],
        "marks": marks_asked(plan.printed),
        "who_leads": len(question.rows) if (question := question_who_leads(plan.printed)) else 0,
        "same_content": plan.same_content and plan.changes_nothing,
        "unnumbered": [measure.row for measure in plan.unnumbered],
        # None: the document states no total of that kind, so there is nothing to hold it against.
        "checks": [[one.passed, stored(one.said)] for one in checks(plan.printed) if one.passed is not None],
        "first_rows": [list(row) for row in plan.printed.first_rows],
        "of_the_file": _beside_the_rows(plan.printed),
        "kinds": {str(kind): count for kind, count in _kinds(plan).items()},
    }


def _beside_the_rows(printed: ParsedList) -> list[dict[str, Any]]:
    """The doubts about the file and about what is no row of the list, such as a paragraph that fits nowhere."""
    # Who leads is asked once for the whole file, by a question of its own above the rows. What marks mean is asked
    # there as well, but which columns they stand in is told here.
    rows = {measure.row for measure in printed.measures}
    beside = (one for one in printed.warnings if one.row not in rows and not is_question_who_leads(one))
    return [stored(problem) for problem in beside]


def stored(problem: Problem) -> dict[str, Any]:
    """A problem as it is kept with a job: without the rows it stands for, each of which has it."""
    return asdict(replace(problem, rows=()))


def _kinds(plan: Plan) -> Counter[Kind]:
    counts = Counter(kind_of(change) for change in plan.matched)
    return counts + Counter({Kind.ADDED: len(plan.added), Kind.WITHDRAWN: len(plan.withdrawn)})


def kind_of(change: MeasureChange) -> Kind:
    """What a matched measure shows as: changed, only reordered, or unchanged."""
    if not change.facts:
        return Kind.UNCHANGED
    # A fact may move without a printed word (an answer): that is a change, however alike the rows look.
    only_order = all(one.kind in COSMETIC for one in change.differences) and set(change.facts) <= _ORDERS
    return Kind.REORDERED if only_order else Kind.CHANGED


_ORDERS = {"lead_order", "responsible_order"}


def _by_row(warnings: tuple[Problem, ...]) -> dict[int, list[Problem]]:
    found: dict[int, list[Problem]] = {}
    for problem in warnings:
        for row in rows_of(problem):
            found.setdefault(row, []).append(problem)
    return found


def _printed(
    job: ImportJob, place: int, measure: ParsedMeasure, change: MeasureChange | None, problems: list[Problem]
) -> PlannedRow:
    return PlannedRow(
        job=job,
        place=place,
        kind=kind_of(change) if change else Kind.ADDED,
        row=measure.row,
        measure_id=change.known.id if change else None,
        item_no=measure.item_no,
        seq_in_item=measure.seq_in_item,
        title=measure.item_title,
        printed=asdict(measure.printed) | {"other": dict(measure.printed.other)},
        understood=_understood(measure),
        differences=_differences(change) if change else [],
        problems=[stored(one) for one in problems],
    )


def _understood(measure: KnownMeasure | ParsedMeasure) -> dict[str, Any]:
    return {
        "section": measure.section,
        "national": measure.national,
        "text": measure.text,
        "lead": list(measure.lead),
        "lead_note": measure.lead_note,
        "responsible": list(measure.responsible),
        "deadline_text": measure.deadline_text,
        "deadline": measure.deadline.isoformat() if measure.deadline else None,
        "ongoing": measure.ongoing,
    }


def _differences(change: MeasureChange) -> list[dict[str, Any]]:
    found = [_difference(one) for one in change.differences]
    if change.known.withdrawn:
        found.insert(0, {"kind": "reinstated", "old": None, "new": None})
    # The same words, but a person has settled what they mean.
    if "deadline" in change.facts and not any(one["kind"] == "deadline_changed" for one in found):
        old, new = (_meaning(one) for one in (change.known, change.printed))
        found.append({"kind": "deadline_changed", "old": old, "new": new})
    return found


def _difference(one: Difference) -> dict[str, Any]:
    value: dict[str, Any] = {"kind": one.kind, "old": one.old, "new": one.new}
    if one.added is not None and one.removed is not None:
        value |= {"added": list(one.added), "removed": list(one.removed)}
    return value


def _meaning(measure: KnownMeasure | ParsedMeasure) -> str:
    # Kept with the row and so Chinese in every language.
    day = measure.deadline
    meaning = "持续巩固" if measure.ongoing else f"{day.year}年{day.month}月{day.day}日" if day else "未定"
    return f"{measure.deadline_text}（{meaning}）"


def _withdrawn(job: ImportJob, place: int, known: KnownMeasure) -> PlannedRow:
    return PlannedRow(
        job=job,
        place=place,
        kind=Kind.WITHDRAWN,
        measure_id=known.id,
        item_no=known.item_no,
        seq_in_item=known.seq_in_item,
        title=known.item_title,
        understood=_understood(known),
    )
