"""What every page and endpoint asks of the database, by whom: a change shows in the diff of tests/query_counts.json.

Each pair is queries and rows read, of a GET asked for the second time, on SQLite with the real list. RENEW_SNAPSHOT=1
writes the file anew.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agencies.models import Agency, Role
from tests.test_access_matrix import (
    MOVED,
    OK,
    TABLE,
    cookie_of,
    objects,
    user_called,
)

KEPT = Path(__file__).with_name("query_counts.json")
WHO = ("anonymous", Role.REPORTER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)
pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="counted on SQLite")
__all__ = ["objects"]  # a fixture of the matrix


@contextmanager
def rows_read() -> Iterator[list[int]]:
    """How many rows the database handed over."""
    read = [0]

    def count(_cursor: object, row: tuple[object, ...]) -> tuple[object, ...]:
        read[0] += 1
        return row

    connection.ensure_connection()
    connection.connection.row_factory = count
    try:
        yield read
    finally:
        connection.connection.row_factory = None


def counted(who: str, objects: dict[str, Any], transport: Agency) -> dict[str, list[int]]:
    """Queries and rows of each address that is open to them."""
    client = Client()
    if who != "anonymous":
        client.cookies["sessionid"] = cookie_of(user_called(who, transport))
    found = {}
    for name, row in TABLE.items():
        if row.get[who] not in (OK, MOVED):
            continue
        address = reverse(name, kwargs={key: objects.get(value, value) for key, value in row.kwargs.items()})
        client.get(address)
        with CaptureQueriesContext(connection) as queries, rows_read() as rows:
            response = client.get(address)
            # What is streamed asks as it is read.
            for _ in getattr(response, "streaming_content", ()):
                pass
        found[name] = [len(queries), rows[0]]
    return found


@pytest.mark.parametrize("who", WHO)
def test_every_address_asks_what_it_asked_before(who: str, objects: dict[str, Any], transport: Agency) -> None:
    found = counted(who, objects, transport)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if os.environ.get("RENEW_SNAPSHOT"):
        by_role = kept | {str(who): found}
        lines = [
            f' "{one}": {{\n'
            + ",\n".join(f'  "{name}": {json.dumps(pair)}' for name, pair in sorted(by_role[one].items()))
            + "\n }"
            for one in sorted(by_role)
        ]
        KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
        return
    before = kept[str(who)]
    differing = {name: (before.get(name), pair) for name, pair in found.items() if before.get(name) != pair}
    assert not differing, "queries and rows, kept and now; RENEW_SNAPSHOT=1 keeps what is now"
    assert set(before) == set(found)
