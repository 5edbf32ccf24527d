"""时限: every number leads to as many rows; two programs that know nothing of each other read the calendar."""

import datetime as dt
from typing import Any

import pytest
import vobject
from django.test import Client
from icalendar import Calendar
from lxml import html

from agencies.models import Agency
from reforms.models import Disposition, Measure, ReformList
from reforms.office.steer import dispose
from reforms.review.extensions import adjust_deadline
from tests.conftest import ON
from tests.reforms.people import Cast, acting
from tests.reforms.shown import asked, get


def tree_of(client: Client, query: str = "") -> Any:
    answer = client.get(f"/timeline/{query}")
    assert answer.status_code == 200
    return html.fromstring(answer.content.decode())


def lights_in(tree: Any) -> list[Any]:
    """The links of the lights of each month."""
    found: list[Any] = tree.xpath('//table//td[contains(@class, "spaced")]//a')
    return found


def counts(tree: Any) -> list[tuple[int, str]]:
    """Each number of the table, with where it leads."""
    links = tree.xpath('//table//td[@class="num"]/a')
    links_of_lights = lights_in(tree)
    numbers = [(int(link.text_content()), link.get("href")) for link in links]
    return numbers + [(int(link.text_content().split()[-1]), link.get("href")) for link in links_of_lights]


@pytest.mark.parametrize(
    "query", ["", "?section=5", "?lead=市市场监管局", "?on=2022-05-01", "?year=2022&light=due_soon"]
)
def test_every_number_leads_to_as_many_rows(client: Client, demo: ReformList, query: str) -> None:
    lead = Agency.objects.get(name="市市场监管局").pk
    tree = tree_of(client, query.replace("市市场监管局", str(lead)))
    found = counts(tree)
    assert found
    assert lights_in(tree)
    for number, address in found:
        assert get(client, address).total == number, address


def test_the_months_add_up_to_what_has_a_deadline(client: Client, demo: ReformList) -> None:
    tree = tree_of(client)
    months = tree.xpath('//tr[@class="month"]/td[@class="num"]/a/text()')
    assert [int(month) for month in months] == [17, 66, 102]
    assert "全年到期185条" in tree.xpath('string(//p[@class="summary"])')


def test_a_deadline_that_moves_into_another_year_is_found_there(
    client: Client, public: ReformList, led: Measure, cast: Cast
) -> None:
    adjust_deadline(led.pk, dt.date(2023, 1, 8), reference="〔2022〕9号", seen=None, who=acting(cast.supervisor), on=ON)
    assert tree_of(client).xpath('//nav[@class="years"]/a/text()') == ["2022", "2023"]
    assert [number for number, _address in counts(tree_of(client, "?year=2023"))][:1] == [1]


def test_what_was_stopped_is_in_neither(client: Client, public: ReformList, led: Measure, cast: Cast) -> None:
    before = len(events(client))
    dispose(led.pk, Disposition.CANCELLED, reason="并入", seen=None, who=acting(cast.supervisor), on=ON)
    assert "全年到期184条" in tree_of(client).xpath('string(//p[@class="summary"])')
    assert len(events(client)) == before - 1


def test_who_may_not_see_the_status_sees_printed_deadlines(
    client: Client, reform_list: ReformList, led: Measure, cast: Cast
) -> None:
    ReformList.objects.update(open_to="public", public_status=False)
    adjust_deadline(led.pk, dt.date(2023, 1, 8), reference="〔2022〕9号", seen=None, who=acting(cast.supervisor), on=ON)
    tree = tree_of(client)
    assert not tree.xpath('//nav[@class="years"]')
    assert not lights_in(tree)
    assert days(client)[led.pk] == dt.date(2022, 6, 30)
    assert "亮灯" not in client.get("/timeline/deadlines.ics").content.decode()


def events(client: Client, query: str = "") -> list[Any]:
    answer = client.get(f"/timeline/deadlines.ics{query}")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content).walk("VEVENT")


def days(client: Client) -> dict[int, dt.date]:
    """By measure the day on which its event begins."""
    found = [one for one in events(client) if str(one["uid"]).startswith("measure-")]
    return {int(str(one["uid"]).split("-")[1].split("@")[0]): one["dtstart"].dt for one in found}


def test_each_event_is_a_whole_day_and_named_for_its_measure(client: Client, demo: ReformList) -> None:
    expected = dict(asked("").ordered().exclude(deadline_in_force=None).values_list("pk", "deadline_in_force"))
    assert days(client) == expected
    for one in events(client):
        assert type(one["dtstart"].dt) is dt.date, "no time, and no zone"
        assert one["dtend"].dt - one["dtstart"].dt == dt.timedelta(days=1)
    only = events(client, "?item=8")
    assert str(only[0]["summary"]).startswith("第8项　")
    # Several of one item are told apart.
    assert {str(one["summary"]).partition("　")[0] for one in events(client, "?item=68")} == {
        f"第68项第{place}条" for place in range(1, 6)
    }


def test_another_program_reads_the_same(client: Client, demo: ReformList) -> None:
    content = client.get("/timeline/deadlines.ics?section=1").content.decode()
    read = vobject.readOne(content).vevent_list
    mine = events(client, "?section=1")
    assert len(read) == len(mine) > 10
    assert {(one.uid.value, one.dtstart.value, one.summary.value) for one in read} == {
        (str(one["uid"]), one["dtstart"].dt, str(one["summary"])) for one in mine
    }
    assert max(len(line.encode()) for line in content.split("\r\n")) <= 75, "folded as the standard says"


def test_an_event_keeps_its_name_when_its_day_moves(
    client: Client, public: ReformList, led: Measure, cast: Cast
) -> None:
    before = {str(one["uid"]) for one in events(client)}
    adjust_deadline(led.pk, dt.date(2022, 8, 1), reference="〔2022〕9号", seen=None, who=acting(cast.supervisor), on=ON)
    assert {str(one["uid"]) for one in events(client)} == before
    assert days(client)[led.pk] == dt.date(2022, 8, 1)


def test_of_a_list_that_is_not_open_nothing_is_told(client: Client, reform_list: ReformList) -> None:
    ReformList.objects.update(open_to="office")
    assert events(client) == []
    assert "这一年没有到期的举措" in tree_of(client).text_content()
