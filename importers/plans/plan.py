"""What importing a parsed list would change, against what is in force. Pure: no Django, no database.

What a person settled where the document was unclear goes into it first: the printed words stay, their meaning is
replaced.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal, NamedTuple, Self

from importers.documents.values import ParsedList, ParsedMeasure, Problem
from importers.plans.compare import Difference, differences
from importers.plans.matching import bare, match

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


Names = tuple[str, ...]
# The facts of a measure, by the kind of difference that tells of them.
FACT_OF = {
    "item_renumbered": "number",
    "section_changed": "section",
    "national_changed": "national",
    "title_changed": "title",
    "text_changed": "text",
    "lead_changed": "lead",
    "lead_reordered": "lead_order",
    "responsible_changed": "responsible",
    "responsible_reordered": "responsible_order",
    "deadline_changed": "deadline",
}


@dataclass(frozen=True, slots=True)
class KnownMeasure:
    """A measure of the list as it is now, in the parser's terms. `lead` and `responsible` are printed names."""

    id: int
    item_id: int
    section_no: int
    section: str
    item_no: int
    seq_in_item: int
    national: bool
    item_title: str
    text: str
    lead: Names
    lead_note: str
    responsible: Names
    deadline_text: str
    deadline: date | None = None
    ongoing: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class MeasureChange:
    """A known measure and what the new document prints for it."""

    known: KnownMeasure
    printed: ParsedMeasure
    differences: tuple[Difference, ...] = ()

    @property
    def facts(self) -> Names:
        """Names of what differs; `reinstated` for a withdrawn measure that is printed again."""
        found = tuple(FACT_OF[difference.kind] for difference in self.differences)
        if not self.known.withdrawn and self._newly_understood:
            found = tuple(dict.fromkeys((*found, "deadline")))
        return ("reinstated", *found) if self.known.withdrawn else found

    @property
    def _newly_understood(self) -> bool:
        """The words are the same, but what they mean has been settled otherwise."""
        return (self.known.deadline, self.known.ongoing) != (self.printed.deadline, self.printed.ongoing)


class Decline(NamedTuple):
    """A change that is not to be made: of a row of the document, or the withdrawal of a measure."""

    of: Literal["row", "measure"]
    number: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Every printed measure is in `added`, `matched` or declined; every known one in `matched` or `withdrawn`.

    `declined` are the rows (with the known measure they are printed for, if any) that stay as they were, `kept` the
    known measures that are not withdrawn although they are no longer printed.
    """

    printed: ParsedList
    added: tuple[ParsedMeasure, ...]
    matched: tuple[MeasureChange, ...]
    withdrawn: tuple[KnownMeasure, ...]
    new_agencies: Names = ()
    same_content: bool = False
    edition_in_force: int | None = None
    declined: tuple[tuple[ParsedMeasure, KnownMeasure | None], ...] = ()
    kept: tuple[KnownMeasure, ...] = ()
    answers: tuple[Answer, ...] = ()

    @property
    def unnumbered(self) -> tuple[ParsedMeasure, ...]:
        """Rows that no number covers: a person has to say where they belong before anything is written."""
        return tuple(measure for measure in self.printed.measures if measure.item_no is None)

    @property
    def unchanged(self) -> int:
        """How many measures are matched and print the same."""
        return len(self.matched) - len(self.changed)

    @property
    def changed(self) -> tuple[MeasureChange, ...]:
        """The known measures that are printed otherwise, or understood otherwise."""
        return tuple(change for change in self.matched if change.facts)

    @property
    def changes_nothing(self) -> bool:
        """Whether applying it would leave every measure as it is."""
        return not (self.added or self.changed or self.withdrawn)

    @property
    def digest(self) -> str:
        """The same for plans that would do the same; what a person confirmed is recognised by it."""
        # Facts, not words: the content of the document is in its hash, that of the list in the number of its edition.
        said = repr((self.printed.content_hash, self.edition_in_force, list(self._facts())))
        return hashlib.sha256(said.encode()).hexdigest()

    def _facts(self) -> Iterator[object]:
        yield from (("added", measure.row) for measure in self.added)
        yield from ((change.known.id, change.printed.row, change.facts) for change in self.matched)
        yield from (("withdrawn", known.id) for known in self.withdrawn)

    def without(self, declines: Iterable[Decline]) -> "Plan":
        """The plan with some of its changes declined: those rows stay as they were, and are listed."""
        rows = {decline.number for decline in declines if decline.of == "row"}
        ids = {decline.number for decline in declines if decline.of == "measure"}
        refused = [change for change in self.changed if change.printed.row in rows]
        return replace(
            self,
            added=tuple(measure for measure in self.added if measure.row not in rows),
            matched=tuple(change for change in self.matched if not (change.facts and change.printed.row in rows)),
            withdrawn=tuple(known for known in self.withdrawn if known.id not in ids),
            declined=(
                *((measure, None) for measure in self.added if measure.row in rows),
                *((change.printed, change.known) for change in refused),
            ),
            kept=tuple(known for known in self.withdrawn if known.id in ids),
            # An agency that only declined rows name is not created.
            new_agencies=self._still_named(rows),
        )

    def _still_named(self, declined_rows: set[int]) -> Names:
        kept = [measure for measure in self.printed.measures if measure.row not in declined_rows]
        named = set(names_in(kept))
        return tuple(name for name in self.new_agencies if name in named)


def names_in(measures: Iterable[ParsedMeasure]) -> Names:
    """Every agency name once, in the order of first mention."""
    return tuple(dict.fromkeys(name for measure in measures for name in (*measure.lead, *measure.responsible)))


def agency_names(printed: ParsedList) -> Names:
    """Every agency name of the document once, in the order of first mention."""
    return names_in(printed.measures)


def make_plan(
    printed: ParsedList,
    known: Iterable[KnownMeasure],
    *,
    agency_ids: Mapping[str, int],
    edition_in_force: int | None,
    same_content: bool,
    answers: tuple[Answer, ...] = (),
) -> Plan:
    """Match by title and text first, by number last: a moved number is a renumbering, not a new measure.

    `agency_ids` has every name of the document that is an agency's, or another name of one.
    """
    known = list(known)
    pairs = _matches(printed.measures, known)
    taken = {one.id for one in pairs.values()}
    return Plan(
        printed=printed,
        added=tuple(measure for i, measure in enumerate(printed.measures) if i not in pairs),
        matched=tuple(
            _change(pairs[i], measure, agency_ids) for i, measure in enumerate(printed.measures) if i in pairs
        ),
        withdrawn=tuple(one for one in known if one.id not in taken and not one.withdrawn),
        new_agencies=tuple(name for name in agency_names(printed) if name not in agency_ids),
        same_content=same_content,
        edition_in_force=edition_in_force,
        answers=answers,
    )


def _matches(printed: tuple[ParsedMeasure, ...], known: list[KnownMeasure]) -> dict[int, KnownMeasure]:
    """Index of printed measure → known measure: those in force first, then those withdrawn earlier."""
    in_force = [one for one in known if not one.withdrawn]
    earlier = [one for one in known if one.withdrawn]
    pairs = {i: in_force[j] for i, j in match(in_force, printed).items()}
    left = [i for i in range(len(printed)) if i not in pairs] if earlier else []
    # Only what no measure in force is: a measure printed again is the one it was.
    again = match(earlier, [printed[i] for i in left])
    return pairs | {left[i]: earlier[j] for i, j in again.items()}


def _change(known: KnownMeasure, printed: ParsedMeasure, agency_ids: Mapping[str, int]) -> MeasureChange:
    """An agency printed under two of its names in one cell is beside the measure once, by the first of them."""
    lead, responsible = (_once(names, agency_ids) for names in (printed.lead, printed.responsible))
    beside = printed
    if (lead, responsible) != (printed.lead, printed.responsible):
        beside = replace(printed, lead=lead, responsible=responsible)
    return MeasureChange(known, printed, tuple(differences(known, beside)))


def _once(names: Names, agency_ids: Mapping[str, int]) -> Names:
    agencies: dict[object, str] = {}
    for name in names:
        agencies.setdefault(agency_ids.get(name, name), name)
    return tuple(agencies.values())
