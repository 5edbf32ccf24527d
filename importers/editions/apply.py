"""Writing a plan to the database in one transaction, set-based and logged, and taking an edition back likewise."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from agencies.access import Principal
from agencies.lib.progress import Progress, unwatched
from agencies.log.write import record
from agencies.models import Agency
from importers.documents.collector import without_collector
from importers.documents.values import ParsedList, ParsedMeasure
from importers.editions.known import edition_in_force, known_measures
from importers.editions.log_entries import agency_added, edition_applied, edition_reverted, other_name_given
from importers.editions.milestones import write_milestones
from importers.editions.new_agencies import agencies_of
from importers.editions.write import Work, write_measures, write_printed_rows
from importers.models import EditionReading
from importers.plans.compare import differences
from importers.plans.plan import MeasureChange, Plan, names_in
from reforms.models import ListEdition, PrintedRow, ReformList
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
    """Apply a plan to a saved list, whole or not at all.

    Raises BaseMoved when the plan is out of date, Unnumbered for a row without a number, and what `progress` raises.

    `other_names` are unseen names that a person said are other names of known agencies (by id).
    """
    named = {name: pk for name, pk in (other_names or {}).items() if name in plan.new_agencies}
    new = tuple(name for name in plan.new_agencies if name not in named)
    with transaction.atomic(), without_collector():
        # Whoever else applies or takes back an edition of this list waits here.
        locked = ReformList.objects.select_for_update().get(pk=reform_list.pk)
        edition = _new_edition(plan, locked, source)
        agencies = agencies_of(plan, new, named)
        work = Work(reform_list=locked, edition=edition, now=edition.imported_at, agencies=agencies, progress=progress)
        work.rows_to_write = _rows_to_write(plan)
        write_measures(work, plan)
        write_milestones(work, plan.printed, who=source.who, on=source.on)
        write_printed_rows(work, plan)
        EditionReading.keep(edition, plan.printed)
        # Before duties are derived: those with higher ids are new, and their holders are told.
        newest = newest_duty()
        work.settle_duties(plan)
        facts = {"edition": edition.number, "list": str(locked)}
        tell_new_holders_of_list(locked.pk, newest, facts=facts, on=source.on)
        names = [agency_added(agencies[name].pk, name) for name in new]
        names += [other_name_given(pk, name) for name, pk in named.items()]
        # Last, since it holds the lock of all writers to the commit.
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
        # Asked under the lock: since the plan was made another edition may have come.
        raise BaseMoved
    # First none, then the new one: a constraint allows one in force.
    reform_list.editions.update(is_in_force=False)
    # Those taken back count as well: a number is not used again.
    last = reform_list.editions.order_by("-number").first()
    if last is None:
        ReformList.objects.filter(pk=reform_list.pk).update(first_on=source.on)
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


class NothingBefore(Exception):
    """There is no edition to go back to, or what it said is not kept."""


class NotAsShown(Exception):
    """Taking the edition back would do something else by now than was shown; nothing was written."""


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
    """What taking `edition` back would change, and the edition that comes into force again. Writes nothing.

    Raises NothingBefore when `edition` is not in force or has none before it that can come back.
    """
    before = edition.before()
    if before is None or not edition.is_in_force:
        raise NothingBefore
    return _plan(before, _as_of(before))[0], before


def revert(
    edition: ListEdition, *, who: Principal, on: dt.date, shown: str | None = None, progress: Progress = unwatched
) -> ListEdition:
    """Take the edition in force back; the edition that is in force now. `shown` is the digest of the plan that a
    person has seen; None asks nothing.

    Raises BaseMoved when it no longer is, NothingBefore when there is none to go back to, NotAsShown for another plan,
    NamesGone where it is not known who must act, and what `progress` raises.
    """
    with transaction.atomic(), without_collector():
        reform_list = ReformList.objects.select_for_update().get(pk=edition.reform_list_id)
        # Asked again under the lock: the caller's edition may be out of date.
        if not ListEdition.objects.filter(pk=edition.pk, is_in_force=True).exists():
            raise BaseMoved
        before = edition.before()
        if before is None:
            raise NothingBefore
        plan, places = _plan(before, _as_of(before))
        if shown is not None and plan.digest != shown:
            raise NotAsShown
        _put_back(edition, before, who)
        work = Work(
            reform_list=reform_list,
            edition=before,
            now=timezone.now(),
            agencies=_agencies(plan),
            places=places,
            progress=progress,
        )
        # What is printed stays: only the measures are written.
        work.rows_to_write = _rows_to_write(plan) - len(plan.printed.measures)
        write_measures(work, plan)
        write_milestones(work, plan.printed, who=who, on=on)
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
    # Only after the other one was saved: a constraint allows one in force.
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
    # That edition may have left them as they were, too; so on back to the one that printed them.
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
