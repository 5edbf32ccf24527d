"""Two who act at once: measures held to the end of a transaction, versions that were seen, and requests that came twice
(with one Idempotency-Key), of which the first is answered."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from reforms.models.lists import ReformList
from reforms.models.measures import Measure


def lock_measure(measure_id: int) -> Measure:
    """The measure with its list, held to the end of the transaction: whoever acts on it waits here.
    Raises Measure.DoesNotExist."""
    # no_key: rows that point at the measure may still be added. of: its list is read with it, but not held.
    return Measure.objects.select_for_update(no_key=True, of=("self",)).select_related("reform_list").get(pk=measure_id)


def lock_whole_measures(measure_ids: Iterable[int]) -> list[Measure]:
    """Many of them, as `lock_measure` reads one, in the order of `lock_measures`. Raises Measure.DoesNotExist."""
    asked = set(measure_ids)
    held = Measure.objects.select_for_update(no_key=True, of=("self",)).select_related("reform_list")
    found = list(held.filter(pk__in=asked).order_by("pk"))
    if len(found) != len(asked):
        raise Measure.DoesNotExist
    return found


def lock_measures(measure_ids: Iterable[int]) -> list[int]:
    """Hold these measures to the end of the transaction, so that nobody reports on a duty that is being moved."""
    # By id, always: two who hold several measures in different orders would wait for each other for ever.
    held = Measure.objects.select_for_update(no_key=True).filter(pk__in=set(measure_ids)).order_by("pk")
    return list(held.values_list("pk", flat=True))


def lock_measures_of(reform_list: ReformList) -> None:
    """The same for every measure of a list, in the same order."""
    # Asking the database is what takes the locks; of the rows nothing is needed.
    list(
        Measure.objects.select_for_update(no_key=True).filter(reform_list=reform_list).order_by("pk").values_list("pk")
    )


class Stale(Exception):
    """The object moved on since it was looked at; `current` is what it is now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(str(current))
        self.current = current


def check_version(current: models.Model, seen: int | None) -> None:
    """Raises Stale unless `current.version` is the one that was seen; None asks nothing."""
    if seen is not None and seen != current.version:  # type: ignore[attr-defined]  # every model that is decided on has one
        raise Stale(current)


class IdempotentRequest(models.Model):
    """One key of one caller (`t` and a token's id, or `u` and a person's). Kept for a day.

    `key` and `fingerprint` are SHA-256 in hexadecimal. While `status` is empty somebody works on it until
    `leased_until`; whoever comes after that takes it over, and `turn` counts them.
    """

    caller = models.CharField(max_length=24)
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    turn = models.PositiveIntegerField(default=1)
    leased_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("caller", "key"), name="one_request_per_key")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key[:8]} {self.status or '…'}"


KEPT = dt.timedelta(hours=24)
LEASE = dt.timedelta(minutes=2)  # longer than the server lets a request run
SWEPT_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered: HTTP status, body as sent, and the headers that belong to it."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The right to do what was asked, and the duty to end it with `finish` or `abandon`."""

    request_id: int
    number: int


class KeyTaken(Exception):
    """The key was used for something else."""


class KeyInUse(Exception):
    """The same request is being worked on."""


def start(caller: str, key: str, fingerprint: str) -> Attempt | KeptAnswer:
    """A turn for whoever is first, the first answer for whoever comes after. Raises KeyTaken, KeyInUse."""
    now = timezone.now()
    forget_old(now)
    hashed = digest(key)
    try:
        # On PostgreSQL a refused insert would spoil a transaction around it; this one takes it back alone.
        with transaction.atomic():
            made = IdempotentRequest.objects.create(
                caller=caller, key=hashed, fingerprint=fingerprint, leased_until=now + LEASE, created_at=now
            )
    except IntegrityError:
        return _again(caller, hashed, fingerprint, now)
    return Attempt(made.pk, made.turn)


def _again(caller: str, hashed: str, fingerprint: str, now: dt.datetime) -> Attempt | KeptAnswer:
    earlier = IdempotentRequest.objects.filter(caller=caller, key=hashed).first()
    if earlier is None:  # given up between the two looks
        raise KeyInUse
    if earlier.fingerprint != fingerprint:
        raise KeyTaken
    if earlier.status is not None:
        return KeptAnswer(earlier.status, earlier.body, earlier.headers)
    # Filtered on the turn that was seen: of two who find the lease run out, only one changes the row.
    taken = IdempotentRequest.objects.filter(pk=earlier.pk, turn=earlier.turn, status=None, leased_until__lte=now)
    if not taken.update(turn=earlier.turn + 1, leased_until=now + LEASE):
        raise KeyInUse
    return Attempt(earlier.pk, earlier.turn + 1)


def finish(attempt: Attempt, answer: KeptAnswer) -> None:
    """The answer for all who come again; of one whose turn was taken over nothing is kept."""
    own = IdempotentRequest.objects.filter(pk=attempt.request_id, turn=attempt.number, status=None)
    own.update(status=answer.status, body=answer.body, headers=answer.headers)


def abandon(attempt: Attempt) -> None:
    """Nothing was done: the key is free again."""
    IdempotentRequest.objects.filter(pk=attempt.request_id, turn=attempt.number, status=None).delete()


def forget_old(now: dt.datetime) -> None:
    """Delete what was kept long enough, a few at a time; two that do so at once do not wait for each other."""
    old = IdempotentRequest.objects.filter(created_at__lte=now - KEPT)
    # Asked first, since the transaction below waits for every other writer on SQLite, also with nothing to delete.
    if not old.exists():
        return
    with transaction.atomic():
        some = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:SWEPT_AT_ONCE])
        IdempotentRequest.objects.filter(pk__in=some).delete()


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
