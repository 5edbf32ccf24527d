"""The change log: written with the work it tells of, chained, and found out when anything in it is altered."""

import copy
import datetime as dt
import random
from typing import Any

import pytest
from django.db import transaction

from agencies.log import Entry, first_broken, record
from agencies.models import Agency, Change, ChangeHead
from agencies.principal import PORTAL, Principal
from tests.conftest import ON

TAMPERINGS = 400


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
    Change.objects.all().delete()
    ChangeHead.objects.update(sequence=0, hash="")
    who = Principal(label="吴督办（专班）", user_id=7, token_id=8)
    for number in range(30):
        told = entry(number, agency_id=transport.pk if number % 2 else None, reason="更正" * (number % 3))
        record([told, entry(number, on=ON - dt.timedelta(days=number))], actor=who if number % 3 else PORTAL, on=ON)
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
    reached = record([told, entry(6)], actor=who, on=ON)
    one, two = rows()[-2:]
    assert (two.sequence, one.sequence) == (reached, reached - 1)
    assert (one.actor, one.user_id, one.token_id, one.agency_id) == ("吴督办（专班）", 7, None, transport.pk)
    assert (one.on, two.on, one.reason) == (ON - dt.timedelta(days=3), ON, "核验有误")
    assert (one.before, one.after, two.previous_hash) == ({"n": 5}, {"n": 6}, one.hash)


def altered(value: Any, dice: random.Random) -> Any:
    """Another value of the same kind."""
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=dice.randint(1, 10**9))
    if isinstance(value, dt.date):
        return value + dt.timedelta(days=dice.randint(1, 400))
    if isinstance(value, dict):
        return {**value, dice.choice(["n", "reason", ""]): dice.random()}
    if isinstance(value, int):
        return value + dice.choice([-1, 1, 1000])
    if isinstance(value, str):
        return dice.choice([value + "x", value + " ", "x" + value, value[1:] + "改"])
    return dice.randint(1, 1000)


def tamper(found: list[Change], dice: random.Random) -> str:
    """Do one wrong thing to the rows in place; what it was."""
    place = dice.randrange(len(found))
    deed = dice.choice(["alter"] * 6 + ["delete", "swap", "double", "cut"])
    if deed == "delete":
        del found[place]
    elif deed == "swap":
        other = dice.choice([n for n in range(len(found)) if n != place])
        found[place], found[other] = found[other], found[place]
    elif deed == "double":
        found.insert(place, copy.copy(found[place]))
    elif deed == "cut":
        del found[place:]
    else:
        column = dice.choice([column.attname for column in Change._meta.concrete_fields])
        setattr(found[place], column, altered(getattr(found[place], column), dice))
        deed += f" {column}"
    return f"{deed} at {place} of {len(found)}"


def test_no_tampering_goes_unnoticed(log: list[Change]) -> None:
    dice, head = random.Random(20220615), ChangeHead.objects.get()
    assert is_whole(log, head)
    unnoticed, seen = [], set()
    for _ in range(TAMPERINGS):
        wrong = [copy.copy(row) for row in log]
        deed = tamper(wrong, dice)
        seen.add(deed.partition(" at ")[0])
        if is_whole(wrong, head):
            unnoticed.append(deed)
    assert unnoticed == []
    assert len(seen) == len(Change._meta.concrete_fields) + 4


def test_the_first_broken_row_is_named_in_the_database(log: list[Change]) -> None:
    wrong = log[len(log) // 2]
    Change.objects.filter(pk=wrong.pk).update(reason=wrong.reason + "改")
    assert first_broken(rows()) == wrong.sequence
    Change.objects.filter(pk=wrong.pk).delete()
    assert first_broken(rows()) == wrong.sequence


def test_writing_alters_no_row_that_is_there(log: list[Change]) -> None:
    before = list(Change.objects.order_by("sequence").values())
    record([entry(99)], actor=PORTAL, on=ON)
    assert list(Change.objects.order_by("sequence").values())[: len(before)] == before


def test_an_unfinished_transaction_leaves_nothing(log: list[Change]) -> None:
    with transaction.atomic():
        record([entry(1)], actor=PORTAL, on=ON)
        transaction.set_rollback(True)
    assert len(rows()) == len(log)
    assert is_whole(rows(), ChangeHead.objects.get())
