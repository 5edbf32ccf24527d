"""Which stage of a deadline is due on which day, by what was told before."""

import datetime as dt
from itertools import pairwise

from agencies.models import Role
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.stages import AFTER, BEFORE, stage_due, stage_of, step_of

DEADLINE, START = dt.date(2022, 6, 30), dt.date(2022, 1, 1)
DAYS = WorkingDays()


def told_over(deadline: dt.date, first: dt.date, last: dt.date, start: dt.date = START) -> dict[str, dt.date]:
    """What is told of a deadline from one day to another, with the day of each."""
    told: dict[str, dt.date] = {}
    day = first
    while day <= last:
        if DAYS.works(day) and (stage := stage_due(deadline, day, told, start, DAYS)):
            told[stage] = day
        day += dt.timedelta(days=1)
    return told


def test_the_whole_ladder_of_one_deadline() -> None:
    told = told_over(DEADLINE, dt.date(2022, 5, 1), dt.date(2022, 8, 2))
    assert {name: day.isoformat() for name, day in told.items()} == {
        "before_30": "2022-05-31",
        "before_15": "2022-06-15",
        "before_7": "2022-06-23",
        "on_the_day": "2022-06-30",
        "first_chase": "2022-07-01",
        "second_chase": "2022-07-07",
        "week_2022-07-18": "2022-07-18",
        "week_2022-07-25": "2022-07-25",
        "week_2022-08-01": "2022-08-01",
    }


def test_it_never_ends() -> None:
    told = told_over(DEADLINE, dt.date(2022, 6, 1), dt.date(2023, 6, 30))
    days = sorted(told.values())
    # The longest silence is the week of a long holiday.
    assert max((later - day).days for day, later in pairwise(days)) <= 14
    assert days[-1] >= dt.date(2023, 6, 26)


def test_what_falls_on_a_day_off_is_told_on_the_working_day_before() -> None:
    # 2023-01-31 less 7 days is the third day of the New Year's holiday: 20 January is the last day of work.
    told = told_over(dt.date(2023, 1, 31), dt.date(2022, 12, 20), dt.date(2023, 1, 31))
    assert told["before_7"] == dt.date(2023, 1, 20)


def test_of_two_stages_on_one_day_the_later_is_told() -> None:
    """The last day of the October holiday: the week before it is told as the day itself."""
    told = told_over(dt.date(2022, 10, 7), dt.date(2022, 9, 30), dt.date(2022, 10, 7))
    assert told == {"on_the_day": dt.date(2022, 9, 30)}


def test_a_missed_step_is_not_skipped_and_the_next_waits_its_time() -> None:
    told = told_over(DEADLINE, dt.date(2022, 9, 1), dt.date(2022, 9, 13))
    assert told == {
        "first_chase": dt.date(2022, 9, 1),
        "second_chase": dt.date(2022, 9, 7),
        "week_2022-09-13": dt.date(2022, 9, 13),
    }


def test_before_the_first_day_nothing_is_due() -> None:
    assert told_over(DEADLINE, dt.date(2022, 5, 1), dt.date(2022, 6, 22), start=dt.date(2022, 6, 20)) == {}


def test_switched_off_between_two_steps_and_on_again_it_goes_on_from_the_week_after() -> None:
    """The second word fell on 7 July; the list was off until August."""
    told = {"first_chase": dt.date(2022, 7, 1)}
    on_again = dt.date(2022, 8, 3)
    days = (on_again + dt.timedelta(days=ahead) for ahead in range(10))
    due = {day: stage_due(DEADLINE, day, told, on_again, DAYS) for day in days if DAYS.works(day)}
    assert next(day for day, stage in due.items() if stage) == dt.date(2022, 8, 8)
    assert due[dt.date(2022, 8, 8)] == "second_chase"


def test_heads_are_told_of_the_second_step_alone_and_nothing_before_the_deadline() -> None:
    told = [Role.HEAD in stage.to for stage in (*BEFORE, *AFTER, stage_of("week_2022-07-18"))]
    assert told == [False] * 5 + [True, False]


def test_who_signs_is_told_from_a_week_before_the_deadline_on() -> None:
    assert [Role.APPROVER in stage.to for stage in BEFORE] == [False, False, True, True]


def test_the_words_are_those_of_offices() -> None:
    assert step_of(["on_the_day"]) is None
    words = [["first_chase"], ["first_chase", "second_chase"], ["first_chase", "second_chase", "week_2022-07-18"]]
    assert [step.label for told in words if (step := step_of(told))] == ["首次催办", "再次催办", "再次催办"]
