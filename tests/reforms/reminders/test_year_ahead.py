"""今后十二个月: what the year would bring, against what each day then brings."""

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

from agencies.models import Agency, Role
from reforms.models import Notice, ReformList
from reforms.reminders.asks import create_asks
from reforms.reminders.owed import Ladder
from reforms.reminders.preview import year_ahead
from reforms.reminders.stages import DEFAULT, RuleFacts, default_rows, set_rules
from tests.conftest import ON, PersonMaker
from tests.reforms.people import acting

LAST = ON + dt.timedelta(days=365)


def test_it_says_day_by_day_what_then_goes_out(switched_on: ReformList) -> None:
    """Nobody reports: letters and words of every day are those of the year as it is gone through day by day."""
    said = {day.on: (day.agencies, dict(day.words)) for day in year_ahead(switched_on, ON, ON)}
    ladder = Ladder.of(ON, until=LAST)
    agencies: defaultdict[dt.date, set[int]] = defaultdict(set)
    words: defaultdict[dt.date, Counter[str]] = defaultdict(Counter)
    for day in (ON + dt.timedelta(days=ahead) for ahead in range(366)):
        owed = ladder.owed(day)
        ladder.tell(owed)
        for one in owed:
            agencies[day].add(one.agency_id)
            words[day][str(DEFAULT.stage(one.stage).label)] += 1
        if ladder.days.works(day):
            create_asks(day)
    for notice in Notice.objects.all():
        agencies[notice.on].add(notice.agency_id or 0)
        words[notice.on][str(DEFAULT.stage(notice.facts["stage"]).label)] += notice.facts.get("count", 1)
    assert len(said) > 80
    assert said == {day: (found, dict(words[day])) for day, found in agencies.items()}


def test_it_counts_whom_no_letter_reaches(switched_on: ReformList, transport: Agency) -> None:
    assert {day.without_mailbox for day in year_ahead(switched_on, ON, ON)} == {0}
    Agency.objects.filter(pk=transport.pk).update(email="")
    first = year_ahead(switched_on, ON, ON)[0]
    assert transport.pk in first.agencies
    assert first.without_mailbox == 1


def test_it_follows_the_lists_own_rules(switched_on: ReformList, person: PersonMaker) -> None:
    rows = [row for row in default_rows() if row.kind != "before"]
    set_rules(switched_on, [*rows, RuleFacts("before", 10)], who=acting(person(Role.SUPERVISOR)), on=ON)
    days = [day.on for day in year_ahead(switched_on, ON, ON) if "到期提醒" in day.words]
    assert dt.date(2022, 6, 20) in days
    assert dt.date(2022, 6, 23) not in days


def test_what_it_costs_does_not_grow_with_the_measures(
    switched_on: ReformList, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40):
        year_ahead(switched_on, ON, ON)
