"""Who owes a report says the same in memory as in the database, and as reading every duty does."""

import datetime as dt
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.access import PORTAL
from agencies.models import Agency
from reforms.catalogue.seen import day_of
from reforms.models import Duty, DutyQuerySet, Measure, ReformList
from reforms.organisation.directory import set_members
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import due_by, not_on_time, report_due
from reforms.reports.owed import OwedReports
from reforms.reports.periods import by_agency, unreported
from tests.conftest import ON, PersonMaker
from tests.reforms.many import many_lists
from tests.reforms.people import Cast
from tests.reforms.reorganisations import merge_into
from tests.reforms.reports.late import late_claimants
from tests.reforms.review.test_joined_duties import Joint, joint
from tests.reforms.status.test_random_deeds import Play

__all__ = ["joint"]
DAYS = [dt.date(2022, 3, 31), dt.date(2022, 4, 1), ON, dt.date(2022, 6, 30), dt.date(2022, 7, 1), dt.date(2023, 1, 9)]


def ids(found: DutyQuerySet | OwedReports) -> list[int]:
    if isinstance(found, OwedReports):
        return list(found.in_order().ids.tolist())
    return list(found.order_by("agency", "measure__reform_list", "measure__row").values_list("pk", flat=True))


def hold_equal(on: dt.date) -> int:
    """The same duties in the same order, and the same numbers; how many there are."""
    owed, asked = OwedReports.on(on), unreported(on)
    assert ids(owed) == ids(asked)
    assert owed.by_agency() == by_agency(asked)
    assert owed.measures == asked.values("measure").distinct().count()
    days = WorkingDays.stored()
    read = asked.select_related("measure__reform_list").in_bulk()
    due = zip(owed.columns.duties.of["id"][owed.rows].tolist(), owed.due(due_by(days)).tolist(), strict=True)
    for pk, day in due:
        assert report_due(read[pk].measure, on, days) == day_of(day)
    late = owed.of_late_claimants()
    assert ids(late) == ids(late_claimants(on))
    for today in (on - dt.timedelta(days=3), on, on + dt.timedelta(days=40)):
        assert ids(owed.late(due_by(days), today)) == ids(not_on_time(asked, on, today, days))
    return len(owed)


@pytest.mark.parametrize("claimed_by", ["as_printed", "first_lead", "every_lead"])
def test_of_the_demonstration(demo: ReformList, claimed_by: str) -> None:
    ReformList.objects.update(claimed_by=claimed_by)
    assert min([hold_equal(on) for on in DAYS]) > 0


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_done(joint: Joint, person: PersonMaker, seed: int) -> None:
    other = Cast(person, Agency.objects.create(name="市丙局"), prefix="c")
    measure = Measure.objects.select_related("reform_list").get(pk=joint.measure.pk)
    play = Play(measure, [joint.first, joint.second, other], random.Random(seed))  # chosen by chance
    for _ in range(12):
        play.go_on()
        hold_equal(ON)
    hold_equal(dt.date(2022, 7, 1))


def test_of_groups_heirs_and_lists_with_other_periods(reform_list: ReformList) -> None:
    many_lists(reform_list, 4)
    first, second, third = ReformList.objects.order_by("pk")[:3]
    ReformList.objects.filter(pk=first.pk).update(report_every="quarter", standing_every="never", report_day=20)
    ReformList.objects.filter(pk=second.pk).update(report_every="half_year", year=2023)
    ReformList.objects.filter(pk=third.pk).update(archived_on=ON)
    group = Agency.objects.filter(kind=Agency.Kind.GROUP, assignments__isnull=False)[0]
    new = Agency.objects.create(name="深汕合作区管委会", outside_line=True)
    set_members(group, [*group.members.values_list("pk", flat=True), new.pk], who=PORTAL, on=ON)
    merge_into(new, Agency.objects.get(name="市交通运输局"))
    assert min([hold_equal(on) for on in DAYS]) > 0


def test_what_is_withdrawn_suspended_or_closed_owes_nothing(reform_list: ReformList) -> None:
    before = hold_equal(ON)
    Measure.objects.filter(row__lte=20).update(disposition="suspended")
    Measure.objects.filter(row__range=(21, 40)).update(disposition="withdrawn")
    assert hold_equal(ON) < before


def test_of_some_lists_and_agencies(reform_list: ReformList, transport: Agency) -> None:
    many_lists(reform_list, 3)
    some = list(ReformList.objects.values_list("pk", flat=True))[:2]
    owed = OwedReports.on(ON, some, [transport.pk])
    assert ids(owed) == ids(unreported(ON, ReformList.objects.filter(pk__in=some)).of([transport.pk]))
    assert len(owed) == len(OwedReports.on(ON, some).of([transport.pk])) > 0
    assert len(OwedReports.on(ON, ())) == len(OwedReports.on(ON, None, ())) == 0
    duties = owed.in_order()
    assert [duty.pk for duty in duties] == [duty.pk for duty in duties[:]] == ids(owed)
    assert duties[0] == Duty.objects.get(pk=ids(owed)[0])


def test_a_report_of_a_day_to_come_makes_nothing_wrong(led: Measure) -> None:
    duty = Duty.objects.filter(measure=led)[0]
    Duty.objects.filter(pk=duty.pk).update(last_report_on=dt.date(2030, 1, 1))
    assert duty.pk in ids(OwedReports.on(ON))
    assert hold_equal(ON) > 1


def test_many_are_counted_with_as_many_queries_as_few(reform_list: ReformList) -> None:
    asked = []
    for turn in range(2):
        OwedReports.on(ON)
        with CaptureQueriesContext(connection) as queries:
            OwedReports.on(ON).of_late_claimants().by_agency()
        asked.append(len(queries))
        many_lists(reform_list, 3, begin=3 * turn)
    assert asked[0] == asked[1]
