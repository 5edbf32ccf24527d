"""The pages of a measure, an item, a section and a list: as printed, and where it stands."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.access import Principal
from agencies.models import Agency, Role, User
from reforms.models import Disposition, Item, Measure, PrintedRow, ReformList, Reminder
from reforms.office.steer import dispose, reassign
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.reminders.conftest import new_delivery
from tests.reforms.review.test_claims import claimed
from tests.reforms.shown import Page, get, plain, words


def place(number: int, seq: int = 1) -> Measure:
    return Measure.objects.get(item__number=number, seq_in_item=seq)


def page_of(client: Client, measure: Measure) -> Page:
    return get(client, f"/measures/{measure.pk}/")


def test_a_measure_is_shown_as_printed(client: Client, reform_list: ReformList) -> None:
    shown = plain(page_of(client, place(101)).text)
    printed = PrintedRow.objects.get(measure=place(101))
    assert printed.text in shown
    for part in ("深圳海关", "市交通运输局", "市口岸办", "2022年6月底", "探索开展“组合港”区域通关便利化改革"):
        assert part in shown
    assert f"第1版 第{printed.row}行" in shown
    assert "shenzhen-2022-first-batch.docx" in shown


def test_a_merged_cell_is_shown_as_empty(client: Client, reform_list: ReformList) -> None:
    """The second row of item 68 prints no number, no title."""
    rows = [place(68, seq) for seq in range(1, 6)]
    blank = next(one for one in rows if PrintedRow.objects.get(measure=one).number == "")
    page = page_of(client, blank)
    cell = '//details[@class="printed"]//dt[text()="序号"]/following-sibling::dd[1]/span'
    assert [one.text for one in page.tree.xpath(cell)] == ["（空）"]
    client.cookies["django_language"] = "en"
    assert [(one.text, one.get("lang")) for one in page_of(client, blank).tree.xpath(cell)] == [("(empty)", "en")]
    assert "建立健全重点领域全流程事前事中事后监管机制" in plain(page.text)


def test_who_must_act_is_named_also_through_a_group(client: Client, reform_list: ReformList) -> None:
    shown = plain(page_of(client, place(200)).text)
    assert "罗湖区政府" in shown
    assert shown.count("（通过各区政府）") == 9


def test_what_the_office_gave_to_an_agency_is_said_to_be_given(
    client: Client, reform_list: ReformList, cast: Cast, led: Measure, market: Agency
) -> None:
    office = acting(cast.supervisor)
    reassign(led.pk, cast.agency.pk, market.pk, reason="职责调整。", seen=None, who=office, on=ON)
    assert "市市场监管局 牵头单位 （由市交通运输局改派）" in words(page_of(client, led).tree)
    assert "1 条由市交通运输局改派" in words(get(client, market.get_absolute_url()).tree)
    client.cookies["django_language"] = "en"
    assert "(reassigned from" in words(page_of(client, led).tree)


def test_neighbours_lead_through_the_list(client: Client, reform_list: ReformList) -> None:
    tree = page_of(client, place(68, 1)).tree
    previous, following = place(67), place(68, 2)
    assert tree.xpath('//a[@rel="prev"]/@href') == [f"/measures/{previous.pk}/"]
    assert tree.xpath('//a[@rel="next"]/@href') == [f"/measures/{following.pk}/"]
    # Those of one item are told apart.
    assert [" ".join(link.text.split()) for link in tree.xpath('//a[@rel="next"]')] == ["第68项第2条 →"]
    assert page_of(client, place(1)).tree.xpath('//a[@rel="prev"]') == []
    assert page_of(client, place(200)).tree.xpath('//a[@rel="next"]') == []


def test_a_visitor_sees_no_status_where_it_is_not_public(client: Client, reform_list: ReformList, led: Measure) -> None:
    shown = plain(page_of(client, led).text)
    assert "印发时限" in shown
    assert not [
        word for word in ("本单位状态", "亮灯", "尚未报送", "现行时限", "临近到期", "还有15天") if word in shown
    ]


def test_a_visitor_sees_it_where_it_is(client: Client, public: ReformList, led: Measure) -> None:
    shown = plain(page_of(client, led).text)
    for word in ("临近到期", "尚未报送", "现行时限", "还有15天"):
        assert word in shown


def test_what_was_reported_is_for_officials_of_the_agency(
    public: ReformList, led: Measure, reporter: User, signed_in: Callable[[User], Client]
) -> None:
    said = ReportContent(progress="内部进展文字", next_step="下月计划文字", problems="需协调文字")
    who = Principal.of_user(reporter)
    submit_report(led.pk, next(iter(who.agencies())), said, who=who, on=ON)
    visitor = page_of(Client(), led).text
    own = page_of(signed_in(reporter), led).text
    for text in (said.progress, said.next_step, said.problems):
        assert text not in visitor
        assert text in own
    assert "推进中" in plain(visitor)


def test_officials_of_another_agency_do_not_read_reports(
    public: ReformList,
    led: Measure,
    reporter: User,
    person: Callable[..., User],
    signed_in: Callable[[User], Client],
) -> None:
    mine = Principal.of_user(reporter)
    submit_report(led.pk, next(iter(mine.agencies())), ReportContent(progress="内部进展文字"), who=mine, on=ON)
    stranger = person(Role.REPORTER, agency=Agency.objects.get(name="市水务局"))
    assert "内部进展文字" not in page_of(signed_in(stranger), led).text


def test_a_withdrawn_measure_keeps_its_address_and_says_so(
    client: Client, reform_list: ReformList, led: Measure
) -> None:
    Measure.objects.filter(pk=led.pk).update(disposition="withdrawn")
    page = page_of(client, led)
    assert page.status == 200
    assert "该举措已调出清单，不再计入统计。" in plain(page.text)


def test_an_item_shows_its_number_star_and_measures(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/lists/shenzhen-2022/items/68/")
    assert page.numbers == [f"68-{seq}*" for seq in range(1, 6)]
    assert page.measure_ids == [place(68, seq).pk for seq in range(1, 6)]
    assert page.tree.xpath('//a[@rel="prev"]/@href') == ["/lists/shenzhen-2022/items/67/"]
    assert page.tree.xpath('//a[@rel="next"]/@href') == ["/lists/shenzhen-2022/items/69/"]


def test_an_item_of_one_measure_is_the_page_of_that(client: Client, reform_list: ReformList) -> None:
    assert client.get("/lists/shenzhen-2022/items/7/").status_code == 200  # it has two
    answer = client.get("/lists/shenzhen-2022/items/101/")
    assert (answer.status_code, answer["Location"]) == (302, place(101).get_absolute_url())
    assert not page_of(client, place(101)).tree.xpath('//nav[@class="crumbs"]/a[contains(@href, "/items/")]')
    assert page_of(client, place(7, 2)).tree.xpath('//nav[@class="crumbs"]/a[contains(@href, "/items/7/")]')


def test_the_measures_of_one_item_are_told_apart_everywhere(client: Client, reform_list: ReformList) -> None:
    rows = get(client, "/measures/?item=68&item=67").numbers
    assert [row.rstrip("*") for row in rows] == ["67", *(f"68-{seq}" for seq in range(1, 6))]
    assert words(page_of(client, place(68, 2)).tree.xpath("//h1")[0]).startswith("68-2*")
    assert words(page_of(client, place(67)).tree.xpath("//h1")[0]).startswith("67")
    # As browsers name tabs and bookmarks.
    titles = [
        page_of(client, one).tree.findtext(".//title") for one in (place(67), *(place(68, n) for n in range(1, 6)))
    ]
    assert [title.split()[0] for title in titles] == ["第67项", *(f"第68项第{n}条" for n in range(1, 6))]
    Measure.objects.filter(item__number=68, seq_in_item__gt=1).update(disposition="withdrawn")
    assert get(client, "/measures/?item=68").numbers == ["68*"]


def glance(client: Client, measure: Measure, query: str = "") -> str:
    """The line under the title."""
    page = get(client, f"/measures/{measure.pk}/{query}")
    (line,) = page.tree.xpath('//div[@class="head"]//p[@class="glance"]')
    return words(line)


def test_where_it_stands_is_the_first_line(client: Client, public: ReformList, led: Measure) -> None:
    said = glance(client, led)
    for part in ("临近到期", "还有15天", "时限 2022年6月30日", "牵头"):
        assert part in said
    assert "已逾期76天" in glance(client, place(158))
    assert "持续巩固" in glance(client, Measure.objects.filter(is_standing=True)[0])
    Measure.objects.filter(pk=led.pk).update(status="closed", closed_on=ON)
    assert "2022年6月15日销号" in glance(client, led)
    assert "还有" not in glance(client, led)


def test_of_a_status_that_is_not_public_the_line_says_nothing(
    client: Client, reform_list: ReformList, led: Measure
) -> None:
    said = glance(client, led)
    assert said.startswith("时限 2022年6月30日")
    assert not [word for word in ("临近到期", "还有", "待报送") if word in said]


@pytest.fixture
def in_july(settings: Any) -> None:
    """After the deadline of `led`, 30 June."""
    settings.PORTAL_TODAY = dt.date(2022, 7, 8)


def test_what_was_claimed_in_time_is_nowhere_said_to_be_late(
    public: ReformList, led: Measure, cast: Cast, signed_in: Callable[[User], Client], in_july: None
) -> None:
    """The clock stands still while others review."""
    client = signed_in(cast.reporter)
    assert "已逾期8天" in glance(client, led)
    claimed(led, cast)
    assert glance(client, led).startswith("◐待核验 时限 2022年6月30日")
    for address in (f"/measures/{led.pk}/", "/measures/?light=under_review", "/desk/?show=claimed"):
        shown = get(client, address)
        assert led.item.title in plain(shown.text)
        assert "已逾期" not in words(shown.tree.xpath("//main")[0])


def test_of_what_is_suspended_no_days_are_counted(
    public: ReformList, led: Measure, cast: Cast, signed_in: Callable[[User], Client], in_july: None
) -> None:
    dispose(led.pk, Disposition.SUSPENDED, reason="上位法修订", seen=None, who=acting(cast.supervisor), on=ON)
    client = signed_in(cast.reporter)
    assert glance(client, led).startswith("中止 时限 2022年6月30日")
    for address in (f"/measures/{led.pk}/", "/measures/?disposition=suspended"):
        assert "已逾期" not in words(get(client, address).tree.xpath("//main")[0])


def test_what_waits_is_on_top_for_those_who_read_it(
    public: ReformList, led: Measure, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    claimed(led, cast)
    for person in (cast.reporter, cast.supervisor):
        (line,) = page_of(signed_in(person), led).tree.xpath('//ul[@class="under-way"]/li')
        assert words(line).startswith("申请销号")
        assert "待核验" in words(line)
    assert not page_of(Client(), led).tree.xpath('//ul[@class="under-way"]')


def test_an_empty_state_says_which_kind_of_empty(
    public: ReformList, led: Measure, cast: Cast, signed_in: Callable[[User], Client], person: Callable[..., User]
) -> None:
    own = signed_in(cast.reporter)
    assert "还没有单位填报。" in plain(page_of(own, led).text)
    Measure.objects.filter(pk=led.pk).update(first_report_on=ON, status="in_progress")
    assert "还没有单位填报。" not in plain(page_of(own, led).text)
    assert "已有其他单位填报：责任单位只能查阅本单位的填报" in plain(page_of(own, led).text)


def test_the_history_goes_by_the_day_it_shows(
    reform_list: ReformList, led: Measure, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    """What is filled in for an earlier day stands with that day, and nothing happened before the measure came in."""
    earlier = ON - dt.timedelta(days=90)
    for on in (ON, earlier, ON - dt.timedelta(days=2)):
        said = ReportContent(progress=f"进展至{on}")
        submit_report(led.pk, cast.agency.pk, said, who=Principal.of_user(cast.reporter), on=on)
    tree = page_of(signed_in(cast.reporter), led).tree
    days = [words(one) for one in tree.xpath('//ol[@class="history"]/li/span[@class="when"]')]
    happened = [words(one) for one in tree.xpath('//ol[@class="history"]/li/span[contains(@class, "did")]/span[1]')]
    assert happened[-1] == "列入清单"
    reported = [day_of(day) for day in days[:-1]]
    assert reported == sorted(reported, reverse=True)
    assert earlier in reported


def day_of(said: str) -> dt.date:
    return dt.datetime.strptime(said, "%Y年%m月%d日").date()  # noqa: DTZ007  # a date


def test_an_item_none_of_whose_measures_counts_is_not_there(client: Client, reform_list: ReformList) -> None:
    item = Item.objects.get(number=200)
    Measure.objects.filter(item=item).update(disposition="withdrawn")
    assert client.get("/lists/shenzhen-2022/items/200/").status_code == 404


def test_a_section_shows_its_measures_and_lights_that_add_up(client: Client, demo: ReformList) -> None:
    page = get(client, "/lists/shenzhen-2022/sections/5/")
    assert len(page.measure_ids) == 30
    lights = page.tree.xpath('//ul[contains(@class, "lights")]/li/a')
    assert sum(int(light.xpath('string(./span[@class="count"])')) for light in lights) == 30
    for light in lights[:3]:
        assert get(client, light.get("href")).total == int(light.xpath('string(./span[@class="count"])'))


def test_a_section_shows_no_lights_where_status_is_not_public(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/lists/shenzhen-2022/sections/5/")
    assert len(page.measure_ids) == 30
    assert page.tree.xpath('//ul[contains(@class, "lights")]') == []


def test_the_list_shows_its_editions(client: Client, reform_list: ReformList) -> None:
    shown = plain(get(client, "/lists/shenzhen-2022/").text)
    assert "shenzhen-2022-first-batch.docx" in shown
    assert reform_list.editions.get().file_sha256[:16] in shown
    assert "注：序号标*的为贯彻落实国家101项改革任务的相关举措" in shown


@pytest.mark.parametrize(
    "address",
    [
        "/measures/999999/",
        "/measures/99999999999999999999/",
        "/lists/beijing/",
        "/lists/shenzhen-2022/items/201/",
        "/lists/shenzhen-2022/items/99999999999999999999/",
        "/lists/shenzhen-2022/sections/13/",
        "/lists/beijing/items/1/",
        "/agencies/999999/",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, reform_list: ReformList, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_reminder_that_many_agencies_were_told_on_a_day_is_one_line(
    reform_list: ReformList, led: Measure, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    agencies = list(Agency.objects.living().filter(kind="single").order_by("pk")[:7])
    early, late = ON - dt.timedelta(days=16), ON - dt.timedelta(days=1)
    for agency in agencies:
        told(led, agency, "before_30", early)
    for agency in agencies[:2]:
        told(led, agency, "before_15", late)
    tree = page_of(signed_in(cast.supervisor), led).tree
    lines = [one for one in tree.xpath('//ol[@class="history"]/li') if "到期提醒" in words(one)]
    assert len(lines) == 2, "not one for each agency"
    few, many = lines
    assert [words(one) for one in few.xpath(".//a")] == [one.name for one in agencies[:2]]
    assert words(many.xpath(".//details/summary")[0]) == "7个单位"
    assert [words(one) for one in many.xpath(".//details//a")] == [one.name for one in agencies]


def told(measure: Measure, agency: Agency, stage: str, on: dt.date) -> None:
    letter = new_delivery(agency, state="sent")
    facts = {"deadline": measure.deadline, "due_on": on, "created_at": timezone.now(), "delivery": letter}
    Reminder.objects.create(measure=measure, agency=agency, stage=stage, **facts)


def test_whoever_reported_has_the_same_name_all_over_an_english_page(
    client: Client, reform_list: ReformList, person: PersonMaker
) -> None:
    measure = place(101)
    agency = Agency.objects.filter(duties__measure=measure, duties__part="lead").order_by("pk")[0]
    who = Principal(label="填报人", roles=frozenset({(Role.REPORTER, agency.pk)}))
    submit_report(measure.pk, agency.pk, ReportContent(progress="已完成方案。"), who=who, on=ON)
    client.force_login(person(Role.SUPERVISOR), backend="agencies.people.sign_in.PasswordBackend")
    client.cookies["django_language"] = "en"
    tree = page_of(client, measure).tree
    (name,) = tree.xpath('//article[starts-with(@id, "report-")]/h3/span[1]')
    assert agency.name_en
    assert (name.text, name.get("lang")) == (agency.name_en, "en")
