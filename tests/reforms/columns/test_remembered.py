"""What was made of columns is taken again while it is true, and no longer, whatever is done."""

import random
from functools import partial
from typing import Any

import numpy as np
import pytest

from agencies.access import Principal
from agencies.models import Role
from reforms.catalogue.found import Tally
from reforms.catalogue.overview import leads_of, overview_of
from reforms.columns import kept
from reforms.columns.remembered import REMEMBERED, KeptResults
from reforms.models import Disposition, Measure, ReformList
from reforms.office.list_settings import describe_list, description_of
from reforms.office.steer import dispose
from tests.conftest import ON, PersonMaker
from tests.reforms.catalogue.stored import Stored
from tests.reforms.catalogue.test_found import told
from tests.reforms.columns.test_kept import OFFICE, by_the_log
from tests.reforms.review.test_joined_duties import Joint, joint
from tests.reforms.shown import NOBODY, asked
from tests.reforms.status.test_random_deeds import Play

__all__ = ["by_the_log", "joint"]
ASKED = (
    "?",
    "?light=overdue&light=due_soon",
    "?status=not_reported&section=1&section=2",
    "?standing=true",
    "?on=2022-06-01",
)
ADMINISTRATOR = Principal(label="管理", roles=frozenset({(Role.ADMINISTRATOR, 0)}))


@pytest.mark.parametrize("seed", range(2))
def test_numbers_are_those_of_the_database_whatever_is_done(
    joint: Joint, person: PersonMaker, by_the_log: None, seed: int
) -> None:
    play = Play(measure_of(joint), [joint.first, joint.second], random.Random(seed))  # chosen by chance
    for _ in range(15):
        for who in (NOBODY, OFFICE):
            for address in ASKED if who is OFFICE else ASKED[:1]:
                filters = asked(address, who=who)
                assert told(Tally(filters)) == told(Stored(filters)), (address, who)
            view = asked("?", who=who).view
            shown = overview_of(view), leads_of(view)
            REMEMBERED.forget()
            assert shown == (overview_of(view), leads_of(view))
        play.go_on()


def measure_of(joint: Joint) -> Measure:
    return Measure.objects.select_related("reform_list").get(pk=joint.measure.pk)


def test_settings_of_a_list_hold_at_once(by_the_log: None, demo: ReformList) -> None:
    kept.forget()

    def total() -> tuple[int, dict[Any, int]]:
        tally = Tally(asked("?", who=NOBODY))
        return tally.total, tally.of("light") if tally.view.sees_status else {}

    def say(**wanted: Any) -> None:
        now = description_of(ReformList.objects.get(pk=demo.pk))
        describe_list(demo.pk, now | wanted, seen=None, who=ADMINISTRATOR, on=ON)

    before = total()
    assert before[1]
    say(public_status=False)
    assert total()[1] == {}
    say(public_status=True, open_to="agencies")
    assert total()[0] == 0
    say(open_to="public")
    assert total() == before


def test_it_is_made_again_where_something_it_is_made_from_is_another() -> None:
    made: list[str] = []
    remembered, first, second = KeptResults(2**20), np.arange(5), np.arange(3)

    def result(what: str, *made_from: Any) -> Any:
        return remembered.of(what, made_from, lambda: made.append(what) or sum(map(len, made_from)))

    assert [result("both", first, second) for _ in range(3)] == [8, 8, 8]
    assert [result("one", first), result("both", first, second)] == [5, 8]
    assert made == ["both", "one"]
    assert result("both", first, np.arange(4)) == 9
    assert made == ["both", "one", "both"]


def is_even(column: Any) -> Any:
    return column % 2 == 0


def test_a_mask_that_comes_out_as_before_is_the_one_before() -> None:
    remembered = KeptResults(2**20)
    masks = [remembered.of("even", (column,), partial(is_even, column)) for column in (np.arange(6), np.arange(6) + 2)]
    assert masks[0] is masks[1]
    with pytest.raises(ValueError, match="read-only"):
        masks[0][0] = False
    assert remembered.of("even", (np.arange(2),), lambda: np.array([True, False])) is not masks[0]


def test_what_nobody_needs_is_not_kept_alive() -> None:
    remembered, gone = KeptResults(2**20), []

    class Column(np.ndarray[Any, Any]):
        def __del__(self) -> None:
            gone.append(len(self))

    column = np.arange(7).view(Column)
    remembered.of("sum", (column,), lambda: 21)
    del column
    assert gone == [7]
    remembered = KeptResults(100)
    column = np.arange(7)
    assert all(remembered.of("much", (column,), lambda: np.zeros(200, bool)) is not None for _ in range(2))


def test_what_is_written_without_the_log_would_not_be_noticed(by_the_log: None) -> None:
    """The control: what is written without the log is still told as it was."""
    before = Tally(asked("?", who=OFFICE)).of("disposition")
    Measure.objects.filter(item__number=3).update(disposition=Disposition.SUSPENDED)
    assert Tally(asked("?", who=OFFICE)).of("disposition") == before
    dispose(Measure.objects.get(item__number=4).pk, Disposition.SUSPENDED, reason="缓。", seen=None, who=OFFICE, on=ON)
    assert Tally(asked("?", who=OFFICE)).of("disposition") != before
