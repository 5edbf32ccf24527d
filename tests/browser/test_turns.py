"""The ways in which something is seen in a browser take turns, and none is left out."""

from tests.browser.pages import Portal, dose
from tests.turns import TURN


def test_a_dose_has_every_page_and_everybody_in_each_language(portal: Portal) -> None:
    every = portal.visits()
    some = dose(every, TURN)
    assert len(some) < len(every) / 2
    assert {visit.address for visit in some} == {visit.address for visit in every}
    assert {(visit.person, visit.english) for visit in some} == {(visit.person, visit.english) for visit in every}


def test_within_two_weeks_the_doses_have_everything(portal: Portal) -> None:
    every = portal.visits()
    assert {visit for turn in range(TURN, TURN + 14) for visit in dose(every, turn)} == set(every)
