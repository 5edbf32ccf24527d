"""Taking an edition back: the one before comes into force again, with everything as it was then."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from agencies.access import Principal
from agencies.log.write import record
from agencies.models import Agency
from importers.documents.collector import without_collector
from importers.documents.values import ParsedList, ParsedMeasure
from importers.editions.apply import BaseMoved
from importers.editions.known import known_measures
from importers.editions.log_entries import edition_reverted
from importers.editions.write import Work, write_measures
from importers.models import EditionReading
from importers.plans.compare import differences
from importers.plans.plan import MeasureChange, Plan, names_in
from reforms.models import ListEdition, PrintedRow, ReformList


class NothingBefore(Exception):
    """There is no edition to go back to, or what it said is not kept."""


class NamesGone(Exception):
    """The edition before prints `names` that are no agency's any more; nothing was written."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("、".join(names))
        self.names = names


@dataclass(frozen=True, slots=True)
class _InForce:
    """A measure as it was when an edition was in force: what was printed for it, and where."""

    measure_id: int
    printed: ParsedMeasure
    edition: ListEdition


def plan_revert(edition: ListEdition) -> tuple[Plan, ListEdition]:
    """What taking `edition` back would change, and the edition that comes into force again. Writes nothing."""
    before = edition.before()
    if before is None or not edition.is_in_force:
        raise NothingBefore
    return _plan(before, _as_of(before))[0], before


def revert(edition: ListEdition, *, who: Principal, on: dt.date) -> ListEdition:
    """Take the edition in force back; the edition that is in force now.

    Raises BaseMoved when it no longer is, NamesGone where it is not known who must act.
    """
    with transaction.atomic(), without_collector():
        reform_list = ReformList.objects.select_for_update().get(pk=edition.reform_list_id)
        if not ListEdition.objects.filter(pk=edition.pk, is_in_force=True).exists():
            raise BaseMoved
        before = edition.before()
        if before is None:
            raise NothingBefore
        plan, places = _plan(before, _as_of(before))
        _put_back(edition, before, who)
        work = Work(
            reform_list=reform_list,
            edition=before,
            now=timezone.now(),
            agencies=_agencies(plan),
            places=places,
        )
        write_measures(work, plan)
        work.settle_duties(plan)
        record([edition_reverted(edition, before, plan), *work.entries], who=who, on=on)
    return before


def _agencies(plan: Plan) -> dict[str, Agency]:
    """The agencies of the measures that will change, by printed name."""
    names = names_in(change.printed for change in plan.changed)
    agencies = Agency.objects.called(names)
    gone = tuple(name for name in names if name not in agencies)
    if gone:
        raise NamesGone(gone)
    return agencies


def _put_back(edition: ListEdition, before: ListEdition, who: Principal) -> None:
    edition.is_in_force, edition.reverted_at, edition.reverted_by = False, timezone.now(), who.label
    edition.save(update_fields=["is_in_force", "reverted_at", "reverted_by"])
    before.is_in_force = True
    before.save(update_fields=["is_in_force"])


def _plan(before: ListEdition, in_force: list[_InForce]) -> tuple[Plan, dict[int, tuple[ListEdition, int]]]:
    """By identity, not by likeness. Rows are numbered anew, since they may come from several editions."""
    document = _reading(before)
    rows = [replace(one.printed, row=row) for row, one in enumerate(in_force, start=1)]
    places = {row: (one.edition, one.printed.row) for row, one in enumerate(in_force, start=1)}
    known = {one.id: one for one in known_measures(before.reform_list)}
    matched = [(known[one.measure_id], printed) for one, printed in zip(in_force, rows, strict=True)]
    kept = {one.measure_id for one in in_force}
    plan = Plan(
        printed=replace(document, measures=tuple(rows)),
        added=(),
        matched=tuple(MeasureChange(one, printed, tuple(differences(one, printed))) for one, printed in matched),
        withdrawn=tuple(one for one in known.values() if one.id not in kept and not one.withdrawn),
        edition_in_force=before.number,
    )
    return plan, places


def _as_of(edition: ListEdition) -> list[_InForce]:
    """Every measure of the list as it was while `edition` was in force.

    Where a row was declined, or a measure kept that was no longer printed, the edition before still held.
    """
    document = {measure.row: measure for measure in _reading(edition).measures}
    rows = list(PrintedRow.objects.filter(edition=edition).values_list("row", "measure_id", "is_declined"))
    applied = {pk: _InForce(pk, document[row], edition) for row, pk, declined in rows if not declined and pk}
    return [*applied.values(), *_still_holding(edition, set(applied))]


def _still_holding(edition: ListEdition, applied: set[int]) -> Iterator[_InForce]:
    earlier = edition.before()
    kept = {pk for pk in _kept_from_before(edition) if pk not in applied}
    if earlier is None or not kept:
        return
    yield from (one for one in _as_of(earlier) if one.measure_id in kept)


def _kept_from_before(edition: ListEdition) -> set[int]:
    """Measures that this edition left as they were: declined rows, and those kept although not printed."""
    declined = PrintedRow.objects.filter(edition=edition, is_declined=True).exclude(measure=None)
    return {*declined.values_list("measure_id", flat=True), *edition.kept}


def _reading(edition: ListEdition) -> ParsedList:
    reading = EditionReading.objects.filter(edition=edition).first()
    if reading is None:
        raise NothingBefore
    return reading.parsed
