"""Which reminders are owed: open duties of lists that are switched on, each stage of each deadline once."""

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Agency
from reforms.models import CalendarDay, Disposition, Duty, Extension, Measure, Part, ReformList, Reminder, Status
from reforms.reminders.owed import Ladder, create_owed, owed_on, still_owed
from tests.conftest import ON
from tests.reforms.large import repeated

JUNE_30 = dt.date(2022, 6, 30)


def owed_for(measure: Measure, on: dt.date = ON) -> list[tuple[str, str]]:
    """Who is owed a reminder of this measure, and at which stage."""
    return sorted((owed.agency.name, owed.stage) for owed in owed_on(on) if owed.measure_id == measure.pk)


def test_nobody_is_owed_anything_while_reminders_are_off(reform_list: ReformList) -> None:
    assert owed_on(ON) == []
    assert owed_on(dt.date(2026, 1, 1)) == []


def test_on_the_first_day_all_who_have_15_days_left_are_owed_one(switched_on: ReformList) -> None:
    owed = owed_on(ON)
    assert Counter(reminder.stage for reminder in owed) == {"before_15": 218}
    assert len({reminder.measure_id for reminder in owed}) == 66
    assert {reminder.due_on for reminder in owed} == {ON}


def test_stages_before_the_first_day_are_not_made_up_for(switched_on: ReformList) -> None:
    assert {reminder.deadline for reminder in owed_on(ON)} == {JUNE_30}, "nothing of what was due in March"
    switched_on.reminders_from = ON + dt.timedelta(days=1)
    switched_on.save()
    assert owed_on(ON) == owed_on(dt.date(2022, 6, 17)) == []
    assert {reminder.stage for reminder in owed_on(dt.date(2022, 6, 23)) if reminder.deadline == JUNE_30} == {
        "before_7"
    }


def test_what_was_late_before_the_first_day_is_chased_from_the_week_after(switched_on: ReformList) -> None:
    """Told step by step, and never left in silence."""
    assert not [owed for owed in owed_on(dt.date(2022, 6, 17)) if owed.deadline < ON]
    late = [owed for owed in owed_on(dt.date(2022, 6, 20)) if owed.deadline < ON]
    assert {owed.stage for owed in late} == {"first_chase"}
    past = Duty.objects.open().filter(measure__deadline_in_force__lt=ON)
    assert len(late) == past.count() > 0


def test_one_can_ask_what_switching_on_would_mean(reform_list: ReformList) -> None:
    assert len(owed_on(ON, [(reform_list.pk, ON)])) == 218


def test_every_duty_of_an_open_measure_is_owed_one(switched_on: ReformList, led: Measure) -> None:
    holders = sorted(Duty.objects.filter(measure=led).values_list("agency__name", flat=True))
    assert owed_for(led) == [(name, "before_15") for name in holders]
    assert "市交通运输局" in holders


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"status": Status.UNDER_REVIEW, "claimed_on": ON}, id="claimed"),
        pytest.param({"status": Status.CLOSED, "claimed_on": ON, "closed_on": ON}, id="closed"),
        pytest.param({"status": Status.STANDING, "is_standing": True}, id="standing"),
        pytest.param({"disposition": Disposition.WITHDRAWN}, id="withdrawn"),
        pytest.param({"disposition": Disposition.SUSPENDED}, id="suspended"),
        pytest.param({"disposition": Disposition.CANCELLED}, id="cancelled"),
        pytest.param({"deadline_in_force": None}, id="undated"),
    ],
)
def test_who_has_nothing_left_to_do_is_owed_nothing(
    switched_on: ReformList, led: Measure, change: dict[str, object]
) -> None:
    assert owed_for(led)
    Measure.objects.filter(pk=led.pk).update(**change)
    assert owed_for(led) == []


def test_one_agency_s_part_can_be_done_before_the_others(
    switched_on: ReformList, led: Measure, transport: Agency
) -> None:
    others = [name for name, _stage in owed_for(led) if name != transport.name]
    Duty.objects.filter(measure=led, agency=transport).update(status=Status.CLOSED)
    assert [name for name, _stage in owed_for(led)] == others


def test_a_measure_in_progress_is_still_owed_its_reminder(switched_on: ReformList, led: Measure) -> None:
    before = owed_for(led)
    Measure.objects.filter(pk=led.pk).update(status=Status.IN_PROGRESS, first_report_on=ON)
    assert owed_for(led) == before != []


def test_members_of_a_group_are_owed_theirs_the_group_itself_and_open_groups_nothing(
    switched_on: ReformList,
) -> None:
    owed = owed_on(ON)
    kinds = {reminder.agency.kind for reminder in owed}
    assert kinds == {Agency.Kind.SINGLE}
    through_a_group = Duty.objects.filter(agency__name="罗湖区政府", via__name="各区政府", measure__deadline=JUNE_30)
    luohu = {reminder.measure_id for reminder in owed if reminder.agency.name == "罗湖区政府"}
    assert luohu == set(through_a_group.values_list("measure", flat=True)) != set()


def test_a_measure_left_to_an_open_group_reminds_nobody_of_the_group(switched_on: ReformList) -> None:
    open_group = Agency.objects.get(name="各有关单位")
    measure = Measure.objects.printed_for([open_group.pk], Part.RESPONSIBLE).filter(deadline=JUNE_30)[0]
    printed = {beside.agency.name for beside in measure.assignments.all()} - {"各有关单位"}
    assert {name for name, _stage in owed_for(measure)} == printed


def test_each_stage_is_owed_once(switched_on: ReformList, led: Measure) -> None:
    assert create_owed(ON) == 218
    assert owed_on(ON) == owed_on(dt.date(2022, 6, 17)) == []
    assert owed_for(led, dt.date(2022, 6, 22)) == []
    assert {stage for _name, stage in owed_for(led, dt.date(2022, 6, 23))} == {"before_7"}


def test_creating_twice_adds_nothing(switched_on: ReformList) -> None:
    assert (create_owed(ON), create_owed(ON)) == (218, 0)
    assert Reminder.objects.count() == 218


def test_what_is_written_is_what_is_owed_on_every_day(switched_on: ReformList, led: Measure) -> None:
    """It is looked for by list and deadline first, and read only where something is due."""
    create_owed(ON)
    # Told by hand and by rules that have changed since, so that duties of one deadline stand differently.
    Reminder.objects.filter(measure=led).update(stage="before_10", due_on=dt.date(2022, 6, 20))
    days = [dt.date(2022, 6, 15) + dt.timedelta(days=n) for n in (*range(8), 15, 16, 22, 26, 33, 47, 61, 108)]
    for day in days:
        owed = {(one.measure_id, one.agency_id, one.deadline, one.stage) for one in owed_on(day)}
        before = set(Reminder.objects.values_list("pk", flat=True))
        assert create_owed(day) == len(owed)
        new = Reminder.objects.exclude(pk__in=before)
        assert set(new.values_list("measure_id", "agency_id", "deadline", "stage")) == owed
    assert Reminder.objects.filter(stage__startswith="week_").exists()


def test_where_nothing_is_due_no_duty_is_read(
    switched_on: ReformList, led: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are open, before their deadline and after it."""
    for day in (ON, dt.date(2022, 6, 20)):
        create_owed(day)
    asked = []
    for more in (0, 300):
        repeated(led, more)
        create_owed(dt.date(2022, 6, 20))
        with CaptureQueriesContext(connection) as queries, monkeypatch.context() as patch:
            patch.setattr(Ladder, "of", None)
            assert create_owed(dt.date(2022, 6, 20)) == 0
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 5


def test_after_an_outage_only_the_latest_stage_is_told(switched_on: ReformList, led: Measure) -> None:
    create_owed(dt.date(2022, 7, 20))
    stages = Reminder.objects.filter(measure=led).values_list("stage", "due_on").distinct()
    # 20 days late it is the first word about it, and the next one waits for as long as it always does.
    assert list(stages) == [("first_chase", dt.date(2022, 7, 20))]
    assert owed_for(led, dt.date(2022, 7, 25)) == []
    assert {stage for _name, stage in owed_for(led, dt.date(2022, 7, 26))} == {"second_chase"}


def test_a_moved_deadline_is_owed_anew(switched_on: ReformList, led: Measure) -> None:
    create_owed(ON)
    Measure.objects.filter(pk=led.pk).update(deadline_in_force=dt.date(2022, 9, 30))
    assert owed_for(led, dt.date(2022, 8, 30)) == []
    anew = [owed for owed in owed_on(dt.date(2022, 8, 31)) if owed.measure_id == led.pk]
    assert {(owed.stage, owed.deadline) for owed in anew} == {("before_30", dt.date(2022, 9, 30))}


def test_the_deadline_in_force_counts_not_the_printed_one(switched_on: ReformList, led: Measure) -> None:
    Measure.objects.filter(pk=led.pk).update(deadline_in_force=F("deadline") + dt.timedelta(days=1))
    assert owed_for(led, ON) == []
    assert owed_for(led, ON + dt.timedelta(days=1))


def test_still_owed_leaves_out_what_was_done_or_moved_meanwhile(switched_on: ReformList, led: Measure) -> None:
    create_owed(ON)
    reminders = list(Reminder.objects.all())
    assert still_owed(reminders) == reminders
    Measure.objects.filter(pk=led.pk).update(deadline_in_force=dt.date(2022, 9, 30))
    assert {reminder.measure_id for reminder in reminders} - {
        reminder.measure_id for reminder in still_owed(reminders)
    } == {led.pk}


def test_nothing_is_owed_on_a_day_off(switched_on: ReformList) -> None:
    saturday, working_saturday = dt.date(2022, 6, 18), dt.date(2022, 10, 8)
    assert owed_on(saturday) == []
    assert owed_on(working_saturday)
    CalendarDay.objects.create(day=saturday, works=True, note="防汛值班")
    assert owed_on(saturday)
    CalendarDay.objects.create(day=ON, works=False)
    assert owed_on(ON) == []


def test_the_clock_rests_while_the_office_has_a_request_for_more_time(
    switched_on: ReformList, led: Measure, transport: Agency
) -> None:
    asked = Extension.objects.create(
        measure=led,
        agency=transport,
        state="under_review",
        former=JUNE_30,
        proposed=dt.date(2022, 9, 30),
        reason="须上级部门开放接口。",
        recorded_at=timezone.now(),
        on=ON,
    )
    late = dt.date(2022, 7, 8)
    assert owed_for(led, ON) == owed_for(led, late) == []
    # Refused after the day has passed, it begins with the first word and not with the heads.
    Extension.objects.filter(pk=asked.pk).update(state="refused")
    assert {stage for _name, stage in owed_for(led, late)} == {"first_chase"}


def test_a_claim_made_in_time_and_returned_late_is_chased_from_the_first_step(
    switched_on: ReformList, led: Measure
) -> None:
    create_owed(ON)
    Measure.objects.filter(pk=led.pk).update(status=Status.UNDER_REVIEW, claimed_on=ON)
    create_owed(dt.date(2022, 8, 1))
    Measure.objects.filter(pk=led.pk).update(status=Status.IN_PROGRESS, claimed_on=None)
    assert {stage for _name, stage in owed_for(led, dt.date(2022, 8, 10))} == {"first_chase"}


def test_creating_twice_at_once_adds_nothing_twice(committed: ReformList) -> None:
    together = Barrier(4)

    def create() -> None:
        try:
            together.wait(10)
            create_owed(ON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(create) for _ in range(4)]:
            done.result()
    assert Reminder.objects.count() == 218
