"""What a person decides about an import: ticks, agencies, answers, confirming, cancelling."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies.access import Principal
from importers.documents.grammar.roles import Unmarked
from importers.documents.layout.given import NOT_GIVEN, GivenColumns
from importers.documents.layout.legend import MarkRole
from importers.jobs.watch import watch_of
from importers.models import ImportJob, PlannedRow
from importers.plans.plan import Answer, Decline


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Only what differs from what was shown, so that it takes back nothing that somebody else entered meanwhile.

    `ticks` says of a change whether it is declined; `whole` of every change (None: of none). `agencies` holds `new` or
    the id of the agency an unseen name belongs to, `who_leads` the answer to 列第一位的为牵头单位？, `marks` what each
    mark means.
    """

    ticks: Mapping[Decline, bool] = field(default_factory=dict)
    whole: bool | None = None
    agencies: Mapping[str, str | int] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    who_leads: Unmarked | None = None
    marks: Mapping[str, MarkRole] = field(default_factory=dict)

    @property
    def is_read_anew(self) -> bool:
        """Whether the document has to be read again from its beginning."""
        return bool(self.who_leads or self.marks)

    @property
    def needs_another_look(self) -> bool:
        """Whether the import means something else than was shown, apart from which changes are made."""
        return bool(self.agencies or self.answers or self.is_read_anew)


def name_of(change: Decline) -> str:
    """What a change is called in forms: it stays the same when the plan is made again."""
    return f"{change.of}-{change.number}"


def named(name: str) -> Decline | None:
    """The change of that name; None when it is none."""
    of, _, number = name.partition("-")
    if not is_number(number):
        return None
    return Decline("row", int(number)) if of == "row" else Decline("measure", int(number)) if of == "measure" else None


def is_number(text: str) -> bool:
    """Whether a text is a number that every database can hold: no superscript, no digit of another script."""
    return text.isascii() and text.isdecimal() and len(text) < 10


NEW = "new"


NOTHING = Entered()


class NotReady(Exception):
    """The job is not waiting for a person: somebody else confirmed or cancelled it, or it is still being read."""


class PlanNotAsShown(Exception):
    """Somebody has declined, decided or answered something since the plan was shown."""


class LookAgain(Exception):
    """What was entered with the confirmation changes what the import means; a person has to see that first."""


class Undecided(Exception):
    """Something only a person can settle is still open; `what` says which."""

    def __init__(self, what: tuple[str, ...]) -> None:
        super().__init__("、".join(what))
        self.what = what


def end_watch(pk: int) -> None:
    """Of a job that is over only the receipt is kept, with the rows that were declined; the edition has the rest."""
    ImportJob.objects.filter(pk=pk).update(finished_at=timezone.now(), reading=None)
    PlannedRow.objects.filter(job=pk, is_declined=False).delete()


def decline_of(row: PlannedRow) -> Decline:
    """How declining this row is named."""
    return Decline("row", row.row) if row.row is not None else Decline("measure", row.measure_id or 0)


def declines_of(job: ImportJob) -> list[Decline]:
    """The changes of a job that are declined."""
    return [decline_of(row) for row in job.rows.filter(is_declined=True).only("row", "measure_id")]


def take_in(job: ImportJob, entered: Entered, key: str = "") -> bool:
    """Keep what a person entered; after answers the plan is made again by whoever runs the job. Raises NotReady.

    False when the plan is no longer the one shown under `key`: somebody else has entered something.
    """
    with transaction.atomic():
        locked = _waiting(job)
        # Asked before anything is kept: what this person enters must not count as a change.
        is_as_shown = not key or key_of(locked) == key
        _keep(locked, entered)
    return is_as_shown


def _keep(locked: ImportJob, entered: Entered) -> None:
    for declined in (True, False):
        changes = _changes(locked).filter(_any_of([one for one, is_so in entered.ticks.items() if is_so is declined]))
        changes.update(is_declined=declined)
    if entered.whole is not None:
        _changes(locked).update(is_declined=entered.whole)
    # Only names that the plan still has: the page may have been shown before it was made again.
    locked.agencies = {name: entered.agencies.get(name, known) for name, known in locked.agencies.items()}
    if entered.answers:
        kept = {one.key: one for one in (*map(Answer.of_json, locked.answers), *entered.answers)}
        locked.answers = [one.as_json() for one in kept.values()]
        locked.state = ImportJob.State.READING
    if entered.is_read_anew:
        said = columns_of(locked).with_marks(entered.marks)
        locked.columns = (said.with_leads(entered.who_leads) if entered.who_leads else said).text
        locked.reading, locked.state = None, ImportJob.State.READING
    locked.save(update_fields=["agencies", "answers", "columns", "reading", "state"])


def columns_of(job: ImportJob) -> GivenColumns:
    """What was said of the columns of its document and of who leads, for this import or for its list before."""
    kept = job.columns or (job.reform_list.columns if job.reform_list else "")
    return GivenColumns.of_text(kept) if kept else NOT_GIVEN


def _changes(job: ImportJob) -> QuerySet[PlannedRow]:
    return job.rows.exclude(kind=PlannedRow.Kind.UNCHANGED)


def _any_of(changes: list[Decline]) -> Q:
    rows = [one.number for one in changes if one.of == "row"]
    measures = [one.number for one in changes if one.of == "measure"]
    # A row of the document has its number; a measure that is no longer printed has none, and goes by its id.
    return Q(row__in=rows) | Q(row=None, measure__in=measures)


def _waiting(job: ImportJob) -> ImportJob:
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    if locked.state != ImportJob.State.READY:
        raise NotReady
    return locked


def cancel(job: ImportJob, who: Principal) -> bool:
    """Stop a job; one that is being worked on stops at its next step. Nothing of it stays in the list.

    `who` is kept. Whether it stops: it does not while somebody works on it who cannot be told.
    """
    told = watch_of(job.pk).cancel(who.label)
    # Nobody works on it: then it ends here, and need not hear of it.
    idle = ImportJob.objects.filter(pk=job.pk, lease_until=None, state__in=("reading", "ready", "applying"))
    if idle.exists():  # an update would wait for whoever is writing
        with transaction.atomic():
            if idle.update(state=ImportJob.State.CANCELLED, cancelled_by=who.label):
                end_watch(job.pk)
                return True
    return told


def open_questions(job: ImportJob) -> tuple[str, ...]:
    """What stands in the way of confirming, a code each: `marks`, `who_leads`, `unnumbered`, `agencies`, `nothing`."""
    found = [one for one in ("marks", "who_leads") if job.totals.get(one)]
    if job.totals.get("unnumbered"):
        found.append("unnumbered")
    # Each unseen name has to be said yes to, so that a misprint does not become an agency.
    if not all(job.agencies.values()):
        found.append("agencies")
    if not _changes(job).filter(is_declined=False).exists():
        found.append("nothing")
    return tuple(found)


def key_of(job: ImportJob) -> str:
    """What a person sees and says yes to: the plan with what was declined and decided."""
    # Sorted: the same decisions in another order are the same plan.
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
            # Attempts count for each step; those of reading say nothing of writing.
            locked.error, locked.attempts = None, 0
            locked.save()
    if hindrance is not None:  # only here, so that what was entered is not rolled back
        raise hindrance


def _hindrance(locked: ImportJob, entered: Entered, *, is_as_shown: bool) -> Exception | None:
    if not is_as_shown:
        return PlanNotAsShown()
    if entered.needs_another_look:
        return LookAgain()
    still_open = open_questions(locked)
    return Undecided(still_open) if still_open else None
