"""Writing the change log. `record` is the last statement of every writing transaction."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db import connection, models
from django.dispatch import Signal
from django.utils import timezone

from agencies.access import Principal
from agencies.lib.bulk import insert
from agencies.lib.requests import current_request_id
from agencies.models import Change, ChangeHead

Facts = dict[str, Any]
COLUMNS = [column.attname for column in Change._meta.concrete_fields]
# Columns that came later. Left empty they are left out of the hash, so that rows written before them still verify.
LATER_COLUMNS = frozenset({"role"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be logged: an action on one object, with what it was before and is after (JSON values).

    `on` is the business date of what is entered later than it happened.
    """

    action: str
    kind: str
    object_id: int
    visibility: Change.Visibility
    agency_id: int | None = None
    before: Facts = field(default_factory=dict)
    after: Facts = field(default_factory=dict)
    reason: str = ""
    on: dt.date | None = None


# Sent with the new `rows` before the transaction ends: what is derived from the log is written in the same commit.
recorded = Signal()


def record(entries: Iterable[Entry], *, who: Principal, on: dt.date) -> int:
    """Append `entries` in order; the sequence reached. Raises RuntimeError outside the transaction it tells of."""
    if not connection.in_atomic_block:
        raise RuntimeError("log.record must be called inside the transaction whose work it records")
    # The lock that orders all writers is held from here to the commit.
    head = advance_head()
    now = timezone.now()
    rows = []
    for entry in entries:
        head.sequence += 1
        row = _row(entry, head, who=who, on=on, now=now)
        head.hash = row.hash
        rows.append(row)
    if rows:
        insert(Change, COLUMNS, list(map(attrgetter(*COLUMNS), rows)))
        head.save(update_fields=["sequence", "hash"])
        recorded.send(sender=Change, rows=rows)
    return head.sequence


def advance_head() -> ChangeHead:
    """The head row, locked until commit."""
    head, _ = ChangeHead.objects.select_for_update().get_or_create(pk=1)
    return head


def _row(entry: Entry, head: ChangeHead, *, who: Principal, on: dt.date, now: dt.datetime) -> Change:
    row = Change(
        sequence=head.sequence,
        recorded_at=now,
        on=entry.on or on,
        actor=who.label,
        role=who.role,
        user_id=who.user_id,
        token_id=who.token_id,
        request_id=current_request_id(),
        action=entry.action,
        kind=entry.kind,
        object_id=entry.object_id,
        agency_id=entry.agency_id,
        visibility=entry.visibility,
        before=entry.before,
        after=entry.after,
        reason=entry.reason,
        previous_hash=head.hash,
    )
    row.hash = hash_of(row)
    return row


def hash_of(row: Change) -> str:
    """SHA-256 in hexadecimal over what the row says and the hash before it: every column but the hash itself, and but
    a later column (LATER_COLUMNS) that is empty. As JSON, keys sorted, UTF-8, no white space between."""
    facts = {name: _plain(getattr(row, name)) for name in COLUMNS if name != "hash"}
    for name in LATER_COLUMNS:
        if not facts[name]:
            del facts[name]
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    # A choice hashes as the text that the database gives back.
    return str(value) if isinstance(value, models.Choices) else value
