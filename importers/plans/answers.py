"""What a person settled where the document was unclear: the printed words stay, their meaning is replaced."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Self

from importers.documents.values import ParsedList, ParsedMeasure, Problem
from importers.plans.matching import bare

# Doubts that an answer ends, by the cell it is given for.
ANSWERABLE = {
    "deadline": frozenset(
        {
            "missing_deadline",
            "unparsed_deadline",
            "invalid_date",
            "status_not_deadline",
            "implausible_date",
            "deadline_inferred",
            "year_inferred",
            "several_dates",
        }
    ),
    "lead": frozenset({"missing_lead", "agency_review"}),
    "responsible": frozenset({"agency_review"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one cell means. It holds for the row that says `title` and `text` as long as the cell reads `printed`,
    so a later edition that prints the same is not asked about again.

    For a deadline `day` (None with `ongoing`: 持续巩固), for agencies `names` in order.
    """

    cell: str
    title: str
    text: str
    printed: str
    day: date | None = None
    ongoing: bool = False
    names: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The question it answers; of several answers to one question the last holds."""
        return self.cell, self.title, self.text, self.printed

    def as_json(self) -> dict[str, Any]:
        """As plain values that `of_json` takes back, to be kept with a job and with the edition."""
        return {**asdict(self), "day": self.day.isoformat() if self.day else None, "names": list(self.names)}

    @classmethod
    def of_json(cls, value: dict[str, Any]) -> Self:
        """The answer that `as_json` wrote."""
        day = date.fromisoformat(value["day"]) if value["day"] else None
        return cls(**{**value, "day": day, "names": tuple(value["names"])})

    @classmethod
    def about(cls, measure: ParsedMeasure, cell: str, **meaning: Any) -> Self:
        """An answer for one cell of a measure of the document."""
        return cls(**_place(measure, cell), **meaning)


def _place(measure: ParsedMeasure, cell: str) -> dict[str, Any]:
    return {
        "cell": cell,
        "title": bare(measure.item_title),
        "text": bare(measure.text),
        # A deadline may stand in brackets behind the text, with no cell of its own.
        "printed": bare(measure.deadline_text if cell == "deadline" else getattr(measure.printed, cell)),
    }


def settle(parsed: ParsedList, answers: Iterable[Answer]) -> ParsedList:
    """The list with every answer that still applies put in, and the doubts that it ends taken out."""
    by_key = {answer.key: answer for answer in answers}
    if not by_key or parsed.error:
        return parsed
    measures, ended = [], set[tuple[int, str]]()
    for measure in parsed.measures:
        found = [by_key[key] for key in _keys(measure) if key in by_key]
        ended |= {(measure.row, answer.cell) for answer in found}
        measures.append(_answered(measure, found))
    warnings = tuple(problem for problem in parsed.warnings if not _is_ended(problem, ended))
    outcome = "ok_with_warnings" if warnings else "ok"
    return replace(parsed, measures=tuple(measures), warnings=warnings, outcome=outcome)


def _keys(measure: ParsedMeasure) -> list[tuple[str, str, str, str]]:
    places = [_place(measure, cell) for cell in ANSWERABLE]
    return [(place["cell"], place["title"], place["text"], place["printed"]) for place in places]


def _answered(measure: ParsedMeasure, answers: Iterable[Answer]) -> ParsedMeasure:
    for answer in answers:
        if answer.cell == "deadline":
            measure = replace(measure, deadline=answer.day, ongoing=answer.ongoing)
        elif answer.cell == "lead":
            measure = replace(measure, lead=answer.names)
        else:
            measure = replace(measure, responsible=answer.names)
    return measure


def _is_ended(problem: Problem, ended: set[tuple[int, str]]) -> bool:
    cell = problem.cell or ""
    return (problem.row or 0, cell) in ended and problem.kind in ANSWERABLE.get(cell, ())
