"""待办 and the change log by API: what waits, and what was done since."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from agencies.access import PORTAL
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, Role
from reforms.history import feed
from reforms.models import Measure, ReformList
from tests.conftest import ON, PersonMaker
from tests.reforms.api.contract import API, PROBLEM, departures, document_of
from tests.reforms.api.test_round import Caller, agency, caller, claimed, hand_in, office

__all__ = ["agency", "claimed", "hand_in", "office"]
Bearer = Callable[..., dict[str, str]]


def kinds(answer: Any) -> set[str]:
    return {task["kind"] for task in answer.json()["results"]}


def log(measure: Measure, visibility: str = "public", agency: Agency | None = None, **more: Any) -> None:
    entry = Entry(
        action="measure.added",
        kind="measure",
        object_id=measure.pk,
        visibility=Change.Visibility(visibility),
        agency_id=agency.pk if agency else None,
        **more,
    )
    with transaction.atomic():
        record([entry], who=PORTAL, on=ON)


def followed(call: Caller, after: int, query: str = "") -> list[int]:
    """Every sequence that a reader gets who stores `next_after`."""
    found: list[int] = []
    for _ in range(1_000):
        answer = call("get", f"/changes?after={after}{query}").json()
        found += [one["sequence"] for one in answer["results"]]
        after = answer["next_after"]
        if not answer["more"]:
            return found
    raise AssertionError("it never ends")


def test_an_agency_is_told_what_waits_for_it(agency: Caller, led: Measure, transport: Agency) -> None:
    answer = agency("get", "/tasks?agency=me&count=true&page_size=500")
    assert kinds(answer) == {"report_due", "to_acknowledge"}
    due = next(one for one in answer.json()["results"] if one["measure"] == led.pk)
    # The 25th is a Saturday: by the working day before it.
    assert (due["due"], due["state"], due["receiver"]["agency"]) == ("2022-06-24", "open", transport.pk)
    assert led.title in due["title"]
    assert departures(document_of(Client()), "/tasks", answer) == []
    agency("post", f"/measures/{led.pk}/reports", {"progress": "推进中。"})
    agency("post", "/lists/shenzhen-2022/acknowledge")
    after = agency("get", "/tasks?page_size=500").json()["results"]
    assert led.pk not in [one["measure"] for one in after]
    assert len(after) == answer.json()["count"] - 2


def test_a_claim_waits_for_the_office_and_once_returned_for_the_agency(
    agency: Caller, office: Caller, claimed: Any, led: Measure
) -> None:
    (task,) = office("get", "/tasks").json()["results"]
    assert (task["kind"], task["measure"], task["receiver"]["agency"]) == ("to_verify", led.pk, None)
    office("post", f"/reports/{task['subject']['id']}/return", {"reason": "请补充。"}, seen=claimed)
    assert office("get", "/tasks").json()["results"] == []
    (returned,) = agency("get", "/tasks?kind=returned").json()["results"]
    assert returned["measure"] == led.pk


def test_pages_of_tasks_hold_each_of_them_once(agency: Caller) -> None:
    everything = [one["id"] for one in agency("get", "/tasks?page_size=500").json()["results"]]
    seen, address = [], "/tasks?page_size=3"
    while address:
        page = agency("get", address).json()
        seen += [one["id"] for one in page["results"]]
        last, address = page, (page["next"] or "").partition("/api/v1")[2]
    assert seen == everything
    assert len(set(seen)) == len(seen) > 6
    back = agency("get", last["previous"].partition("/api/v1")[2]).json()["results"]
    assert [one["id"] for one in back] == seen[-len(last["results"]) - 3 : -len(last["results"])]


def test_tasks_of_others_are_not_given(agency: Caller, market: Agency) -> None:
    assert agency("get", f"/tasks?agency={market.pk}").status_code == 403
    assert agency("get", "/tasks?colour=red").status_code == 400
    assert caller()("get", "/tasks").status_code == 401


def test_however_much_waits_the_queries_are_as_many(
    agency: Caller, demo: ReformList, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(22):
        agency("get", "/tasks?page_size=500")


def test_a_reader_who_follows_gets_everything_once_and_in_order(agency: Caller, led: Measure) -> None:
    start = agency("get", "/me").json()["sequence"]
    assert agency("get", "/measures?page_size=1").json()["sequence"] == start
    for number in range(7):
        log(led, "public" if number % 2 else "internal")
    visible = list(Change.objects.filter(sequence__gt=start).values_list("sequence", flat=True))
    assert followed(agency, start, "&limit=2") == sorted(visible)
    public = [one for one in sorted(visible) if (one - start) % 2 == 0]
    assert followed(caller(), start, "&limit=1") == public


@pytest.mark.parametrize("query", ["", "&agency=me"])
def test_whatever_is_looked_at_first_everything_comes_once(
    agency: Caller, led: Measure, market: Agency, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    for number in range(7):
        log(led, "internal" if number % 3 else "public", market)
    whole = followed(agency, 0, query)
    for near in (1, 3, 500):
        monkeypatch.setattr(feed, "NEAR", near)
        assert followed(agency, 0, f"{query}&limit=2" if near > 1 else f"{query}&limit=1000") == whole
        last = whole[-4]
        assert followed(agency, last, f"{query}&limit=1") == whole[-3:]


def test_what_may_not_be_seen_is_passed_over(led: Measure, market: Agency, transport: Agency, bearer: Bearer) -> None:
    start = caller()("get", "/measures?page_size=1").json()["sequence"]
    log(led, "internal", transport, reason="只对内")
    for call in (caller(), caller(bearer(market))):
        answer = call("get", f"/changes?after={start}")
        assert (answer.json()["results"], answer.json()["next_after"]) == ([], start + 1)
        assert departures(document_of(Client()), "/changes", answer) == []
    (own,) = caller(bearer(transport))("get", f"/changes?after={start}").json()["results"]
    assert (own["reason"], own["actor"]) == ("只对内", PORTAL.label)


def test_the_status_is_followed_where_it_is_public(led: Measure, reform_list: ReformList) -> None:
    start = caller()("get", "/measures?page_size=1").json()["sequence"]
    log(led, "status")
    assert followed(caller(), start) == []
    ReformList.objects.filter(pk=reform_list.pk).update(public_status=True)
    assert followed(caller(), start) == [start + 1]


def test_an_unsigned_claim_stays_inside_its_agency(
    agency: Caller, office: Caller, led: Measure, transport: Agency
) -> None:
    start = agency("get", "/me").json()["sequence"]
    with transaction.atomic():
        facts = {"kind": "measure", "object_id": led.pk, "visibility": Change.Visibility.INTERNAL}
        entry = Entry(action="claim.written", agency_id=transport.pk, after={"progress": "未审签"}, **facts)
        record([entry], who=PORTAL, on=ON)
    assert followed(office, start) == []
    assert followed(agency, start) == [start + 1]


def test_my_own_is_what_concerns_my_measures_withdrawals_included(agency: Caller, led: Measure) -> None:
    start = agency("get", "/me").json()["sequence"]
    other = Measure.objects.exclude(duties__agency__name="市交通运输局").order_by("row")[0]
    log(other)
    Measure.objects.filter(pk=led.pk).update(disposition="withdrawn")
    log(led)
    log(other, before={"lead": ["市交通运输局"]}, after={"lead": ["市财政局"]})
    assert followed(agency, start, "&agency=me&limit=1") == [start + 2, start + 3]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("after=999999999", 410),
        ("after=-1", 400),
        ("after=x", 400),
        ("limit=1001", 400),
        ("limit=0", 400),
        ("colour=red", 400),
        ("agency=1", 400),
        ("agency=me", 401),
    ],
)
def test_an_address_that_cannot_be_answered(client: Client, reform_list: ReformList, query: str, status: int) -> None:
    answer = client.get(f"{API}/changes?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert departures(document_of(client), "/changes", answer) == []


def test_people_and_tokens_are_not_in_it(person: PersonMaker, reform_list: ReformList) -> None:
    call = caller(user=person(Role.SUPERVISOR))
    kinds_seen = {one["kind"] for one in call("get", "/changes?limit=1000").json()["results"]}
    assert kinds_seen <= {"measure", "edition", "list", "agency"}
