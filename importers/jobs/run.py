"""Imports as leased jobs: read a document, plan it, wait for a person, apply it. Whoever holds the lease works; what a
killed worker left behind is picked up by the next one, from the last thing that was committed."""

import hashlib
import json
import logging
import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from agencies.access.principal import Principal
from agencies.clock import today
from agencies.models import Agency
from importers.documents.progress import Cancelled, Progress, unwatched
from importers.documents.sandbox.process import check_in_sandbox
from importers.documents.values import ParsedList
from importers.editions.apply import BaseMoved, Source, apply_plan
from importers.editions.known import plan_import
from importers.editions.new_list import list_for
from importers.editions.originals import keep_original, sha256_of
from importers.jobs.entered import Entered
from importers.jobs.lease import Lease, LostLease
from importers.jobs.planned_rows import planned_rows, totals
from importers.jobs.watch import Stage, Watch
from importers.models import ImportJob, PlannedRow, packed
from importers.plans.answers import Answer
from importers.plans.plan import Decline, Plan
from reforms.models import ReformList

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 4
NEW = "new"
NOTHING = Entered()
BASE_MOVED = "base_moved"
INTERRUPTED = "interrupted"


class NotReady(Exception):
    """The job is not waiting for a person: somebody else confirmed or cancelled it, or it is still being read."""


class NotAsShown(Exception):
    """Somebody has declined, decided or answered something since the plan was shown."""


class LookAgain(Exception):
    """What was entered with the confirmation changes what the import means; a person has to see that first."""


class Undecided(Exception):
    """Something only a person can settle is still open; `what` says which."""

    def __init__(self, what: tuple[str, ...]) -> None:
        super().__init__("、".join(what))
        self.what = what


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A document as somebody brings it: into a known list, or into a new one (by its title when it has one)."""

    name: str
    data: bytes
    reform_list: ReformList | None = None
    slug: str = ""
    year: int | None = None


def start(upload: Upload, who: Principal) -> ImportJob:
    """Keep the file and make the job; nothing has been read yet."""
    return ImportJob.objects.create(
        reform_list=upload.reform_list,
        slug=upload.slug,
        year=upload.year,
        file_name=upload.name,
        file_sha256=sha256_of(upload.data),
        original=keep_original(upload.data),
        created_at=timezone.now(),
        created_by=who.label,
        created_by_user_id=who.user_id,
    )


def run_waiting() -> int:
    """Do every job that nobody is doing; how many were done."""
    done = 0
    for pk in ImportJob.objects.claimable().values_list("pk", flat=True):
        try:
            done += run(pk)
        except (
            Exception
        ):  # one document must not keep the others waiting; this one is tried again when its lease is over
            log.exception("import %s failed", pk)
    return done


def run(pk: int) -> bool:
    """Take one job and do what it waits for; False when somebody else has it."""
    holder = secrets.token_hex(16)
    if not _claim(pk, holder):
        return False
    job = ImportJob.objects.get(pk=pk)
    if job.attempts > MOST_ATTEMPTS:
        _finish(job, holder, ImportJob.State.FAILED, error=_error(INTERRUPTED))
        return True
    with Lease(pk, holder):
        try:
            _work(job, holder)
        except Cancelled:
            _finish(job, holder, ImportJob.State.CANCELLED)
        except LostLease:
            log.warning("import %s was taken over by another worker", pk)
    Watch(pk).forget()
    return True


def _claim(pk: int, holder: str) -> bool:
    """The update is conditional, so one caller wins."""
    taken = ImportJob.objects.filter(pk=pk).claimable()
    until = Now() + Lease.LENGTH
    return taken.update(lease_until=until, holder=holder, attempts=F("attempts") + 1) == 1


def _work(job: ImportJob, holder: str) -> None:
    if job.state == ImportJob.State.READING:
        _read(job, holder)
    else:
        _apply(job, holder)


def _finish(job: ImportJob, holder: str, state: ImportJob.State, **facts: Any) -> None:
    """Leave the job in `state` and give the lease back, when it is still ours."""
    mine = ImportJob.objects.filter(pk=job.pk, holder=holder)
    with transaction.atomic():
        if not mine.update(state=state, lease_until=None, holder="", attempts=0, **facts):
            raise LostLease
        if state != ImportJob.State.READY:
            _end(job.pk)


def _end(pk: int) -> None:
    """Of a job that is over only the receipt is kept, with the rows that were declined; the edition has the rest."""
    ImportJob.objects.filter(pk=pk).update(finished_at=timezone.now(), reading=None)
    PlannedRow.objects.filter(job=pk, is_declined=False).delete()


def _error(kind: str, message: str = "", where: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "message": message, "where": where}


# Reading and planning ---------------------------------------------------------------------------


def _read(job: ImportJob, holder: str) -> None:
    """Read the document, unless that was done before, and plan."""
    watch = Watch(job.pk)
    parsed = job.parsed if job.reading is not None else _read_file(job, watch)
    if parsed.error:
        error = _error(parsed.error.kind, parsed.error.message, parsed.error.cell)
        _finish(job, holder, ImportJob.State.REJECTED, error=error)
        return
    job.reading = job.reading or packed(parsed)
    job.reform_list = job.reform_list or _list_called(parsed, job.slug)
    _make_plan(job, holder, parsed, watch.during(Stage.PLANNING))


def _read_file(job: ImportJob, watch: Watch) -> ParsedList:
    with job.original.open("rb") as file:
        data = file.read()
    return check_in_sandbox(data, job.file_name, job.year, progress=watch.during(Stage.READING))


def _list_called(parsed: ParsedList, slug: str) -> ReformList | None:
    """The list that a document belongs to when nobody chose one: that of the wanted address, else of its title."""
    if slug:
        return ReformList.objects.filter(slug=slug).first()
    return ReformList.objects.filter(title=parsed.title).first() if parsed.title else None


def _make_plan(job: ImportJob, holder: str, parsed: ParsedList, progress: Progress, **facts: Any) -> None:
    """Plan, keep what it says of every row, and wait for a person."""
    plan = plan_of(job, parsed)
    with transaction.atomic():
        keep_plan(job, plan, progress)
        _finish(
            job,
            holder,
            ImportJob.State.READY,
            reading=job.reading,
            reform_list=job.reform_list,
            base_edition=plan.edition_in_force,
            plan_digest=plan.digest,
            totals=totals(plan),
            agencies=job.agencies,
            **facts,
        )


def plan_of(job: ImportJob, parsed: ParsedList) -> Plan:
    """The plan of a job with the answers given so far."""
    return plan_import(parsed, job.reform_list, tuple(map(Answer.of_json, job.answers)))


def keep_plan(job: ImportJob, plan: Plan, progress: Progress) -> None:
    """Replace the planned rows; what was declined before and is still a change stays declined."""
    declined = set(declines_of(job))
    job.rows.all().delete()
    rows = list(planned_rows(job, plan))
    for at in range(0, len(rows), 500):
        batch = rows[at : at + 500]
        for row in batch:
            row.is_declined = row.is_a_change and decline_of(row) in declined
        PlannedRow.objects.bulk_create(batch)
        progress(at + len(batch), len(rows))
    job.agencies = {name: _decision(job, plan, name) for name in plan.new_agencies}


def _decision(job: ImportJob, plan: Plan, name: str) -> str | int:
    """What was decided about an unseen name; the names of a first edition are new unless a person says otherwise."""
    is_first = plan.edition_in_force is None
    decided: str | int = job.agencies.get(name, NEW if is_first else "")
    nobody_was_asked = decided == NEW and job.base_edition is None and not is_first
    return "" if nobody_was_asked else decided


def decline_of(row: PlannedRow) -> Decline:
    return Decline("row", row.row) if row.row is not None else Decline("measure", row.measure_id or 0)


def declines_of(job: ImportJob) -> list[Decline]:
    return [decline_of(row) for row in job.rows.filter(is_declined=True).only("row", "measure_id")]


# What a person decides --------------------------------------------------------------------------


def take_in(job: ImportJob, entered: Entered, key: str = "") -> bool:
    """Keep what a person entered; after answers the plan is made again by whoever runs the job. Raises NotReady.

    False when the plan is no longer the one shown under `key`: somebody else has entered something.
    """
    with transaction.atomic():
        locked = _waiting(job)
        is_as_shown = not key or key_of(locked) == key
        _keep(locked, entered)
    return is_as_shown


def _keep(locked: ImportJob, entered: Entered) -> None:
    for declined in (True, False):
        changes = _changes(locked).filter(_any_of([one for one, is_so in entered.ticks.items() if is_so is declined]))
        changes.update(is_declined=declined)
    if entered.whole is not None:
        _changes(locked).update(is_declined=entered.whole)
    locked.agencies = {name: entered.agencies.get(name, known) for name, known in locked.agencies.items()}
    if entered.answers:
        kept = {one.key: one for one in (*map(Answer.of_json, locked.answers), *entered.answers)}
        locked.answers = [one.as_json() for one in kept.values()]
        locked.state = ImportJob.State.READING
    locked.save(update_fields=["agencies", "answers", "state"])


def _changes(job: ImportJob) -> QuerySet[PlannedRow]:
    return job.rows.exclude(kind=PlannedRow.Kind.UNCHANGED)


def _any_of(changes: list[Decline]) -> Q:
    rows = [one.number for one in changes if one.of == "row"]
    measures = [one.number for one in changes if one.of == "measure"]
    return Q(row__in=rows) | Q(row=None, measure__in=measures)


def _waiting(job: ImportJob) -> ImportJob:
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    if locked.state != ImportJob.State.READY:
        raise NotReady
    return locked


def cancel(job: ImportJob) -> None:
    """Stop a job; one that is being worked on stops at its next step. Nothing of it stays in the list."""
    Watch(job.pk).cancel()
    idle = ImportJob.objects.filter(pk=job.pk, lease_until=None, state__in=("reading", "ready", "applying"))
    if idle.exists():  # an update would wait for whoever is writing
        with transaction.atomic():
            if idle.update(state=ImportJob.State.CANCELLED):
                _end(job.pk)


# Applying ---------------------------------------------------------------------------------------


def open_questions(job: ImportJob) -> tuple[str, ...]:
    """What stands in the way of confirming, a code each: `unnumbered`, `agencies`, `nothing`."""
    found = []
    if job.totals.get("unnumbered"):
        found.append("unnumbered")
    if not all(job.agencies.values()):
        found.append("agencies")
    if not _changes(job).filter(is_declined=False).exists():
        found.append("nothing")
    return tuple(found)


def key_of(job: ImportJob) -> str:
    """What a person sees and says yes to: the plan with what was declined and decided."""
    seen = [job.plan_digest, sorted(declines_of(job)), sorted(job.agencies.items())]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def confirm(job: ImportJob, who: Principal, key: str, entered: Entered = NOTHING) -> None:
    """Keep what a person entered and say yes to it with what was shown under `key`; the writing follows.

    Raises NotReady (nothing is kept), or NotAsShown, LookAgain or Undecided (what was entered is kept).
    """
    with transaction.atomic():
        locked = _waiting(job)
        is_as_shown = key_of(locked) == key
        _keep(locked, entered)
        hindrance = _hindrance(locked, entered, is_as_shown=is_as_shown)
        if hindrance is None:
            locked.state, locked.confirmed_by, locked.confirmed_by_user_id = "applying", who.label, who.user_id
            locked.error, locked.attempts = None, 0
            locked.save()
    if hindrance is not None:  # only here, so that what was entered is not rolled back
        raise hindrance


def _hindrance(locked: ImportJob, entered: Entered, *, is_as_shown: bool) -> Exception | None:
    if not is_as_shown:
        return NotAsShown()
    if entered.needs_another_look:
        return LookAgain()
    still_open = open_questions(locked)
    return Undecided(still_open) if still_open else None


def _apply(job: ImportJob, holder: str) -> None:
    """Write the confirmed plan; when the list has moved on meanwhile, or a name is no longer known that was, plan
    again and ask again."""
    parsed, watch = job.parsed, Watch(job.pk)
    job.reform_list = job.reform_list or _list_called(parsed, job.slug)
    plan = plan_of(job, parsed)
    if plan.digest != job.plan_digest or not job.agencies.keys() >= set(plan.new_agencies):
        _ask_again(job, holder, parsed)
        return
    try:
        with transaction.atomic():
            _write(job, holder, plan.without(declines_of(job)), watch.during(Stage.WRITING))
    except BaseMoved:
        _ask_again(job, holder, parsed)


def _ask_again(job: ImportJob, holder: str, parsed: ParsedList) -> None:
    _make_plan(job, holder, parsed, unwatched, error=_error(BASE_MOVED))


def _write(job: ImportJob, holder: str, plan: Plan, progress: Progress) -> None:
    reform_list = job.reform_list or list_for(plan.printed, slug=job.slug, year=job.year, on=today())
    other_names = {name: pk for name, pk in job.agencies.items() if isinstance(pk, int)}
    receipt = apply_plan(plan, reform_list, _source(job), other_names=_living(other_names), progress=progress)
    _finish(
        job,
        holder,
        ImportJob.State.APPLIED,
        edition=receipt.edition,
        reform_list=reform_list,
        totals={**job.totals, "receipt": _receipt(receipt)},
    )


def _living(other_names: dict[str, int]) -> dict[str, int]:
    known = set(Agency.objects.filter(pk__in=other_names.values()).values_list("pk", flat=True))
    return {name: pk for name, pk in other_names.items() if pk in known}


def _source(job: ImportJob) -> Source:
    who = Principal(label=job.confirmed_by, user_id=job.confirmed_by_user_id)
    return Source(
        file_name=job.file_name, file_sha256=job.file_sha256, actor=who, on=today(), original=job.original.name or ""
    )


def _receipt(receipt: Any) -> dict[str, Any]:
    names = ("added", "changed", "withdrawn", "unchanged", "declined")
    return {name: getattr(receipt, name) for name in names} | {"new_agencies": list(receipt.new_agencies)}
