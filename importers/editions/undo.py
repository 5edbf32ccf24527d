"""Undoing a first import: a list that nobody has acted on goes again, with the agencies that came with it.

Only while it is open to the office alone: what others have seen is archived instead, so that no address breaks.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from agencies.access import Principal
from agencies.log.write import Entry, record
from agencies.models import Agency, AgencyName, Change, GroupMember
from importers.editions.log_entries import agency_removed
from importers.editions.refusals import Refused
from importers.models import EditionReading, ImportJob
from reforms.models import (
    Acknowledgement,
    Audience,
    Delivery,
    Extension,
    Item,
    ListEdition,
    Matter,
    Measure,
    Milestone,
    OrderedMeasure,
    PrintedRow,
    ProgressReport,
    ReformList,
    Section,
)


@dataclass(frozen=True, slots=True)
class Undone:
    """What goes: the list with so many measures, and the agencies that nothing else names (names by id)."""

    title: str
    measures: int
    removed: Mapping[int, str]

    @property
    def agencies(self) -> tuple[str, ...]:
        """The names of the agencies that go."""
        return tuple(self.removed.values())


def would_undo(edition: ListEdition) -> Undone:
    """What undoing the import would take away: carried out and rolled back. Raises Refused as the act does."""
    with transaction.atomic():
        undone = _undo(edition)
        transaction.set_rollback(True)
    return undone


def undo_first_import(edition: ListEdition, *, who: Principal, on: dt.date) -> Undone:
    """Take a list away that was imported by mistake. Raises Refused where something speaks against it."""
    with transaction.atomic():
        list_id, slug = edition.reform_list_id, edition.reform_list.slug
        undone = _undo(edition)
        facts = {
            "list": slug,
            "title": undone.title,
            "added": undone.measures,
            "new_agencies": list(undone.agencies),
        }
        entry = Entry(
            action="list.undone",
            kind="list",
            object_id=list_id,
            # For all to whom it was open: the office and administrators, who keep copies of it too.
            visibility=Change.Visibility.PUBLIC,
            before=facts,
        )
        removed = [agency_removed(pk, name) for pk, name in undone.removed.items()]
        record([entry, *removed], who=who, on=on)
    return undone


def _undo(edition: ListEdition) -> Undone:
    reform_list = ReformList.objects.select_for_update().get(pk=edition.reform_list_id)
    measures = list(Measure.objects.filter(reform_list=reform_list).values_list("pk", flat=True))
    applied = Change.objects.get(kind="edition", action="edition.applied", object_id=edition.pk)
    _check(reform_list, edition, measures, applied)
    # From what points at others to what they point at: the keys protect the rows they lead to.
    EditionReading.objects.filter(edition=edition).delete()
    PrintedRow.objects.filter(edition=edition).delete()
    # Those that the list printed; that an agency planned any is refused above.
    Milestone.objects.filter(measure__reform_list=reform_list).delete()
    for model in (Measure, Item, Section):
        model._default_manager.filter(reform_list=reform_list).delete()
    ImportJob.objects.filter(reform_list=reform_list).delete()
    edition.delete()
    reform_list.delete()
    return Undone(str(reform_list), len(measures), _without_the_unused(applied.after.get("new_agencies", [])))


def _check(reform_list: ReformList, edition: ListEdition, measures: Sequence[int], applied: Change) -> None:
    """Whether nobody has acted on the list since. What an import logs has the one moment of its commit."""
    if edition.number != 1 or not edition.is_in_force or reform_list.editions.count() > 1:
        raise Refused("not_the_first")
    if reform_list.open_to != Audience.OFFICE:
        raise Refused("open")
    # Entries of one transaction share their moment; any other one was made by somebody since.
    acted = Change.objects.filter(kind="measure", object_id__in=measures).exclude(recorded_at=applied.recorded_at)
    traces = (
        ProgressReport.objects.filter(measure__in=measures),
        Extension.objects.filter(measure__in=measures),
        Matter.objects.filter(measure__in=measures),
        Acknowledgement.objects.filter(edition=edition),
        OrderedMeasure.objects.filter(measure__in=measures),
        Delivery.objects.filter(reminders__measure__in=measures),
        Delivery.objects.filter(notices__measure__in=measures),
        acted,
    )
    if any(rows.exists() for rows in traces):
        raise Refused("acted_on")


def _without_the_unused(names: Sequence[str]) -> dict[int, str]:
    """Delete those of these agencies that nothing refers to any more, with members that a directory has loaded into
    their groups and nobody has entered; their names by id."""
    loaded = Change.objects.filter(action="agency.added", user_id=None).values("object_id")
    came = Q(name__in=names) | Q(groups__name__in=names, pk__in=loaded)
    going = {agency.pk: agency.name for agency in Agency.objects.filter(came).distinct() if not _is_used(agency)}
    # A member is of use to a group that stays.
    for member in GroupMember.objects.filter(member__in=going).exclude(group__in=going):
        going.pop(member.member_id, None)
    GroupMember.objects.filter(Q(group__in=going) | Q(member__in=going)).delete()
    Agency.objects.filter(pk__in=going).delete()
    return going


def _is_used(agency: Agency) -> bool:
    """Whether anything but its own other names and its groups refers to it: people, tokens, other lists, the log."""
    # Every model that points at agencies, also one that is added later.
    relations = (field for field in Agency._meta.get_fields(include_hidden=True) if field.auto_created)
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: agency}).exists()  # type: ignore[union-attr]
        for relation in relations
        if relation.one_to_many and relation.related_model not in (AgencyName, GroupMember)
    )
