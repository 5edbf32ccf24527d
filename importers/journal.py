"""What the change log keeps of an import: the edition, and every measure it added, reprinted or withdrew."""

from agencies.log import Entry
from agencies.models import Change as LoggedChange
from importers.parsed import ParsedMeasure
from importers.plan import Change, Plan
from reforms.models import ListEdition, Measure

PUBLIC = LoggedChange.Visibility.PUBLIC


def edition_applied(edition: ListEdition, plan: Plan) -> Entry:
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
            "new_agencies": list(plan.new_agencies),
        },
    )


def measure_added(measure: Measure, printed: ParsedMeasure) -> Entry:
    after = {"number": printed.item_no, "seq": printed.seq_in_item, "deadline": printed.deadline_text}
    return Entry(action="measure.added", kind="measure", object_id=measure.pk, visibility=PUBLIC, after=after)


def measure_reprinted(change: Change) -> Entry:
    old, new = change.known, change.printed
    values: dict[str, tuple[object, object]] = {
        "number": (old.item_no, new.item_no),
        "section": (old.section_no, new.section_no),
        "national": (old.national, new.national),
        "title": (old.title, new.item_title),
        "text": (old.text, new.text),
        "lead": ([*old.lead, *_note(old.lead_note)], [*new.lead, *_note(new.lead_note)]),
        "responsible": (list(old.responsible), list(new.responsible)),
        "deadline": (old.deadline_text, new.deadline_text),
    }
    return Entry(
        action="measure.reprinted",
        kind="measure",
        object_id=old.id,
        visibility=PUBLIC,
        before={name: values[name][0] for name in change.facts},
        after={name: values[name][1] for name in change.facts},
    )


def measure_withdrawn(pk: int) -> Entry:
    return Entry(action="measure.withdrawn", kind="measure", object_id=pk, visibility=PUBLIC)


def _note(lead_note: str) -> list[str]:
    return [lead_note] if lead_note else []
