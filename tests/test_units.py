"""A number in a heading says of what: 件, 条, 条次 and 家 stand beside one another."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from agencies.models import Agency, Role
from tests.test_access_matrix import OK, TABLE, cookie_of, objects, user_called

PAGES = ("import", "desk", "agency", "unreported", "matters", "orders", "review", "sign", "deliveries")
NUMBERED = '//main//*[self::h2 or self::h3][.//*[@class="n"]]'
__all__ = ["objects"]  # a fixture of the matrix


@pytest.mark.parametrize("who", [Role.REPORTER, Role.APPROVER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR])
def test_every_number_in_a_heading_has_its_unit(who: str, objects: dict[str, Any], transport: Agency) -> None:
    client = Client()
    client.cookies["sessionid"] = cookie_of(user_called(who, transport))
    bare, seen = [], 0
    for name in PAGES:
        row = TABLE[name]
        if row.get[who] == OK:
            address = reverse(name, kwargs={key: objects.get(value, value) for key, value in row.kwargs.items()})
            for heading in html.fromstring(client.get(address).content.decode()).xpath(NUMBERED):
                seen += 1
                bare += [] if heading.xpath('.//*[@class="unit"]') else [f"{name}: {heading.text_content().split()}"]
    assert seen
    assert not bare
