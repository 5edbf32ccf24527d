"""What a digest says, and to whom."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import translation

from agencies.models import Agency, Role, User
from reforms.models import Duty, Measure, ReformList, Reminder
from reforms.reminders.digest import Digest, compose, duties_told
from reforms.reminders.letters import recipients_of
from reforms.reminders.owed import owed_on
from reforms.reminders.owed import switched_on as lists_on
from reforms.reminders.stages import REPORTERS, TOLD_FIRST, WITH_HEADS
from tests.conftest import ON, PersonMaker

JUNE_30, DECEMBER_31 = dt.date(2022, 6, 30), dt.date(2022, 12, 31)


def digest_of(agency: Agency, on: dt.date) -> Digest:
    """What the agency would be told on a day."""
    lists = {pk for pk, _first in lists_on()}
    owed = [owed for owed in owed_on(on) if owed.agency_id == agency.pk]
    return compose(agency, owed, duties_told(agency, lists, on), on)


def digest_about(agency: Agency, on: dt.date, *deadlines: dt.date, stage: str = "") -> Digest:
    """A letter about a measure for each of these deadlines, and of no other; `stage` is what made it due."""
    led = list(Duty.objects.filter(agency=agency, part="lead", measure__deadline=JUNE_30).order_by("measure__row"))
    for duty, deadline in zip(led, deadlines, strict=False):
        Measure.objects.filter(pk=duty.measure_id).update(deadline_in_force=deadline)
    assert len(led) >= len(deadlines)
    Measure.objects.exclude(pk__in=[duty.measure_id for duty in led[: len(deadlines)]]).update(disposition="withdrawn")
    duties = duties_told(agency, ReformList.objects.values_list("pk", flat=True), on)
    reasons = [Reminder(measure=led[0].measure, agency=agency, deadline=JUNE_30, stage=stage, due_on=on)]
    return compose(agency, reasons if stage else [], duties, on)


# Subjects -----------------------------------------------------------------------------------------


def test_before_the_deadline_the_subject_counts_and_says_by_which_part(
    switched_on: ReformList, transport: Agency
) -> None:
    assert digest_of(transport, ON).subject == "【到期提醒】市交通运输局：5条举措6月30日到期（牵头3条、责任2条）"


def test_a_part_the_agency_does_not_have_is_not_counted(switched_on: ReformList) -> None:
    agency = Agency.objects.get(name="市人力资源保障局")
    Measure.objects.filter(deadline__lt=ON).update(disposition="withdrawn")
    assert digest_of(agency, ON).subject == "【到期提醒】市人力资源保障局：2条举措6月30日到期（责任2条）"


def test_what_is_said_is_the_whole_state_whatever_made_the_letter_due(switched_on: ReformList) -> None:
    """Two measures come near; two others have been late since March, and the letter does not keep silent about them."""
    agency = Agency.objects.get(name="市人力资源保障局")
    digest = digest_of(agency, ON)
    assert digest.subject == "【逾期催办】市人力资源保障局：2条举措已逾期，最长76天，另有2条临近到期"
    due = Duty.objects.open().filter(agency=agency, measure__deadline_in_force__lte=ON + dt.timedelta(days=30))
    assert len(digest.lines) == due.count() == 4


def test_several_days_are_said_as_from_and_to(transport: Agency) -> None:
    subject = digest_about(transport, ON, JUNE_30, dt.date(2022, 7, 10)).subject
    assert subject == "【到期提醒】市交通运输局：2条举措6月30日至7月10日到期（牵头2条）"


def test_after_the_deadline_the_subject_says_how_late(switched_on: ReformList, transport: Agency) -> None:
    subject = digest_of(transport, dt.date(2022, 7, 1)).subject
    assert subject == "【逾期催办】市交通运输局：5条举措已逾期，最长1天"


def test_what_is_late_comes_before_what_is_near(transport: Agency) -> None:
    digest = digest_about(transport, dt.date(2022, 7, 20), dt.date(2022, 7, 25), JUNE_30, dt.date(2022, 7, 19))
    assert digest.subject == "【逾期催办】市交通运输局：2条举措已逾期，最长20天，另有1条临近到期"
    assert [line.days for line in digest.lines] == [-20, -1, 5]
    assert digest.text.index("一、已逾期（2条）") < digest.text.index("二、临近到期（1条）")


def test_a_court_is_asked_not_chased(switched_on: ReformList) -> None:
    court = Agency.objects.get(name="市中级法院")
    before, after = digest_of(court, ON), digest_of(court, dt.date(2022, 7, 20))
    assert (
        before.subject == after.subject == "【商请】商请市中级法院提供第20项、第21项、第24项、第69项、第94项等进展情况"
    )
    assert "商请提供下列举措的进展情况" in before.text
    assert "商请提供下列举措的进展情况" in before.html
    for word in ("逾期", "催办", "督办单", "剩15天"):
        assert word not in before.subject + before.text + before.html
        assert word not in after.subject + after.text + after.html


def test_a_court_with_few_items_sees_all_their_numbers(switched_on: ReformList) -> None:
    court = Agency.objects.get(name="市检察院")
    digest = digest_about(Agency.objects.get(name="市中级法院"), ON, JUNE_30, JUNE_30)
    assert court.outside_line
    assert digest.subject == "【商请】商请市中级法院提供第20项、第21项进展情况"


def test_etc_is_said_only_where_a_number_is_left_out(switched_on: ReformList) -> None:
    court = Agency.objects.get(name="市中级法院")
    duties = duties_told(court, ReformList.objects.values_list("pk", flat=True), ON)
    of_one_item = [duty for duty in duties if duty.measure.item.number == 24]
    assert compose(court, [], of_one_item * 3, ON).subject == "【商请】商请市中级法院提供第24项进展情况"


# Bodies -------------------------------------------------------------------------------------------


def test_the_body_names_each_measure_its_day_its_part_and_where_to_act(
    switched_on: ReformList, transport: Agency, led: Measure
) -> None:
    digest = digest_of(transport, ON)
    assert "深圳市交通运输局：" in digest.text
    assert f"第{led.item.number}项第4条 {led.title}　2022年6月30日到期，剩15天　牵头\n  {led.text[:40]}" in digest.text
    assert led.text[:40] in digest.html
    assert f"http://127.0.0.1:8000/measures/{led.pk}/" in digest.text
    # The page that everybody who gets the letter may open: the form is not the head's.
    assert "/report/" not in digest.text
    assert digest.text.count("查看和填报：") == len(digest.lines) == 5
    assert "数据截至2022年6月15日。" in digest.text


def test_measures_of_the_same_day_stand_in_printed_order(switched_on: ReformList, market: Agency) -> None:
    lines = [line for line in digest_of(market, ON).lines if line.deadline == JUNE_30]
    assert [line.row for line in lines] == sorted(line.row for line in lines)
    assert len(lines) > 10


def test_page_and_plain_text_say_the_same(switched_on: ReformList, transport: Agency) -> None:
    digest = digest_of(transport, ON)
    for line in digest.lines:
        assert line.title in digest.text
        assert line.title in digest.html
        assert f'href="{line.address}"' in digest.html


def test_a_title_s_quotation_marks_stay_as_printed_in_the_text(switched_on: ReformList, transport: Agency) -> None:
    text = digest_of(transport, ON).text
    assert "探索开展“组合港”区域通关便利化改革" in text
    assert "&" not in text


def test_a_title_cannot_smuggle_markup_into_the_page(transport: Agency, led: Measure) -> None:
    led.title = "<img src=x>"
    led.save()
    assert "<img" not in digest_about(transport, ON, JUNE_30).html


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (dt.date(2022, 6, 30), "今天到期"),
        (dt.date(2022, 6, 29), "剩1天"),
        (dt.date(2022, 7, 1), "逾期1天"),
        (dt.date(2022, 7, 1), "首次催办"),
        (dt.date(2022, 7, 7), "再次催办"),
        (dt.date(2022, 8, 1), "再次催办"),
    ],
)
def test_each_line_says_how_near_or_how_late_and_how_often_it_was_said(
    transport: Agency, day: dt.date, words: str
) -> None:
    stages = {dt.date(2022, 7, 1): "first_chase", dt.date(2022, 7, 7): "second_chase"}
    stage = stages.get(day, "week_2022-08-01") if day > JUNE_30 else "on_the_day"
    digest = digest_about(transport, day, JUNE_30, stage=stage)
    assert words in digest.text
    assert words in digest.html


def test_it_is_chinese_whoever_asks(switched_on: ReformList, transport: Agency) -> None:
    with translation.override("en"):
        in_english = digest_of(transport, dt.date(2022, 7, 20))
    assert in_english == digest_of(transport, dt.date(2022, 7, 20))
    assert "逾期20天" in in_english.text


def test_the_demonstration_says_that_it_is_one(switched_on: ReformList, transport: Agency, settings: object) -> None:
    assert "演示环境" not in digest_of(transport, ON).text
    settings.DEMO = True  # type: ignore[attr-defined]
    assert "（演示环境，收件人与进展均为虚构。）" in digest_of(transport, ON).text


# Recipients ---------------------------------------------------------------------------------------


@pytest.fixture
def people(person: PersonMaker, transport: Agency, market: Agency) -> Callable[[Role], User]:
    """Someone in every role of 市交通运输局, and a reporter of another agency."""
    made = {role: person(role, agency=transport, username=str(role)) for role in Role}
    person(Role.REPORTER, agency=market, username="elsewhere")
    return made.__getitem__


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("roles", "told"),
    [
        (REPORTERS, ("reporter@example.org",)),
        (TOLD_FIRST, ("reporter@example.org", "approver@example.org")),
        (WITH_HEADS, ("head@example.org", "reporter@example.org", "approver@example.org")),
    ],
)
def test_those_are_told_who_have_one_of_the_roles(
    transport: Agency, roles: frozenset[Role], told: tuple[str, ...]
) -> None:
    assert recipients_of(transport, roles) == told


def test_where_that_is_nobody_whoever_writes_and_signs_there_is_told(person: PersonMaker, transport: Agency) -> None:
    person(Role.APPROVER, agency=transport, username="chen")
    assert recipients_of(transport, REPORTERS) == ("chen@example.org",)


@pytest.mark.usefixtures("people")
def test_a_digest_reaches_the_heads_where_a_stage_of_it_is_for_them(transport: Agency) -> None:
    late = dt.date(2022, 7, 7)
    assert "head@example.org" not in digest_about(transport, late, JUNE_30, stage="first_chase").recipients
    assert "head@example.org" in digest_about(transport, late, JUNE_30, stage="second_chase").recipients
    # The weekly turn is for those who do the work.
    assert "head@example.org" not in digest_about(transport, late, JUNE_30, stage="week_2022-07-18").recipients


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_who_has_left_or_has_no_address_is_left_out(
    people: Callable[[Role], User], transport: Agency, change: dict[str, object]
) -> None:
    User.objects.filter(pk=people(Role.REPORTER).pk).update(**change)
    assert recipients_of(transport, TOLD_FIRST) == ("approver@example.org",)


def test_the_agency_s_own_address_comes_first(people: Callable[[Role], User], transport: Agency) -> None:
    transport.email = "office@example.org"
    assert recipients_of(transport, TOLD_FIRST) == (
        "office@example.org",
        "reporter@example.org",
        "approver@example.org",
    )


def test_each_address_is_written_to_once(person: PersonMaker, transport: Agency) -> None:
    both = person(Role.REPORTER, Role.APPROVER, agency=transport, username="both")
    transport.email = both.email
    assert recipients_of(transport, WITH_HEADS) == ("both@example.org",)


def test_nobody_to_write_to_is_an_empty_answer(transport: Agency) -> None:
    assert recipients_of(transport, 3) == ()
