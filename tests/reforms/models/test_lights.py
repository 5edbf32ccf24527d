"""Lights: one rule, written in SQL and in Python, that gives every measure exactly one light on any day."""

import datetime as dt
from itertools import product

import pytest
from django.utils import timezone

from reforms.models import SHAPES, Dates, Light, Measure, ReformList, Status, light_of
from tests.conftest import ON

DAY = dt.timedelta(days=1)


def due(deadline: dt.date | None, **dates: dt.date | bool | None) -> Light:
    """The light on 2022-06-15."""
    return light_of(Dates(deadline_in_force=deadline, **dates), ON)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "light"),
    [(-1, Light.OVERDUE), (0, Light.DUE_SOON), (30, Light.DUE_SOON), (31, Light.AWAITING_REPORT)],
)
def test_the_deadline_is_the_last_day_on_time_and_thirty_days_are_soon(days: int, light: Light) -> None:
    assert due(ON + days * DAY) == light


def test_what_is_far_off_is_on_track_once_somebody_has_reported() -> None:
    far = ON + 31 * DAY
    assert due(far, first_report_on=ON) == Light.ON_TRACK
    assert due(far, first_report_on=ON + DAY) == Light.AWAITING_REPORT
    assert due(None, first_report_on=ON) == Light.ON_TRACK
    assert due(None) == Light.AWAITING_REPORT


def test_the_clock_stands_still_for_what_was_claimed_on_time() -> None:
    past = ON - 10 * DAY
    assert due(past, claimed_on=past) == Light.UNDER_REVIEW
    assert due(past, claimed_on=past - DAY) == Light.UNDER_REVIEW
    assert due(None, claimed_on=past) == Light.UNDER_REVIEW


def test_a_late_claim_stays_overdue_until_it_is_closed() -> None:
    past = ON - 10 * DAY
    assert due(past, claimed_on=past + DAY) == Light.OVERDUE
    assert due(past, claimed_on=past + DAY, closed_on=ON) == Light.CLOSED


def test_a_claim_or_closure_after_the_day_asked_about_is_not_yet_known() -> None:
    assert due(ON + DAY, claimed_on=ON + DAY, closed_on=ON + DAY) == Light.DUE_SOON
    assert due(ON - DAY, closed_on=ON + DAY) == Light.OVERDUE


def test_what_is_in_place_is_never_overdue() -> None:
    assert due(None, is_standing=True) == Light.STANDING
    assert due(ON - DAY, is_standing=True) == Light.STANDING


def test_each_light_has_its_own_shape_and_word() -> None:
    assert set(SHAPES) == set(Light)
    assert len(set(SHAPES.values())) == len({light.label for light in Light}) == 7


def grid(measure: Measure) -> list[Measure]:
    """A measure for each way its dates may lie around 2022-06-15 (what the database allows)."""
    near = (None, ON - DAY, ON, ON + DAY)
    deadlines = (None, ON - DAY, ON, ON + DAY, ON + 30 * DAY, ON + 31 * DAY)
    claims = (None, ON - 2 * DAY, ON - DAY, ON, ON + DAY)
    shared = {
        name: getattr(measure, name) for name in ("reform_list_id", "section_id", "item_id", "edition_id", "title")
    }
    return [
        Measure(
            **shared,
            row=1000,
            seq_in_item=1,
            text="举措",
            updated_at=timezone.now(),
            deadline_in_force=deadline,
            first_report_on=reported,
            claimed_on=claimed,
            closed_on=closed,
            is_standing=standing,
            status=Status.CLOSED if closed else Status.STANDING if standing else Status.IN_PROGRESS,
        )
        for deadline, reported, claimed, closed, standing in product(deadlines, near, claims, near, (False, True))
        if not (closed and standing)
    ]


def test_the_database_and_python_agree_however_the_dates_lie(led: Measure) -> None:
    Measure.objects.bulk_create(grid(led), batch_size=500)
    made = Measure.objects.filter(row=1000)
    assert made.count() == 600
    seen = set()
    for day in (ON - 31 * DAY, ON - 2 * DAY, ON - DAY, ON, ON + DAY, ON + 2 * DAY, ON + 31 * DAY, ON + 32 * DAY):
        for measure in made.with_light(day):
            seen.add(measure.light)
            assert measure.light == light_of(measure, day), (day, measure.__dict__)
    assert seen == set(Light)


def test_the_first_light_that_applies_is_shown() -> None:
    """However the dates lie, also as the database would not store them: closed before standing before what is due."""
    days = (None, ON - DAY, ON, ON + DAY)
    for deadline, reported, claimed, closed, standing in product(days, days, days, days, (False, True)):
        light = light_of(Dates(standing, deadline, reported, claimed, closed), ON)
        assert (light == Light.CLOSED) == (closed is not None and closed <= ON)
        assert (light == Light.STANDING) == (standing and light != Light.CLOSED)
        if light in {Light.OVERDUE, Light.DUE_SOON}:
            assert deadline is not None
            assert (light == Light.OVERDUE) == (deadline < ON)


def test_the_lights_partition_all_measures_on_any_day(demo: ReformList) -> None:
    for on in (dt.date(2021, 12, 31), dt.date(2022, 3, 31), ON, dt.date(2022, 7, 1), dt.date(2026, 1, 1)):
        counts = Measure.objects.counted().light_counts(on)
        assert list(counts) == list(Light)
        by_light = {
            light: set(Measure.objects.with_light(on).filter(light=light).values_list("pk", flat=True))
            for light in Light
        }
        assert {light: len(found) for light, found in by_light.items()} == counts
        assert len(set.union(*by_light.values())) == sum(counts.values()) == 216


def test_the_demonstration_shows_every_light(demo: ReformList) -> None:
    counts = Measure.objects.counted().light_counts(ON)
    assert {light.value: n for light, n in counts.items()} == {
        "overdue": 3,
        "due_soon": 52,
        "on_track": 92,
        "awaiting_report": 8,
        "under_review": 6,
        "closed": 24,
        "standing": 31,
    }


def test_all_dated_measures_nobody_reported_on_are_overdue_years_later(reform_list: ReformList) -> None:
    counts = Measure.objects.counted().light_counts(dt.date(2026, 1, 1))
    assert (counts[Light.OVERDUE], counts[Light.STANDING]) == (185, 31)
