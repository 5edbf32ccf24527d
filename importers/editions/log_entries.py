"""What the change log keeps of an import: the edition, and every measure it added, reprinted or withdrew."""

from collections.abc import Mapping

from agencies.log.write import Entry
from agencies.models import Change as LoggedChange
from importers.documents.values import ParsedMeasure
from importers.plans.plan import KnownMeasure, MeasureChange, Plan
from reforms.models import ListEdition, Measure

PUBLIC = LoggedChange.Visibility.PUBLIC


def edition_applied(edition: ListEdition, plan: Plan, new_agencies: tuple[str, ...]) -> Entry:
    """That an edition came into force, with its file and how much it changed."""
    return Entry(
        action="edition.applied",
        kind="edition",
        object_id=edition.pk,
        visibility=PUBLIC,
        after={
            "list": edition.reform_list.slug,
            "edition": edition.number,
            "file": edition.file_name,
            "sha256": edition.file_sha256,
            "added": len(plan.added),
            "changed": len(plan.changed),
            "withdrawn": len(plan.withdrawn),
            "declined": [printed.row for printed, _known in plan.declined],
            "kept": [known.id for known in plan.kept],
            "new_agencies": list(new_agencies),
        },
    )


def measure_added(measure: Measure, printed: ParsedMeasure) -> Entry:
    """That a measure is new on the list."""
    after = {"number": printed.item_no, "seq": printed.seq_in_item, "deadline": printed.deadline_text}
    return Entry(action="measure.added", kind="measure", object_id=measure.pk, visibility=PUBLIC, after=after)


def measure_reprinted(change: MeasureChange, written: Mapping[int, Measure]) -> Entry:
    """What a new edition prints differently; a withdrawn measure that is printed again is reinstated by it.

    `written` are the measures as they are now, by printed row.
    """
    old, new = change.known, change.printed
    values: dict[str, tuple[object, object]] = {
        "number": (old.item_no, new.item_no),
        "section": (old.section, new.section),
        "national": (old.national, new.national),
        "title": (old.item_title, new.item_title),
        "text": (old.text, new.text),
        # The same values, whether other agencies are printed or only another order of them.
        **dict.fromkeys(("lead", "lead_order"), _leads(old, new)),
        **dict.fromkeys(("responsible", "responsible_order"), (list(old.responsible), list(new.responsible))),
        "deadline": (_deadline(old), _deadline(new)),
    }
    facts = [name for name in change.facts if name in values]
    if old.withdrawn:
        values["disposition"] = ("withdrawn", str(written[new.row].disposition))
        facts.append("disposition")
    return Entry(
        action="measure.reinstated" if old.withdrawn else "measure.reprinted",
        kind="measure",
        object_id=old.id,
        visibility=PUBLIC,
        before={name: values[name][0] for name in facts},
        after={name: values[name][1] for name in facts},
    )


def edition_reverted(edition: ListEdition, to: ListEdition, plan: Plan) -> Entry:
    """That an edition was taken back, and which is in force again."""
    return Entry(
        action="edition.reverted",
        kind="edition",
        object_id=edition.pk,
        visibility=PUBLIC,
        before={"edition": edition.number},
        after={
            "edition": to.number,
            "changed": len(plan.changed),
            "withdrawn": len(plan.withdrawn),
        },
    )


def other_name_given(agency_id: int, name: str) -> Entry:
    """That a person said an unseen name is another name of a known agency."""
    return Entry(
        action="agency.named", kind="agency", object_id=agency_id, visibility=PUBLIC, after={"other_name": name}
    )


def agency_added(agency_id: int, name: str) -> Entry:
    """That a list brought an agency in that nobody had seen before."""
    # Of no agency: an entry that points at it would keep it in use for ever, and a first import from being undone.
    return Entry(action="agency.added", kind="agency", object_id=agency_id, visibility=PUBLIC, after={"name": name})


def agency_removed(agency_id: int, name: str) -> Entry:
    """That an agency went again with the list that had brought it in."""
    return Entry(action="agency.removed", kind="agency", object_id=agency_id, visibility=PUBLIC, before={"name": name})


def _deadline(measure: KnownMeasure | ParsedMeasure) -> str:
    """As printed, with what it means where a person settled that."""
    meaning = "持续巩固" if measure.ongoing else measure.deadline.isoformat() if measure.deadline else ""
    return f"{measure.deadline_text}（{meaning}）" if meaning else measure.deadline_text


def _leads(old: KnownMeasure, new: ParsedMeasure) -> tuple[list[str], list[str]]:
    return [*old.lead, *_note(old.lead_note)], [*new.lead, *_note(new.lead_note)]


def measure_withdrawn(pk: int, disposition: str) -> Entry:
    """A measure that is no longer printed; `disposition` is what it was."""
    return Entry(
        action="measure.withdrawn",
        kind="measure",
        object_id=pk,
        visibility=PUBLIC,
        before={"disposition": disposition},
        after={"disposition": "withdrawn"},
    )


def _note(lead_note: str) -> list[str]:
    return [lead_note] if lead_note else []
