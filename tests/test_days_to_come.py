"""A day to come: no page shows today's figures under it without a word, no endpoint answers it at all."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.models import Agency, Role
from tests.test_access_matrix import API_NAMES, OK, TABLE, cookie_of, objects, user_called

TO_COME = "2099-01-01"
WHO = (Role.REPORTER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)
__all__ = ["objects"]  # a fixture of the matrix


def addresses_of(who: str, objects: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and address of what is open to them and to nobody named before."""
    before = WHO[: WHO.index(Role(who))]
    for name, row in TABLE.items():
        if row.get[who] == OK and not any(row.get[one] == OK for one in before):
            yield name, reverse(name, kwargs={key: objects.get(value, value) for key, value in row.kwargs.items()})


@pytest.mark.parametrize("who", WHO)
def test_every_address_says_or_refuses(who: str, objects: dict[str, Any], transport: Agency) -> None:
    client = Client()
    client.cookies["sessionid"] = cookie_of(user_called(who, transport))
    silent, answered = [], []
    for name, address in addresses_of(who, objects):
        response = client.get(f"{address}?on={TO_COME}")
        if name in API_NAMES:
            answered += [name] if response.status_code != 400 else []
        elif response.headers.get("Content-Type", "").startswith("text/html") and response.status_code == 200:
            silent += [name] if "chip-off" not in response.content.decode() else []
    assert not silent, "pages that show today under another day and do not say so"
    assert not answered, "endpoints that do not heed the day and do not say so"
