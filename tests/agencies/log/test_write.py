"""The change log: written with the work it tells of, numbered without gaps, and chained."""

import datetime as dt
import hashlib
import json
from typing import Any

import pytest
from django.db import transaction

from agencies.access import PORTAL, Principal
from agencies.log.chain import first_broken
from agencies.log.write import Entry, hash_of, record
from agencies.models import Agency, Change, ChangeHead, Membership, Role
from tests.conftest import ON, PersonMaker
from tests.unlocked import log_unlocked


def entry(number: int, **changes: Any) -> Entry:
    facts = {"action": "measure.status_changed", "kind": "measure", "object_id": number, "before": {"n": number}}
    return Entry(**facts | {"visibility": Change.Visibility.STATUS, "after": {"n": number + 1}} | changes)


def rows() -> list[Change]:
    return list(Change.objects.order_by("sequence"))


def is_whole(found: list[Change], head: ChangeHead) -> bool:
    """Whether the rows follow from one another and reach the head (without which a cut-off end would not show)."""
    if first_broken(found) is not None or not found:
        return False
    return (found[-1].sequence, found[-1].hash) == (head.sequence, head.hash)


@pytest.fixture
def log(transport: Agency) -> list[Change]:
    """A log of sixty entries, some of them late, of several actors; the import's own entries make way for it."""
    with log_unlocked():
        Change.objects.all().delete()
        ChangeHead.objects.update(sequence=0, hash="")
    roles = frozenset({(Role.SUPERVISOR, transport.pk)})
    who = Principal(label="吴督办（专班）", user_id=7, token_id=8, roles=roles)
    for number in range(30):
        told = entry(number, agency_id=transport.pk if number % 2 else None, reason="更正" * (number % 3))
        record([told, entry(number, on=ON - dt.timedelta(days=number))], who=who if number % 3 else PORTAL, on=ON)
    return rows()


def test_the_log_of_the_real_list_is_whole(db: None) -> None:
    found = rows()
    assert len(found) > 216
    assert is_whole(found, ChangeHead.objects.get())


def test_what_follows_is_whole_and_numbered_without_gaps(log: list[Change]) -> None:
    assert [row.sequence for row in log] == list(range(1, 61))
    assert is_whole(log, ChangeHead.objects.get())


def test_it_keeps_who_what_when_and_why(transport: Agency) -> None:
    who = Principal(label="吴督办（专班）", user_id=7)
    told = entry(5, agency_id=transport.pk, reason="核验有误", on=ON - dt.timedelta(days=3))
    reached = record([told, entry(6)], who=who, on=ON)
    one, two = rows()[-2:]
    assert (two.sequence, one.sequence) == (reached, reached - 1)
    assert (one.actor, one.user_id, one.token_id, one.agency_id) == ("吴督办（专班）", 7, None, transport.pk)
    assert (one.on, two.on, one.reason) == (ON - dt.timedelta(days=3), ON, "核验有误")
    assert (one.before, one.after, two.previous_hash) == ({"n": 5}, {"n": 6}, one.hash)


def test_it_keeps_in_which_roles_somebody_wrote_it(person: PersonMaker, transport: Agency) -> None:
    both = person(Role.REPORTER, Role.APPROVER, agency=transport)
    record([entry(1)], who=Principal.of_user(both), on=ON)
    record([entry(2)], who=PORTAL, on=ON)
    assert [row.role for row in rows()[-2:]] == ["approver,reporter", ""]
    Membership.objects.filter(user=both).delete()
    assert rows()[-2].role == "approver,reporter"


def test_every_role_there_is_fits_in() -> None:
    everything = Principal(label="x", roles=frozenset((role, 1) for role in Role))
    assert len(everything.role) <= Change._meta.get_field("role").max_length


def test_a_row_from_before_roles_were_kept_still_verifies(log: list[Change]) -> None:
    """Its hash was made over the other columns alone."""
    row = next(row for row in log if not row.role)
    facts = {
        "sequence": row.sequence,
        "recorded_at": row.recorded_at.astimezone(dt.UTC).isoformat(),
        "on": row.on.isoformat(),
        "visibility": "status",
    }
    others = (
        "actor",
        "user_id",
        "token_id",
        "request_id",
        "action",
        "kind",
        "object_id",
        "agency_id",
        "before",
        "after",
    )
    facts |= {name: getattr(row, name) for name in (*others, "reason", "previous_hash")}
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert row.hash == hashlib.sha256(text.encode()).hexdigest()


def test_a_role_that_is_taken_away_or_put_in_later_shows(log: list[Change]) -> None:
    for row in log[:6]:
        row.role = "" if row.role else "administrator"
        assert hash_of(row) != row.hash


def test_nothing_to_record_moves_nothing(log: list[Change]) -> None:
    assert record([], who=PORTAL, on=ON) == 60
    assert is_whole(rows(), ChangeHead.objects.get())


def test_writing_alters_no_row_that_is_there(log: list[Change]) -> None:
    before = list(Change.objects.order_by("sequence").values())
    record([entry(99)], who=PORTAL, on=ON)
    assert list(Change.objects.order_by("sequence").values())[: len(before)] == before


def test_an_unfinished_transaction_leaves_nothing(log: list[Change]) -> None:
    with transaction.atomic():
        record([entry(1)], who=PORTAL, on=ON)
        transaction.set_rollback(True)
    assert len(rows()) == len(log)
    assert is_whole(rows(), ChangeHead.objects.get())
