"""The ways in which something is seen in a browser take turns, and none is left out."""

from tests.browser.pages import Portal, dose
from tests.turns import TURN, ways_in_turn


def test_each_way_has_its_turn() -> None:
    assert [ways_in_turn("abcd", 2, turn) for turn in (6, 7, 8)] == [["a", "b"], ["c", "d"], ["a", "b"]]
    assert [ways_in_turn("ab", 1, turn) for turn in (6, 7)] == [["a"], ["b"]]


def test_a_dose_has_every_page_and_everybody_in_each_language(portal: Portal) -> None:
    every = portal.visits()
    some = dose(every, TURN)
    assert len(some) < len(every) / 2
    assert {visit.address for visit in some} == {visit.address for visit in every}
    assert {(visit.person, visit.english) for visit in some} == {(visit.person, visit.english) for visit in every}


def test_within_two_weeks_the_doses_have_everything(portal: Portal) -> None:
    every = portal.visits()
    assert {visit for turn in range(TURN, TURN + 14) for visit in dose(every, turn)} == set(every)
