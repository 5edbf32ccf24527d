"""The published shape of a parsed list, `reform-list/1`."""

from typing import Any

from importers.documents.values import ParsedList, Problem, measure_as_dict

SCHEMA = "reform-list/1"


def as_dict(parsed: ParsedList) -> dict[str, Any]:
    """The parsed list as plain JSON values, keys in the order of the schema."""
    return {
        "schema": SCHEMA,
        "outcome": parsed.outcome,
        "error": _error(parsed.error) if parsed.error else None,
        "warnings": [_warning(problem) for problem in parsed.warnings],
        "title": parsed.title,
        "notes": list(parsed.notes),
        "sections": [{"no": section.no, "title": section.title} for section in parsed.sections],
        "measures": [measure_as_dict(measure) for measure in parsed.measures],
    }


def _error(problem: Problem) -> dict[str, Any]:
    return {"kind": problem.kind, "message": problem.message, "where": problem.cell}


def _warning(problem: Problem) -> dict[str, Any]:
    return {
        "kind": problem.kind,
        "item_no": problem.item_no,
        "row": problem.row,
        "cell": problem.cell,
        "value": problem.value,
        "message": problem.message,
    }
