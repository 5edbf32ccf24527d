"""Who reported by the day of report is judged in memory as the database judges it, whatever was done."""

import datetime as dt
import random
from collections.abc import Sequence

import pytest
from django.db.models import Q

from agencies.models import Agency
from reforms.models import Duty, DutyQuerySet, Measure, Period, ReformList, ReformListQuerySet, has_begun
from reforms.office.punctuality import Outcome, Passed, judged, passed_periods
from reforms.reports.periods import asked_every, reported_in, silent_in
from tests.conftest import ON, PersonMaker
from tests.reforms.catalogue.test_lists_begin import import_another
from tests.reforms.people import Cast
from tests.reforms.review.test_joined_duties import Joint, joint
from tests.reforms.status.test_random_deeds import Play

__all__ = ["joint"]


def asked_of(one: Passed) -> Q:
    """The duties of whose lists it is the period, where these had begun by its end."""
    begun = has_begun(one.span.last, "measure__reform_list__")
    year = Q(measure__reform_list__year__lte=one.span.last.year)
    return asked_every(one.every) & Q(measure__reform_list__report_day=one.report_day) & year & begun


def with_outcome(one: Passed, outcome: Outcome) -> Q:
    in_time = reported_in(one.span.first, one.due)
    if outcome == Outcome.IN_TIME:
        return in_time
    if outcome == Outcome.MISSING:
        return silent_in(one.span)
    # Who reported both before and after the day was in time.
    return reported_in(one.span.first, one.span.last) & ~in_time


def asked_reports(passed: Sequence[Passed], lists: ReformListQuerySet, outcome: Outcome) -> DutyQuerySet:
    """The rule, as a query."""
    found = Q(pk__in=[])
    for one in passed:
        found |= asked_of(one) & with_outcome(one, outcome)
    held = Duty.objects.in_work().filter(measure__disposition="active", measure__reform_list__in=lists)
    # Bodies outside the government's line are asked by 函 and owe no report.
    return held.filter(agency__outside_line=False).filter(found)


def differing(on: dt.date) -> dict[Outcome, int]:
    """Of each outcome how many duties were judged, where they are not those that the query finds."""
    lists = ReformList.objects.all()
    passed = passed_periods(on, lists)
    found = judged(passed, lists)
    return {
        outcome: len(mine ^ asked)
        for outcome in Outcome
        for mine in [{duty.pk for duty in found.with_outcomes([outcome]).in_order()}]
        for asked in [set(asked_reports(passed, lists, outcome).values_list("pk", flat=True))]
        if mine != asked
    }


@pytest.mark.parametrize("seed", range(3))
def test_it_is_judged_as_the_query_says_on_any_day(joint: Joint, person: PersonMaker, seed: int) -> None:
    import_another(ON)
    ReformList.objects.exclude(pk=joint.measure.reform_list_id).update(report_every=Period.QUARTER, report_day=5)
    Agency.objects.filter(pk__in=Agency.objects.order_by("-pk")[:3]).update(outside_line=True)
    other = Cast(person, Agency.objects.create(name="市丙局"), prefix="c")
    measure = Measure.objects.select_related("reform_list").get(pk=joint.measure.pk)
    play = Play(measure, [joint.first, joint.second, other], random.Random(seed))  # chosen by chance
    for _ in range(25):
        play.go_on()
        for _day in range(3):
            assert differing(ON + dt.timedelta(days=play.chance.randint(-120, 200))) == {}


def test_every_outcome_is_judged_and_what_was_said_since_does_not_matter(demo: ReformList) -> None:
    days = [ON + dt.timedelta(days=days) for days in range(-90, 60, 3)]
    seen = set()
    for on in days:
        passed = passed_periods(on, ReformList.objects.all())
        seen |= set(judged(passed, ReformList.objects.all()).outcomes.tolist())
        assert differing(on) == {}
    assert seen == {0, 1, 2}
