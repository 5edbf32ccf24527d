"""A list counts from the day of issue, or from that of its first edition; no page drops the day it is asked for."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from agencies.access import PORTAL
from agencies.models import Role
from importers.editions.apply import Source, apply_plan
from importers.editions.known import plan_import
from importers.editions.new_list import list_for
from reforms.models import Audience, ReformList
from tests.conftest import ON, PersonMaker
from tests.importers.plans.test_plan import fourfold
from tests.reforms.shown import get, plain, words

EARLIER = dt.date(2022, 5, 1)
MAY, AHEAD = "2022-05-31", "2027-01-01"


def import_another(on: dt.date, issued: dt.date | None = None) -> ReformList:
    """Another list, whose first edition comes in on a day."""
    printed = fourfold().parsed()
    made = list_for(printed, slug="another", year=2022, on=on)
    made.title, made.issued_on, made.open_to = "另一清单", issued, Audience.PUBLIC
    made.save()
    source = Source(file_name="另.txt", file_sha256="0" * 64, original="", who=PORTAL, on=on)
    apply_plan(plan_import(printed, made), made, source)
    return ReformList.objects.get(pk=made.pk)


def stats(client: Client, on: str) -> tuple[int, list[str]]:
    said = client.get(f"/api/v1/stats?on={on}").json()
    return said["measures"], said["lists"]


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return plain(answer.content.decode())


def test_another_list_changes_no_day_before_it(client: Client, public: ReformList) -> None:
    before = stats(client, MAY)
    more = import_another(ON)
    measures = client.get(f"/api/v1/measures?list={more.slug}").json()["results"]
    assert stats(client, MAY) == before == (216, ["shenzhen-2022"])
    assert measures
    assert stats(client, ON.isoformat())[0] > 216


def test_a_list_that_was_issued_earlier_counts_from_then(client: Client, public: ReformList) -> None:
    import_another(ON, issued=EARLIER)
    assert stats(client, (EARLIER - dt.timedelta(days=1)).isoformat())[0] == 216
    assert stats(client, EARLIER.isoformat())[0] > 216


def test_the_overview_names_the_lists_that_it_counts(client: Client, public: ReformList) -> None:
    more = import_another(ON)
    past = shown(client, f"/?on={MAY}")
    assert f"计入的清单： {public}" in past
    assert f"此后印发、不计入： {more}" in past
    now = shown(client, "/")
    assert f"计入的清单： {public} 、 {more}" in now or f"计入的清单： {more} 、 {public}" in now


def test_the_curve_of_a_past_day_does_not_call_it_today(client: Client, public: ReformList) -> None:
    charts = get(client, f"/?on={MAY}").tree.xpath('//figure[contains(@class, "chart")]')
    assert [("2022年5月31日" in words(chart), "今天" in words(chart)) for chart in charts] == [
        (True, False),
        (True, False),
    ]
    assert "今天" in words(get(client, "/").tree.xpath('//figure[contains(@class, "curve")]')[0])


def test_measures_page_and_api_agree_on_a_past_day(client: Client, public: ReformList) -> None:
    import_another(ON)
    assert "共 216 条举措" in shown(client, f"/measures/?on={MAY}")
    assert client.get(f"/api/v1/measures?on={MAY}&list=another").json()["results"] == []


@pytest.mark.parametrize("address", ["/", "/measures/", "/unreported/", "/lists/shenzhen-2022/", "/agencies/"])
def test_of_a_day_to_come_a_page_shows_today_and_says_so(client: Client, person: PersonMaker, address: str) -> None:
    client.force_login(person(Role.SUPERVISOR), backend="agencies.people.sign_in.PasswordBackend")
    content = client.get(f"{address}?on={AHEAD}").content.decode()
    assert f"<strong>{AHEAD}</strong></s>" in content
    assert "或还没到" in content
    assert "或还没到" not in client.get(address).content.decode()


def test_of_a_measure_as_well(client: Client, led: Any) -> None:
    content = client.get(f"{led.get_absolute_url()}?on={AHEAD}").content.decode()
    assert f"<strong>{AHEAD}</strong></s>" in content


@pytest.mark.parametrize("address", ["/lists/shenzhen-2022/", "/lists/shenzhen-2022/sections/1/"])
def test_a_page_that_shows_today_only_says_so(client: Client, reform_list: ReformList, address: str) -> None:
    assert f"<strong>{MAY}</strong></s>" in client.get(f"{address}?on={MAY}").content.decode()


def test_pages_that_show_the_past_do_not(client: Client, public: ReformList, led: Any) -> None:
    for address in ("/", "/measures/", "/agencies/", led.get_absolute_url()):
        assert "以下为今天的情况" not in client.get(f"{address}?on={MAY}").content.decode()


@pytest.mark.parametrize("address", ["/api/v1/measures", "/api/v1/stats"])
def test_of_a_day_to_come_there_is_nothing_to_hand_out(client: Client, public: ReformList, address: str) -> None:
    answer = client.get(f"{address}?on={AHEAD}")
    assert answer.status_code == 400
    assert "2027年1月1日还没到" in answer.json()["errors"][0]["message"]
    assert client.get(f"/measures/export/csv/?on={AHEAD}")["Location"] == f"/measures/?on={AHEAD}"
