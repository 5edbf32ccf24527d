"""Pages ask the database as often for many rows as for few."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.models import Agency, Role, User
from reforms.columns.kept import columns
from reforms.models import ReformList
from tests.conftest import ON, PersonMaker
from tests.reforms.reorganisations import merge_into


def queries(client: Client, address: str) -> int:
    """How many statements a page takes, what is kept in memory being there, but for the words of a search."""
    columns().holding.clear()
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            b"".join(response.streaming_content)
    return len(asked)


@pytest.mark.parametrize(
    ("few", "many", "most"),
    [
        ("/measures/?section=9&national=false", "/measures/?section=1&national=false", 20),
        ("/measures/?deadline=2022-03-31", "/measures/?deadline=2022-12-31", 20),
        ("/measures/?light=standing", "/measures/?light=awaiting_report", 20),
        ("/measures/?search=第101项", "/measures/?search=平台", 20),
        ("/measures/?page=5", "/measures/?page=1", 20),
        ("/measures/export/csv/?section=9", "/measures/export/csv/?section=5", 13),
        ("/measures/export/xlsx/?section=9", "/measures/export/xlsx/?section=5", 14),
        ("/lists/shenzhen-2022/items/7/", "/lists/shenzhen-2022/items/68/", 16),
        ("/lists/shenzhen-2022/sections/9/", "/lists/shenzhen-2022/sections/11/", 16),
    ],
)
def test_many_rows_take_no_more_queries_than_few(
    client: Client, public: ReformList, django_assert_max_num_queries: Any, few: str, many: str, most: int
) -> None:
    queries(client, few)  # whatever is looked up once per process
    needed = queries(client, few)
    assert queries(client, many) == needed
    with django_assert_max_num_queries(most):
        queries(client, many)


def test_a_busy_agency_takes_no_more_queries_than_an_idle_one(
    client: Client, public: ReformList, market: Agency
) -> None:
    idle = Agency.objects.get(name="市口岸办")
    queries(client, idle.get_absolute_url())
    assert queries(client, market.get_absolute_url()) == queries(client, idle.get_absolute_url())


def test_more_agencies_take_no_more_queries(client: Client, public: ReformList) -> None:
    queries(client, "/agencies/")
    before = queries(client, "/agencies/")
    Agency.objects.bulk_create([Agency(name=f"新单位{n}") for n in range(20)])
    assert queries(client, "/agencies/") == before


def test_a_measure_of_many_takes_no_more_queries_than_one_of_few(client: Client, public: ReformList, led: Any) -> None:
    shared = next(m for m in type(led).objects.filter(item__number=200))
    queries(client, led.get_absolute_url())
    assert queries(client, shared.get_absolute_url()) <= queries(client, led.get_absolute_url())


def test_the_status_costs_no_query_per_row(
    client: Client, demo: ReformList, reporter: User, signed_in: Callable[[User], Client]
) -> None:
    signed_in(reporter)
    queries(client, "/measures/?item=1")
    assert queries(client, f"/measures/?on={ON}") <= queries(client, f"/measures/?item=1&on={ON}")


def test_more_agencies_to_choose_from_take_no_more_queries(
    client: Client, reform_list: ReformList, person: PersonMaker
) -> None:
    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    group = Agency.objects.get(name="各区政府")
    addresses = [f"/agencies/{group.pk}/members/", f"/agencies/{Agency.objects.get(name='市水务局').pk}/merge/"]
    before = [(queries(client, address), queries(client, address))[1] for address in addresses]
    Agency.objects.bulk_create([Agency(name=f"新单位{n}") for n in range(20)])
    assert [queries(client, address) for address in addresses] == before


def test_dissolved_agencies_cost_no_query_per_row(client: Client, public: ReformList) -> None:
    queries(client, "/measures/?section=1")
    before = queries(client, "/measures/?section=1")
    merge_into(Agency.objects.get(name="市水务局"), *Agency.objects.filter(name__in=("市司法局", "市财政局")))
    assert queries(client, "/measures/?section=1") == before
