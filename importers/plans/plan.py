"""What importing a parsed list would change, against what is in force. Pure: no Django, no database."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from importers.documents.values import ParsedList, ParsedMeasure
from importers.plans.answers import Answer
from importers.plans.compare import Difference, differences
from importers.plans.matching import match

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
