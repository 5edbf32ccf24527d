"""总览: the sentence is true, and every number on it is the number of rows behind its link."""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from html import unescape

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.test import Client

from agencies.access import NOBODY, PORTAL, Principal
from agencies.models import Agency, Change, Role, User
from importers.editions.apply import Source, apply_plan
from importers.editions.known import plan_import
from reforms.catalogue.course import DAYS_SHOWN, Grain
from reforms.catalogue.filters import MeasureFilter
from reforms.models import Audience, Disposition, Light, Measure, ReformList
from reforms.office.steer import dispose
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, REAL_LIST, PersonMaker
from tests.importers.text_editions import TextEdition
from tests.reforms.people import Cast, acting, attach
from tests.reforms.reorganisations import merge_into
from tests.reforms.shown import asked, get, words

LINK = re.compile(r'<a[^>]*href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
NUMBER_LINK = re.compile(r'<a[^>]*href="(/measures/\?[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
PAGE = re.compile(r'href="(\?[^"]*page=[^"]*)"')
MAY = dt.date(2022, 5, 31)


def count_behind(address: str, who: Principal = NOBODY) -> int:
    """How many measures the address asks for."""
    data = QueryDict(unescape(address).partition("?")[2])
    filters = MeasureFilter.read(data, who=who, today=ON)
    assert filters.problems() == [], address
    return filters.ordered().count()


def number_links(html: str) -> list[tuple[str, int]]:
    """Links to measures whose whole text is a number (the lights carry their word before it)."""
    links = []
    for address, inner in NUMBER_LINK.findall(html):
        text = re.sub(r"<[^>]+>", " ", inner).split()
        if text and text[-1].isdigit():
            links.append((address, int(text[-1])))
    return links


def wrong(links: Iterable[tuple[str, int]], who: Principal = NOBODY) -> dict[str, tuple[int, int]]:
    """Numbers that are not those of the rows behind them: what the page says, and how many there are."""
    return {link: (said, found) for link, said in links if (found := count_behind(link, who)) != said}


def test_it_says_where_the_list_stands(client: Client, demo: ReformList) -> None:
    text = re.sub(r"<[^>]+>", "", client.get("/").content.decode())
    assert (
        "截至2022年6月15日，清单共200项改革事项、216条具体举措：持续巩固31条，已销号24条，待核验6条，"
        "正常推进92条，临近到期52条，待报送8条，逾期3条。持续巩固和已销号合计55条，占25.5%。"
    ) in text
    assert "时限不晚于2022年6月15日的举措17条；截至当日自报完成30条，其中经核验销号24条。" in text


def test_it_tells_visitors_only_what_is_printed_where_status_is_not_public(
    client: Client, reform_list: ReformList
) -> None:
    text = re.sub(r"<[^>]+>", "", client.get("/").content.decode())
    assert "清单共200项改革事项、216条具体举措，其中185条印有完成时限，31条已落地、持续巩固提升。" in text
    assert "时限不晚于2022年6月15日的举措17条。" in text
    told = text.replace("不计逾期", "")
    assert [word for word in ("逾期", "销号", "自报", "走势") if word in told] == []


def test_what_is_overdue_comes_first_with_its_lead_and_since_when(client: Client, demo: ReformList) -> None:
    page = get(client, "/")
    first = page.tree.xpath("//main//section")[0]
    assert words(first.xpath("./h2")[0]).startswith("逾期 3")
    found = [words(one) for one in first.xpath(".//li")]
    openings = [words(one) for one in first.xpath('.//li//*[contains(@class, "opening")]')]
    assert [one.replace(f" {opening}", "") for one, opening in zip(found, openings, strict=True)] == [
        "第158项 推行户政业务“邮寄办理” 牵头 市公安局 时限 2022年3月31日 已逾期76天",
        "第188项 逐步推进政务服务跨区域协同 牵头 市政务服务数据管理局 时限 2022年3月31日 已逾期76天",
        "第198项 建立高新技术企业培育后备库 牵头 市科技创新委 时限 2022年3月31日 已逾期76天",
    ]


def news_of(client: Client) -> tuple[str, list[str]]:
    """The heading of 本周变化, and for each row the measure and what is said of it."""
    [section] = get(client, "/").tree.xpath('//section[@aria-labelledby="news"]')
    rows = section.xpath(".//li")
    return words(section.xpath("./h2")[0]), [f"{words(row.xpath('./a')[0])} {words(row[-1])}" for row in rows]


def test_what_changed_this_week_names_a_measure_once_with_its_last_step(
    client: Client, public: ReformList, reporter: User, transport: Agency, led: Measure
) -> None:
    who = acting(reporter)
    submit_report(led.pk, transport.pk, ReportContent(progress="已启动。"), who=who, on=ON - dt.timedelta(days=1))
    attach(led, transport, reporter)
    submit_report(led.pk, transport.pk, ReportContent(progress="已办结。", is_claim=True), who=who, on=ON)
    heading, [row] = news_of(client)
    assert heading == "本周变化 1 条"
    assert led.title in row
    assert row.endswith("2022年6月15日 状态由“推进中”变为“待核验”")


def test_of_what_changed_this_week_the_count_is_that_of_the_measures(client: Client, demo: ReformList) -> None:
    heading, rows = news_of(client)
    count = int(re.findall(r"\d+", heading)[0])
    moved = Change.objects.filter(action="measure.status_changed", on__gt=ON - dt.timedelta(days=7), on__lte=ON)
    assert count == moved.values("object_id").distinct().count()
    assert count == len(rows) or f"另有{count - len(rows)}条" in client.get("/").content.decode()


@pytest.fixture
def scene(demo: ReformList, person: PersonMaker, transport: Agency, market: Agency) -> Cast:
    """Two lists that tell their status, of which the first has a second edition that drops a measure, adds one and
    moves a deadline; one measure is suspended, one cancelled, and an agency was merged into another."""
    call_command("import_list", str(REAL_LIST), slug="second", issued=dt.date(2022, 4, 15), yes=True, verbosity=0)
    ReformList.objects.filter(slug="second").update(open_to=Audience.PUBLIC, public_status=True)
    edited = TextEdition.real().without("200").with_deadline("3*", "2022年9月底")
    source = Source(file_name="改.txt", file_sha256="0" * 64, who=PORTAL, on=ON)
    apply_plan(plan_import(edited.parsed(), demo), demo, source)
    cast = Cast(person, transport)
    office = acting(cast.supervisor)
    late = Measure.objects.filter(reform_list=demo).with_light(ON).filter(light=Light.OVERDUE)[0]
    near = Measure.objects.filter(reform_list=demo).with_light(ON).filter(light=Light.DUE_SOON)[0]
    dispose(late.pk, Disposition.SUSPENDED, reason="机构调整。", seen=None, who=office, on=dt.date(2022, 6, 1))
    dispose(near.pk, Disposition.CANCELLED, reason="不再办理。", seen=None, who=office, on=ON)
    merge_into(transport, Agency.objects.get(name="市水务局"))
    return cast


ADDRESSES = ("/", "/?list=shenzhen-2022", "/?list=second", f"/?on={MAY}", f"/?list=shenzhen-2022&on={MAY}")


@pytest.mark.parametrize("address", [*ADDRESSES, "/lists/shenzhen-2022/", "/lists/shenzhen-2022/sections/11/"])
@pytest.mark.parametrize("role", ["visitor", Role.SUPERVISOR, Role.REPORTER])
def test_every_number_is_the_number_of_rows_behind_its_link(
    client: Client, scene: Cast, address: str, role: str
) -> None:
    people = {Role.SUPERVISOR: scene.supervisor, Role.REPORTER: scene.reporter}
    if role in people:
        client.force_login(people[Role(role)], backend="agencies.people.sign_in.PasswordBackend")
    who = acting(people[Role(role)]) if role in people else NOBODY
    html = client.get(address).content.decode()
    links = set(number_links(html))
    assert len(links) > (50 if address.startswith("/?") or address == "/" else 6)
    assert wrong(links, who) == {}
    assert ("lead=" in html) == (role != "visitor" and address[:2] in {"/", "/?"})


@pytest.mark.parametrize("on", ["", f"?on={MAY}"])
def test_every_number_of_the_table_of_leads_as_well(client: Client, scene: Cast, on: str) -> None:
    address = f"/lists/shenzhen-2022/leads/{on}"
    assert client.get(address).status_code == 404, "tables that compare agencies are internal"
    client.force_login(scene.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    pages = [client.get(address + ("&" if on else "?") + f"page={number}").content.decode() for number in (1, 2)]
    links = {link for page in pages for link in number_links(page)}
    assert len(links) > 150
    assert wrong(links, acting(scene.supervisor)) == {}
    assert "page=2" in pages[0]


def test_a_list_may_publish_its_table_of_agencies(client: Client, scene: Cast) -> None:
    ReformList.objects.filter(slug="second").update(public_agencies=True)
    assert "by-lead" in client.get("/?list=second").content.decode()
    assert client.get("/lists/second/leads/").status_code == 200
    shown = [client.get(address).content.decode() for address in ("/", "/?list=shenzhen-2022")]
    assert ["by-lead" in html for html in shown] == [False, False], "the other list does not"
    ReformList.objects.update(public_agencies=True)
    assert "by-lead" in client.get("/").content.decode()
    links = set(number_links(client.get("/").content.decode()))
    assert wrong(links) == {}


def test_national_reforms_stand_beside_the_others(client: Client, demo: ReformList) -> None:
    rows = get(client, "/").tree.xpath('//section[@aria-labelledby="national"]//tbody/tr')
    assert [words(row.xpath("./th")[0]) for row in rows] == [
        "国家改革任务（标*） 101项改革事项",
        "本地改革任务 99项改革事项",
    ]
    assert sum(int(words(row.xpath("./td[1]")[0])) for row in rows) == 216
    Measure.objects.filter(item__is_national=True).update(disposition="withdrawn")
    assert get(client, "/").tree.xpath('//section[@aria-labelledby="national"]') == [], "nothing to compare"


def test_the_trend_is_what_the_overview_said_on_those_days(client: Client, scene: Cast) -> None:
    """The table kept by month against the overview asked for each of its days."""
    for listed in ("", "list=shenzhen-2022&", "list=second&"):
        trend = client.get(f"/?{listed}").context["trend"]
        assert [column.end.day for column in trend.columns][-3:] == [dt.date(2022, 4, 30), MAY, ON]
        for column in trend.columns:
            on = column.end.day
            then = client.get(f"/?{listed}on={on}").context["numbers"].totals
            assert column.end.lights == then.lights, (listed, on)
    # The second list was issued in April: before, it does not count.
    assert next(c.end.day for c in client.get("/?list=second").context["trend"].columns) == dt.date(2022, 4, 30)


def test_a_list_of_one_day_has_no_trend(client: Client, public: ReformList) -> None:
    ReformList.objects.update(issued_on=ON)
    assert "还没有过去的月末可以比较。" in client.get("/").content.decode()


def test_charts_are_told_in_words_and_numbers(client: Client, demo: ReformList) -> None:
    tree = get(client, "/").tree
    charts = tree.xpath('//figure[contains(@class, "chart")]/svg')
    assert len(charts) == 2
    for chart in charts:
        assert chart.get("role") == "group"
        title, desc = chart.get("aria-labelledby").split()
        assert words(chart.xpath(f'./title[@id="{title}"]')[0])
        assert words(chart.xpath(f'./desc[@id="{desc}"]')[0])
        assert chart.xpath("ancestor::section//details//table//td//a"), "its numbers stand beside it"
    assert tree.xpath("//main//*[@style]") == []


@pytest.mark.parametrize("address", ["/", "/?on=2022-05-31"])
def test_every_mark_of_a_chart_leads_to_as_many_measures_as_it_says(
    client: Client, demo: ReformList, address: str
) -> None:
    marks = get(client, address).tree.xpath('//figure[contains(@class, "chart")]//a')
    said = {link.get("href"): int(re.findall(r"\d+", link.get("aria-label"))[-1]) for link in marks}
    assert all(words(link.xpath("./title")[0]) == link.get("aria-label") for link in marks)
    assert {link: asked(link).ordered().count() for link in said} == said
    asks = [link.removeprefix("/measures/?").removeprefix("on=2022-05-31&") for link in said]
    # A deadline, the sum up to it, both ends of what is completed, and parts of columns, of other days too.
    for begins in ("deadline=", "deadline_before=", "status=", "light=closed", "light=", "on="):
        assert any(one.startswith(begins) for one in asks), begins


@pytest.mark.parametrize(
    ("days", "grain"),
    [(DAYS_SHOWN, Grain.DAY), (DAYS_SHOWN + 1, Grain.MONTH), (36 * 28, Grain.MONTH), (40 * 31, Grain.YEAR)],
)
def test_many_deadlines_are_told_by_month_or_year(days: int, grain: Grain) -> None:
    every = {dt.date(2020, 1, 1) + dt.timedelta(days=number) for number in range(days)}
    assert Grain.of(every) == grain


def test_deadlines_by_month_lead_to_their_rows(client: Client, demo: ReformList) -> None:
    for number, measure in enumerate(Measure.objects.exclude(deadline=None).order_by("pk")[:60]):
        day = dt.date(2022, 7, 1) + dt.timedelta(days=number)
        Measure.objects.filter(pk=measure.pk).update(deadline=day, deadline_in_force=day)
    html = client.get("/").content.decode()
    links = [
        link for link in number_links(html) if "deadline_after=2022-07-01&amp;deadline_before=2022-07-31" in link[0]
    ]
    assert links
    assert wrong(number_links(html)) == {}


def test_it_says_what_to_do_when_there_is_no_list(
    client: Client, reform_list: ReformList, person: PersonMaker, signed_in: Callable[[User], Client]
) -> None:
    ReformList.objects.update(archived_on=ON)
    assert "目前没有在办的清单" in client.get("/").content.decode()
    assert 'href="/imports/"' in signed_in(person(Role.ADMINISTRATOR)).get("/").content.decode()
