"""Six hundred lists: every page and endpoint asks no more than with sixty, and none answers with over 300 KB.

The addresses are those of the access matrix, each with the people to whom it is open; files to download are the whole
of what is asked for, and left out.
"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.models import Agency, Role
from reforms.models import ReformList
from tests.reforms.many import many_lists
from tests.test_access_matrix import OK, TABLE, cookie_of, objects, user_called

WHO = ("anonymous", Role.REPORTER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)
FILES = {
    "roster",
    "export",
    "edition-file",
    "unreported-csv",
    "performance-xlsx",
    "matters-csv",
    "audit-export",
    "desk-sheet-file",
    "made-file",
} | {
    "list-data-file",
    "list-data-json",
}
HEAVIEST = 300_000
pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="counted on SQLite")
__all__ = ["objects"]  # a fixture of the matrix


def asked(
    client: Client, who: str, objects: dict[str, Any], before: dict[str, tuple[int, int]] | None = None
) -> dict[str, tuple[int, int]]:
    """Queries and bytes of each address that is open to them, of a page that was asked for before.

    A first time asks no less than a second: which asked no more than `before` need not be asked for again.
    """
    found = {}
    for name, row in TABLE.items():
        if row.get.get(who) != OK or name in FILES:
            continue
        address = reverse(name, kwargs={key: objects.get(value, value) for key, value in row.kwargs.items()})
        found[name] = cost(client, address)
        if before is None or found[name][0] > before[name][0]:
            found[name] = cost(client, address)
    return found


def cost(client: Client, address: str) -> tuple[int, int]:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    return len(queries), 0 if response.streaming else len(response.content)


@pytest.mark.parametrize("who", WHO)
def test_nothing_grows_with_the_number_of_lists(
    who: str, objects: dict[str, Any], transport: Agency, reform_list: ReformList
) -> None:
    client = Client()
    if who != "anonymous":
        client.cookies["sessionid"] = cookie_of(user_called(who, transport))
    many_lists(reform_list, 60)
    few = asked(client, who, objects)
    many_lists(reform_list, 540, begin=60)
    many = asked(client, who, objects, few)
    growing = {name: (few[name][0], asks) for name, (asks, _size) in many.items() if asks > few[name][0]}
    heavy = {name: size for name, (_asks, size) in many.items() if size > HEAVIEST}
    assert (growing, heavy) == ({}, {})
