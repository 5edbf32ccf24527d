"""报送提醒, 未按时报送, 签收提醒: who is asked when, once, in the day's one letter, and what is left is asked anew."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import translation

from agencies.models import Agency, Change, Role, User
from reforms.lib.words import day_text
from reforms.models import Delivery, ListEdition, Measure, Notice, ReformList
from reforms.notices.wording import sentence_of
from reforms.reminders.asks import asks_of, create_asks, owed_asks
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.digest import compose
from reforms.reminders.preview import preview
from reforms.reminders.sending.outbox import sweep
from reforms.reports.acknowledge import acknowledge
from reforms.reports.periods import unreported
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker
from tests.reforms.people import acting
from tests.unlocked import log_unlocked

Kind = Notice.Kind
Mailbox = list[EmailMultiAlternatives]
AHEAD, DUE, LATE = dt.date(2022, 6, 21), dt.date(2022, 6, 24), dt.date(2022, 6, 27)
SIGN, SIGN_AGAIN = dt.date(2022, 6, 20), dt.date(2022, 6, 27)


@pytest.fixture
def given(switched_on: ReformList) -> ListEdition:
    """The edition in force, since the day on which the list's reminders begin."""
    edition = ListEdition.objects.get(reform_list=switched_on, is_in_force=True)
    with log_unlocked():
        Change.objects.filter(action="edition.applied").update(on=ON)
    return edition


@pytest.fixture
def monthly(switched_on: ReformList) -> ReformList:
    """The list as one that asks for nothing about what is standing."""
    ReformList.objects.update(standing_every="never")
    return switched_on


@pytest.fixture
def busy(monthly: ReformList, transport: Agency) -> list[Measure]:
    """What 市交通运输局 owes a report on in June."""
    return [duty.measure for duty in unreported(DUE).of([transport.pk]).select_related("measure__item")]


def told(agency: Agency, kind: Notice.Kind = Kind.REPORT_DUE) -> list[tuple[dt.date, bool]]:
    found = Notice.objects.filter(agency=agency, kind=kind).order_by("pk")
    return [(notice.on, bool(notice.facts.get("late"))) for notice in found]


def create_day_by_day(last: dt.date, first: dt.date = ON) -> None:
    days = WorkingDays()
    for ahead in range((last - first).days + 1):
        if days.works(day := first + dt.timedelta(days=ahead)):
            create_asks(day)


def letter_to(agency: Agency, mailoutbox: Mailbox) -> EmailMultiAlternatives:
    return [message for message in mailoutbox if message.to == [agency.email]][-1]


def test_three_working_days_before_on_the_day_and_on_the_day_after(
    monthly: ReformList, transport: Agency, busy: list[Measure]
) -> None:
    create_day_by_day(dt.date(2022, 7, 15))
    assert told(transport) == [(AHEAD, False), (DUE, False), (LATE, True)]
    assert {n.facts["count"] for n in Notice.objects.filter(agency=transport, kind=Kind.REPORT_DUE)} == {len(busy)}
    create_day_by_day(dt.date(2022, 7, 15))
    assert len(told(transport)) == 3


def test_standing_measures_are_asked_for_in_their_own_period(switched_on: ReformList) -> None:
    """The half-year ends with June, so that they are asked for as well; by a line of their own."""
    create_asks(AHEAD)
    by_period = Counter(notice.facts["every"] for notice in Notice.objects.all())
    assert set(by_period) == {"month", "half_year"}
    create_day_by_day(dt.date(2022, 7, 26), first=dt.date(2022, 7, 18))
    july = Notice.objects.filter(on__gte=dt.date(2022, 7, 18))
    assert {notice.facts["every"] for notice in july} == {"month"}


def test_who_has_reported_is_not_asked(
    switched_on: ReformList, transport: Agency, busy: list[Measure], person: PersonMaker
) -> None:
    reporter = acting(person(Role.REPORTER, agency=transport))
    for measure in busy[:-1]:
        submit_report(measure.pk, transport.pk, ReportContent(progress="推进中。"), who=reporter, on=ON)
    create_asks(AHEAD)
    assert Notice.objects.get(agency=transport, kind=Kind.REPORT_DUE).facts["count"] == 1
    submit_report(busy[-1].pk, transport.pk, ReportContent(progress="推进中。"), who=reporter, on=DUE)
    create_asks(DUE)
    create_asks(LATE)
    assert told(transport) == [(AHEAD, False)]


def test_courts_are_asked_and_never_told_that_they_were_late(monthly: ReformList, mailoutbox: Mailbox) -> None:
    court = Agency.objects.get(name="市中级法院")
    assert court.outside_line
    sweep(DUE)
    letter = letter_to(court, mailoutbox)
    assert "商请" in letter.subject
    assert "请于2022年6月24日前报送" in letter.body
    create_asks(LATE)
    assert told(court) == [(DUE, False)]
    sweep(LATE)
    bodies = [message.body for message in mailoutbox if message.to == [court.email]]
    assert not any("未按时" in body or "逾期" in body for body in bodies)
    # A letter that is written after its day no longer asks for it by that day.
    late = compose(court, [], [], LATE, asks=asks_of(Notice.objects.filter(agency=court), LATE)[court.pk])
    assert late.subject.startswith("【商请】商请市中级法院提供")
    assert late.subject.endswith("的进展情况（原商请2022年6月24日前提供）")
    assert "进展尚未收到（原商请2022年6月24日前提供）" in late.text
    assert not any(word in late.text for word in ("请于2022年6月24日前", "未按时", "逾期"))


def test_it_goes_out_with_the_deadlines_in_one_letter_that_counts_what_is_left(
    switched_on: ReformList, transport: Agency, busy: list[Measure], person: PersonMaker, mailoutbox: Mailbox
) -> None:
    create_asks(DUE)
    # After the notice was written and before the letter is: what the letter says is true when it goes out.
    reporter = acting(person(Role.REPORTER, agency=transport))
    for measure in busy[:3]:
        submit_report(measure.pk, transport.pk, ReportContent(progress="推进中。"), who=reporter, on=DUE)
    sweep(DUE)
    letter = letter_to(transport, mailoutbox)
    assert letter.subject.startswith("【到期提醒】")
    assert f"6月进展请于2022年6月24日前报送（{len(busy) - 3}条）" in letter.body
    (delivery,) = Delivery.objects.filter(agency=transport)
    assert delivery.reminders.exists()
    assert {notice.kind for notice in delivery.notices.all()} == {Kind.REPORT_DUE}


@pytest.mark.parametrize(
    ("day", "subject"),
    [
        (AHEAD, "【报送提醒】市交通运输局：{n}条举措的进展请于2022年6月24日前报送"),
        (LATE, "【未按时报送】市交通运输局：{n}条举措的进展尚未报送"),
    ],
)
def test_a_letter_about_reports_alone_says_so_in_its_subject(
    switched_on: ReformList, transport: Agency, day: dt.date, subject: str
) -> None:
    """Whatever the language of whoever looks."""
    Measure.objects.update(deadline_in_force=None)
    with translation.override("en"):
        (letter,) = [one for one in preview(day) if one.agency == transport and "报送" in one.subject]
    count = unreported(DUE).of([transport.pk]).count()
    assert letter.subject == subject.format(n=count)


def test_a_letter_whose_asking_was_answered_is_dropped(
    switched_on: ReformList, transport: Agency, busy: list[Measure], person: PersonMaker, mailoutbox: Mailbox
) -> None:
    Measure.objects.exclude(pk__in=[measure.pk for measure in busy[:1]]).update(disposition="withdrawn")
    Measure.objects.filter(pk=busy[0].pk).update(deadline_in_force=None)
    Agency.objects.update(email="")
    sweep(AHEAD)
    assert Delivery.objects.get(agency=transport).state == "pending"
    reporter = acting(person(Role.REPORTER, agency=transport))
    submit_report(busy[0].pk, transport.pk, ReportContent(progress="推进中。"), who=reporter, on=AHEAD)
    sweep(AHEAD)
    assert Delivery.objects.get(agency=transport).state == "dropped"
    assert not [message for message in mailoutbox if transport.name in message.subject]


def test_of_letters_that_waited_the_newest_takes_what_the_older_ones_asked(
    switched_on: ReformList, transport: Agency, mailoutbox: Mailbox
) -> None:
    Agency.objects.filter(pk=transport.pk).update(email="")
    for day in (AHEAD, DUE, LATE):
        sweep(day)
    Agency.objects.filter(pk=transport.pk).update(email="t@example.org")
    sweep(dt.date(2022, 6, 28))
    (letter,) = [message for message in mailoutbox if message.to == ["t@example.org"]]
    # The last word alone, and not that it was due on a day that has gone by.
    assert "未按时报送" in letter.body
    assert "请于" not in letter.body.replace("请于2022年6月24日前签收", "")
    states = Counter(Delivery.objects.filter(agency=transport).values_list("state", flat=True))
    assert states == {"sent": 1, "dropped": states["dropped"]}


def test_nothing_is_asked_of_a_period_whose_day_was_before_the_lists_first(switched_on: ReformList) -> None:
    ReformList.objects.update(reminders_from=dt.date(2022, 6, 25))
    assert owed_asks(LATE, WorkingDays()) == []
    ReformList.objects.update(reminders_from=ON, archived_on=ON)
    assert owed_asks(LATE, WorkingDays()) == []


def test_an_edition_not_taken_note_of_is_reminded_of_twice(given: ListEdition, transport: Agency) -> None:
    create_day_by_day(dt.date(2022, 8, 1))
    assert [on for on, _late in told(transport, Kind.ACKNOWLEDGE_DUE)] == [SIGN, SIGN_AGAIN]


def test_whose_day_has_passed_is_not_asked_to_sign_before_it(given: ListEdition, transport: Agency) -> None:
    create_asks(SIGN)
    create_asks(SIGN_AGAIN)
    first, second = Notice.objects.filter(agency=transport, kind=Kind.ACKNOWLEDGE_DUE).order_by("on")
    assert str(sentence_of(first)).endswith(f"请于{day_text(SIGN)}前签收。")
    assert str(sentence_of(second)).endswith(f"应于{day_text(SIGN)}前签收。")


def test_whoever_has_signed_is_not_reminded(given: ListEdition, transport: Agency, person: PersonMaker) -> None:
    acknowledge(given.pk, transport.pk, who=acting(person(Role.REPORTER, agency=transport)), on=ON)
    create_asks(SIGN)
    asked = set(Notice.objects.filter(kind=Kind.ACKNOWLEDGE_DUE).values_list("agency", flat=True))
    assert transport.pk not in asked
    assert len(asked) > 50


def test_who_came_to_it_later_has_three_days_from_then(given: ListEdition, transport: Agency) -> None:
    given_on = dt.date(2022, 6, 17)
    Notice.objects.create(
        kind=Kind.ASSIGNED,
        agency=transport,
        on=given_on,
        created_at=given.imported_at,
        facts={"group": "各区政府", "count": 3},
    )
    create_day_by_day(dt.date(2022, 6, 24))
    (notice,) = Notice.objects.filter(agency=transport, kind=Kind.ACKNOWLEDGE_DUE)
    assert (notice.on, notice.facts["due"]) == (dt.date(2022, 6, 22), "2022-06-22")


def test_the_letter_leads_to_where_one_signs(given: ListEdition, transport: Agency, mailoutbox: Mailbox) -> None:
    Measure.objects.update(deadline_in_force=None)
    sweep(SIGN)
    letter = letter_to(transport, mailoutbox)
    assert letter.subject == f"【签收提醒】市交通运输局：请签收《{given.reform_list}》（第1版）"
    assert "请于2022年6月20日前签收" in letter.body
    assert "/desk/" in letter.body


def test_outside_the_governments_line_one_is_asked_to_sign(given: ListEdition, mailoutbox: Mailbox) -> None:
    Measure.objects.update(deadline_in_force=None)
    sweep(SIGN)
    letter = letter_to(Agency.objects.get(name="市中级法院"), mailoutbox)
    assert letter.subject == f"【商请】商请市中级法院签收《{given.reform_list}》（第1版）"
    assert "商请于2022年6月20日前签收" in letter.body
    asks = asks_of(Notice.objects.filter(kind=Kind.ACKNOWLEDGE_DUE), dt.date(2022, 6, 21))
    court = Agency.objects.get(name="市中级法院")
    assert asks[court.pk][0].lines[0].words == "尚未签收，商请予以签收（原商请2022年6月20日前签收）"
    assert "进展情况" not in letter.body


def test_what_is_left_of_many_is_asked_at_once(switched_on: ReformList, django_assert_max_num_queries: Any) -> None:
    create_asks(AHEAD)
    notices = list(Notice.objects.filter(kind=Kind.REPORT_DUE))
    assert len({notice.agency_id for notice in notices}) > 70
    with django_assert_max_num_queries(4):
        asks = asks_of(notices, AHEAD)
    assert sum(len(ask.lines) for found in asks.values() for ask in found) == unreported(DUE).count()


def test_the_offices_desk_says_since_when(
    given: ListEdition, person: PersonMaker, signed_in: Callable[[User], Client]
) -> None:
    ReformList.objects.update(reminders_from=dt.date(2022, 6, 17))
    page = signed_in(person(Role.SUPERVISOR)).get("/desk/").content.decode()
    assert "2022年6月17日交办" in " ".join(page.split())
