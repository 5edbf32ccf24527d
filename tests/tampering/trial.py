"""A log, tampered with again and again: what was found, and what a weaker look would have missed."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from django.db import transaction

from agencies.access import PORTAL, Principal
from agencies.log.chain import KnownHead, first_broken, verify
from agencies.log.write import Entry, record
from agencies.models import Change, ChangeHead, Role
from tests.tampering.deeds import DEEDS, ONLY_BY_EXPORTED_HEADS, ONLY_BY_THE_HEAD, Deed

ON = dt.date(2022, 6, 15)
TRANSACTIONS = 30
SUPERVISOR = Principal(label="吴督办（专班）", user_id=7, token_id=8, roles=frozenset({(Role.SUPERVISOR, 1)}))


@dataclass(slots=True)
class Tally:
    """By kind: how often it was done, found, and missed by a look at the chain alone."""

    done: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed_without_heads: Counter[str] = field(default_factory=Counter)
    missed_without_head_row: Counter[str] = field(default_factory=Counter)

    @property
    def unnoticed(self) -> int:
        return self.done.total() - self.found.total()


def write_log(agency_id: int | None) -> list[KnownHead]:
    """Sixty entries into an empty log, of several actors, some late; heads as an export would have kept them."""
    heads = []
    for number in range(TRANSACTIONS):
        agency = agency_id if number % 2 else None
        entries = [_entry(number, agency, ON - dt.timedelta(days=number)), _entry(number, None, None)]
        with transaction.atomic():
            record(entries, who=SUPERVISOR if number % 3 else PORTAL, on=ON)
        if number % 10 == 9:
            head = ChangeHead.objects.get()
            heads.append(KnownHead(sequence=head.sequence, hash=head.hash, at=ON.isoformat()))
    return heads


def _entry(number: int, agency_id: int | None, on: dt.date | None) -> Entry:
    return Entry(
        action="measure.status_changed",
        kind="measure",
        object_id=number,
        visibility=Change.Visibility.STATUS,
        agency_id=agency_id,
        before={"n": number},
        after={"n": number + 1, "list": ["市甲局", "市乙局"]},
        reason="更正" * (number % 3),
        on=on,
    )


def try_all(heads: Sequence[KnownHead], *, times: int, seed: int) -> Tally:
    """Tamper `times` times, each time with the log as it was written, every kind in turn. The log must be unlocked."""
    dice, tally = Random(seed), Tally()
    rows = list(Change.objects.order_by("sequence"))
    assert verify(heads=heads).fault is None
    for number in range(times):
        with transaction.atomic():
            _try(DEEDS[number % len(DEEDS)], rows, heads, dice, tally)
            transaction.set_rollback(True)
    assert verify(heads=heads).fault is None
    return tally


def _try(deed: Deed, rows: list[Change], heads: Sequence[KnownHead], dice: Random, tally: Tally) -> None:
    deed(rows, dice)
    tally.done[deed.__name__] += 1
    tally.found[deed.__name__] += verify(heads=heads).fault is not None
    if deed in ONLY_BY_EXPORTED_HEADS:
        tally.missed_without_heads[deed.__name__] += verify().fault is None
    if deed in ONLY_BY_THE_HEAD:
        alone = first_broken(Change.objects.order_by("sequence"))
        tally.missed_without_head_row[deed.__name__] += alone is None
