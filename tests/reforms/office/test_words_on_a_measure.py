"""The page of a measure says how often it was chased, by hand and by reminders, to those who may read it."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.history.measure import changes_to
from reforms.models import Measure, ReformList, Reminder
from reforms.office.chasing import chase, words_on
from reforms.reminders.sending.outbox import sweep
from reforms.reminders.told import told_of
from tests.conftest import PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.reminders.conftest import switch_on

SignIn = Callable[[User], Client]
FIRST, SECOND = dt.date(2022, 7, 1), dt.date(2022, 7, 7)


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


@pytest.fixture
def chased(reform_list: ReformList, led: Measure, cast: Cast) -> Measure:
    """`led` alone, due on 30 June: reminded twice after it, and chased by hand in between."""
    switch_on(reform_list)
    Measure.objects.exclude(pk=led.pk).update(disposition="withdrawn")
    for day in (dt.date(2022, 6, 30), FIRST, SECOND):
        sweep(day)
    chase(led.pk, words="请报送。", who=acting(cast.supervisor), on=dt.date(2022, 7, 4))
    return led


def test_each_word_of_a_day_counts_once_with_whom_and_by_whom(chased: Measure, cast: Cast) -> None:
    words = words_on(changes_to(chased, acting(cast.supervisor)), told_of(chased))
    assert [(word.on, word.label) for word in words] == [
        (SECOND, "再次催办"),
        (dt.date(2022, 7, 4), "催办"),
        (FIRST, "首次催办"),
    ]
    assert [bool(word.by) for word in words] == [False, True, False]
    assert all("市交通运输局" in word.agencies for word in words)


def test_the_page_says_so_and_its_history_has_every_reminder(
    chased: Measure, cast: Cast, transport: Agency, signed_in: SignIn
) -> None:
    page = signed_in(cast.supervisor).get(chased.get_absolute_url())
    text = page.content.decode()
    assert "催办3次，最近2022年7月7日（再次催办）" in text
    told = [(entry.on, entry.what) for entry in page.context["history"] if transport in entry.agencies]
    assert {(dt.date(2022, 6, 30), "到期提醒"), (FIRST, "首次催办"), (SECOND, "再次催办")} <= set(told)


def test_visitors_and_other_agencies_read_nothing_of_it(
    chased: Measure, client: Client, signed_in: SignIn, person: PersonMaker, market: Agency
) -> None:
    assert "再次催办" not in client.get(chased.get_absolute_url()).content.decode()
    other = signed_in(person(Role.REPORTER, agency=market))
    assert "再次催办" not in other.get(chased.get_absolute_url()).content.decode()


def test_who_owes_is_shown_with_the_last_reminder(
    chased: Measure, cast: Cast, signed_in: SignIn, settings: object
) -> None:
    settings.PORTAL_TODAY = dt.date(2022, 7, 8)  # type: ignore[attr-defined]
    page = signed_in(cast.supervisor).get("/unreported/")
    (row,) = [row for row in page.context["owing"] if row.owing.agency == cast.agency]
    assert row.reminded
    assert (row.reminded.on, row.reminded.label) == (SECOND, "再次催办")
    assert row.chase
    assert row.chase.on == dt.date(2022, 7, 4)


def test_what_was_dropped_before_it_was_sent_was_not_told(chased: Measure, cast: Cast) -> None:
    for reminder in Reminder.objects.filter(due_on=SECOND).select_related("delivery"):
        assert reminder.delivery
        reminder.delivery.state = "dropped"
        reminder.delivery.save()
    assert len(words_on(changes_to(chased, acting(cast.supervisor)), told_of(chased))) == 2
