"""本周督办情况: the office is told once a week how things stand, with the numbers of its desk."""

import datetime as dt
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db.models import Exists, OuterRef
from django.test import Client
from lxml import html

from agencies.models import Agency, Role
from reforms.models import Delivery, Duty, Measure, Notice, ReformList
from reforms.notices.inbox import notices_for
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.sending.outbox import sweep
from reforms.reminders.week import tell_the_office, week_facts
from tests.conftest import PersonMaker
from tests.reforms.many import many_lists
from tests.reforms.people import acting

MONDAY = dt.date(2022, 7, 18)


def this_week() -> list[Notice]:
    return list(Notice.objects.filter(kind=Notice.Kind.WEEK).order_by("pk"))


def test_once_a_week_on_its_first_working_day(switched_on: ReformList) -> None:
    days = [MONDAY + dt.timedelta(days=ahead) for ahead in range(14)]
    assert [day for day in days if WorkingDays().works(day) and tell_the_office(day)] == [days[0], days[7]]


def test_after_a_holiday_on_the_day_on_which_work_begins(switched_on: ReformList) -> None:
    """October 2022: one works on Saturday the 8th, and the week before has no working day."""
    assert tell_the_office(dt.date(2022, 10, 8))
    assert [notice.on for notice in this_week()] == [dt.date(2022, 10, 8)]


def test_its_numbers_tell_measures_from_agencies(switched_on: ReformList) -> None:
    facts = week_facts(MONDAY, [switched_on.pk], WorkingDays())
    late = Measure.objects.counted().filter(
        Exists(Duty.objects.open().filter(measure=OuterRef("pk"))), deadline_in_force__lt=MONDAY
    )
    assert facts["late"] == late.count()
    duties = Duty.objects.open().filter(measure__in=late)
    assert facts["agencies"] == duties.values("agency").distinct().count()
    assert len({facts["late"], facts["agencies"], duties.count()}) == 3, "the readings differ"
    assert facts["longest"] == (MONDAY - min(late.values_list("deadline_in_force", flat=True))).days


def test_lists_that_are_not_switched_on_are_left_out(reform_list: ReformList) -> None:
    assert tell_the_office(MONDAY) == 0


def test_supervisors_read_it_and_get_it_by_mail_and_agencies_do_not(
    switched_on: ReformList, person: PersonMaker, transport: Agency, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    supervisor, reporter = person(Role.SUPERVISOR, username="wu"), person(Role.REPORTER, agency=transport)
    sweep(MONDAY)
    (notice,) = this_week()
    assert notice in notices_for(acting(supervisor))
    assert notice not in notices_for(acting(reporter))
    (letter,) = [message for message in mailoutbox if message.to == [supervisor.email]]
    assert letter.subject.startswith("【本周督办情况】逾期")
    assert (
        f"逾期{notice.facts['late']}条（{notice.facts['agencies']}家单位，最长{notice.facts['longest']}天）"
        in letter.body
    )
    sweep(MONDAY)
    sweep(MONDAY + dt.timedelta(days=1))
    assert Delivery.objects.filter(agency=None, user=None).count() == 1


def test_its_numbers_lead_to_their_rows_also_later_and_of_one_list(
    switched_on: ReformList, person: PersonMaker, client: Client, settings: Any
) -> None:
    office = person(Role.SUPERVISOR)
    client.force_login(office, backend="agencies.people.sign_in.PasswordBackend")
    # One that is not switched on, and not counted.
    many_lists(switched_on, 1)
    monday = dt.date(2022, 12, 5)
    tell_the_office(monday)
    (notice,) = this_week()
    settings.PORTAL_TODAY = monday + dt.timedelta(days=3)
    page = html.fromstring(client.get("/notices/").content.decode())
    links = {link.get("href"): int(link.text) for link in page.xpath('//p[@class="words"]/a')}
    late, agencies, near = (notice.facts[name] for name in ("late", "agencies", "near"))
    assert list(links.values()) == [late, agencies, near]
    for href, count in links.items():
        assert f"list={switched_on.slug}&on=2022-12-05" in href
        assert len(rows_behind(client, href)) == count, href


def rows_behind(client: Client, address: str) -> list[str]:
    """The first links of the rows of all pages of a table."""
    found: list[str] = []
    for number in range(1, 20):
        page = html.fromstring(client.get(f"{address}&page={number}").content.decode())
        rows = [str(row.xpath(".//a/@href")[0]) for row in page.xpath("//main//tbody/tr")]
        if not rows or rows[0] in found:
            break
        found += rows
    return found


@pytest.mark.parametrize("times", [1, 3])
def test_written_by_several_it_is_there_once(switched_on: ReformList, times: int) -> None:
    for _ in range(times):
        tell_the_office(MONDAY)
    assert len(this_week()) == 1


def test_of_weeks_without_mail_only_the_last_goes_out(
    switched_on: ReformList, person: PersonMaker, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    supervisor = person(Role.SUPERVISOR)
    address, supervisor.email = supervisor.email, ""
    supervisor.save()
    for week in range(3):
        sweep(MONDAY + dt.timedelta(days=7 * week))
    supervisor.email = address
    supervisor.save()
    sweep(MONDAY + dt.timedelta(days=15))
    letters = [message for message in mailoutbox if message.to == [address]]
    assert len(letters) == 1
    assert f"逾期{this_week()[-1].facts['late']}条" in letters[0].subject
    assert len(this_week()) == 3
