"""Work on whole editions as leased jobs: comparing two; looking what taking one back would change, and writing it.

Whoever holds the lease works; what a killed worker left is picked up by the next one, from its beginning.
"""

import logging
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.access import Principal, Verb, may, today
from agencies.lib.jobs.lease import Lease, LostLease
from agencies.lib.jobs.watch import Watch
from agencies.lib.progress import Cancelled, Progress
from agencies.models import User
from importers.editions.refusals import Refused
from importers.editions.taking_back import look, take_back
from importers.jobs.decide import NotReady
from importers.models import EditionJob, EditionReading, packed_json
from importers.plans.compare import as_dict, compare
from reforms.models import ListEdition

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 4
Kind, State = EditionJob.Kind, EditionJob.State


def watch_of(pk: int) -> Watch:
    """The watch on one job."""
    return Watch("edition", pk)


def comparison_of(before: ListEdition, edition: ListEdition) -> EditionJob | None:
    """The comparison of these two, under way or kept; None where nobody has asked for it."""
    return EditionJob.objects.filter(kind=Kind.COMPARISON, before=before, edition=edition).first()


def compare_later(before: ListEdition, edition: ListEdition) -> EditionJob:
    """Have the two compared, unless that is done or under way already. What failed is tried again."""
    job, _ = EditionJob.objects.get_or_create(
        kind=Kind.COMPARISON, before=before, edition=edition, defaults={"created_at": timezone.now()}
    )
    again = {"state": State.LOOKING, "attempts": 0, "created_at": timezone.now()}
    EditionJob.objects.filter(pk=job.pk, state=State.FAILED).update(**again)
    return job


def taking_back_of(edition: ListEdition) -> EditionJob | None:
    """The job that takes it back and is not over."""
    return EditionJob.objects.taking_back().filter(edition=edition).first()


def look_later(edition: ListEdition, kind: EditionJob.Kind) -> EditionJob:
    """Have somebody look what taking it back would change, or go on with the job that does."""
    wanted = {"kind": kind, "created_at": timezone.now()}
    # Two who ask at once get one job: a constraint lets an edition have one that is not over.
    job, _ = EditionJob.objects.taking_back().get_or_create(edition=edition, defaults=wanted)
    return job


def confirm(job: EditionJob, who: Principal, key: str) -> None:
    """Say yes to what was shown under `key`; the writing follows. Raises NotReady."""
    # By one conditional update: of two who confirm at once one finds it waiting, and what has moved on is not found.
    waiting = EditionJob.objects.filter(pk=job.pk, state=State.READY, key=key)
    facts = {"confirmed_by": who.label, "confirmed_by_user": who.user_id, "refusal": "", "attempts": 0}
    if not waiting.update(state=State.APPLYING, **facts):
        raise NotReady


def cancel(job: EditionJob) -> bool:
    """Stop it; one that is being worked on stops at its next step. Whether it stops, as far as one can tell."""
    told = watch_of(job.pk).cancel()
    idle = EditionJob.objects.filter(pk=job.pk, lease_until=None, state__in=EditionJob.OPEN)
    return bool(idle.exists() and idle.update(state=State.CANCELLED, finished_at=timezone.now())) or told


def run_waiting() -> int:
    """Forget what is kept no longer, and do every job that nobody is doing; how many were done."""
    EditionJob.objects.expired().delete()
    done = 0
    for pk in EditionJob.objects.claimable().values_list("pk", flat=True):
        try:
            done += run(pk)
        except Exception:  # one must not keep the others waiting; it is tried again when its lease is over
            log.exception("job %s on an edition failed", pk)
    return done


def run(pk: int) -> bool:
    """Take one job and do what it waits for; False when somebody else has it."""
    holder = secrets.token_hex(16)
    if not EditionJob.objects.filter(pk=pk).claimable().claim(holder):
        return False
    job = EditionJob.objects.select_related("edition__reform_list", "before").get(pk=pk)
    # One that ends its worker each time must not do so for ever.
    if job.attempts > MOST_ATTEMPTS:
        _finish(job, State.FAILED)
        return True
    with Lease(EditionJob.objects.filter(pk=pk, holder=holder)):
        try:
            _work(job)
        except Cancelled:
            _finish(job, State.CANCELLED)
        except LostLease:
            log.warning("job %s on an edition was taken over by another worker", pk)
    watch_of(pk).forget()
    return True


def _finish(job: EditionJob, state: EditionJob.State, **facts: Any) -> None:
    """Leave the job in `state` and give the lease back, when it is still ours."""
    mine = EditionJob.objects.filter(pk=job.pk, holder=job.holder)
    if not mine.update(state=state, lease_until=None, holder="", attempts=0, finished_at=timezone.now(), **facts):
        # Takes back whatever the transaction around this one has written.
        raise LostLease


def _work(job: EditionJob) -> None:
    # The edition may have gone with its list meanwhile.
    if job.edition is None:
        _finish(job, State.FAILED)
    elif job.kind == Kind.COMPARISON:
        _compare(job, job.edition)
    elif job.state == State.LOOKING:
        _look(job, job.edition)
    else:
        _take_back(job, job.edition)


def _compare(job: EditionJob, edition: ListEdition) -> None:
    # How far it is cannot be told: rows are matched by how alike they are.
    watch_of(job.pk).during("comparing")(0, 0)
    both = [EditionReading.objects.get(edition=one).parsed for one in (job.before, edition)]
    _finish(job, State.READY, content=packed_json(as_dict(compare(*both))))


def _look(job: EditionJob, edition: ListEdition, refusal: str = "") -> None:
    watch_of(job.pk).during("comparing")(0, 0)
    try:
        shown = look(edition, EditionJob.Kind(job.kind))
    except Refused as refused:
        _refuse(job, refused)
        return
    _finish(job, State.READY, content=packed_json(shown.facts), key=shown.key, refusal=refusal, names=[])


def _refuse(job: EditionJob, refused: Refused) -> None:
    _finish(job, State.REFUSED, refusal=refused.code, names=list(refused.names))


def _take_back(job: EditionJob, edition: ListEdition) -> None:
    """Write what was confirmed; where it would be something else by now, look again and ask again."""
    try:
        with transaction.atomic():
            _write(job, edition, watch_of(job.pk).during("writing"))
            # The job ends in the same transaction: it is applied exactly when its edition is taken back.
            _finish(job, State.APPLIED)
    except Refused as refused:
        if refused.code == "not_as_shown":
            _look(job, edition, refused.code)
        else:
            _refuse(job, refused)


def _write(job: EditionJob, edition: ListEdition, progress: Progress) -> None:
    who = _still_allowed(job)
    take_back(edition, EditionJob.Kind(job.kind), shown=job.key, who=who, on=today(), progress=progress)
    # Asked again at the end: long work may outlast a role.
    _still_allowed(job)


def _still_allowed(job: EditionJob) -> Principal:
    """Whoever confirmed it, as they are by now. Raises Refused when they may not do so any more."""
    user = User.objects.filter(pk=job.confirmed_by_user_id or 0, is_active=True).first()
    who = Principal.of_user(user) if user else None
    if who is None or not may(who, Verb.MANAGE_IMPORTS):
        raise Refused("not_allowed")
    return who
