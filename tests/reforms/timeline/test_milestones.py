"""阶段节点 beside the deadlines of a year, in a table of their own, in the calendar and on the desk."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar
from lxml import html

from agencies.models import Agency, Role, User
from reforms.models import Disposition, Measure, Milestone, ReformList, Status
from reforms.office.steer import dispose
from reforms.reports.milestones import PlannedStep, plan_milestone, report_milestone, withdraw_milestone
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting

SignIn = Callable[[User], Client]
EARLY = dt.date(2022, 4, 1)
DAYS = {"已完成的": dt.date(2022, 5, 20), "过期的": dt.date(2022, 6, 10), "近的": dt.date(2022, 6, 24)}
DAYS |= {"远的": dt.date(2023, 2, 10)}


@pytest.fixture
def steps(public: ReformList, led: Measure, cast: Cast) -> dict[str, Milestone]:
    """One reached, one missed, one near and one far off, and one that was withdrawn."""
    by: dict[str, Any] = {"who": acting(cast.reporter)}
    made = {
        name: plan_milestone(led.pk, PlannedStep(title=name, due_on=day), on=EARLY, **by) for name, day in DAYS.items()
    }
    reached = {"done_on": dt.date(2022, 5, 18), "words": "已印发。", "seen": None}
    report_milestone(made["已完成的"].pk, on=dt.date(2022, 5, 19), **reached, **by)
    gone = plan_milestone(led.pk, PlannedStep(title="撤销的", due_on=ON), on=EARLY, **by)
    withdraw_milestone(gone.pk, reason="", seen=None, on=ON, **by)
    return made


def tree_of(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.fromstring(answer.content.decode())


def titles(client: Client, query: str = "") -> list[str]:
    return [
        str(one) for one in tree_of(client, f"/milestones/{query}").xpath('//ol/li//a[contains(@href, "#")]/text()')
    ]


class TestYear:
    def test_each_number_leads_to_as_many_milestones(self, client: Client, steps: dict[str, Milestone]) -> None:
        for query in ("", "?year=2023", "?on=2022-05-01", "?section=1"):
            links = tree_of(client, f"/timeline/{query}").xpath('//td[contains(@class, "milestones")]/a')
            for link in links:
                assert len(titles(client, link.get("href").partition("/milestones/")[2])) == int(link.text)
            assert bool(links) == (query != "?section=1" or steps["近的"].measure.section.number == 1)

    def test_a_day_with_milestones_alone_has_a_row(self, client: Client, steps: dict[str, Milestone]) -> None:
        tree = tree_of(client, "/timeline/")
        assert "阶段节点3个" in tree.xpath('string(//p[@class="summary"])')
        assert "2022年5月20日" in tree.text_content()
        assert tree.xpath('//nav[@class="years"]/a/text()') == ["2022", "2023"]

    def test_visitors_see_none_where_the_status_is_not_public(
        self, client: Client, steps: dict[str, Milestone]
    ) -> None:
        ReformList.objects.update(public_status=False)
        assert "阶段节点" not in tree_of(client, "/timeline/").xpath("string(//main)").split("订阅地址")[0]
        assert titles(client) == []
        assert "milestone-" not in client.get("/timeline/deadlines.ics").content.decode()


class TestTable:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["已完成的", "过期的", "近的", "远的"]),
            ("?stage=open", ["过期的", "近的", "远的"]),
            ("?stage=missed", ["过期的"]),
            ("?stage=done", ["已完成的"]),
            ("?due_after=2022-06-10&due_before=2022-06-30", ["过期的", "近的"]),
            ("?on=2022-05-01&stage=open", ["已完成的", "过期的", "近的", "远的"]),
            ("?on=2022-05-01&stage=done", []),
            ("?on=2022-03-01", []),
            ("?stage=missed&light=closed", []),
        ],
    )
    def test_by_how_far_they_are_and_by_day(
        self, client: Client, steps: dict[str, Milestone], query: str, found: list[str]
    ) -> None:
        day = query.partition("on=")[2][:10]
        withdrawn = ["撤销的"] if day == "2022-05-01" and "done" not in query else []
        assert sorted(titles(client, query)) == sorted(found + withdrawn)

    def test_the_tabs_count_what_they_lead_to(self, client: Client, steps: dict[str, Milestone]) -> None:
        for link in tree_of(client, "/milestones/").xpath('//p[@class="tabs"]/a'):
            assert len(titles(client, link.get("href"))) == int(link.text_content().split()[-1])

    def test_what_cannot_be_used_is_struck_out(self, client: Client, steps: dict[str, Milestone]) -> None:
        tree = tree_of(client, "/milestones/?stage=late&due_after=soon&light=purple&colour=1")
        struck = " ".join(one.text_content() for one in tree.xpath('//s[@class="chip-off"]'))
        assert all(word in struck for word in ("late", "soon", "purple"))
        assert "colour" in tree.text_content()

    def test_what_is_claimed_closed_or_stopped_is_missed_nowhere(
        self, client: Client, steps: dict[str, Milestone], led: Measure, cast: Cast
    ) -> None:
        Measure.objects.filter(pk=led.pk).update(status=Status.UNDER_REVIEW, claimed_on=ON)
        assert titles(client, "?stage=missed") == []
        assert "未报告完成" not in client.get(led.get_absolute_url()).content.decode()
        Measure.objects.filter(pk=led.pk).update(status=Status.IN_PROGRESS, claimed_on=None)
        dispose(led.pk, Disposition.SUSPENDED, reason="等待", seen=None, who=acting(cast.supervisor), on=ON)
        assert titles(client) == []


class TestCalendar:
    def test_each_is_an_event_that_stays_the_same(
        self, client: Client, steps: dict[str, Milestone], cast: Cast
    ) -> None:
        def events() -> dict[str, Any]:
            found: Any = Calendar.from_ical(client.get("/timeline/deadlines.ics").content)
            return {str(one["uid"]): one for one in found.walk("VEVENT") if "milestone-" in str(one["uid"])}

        before = events()
        assert sorted(str(one["summary"]).split("：")[1][:2] for one in before.values()) == sorted(
            name[:2] for name in steps
        )
        near = next(uid for uid in before if uid.startswith(f"milestone-{steps['近的'].pk}@"))
        assert before[near]["dtstart"].dt == dt.date(2022, 6, 24)
        reached = {"done_on": ON, "words": "已完成。", "seen": None, "who": acting(cast.reporter), "on": ON}
        report_milestone(steps["近的"].pk, **reached)
        assert "已完成" in str(events()[near]["summary"])
        assert events().keys() == before.keys()

    def test_it_stays_small(self, client: Client, demo: ReformList) -> None:
        measures = list(Measure.objects.filter(disposition="active"))
        day = dt.date(2022, 7, 1)
        Milestone.objects.bulk_create(
            Milestone(measure=one, title="节" * 120, due_on=day, planned_on=EARLY) for one in measures
        )
        content = client.get("/timeline/deadlines.ics").content
        assert content.count(b"milestone-") <= 60
        assert len(content) < 300_000


class TestDesk:
    def test_who_leads_sees_what_is_near_or_missed(
        self, signed_in: SignIn, steps: dict[str, Milestone], cast: Cast, person: PersonMaker
    ) -> None:
        def shown(user: User) -> list[str]:
            tree = tree_of(signed_in(user), "/desk/")
            return tree.xpath('//section[@aria-labelledby="g-milestones"]//li//a[contains(@href, "#")]/span/text()')

        assert shown(cast.reporter) == ["过期的", "近的"]
        assert shown(person(Role.VIEWER, agency=cast.agency, username="viewer")) == ["过期的", "近的"]
        market = Agency.objects.get(name="市市场监管局")
        assert shown(person(Role.REPORTER, agency=market, username="market")) == []

    def test_it_shows_ten_and_says_how_many_there_are(
        self, signed_in: SignIn, steps: dict[str, Milestone], cast: Cast, led: Measure
    ) -> None:
        for number in range(12):
            step = PlannedStep(title=f"第{number}步", due_on=ON)
            plan_milestone(led.pk, step, who=acting(cast.reporter), on=ON)
        tree = tree_of(signed_in(cast.reporter), "/desk/")
        section = tree.xpath('//section[@aria-labelledby="g-milestones"]')[0]
        assert len(section.xpath(".//li")) == 10
        assert section.xpath('.//span[@class="n"]/text()') == ["14"]
        more = section.xpath(".//p/a/@href")[0]
        assert len(titles(signed_in(cast.reporter), more.partition("/milestones/")[2])) == 15

    def test_of_whom_one_is_the_officer(
        self, signed_in: SignIn, steps: dict[str, Milestone], cast: Cast, led: Measure
    ) -> None:
        client = signed_in(cast.reporter)
        assert not tree_of(client, "/desk/?mine=1").xpath('//h2[@id="g-milestones"]')
        led.duties.filter(agency=cast.agency).update(officer_user=cast.reporter)
        assert tree_of(client, "/desk/?mine=1").xpath('//h2[@id="g-milestones"]')
