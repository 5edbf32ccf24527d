"""Imports as leased jobs: read a document, plan it, wait for a person, apply it. Whoever holds the lease works; what a
killed worker left behind is picked up by the next one, from the last thing that was committed."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.access import Principal, today
from agencies.lib.jobs.lease import Lease, LostLease
from agencies.lib.jobs.watch import Watch
from agencies.lib.progress import Cancelled, Progress, unwatched
from agencies.models import Agency
from importers.documents.layout.given import GivenColumns
from importers.documents.sandbox.process import check_in_sandbox
from importers.documents.values import ParsedList
from importers.editions.apply import BaseMoved, Source, apply_plan
from importers.editions.known import plan_import
from importers.editions.new_list import list_for
from importers.editions.originals import keep_original, sha256_of
from importers.jobs.decide import NEW, columns_of, decline_of, declines_of, end_watch
from importers.jobs.planned_rows import planned_rows, stored, totals
from importers.jobs.watch import JobStage, watch_of
from importers.models import ImportJob, PlannedRow, packed
from importers.plans.plan import Answer, Plan
from reforms.models import ReformList

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 4
BASE_MOVED = "base_moved"
INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A document as somebody brings it: into a known list, or into a new one (by its title when it has one)."""

    name: str
    data: bytes
    reform_list: ReformList | None = None
    slug: str = ""
    year: int | None = None
    title: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


def start(upload: Upload, who: Principal) -> ImportJob:
    """Keep the file and make the job; nothing has been read yet."""
    return _new_job(
        who,
        reform_list=upload.reform_list,
        slug=upload.slug,
        year=upload.year,
        title=upload.title,
        about=dict(upload.about),
        file_name=upload.name,
        file_sha256=sha256_of(upload.data),
        original=keep_original(upload.data),
    )


def start_again(job: ImportJob, given: GivenColumns, who: Principal) -> ImportJob:
    """Another job for the same file, with its columns as a person says."""
    return _new_job(
        who,
        reform_list=job.reform_list,
        slug=job.slug,
        title=job.title,
        about=job.about,
        year=job.year,
        columns=given.text,
        # What was settled of cells holds for as long as they read the same.
        answers=job.answers,
        agencies=job.agencies,
        file_name=job.file_name,
        file_sha256=job.file_sha256,
        original=job.original.name,
    )


def _new_job(who: Principal, **facts: Any) -> ImportJob:
    return ImportJob.objects.create(
        created_at=timezone.now(), created_by=who.label, created_by_user_id=who.user_id, **facts
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
    """Take one job and do what it waits for; False when somebody else has it.

    What goes wrong otherwise is raised; the job is tried again when its lease has run out.
    """
    holder = secrets.token_hex(16)
    if not _claim(pk, holder):
        return False
    job = ImportJob.objects.get(pk=pk)
    # A document that ends its worker each time must not do so for ever.
    if job.attempts > MOST_ATTEMPTS:
        _finish(job, holder, ImportJob.State.FAILED, error=_error(INTERRUPTED))
        return True
    with Lease(ImportJob.objects.filter(pk=pk, holder=holder)):
        try:
            _work(job, holder)
        except Cancelled as wish:
            _finish(job, holder, ImportJob.State.CANCELLED, cancelled_by=wish.by)
        except LostLease:
            log.warning("import %s was taken over by another worker", pk)
    # A wish to cancel that came too late must not stop the next step of the job.
    watch_of(pk).forget()
    return True


def _claim(pk: int, holder: str) -> bool:
    return ImportJob.objects.filter(pk=pk).claimable().claim(holder)


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
            # Takes back whatever the transaction around this one has written.
            raise LostLease
        if state != ImportJob.State.READY:
            end_watch(job.pk)


def _error(kind: str, message: str = "", where: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "message": message, "where": where}


def _read(job: ImportJob, holder: str) -> None:
    """Read the document, unless that was done before, and plan."""
    watch = watch_of(job.pk)
    parsed = job.parsed if job.reading is not None else _read_file(job, watch)
    if parsed.error:
        error = _error(parsed.error.kind, parsed.error.message, parsed.error.cell)
        error |= {"said": stored(parsed.error), "first_rows": [list(row) for row in parsed.first_rows]}
        _finish(job, holder, ImportJob.State.REJECTED, error=error)
        return
    if job.reform_list is None:
        parsed = _of_its_list(job, parsed, watch)
    # Kept with the plan, so that answers are put in without reading the file again.
    job.reading = job.reading or packed(parsed)
    _make_plan(job, holder, parsed, watch.during(JobStage.PLANNING))


def _read_file(job: ImportJob, watch: Watch) -> ParsedList:
    with job.original.open("rb") as file:
        data = file.read()
    given, progress = columns_of(job), watch.during(JobStage.READING)
    return check_in_sandbox(data, job.file_name, job.year, given=given, progress=progress)


def _of_its_list(job: ImportJob, parsed: ParsedList, watch: Watch) -> ParsedList:
    """Find the list a document belongs to, and read it by what was said of the edition before."""
    job.reform_list = _list_called(parsed, job.slug)
    if job.reading is not None or job.reform_list is None or not job.reform_list.columns or job.columns:
        return parsed
    again = _read_file(job, watch)
    return parsed if again.error else again


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
    # `new` was only assumed, for a first edition; meanwhile another import has made this a later one.
    nobody_was_asked = decided == NEW and job.base_edition is None and not is_first
    return "" if nobody_was_asked else decided


# Applying ---------------------------------------------------------------------------------------


def _apply(job: ImportJob, holder: str) -> None:
    """Write the confirmed plan; when the list has moved on meanwhile, or a name is no longer known that was, plan
    again and ask again."""
    parsed, watch = job.parsed, watch_of(job.pk)
    job.reform_list = job.reform_list or _list_called(parsed, job.slug)
    plan = plan_of(job, parsed)
    # What was confirmed is a plan, and this one has to be the same.
    if plan.digest != job.plan_digest or not job.agencies.keys() >= set(plan.new_agencies):
        _ask_again(job, holder, parsed)
        return
    try:
        with transaction.atomic():
            _write(job, holder, plan.without(declines_of(job)), watch.during(JobStage.WRITING))
    except BaseMoved:
        _ask_again(job, holder, parsed)


def _ask_again(job: ImportJob, holder: str, parsed: ParsedList) -> None:
    _make_plan(job, holder, parsed, unwatched, error=_error(BASE_MOVED))


def _write(job: ImportJob, holder: str, plan: Plan, progress: Progress) -> None:
    reform_list = job.reform_list or list_for(
        plan.printed, slug=job.slug, year=job.year, title=job.title, about=job.about, on=today()
    )
    other_names = {name: pk for name, pk in job.agencies.items() if isinstance(pk, int)}
    if job.columns:
        ReformList.objects.filter(pk=reform_list.pk).update(columns=job.columns)
    # The job ends in the same transaction: it is applied exactly when its edition is there.
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
    # An agency that is gone since is nobody's other name; the name is then a new one.
    known = set(Agency.objects.filter(pk__in=other_names.values()).values_list("pk", flat=True))
    return {name: pk for name, pk in other_names.items() if pk in known}


def _source(job: ImportJob) -> Source:
    who = Principal(label=job.confirmed_by, user_id=job.confirmed_by_user_id)
    return Source(
        file_name=job.file_name, file_sha256=job.file_sha256, who=who, on=today(), original=job.original.name or ""
    )


def _receipt(receipt: Any) -> dict[str, Any]:
    names = ("added", "changed", "withdrawn", "unchanged", "declined")
    return {name: getattr(receipt, name) for name in names} | {"new_agencies": list(receipt.new_agencies)}
