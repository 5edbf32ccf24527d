"""What importing a parsed list would change, against the edition in force. Pure: no Django, no database."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from importers.parsed import ParsedList, ParsedMeasure

Names = tuple[str, ...]
ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class KnownMeasure:
    """A measure of the edition in force, in the parser's terms. `lead` and `responsible` are printed names."""

    id: int
    item_id: int
    section_no: int
    item_no: int
    seq_in_item: int
    national: bool
    title: str
    text: str
    lead: Names
    lead_note: str
    responsible: Names
    deadline_text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A known measure and what the new document prints for it. `facts` names what differs."""

    known: KnownMeasure
    printed: ParsedMeasure
    facts: Names


@dataclass(frozen=True, slots=True)
class Plan:
    """Every printed measure is in `added` or `matched`; every known one in `matched` or `withdrawn`."""

    printed: ParsedList
    added: tuple[ParsedMeasure, ...]
    matched: tuple[Change, ...]
    withdrawn: tuple[KnownMeasure, ...]
    new_agencies: Names = ()
    same_content: bool = False
    edition_in_force: int | None = None

    @property
    def unnumbered(self) -> tuple[ParsedMeasure, ...]:
        """Rows that no number covers: a person has to say where they belong before anything is written."""
        return tuple(measure for measure in self.printed.measures if measure.item_no is None)

    @property
    def unchanged(self) -> int:
        """How many measures are matched and print the same."""
        return len(self.matched) - len(self.changed)

    @property
    def changed(self) -> tuple[Change, ...]:
        return tuple(change for change in self.matched if change.facts)


def agency_names(printed: ParsedList) -> Names:
    """Every agency name of the document once, in the order of first mention."""
    names = (name for measure in printed.measures for name in (*measure.lead, *measure.responsible))
    return tuple(dict.fromkeys(names))


def make_plan(
    printed: ParsedList,
    known: Iterable[KnownMeasure],
    *,
    known_names: frozenset[str],
    edition_in_force: int | None,
    same_content: bool,
) -> Plan:
    """Match by title and text first, by number last: a moved number is a renumbering, not a new measure."""
    pairs, withdrawn = _matches(printed.measures, list(known))
    return Plan(
        printed=printed,
        added=tuple(measure for i, measure in enumerate(printed.measures) if i not in pairs),
        matched=tuple(_change(pairs[i], measure) for i, measure in enumerate(printed.measures) if i in pairs),
        withdrawn=tuple(withdrawn),
        new_agencies=tuple(name for name in agency_names(printed) if name not in known_names),
        same_content=same_content,
        edition_in_force=edition_in_force,
    )


@dataclass(frozen=True, slots=True)
class _Likeness:
    """What two measures are compared by; white space does not count."""

    title: str
    text: str
    item_no: int | None
    seq: int


def _of_printed(measure: ParsedMeasure) -> _Likeness:
    return _Likeness(_bare(measure.item_title), _bare(measure.text), measure.item_no, measure.seq_in_item)


def _of_known(measure: KnownMeasure) -> _Likeness:
    return _Likeness(_bare(measure.title), _bare(measure.text), measure.item_no, measure.seq_in_item)


def _bare(text: str) -> str:
    return "".join(text.split())


KEYS: tuple[Callable[[_Likeness], Hashable], ...] = (
    lambda m: (m.title, m.text, m.item_no, m.seq),
    lambda m: (m.title, m.text),
    lambda m: m.text,
    lambda m: (m.title, m.seq),
    lambda m: m.title,
)


def _matches(
    printed: tuple[ParsedMeasure, ...], known: list[KnownMeasure]
) -> tuple[dict[int, KnownMeasure], list[KnownMeasure]]:
    """Index of printed measure → known measure, and the known ones nobody claimed."""
    new = {i: _of_printed(measure) for i, measure in enumerate(printed)}
    old = {i: _of_known(measure) for i, measure in enumerate(known)}
    pairs: dict[int, KnownMeasure] = {}
    for key in KEYS:
        _pair(new, old, known, pairs, key)
    _pair_by_place(new, old, known, pairs)
    return pairs, [known[i] for i in old]


def _pair(
    new: dict[int, _Likeness],
    old: dict[int, _Likeness],
    known: list[KnownMeasure],
    pairs: dict[int, KnownMeasure],
    key: Callable[[_Likeness], Hashable],
) -> None:
    """Pair what is left on both sides and shares `key`, in printed order; takes the paired ones out."""
    waiting: dict[Hashable, list[int]] = {}
    for i, likeness in old.items():
        waiting.setdefault(key(likeness), []).append(i)
    for i, likeness in list(new.items()):
        same = waiting.get(key(likeness))
        if same:
            taken = same.pop(0)
            pairs[i] = known[taken]
            del new[i], old[taken]


def _pair_by_place(
    new: dict[int, _Likeness],
    old: dict[int, _Likeness],
    known: list[KnownMeasure],
    pairs: dict[int, KnownMeasure],
) -> None:
    """Pair what keeps its number and is still recognisably the same text."""
    by_place = {(likeness.item_no, likeness.seq): i for i, likeness in old.items()}
    for i, likeness in list(new.items()):
        taken = by_place.get((likeness.item_no, likeness.seq))
        if taken is not None and SequenceMatcher(None, likeness.text, old[taken].text).ratio() >= ALIKE:
            pairs[i] = known[taken]
            del new[i], old[taken]


FACTS: dict[str, Callable[[KnownMeasure, ParsedMeasure], bool]] = {
    "number": lambda k, m: (k.item_no, k.seq_in_item) != (m.item_no, m.seq_in_item),
    "section": lambda k, m: k.section_no != (m.section_no or 0),
    "national": lambda k, m: k.national != m.national,
    "title": lambda k, m: _bare(k.title) != _bare(m.item_title),
    "text": lambda k, m: _bare(k.text) != _bare(m.text),
    "lead": lambda k, m: k.lead != m.lead or k.lead_note != m.lead_note,
    "responsible": lambda k, m: k.responsible != m.responsible,
    "deadline": lambda k, m: k.deadline_text != m.deadline_text,
}


def _change(known: KnownMeasure, printed: ParsedMeasure) -> Change:
    return Change(known, printed, tuple(name for name, differs in FACTS.items() if differs(known, printed)))
