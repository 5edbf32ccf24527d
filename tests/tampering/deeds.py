"""What somebody could do to the log who can write to the database: each a function of (rows, dice) that does it once.

Rows are those of the whole log, in order. Triggers are off meanwhile (tests.unlocked); nothing here asks the portal.
"""

import copy
import datetime as dt
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from agencies.log.write import COLUMNS, hash_of
from agencies.models import Change, ChangeHead

Rows = Sequence[Change]
Deed = Callable[[Rows, Random], None]


def edit_a_column(rows: Rows, dice: Random) -> None:
    """Any column of any row."""
    row, column = dice.choice(rows), dice.choice(COLUMNS)
    new = beside(rows, dice) if column == "sequence" else altered(getattr(row, column), dice)
    Change.objects.filter(pk=row.pk).update(**{column: new})


def beside(rows: Rows, dice: Random) -> int:
    """A number that no row has."""
    return dice.choice([0, -dice.randint(1, 9), len(rows) + dice.randint(1, 9)])


def altered(value: Any, dice: Random) -> Any:
    """Another value of the same kind, which fits into the same column."""
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=dice.randint(1, 10**9))
    if isinstance(value, dt.date):
        return value + dt.timedelta(days=dice.randint(1, 400))
    if isinstance(value, dict):
        return {**value, dice.choice(["n", "reason", ""]): dice.random()}
    if isinstance(value, int):
        return value + dice.choice([-1, 1, 1000])
    if isinstance(value, str) and value:
        place = dice.randrange(len(value))
        return value[:place] + ("x" if value[place] != "x" else "y") + value[place + 1 :]
    return dice.choice(["x", " "]) if isinstance(value, str) else dice.randint(1, 1000)


def delete_a_row(rows: Rows, dice: Random) -> None:
    Change.objects.filter(pk=dice.choice(rows).pk).delete()


def delete_the_tail(rows: Rows, dice: Random) -> None:
    Change.objects.filter(sequence__gt=dice.randrange(len(rows))).delete()


def swap_two_rows(rows: Rows, dice: Random) -> None:
    one, other = (row.sequence for row in dice.sample(rows, 2))
    for old, new in ((one, -1), (other, one), (-1, other)):
        Change.objects.filter(sequence=old).update(sequence=new)


def insert_a_forged_row(rows: Rows, dice: Random) -> None:
    """Made to follow from the row before it; what stands behind it moves up."""
    place = dice.randint(0, len(rows))
    for row in reversed(rows[place:]):
        Change.objects.filter(pk=row.pk).update(sequence=row.sequence + 1)
    forged = copy.copy(dice.choice(rows))
    forged.sequence, forged.reason = place + 1, "补记"
    forged.previous_hash = rows[place - 1].hash if place else ""
    forged.hash = hash_of(forged)
    forged.save(force_insert=True)


def duplicate_a_row(rows: Rows, dice: Random) -> None:
    row = copy.copy(dice.choice(rows))
    row.sequence = beside(rows, dice)
    row.save(force_insert=True)


def reset_the_head(rows: Rows, dice: Random) -> None:
    """To the beginning, to an earlier row, ahead, to another hash, or away."""
    earlier, head = dice.choice(rows[:-1]), ChangeHead.objects.filter(pk=1)
    states = (
        {"sequence": 0, "hash": ""},
        {"sequence": earlier.sequence, "hash": earlier.hash},
        {"sequence": len(rows) + dice.randint(1, 9)},
        {"hash": altered(rows[-1].hash, dice)},
        None,
    )
    state = dice.choice(states)
    if state is None:
        head.delete()
    else:
        head.update(**state)


def rewrite_the_chain(rows: Rows, dice: Random) -> None:
    """Alter a row, and compute every hash behind it anew, the head's too: in itself the log is whole again."""
    place = dice.randrange(len(rows))
    previous = rows[place].previous_hash
    for number, original in enumerate(rows[place:]):
        row = copy.copy(original)
        if not number:
            row.reason = altered(row.reason, dice)
        row.previous_hash = previous
        previous = row.hash = hash_of(row)
        row.save(force_update=True)
    ChangeHead.objects.filter(pk=1).update(hash=previous)


def cut_the_tail_and_the_head(rows: Rows, dice: Random) -> None:
    """Delete the end and set the head back to what is left: in itself the log is whole again."""
    left = dice.randrange(len(rows))
    Change.objects.filter(sequence__gt=left).delete()
    ChangeHead.objects.filter(pk=1).update(sequence=left, hash=rows[left - 1].hash if left else "")


DEEDS: tuple[Deed, ...] = (
    *[edit_a_column] * 4,  # there are many columns
    delete_a_row,
    delete_the_tail,
    swap_two_rows,
    insert_a_forged_row,
    duplicate_a_row,
    reset_the_head,
    rewrite_the_chain,
    cut_the_tail_and_the_head,
)
# Without heads exported earlier nobody could tell.
ONLY_BY_EXPORTED_HEADS = frozenset({rewrite_the_chain, cut_the_tail_and_the_head})
# Without the head row nobody could tell.
ONLY_BY_THE_HEAD = frozenset({delete_the_tail, reset_the_head})
