"""Writing the rows of an edition: sections, items, measures, what is printed beside them."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

from django.db.models import F

from agencies.lib.bulk import insert, reserve_ids, update
from agencies.lib.progress import Progress, unwatched
from agencies.log.write import Entry
from agencies.models import Agency
from importers.documents.meaning.interpret import NOT_IN_A_SECTION
from importers.documents.values import ParsedList, ParsedMeasure, PrintedCells
from importers.editions.known import NO_SECTION
from importers.editions.log_entries import measure_added, measure_reprinted, measure_withdrawn
from importers.plans.compare import items_of
from importers.plans.plan import KnownMeasure, MeasureChange, Plan
from reforms.duties import derive_duties
from reforms.models import (
    Assignment,
    Disposition,
    Item,
    ListEdition,
    Measure,
    Part,
    PrintedRow,
    ReformList,
    Section,
    lock_measures_of,
)
from reforms.search.text import mend, search_text, wrong_texts
from reforms.status.settle import MeasureState, printed_deadline_changed, settle, settle_reported, state_entry

BATCH = 500
Row = tuple[Any, ...]


class Unnumbered(Exception):
    """A row that no number covers; nothing was written."""


@dataclass(slots=True)
class Work:
    """What the steps of writing a plan share. Measures are known by the row they are printed in; `places` has the
    edition and row of those that are not printed in `edition` itself."""

    reform_list: ReformList
    edition: ListEdition
    now: dt.datetime
    agencies: dict[str, Agency]
    progress: Progress = unwatched
    places: Mapping[int, tuple[ListEdition, int]] = field(default_factory=dict)
    sections: dict[int, Section] = field(default_factory=dict)
    measures: dict[int, Measure] = field(default_factory=dict)
    no_longer_standing: list[int] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    rows_written: int = 0
    rows_to_write: int = 0

    def touched(self, plan: Plan) -> list[int]:
        """The ids of the measures whose agencies or standing may be others now; the duties of the rest stay."""
        return [self.measures[printed.row].pk for printed in (*plan.added, *(one.printed for one in plan.changed))]

    def settle_duties(self, plan: Plan) -> None:
        """Who must act now, and where the reports bring what others must claim now; what is standing no longer is
        again where its reports had brought it."""
        derive_duties(self.touched(plan))
        if self.no_longer_standing:
            self.entries += settle(self.no_longer_standing)
        changed = {self.measures[change.printed.row].pk for change in plan.changed}
        self.entries += settle_reported(changed - set(self.no_longer_standing))

    def wrote(self, batch: Sequence[object]) -> None:
        """Tell whoever watches; they may stop the import here. Items are not counted: they are few beside the rest."""
        self.rows_written += len(batch) if not isinstance(batch[0], Item) else 0
        self.progress(self.rows_written, max(self.rows_written, self.rows_to_write))


def write_measures(work: Work, plan: Plan) -> None:
    """Sections, items, measures and what is printed beside them, as the plan has them.

    The measures are held from before they are read, so that what agencies report meanwhile is not overwritten.
    Raises Unnumbered, and whatever the progress of `work` raises.
    """
    lock_measures_of(work.reform_list)
    _write_sections(work, plan.printed)
    _write_measures(work, plan)
    _write_assignments(work, plan)
    _withdraw(work, plan.withdrawn)


def _write_sections(work: Work, printed: ParsedList) -> None:
    headings = {section.no: section.title for section in printed.sections}
    if any(measure.section_no is None for measure in printed.measures):
        headings[NO_SECTION] = NOT_IN_A_SECTION
    # The English belongs to the title: another edition may have the section under another number.
    english = dict(work.reform_list.sections.exclude(title_en="").values_list("title", "title_en"))
    Section.objects.bulk_create(
        [
            Section(reform_list=work.reform_list, number=no, title=title, title_en=english.get(title, ""))
            for no, title in headings.items()
        ],
        update_conflicts=True,
        unique_fields=["reform_list", "number"],
        update_fields=["title", "title_en"],
    )
    work.sections = {section.number: section for section in work.reform_list.sections.all()}


def _write_measures(work: Work, plan: Plan) -> None:
    """Items and measures by the row they are printed in; sets `work.measures`."""
    known = {change.printed.row: change for change in plan.matched}
    new = {printed.row for printed in plan.added}
    written = [printed for printed in plan.printed.measures if printed.row in known or printed.row in new]
    items = _write_items(work, written, known)
    existing = Measure.objects.in_bulk([change.known.id for change in plan.matched])
    added: list[Measure] = []
    rewritten: list[Measure] = []
    moved: list[Measure] = []
    restated: list[Entry] = []
    for printed in written:
        change = known.get(printed.row)
        measure = existing[change.known.id] if change else Measure()
        # What it was, before it is filled: whether its content changes, and what the log has to say.
        before, stood = _content(measure) if change else (), MeasureState.of(measure)
        _fill(measure, printed, items[printed.row], work, touched=change is None or bool(change.facts))
        work.measures[printed.row] = measure
        if change:
            restated += state_entry(measure, replace(stood, disposition=measure.disposition))
            if stood.is_standing and not measure.is_standing:
                work.no_longer_standing.append(measure.pk)
        # Most measures of a later edition only move, which is two columns to write instead of all.
        (added if change is None else rewritten if _content(measure) != before else moved).append(measure)
    _create(work, added)
    _rewrite(work, rewritten, [*PLACE, *CONTENT])
    _rewrite(work, moved, PLACE)
    _follow_items(items.values(), written=work.measures.values())
    work.entries += [measure_added(work.measures[printed.row], printed) for printed in plan.added]
    work.entries += [*(measure_reprinted(change, work.measures) for change in plan.changed), *restated]


def _follow_items(items: Collection[Item], *, written: Collection[Measure]) -> None:
    """What is printed no longer stays with its item, by whose number and title it is found."""
    ids, printed = sorted({item.pk for item in items}), {measure.pk for measure in written}
    for at in range(0, len(ids), BATCH):
        beside = Measure.objects.filter(item__in=ids[at : at + BATCH]).values_list("pk", flat=True)
        mend(wrong_texts(Measure.objects.filter(pk__in=[pk for pk in beside if pk not in printed])))


def _write_items(work: Work, written: list[ParsedMeasure], known: dict[int, MeasureChange]) -> dict[int, Item]:
    """The item of every printed row. One whose measure was known keeps its identity; two items that share a
    number stay two."""
    by_row: dict[int, Item] = {}
    existing = Item.objects.in_bulk({change.known.item_id for change in known.values()})
    before: dict[int, Row] = {}
    for places in items_of(written):
        rows = [written[place] for place in places]
        ids = [known[row.row].known.item_id for row in rows if row.row in known]
        # Taken out, so that two items of the document never become the same one.
        item = next((existing.pop(pk) for pk in ids if pk in existing), None) or Item()
        if item.pk is not None:
            before[item.pk] = _of_item(item)
        _fill_item(item, rows[0], work)
        by_row |= dict.fromkeys((row.row for row in rows), item)
    items = list({id(item): item for item in by_row.values()}.values())
    _create(work, [item for item in items if item.pk is None])
    _rewrite(work, [item for item in items if before.get(item.pk) not in (None, _of_item(item))], ITEM)
    return by_row


def _create(work: Work, rows: Sequence[Measure] | Sequence[Item]) -> None:
    """Insert new rows; each has its id afterwards."""
    for row, pk in zip(rows, reserve_ids(type(rows[0]), len(rows)) if rows else (), strict=True):
        row.pk = pk
    names = [field.attname for field in rows[0]._meta.concrete_fields] if rows else []
    for batch in _batches(rows):
        insert(type(batch[0]), names, list(map(attrgetter(*names), batch)))
        work.wrote(batch)


def _rewrite(work: Work, rows: Sequence[Measure] | Sequence[Item], names: list[str]) -> None:
    """Update rows that exist."""
    for batch in _batches(rows):
        update(type(batch[0]), names, list(map(attrgetter("pk", *names), batch)))
        work.wrote(batch)


def _insert(work: Work, model: type[Assignment | PrintedRow], names: Sequence[str], rows: list[Row]) -> None:
    """Insert rows that nothing points at."""
    for batch in _batches(rows):
        insert(model, names, batch)
        work.wrote(batch)


def _batches(rows: Sequence[Any]) -> Iterator[Any]:
    yield from (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))


def number_of(printed: ParsedMeasure) -> int:
    """The item number of a row. A plan with unnumbered rows must not get this far."""
    if printed.item_no is None:
        raise Unnumbered(printed.row)
    return printed.item_no


def _fill_item(item: Item, printed: ParsedMeasure, work: Work) -> None:
    item.reform_list_id = work.reform_list.pk
    item.section_id = work.sections[printed.section_no or NO_SECTION].pk
    item.number, item.title, item.is_national = number_of(printed), printed.item_title, printed.national


ITEM = ["section_id", "number", "title", "is_national"]


_of_item: Callable[[Item], Row] = attrgetter(*ITEM)


PLACE = ["edition_id", "row"]


CONTENT = [
    "section_id",
    "item_id",
    "seq_in_item",
    "title",
    "text",
    "lead_note",
    "deadline_text",
    "deadline",
    "deadline_in_force",
    "is_standing",
    "status",
    "disposition",
    "closed_on",
    "search_text",
    "version",
    "updated_at",
]


# What a measure holds beside its place in the edition.
_content: Callable[[Measure], Row] = attrgetter(*CONTENT)


def _fill(measure: Measure, printed: ParsedMeasure, item: Item, work: Work, *, touched: bool) -> None:
    edition, measure.row = work.places.get(printed.row, (work.edition, printed.row))
    measure.edition_id, measure.reform_list_id = edition.pk, work.reform_list.pk
    measure.section_id, measure.item_id = item.section_id, item.pk
    measure.seq_in_item = printed.seq_in_item
    measure.title, measure.text = printed.item_title, printed.text
    measure.lead_note = printed.lead_note
    # Printed again, it is what the office had made of it before it was withdrawn.
    if measure.disposition == Disposition.WITHDRAWN:
        measure.disposition = measure.disposition_when_listed
    printed_deadline_changed(measure, text=printed.deadline_text, day=printed.deadline, standing=printed.ongoing)
    measure.item = item
    names = _each_once(work, printed.lead) + _each_once(work, printed.responsible)
    measure.search_text = search_text(measure, names)
    if touched:
        measure.version = measure.version + 1 if measure.pk else 1
        measure.updated_at = work.now


def _write_assignments(work: Work, plan: Plan) -> None:
    """Replace what is printed beside every new or changed measure."""
    changed = [*plan.added, *(change.printed for change in plan.changed)]
    for batch in _batches(changed):
        Assignment.objects.filter(measure__in=[work.measures[printed.row].pk for printed in batch]).delete()
    beside = [row for printed in changed for row in _beside(work, work.measures[printed.row], printed)]
    _insert(work, Assignment, ("measure_id", "agency_id", "part", "order", "printed_name"), beside)


def _beside(work: Work, measure: Measure, printed: ParsedMeasure) -> Iterator[Row]:
    for part, names in ((Part.LEAD, printed.lead), (Part.RESPONSIBLE, printed.responsible)):
        for order, name in enumerate(_each_once(work, names), start=1):
            yield measure.pk, work.agencies[name].pk, part, order, name


def _each_once(work: Work, names: Sequence[str]) -> list[str]:
    """One agency under two of its names is beside the measure once, by the first. Taking an edition back does not know
    the agencies of what stays as it is."""
    seen: dict[int | str, str] = {}
    for name in names:
        seen.setdefault(work.agencies[name].pk if name in work.agencies else name, name)
    return list(seen.values())


def write_printed_rows(work: Work, plan: Plan) -> None:
    """Every row of the document, also those that were declined. Raises Unnumbered."""
    headings = {section.no: section.printed for section in plan.printed.sections}
    declined = {printed.row: known.id if known else None for printed, known in plan.declined}
    rows = [_printed_row(work, measure, headings, declined) for measure in plan.printed.measures]
    _insert(work, PrintedRow, PRINTED_ROW, rows)


CELLS = ("number", "title", "text", "lead", "responsible", "deadline", "merged")


PRINTED_ROW = (
    *("edition_id", "row", "measure_id", "is_declined", "section_no", "section", "item_no", "seq_in_item"),
    *CELLS,
    "other",
)


_cells: Callable[[PrintedCells], Row] = attrgetter(*CELLS)


def _printed_row(
    work: Work, measure: ParsedMeasure, headings: Mapping[int, str], declined: Mapping[int, int | None]
) -> Row:
    """In the order of PRINTED_ROW."""
    section_no, is_declined = measure.section_no or NO_SECTION, measure.row in declined
    return (
        work.edition.pk,
        measure.row,
        declined[measure.row] if is_declined else work.measures[measure.row].pk,
        is_declined,
        section_no,
        headings.get(section_no, measure.section),
        number_of(measure),
        measure.seq_in_item,
        *_cells(measure.printed),
        dict(measure.printed.other),
    )


def _withdraw(work: Work, withdrawn: Iterable[KnownMeasure]) -> None:
    ids = [known.id for known in withdrawn]
    # For the log, which has to say what they were.
    before = dict(Measure.objects.filter(pk__in=ids).values_list("pk", "disposition"))
    for batch in _batches(ids):
        Measure.objects.filter(pk__in=batch).update(
            disposition=Disposition.WITHDRAWN, updated_at=work.now, version=F("version") + 1
        )
    work.entries += [measure_withdrawn(pk, before[pk]) for pk in ids]
