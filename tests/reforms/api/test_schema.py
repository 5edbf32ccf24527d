"""The API keeps to its own OpenAPI document, and the document is the one that was last looked at.

After a wanted change, renew the snapshot with
RENEW_SNAPSHOT=1 .venv/bin/python -m pytest tests/reforms/api/test_schema.py
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency
from reforms.models import Measure, ReformList
from tests.conftest import SLUG
from tests.reforms.api.contract import API, departures, document_of

SNAPSHOT = Path(__file__).parent / "openapi.json"
PUBLIC = ["/lists", "/sections", "/items", "/measures", "/agencies", "/stats"]


def written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def test_the_document_is_the_one_that_was_last_looked_at(client: Client, db: None) -> None:
    if os.environ.get("RENEW_SNAPSHOT") == "1":
        SNAPSHOT.write_text(written(document_of(client)), encoding="utf-8")
    assert written(document_of(client)) == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("shown", [True, False])
def test_public_answers_have_the_documented_shape(client: Client, demo: ReformList, path: str, shown: bool) -> None:
    demo.public_status = shown
    demo.save()
    document = document_of(client)
    assert departures(document, path, client.get(API + path)) == []
    assert departures(document, path, client.get(f"{API}{path}?colour=red")) == []


def test_single_objects_have_the_documented_shape(client: Client, demo: ReformList, led: Measure) -> None:
    document = document_of(client)
    objects = {
        "/lists/{slug}": f"/lists/{SLUG}",
        "/items/{id}": f"/items/{led.item_id}",
        "/measures/{id}": f"/measures/{led.pk}",
        "/agencies/{id}": f"/agencies/{led.assignments.all()[0].agency_id}",
    }
    for path, address in objects.items():
        assert departures(document, path, client.get(API + address)) == []
        missing = address.rpartition("/")[0] + ("/nowhere" if "slug" in path else "/99999999")
        assert departures(document, path, client.get(API + missing)) == []


def test_pages_with_a_count_have_the_documented_shape(client: Client, public: ReformList) -> None:
    response = client.get(f"{API}/measures?count=true&page_size=3")
    assert departures(document_of(client), "/measures", response) == []


def test_answers_to_an_agency_have_the_documented_shape(
    client: Client, reform_list: ReformList, led: Measure, transport: Agency, bearer: Callable[..., dict[str, str]]
) -> None:
    document, headers = document_of(client), bearer(transport)
    reports, address = "/measures/{id}/reports", f"{API}/measures/{led.pk}/reports"
    made = client.post(address, {"progress": "已完成。"}, content_type="application/json", headers=headers)
    assert departures(document, reports, made, method="post") == []
    assert departures(document, reports, client.get(address, headers=headers)) == []
    assert departures(document, "/me", client.get(f"{API}/me", headers=headers)) == []
    refused = client.post(address, {"progress": ""}, content_type="application/json", headers=headers)
    assert departures(document, reports, refused, method="post") == []
    assert departures(document, "/me", client.get(f"{API}/me")) == []


def test_a_refusal_to_another_agency_has_the_documented_shape(
    client: Client, led: Measure, market: Agency, bearer: Callable[..., dict[str, str]]
) -> None:
    response = client.get(f"{API}/measures/{led.pk}/reports", headers=bearer(market))
    assert response.status_code == 403
    assert departures(document_of(client), "/measures/{id}/reports", response) == []


def test_the_document_lists_every_filter_and_says_what_it_is_for(client: Client, db: None) -> None:
    parameters = document_of(client)["paths"][f"{API}/measures"]["get"]["parameters"]
    assert {"agency", "light", "cursor", "page_size", "fields"} <= {one["name"] for one in parameters}
    assert [one["name"] for one in parameters if not one.get("description")] == []


def test_the_stats_are_those_of_the_list(client: Client, demo: ReformList) -> None:
    stats = client.get(f"{API}/stats").json()
    assert stats["lights"] == {
        "standing": 31,
        "closed": 24,
        "under_review": 6,
        "on_track": 92,
        "due_soon": 52,
        "awaiting_report": 8,
        "overdue": 3,
    }
    counts = ("on", "sections", "items", "measures", "agency_names", "dated", "standing")
    assert [stats[name] for name in counts] == ["2022-06-15", 12, 200, 216, 74, 185, 31]


def test_me_says_who_one_is(client: Client, transport: Agency, bearer: Callable[..., dict[str, str]]) -> None:
    me = client.get(f"{API}/me", headers=bearer(transport, read_only=True)).json()
    assert (me["kind"], me["read_only"]) == ("token", True)
    assert me["roles"] == [{"agency": {"id": transport.pk, "name": "市交通运输局"}, "role": "reporter"}]


def test_sections_and_items_add_up_to_the_list(client: Client, reform_list: ReformList) -> None:
    sections = client.get(f"{API}/sections?page_size=500").json()["results"]
    items = client.get(f"{API}/items?page_size=500").json()["results"]
    assert [one["number"] for one in sections] == list(range(1, 13))
    assert (sum(one["items"] for one in sections), sum(one["measures"] for one in sections)) == (200, 216)
    assert [one["number"] for one in items] == list(range(1, 201))
    assert len({pk for one in items for pk in one["measures"]}) == 216
