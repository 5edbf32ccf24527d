"""Once per key: a request sent again with the same Idempotency-Key and content gets the first answer.

A key belongs to one caller for a day. Whoever brings it first has a turn; whoever brings it meanwhile is told that it
is being worked on. A turn that was not ended (the process died) can be taken over when its lease has run out: that what
was already committed is not done twice is then the deed's own affair (form_key, external_ref, version).
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from reforms.models import IdempotentRequest

KEPT = dt.timedelta(hours=24)
LEASE = dt.timedelta(minutes=2)  # longer than the server lets a request run
SWEPT_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: HTTP status, body as sent, and the headers that belong to it."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to do what was asked, and the duty to end it with `keep` or `give_up`."""

    request_id: int
    number: int


class KeyReused(Exception):
    """The key was used for something else."""


class InProgress(Exception):
    """The same request is being worked on."""


def begin(caller: str, key: str, fingerprint: str) -> Turn | Answer:
    """A turn for whoever is first, the first answer for whoever comes after. Raises KeyReused, InProgress."""
    now = timezone.now()
    forget_old(now)
    hashed = digest(key)
    try:
        with transaction.atomic():
            made = IdempotentRequest.objects.create(
                caller=caller, key=hashed, fingerprint=fingerprint, leased_until=now + LEASE, created_at=now
            )
    except IntegrityError:
        return _again(caller, hashed, fingerprint, now)
    return Turn(made.pk, made.turn)


def _again(caller: str, hashed: str, fingerprint: str, now: dt.datetime) -> Turn | Answer:
    earlier = IdempotentRequest.objects.filter(caller=caller, key=hashed).first()
    if earlier is None:  # given up between the two looks
        raise InProgress
    if earlier.fingerprint != fingerprint:
        raise KeyReused
    if earlier.status is not None:
        return Answer(earlier.status, earlier.body, earlier.headers)
    taken = IdempotentRequest.objects.filter(pk=earlier.pk, turn=earlier.turn, status=None, leased_until__lte=now)
    if not taken.update(turn=earlier.turn + 1, leased_until=now + LEASE):
        raise InProgress
    return Turn(earlier.pk, earlier.turn + 1)


def keep(turn: Turn, answer: Answer) -> None:
    """The answer for all who come again; of one whose turn was taken over nothing is kept."""
    own = IdempotentRequest.objects.filter(pk=turn.request_id, turn=turn.number, status=None)
    own.update(status=answer.status, body=answer.body, headers=answer.headers)


def give_up(turn: Turn) -> None:
    """Nothing was done: the key is free again."""
    IdempotentRequest.objects.filter(pk=turn.request_id, turn=turn.number, status=None).delete()


def forget_old(now: dt.datetime) -> None:
    """Delete what was kept long enough, a few at a time; two that do so at once do not wait for each other."""
    old = IdempotentRequest.objects.filter(created_at__lte=now - KEPT)
    if not old.exists():
        return
    with transaction.atomic():
        some = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:SWEPT_AT_ONCE])
        IdempotentRequest.objects.filter(pk__in=some).delete()


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
