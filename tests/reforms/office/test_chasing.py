"""催办: who is told of what, and what the office remembers of it."""

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from agencies.models import Agency, Change, Membership, Role, User
from reforms.lib.words import day_text
from reforms.models import Delivery, Duty, Measure, Notice, ReformList, Stale
from reforms.office.chasing import ChasedMeanwhile, asked_in_period, chase, chase_owing, chases_of, last_chases
from reforms.reminders.notices import compose
from reforms.reminders.sending.gathering import gather_notices
from reforms.reports.periods import by_agency, unreported
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, SLUG, PersonMaker
from tests.reforms.many import many_lists
from tests.reforms.people import Cast, acting
from tests.reforms.reports.late import late_claimants

SignIn = Callable[[User], Client]
YESTERDAY = ON - dt.timedelta(days=1)


@pytest.fixture
def other(person: PersonMaker) -> User:
    """A second supervisor."""
    return person(Role.SUPERVISOR, username="second-supervisor")


def value(agency: Agency, last: int = 0) -> str:
    return f"{agency.pk}:{last}"


def owing(count: int) -> list[Agency]:
    """The first agencies that owe a report."""
    return [one.agency for one in by_agency(unreported(ON))[:count]]


TAKEN = 500


@contextmanager
def few_values(most: int) -> Iterator[None]:
    """A SQLite that takes no more values in a query; other databases take as many as there are."""
    if connection.vendor != "sqlite":
        yield
        return
    limit = sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER
    before = connection.connection.setlimit(limit, most)
    try:
        yield
    finally:
        connection.connection.setlimit(limit, before)


def test_chasing_tells_those_who_still_have_to_act(led: Measure, cast: Cast) -> None:
    assert chase(led.pk, words="请尽快。", seen=led.version, who=acting(cast.supervisor), on=ON) >= 1
    told = Notice.objects.get(kind="chased", agency=cast.agency)
    assert (told.measure, told.facts["words"]) == (led, "请尽快。")
    with pytest.raises(Stale):
        chase(led.pk, seen=led.version + 1, who=acting(cast.supervisor), on=ON)


def test_who_owes_reports_is_told_once_and_who_reported_meanwhile_is_left_in_peace(
    led: Measure, cast: Cast, market: Agency
) -> None:
    owing = unreported(ON)
    submit_report(led.pk, cast.agency.pk, ReportContent(progress="已启动。"), who=acting(cast.reporter), on=ON)
    done = chase_owing(owing, [cast.agency.pk], words="请报送。", who=acting(cast.supervisor), on=ON)
    told = Notice.objects.get(kind="chased")
    assert (done.agencies, done.measures, told.agency, told.facts["count"]) == (
        1,
        owing.of([cast.agency.pk]).count(),
        cast.agency,
        done.measures,
    )
    assert led.pk not in told.facts["measures"]
    assert Change.objects.filter(action="measure.chased").count() == done.measures
    assert chase_owing(owing, [], who=acting(cast.supervisor), on=ON).agencies == 0
    with pytest.raises(PermissionDenied):
        chase_owing(owing, [market.pk], who=acting(cast.reporter), on=ON)


def test_measures_of_the_chasers_own_agency_are_left_to_another(led: Measure, cast: Cast, market: Agency) -> None:
    Membership.objects.create(user=cast.supervisor, agency=cast.agency, role=Role.VIEWER)
    owing = unreported(ON, ReformList.objects.all())
    done = chase_owing(owing, [cast.agency.pk], who=acting(cast.supervisor), on=ON)
    assert (done.agencies, done.apart) == (0, owing.of([cast.agency.pk]).count())
    assert not Notice.objects.filter(kind="chased").exists()


def test_one_measure_is_not_chased_again_by_somebody_who_has_not_seen_that_it_was(
    led: Measure, cast: Cast, other: User
) -> None:
    chase(led.pk, words="请尽快。", since=0, who=acting(cast.supervisor), on=ON)
    with pytest.raises(Stale):
        chase(led.pk, since=0, who=acting(other), on=ON)
    last = chases_of(led)[0]
    assert chase(led.pk, since=last.sequence, who=acting(other), on=ON)
    assert [found.actor for found in chases_of(led)] == [acting(other).label, acting(cast.supervisor).label]


def test_the_second_form_on_one_day_tells_of_the_first_and_asks(
    led: Measure, cast: Cast, other: User, signed_in: SignIn
) -> None:
    client = signed_in(cast.supervisor)
    address = f"/measures/{led.pk}/steer/"
    form = next(form for form in client.get(address).context["forms"] if form.act == "chase")
    old = {"act": "chase", "words": "请报送。", **form.initial}
    # Somebody else was quicker.
    chase(led.pk, words="请尽快。", who=acting(other), on=ON)
    told = client.post(address, old)
    assert told.status_code == 409
    assert acting(other).label in told.content.decode()
    again = next(form for form in told.context["forms"] if form.act == "chase")
    fresh = {name: again[name].value() for name in ("seen", "since", "words")} | {"act": "chase"}
    asked = client.post(address, fresh)
    assert f"已催办1次，最近一次{day_text(ON)}" in asked.content.decode()
    assert Notice.objects.filter(kind="chased", agency=cast.agency).count() == 1
    client.post(address, fresh | {"confirmed": "1"})
    assert Notice.objects.filter(kind="chased", agency=cast.agency).count() == 2


def test_of_two_who_chase_one_agency_the_second_is_told_who_did_when(
    signed_in: SignIn, cast: Cast, other: User, market: Agency
) -> None:
    client = signed_in(cast.supervisor)
    chase_owing(unreported(ON), [market.pk], words="请今天报送。", who=acting(other), on=ON)
    sent = client.post("/unreported/", {"agency": [value(cast.agency), value(market)], "words": "请报送。"})
    text = sent.content.decode()
    assert sent.status_code == 409
    assert acting(other).label in text
    # Nobody was told twice, nor was the other told half of it; what was ticked and written stays.
    assert Notice.objects.filter(kind="chased").count() == 1
    assert [row.owing.agency for row in sent.context["owing"] if row.ticked] == [cast.agency]
    assert 'value="请报送。"' in text
    now = last_chases([market.pk])[market.pk].pk
    client.post("/unreported/", {"agency": [value(cast.agency), value(market, now)], "confirmed": "1"})
    assert Notice.objects.filter(kind="chased").count() == 3


def test_more_than_five_are_shown_once_more_with_who_was_asked_in_this_period(signed_in: SignIn, cast: Cast) -> None:
    client, agencies = signed_in(cast.supervisor), owing(6)
    chase_owing(unreported(ON), [agencies[0].pk], who=acting(cast.supervisor), on=YESTERDAY)
    # Before this period began: that is no second time.
    chase_owing(unreported(ON), [agencies[1].pk], who=acting(cast.supervisor), on=dt.date(2021, 12, 1))
    last = last_chases([agency.pk for agency in agencies])
    ticks = [value(agency, last[agency.pk].pk if agency.pk in last else 0) for agency in agencies]
    # One that was asked already is enough to be asked about.
    warned = client.post("/unreported/", {"agency": ticks[:5]}).content.decode()
    assert "其中1个单位本期已要求报送。" in warned
    assert client.post("/unreported/", {"agency": ticks[1:5]}).status_code == 302
    before = Notice.objects.filter(kind="chased").count()
    last = last_chases([agency.pk for agency in agencies])
    ticks = [value(agency, last[agency.pk].pk if agency.pk in last else 0) for agency in agencies]
    asked = client.post("/unreported/", {"agency": ticks, "words": "请报送。"})
    assert Notice.objects.filter(kind="chased").count() == before
    text = asked.content.decode()
    duties = Duty.objects.filter(agency__in=agencies, pk__in=unreported(ON))
    assert (
        f"将向<strong>6</strong>个单位各发一条催办消息，涉及<strong>{asked.context['measures']}</strong>条举措" in text
    )
    # A jointly held measure is one measure.
    assert asked.context["measures"] == duties.values("measure").distinct().count() < duties.count()
    assert "其中5个单位本期已要求报送。" in text
    client.post("/unreported/", {"agency": ticks, "words": "请报送。", "confirmed": "1"})
    assert Notice.objects.filter(kind="chased").count() == before + 6


def test_more_may_be_chased_than_a_query_takes_values(signed_in: SignIn, cast: Cast, reform_list: ReformList) -> None:
    """The office ticks all agencies of many lists: hundreds of thousands of duties."""
    many_lists(reform_list, 4)
    owed = by_agency(unreported(ON))
    assert sum(one.count for one in owed) > TAKEN
    client, ticks = signed_in(cast.supervisor), [value(one.agency) for one in owed]
    with few_values(TAKEN):
        asked = client.post("/unreported/", {"agency": ticks})
    assert len(asked.context["owing"]) == len(owed)


def test_of_what_is_ticked_only_what_is_shown_is_chased(signed_in: SignIn, cast: Cast, demo: ReformList) -> None:
    client, late = signed_in(cast.supervisor), late_claimants(ON)
    first = by_agency(late)[0].agency
    client.post("/unreported/?overdue=true", {"agency": [value(first)]})
    told = Notice.objects.get(kind="chased")
    assert sorted(told.facts["measures"]) == sorted(late.of([first.pk]).values_list("measure", flat=True))
    assert len(told.facts["measures"]) < unreported(ON).of([first.pk]).count()


def test_whoever_was_asked_about_other_measures_was_not_asked_about_these(
    reform_list: ReformList, cast: Cast, market: Agency
) -> None:
    owed = unreported(ON).of([market.pk])
    one = owed.exclude(measure__is_standing=True).order_by("pk")[:1]
    rest = owed.exclude(pk__in=[duty.pk for duty in one])
    chase_owing(
        unreported(ON).filter(pk__in=[duty.pk for duty in one]), [market.pk], who=acting(cast.supervisor), on=ON
    )
    assert asked_in_period(owed, ON) == {market.pk}
    assert asked_in_period(rest, ON) == frozenset()
    # In the next month those that are under way are asked for anew.
    july_1 = dt.date(2022, 7, 1)
    assert asked_in_period(unreported(july_1).of([market.pk]), july_1) == frozenset()


def test_the_desk_ticks_all_that_are_late_but_those_chased_today(
    demo: ReformList, cast: Cast, signed_in: SignIn
) -> None:
    late = late_claimants(ON)
    first, second, *rest = [one.agency for one in by_agency(late)]
    chase_owing(late, [first.pk], who=acting(cast.supervisor), on=ON)
    chase_owing(late, [second.pk], who=acting(cast.supervisor), on=YESTERDAY)
    page = signed_in(cast.supervisor).get("/desk/")
    ticked = {row.owing.agency for row in page.context["late"].rows if row.ticked}
    assert ticked == {second, *rest}
    assert day_text(YESTERDAY) in page.content.decode()


def test_the_record_of_chases_tells_who_asked_whom_for_what(signed_in: SignIn, cast: Cast, market: Agency) -> None:
    done = chase_owing(unreported(ON), [market.pk], words="请今天报送。", who=acting(cast.supervisor), on=ON)
    chase_owing(unreported(ON), [cast.agency.pk], who=acting(cast.supervisor), on=ON)
    page = signed_in(cast.supervisor).get("/chases/")
    rows = {row.chase.agency: row for row in page.context["rows"]}
    assert set(rows) == {market, cast.agency}
    assert len(rows[market].chase.measures) == done.measures
    text = page.content.decode()
    assert "共<strong>2</strong>次" in text
    assert f"{done.measures}条举措" in text
    assert acting(cast.supervisor).label in text
    assert "仅站内消息" in text
    only = signed_in(cast.supervisor).get(f"/chases/?agency={market.pk}").context["rows"]
    assert [row.chase.agency for row in only] == [market]
    # An agency reads what it was told, and nothing of others.
    own = signed_in(cast.reporter).get("/chases/").context["rows"]
    assert [row.chase.agency for row in own] == [cast.agency]


def test_the_letter_names_every_measure_that_is_asked_for(cast: Cast) -> None:
    ReformList.objects.filter(slug=SLUG).update(reminders_on=True, reminders_from=ON)
    hidden = ReformList.objects.create(slug="closed", title="未启用提醒的清单", year=2022, open_to="all")
    moved = Measure.objects.filter(duties__agency=cast.agency).order_by("row").first()
    assert moved is not None
    chase_owing(unreported(ON), [cast.agency.pk], words="请今天报送。", who=acting(cast.supervisor), on=ON)
    # Of a list that may not be written about nothing is told.
    Measure.objects.filter(pk=moved.pk).update(reform_list=hidden)
    gather_notices(ON)
    letter = compose(Delivery.objects.get(agency=cast.agency), ON)
    assert letter is not None
    asked = Notice.objects.get(kind="chased").facts["measures"]
    assert f"请尽快报送{len(asked)}条举措的进展：请今天报送。" in letter.text
    for measure in Measure.objects.filter(pk__in=asked):
        assert (f"/measures/{measure.pk}/" in letter.text) == (measure.pk != moved.pk)
        assert (f"/measures/{measure.pk}/" in letter.html) == (measure.pk != moved.pk)


def test_who_is_outside_the_governments_line_is_asked_and_not_chased(cast: Cast) -> None:
    ReformList.objects.filter(slug=SLUG).update(reminders_on=True, reminders_from=ON)
    court = Agency.objects.get(name="市中级法院")
    assert court.outside_line
    chase_owing(unreported(ON), [court.pk], who=acting(cast.supervisor), on=ON)
    gather_notices(ON)
    letter = compose(Delivery.objects.get(agency=court), ON)
    assert letter is not None
    count = Notice.objects.get(kind="chased").facts["count"]
    assert f"商请提供{count}条举措的进展情况" in letter.text
    for word in ("催办", "请尽快", "逾期"):
        assert word not in letter.subject + letter.text + letter.html


def test_a_list_of_which_nothing_may_leave_sends_no_letter(cast: Cast) -> None:
    """Another list's reminders being on does not let letters about this one out."""
    ReformList.objects.create(slug="another", title="另一份清单", year=2022, reminders_on=True, reminders_from=ON)
    chase_owing(unreported(ON), [cast.agency.pk], who=acting(cast.supervisor), on=ON)
    assert not Notice.objects.get(kind="chased").by_mail


def test_a_seen_chase_that_is_still_the_last_is_no_obstacle(cast: Cast) -> None:
    chase_owing(unreported(ON), [cast.agency.pk], who=acting(cast.supervisor), on=YESTERDAY)
    last = last_chases([cast.agency.pk])[cast.agency.pk]
    done = chase_owing(
        unreported(ON), [cast.agency.pk], seen={cast.agency.pk: last.pk}, who=acting(cast.supervisor), on=ON
    )
    assert done.agencies == 1
    with pytest.raises(ChasedMeanwhile) as told:
        chase_owing(
            unreported(ON), [cast.agency.pk], seen={cast.agency.pk: last.pk}, who=acting(cast.supervisor), on=ON
        )
    assert [(found.agency, found.on) for found in told.value.chases] == [(cast.agency, ON)]
