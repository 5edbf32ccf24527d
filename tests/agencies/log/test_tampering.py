"""A dose of `make tampering`: whatever is done to the log behind the portal's back is found."""

import os
from random import Random
from typing import Any

import pytest
from django.db import transaction

from agencies.log.chain import verify
from agencies.log.write import COLUMNS
from agencies.models import Agency, Change, ChangeHead
from tests.tampering.deeds import DEEDS, edit_a_column
from tests.tampering.trial import Tally, try_all, write_log
from tests.unlocked import log_unlocked

TIMES = int(os.environ.get("LOG_TAMPERINGS", "60"))


@pytest.fixture
def tally(transport: Agency) -> Tally:
    with log_unlocked():
        Change.objects.all().delete()
        ChangeHead.objects.update(sequence=0, hash="")
        heads = write_log(transport.pk)
        return try_all(heads, times=TIMES, seed=20220615)


def test_no_tampering_goes_unnoticed(tally: Tally) -> None:
    assert tally.found == tally.done
    assert set(tally.done) == {deed.__name__ for deed in DEEDS}
    assert tally.done.total() == TIMES


def test_without_exported_heads_a_log_that_was_written_anew_looks_whole(tally: Tally) -> None:
    """The negative control for exporting heads."""
    assert set(tally.missed_without_heads) == {"rewrite_the_chain", "cut_the_tail_and_the_head"}
    assert all(count == tally.done[kind] for kind, count in tally.missed_without_heads.items())


def test_without_the_head_row_a_log_that_was_cut_off_looks_whole(tally: Tally) -> None:
    """The negative control for the head row."""
    assert set(tally.missed_without_head_row) == {"delete_the_tail", "reset_the_head"}
    assert all(count == tally.done[kind] for kind, count in tally.missed_without_head_row.items())


class Loaded(Random):
    """Dice that always choose this column."""

    column = ""

    def choice(self, choices: Any) -> Any:
        return self.column if choices is COLUMNS else super().choice(choices)


@pytest.mark.parametrize("column", COLUMNS)
def test_no_column_can_be_edited_unnoticed(transport: Agency, column: str) -> None:
    dice = Loaded(7)
    dice.column = column
    with log_unlocked(), transaction.atomic():
        edit_a_column(list(Change.objects.order_by("sequence")), dice)
        assert verify().fault is not None
        transaction.set_rollback(True)
