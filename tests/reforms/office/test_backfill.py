"""补录: what was complete before the portal took over, filled in at once and dated as it happened."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from agencies.models import Agency, Change, Membership, Role
from reforms.models import Duty, Light, Measure, Notice, ProgressReport, ReformList, Reminder
from reforms.office.backfill import BackfillRow, NotFilledIn, Refusal, check_filling, fill_in
from reforms.reminders.owed import create_owed
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON
from tests.reforms.people import Cast, acting, attach

MARCH, MAY = dt.date(2022, 3, 20), dt.date(2022, 5, 8)


def open_ones(reform_list: ReformList, count: int) -> list[Measure]:
    found = Measure.objects.filter(reform_list=reform_list, is_standing=False, duties__part="lead")
    return list(found.distinct().order_by("row")[:count])


def refused(row: BackfillRow, cast: Cast) -> Refusal:
    (refusal,) = check_filling([row], who=acting(cast.supervisor), on=ON)
    with pytest.raises(NotFilledIn):
        fill_in([row], who=acting(cast.supervisor), on=ON)
    return refusal


def test_what_is_complete_closes_on_its_day_for_everyone_who_must_claim(led: Measure, cast: Cast) -> None:
    receipt = fill_in(
        [BackfillRow(measure_id=led.pk, on=MARCH, note="三月已印发。")], who=acting(cast.supervisor), on=ON
    )
    led.refresh_from_db()
    assert (receipt.done, led.status, led.closed_on, led.claimed_on, led.first_report_on) == (
        1,
        "closed",
        MARCH,
        MARCH,
        MARCH,
    )
    report = ProgressReport.objects.get()
    assert (report.agency, report.by_office, report.source, report.on, report.progress) == (
        cast.agency,
        True,
        "补录",
        MARCH,
        "三月已印发。",
    )
    assert set(Duty.objects.filter(measure=led).values_list("status", flat=True)) == {"closed"}


def test_what_is_under_way_is_a_dated_report(led: Measure, cast: Cast) -> None:
    rows = [BackfillRow(measure_id=led.pk, on=MAY, note="正在试点。", done=False)]
    assert fill_in(rows, who=acting(cast.supervisor), on=ON).under_way == 1
    led.refresh_from_db()
    assert (led.status, led.first_report_on, led.claimed_on) == ("in_progress", MAY, None)


def test_the_log_is_dated_too_and_says_who_filled_in_what(led: Measure, cast: Cast) -> None:
    fill_in([BackfillRow(measure_id=led.pk, on=MARCH)], who=acting(cast.supervisor), on=ON)
    changes = Change.objects.filter(kind="measure", object_id=led.pk).order_by("-sequence")[:2]
    assert [(change.action, change.on) for change in changes] == [
        ("measure.status_changed", MARCH),
        ("measure.filled_in", MARCH),
    ]
    assert {change.user_id for change in changes} == {cast.supervisor.pk}
    assert changes[1].visibility == Change.Visibility.INTERNAL


def test_nobody_is_told_and_nobody_is_reminded_of_it(reform_list: ReformList, led: Measure, cast: Cast) -> None:
    reform_list.reminders_on, reform_list.reminders_from = True, dt.date(2022, 1, 1)
    reform_list.save()
    fill_in([BackfillRow(measure_id=led.pk, on=MARCH)], who=acting(cast.supervisor), on=ON)
    assert not Notice.objects.exists()
    assert mail.outbox == []
    create_owed(ON)
    assert not Reminder.objects.filter(measure=led).exists()


@pytest.mark.parametrize(
    ("day", "said"), [(ON + dt.timedelta(days=1), "不能晚于今天"), (dt.date(2021, 12, 31), "不能早于清单年份2022年")]
)
def test_a_day_to_come_or_before_the_list_is_refused(led: Measure, cast: Cast, day: dt.date, said: str) -> None:
    refusal = refused(BackfillRow(measure_id=led.pk, on=day, row=7), cast)
    assert (refusal.row, refusal.cell) == (7, "on")
    assert said in refusal.message


def test_what_is_closed_or_claimed_is_refused(led: Measure, cast: Cast) -> None:
    attach(led, cast.agency, cast.reporter)
    submit_report(
        led.pk, cast.agency.pk, ReportContent(progress="完成。", is_claim=True), who=acting(cast.reporter), on=ON
    )
    assert "申请销号" in refused(BackfillRow(measure_id=led.pk, on=MARCH), cast).message
    other = Measure.objects.exclude(pk=led.pk).filter(
        is_standing=False, duties__agency=cast.agency, duties__part="lead"
    )
    row = BackfillRow(measure_id=other[0].pk, on=MARCH)
    fill_in([row], who=acting(cast.supervisor), on=ON)
    assert "已销号" in refused(row, cast).message


def test_what_is_standing_may_be_reported_on_and_not_completed(cast: Cast) -> None:
    standing = Measure.objects.filter(is_standing=True, duties__agency=cast.agency)[0]
    assert "持续巩固" in refused(BackfillRow(measure_id=standing.pk, on=MARCH), cast).message
    fill_in(
        [BackfillRow(measure_id=standing.pk, on=MARCH, note="已落地。", done=False)], who=acting(cast.supervisor), on=ON
    )
    standing.refresh_from_db()
    assert (standing.status, standing.first_report_on) == ("standing", MARCH)


def test_what_is_under_way_needs_words(led: Measure, cast: Cast) -> None:
    assert refused(BackfillRow(measure_id=led.pk, on=MARCH, done=False), cast).cell == "note"


def test_one_wrong_row_keeps_all_of_them_out(reform_list: ReformList, cast: Cast) -> None:
    good, bad = open_ones(reform_list, 2)
    Measure.objects.filter(pk=bad.pk).update(disposition="suspended")
    with pytest.raises(NotFilledIn) as caught:
        fill_in(
            [BackfillRow(measure_id=good.pk, on=MARCH, row=1), BackfillRow(measure_id=bad.pk, on=MARCH, row=2)],
            who=acting(cast.supervisor),
            on=ON,
        )
    assert [refusal.row for refusal in caught.value.refusals] == [2]
    assert not ProgressReport.objects.exists()


def test_a_measure_named_twice_and_one_that_is_none_are_refused(led: Measure, cast: Cast) -> None:
    twice = [BackfillRow(measure_id=led.pk, on=MARCH, row=row) for row in (1, 2)]
    assert len(check_filling(twice, who=acting(cast.supervisor), on=ON)) == 2
    assert "没有这条举措" in refused(BackfillRow(measure_id=10**8, on=MARCH), cast).message


def test_only_the_office_fills_in_and_not_for_its_own(led: Measure, cast: Cast) -> None:
    for user in (cast.reporter, cast.approver):
        with pytest.raises(PermissionDenied):
            fill_in([BackfillRow(measure_id=led.pk, on=MARCH)], who=acting(user), on=ON)
    Membership.objects.create(user=cast.supervisor, agency=cast.agency, role=Role.VIEWER)
    assert "另一位督办人员" in refused(BackfillRow(measure_id=led.pk, on=MARCH), cast).message


def test_many_take_no_more_queries_than_few(
    reform_list: ReformList, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    rows = [BackfillRow(measure_id=measure.pk, on=MARCH) for measure in open_ones(reform_list, 120)]
    with django_assert_max_num_queries(40):
        assert fill_in(rows, who=acting(cast.supervisor), on=ON).done == 120
    assert Measure.objects.counted().light_counts(ON)[Light.CLOSED] == 120


def test_every_lead_is_filled_in_where_every_lead_claims(cast: Cast, market: Agency) -> None:
    joint = Measure.objects.filter(lead_note__contains="按职责分工负责", is_standing=False)[0]
    leads = set(joint.duties.filter(part="lead").values_list("agency", flat=True))
    fill_in([BackfillRow(measure_id=joint.pk, on=MARCH)], who=acting(cast.supervisor), on=ON)
    joint.refresh_from_db()
    assert joint.status == "closed"
    assert set(joint.reports.values_list("agency", flat=True)) == leads
    assert len(leads) > 1
