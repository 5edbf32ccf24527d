"""The ways in which something is seen in a browser take turns, and none is left out."""

from tests.browser.pages import Portal, dose
from tests.turns import TURN


def test_two_doses_have_every_page_and_each_has_everybody_in_each_language(portal: Portal) -> None:
    every = portal.visits()
    doses = [dose(every, TURN), dose(every, TURN + 1)]
    assert {visit.address for some in doses for visit in some} == {visit.address for visit in every}
    for some in doses:
        assert len(some) < len(every) / 4
        assert {(visit.person, visit.english) for visit in some} == {(visit.person, visit.english) for visit in every}


def test_within_four_weeks_the_doses_have_everything(portal: Portal) -> None:
    every = portal.visits()
    assert {visit for turn in range(TURN, TURN + 28) for visit in dose(every, turn)} == set(every)
