"""Filters: every one finds what the list prints; what cannot be used is struck out on pages and refused by the API."""

import datetime as dt
import html
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.http import QueryDict
from django.test import Client

from agencies.access import NOBODY, Principal
from agencies.models import Agency, GroupMember, User
from reforms.catalogue.filters import MeasureFilter
from reforms.duties import ActingAgencies
from reforms.models import Assignment, Measure, NamedMember, ReformList
from tests.conftest import ON
from tests.reforms.shown import LEADS, NAMES, PRINTED, RESPONSIBLE, asked, get


def count(query: str, who: Principal | None = None) -> int:
    filters = asked("?" + query, who=who) if who else asked("?" + query)
    return filters.ordered().count()


def test_every_agency_leads_and_helps_as_often_as_printed(reform_list: ReformList) -> None:
    assert len(NAMES) == 74
    found = {name: (count(f"lead={quote(name)}"), count(f"responsible={quote(name)}")) for name in NAMES}
    assert found == {name: (LEADS[name], RESPONSIBLE[name]) for name in NAMES}
    assert found["市市场监管局"] == (60, 13)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 216),
        ("list=shenzhen-2022", 216),
        ("section=5", 30),
        ("section=5&section=1", 57),
        ("item=68", 5),
        ("item=68&item=7", 7),
        ("national=true", 114),
        ("national=false", 102),
        ("standing=true", 31),
        ("standing=false", 185),
        ("deadline=2022-06-30", 66),
        ("deadline=2022-03-31", 17),
        ("deadline=none", 31),
        ("deadline=none&deadline=2022-03-31", 48),
        ("deadline_after=2022-06-30", 168),
        ("deadline_before=2022-06-30", 83),
        ("deadline_after=2022-06-30&deadline_before=2022-06-30", 66),
        ("deadline_after=2022-07-01&deadline_before=2022-12-30", 0),
        ("section=5&national=true&item=1", 0),
    ],
)
def test_it_finds_what_is_printed(reform_list: ReformList, query: str, expected: int) -> None:
    assert count(query) == expected


def test_measures_are_found_by_their_ids(reform_list: ReformList) -> None:
    first, second = Measure.objects.order_by("row").values_list("pk", flat=True)[:2]
    assert count(f"id={first}&id={second}") == 2
    assert count(f"id={first}&id=999999999") == 1, "what is not there is left out, so that a client learns it is gone"
    Measure.objects.filter(pk=second).update(disposition="withdrawn")
    assert count(f"id={first}&id={second}") == 1


def test_groups_for_which_nobody_acts_are_found(reform_list: ReformList, market: Agency) -> None:
    """Counted by measure: where two such groups are printed, one that is left is enough."""
    acting = ActingAgencies.for_measures(list(Measure.objects.values_list("pk", flat=True)))

    def expected() -> set[int]:
        beside = Assignment.objects.filter(measure__disposition="active").exclude(agency__kind="single")
        return {one.measure_id for one in beside if not list(acting.of(one.agency_id, one.measure_id, collective=True))}

    def found() -> set[int]:
        return {measure.pk for measure in asked("?without_members=true").ordered()}

    assert found() == expected()
    open_ones = found()
    assert len(open_ones) == count("without_members=true") == 216 - count("without_members=false") > 5
    group = Agency.objects.get(name="各有关单位")
    named = Measure.objects.filter(pk__in=open_ones, assignments__agency=group).order_by("row")[0]
    NamedMember.objects.create(measure=named, group=group, member=market)
    others = named.assignments.exclude(agency=group).filter(agency__kind="open").exists()
    assert found() == (open_ones if others else open_ones - {named.pk})
    districts = Agency.objects.get(name="各区政府")
    GroupMember.objects.filter(group=districts).delete()
    assert found() > open_ones - {named.pk}
    assert found() >= set(Measure.objects.printed_for([districts.pk]).values_list("pk", flat=True))


def test_values_of_one_parameter_add_up_and_parameters_narrow(reform_list: ReformList) -> None:
    """市市场监管局 or 市司法局 as lead, and in section 1."""
    expected = [m for m in PRINTED if {"市市场监管局", "市司法局"} & set(m["lead"]) and m["section_no"] == 1]
    assert count("lead=市市场监管局&lead=市司法局&section=1") == len(expected)


def test_an_agency_goes_by_id_by_name_and_by_other_names(market: Agency) -> None:
    for name in (str(market.pk), market.name, "深圳市市场监督管理局", "市知识产权局"):
        assert count(f"lead={quote(name)}") == 60


def test_agency_and_role_ask_what_is_printed(market: Agency) -> None:
    assert count(f"agency={market.pk}") == 73
    assert count(f"agency={market.pk}&role=lead") == 60
    assert count(f"agency={market.pk}&role=responsible") == 13
    assert count(f"agency={market.pk}&role=responsible&role=lead") == 73


def test_holder_counts_what_comes_through_a_group(reform_list: ReformList) -> None:
    assert count("holder=罗湖区政府") == 18
    assert count("agency=罗湖区政府") == 0
    assert count("agency=各区政府") == 18


def test_agency_me_is_what_one_must_act_on(reporter: User, transport: Agency) -> None:
    who = Principal.of_user(reporter)
    assert count("agency=me", who) == 16
    assert count("agency=me&role=lead", who) == 7


def test_status_and_light_of_a_past_date(demo: ReformList) -> None:
    assert count("light=overdue") == 3
    assert count("light=overdue&light=due_soon") == 55
    assert count("status=closed") == 24
    assert count("light=closed&on=2022-03-01") == 0
    assert count("light=closed&on=2022-03-31") == 14


def test_what_an_agency_declares_can_be_asked_for(public: ReformList, led: Measure, transport: Agency) -> None:
    duty = led.duties.get(agency=transport)
    for outlook, behind, either in (("", 0, 0), ("behind", 1, 1), ("awaiting_approval", 0, 1), ("on_schedule", 0, 0)):
        duty.outlook = outlook
        duty.save()
        assert count("outlook=behind") == behind
        assert count("outlook=behind&outlook=awaiting_approval") == either


def test_updated_since_is_inclusive(public: ReformList, led: Measure) -> None:
    Measure.objects.filter(pk=led.pk).update(updated_at=dt.datetime(2030, 1, 2, tzinfo=dt.UTC))
    assert count("updated_since=2030-01-02T08:00:00%2B08:00") == 1
    assert count("updated_since=2030-01-02T08:00:01%2B08:00") == 0


def test_what_was_withdrawn_is_not_found(reform_list: ReformList, led: Measure) -> None:
    Measure.objects.filter(pk=led.pk).update(disposition="withdrawn")
    assert (count(""), count("deadline=2022-06-30")) == (215, 65)
    assert led not in asked(f"?item={led.item.number}").ordered()


@pytest.mark.parametrize(
    ("query", "named", "said"),
    [
        ("lihgt=overdue", "lihgt", "没有这个参数。"),
        ("page_size=3", "page_size", "没有“3”这个取值。"),
        ("light=red", "light", "没有“red”这个取值。"),
        ("status=done", "status", "没有“done”这个取值。"),
        ("outlook=on_schedule", "outlook", "没有“on_schedule”这个取值。"),
        ("light=closed&light=red", "light", "没有“red”这个取值。"),
        ("section=13", "section", "没有“13”这个取值。"),
        ("section=0", "section", "没有“0”这个取值。"),
        ("section=-1", "section", "没有“-1”这个取值。"),
        ("section=99999999999999999999", "section", "没有“99999999999999999999”这个取值。"),
        ("item=201", "item", "没有“201”这个取值。"),
        ("item=１", "item", "没有“１”这个取值。"),
        ("list=beijing", "list", "没有“beijing”这个取值。"),
        ("lead=市不存在局", "lead", "没有“市不存在局”这个取值。"),
        ("lead=999999", "lead", "没有“999999”这个取值。"),
        ("holder=%00", "holder", "取值"),
        ("list=%00", "list", "取值"),
        ("agency=市司法局&role=chief", "role", "没有“chief”这个取值。"),
        ("role=lead", "role", "请同时给出 agency。"),
        ("agency=me", "agency", "agency=me 需要用某单位的身份登录"),
        ("national=yes", "national", "“yes”应为 true 或 false。"),
        ("deadline=2022-13-01", "deadline", "“2022-13-01”不是日期"),
        ("deadline_after=soon", "deadline_after", "“soon”不是日期"),
        ("deadline_before=2022-02-30", "deadline_before", "“2022-02-30”不是日期"),
        ("updated_since=yesterday", "updated_since", "“yesterday”不是时间"),
        ("on=2022-02-30", "on", "“2022-02-30”不是日期"),
        ("ordering=title", "ordering", "没有“title”这个取值。"),
        ("&".join(["section=1"] * 101), "section", "最多可给100个值。"),
        ("x<b>=1", "x&lt;b&gt;", "没有这个参数。"),
    ],
)
def test_what_cannot_be_used_is_struck_out_by_name_and_the_rest_is_shown(
    client: Client, public: ReformList, query: str, named: str, said: str
) -> None:
    page = get(client, f"/measures/?{query}")
    assert page.status == 200
    assert page.total > 0 or "light=closed" in query
    if page.unknown:
        assert (page.unknown, page.struck) == ([html.unescape(named)], [])
    elif named != "section" or page.struck:  # a value given a hundred times is there once
        assert said in html.unescape(page.text)
    refused = client.get(f"/api/v1/measures?{query}")
    assert refused.status_code == (200 if named == "page_size" else 401 if query == "agency=me" else 400)


def test_of_several_values_those_that_can_be_used_stay(client: Client, public: ReformList) -> None:
    page = get(client, "/measures/?light=closed&light=red&light=standing&lead=市不存在局&lead=市市场监管局")
    assert page.struck == ["牵头单位：市不存在局", "亮灯：red"]
    assert page.chips == ["亮灯：已销号", "亮灯：持续巩固", "牵头单位：市市场监管局"]
    expected = asked("?light=closed&light=standing&lead=市市场监管局").ordered().count()
    assert page.total == expected > 0


def test_a_forwarded_link_keeps_its_filters(client: Client, demo: ReformList) -> None:
    """As WeChat and newsletters forward it."""
    page = get(client, "/measures/?light=overdue&from=singlemessage&isappinstalled=0&utm_source=mail")
    assert (page.status, page.chips, page.total) == (200, ["亮灯：逾期"], 3)
    assert page.unknown == ["from", "isappinstalled", "utm_source"]
    assert page.struck == []
    files = b"".join(client.get("/measures/export/csv/?light=overdue&from=singlemessage").streaming_content)
    assert len(files.decode().splitlines()) >= 4
    exports = page.tree.xpath('//p[@class="exports"]/a/@href')
    assert not [address for address in exports if "from=" in address]


def test_a_file_is_not_made_without_a_condition_that_was_asked_for(client: Client, public: ReformList) -> None:
    """It could not say so; the page can."""
    for kind in ("csv", "xlsx"):
        answer = client.get(f"/measures/export/{kind}/?light=red&section=1")
        assert (answer.status_code, answer["Location"]) == (302, "/measures/?light=red&section=1")


def test_every_problem_of_an_address_is_named_at_once(client: Client, public: ReformList) -> None:
    page = get(client, "/measures/?nonsense=1&light=red&section=99&role=lead&agency=me")
    assert page.unknown == ["nonsense"]
    assert sorted(page.struck) == ["亮灯：red", "任务类别：99", "分工：牵头单位", "单位：me"]
    assert (page.chips, page.total) == ([], 216)


def test_an_address_full_of_nonsense_is_answered_shortly(client: Client, public: ReformList) -> None:
    query = "&".join([*(f"lead={n}x" for n in range(120)), *(f"x{n}=1" for n in range(120))])
    page = get(client, f"/measures/?{query}")
    assert (len(page.struck), len(page.unknown)) == (10, 6)
    assert page.total == 216


@pytest.mark.parametrize("query", ["light=+closed", "section=+1+", "status=in_progress+", "deadline=+2022-06-30"])
def test_white_space_around_a_value_does_not_matter(client: Client, public: ReformList, query: str) -> None:
    name, _, value = query.partition("=")
    bare = get(client, f"/measures/?{name}={value.strip('+')}")
    padded = get(client, f"/measures/?{query}")
    assert (padded.status, padded.total, padded.chips) == (200, bare.total, bare.chips)


def test_white_space_around_the_date_asked_about_does_not_matter(public: ReformList) -> None:
    assert asked("?on=+2022-03-31").view.on == dt.date(2022, 3, 31)


def test_what_was_left_empty_in_a_form_is_not_asked(client: Client, public: ReformList) -> None:
    assert get(client, "/measures/?search=&ordering=&section=").total == 216


@pytest.mark.parametrize("query", ["light=overdue", "status=closed", "outlook=behind"])
def test_a_visitor_cannot_ask_for_a_status_that_is_not_public(
    client: Client, reform_list: ReformList, query: str
) -> None:
    page = get(client, f"/measures/?{query}")
    assert (page.status, page.total, page.chips) == (200, 216, [])
    assert len(page.struck) == 1
    assert "该清单的进展状态未公开，请先登录。" in page.text
    assert f"/sign-in/?next={quote(f'/measures/?{query}', safe='')}" in page.tree.xpath("//main//a/@href")
    for kind in ("csv", "xlsx"):
        assert client.get(f"/measures/export/{kind}/?{query}").status_code == 302


def test_an_official_can(reform_list: ReformList, reporter: User, signed_in: Callable[[User], Client]) -> None:
    assert get(signed_in(reporter), "/measures/?light=awaiting_report").total == 102


def test_a_moved_deadline_is_not_told_to_a_visitor(reform_list: ReformList, led: Measure, reporter: User) -> None:
    Measure.objects.filter(pk=led.pk).update(deadline_in_force=dt.date(2023, 1, 31))
    assert count("deadline=2023-01-31") == 0
    assert count("deadline=2022-06-30") == 66
    assert count("deadline=2023-01-31", Principal.of_user(reporter)) == 1
    assert count("deadline=2022-06-30", Principal.of_user(reporter)) == 65


def test_status_is_public_list_by_list(public: ReformList) -> None:
    ReformList.objects.create(slug="secret", title="另一清单", year=2023, open_to="public")
    for address in ("", "?list=secret&list=shenzhen-2022"):
        assert asked(address).view.sees_status
        assert not asked(address).view.sees_every_status
    assert asked("?list=shenzhen-2022").view.sees_every_status
    assert not asked("?list=secret").view.sees_status
    assert asked("?list=shenzhen-2022").view.on == ON


@pytest.mark.parametrize("address", ["?ordering=-updated_at", "?updated_since=2022-06-01"])
def test_when_something_changed_is_not_told_where_the_status_is_not_public(
    reform_list: ReformList, address: str
) -> None:
    filters = MeasureFilter.read(QueryDict(address[1:]), who=NOBODY, today=ON)
    assert {problem.code for problem in filters.problems()} == {"not_public"}


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/stats?on=0001-01-01",
        "/api/v1/measures?updated_since=9999-12-31T23:59:59-14:00",
        "/api/v1/measures?light=overdue&on=9999-12-31",
    ],
)
def test_a_day_beyond_the_calendar_is_refused_by_name(client: Client, public: ReformList, address: str) -> None:
    client.raise_request_exception = False
    answer = client.get(address)
    name = "updated_since" if "updated_since" in address else "on"
    assert (answer.status_code, name in answer.content.decode()) == (400, True)


def test_a_page_on_a_day_that_is_none_shows_today_and_says_so(client: Client, led: Measure) -> None:
    client.raise_request_exception = False
    for address in ("/", "/measures/", led.get_absolute_url()):
        for day in ("9999-12-31", "soon"):
            answer = client.get(f"{address}?on={day}")
            assert (answer.status_code, "chip-off" in answer.content.decode()) == (200, True)


def test_what_was_closed_late_is_told_by_the_day_of_the_claim(demo: ReformList) -> None:
    closed = Measure.objects.filter(status="closed").order_by("pk")
    late, in_time, undated = closed[:3]
    day = dt.date(2022, 4, 30)
    Measure.objects.filter(pk=late.pk).update(deadline_in_force=day, claimed_on=dt.date(2022, 5, 1))
    # Verified after the deadline, and claimed on it.
    Measure.objects.filter(pk=in_time.pk).update(deadline_in_force=day, claimed_on=day, closed_on=dt.date(2022, 5, 9))
    Measure.objects.filter(pk=undated.pk).update(deadline_in_force=None)
    found = {
        value: set(asked(f"?closed_late={value}").measures().values_list("pk", flat=True))
        for value in ("true", "false")
    }
    assert late.pk in found["true"]
    assert {in_time.pk, undated.pk} <= found["false"]
    assert found["true"] | found["false"] == set(closed.values_list("pk", flat=True))
    assert not found["true"] & found["false"]
