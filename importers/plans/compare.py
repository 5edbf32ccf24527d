"""What changed between two documents, as `reform-list-diff/1`. Pure: no Django, no database."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from importers.documents.values import ParsedList
from importers.plans.matching import Matchable, bare, match

SCHEMA = "reform-list-diff/1"
Names = tuple[str, ...]

# In the order in which the changes of one measure are told.
KINDS = (
    "item_added",
    "item_removed",
    "item_renumbered",
    "section_changed",
    "national_changed",
    "measure_added",
    "measure_removed",
    "title_changed",
    "text_changed",
    "lead_changed",
    "lead_reordered",
    "responsible_changed",
    "responsible_reordered",
    "deadline_changed",
)
COSMETIC = frozenset({"lead_reordered", "responsible_reordered"})
_OF_THE_ITEM = frozenset({"item_renumbered", "section_changed", "national_changed", "title_changed"})


class Compared(Matchable, Protocol):
    """What is compared of a measure; parsed and known ones both have it."""

    @property
    def section(self) -> str: ...
    @property
    def national(self) -> bool: ...
    @property
    def lead(self) -> Names: ...
    @property
    def lead_note(self) -> str: ...
    @property
    def responsible(self) -> Names: ...
    @property
    def deadline_text(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change. `item_no` and `seq_in_item` are the new ones, the old ones of what is gone.

    `old` and `new` are as printed: text, a list of names, a number or a truth; None where there is nothing.
    `added` and `removed` are names of agencies, or None where the change is not about agencies.
    """

    kind: str
    item_no: int | None
    seq_in_item: int
    title: str
    old: Any = None
    new: Any = None
    added: Names | None = None
    removed: Names | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One of two documents, by what is said of it; `measures` is how many it has."""

    file: str
    title: str
    measures: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two documents and every change between them, in the order of the new one."""

    old: Side
    new: Side
    changes: tuple[Difference, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind; kinds without any are left out."""
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    @property
    def of_substance(self) -> int:
        """How many changes are more than another order of the same names."""
        return sum(change.kind not in COSMETIC for change in self.changes)


def compare(old: ParsedList, new: ParsedList) -> Comparison:
    """Compare two readable documents."""
    pairs = match(old.measures, new.measures)
    return Comparison(_side(old), _side(new), tuple(_differences(old.measures, new.measures, pairs)))


def _side(parsed: ParsedList) -> Side:
    return Side(parsed.file_name, parsed.title, len(parsed.measures))


def _differences(old: Sequence[Compared], new: Sequence[Compared], pairs: dict[int, int]) -> Iterator[Difference]:
    found = [
        *_changed(old, new, pairs),
        *_without_counterpart(new, set(pairs), "item_added", "measure_added"),
        *_without_counterpart(old, set(pairs.values()), "item_removed", "measure_removed"),
    ]
    place = {kind: at for at, kind in enumerate(KINDS)}
    yield from sorted(found, key=lambda one: (one.item_no is None, one.item_no or 0, one.seq_in_item, place[one.kind]))


def _changed(old: Sequence[Compared], new: Sequence[Compared], pairs: dict[int, int]) -> Iterator[Difference]:
    """The changes of what is in both; what belongs to an item is told once, with its first measure."""
    told = set()
    for i, measure in enumerate(new):
        if i not in pairs:
            continue
        for change in differences(old[pairs[i]], measure):
            # As texts, since lists of names cannot be members of a set.
            once = (change.kind, change.item_no, repr(change.old), repr(change.new))
            if change.kind not in _OF_THE_ITEM or once not in told:
                told.add(once)
                yield change


def differences(old: Compared, new: Compared) -> Iterator[Difference]:
    """What differs between two printings of one measure."""
    yield from _plain(old, new)
    yield from _agencies(new, "lead", _leads(old, new), _leads(new, old))
    yield from _agencies(new, "responsible", old.responsible, new.responsible)
    if bare(old.deadline_text) != bare(new.deadline_text):
        yield _difference(new, "deadline_changed", old.deadline_text, new.deadline_text)


def _plain(old: Compared, new: Compared) -> Iterator[Difference]:
    if old.item_no != new.item_no:
        yield _difference(new, "item_renumbered", old.item_no, new.item_no)
    if bare(old.section) != bare(new.section):
        yield _difference(new, "section_changed", old.section, new.section)
    if old.national != new.national:
        yield _difference(new, "national_changed", old.national, new.national)
    if bare(old.item_title) != bare(new.item_title):
        yield _difference(new, "title_changed", old.item_title, new.item_title)
    if bare(old.text) != bare(new.text):
        yield _difference(new, "text_changed", old.text, new.text)


def _leads(measure: Compared, other: Compared) -> Names:
    """The leads; the note 按职责分工负责 counts as one of them where only one side has it."""
    return (*measure.lead, measure.lead_note) if measure.lead_note and not other.lead_note else measure.lead


def _agencies(measure: Compared, part: str, old: Names, new: Names) -> Iterator[Difference]:
    """Agencies are compared as sets; another order of the same ones is cosmetic."""
    if old == new:
        return
    added, removed = (tuple(name for name in a if name not in b) for a, b in ((new, old), (old, new)))
    kind = f"{part}_changed" if added or removed else f"{part}_reordered"
    yield Difference(
        kind=kind,
        item_no=measure.item_no,
        seq_in_item=measure.seq_in_item,
        title=measure.item_title,
        old=list(old),
        new=list(new),
        added=added,
        removed=removed,
    )


def _difference(measure: Compared, kind: str, old: Any, new: Any) -> Difference:
    return Difference(
        kind=kind,
        item_no=measure.item_no,
        seq_in_item=measure.seq_in_item,
        title=measure.item_title,
        old=old,
        new=new,
    )


def _without_counterpart(
    measures: Sequence[Compared], matched: set[int], whole_item: str, one_measure: str
) -> Iterator[Difference]:
    """Items of which nothing is on the other side, once each; single measures of the others."""
    for places in items_of(measures):
        alone = [place for place in places if place not in matched]
        if len(alone) == len(places):
            yield _one_sided(measures[places[0]], whole_item, measures[places[0]].item_title)
        else:
            yield from (_one_sided(measures[place], one_measure, measures[place].text) for place in alone)


def _one_sided(measure: Compared, kind: str, said: str) -> Difference:
    old, new = (None, said) if kind.endswith("added") else (said, None)
    return _difference(measure, kind, old, new)


def items_of(measures: Sequence[Matchable]) -> list[list[int]]:
    """The places of the measures of each item, in printed order. A first measure opens one; an item may go on after
    others, and two items may share a number."""
    items: list[list[int]] = []
    latest: dict[int | None, list[int]] = {}
    for place, measure in enumerate(measures):
        # The latest item of that number: one may go on behind rows of others.
        known = latest.get(measure.item_no)
        if known is None or measure.seq_in_item == 1 or measure.item_no is None:
            known = latest[measure.item_no] = []
            items.append(known)
        known.append(place)
    return items


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain JSON values, keys in the order of the schema."""
    return {
        "schema": SCHEMA,
        "old": asdict(comparison.old),
        "new": asdict(comparison.new),
        "counts": comparison.counts,
        "changes": [_change(change) for change in comparison.changes],
    }


def _change(change: Difference) -> dict[str, Any]:
    value: dict[str, Any] = {
        "kind": change.kind,
        "item_no": change.item_no,
        "seq_in_item": change.seq_in_item,
        "title": change.title,
        "old": change.old,
        "new": change.new,
    }
    if change.added is not None and change.removed is not None:
        value |= {"added": list(change.added), "removed": list(change.removed)}
    return value


def of_dict(value: Mapping[str, Any]) -> Comparison:
    """The comparison again from what `as_dict` has made of it."""
    return Comparison(Side(**value["old"]), Side(**value["new"]), tuple(map(_again, value["changes"])))


def _again(value: Mapping[str, Any]) -> Difference:
    names = {part: tuple(value[part]) for part in ("added", "removed") if part in value}
    return Difference(**{**value, **names})
