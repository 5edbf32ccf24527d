"""GET /api/v1/measures: the real list, page by page, in every order, through every filter."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.access import NOBODY
from agencies.models import Agency
from reforms.catalogue.filters import ORDERINGS, MeasureFilter, sort_keys
from reforms.catalogue.rows import viewpoint
from reforms.columns.kept import columns
from reforms.models import Assignment, Disposition, Measure, ReformList
from reforms.office.steer import dispose
from tests.conftest import ON, SLUG
from tests.reforms.api.contract import PROBLEM
from tests.reforms.people import Cast, acting

MEASURES = "/api/v1/measures"


def pages(client: Client, address: str, *, towards: str = "next") -> Iterator[dict[str, Any]]:
    """The page at an address and all those behind it in one direction."""
    following: str | None = address
    while following:
        page = client.get(following).json()
        yield page
        following = page[towards]


def ids(found: dict[str, Any]) -> list[int]:
    return [one["id"] for one in found["results"]]


def walk(client: Client, address: str) -> list[int]:
    return [pk for page in pages(client, address) for pk in ids(page)]


def errors(response: Any) -> dict[str, str]:
    """The fields that a refusal names, with their codes."""
    assert response.status_code == 400
    assert response["Content-Type"] == PROBLEM
    return {error["field"]: error["code"] for error in response.json()["errors"]}


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_the_pages_hold_every_measure_once_in_the_order_asked_for(
    client: Client, public: ReformList, ordering: str
) -> None:
    Measure.objects.filter(row__lt=40).update(updated_at=timezone.now())
    keyed = Measure.objects.annotate(**sort_keys(ORDERINGS[ordering], viewpoint(NOBODY, ON)))
    wanted = list(keyed.with_shown_deadline(F("deadline_in_force")).order_by(*ORDERINGS[ordering]))
    found = walk(client, f"{MEASURES}?ordering={ordering}&page_size=50")
    assert len(found) == 216
    assert found == [measure.pk for measure in wanted]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_the_way_back_is_the_way_there(client: Client, public: ReformList, ordering: str) -> None:
    there = list(pages(client, f"{MEASURES}?ordering={ordering}&page_size=40"))
    back = list(pages(client, there[-1]["previous"], towards="previous"))
    assert [ids(page) for page in reversed(back)] == [ids(page) for page in there[:-1]]
    assert there[0]["previous"] is None
    assert there[-1]["next"] is None
    assert back[-1]["previous"] is None


def test_the_list_order_is_the_printed_order(client: Client, reform_list: ReformList) -> None:
    found = [one for page in pages(client, f"{MEASURES}?page_size=500") for one in page["results"]]
    assert [one["item"]["number"] for one in found] == sorted(one["item"]["number"] for one in found)
    assert {one["item"]["number"] for one in found} == set(range(1, 201))


def test_pages_hold_50_and_at_most_500(client: Client, reform_list: ReformList) -> None:
    assert len(client.get(MEASURES).json()["results"]) == 50
    assert len(client.get(f"{MEASURES}?page_size=1").json()["results"]) == 1
    assert len(client.get(f"{MEASURES}?page_size=500").json()["results"]) == 216


@pytest.mark.parametrize("size", ["0", "501", "-1", "ten", "1.5", "٣", "9" * 30, ""])
def test_other_page_sizes_are_refused(client: Client, reform_list: ReformList, size: str) -> None:
    assert errors(client.get(MEASURES, {"page_size": size})) == {"page_size": "invalid"}


def test_the_count_is_there_only_when_asked_for(client: Client, reform_list: ReformList) -> None:
    assert "count" not in client.get(MEASURES).json()
    assert client.get(f"{MEASURES}?count=true&page_size=1").json()["count"] == 216
    assert client.get(f"{MEASURES}?count=true&national=true").json()["count"] == (
        Measure.objects.filter(item__is_national=True).count()
    )
    assert errors(client.get(f"{MEASURES}?count=maybe")) == {"count": "invalid"}


def test_a_cursor_that_was_tampered_with_is_refused(client: Client, reform_list: ReformList) -> None:
    address = client.get(MEASURES).json()["next"]
    cursor = QueryDict(address.partition("?")[2])["cursor"]
    for wrong in (cursor[:-1], "x" + cursor, cursor.replace(":", "", 1), "nonsense", "\x00"):
        assert errors(client.get(MEASURES, {"cursor": wrong})) == {"cursor": "invalid"}


def test_a_cursor_belongs_to_its_ordering(client: Client, public: ReformList) -> None:
    cursor = QueryDict(client.get(MEASURES).json()["next"].partition("?")[2])["cursor"]
    for ordering in set(ORDERINGS) - {"number"}:
        assert errors(client.get(MEASURES, {"cursor": cursor, "ordering": ordering})) == {"cursor": "invalid"}


def copy_of(measure: Measure, *, row: int) -> Measure:
    measure.pk, measure.row = None, row
    measure._state.adding = True
    measure.save()
    return measure


@pytest.mark.parametrize("ordering", ["number", "deadline", "-deadline"])
def test_no_measure_is_missed_or_doubled_while_others_write(
    client: Client, reform_list: ReformList, ordering: str
) -> None:
    before = set(Measure.objects.values_list("pk", flat=True))
    found: list[int] = []
    for number, page in enumerate(pages(client, f"{MEASURES}?ordering={ordering}&page_size=30")):
        found += ids(page)
        first, last = Measure.objects.get(pk=ids(page)[0]), Measure.objects.get(pk=ids(page)[-1])
        copy_of(first, row=0)
        copy_of(last, row=10_000 + number)
        Measure.objects.filter(pk__in=ids(page)).update(version=number + 2, updated_at=timezone.now())
        Measure.objects.filter(pk=last.pk).update(disposition="withdrawn")
    assert len(found) == len(set(found))
    assert before <= set(found)


ADDRESSES = [
    "page_size=1",
    "page_size=10",
    "page_size=500",
    "page_size=100&section=1&section=2",
    "page_size=100&light=due_soon&status=not_reported",
    "page_size=100&search=企业&ordering=-deadline",
    "page_size=100&national=true&standing=false&deadline_before=2022-12-31",
    "page_size=100&fields=id,title",
]


def test_the_number_of_queries_depends_neither_on_the_page_nor_on_the_filters(
    client: Client, public: ReformList
) -> None:
    counts = {}
    columns()  # read once by each process
    for address in ADDRESSES:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(f"{MEASURES}?{address}").json()["results"]
        looked_up = sum("DISTINCT" in query["sql"] for query in queries.captured_queries)
        counts[address] = len(queries) - looked_up
    assert max(counts.values()) <= 8
    assert len({counts[address] for address in ADDRESSES[:3]}) == 1


FILTERS = [
    "section=3",
    "section=1&section=12",
    "item=7&item=8",
    "agency=市交通运输局",
    "agency=市交通运输局&role=lead",
    "lead=市市场监管局",
    "responsible=各区政府",
    "holder=福田区政府",
    "deadline=2022-06-30",
    "deadline=none",
    "deadline=none&deadline=2022-03-31",
    "deadline_after=2022-06-30&deadline_before=2022-06-30",
    "status=not_reported",
    "light=closed&light=overdue",
    "light=standing&national=true",
    "national=true",
    "national=false&standing=false",
    "search=企业 登记",
    "updated_since=2022-01-01",
    "light=overdue&on=2022-06-10",
    f"list={SLUG}&ordering=-deadline",
]


@pytest.mark.parametrize("address", FILTERS)
def test_the_api_and_the_page_and_the_export_show_the_same_measures(
    client: Client, demo: ReformList, address: str
) -> None:
    by_api = client.get(f"{MEASURES}?{address}&page_size=500&count=true").json()
    by_page = client.get(f"/measures/?{address}").context
    by_export = b"".join(client.get(f"/measures/export/csv/?{address}").streaming_content).decode()  # type: ignore[attr-defined]
    assert by_api["count"] == len(by_api["results"]) == by_page["page"].paginator.count > 0
    assert ids(by_api)[:50] == [row.id for row in by_page["rows"]]
    assert sum(one["title"].partition("\n")[0] in by_export for one in by_api["results"]) == by_api["count"]


def test_the_filters_find_what_is_printed(client: Client, reform_list: ReformList) -> None:
    def found(address: str) -> int:
        return int(client.get(f"{MEASURES}?page_size=1&count=true&{address}").json()["count"])

    assert found("lead=市交通运输局") == 7
    assert found("agency=市市场监管局&role=lead") == 60
    assert found("agency=市市场监管局&role=responsible") == 13
    assert found("standing=true") == 31
    assert found("deadline_before=2022-03-31") == 17
    assert found("deadline_after=2022-07-01") == 102
    assert found("deadline=2022-06-30") == 66


UNUSABLE = {
    "colour=red": {"colour": "unknown_parameter"},
    "offset=10": {"offset": "unknown_parameter"},
    "section=99": {"section": "unknown_value"},
    "section=one": {"section": "unknown_value"},
    "item=201": {"item": "unknown_value"},
    "list=nowhere": {"list": "unknown_value"},
    "agency=火星办事处": {"agency": "unknown_value"},
    "agency=99999999": {"agency": "unknown_value"},
    "lead=99999999999999999999": {"lead": "unknown_value"},
    "agency=市交通运输局&role=chief": {"role": "unknown_value"},
    "role=lead": {"role": "needs_agency"},
    "status=done": {"status": "unknown_value"},
    "light=green": {"light": "unknown_value"},
    "national=perhaps": {"national": "unknown_value"},
    "deadline_after=2022-02-30": {"deadline_after": "invalid_date"},
    "deadline=tomorrow": {"deadline": "invalid_date"},
    "updated_since=yesterday": {"updated_since": "invalid_time"},
    "on=someday": {"on": "invalid_date"},
    "ordering=title": {"ordering": "unknown_value"},
    "fields=id,colour": {"fields": "unknown_value"},
    "colour=red&section=99": {"colour": "unknown_parameter", "section": "unknown_value"},
    "agency=%00": {"agency": "unknown_value"},
    "list=%00": {"list": "unknown_value"},
    "search=%00": {"search": "null_characters_not_allowed"},
}


@pytest.mark.parametrize("address", UNUSABLE)
def test_what_the_address_holds_in_vain_is_refused_by_name(client: Client, public: ReformList, address: str) -> None:
    assert errors(client.get(f"{MEASURES}?{address}")) == UNUSABLE[address]


@pytest.mark.parametrize("address", ["/api/v1/lists", "/api/v1/sections", "/api/v1/items", "/api/v1/agencies"])
def test_the_other_lists_refuse_what_they_do_not_know(client: Client, reform_list: ReformList, address: str) -> None:
    assert errors(client.get(f"{address}?colour=red")) == {"colour": "unknown_parameter"}
    assert errors(client.get(f"{address}?fields=colour")) == {"fields": "unknown_value"}


def test_stats_refuse_what_they_do_not_know(client: Client, public: ReformList) -> None:
    assert errors(client.get("/api/v1/stats?colour=red")) == {"colour": "unknown_parameter"}
    assert errors(client.get("/api/v1/stats?list=nowhere")) == {"list": "unknown_value"}


def test_it_refuses_in_the_language_of_the_caller(client: Client, public: ReformList) -> None:
    def answer(language: str) -> str:
        return client.get(f"{MEASURES}?colour=red", headers={"Accept-Language": language}).content.decode()

    chinese, english = answer("zh-CN"), answer("en")
    assert "没有这个参数" in chinese
    assert "没有这个参数" not in english
    assert english.isascii()


STATUS_FACTS = ("status", "light", "deadline_in_force", "last_report_on", "closed_on")


def test_a_visitor_sees_the_status_only_where_the_list_shows_it(client: Client, demo: ReformList) -> None:
    shown = client.get(f"{MEASURES}?page_size=500").json()["results"]
    assert all(one["status"] and one["light"] for one in shown)
    demo.public_status = False
    demo.save()
    hidden = client.get(f"{MEASURES}?page_size=500").json()["results"]
    assert len(hidden) == 216
    assert {one[name] for one in hidden for name in STATUS_FACTS} == {None}
    assert {party["status"] for one in hidden for party in one["lead"] + one["responsible"]} == {None}
    one = client.get(f"{MEASURES}/{hidden[0]['id']}").json()
    assert {one[name] for name in STATUS_FACTS} == {None}
    assert client.get("/api/v1/stats").json()["lights"] is None


@pytest.mark.parametrize("address", ["light=overdue", "status=closed"])
def test_a_visitor_cannot_ask_for_a_status_that_is_hidden(
    client: Client, reform_list: ReformList, address: str, bearer: Callable[..., dict[str, str]], market: Agency
) -> None:
    response = client.get(f"{MEASURES}?{address}")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert client.get(f"{MEASURES}?{address}", headers=bearer(market)).status_code == 200


def test_an_agency_is_found_by_id_by_printed_name_and_by_another_name(client: Client, reform_list: ReformList) -> None:
    agency = Agency.objects.get(other_names__name="市人防办")
    addresses = [str(agency.pk), agency.name, "市人防办", agency.full_name]
    found = [walk_ids(client, {"agency": address}) for address in addresses]
    printed = Assignment.objects.filter(agency=agency).values_list("measure_id", flat=True)
    assert found == [sorted(set(printed))] * 4
    assert found[0]


def walk_ids(client: Client, data: dict[str, str], headers: dict[str, str] | None = None) -> list[int]:
    return sorted(ids(client.get(MEASURES, {**data, "page_size": "500"}, headers=headers).json()))


def test_agency_me_is_everything_one_must_act_on_groups_included(
    client: Client, reform_list: ReformList, bearer: Callable[..., dict[str, str]]
) -> None:
    futian = Agency.objects.get(name="福田区政府")
    group = Agency.objects.get(name="各区政府")
    answer = client.get(f"{MEASURES}?agency=me&page_size=500", headers=bearer(futian)).json()["results"]
    printed = set(Assignment.objects.filter(agency=futian).values_list("measure_id", flat=True))
    through = set(Assignment.objects.filter(agency=group).values_list("measure_id", flat=True)) - printed
    assert printed
    assert through
    vias = {one["id"]: one["via"] for one in answer}
    assert set(vias) == printed | through
    assert {pk for pk, via in vias.items() if via is None} == printed
    assert all(vias[pk] == {"id": group.pk, "name": "各区政府"} for pk in through)
    assert walk_ids(client, {"agency": "福田区政府"}) == sorted(printed)


def test_agency_me_needs_somebody(client: Client, public: ReformList) -> None:
    response = client.get(f"{MEASURES}?agency=me")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"] == PROBLEM


def test_fields_asks_for_less(client: Client, reform_list: ReformList) -> None:
    whole = client.get(f"{MEASURES}?page_size=5").json()["results"]
    part = client.get(f"{MEASURES}?page_size=5&fields=id,title,item").json()["results"]
    assert part == [{name: one[name] for name in ("id", "title", "item")} for one in whole]


@pytest.mark.parametrize(
    "address", [MEASURES, "/api/v1/lists", "/api/v1/sections", "/api/v1/items", "/api/v1/agencies", "/api/v1/stats"]
)
def test_what_has_not_changed_is_not_sent_again(client: Client, public: ReformList, address: str) -> None:
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_what_has_changed_is_sent_again(client: Client, public: ReformList, cast: Cast, settings: Any) -> None:
    measure = Measure.objects.filter(deadline="2022-06-30")[0]
    address = f"{MEASURES}/{measure.pk}"
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    settings.PORTAL_TODAY = ON.replace(year=2023)
    later = client.get(address, headers={"If-None-Match": etag})
    assert later.json()["light"] == "overdue"
    office = acting(cast.supervisor)
    dispose(measure.pk, Disposition.SUSPENDED, reason="等待", seen=None, who=office, on=settings.PORTAL_TODAY)
    assert client.get(address, headers={"If-None-Match": later["ETag"]}).json()["disposition"] == "suspended"


def test_as_long_as_nothing_was_written_nothing_is_read(
    client: Client, public: ReformList, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    first = client.get(MEASURES)
    with django_assert_max_num_queries(3) as asked:
        again = client.get(MEASURES, headers={"If-None-Match": f'"of something else", W/{first["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert not [query["sql"] for query in asked.captured_queries if "reforms_" in query["sql"]]
    # The same address is another one for somebody else, in another language, and by another way.
    client.force_login(cast.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    held = {"If-None-Match": first["ETag"]}
    assert client.get(MEASURES, headers=held)["ETag"] != first["ETag"], "read, though it happens to be the same"
    client.logout()
    assert client.get(MEASURES, headers=held | {"Accept-Language": "en"}).status_code == 200
    assert client.get(f"{MEASURES}?section=1", headers=held).status_code == 200


def test_what_was_written_elsewhere_sends_nothing_again(
    client: Client, public: ReformList, cast: Cast, settings: Any
) -> None:
    """The log went on, and these measures are what they were."""
    first = client.get(f"{MEASURES}?section=1")
    elsewhere = Measure.objects.exclude(section__number=1)[0]
    dispose(elsewhere.pk, Disposition.SUSPENDED, reason="等待", seen=None, who=acting(cast.supervisor), on=ON)
    again = client.get(f"{MEASURES}?section=1", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again["ETag"] != first["ETag"], "which lets the next one be answered before anything is read"
    assert client.get(f"{MEASURES}?section=1", headers={"If-None-Match": again["ETag"]}).status_code == 304


def test_the_filters_of_the_api_are_those_of_the_page(reform_list: ReformList) -> None:
    filters = MeasureFilter.read(QueryDict("section=1&page=2"), who=NOBODY, today=ON)
    assert [problem.field for problem in filters.problems()] == ["page"]
