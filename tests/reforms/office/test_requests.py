"""减负: how often agencies were asked, by month; each number is that of the requests it leads to."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Agency, Role, User
from reforms.models import Delivery, Duty, Measure, Notice, Period, ReformList, Reminder, SupervisionOrder
from reforms.office.chasing import chase, chase_owing
from reforms.office.requests import Kind, requests, requests_by_month
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import due_in
from reforms.reports.periods import asked_of, span_on, unreported
from tests.conftest import ON, PersonMaker
from tests.reforms.catalogue.test_lists_begin import import_another
from tests.reforms.people import acting
from tests.reforms.reorganisations import merge_into
from tests.reforms.shown import get, words


def cells(client: Client, name: str, query: str = "") -> dict[str, Any]:
    """The cells of an agency by the heading of their column."""
    tree = get(client, f"/performance/asked/?{query}").tree
    headings = [words(one) for one in tree.xpath("//table/thead//th")][1:]
    row = next(row for row in tree.xpath("//table/tbody/tr") if words(row.xpath("./th/a")[0]) == name)
    return dict(zip(headings, row.xpath("./td"), strict=True))


def counts(client: Client, name: str, query: str = "") -> dict[str, int]:
    """The numbers that are not 0."""
    return {month: int(words(cell)) for month, cell in cells(client, name, query).items() if words(cell) != "0"}


@pytest.fixture
def office(person: PersonMaker) -> User:
    return person(Role.SUPERVISOR, username="office")


@pytest.fixture
def quiet(reform_list: ReformList) -> ReformList:
    """Nothing is asked for by period; in work since January 2022."""
    ReformList.objects.update(report_every=Period.NEVER, standing_every=Period.NEVER, issued_on=dt.date(2022, 1, 31))
    reform_list.refresh_from_db()
    return reform_list


def test_a_period_is_asked_for_once_a_list(quiet: ReformList, transport: Agency, office: User, signed_in: Any) -> None:
    client = signed_in(office)
    assert counts(client, transport.name) == {}
    ReformList.objects.update(report_every=Period.MONTH)
    # However many measures; from the month of its issue to the present one.
    held = Duty.objects.of([transport.pk]).count()
    assert held > 1
    monthly = dict.fromkeys([f"2022-{month:02}" for month in range(1, 7)], 1)
    assert counts(client, transport.name) == {**monthly, "合计": 6}
    ReformList.objects.update(report_every=Period.QUARTER)
    assert counts(client, transport.name) == {"2022-03": 1, "2022-06": 1, "合计": 2}
    assert counts(client, transport.name, "on=2022-04-30") == {"2022-03": 1, "合计": 1}
    import_another(ON)
    ReformList.objects.exclude(pk=quiet.pk).update(
        report_every=Period.QUARTER, standing_every=Period.NEVER, issued_on=dt.date(2022, 6, 1), open_to="agencies"
    )
    asked = counts(client, transport.name)
    other = Duty.objects.in_work().of([transport.pk]).exclude(measure__reform_list=quiet).exists()
    assert asked["2022-06"] == (2 if other else 1)


def test_nothing_is_asked_of_whoever_has_closed_everything(
    quiet: ReformList, transport: Agency, office: User, signed_in: Any
) -> None:
    ReformList.objects.update(report_every=Period.MONTH)
    mine = Measure.objects.held_by([transport.pk]).filter(is_standing=False)
    mine.update(status="closed", closed_on=dt.date(2022, 3, 10), claimed_on=dt.date(2022, 3, 10))
    assert counts(signed_in(office), transport.name) == {"2022-01": 1, "2022-02": 1, "2022-03": 1, "合计": 3}


def test_a_chase_counts_once_an_agency_however_much_it_owes(
    quiet: ReformList, transport: Agency, office: User, signed_in: Any
) -> None:
    client, who = signed_in(office), acting(office)
    ReformList.objects.update(report_every=Period.MONTH)
    chase_owing(unreported(dt.date(2022, 5, 4)), [transport.pk], who=who, on=dt.date(2022, 5, 4))
    assert counts(client, transport.name, "kind=chase") == {"2022-05": 1, "合计": 1}
    measure = Measure.objects.held_by([transport.pk]).order_by("pk")[0]
    chase(measure.pk, who=who, on=ON)
    assert counts(client, transport.name, "kind=chase") == {"2022-05": 1, "2022-06": 1, "合计": 2}


def test_a_letter_after_the_deadline_counts_once_a_day_and_one_before_it_never(
    quiet: ReformList, transport: Agency, office: User, signed_in: Any
) -> None:
    made = {"created_at": timezone.now(), "agency": transport}
    letters = [
        Delivery.objects.create(
            agency=transport,
            on=ON,
            state=state,
            message_id=state,
            created_at=timezone.now(),
            next_try_at=timezone.now(),
        )
        for state in ("sent", "dropped")
    ]
    one, other, third = Measure.objects.held_by([transport.pk]).order_by("pk")[:3]
    day = dt.date(2022, 5, 31)
    for measure, stage, letter in (
        (one, "first_chase", letters[0]),
        (other, "week_2022-05-30", letters[0]),
        (third, "before_7", letters[0]),
        (third, "second_chase", letters[1]),
    ):
        on = day if stage != "second_chase" else dt.date(2022, 4, 1)
        Reminder.objects.create(measure=measure, stage=stage, deadline=day, due_on=on, delivery=letter, **made)
    assert counts(signed_in(office), transport.name) == {"2022-05": 1, "合计": 1}


def test_an_order_counts_from_its_issue(quiet: ReformList, transport: Agency, office: User, signed_in: Any) -> None:
    drafted = {"agency": transport, "drafted_on": ON, "subject": "督办", "content": "请抓紧。"}
    issued = {"number": "督〔2022〕1号", "signed_by": "王秘书长", "issued_on": dt.date(2022, 6, 1), "reply_by": ON}
    SupervisionOrder.objects.create(state="void", **drafted, **issued)
    SupervisionOrder.objects.create(state="draft", **drafted)
    assert counts(signed_in(office), transport.name) == {"2022-06": 1, "合计": 1}


def test_each_number_is_that_of_its_rows(
    demo: ReformList, market: Agency, transport: Agency, office: User, signed_in: Any
) -> None:
    client, who = signed_in(office), acting(office)
    import_another(ON)
    chase_owing(unreported(ON), [market.pk, transport.pk], who=who, on=ON)
    merge_into(market, transport)
    followed = 0
    for query in ("", "kind=period", "kind=chase", "on=2022-05-31"):
        tree = get(client, f"/performance/asked/?{query}").tree
        for link in tree.xpath("//table/tbody/tr/td/a")[:40]:
            rows = get(client, link.get("href")).tree.xpath('//p[@class="said"]//strong/text()')
            assert [words(link)] == rows, link.get("href")
            followed += 1
    assert followed > 80
    # Who was dissolved was asked while it was there.
    assert counts(client, transport.name, "kind=chase") == {"2022-06": 1, "合计": 1}
    assert Notice.objects.filter(kind="chased", agency=transport).count() == 1


def test_periods_are_those_of_the_duties_one_by_one(demo: ReformList) -> None:
    import_another(ON)
    ReformList.objects.exclude(pk=demo.pk).update(report_every=Period.QUARTER, standing_every=Period.MONTH)
    first, last = dt.date(2021, 9, 1), dt.date(2022, 8, 31)
    every = list(Agency.objects.values_list("pk", flat=True))
    held = Duty.objects.in_work().filter(measure__disposition="active").select_related("measure__reform_list")
    asked = set()
    for duty in held:
        span = span_on(first, asked_of(duty.measure))
        while span and span.first <= last:
            closed, one = duty.measure.closed_on, duty.measure.reform_list
            due = due_in(span, one.report_day, WorkingDays.stored())
            begun = one.year <= span.last.year and (one.issued_on or one.first_on or span.first) <= span.last
            if first <= due <= last and begun and (closed is None or closed >= span.first):
                asked.add((duty.agency_id, one.pk, due))
            span = span_on(span.last + dt.timedelta(days=1), asked_of(duty.measure))
    found = requests(every, first, last, [Kind.PERIOD])
    told = [(one.agency, one.reform_list.pk if one.reform_list else 0, one.on) for one in found]
    assert len(told) == len(set(told)) > 500
    assert set(told) == asked
    by_month = Counter((agency, due.replace(day=1)) for agency, _pk, due in asked)
    assert requests_by_month(every, first, last, [Kind.PERIOD]) == by_month
    assert requests_by_month(every, first, last) == Counter(
        (one.agency, one.on.replace(day=1)) for one in requests(every, first, last)
    )


def test_agencies_see_what_they_were_asked(
    demo: ReformList, transport: Agency, market: Agency, reporter: User, signed_in: Any
) -> None:
    client = signed_in(reporter)
    names = [words(one) for one in get(client, "/performance/asked/").tree.xpath("//table/tbody/tr/th/a")]
    assert names == [transport.name]
    page = get(client, f"/performance/asked/rows/?agency={market.pk}")
    assert page.tree.xpath('//p[@class="said"]//strong/text()') == ["0"]


def test_a_month_that_is_none_is_struck_out(demo: ReformList, office: User, signed_in: Any) -> None:
    page = get(signed_in(office), "/performance/asked/rows/?month=2022-13")
    assert page.struck == ["月份：2022-13"]
