"""A list's own rules: set by the office, kept as rows, followed by what is told, to whom, and with which words."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from agencies.log.since import ChangedSince
from agencies.models import Agency, Change, Role
from reforms.models import Duty, DutyQuerySet, Measure, ReformList, Reminder, ReminderRule
from reforms.reminders.asks import create_asks
from reforms.reminders.owed import owed_on, to_draft
from reforms.reminders.sending.outbox import sweep
from reforms.reminders.stages import DEFAULT, RuleFacts, default_rows, has_own, rows_of, rules_of, set_rules
from tests.conftest import ON, PersonMaker
from tests.reforms.people import acting

Kind = ReminderRule.Kind
Mailbox = list[EmailMultiAlternatives]
JUNE_30, JULY_1 = dt.date(2022, 6, 30), dt.date(2022, 7, 1)


def changed(kind: str, **facts: object) -> list[RuleFacts]:
    """The defaults with one kind's rows changed."""
    return [replace(row, **facts) if row.kind == kind else row for row in default_rows()]


def without(*kinds: str) -> list[RuleFacts]:
    return [row for row in default_rows() if row.kind not in kinds]


@pytest.fixture
def office(person: PersonMaker) -> dict[str, object]:
    return {"who": acting(person(Role.SUPERVISOR)), "on": ON}


def test_the_defaults_as_rows_are_the_defaults(reform_list: ReformList, office: dict[str, object]) -> None:
    assert rules_of([reform_list.pk])[reform_list.pk] == DEFAULT
    set_rules(reform_list, changed(Kind.WEEKLY, days=12), **office)
    own = rules_of([reform_list.pk])[reform_list.pk]
    assert own == replace(DEFAULT, weekly=replace(DEFAULT.weekly, days=12))
    assert rules_of([reform_list.pk])[reform_list.pk + 1] == DEFAULT


def test_other_days_before_the_deadline(switched_on: ReformList, led: Measure, office: dict[str, object]) -> None:
    """2022-06-30 is 15 days from then: with 20 and 3 instead nothing falls due before 10 June has gone by."""
    rows = [*without(Kind.BEFORE), RuleFacts(Kind.BEFORE, 20), RuleFacts(Kind.BEFORE, 3)]
    set_rules(switched_on, rows, **office)
    assert not [one for one in owed_on(dt.date(2022, 6, 24)) if one.measure_id == led.pk]
    due = [one for one in owed_on(dt.date(2022, 6, 27)) if one.measure_id == led.pk]
    assert {one.stage for one in due} == {"before_3"}


def test_none_before_the_deadline_and_none_of_reports_may_be_left_out(
    switched_on: ReformList, office: dict[str, object]
) -> None:
    set_rules(switched_on, without(Kind.BEFORE, Kind.REPORT_AHEAD, Kind.REPORT_DAY, Kind.REPORT_LATE), **office)
    assert {one.stage for one in owed_on(dt.date(2022, 6, 23))} == {"first_chase"}, "of what was late before"
    assert create_asks(dt.date(2022, 6, 24)) == 0
    # The ladder goes on.
    assert {one.stage for one in owed_on(JULY_1)} == {"first_chase"}


def test_a_later_ladder_brings_the_order_later_too(
    switched_on: ReformList, transport: Agency, office: dict[str, object]
) -> None:
    for stage, day in (("first_chase", JULY_1), ("second_chase", dt.date(2022, 7, 7))):
        told(Duty.objects.open().of([transport.pk]), stage, day)
    due = dt.date(2022, 7, 14)
    assert to_draft(due, [transport.pk])
    set_rules(switched_on, changed(Kind.ORDER, days=20), **office)
    assert not to_draft(due, [transport.pk])
    assert to_draft(dt.date(2022, 7, 28), [transport.pk])


def told(duties: DutyQuerySet, stage: str, on: dt.date) -> None:
    rows = duties.filter(measure__deadline_in_force=JUNE_30).values_list("measure", "agency")
    facts = {"deadline": JUNE_30, "stage": stage, "due_on": on, "created_at": timezone.now()}
    Reminder.objects.bulk_create([Reminder(measure_id=pk, agency_id=agency, **facts) for pk, agency in rows])


def test_whom_a_stage_tells_and_what_the_office_adds(
    switched_on: ReformList, transport: Agency, person: PersonMaker, office: dict[str, object], mailoutbox: Mailbox
) -> None:
    person(Role.HEAD, agency=transport, username="head")
    person(Role.REPORTER, agency=transport, username="lin")
    rows = changed(
        Kind.FIRST,
        to_heads=True,
        to_reporters=False,
        words="请{单位}负责同志关注：{逾期条数}条逾期，最长{最长逾期天数}天。",
    )
    set_rules(switched_on, rows, **office)
    # The first word alone is the reason for the letter.
    ReformList.objects.update(report_every="never", standing_every="never")
    Measure.objects.exclude(deadline_in_force=JUNE_30).update(deadline_in_force=None)
    sweep(JULY_1)
    letters = [message for message in mailoutbox if "市交通运输局" in message.subject]
    assert {address for message in letters for address in message.to} == {transport.email, "head@example.org"}
    late = Measure.objects.filter(duties__agency=transport, deadline_in_force__lt=JULY_1).distinct()
    longest = (JULY_1 - min(late.values_list("deadline_in_force", flat=True))).days
    said = f"请市交通运输局负责同志关注：{late.count()}条逾期，最长{longest}天。"
    assert said in letters[0].body
    assert said in letters[0].alternatives[0].content
    court = next(message for message in mailoutbox if "市中级法院" in message.subject)
    assert "负责同志关注" not in court.body


def test_back_to_the_defaults(reform_list: ReformList, office: dict[str, object]) -> None:
    set_rules(reform_list, changed(Kind.FIRST, days=2), **office)
    assert has_own(reform_list.pk)
    set_rules(reform_list, [], **office)
    assert not has_own(reform_list.pk)
    assert rows_of(reform_list.pk) == default_rows()
    told = Change.objects.filter(action="reminders.ruled").order_by("sequence")
    assert [change.after["rules"] == change.before["rules"] for change in told] == [False, False]
    set_rules(reform_list, default_rows(), **office)
    assert told.count() == 2, "nothing was changed"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (changed(Kind.FIRST, days=9), "一步比一步晚"),
        (changed(Kind.ORDER, days=5), "督办单应在再次催办之后"),
        (changed(Kind.WEEKLY, days=99), "应为3至60天"),
        (without(Kind.SECOND), "不能省去"),
        (changed(Kind.ACKNOWLEDGE, days=9), "再次提醒签收"),
        ([*default_rows(), RuleFacts(Kind.BEFORE, 7)], "重复"),
        ([*default_rows(), RuleFacts(Kind.BEFORE, 45)], "应为0至30天"),
        (changed(Kind.FIRST, words="共{条数}条"), "没有“{条数}”这个占位符，可用的有：{单位}"),
        (changed(Kind.FIRST, to_reporters=False, to_approvers=False), "至少选一类收件人"),
    ],
)
def test_what_contradicts_itself_is_refused_in_words(
    reform_list: ReformList, office: dict[str, object], rows: list[RuleFacts], said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        set_rules(reform_list, rows, **office)
    assert said in " ".join(refused.value.messages)
    assert not has_own(reform_list.pk)


def test_of_two_who_set_them_the_second_is_told(reform_list: ReformList, office: dict[str, object]) -> None:
    set_rules(reform_list, changed(Kind.FIRST, days=2), as_of=0, **office)
    with pytest.raises(ChangedSince):
        set_rules(reform_list, changed(Kind.FIRST, days=3), as_of=0, **office)
    assert rules_of([reform_list.pk])[reform_list.pk].after[0].days == 2


def test_an_agency_sets_none(reform_list: ReformList, transport: Agency, person: PersonMaker) -> None:
    with pytest.raises(PermissionDenied):
        set_rules(reform_list, [], who=acting(person(Role.APPROVER, agency=transport)), on=ON)
