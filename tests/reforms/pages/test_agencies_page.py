"""单位: every printed name with how often it is printed, and what each agency has to do."""

import datetime as dt
import re
from collections import Counter
from typing import Any

import pytest
from django.test import Client

from agencies.access import Principal
from agencies.models import Agency, Role, User
from reforms.models import Duty, Measure, ReformList
from reforms.reminders.letters import out_of_reach, recipients_of
from reforms.reminders.stages import TOLD_FIRST
from tests.conftest import ON, PersonMaker
from tests.reforms.many import many_lists
from tests.reforms.people import acting
from tests.reforms.reorganisations import merge_into
from tests.reforms.shown import LEADS, NAMES, RESPONSIBLE, Page, asked, get, plain, words


def headings(page: Page) -> list[str]:
    return [words(cell) for cell in page.tree.xpath('//table[contains(@class, "agencies")]/thead//th')]


def rows_of(client: Client, asks: str = "") -> list[Any]:
    """The rows of all pages of the table."""
    first = get(client, f"/agencies/?{asks}")
    pages = {link.partition("page=")[2] for link in first.tree.xpath('//nav[contains(@class, "pager")]//a/@href')}
    more = [get(client, f"/agencies/?{asks}&page={page}") for page in sorted(pages)]
    return [row for page in (first, *more) for row in page.tree.xpath("//tbody/tr")]


def test_every_printed_name_is_there_with_its_counts(client: Client, reform_list: ReformList) -> None:
    shown = {
        words(row.xpath("./th/a")[0]): (int(words(row.xpath("./td[1]")[0])), int(words(row.xpath("./td[2]")[0])))
        for row in rows_of(client)
    }
    assert {name: shown[name] for name in NAMES} == {name: (LEADS[name], RESPONSIBLE[name]) for name in NAMES}
    assert {name for name, counts in shown.items() if counts != (0, 0)} == set(NAMES)
    assert shown["市市场监管局"] == (60, 13)
    assert shown["罗湖区政府"] == (0, 0)


def test_it_says_how_many_names_and_groups_are_printed(client: Client, reform_list: ReformList) -> None:
    assert "清单印有其名的单位74个，其中6个为统称。" in plain(get(client, "/agencies/").text).replace(" ", "")


def test_every_count_is_the_number_of_rows_behind_it(client: Client, reform_list: ReformList) -> None:
    links = [link for row in rows_of(client) for link in row.xpath('.//a[starts-with(@href, "/measures/")]')]
    wrong = {
        link.get("href"): words(link) for link in links if int(words(link)) != asked(link.get("href")).ordered().count()
    }
    assert (len(links), wrong) == (51 + 65, {})


def test_what_is_open_is_counted_for_those_who_may_compare_agencies(
    client: Client, demo: ReformList, person: PersonMaker, transport: Agency
) -> None:
    """Also of an agency that succeeded another, and of members of a group; a suspended measure is none."""
    merge_into(transport, Agency.objects.get(name="市水务局"))
    Measure.objects.filter(pk__in=Duty.objects.of([transport.pk]).values("measure")[:1]).update(
        disposition="suspended", disposition_when_listed="suspended"
    )
    assert "未办结" not in headings(get(client, "/agencies/")), "internal"
    office = person(Role.SUPERVISOR)
    client.force_login(office, backend="agencies.people.sign_in.PasswordBackend")
    rows = rows_of(client)
    links = [link for row in rows for link in row.xpath('.//td[contains(@class, "num")]/a[contains(@href, "holder=")]')]
    who = Principal.of_user(office)
    wrong = {
        link.get("href"): words(link)
        for link in links
        if int(words(link)) != asked(link.get("href"), who=who).ordered().count()
    }
    assert wrong == {}
    assert len(links) > 200
    row = next(row for row in rows if words(row.xpath("./th/a")[0]) == "罗湖区政府")
    cells = row.xpath('./td[not(@class="bar-cell")]')
    assert [words(cell) for cell in cells] == ["0", "0", "17", "1", "4", "7", "4", "1", "—"]
    assert "属于 各区政府" in words(row.xpath("./th")[0])


def test_the_bar_of_an_agency_shows_what_its_numbers_say(client: Client, demo: ReformList, person: PersonMaker) -> None:
    """Segment by segment: which light, how many, and the address of the number beside it."""
    client.force_login(person(Role.SUPERVISOR), backend="agencies.people.sign_in.PasswordBackend")
    for row in rows_of(client):
        bar = {link.get("href"): words(link.xpath("./title")[0]) for link in row.xpath('./td[@class="bar-cell"]//a')}
        numbers = row.xpath('./td[contains(@class, "lit")]/a')
        assert bar == {link.get("href"): link.get("aria-label") for link in numbers}
        width = sum(float(rect.get("width")) for rect in row.xpath(".//rect"))
        assert not bar or abs(width - 240) < 0.1


def test_when_an_agency_reported_last_is_told_those_signed_in(
    client: Client, demo: ReformList, market: Agency, person: PersonMaker
) -> None:
    assert "最近填报" not in get(client, market.get_absolute_url()).text
    client.force_login(person(Role.SUPERVISOR), backend="agencies.people.sign_in.PasswordBackend")
    assert "最近填报 2022年6月13日" in plain(get(client, market.get_absolute_url()).text)


def test_a_list_may_publish_what_is_open_but_not_when_agencies_reported(client: Client, demo: ReformList) -> None:
    ReformList.objects.update(public_agencies=True)
    told = headings(get(client, "/agencies/"))
    assert "未办结" in told
    assert "最近填报" not in told


def test_agencies_are_sorted_by_an_open_light_on_demand(client: Client, demo: ReformList, person: PersonMaker) -> None:
    def shown(address: str) -> list[int]:
        cells = get(client, address).tree.xpath('//tbody/tr/td[contains(@class, "lit")][1]')
        return [int(words(cell)) for cell in cells]

    plain_order = get(client, "/agencies/").tree.xpath("//tbody/tr/th/a/@href")
    assert get(client, "/agencies/?order=overdue").tree.xpath("//tbody/tr/th/a/@href") == plain_order, "for visitors"
    client.force_login(person(Role.SUPERVISOR), backend="agencies.people.sign_in.PasswordBackend")
    sorted_counts = shown("/agencies/?order=overdue")
    assert sorted_counts == sorted(sorted_counts, reverse=True) != shown("/agencies/")


def test_an_agency_is_found_by_any_of_its_names(client: Client, demo: ReformList) -> None:
    def found(words_: str) -> list[str]:
        tree = get(client, f"/agencies/?search={words_}").tree
        return [words(link) for link in tree.xpath("//tbody/tr/th/a[1]")]

    assert found("知识产权局") == ["市市场监管局"], "another name"
    assert found("深圳市市场监督管理局") == ["市市场监管局"], "the full name"
    assert found("Market Supervision") == found("market supervision") == ["市市场监管局"], "the English one"
    assert "罗湖区政府" in found("区政府")
    assert found("没有这个") == []
    assert "没有找到这样的单位。" in get(client, "/agencies/?search=没有这个").text
    assert found("%00") == [], "no name holds it, and no database is asked for it"


def test_the_numbers_of_an_agency_are_links_to_its_rows(client: Client, demo: ReformList) -> None:
    for name in ("市市场监管局", "福田区政府", "罗湖区政府", "各区政府", "各有关单位"):
        page = get(client, Agency.objects.get(name=name).get_absolute_url())
        links = page.tree.xpath('//ul[contains(@class, "figures") or contains(@class, "lights")]//a')
        assert links
        for link in links:
            count = int(words(link.xpath('./span[@class="count"]')[0]))
            assert asked(link.get("href")).ordered().count() == count, (name, words(link))


def test_the_lights_of_an_agency_add_up_to_what_it_must_act_on(client: Client, demo: ReformList) -> None:
    page = get(client, Agency.objects.get(name="罗湖区政府").get_absolute_url())
    lights = page.tree.xpath('//ul[contains(@class, "lights")]//span[@class="count"]')
    assert sum(int(words(light)) for light in lights) == 18


@pytest.mark.parametrize("name", ["市市场监管局", "福田区政府", "罗湖区政府", "各区政府", "市水务局"])
def test_the_sections_of_an_agency_are_counted_and_lead_to_their_rows(
    client: Client, demo: ReformList, transport: Agency, name: str
) -> None:
    """Of one that leads, of members of a group, of the group, and of one that was dissolved; columns add up to the
    figures above them."""
    merge_into(transport, Agency.objects.get(name="市水务局"))
    Measure.objects.filter(pk__in=Duty.objects.of([transport.pk]).values("measure")[:2]).update(
        disposition="suspended", disposition_when_listed="suspended"
    )
    agency = Agency.objects.get(name=name)
    rows = get(client, agency.get_absolute_url()).tree.xpath('//table[contains(@class, "by-section")]/tbody/tr')
    assert rows
    sums: Counter[str] = Counter()
    for row in rows:
        for link in row.xpath("./td[contains(@class, 'num')]/a"):
            count = int(words(link))
            assert asked(link.get("href")).ordered().count() == count, (link.get("href"), count)
            sums[re.sub(r"list=.*?&section=\d+&", "", link.get("href"))] += count
    figures = {
        link.get("href"): int(words(link.xpath('./span[@class="count"]')[0]))
        for link in get(client, agency.get_absolute_url()).tree.xpath('//ul[contains(@class, "lights")]//a')
        + get(client, agency.get_absolute_url()).tree.xpath('//ul[@class="figures"]//a[not(contains(@href, "&"))]')
    }
    assert {address: sums[address] for address in figures} == figures


def test_the_sections_of_several_lists_say_their_list_and_come_in_pages(
    client: Client, demo: ReformList, market: Agency
) -> None:
    """Every second list tells visitors no status: its sections show no lights, and each number leads to its rows."""
    of_one = get(client, market.get_absolute_url())
    assert demo.title not in words(of_one.tree.xpath('//table[contains(@class, "by-section")]')[0])
    many_lists(demo, 20)
    pages = [get(client, f"{market.get_absolute_url()}?sections={number}") for number in (1, 2)]
    rows = [row for page in pages for row in page.tree.xpath('//table[contains(@class, "by-section")]/tbody/tr')]
    assert len(rows) == 12 + 20
    assert demo.title in words(rows[0])
    silent = [row for row in rows if not row.xpath(".//rect")]
    assert len(silent) == 10
    links = [link for row in rows for link in row.xpath("./td[contains(@class, 'num')]/a")]
    wrong = {
        link.get("href"): words(link) for link in links if int(words(link)) != asked(link.get("href")).ordered().count()
    }
    assert wrong == {}


def test_an_agency_shows_no_lights_where_status_is_not_public(
    client: Client, reform_list: ReformList, market: Agency
) -> None:
    page = get(client, market.get_absolute_url())
    assert page.tree.xpath('//ul[contains(@class, "lights")]') == []
    assert "亮灯" not in page.headings


def test_a_district_shows_what_it_does_through_its_group(client: Client, demo: ReformList) -> None:
    address = Agency.objects.get(name="罗湖区政府").get_absolute_url()
    page = get(client, address)
    tabs = page.tree.xpath('//nav[@id="parts"]/a')
    assert [(words(tab), tab.get("aria-current")) for tab in tabs] == [("通过统称、承接或改派的举措 18", "true")]
    assert len(page.tree.xpath('//table[@class="measures"]/tbody/tr')) == 18
    assert get(client, f"{address}?part=owing").measure_ids == page.measure_ids, "what there is not shows what there is"


def test_the_parts_of_an_agency_are_tabs_with_counts(
    client: Client, demo: ReformList, market: Agency, person: PersonMaker
) -> None:
    client.force_login(person(Role.SUPERVISOR), backend="agencies.people.sign_in.PasswordBackend")
    for tab in get(client, market.get_absolute_url()).tree.xpath('//nav[@id="parts"]/a'):
        label, count = words(tab).split()
        page = get(client, market.get_absolute_url() + tab.get("href"))
        assert words(page.tree.xpath('//nav[@id="parts"]/a[@aria-current]')[0]) == f"{label} {count}"
        pages = [
            get(client, f"{market.get_absolute_url()}{tab.get('href').partition('#')[0]}&page={n}") for n in (1, 2, 3)
        ]
        shown = {
            link
            for one in pages
            for link in one.tree.xpath(
                "//section[@aria-labelledby='part']//tbody/tr//a[starts-with(@href, '/measures/')]/@href"
            )
        }
        assert len(shown) == int(count)


def test_a_group_names_its_members(client: Client, reform_list: ReformList) -> None:
    page = get(client, Agency.objects.get(name="各区政府").get_absolute_url())
    members = page.tree.xpath('//h2[text()="成员"]/following-sibling::p[1]/a/text()')
    assert len(members) == 9
    assert "罗湖区政府" in members


def test_administrators_are_shown_the_agencies_that_no_letter_reaches(
    client: Client, reform_list: ReformList, person: PersonMaker, market: Agency, transport: Agency
) -> None:
    """Just those for which the outbox would find nobody: whoever has a duty, itself or through a group."""

    def expected() -> set[str]:
        holders = Agency.objects.filter(pk__in=Duty.objects.values("agency"))
        return {agency.name for agency in holders if not recipients_of(agency, TOLD_FIRST)}

    def shown() -> set[str]:
        return {words(row.xpath("./th/a[1]")[0]) for row in rows_of(client, "mailbox=none")}

    client.force_login(person(Role.ADMINISTRATOR), backend="agencies.people.sign_in.PasswordBackend")
    before = shown()
    assert before == expected() >= {"市市场监管局", "市交通运输局", "罗湖区政府"}
    assert "各区政府" not in before, "a group gets no letters"
    Agency.objects.filter(pk=market.pk).update(email="scjg@example.org")
    person(Role.REPORTER, agency=transport)
    assert shown() == expected() == before - {"市市场监管局", "市交通运输局"}
    User.objects.filter(memberships__agency=transport).update(is_active=False)
    assert shown() == expected() == before - {"市市场监管局"}
    assert f"以下{len(before) - 1}个单位" in plain(get(client, "/agencies/?mailbox=none").text).replace(" ", "")
    Agency.objects.update(email="office@example.org")
    page = plain(get(client, "/agencies/?mailbox=none").text)
    assert "承担任务的单位都有收件邮箱。" in page
    assert "没有找到这样的单位" not in page


def test_others_are_not_told_who_has_no_mailbox(client: Client, reform_list: ReformList, reporter: User) -> None:
    everybody = get(client, "/agencies/").tree.xpath("count(//tbody/tr)")
    assert get(client, "/agencies/?mailbox=none").tree.xpath("count(//tbody/tr)") == everybody
    client.force_login(reporter, backend="agencies.people.sign_in.PasswordBackend")
    assert get(client, "/agencies/?mailbox=none").tree.xpath("count(//tbody/tr)") == everybody


def test_an_archived_list_needs_no_mailboxes(reform_list: ReformList) -> None:
    assert out_of_reach().exists()
    reform_list.archived_on = ON
    reform_list.save()
    assert not out_of_reach().exists()


@pytest.mark.parametrize("day", ["", "&on=2022-07-20"])
@pytest.mark.parametrize("light", ["overdue", "on_track"])
def test_those_that_act_on_what_shows_a_light_are_counted_on_any_day_and_lead_to_their_rows(
    client: Client, demo: ReformList, person: PersonMaker, settings: Any, day: str, light: str
) -> None:
    settings.PORTAL_TODAY = dt.date(2022, 8, 1)
    office = person(Role.SUPERVISOR)
    who, on = acting(office), dt.date(2022, 8, 1)
    client.force_login(office, backend="agencies.people.sign_in.PasswordBackend")
    asks = f"light={light}&list={demo.slug}{day}"
    rows = rows_of(client, asks)
    shown = asked(f"/measures/?{asks}", who=who, on=on)
    held = Duty.objects.filter(measure__in=shown.ordered().values("pk")).values("agency").distinct()
    assert len(rows) == held.count() > 0
    assert f"单位{len(rows)}个" in plain(get(client, f"/agencies/?{asks}").text).replace(" ", "")
    for link in rows[0].xpath('.//a[starts-with(@href, "/measures/")]'):
        assert int(words(link).split()[-1]) == asked(link.get("href"), who=who, on=on).ordered().count()


def test_a_list_that_is_not_there_has_no_agencies(client: Client, demo: ReformList) -> None:
    assert client.get("/agencies/?list=none").status_code == 404
