"""Writes a plan to the database: one transaction, set-based, logged. The last step of an import, and the only
one that knows Django."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from agencies.access import Principal
from agencies.log.write import record
from importers.documents.collector import without_collector
from importers.documents.progress import Progress, unwatched
from importers.editions.known import edition_in_force
from importers.editions.log_entries import edition_applied, other_name_given
from importers.editions.new_agencies import agencies_of
from importers.editions.write import Work, write_measures, write_printed_rows
from importers.models import EditionReading
from importers.plans.plan import Plan
from reforms.models import ListEdition, ReformList
from reforms.notices.assignments import newest_duty, tell_new_holders_of_list


class BaseMoved(Exception):
    """Another edition came into force between planning and applying; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the document came from and who brings it in. `original` is where the file itself is kept."""

    file_name: str
    file_sha256: str
    who: Principal
    on: dt.date
    original: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What applying a plan did. Counts are of measures unless named otherwise."""

    edition: ListEdition
    added: int
    changed: int
    withdrawn: int
    unchanged: int
    declined: int
    new_agencies: tuple[str, ...]


def apply_plan(
    plan: Plan,
    reform_list: ReformList,
    source: Source,
    *,
    other_names: Mapping[str, int] | None = None,
    progress: Progress = unwatched,
) -> Receipt:
    """Apply a plan to a saved list, whole or not at all. Raises BaseMoved when the plan is out of date.

    `other_names` are unseen names that a person said are other names of known agencies (by id).
    """
    named = {name: pk for name, pk in (other_names or {}).items() if name in plan.new_agencies}
    new = tuple(name for name in plan.new_agencies if name not in named)
    with transaction.atomic(), without_collector():
        locked = ReformList.objects.select_for_update().get(pk=reform_list.pk)
        edition = _new_edition(plan, locked, source)
        agencies = agencies_of(plan, new, named)
        work = Work(reform_list=locked, edition=edition, now=edition.imported_at, agencies=agencies, progress=progress)
        work.rows_to_write = _rows_to_write(plan)
        write_measures(work, plan)
        write_printed_rows(work, plan)
        EditionReading.keep(edition, plan.printed)
        newest = newest_duty()
        work.settle_duties(plan)
        facts = {"edition": edition.number, "list": str(locked)}
        tell_new_holders_of_list(locked.pk, newest, facts=facts, on=source.on)
        names = [other_name_given(pk, name) for name, pk in named.items()]
        record([edition_applied(edition, plan, new), *names, *work.entries], who=source.who, on=source.on)
    return Receipt(
        edition=edition,
        added=len(plan.added),
        changed=len(plan.changed),
        withdrawn=len(plan.withdrawn),
        unchanged=plan.unchanged,
        declined=len(plan.declined) + len(plan.kept),
        new_agencies=new,
    )


def _rows_to_write(plan: Plan) -> int:
    """Measures, what is printed beside those that change, and printed rows; items are few beside them."""
    changed = [*plan.added, *(change.printed for change in plan.changed)]
    beside = sum(len(printed.lead) + len(printed.responsible) for printed in changed)
    return len(plan.added) + len(plan.matched) + beside + len(plan.printed.measures)


def _new_edition(plan: Plan, reform_list: ReformList, source: Source) -> ListEdition:
    in_force = edition_in_force(reform_list)
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
        imported_by=source.who.label,
        imported_by_user_id=source.who.user_id,
        original=source.original,
        answers=[answer.as_json() for answer in plan.answers],
        kept=[known.id for known in plan.kept],
    )
