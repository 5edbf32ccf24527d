"""Writes a plan to the database: one transaction, set-based, logged. The last step of an import, and the only
one that knows Django."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from agencies.log import Entry, record
from agencies.models import Agency, AgencyName
from agencies.principal import Principal
from importers.grammar.agencies import is_collective
from importers.journal import edition_applied, measure_added, measure_reprinted, measure_withdrawn
from importers.parsed import ParsedList, ParsedMeasure
from importers.plan import Change, KnownMeasure, Plan, agency_names, make_plan
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
)
from reforms.models.querysets import searchable
from reforms.standing import printed_deadline_changed

BATCH = 500
NO_SECTION = 0


class BaseMoved(Exception):
    """Another edition came into force between planning and applying; nothing was written."""


class Unnumbered(Exception):
    """A row that no number covers; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the document came from and who brings it in."""

    file_name: str
    file_sha256: str
    actor: Principal
    on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What applying a plan did. Counts are of measures unless named otherwise."""

    edition: ListEdition
    added: int
    changed: int
    withdrawn: int
    unchanged: int
    new_agencies: tuple[str, ...]


@dataclass(slots=True)
class _Work:
    """What the steps of one import share."""

    reform_list: ReformList
    edition: ListEdition
    now: dt.datetime
    agencies: dict[str, Agency]
    sections: dict[int, Section] = field(default_factory=dict)
    measures: dict[int, Measure] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


def plan_import(printed: ParsedList, reform_list: ReformList | None) -> Plan:
    """What importing `printed` into `reform_list` (None: a list not yet known) would change. Writes nothing."""
    edition = reform_list.editions.filter(is_in_force=True).first() if reform_list else None
    return make_plan(
        printed,
        _known(edition) if edition else [],
        known_names=frozenset(Agency.objects.called(agency_names(printed))),
        edition_in_force=edition.number if edition else None,
        same_content=edition is not None and edition.content_sha256 == printed.content_hash,
    )


def _known(edition: ListEdition) -> list[KnownMeasure]:
    measures = Measure.objects.filter(reform_list=edition.reform_list_id).exclude(disposition=Disposition.WITHDRAWN)
    names: dict[tuple[int, str], list[str]] = {}
    for beside in Assignment.objects.filter(measure__in=measures).order_by("measure", "part", "order"):
        names.setdefault((beside.measure_id, beside.part), []).append(beside.printed_name)
    return [
        KnownMeasure(
            id=measure.pk,
            item_id=measure.item_id,
            section_no=measure.section.number,
            item_no=measure.item.number,
            seq_in_item=measure.seq_in_item,
            national=measure.item.is_national,
            title=measure.title,
            text=measure.text,
            lead=tuple(names.get((measure.pk, Part.LEAD), ())),
            lead_note=measure.lead_note,
            responsible=tuple(names.get((measure.pk, Part.RESPONSIBLE), ())),
            deadline_text=measure.deadline_text,
        )
        for measure in measures.select_related("item", "section")
    ]


def apply_plan(plan: Plan, reform_list: ReformList, source: Source) -> Receipt:
    """Apply a plan to a saved list, whole or not at all. Raises BaseMoved when the plan is out of date."""
    with transaction.atomic():
        locked = ReformList.objects.select_for_update().get(pk=reform_list.pk)
        edition = _new_edition(plan, locked, source)
        work = _Work(reform_list=locked, edition=edition, now=edition.imported_at, agencies=_agencies(plan))
        _write_sections(work, plan.printed)
        _write_measures(work, plan)
        _write_assignments(work, plan)
        _write_printed_rows(work, plan.printed)
        _withdraw(work, plan.withdrawn)
        derive_duties([measure.pk for measure in work.measures.values()])
        record([edition_applied(work.edition, plan), *work.entries], actor=source.actor, on=source.on)
    return Receipt(
        edition=edition,
        added=len(plan.added),
        changed=len(plan.changed),
        withdrawn=len(plan.withdrawn),
        unchanged=plan.unchanged,
        new_agencies=plan.new_agencies,
    )


def year_of(printed: ParsedList, on: dt.date) -> int:
    """The year most deadlines fall in; the current one for a list without dates."""
    years = Counter(measure.deadline.year for measure in printed.measures if measure.deadline)
    return years.most_common(1)[0][0] if years else on.year


def _new_edition(plan: Plan, reform_list: ReformList, source: Source) -> ListEdition:
    in_force = reform_list.editions.filter(is_in_force=True).first()
    if (in_force.number if in_force else None) != plan.edition_in_force:
        raise BaseMoved
    reform_list.editions.update(is_in_force=False)
    last = reform_list.editions.order_by("-number").first()
    return ListEdition.objects.create(
        reform_list=reform_list,
        number=last.number + 1 if last else 1,
        title=plan.printed.title,
        notes=list(plan.printed.notes),
        file_name=source.file_name,
        file_sha256=source.file_sha256,
        content_sha256=plan.printed.content_hash,
        imported_at=timezone.now(),
        imported_by=source.actor.label,
        imported_by_user_id=source.actor.user_id,
    )


def _agencies(plan: Plan) -> dict[str, Agency]:
    """Every agency of the document by printed name; unseen ones are created, with the name in brackets as another."""
    Agency.objects.bulk_create(
        [
            Agency(name=name, kind=Agency.Kind.OPEN if is_collective(name) else Agency.Kind.SINGLE)
            for name in plan.new_agencies
        ]
    )
    agencies = Agency.objects.called(agency_names(plan.printed))
    inner = {_inner_name(name): agencies[name] for name in plan.new_agencies if _inner_name(name)}
    taken = Agency.objects.called(inner)
    AgencyName.objects.bulk_create(
        [AgencyName(agency=agency, name=name) for name, agency in inner.items() if name not in taken]
    )
    return agencies


def _inner_name(name: str) -> str:
    """市人防办 of 市委军民融合办（市人防办）; empty when there is none."""
    head, _, rest = name.partition("（")
    return rest[:-1] if head and rest.endswith("）") else ""


def _write_sections(work: _Work, printed: ParsedList) -> None:
    headings = {section.no: section.title for section in printed.sections}
    if any(measure.section_no is None for measure in printed.measures):
        headings[NO_SECTION] = "未分任务类别"
    Section.objects.bulk_create(
        [Section(reform_list=work.reform_list, number=no, title=title) for no, title in headings.items()],
        update_conflicts=True,
        unique_fields=["reform_list", "number"],
        update_fields=["title"],
    )
    work.sections = {section.number: section for section in work.reform_list.sections.all()}


def _write_measures(work: _Work, plan: Plan) -> None:
    """Items and measures by the row they are printed in; sets `work.measures`."""
    known = {change.printed.row: change for change in plan.matched}
    items = _write_items(work, plan, known)
    existing = Measure.objects.in_bulk([change.known.id for change in plan.matched])
    added: list[Measure] = []
    rewritten: list[Measure] = []
    moved: list[Measure] = []
    for printed in plan.printed.measures:
        change = known.get(printed.row)
        measure = existing[change.known.id] if change else Measure()
        before = _content(measure) if change else []
        _fill(measure, printed, items[printed.row], work, touched=change is None or bool(change.facts))
        work.measures[printed.row] = measure
        (added if change is None else rewritten if _content(measure) != before else moved).append(measure)
    Measure.objects.bulk_create(added, batch_size=BATCH)
    Measure.objects.bulk_update(rewritten, FILLED, batch_size=BATCH)
    Measure.objects.bulk_update(moved, PLACE, batch_size=BATCH)
    work.entries += [measure_added(work.measures[printed.row], printed) for printed in plan.added]
    work.entries += [measure_reprinted(change) for change in plan.changed]


def _write_items(work: _Work, plan: Plan, known: dict[int, Change]) -> dict[int, Item]:
    """The item of every printed row. One whose measure was known keeps its identity; two items that share a
    number stay two."""
    by_row: dict[int, Item] = {}
    existing = Item.objects.in_bulk({change.known.item_id for change in plan.matched})
    for rows in _rows_of_items(plan.printed.measures):
        ids = [known[row.row].known.item_id for row in rows if row.row in known]
        item = next((existing.pop(pk) for pk in ids if pk in existing), None) or Item()
        _fill_item(item, rows[0], work)
        by_row |= dict.fromkeys((row.row for row in rows), item)
    items = list({id(item): item for item in by_row.values()}.values())
    Item.objects.bulk_create([item for item in items if item.pk is None], batch_size=BATCH)
    Item.objects.bulk_update(
        [item for item in items if item.pk is not None],
        ["section", "number", "title", "is_national"],
        batch_size=BATCH,
    )
    return by_row


def _rows_of_items(measures: Iterable[ParsedMeasure]) -> list[list[ParsedMeasure]]:
    """The rows of each item, in printed order: a first measure opens one."""
    items: list[list[ParsedMeasure]] = []
    for measure in measures:
        if measure.seq_in_item == 1 or not items:
            items.append([])
        items[-1].append(measure)
    return items


def number_of(printed: ParsedMeasure) -> int:
    """The item number of a row. A plan with unnumbered rows must not get this far."""
    if printed.item_no is None:
        raise Unnumbered(printed.row)
    return printed.item_no


def _fill_item(item: Item, printed: ParsedMeasure, work: _Work) -> None:
    item.reform_list = work.reform_list
    item.section = work.sections[printed.section_no or NO_SECTION]
    item.number, item.title, item.is_national = number_of(printed), printed.item_title, printed.national


PLACE = ["edition", "row"]
FILLED = [
    *PLACE,
    "section",
    "item",
    "seq_in_item",
    "title",
    "text",
    "lead_note",
    "deadline_text",
    "deadline",
    "deadline_in_force",
    "is_standing",
    "status",
    "closed_on",
    "search_text",
    "version",
    "updated_at",
]


def _content(measure: Measure) -> list[object]:
    """What a measure holds beside its place in the edition."""
    own = [name for name in FILLED if name not in PLACE and name not in {"section", "item"}]
    return [measure.section_id, measure.item_id, *(getattr(measure, name) for name in own)]


def _fill(measure: Measure, printed: ParsedMeasure, item: Item, work: _Work, *, touched: bool) -> None:
    measure.reform_list, measure.edition = work.reform_list, work.edition
    measure.section, measure.item = item.section, item
    measure.row, measure.seq_in_item = printed.row, printed.seq_in_item
    measure.title, measure.text = printed.item_title, printed.text
    measure.lead_note = printed.lead_note
    printed_deadline_changed(measure, text=printed.deadline_text, day=printed.deadline, standing=printed.ongoing)
    names = [*printed.lead, *printed.responsible]
    measure.search_text = searchable(
        "\n".join([f"第{item.number}项", item.title, printed.item_title, printed.text, *names])
    )
    if touched:
        measure.version = measure.version + 1 if measure.pk else 1
        measure.updated_at = work.now


def _write_assignments(work: _Work, plan: Plan) -> None:
    """Replace what is printed beside every new or changed measure."""
    rows = [m.row for m in plan.added] + [change.printed.row for change in plan.changed]
    Assignment.objects.filter(measure__in=[work.measures[row].pk for row in rows]).delete()
    printed = {measure.row: measure for measure in plan.printed.measures}
    Assignment.objects.bulk_create(
        [beside for row in rows for beside in _beside(work, work.measures[row], printed[row])],
        batch_size=1000,
    )


def _beside(work: _Work, measure: Measure, printed: ParsedMeasure) -> Iterable[Assignment]:
    for part, names in ((Part.LEAD, printed.lead), (Part.RESPONSIBLE, printed.responsible)):
        seen: dict[int, str] = {}
        for name in names:
            seen.setdefault(work.agencies[name].pk, name)
        for order, (agency_id, name) in enumerate(seen.items(), start=1):
            yield Assignment(measure=measure, agency_id=agency_id, part=part, order=order, printed_name=name)


def _write_printed_rows(work: _Work, printed: ParsedList) -> None:
    headings = {section.no: section.printed for section in printed.sections}
    PrintedRow.objects.bulk_create(
        [
            PrintedRow(
                edition=work.edition,
                row=measure.row,
                measure=work.measures[measure.row],
                section_no=measure.section_no or NO_SECTION,
                section=headings.get(measure.section_no or NO_SECTION, measure.section),
                item_no=number_of(measure),
                seq_in_item=measure.seq_in_item,
                number=measure.printed.number,
                title=measure.printed.title,
                text=measure.printed.text,
                lead=measure.printed.lead,
                responsible=measure.printed.responsible,
                deadline=measure.printed.deadline,
            )
            for measure in printed.measures
        ],
        batch_size=BATCH,
    )


def _withdraw(work: _Work, withdrawn: Iterable[KnownMeasure]) -> None:
    ids = [known.id for known in withdrawn]
    Measure.objects.filter(pk__in=ids).update(
        disposition=Disposition.WITHDRAWN, updated_at=work.now, version=F("version") + 1
    )
    work.entries += [measure_withdrawn(pk) for pk in ids]
