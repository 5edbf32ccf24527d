"""催办所选举措: what was ticked in the table is shown once more with whom it goes to, and each is told once."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client

from agencies.models import Agency, Role, User
from reforms.models import Duty, Measure, Notice, ReformList
from reforms.office.chasing import chase_owing
from tests.conftest import ON, PersonMaker
from tests.reforms.people import acting
from tests.reforms.shown import Page, get, plain, words

SEVERAL = 3


@pytest.fixture
def office(person: PersonMaker, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(person(Role.SUPERVISOR, username="office"))


@pytest.fixture
def chosen(demo: ReformList) -> list[Measure]:
    """Three that are overdue, of several agencies, one that is closed and one that is suspended."""
    overdue = list(
        Measure.objects.filter(deadline_in_force__lt=ON, status__in=("not_reported", "in_progress"))[:SEVERAL]
    )
    closed = Measure.objects.filter(status="closed")[0]
    stopped = Measure.objects.filter(status="in_progress").exclude(pk__in=[one.pk for one in overdue])[0]
    Measure.objects.filter(pk=stopped.pk).update(disposition="suspended")
    return [*overdue, closed, stopped]


def address(measures: list[Measure], query: str = "light=overdue&ordering=deadline") -> str:
    return "/measures/chase/?" + urlencode([("query", query), *(("measure", one.pk) for one in measures)])


def told(page: Page) -> list[str]:
    """Whom the page would tell."""
    return [words(cell) for cell in page.tree.xpath("//form//tbody/tr/th")]


def test_those_who_still_have_to_act_are_shown_and_each_is_told_once(office: Client, chosen: list[Measure]) -> None:
    page = get(office, address(chosen))
    waiting = Duty.objects.filter(measure__in=chosen[:SEVERAL], status__in=("not_reported", "in_progress", "standing"))
    agencies = set(waiting.values_list("agency__name", flat=True))
    assert set(told(page)) == agencies
    assert f"将向 {len(agencies)} 个单位各发一条催办消息，涉及 {SEVERAL} 条举措。" in plain(page.text)
    assert "所选举措中有2条" in plain(page.text)
    fields = {"agency": page.tree.xpath("//input[@name='agency']/@value"), "words": "请于本周内报送。"}
    response = office.post(address(chosen), fields)
    assert response["Location"] == "/measures/?light=overdue&ordering=deadline"
    notices = Notice.objects.filter(kind=Notice.Kind.CHASED, facts__words="请于本周内报送。")
    assert {notice.agency.name for notice in notices if notice.agency} == agencies
    assert len(notices) == len(agencies)
    about = {pk for notice in notices for pk in notice.facts["measures"]}
    assert about == {one.pk for one in chosen[:SEVERAL]}


def test_where_somebody_else_chased_meanwhile_nobody_is_told(
    office: Client, chosen: list[Measure], person: PersonMaker
) -> None:
    fields = {"agency": get(office, address(chosen)).tree.xpath("//input[@name='agency']/@value"), "words": "催"}
    another = acting(person(Role.SUPERVISOR, username="another"))
    duties = Duty.objects.filter(measure=chosen[0])
    chase_owing(duties, [duties[0].agency_id], words="先催", who=another, on=ON)
    before = Notice.objects.count()
    assert office.post(address(chosen), fields).status_code == 409
    assert Notice.objects.count() == before


def test_of_nothing_that_waits_nobody_is_chased(office: Client, chosen: list[Measure]) -> None:
    page = get(office, address(chosen[SEVERAL:]))
    assert "没有可催办的举措" in page.text
    assert not page.tree.xpath("//main//form")
    assert office.post(address(chosen[SEVERAL:]), {"words": "催"}).status_code == 422


def test_only_agencies_that_wait_are_told_whatever_is_sent(office: Client, chosen: list[Measure]) -> None:
    stranger = Agency.objects.exclude(duties__measure__in=chosen).filter(kind="single")[0]
    office.post(address(chosen), {"agency": [f"{stranger.pk}:0"], "words": "催"})
    assert not Notice.objects.filter(agency=stranger, facts__words="催").exists()


def test_ticks_stand_in_the_table_of_those_who_may_chase(office: Client, demo: ReformList, reporter: User) -> None:
    page = get(office, "/measures/?light=overdue")
    ticks = page.tree.xpath("//table//td/input[@form='bulk']/@value")
    assert [int(pk) for pk in ticks] == page.measure_ids
    assert page.tree.xpath("//form[@id='bulk']/input[@name='query']/@value") == ["light=overdue"]
    # Chasing is of today.
    assert not get(office, "/measures/?on=2022-05-31").tree.xpath("//form[@id='bulk']")
    assert not get(Client(), "/measures/").tree.xpath("//*[@form='bulk']|//form[@id='bulk']")
