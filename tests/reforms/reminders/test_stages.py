"""Which stage of a deadline has come on which day."""

import datetime as dt
from itertools import pairwise

from reforms.reminders.stages import BY_NAME, STAGES, stage_on

DEADLINE = dt.date(2022, 6, 30)
# The first and the last day, counted from the deadline, on which each stage is the latest that has come.
SPANS = {
    None: (-400, -31),
    "before_30": (-30, -16),
    "before_15": (-15, -8),
    "before_7": (-7, -1),
    "on_the_day": (0, 0),
    "after_1": (1, 14),
    "after_15": (15, 29),
    "after_30": (30, 400),
}


def test_every_day_around_a_deadline_has_its_stage() -> None:
    expected = {day: name for name, (first, last) in SPANS.items() for day in range(first, last + 1)}
    assert list(expected) == list(range(-400, 401)), "the spans name every day once"
    stages = {day: stage_on(DEADLINE, DEADLINE + dt.timedelta(days=day)) for day in expected}
    assert {day: stage.name if stage else None for day, stage in stages.items()} == expected


def test_a_stage_falls_on_the_first_day_of_its_span() -> None:
    assert BY_NAME["before_15"].falls_on(DEADLINE) == dt.date(2022, 6, 15)
    assert BY_NAME["on_the_day"].falls_on(DEADLINE) == DEADLINE
    assert BY_NAME["after_30"].falls_on(DEADLINE) == dt.date(2022, 7, 30)


def test_days_are_days_of_the_calendar_also_over_a_leap_day() -> None:
    stage = stage_on(dt.date(2024, 3, 7), dt.date(2024, 2, 29))
    assert stage
    assert stage.name == "before_7"
    before = stage_on(dt.date(2024, 3, 7), dt.date(2024, 2, 28))
    assert before
    assert before.name == "before_15"


def test_levels_only_rise_and_nothing_escalates_before_the_deadline_has_passed() -> None:
    in_order = sorted(STAGES, key=lambda stage: stage.days)
    assert all(earlier.level <= later.level for earlier, later in pairwise(in_order))
    assert {stage.level for stage in STAGES if stage.days <= 1} == {1}
    assert [BY_NAME[name].level for name in ("after_15", "after_30")] == [2, 3]
