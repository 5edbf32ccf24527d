"""阶段节点 in a digest: carried along by a letter that goes out anyway, never the reason for one."""

import datetime as dt

import pytest
from django.core import mail

from agencies.models import Agency, Language
from reforms.models import Delivery, Duty, Measure, Milestone, Part, ReformList, Status
from reforms.reminders.digest import STEPS_NAMED, compose, duties_told, milestones_told
from reforms.reminders.owed import switched_on as lists_on
from reforms.reminders.preview import preview
from reforms.reminders.sending.outbox import sweep
from tests.conftest import ON

JULY_1 = dt.date(2022, 7, 1)


def planned(measure: Measure, title: str, due_on: dt.date) -> Milestone:
    return Milestone.objects.create(measure=measure, title=title, due_on=due_on, planned_on=dt.date(2022, 4, 1))


def told(agency: Agency, on: dt.date = ON) -> list[str]:
    lists = {pk for pk, _first in lists_on()}
    return [one.title for one in milestones_told([agency.pk], lists, on)[agency.pk]]


@pytest.fixture
def far(transport: Agency) -> Measure:
    """A measure that is due in December, of which no letter speaks in June."""
    leads = Duty.objects.filter(agency=transport, part=Part.LEAD, measure__deadline=dt.date(2022, 12, 31))
    return leads.order_by("measure__row")[0].measure


def test_a_week_before_and_after_by_day(switched_on: ReformList, led: Measure, transport: Agency) -> None:
    for title, days in (("前八日", -8), ("前七日", -7), ("后七日", 7), ("后八日", 8)):
        planned(led, title, ON + dt.timedelta(days=days))
    assert told(transport) == ["前七日", "后七日"]


def test_what_is_done_withdrawn_claimed_or_led_by_others_is_not_told(
    switched_on: ReformList, led: Measure, transport: Agency
) -> None:
    planned(led, "已完成", ON)
    Milestone.objects.update(done_on=ON, reported_on=ON, done_words="已完成。")
    planned(led, "撤销", ON)
    Milestone.objects.filter(title="撤销").update(withdrawn_on=ON)
    planned(led, "在办", ON)
    assert told(transport) == ["在办"]
    market = Agency.objects.get(name="市市场监管局")
    Duty.objects.update_or_create(measure=led, agency=market, defaults={"part": Part.RESPONSIBLE})
    assert told(market) == []
    Measure.objects.filter(pk=led.pk).update(status=Status.UNDER_REVIEW, claimed_on=ON)
    assert told(transport) == []


def test_the_letter_has_a_part_at_the_end_and_its_subject_none(
    switched_on: ReformList, led: Measure, transport: Agency
) -> None:
    planned(led, "形成征求意见稿", ON + dt.timedelta(days=5))
    planned(led, "印发方案", ON - dt.timedelta(days=5))
    (digest,) = (one for one in preview(ON) if one.agency == transport)
    assert "节点" not in digest.subject
    assert "二、阶段节点（2个）" in digest.text
    assert "节点“形成征求意见稿”计划2022年6月20日完成\n" in digest.text
    assert "节点“印发方案”计划2022年6月10日完成，尚未报告\n" in digest.text
    assert "逾期" not in digest.text.split("阶段节点")[1]
    assert digest.html.count("#milestones") == 2


def test_in_english_too(switched_on: ReformList, led: Measure, transport: Agency) -> None:
    planned(led, "形成征求意见稿", ON)
    duties = duties_told(transport, [led.reform_list_id], ON)
    steps = milestones_told([transport.pk], [led.reform_list_id], ON)[transport.pk]
    letter = compose(transport, [], duties, ON, milestones=steps, language=Language.ENGLISH)
    assert "2. Milestones (1)" in letter.text


def test_at_most_so_many(switched_on: ReformList, led: Measure, transport: Agency) -> None:
    for number in range(STEPS_NAMED + 5):
        planned(led, f"第{number}步", ON)
    assert len(told(transport)) == STEPS_NAMED


def test_none_goes_out_for_a_milestone_alone(switched_on: ReformList, far: Measure, transport: Agency) -> None:
    Measure.objects.exclude(pk=far.pk).update(disposition="withdrawn")
    planned(far, "形成征求意见稿", ON)
    sweep(ON)
    assert not Delivery.objects.exists()
    assert not mail.outbox
