"""具体举措: rows in order, pages, chips, and the fragment that htmx asks for."""

from collections.abc import Callable

import pytest
from django.test import Client

from agencies.models import User
from reforms.catalogue.filters import ORDERINGS
from reforms.models import Measure, ReformList, Section
from tests.reforms.shown import PRINTED, asked, get, plain

HTMX = {"HX-Request": "true"}
PASSWORD = "correct horse 2022"


def test_a_portal_without_a_list_says_so_and_blames_no_filter(client: Client, db: None) -> None:
    ReformList.objects.all().update(open_to="office")
    assert "还没有举措" in client.get("/measures/").content.decode()
    assert "没有符合条件的举措" in client.get("/measures/?search=港口").content.decode()


def test_an_english_heading_marks_the_chinese_it_names(client: Client, reform_list: ReformList) -> None:
    client.cookies["django_language"] = "en"
    for headers in ({}, {"HX-Request": "true", "HX-Target": "results"}):
        page = client.get("/measures/?list=shenzhen-2022", headers=headers).content.decode()
        heading = page[page.index('<h1 id="sentence"') :].split("</h1>")[0]
        assert f'<span lang="zh-CN">{reform_list}</span>' in heading


def test_it_shows_the_list_in_printed_order(client: Client, reform_list: ReformList) -> None:
    pages = [get(client, f"/measures/?page={n}") for n in range(1, 6)]
    assert [len(page.measure_ids) for page in pages] == [50, 50, 50, 50, 16]
    assert {page.total for page in pages} == {216}
    numbers = [number for page in pages for number in page.numbers]
    several = {m["item_no"] for m in PRINTED if m["seq_in_item"] > 1}
    assert numbers == [
        f"{m['item_no']}{'-' + str(m['seq_in_item']) if m['item_no'] in several else ''}{'*' if m['national'] else ''}"
        for m in PRINTED
    ]
    assert len({pk for page in pages for pk in page.measure_ids}) == 216


def test_a_page_that_does_not_exist_is_the_nearest_one(client: Client, reform_list: ReformList) -> None:
    last = get(client, "/measures/?page=5").measure_ids
    assert get(client, "/measures/?page=99999999999999999999").measure_ids == last
    assert get(client, "/measures/?page=0").status == 200
    assert len(get(client, "/measures/?page=second").measure_ids) == 50


def test_turning_the_page_keeps_the_filters(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/measures/?national=true&ordering=deadline")
    following = get(client, "/measures/" + page.tree.xpath('//nav[@class="pager"]/a[@rel="next"]/@href')[0])
    assert following.total == 114
    expected = list(asked("?national=true&ordering=deadline").ordered().values_list("pk", flat=True))
    assert page.measure_ids + following.measure_ids == expected[:100]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_each_order_is_total_and_loses_nothing(public: ReformList, ordering: str) -> None:
    found = list(asked(f"?ordering={ordering}").ordered().values_list("pk", flat=True))
    assert len(set(found)) == len(found) == 216


def test_measures_without_a_deadline_come_last(reform_list: ReformList) -> None:
    days = list(asked("?ordering=deadline").ordered().values_list("deadline", flat=True))
    assert days[:185] == sorted(day for day in days if day)
    assert days[185:] == [None] * 31


def test_the_furthest_deadline_comes_first_the_other_way_round(reform_list: ReformList) -> None:
    days = list(asked("?ordering=-deadline").ordered().values_list("deadline", flat=True))
    assert days[:185] == sorted((day for day in days if day), reverse=True)
    assert days[185:] == [None] * 31


def test_each_filter_in_force_is_a_chip_that_lets_go_of_it(client: Client, demo: ReformList) -> None:
    query = "light=due_soon&lead=市市场监管局&section=1&national=true&deadline=2022-06-30&search=改革&on=2022-06-15"
    page = get(client, f"/measures/?{query}&page=1&ordering=deadline")
    assert page.chips == [
        "亮灯：临近到期",
        "牵头单位：市市场监管局",
        "任务类别：健全透明规范的市场主体准入退出机制",
        "国家改革任务：是",
        "时限：2022年6月30日",
        "搜索：改革",
        "截至：2022年6月15日",
    ]
    for chip, address in zip(page.chips, page.chip_addresses, strict=True):
        without = get(client, address)
        assert without.status == 200
        assert without.chips == [other for other in page.chips if other != chip]


def test_a_declared_flag_is_said_in_words(client: Client, demo: ReformList) -> None:
    page = get(client, "/measures/?outlook=behind&outlook=awaiting_approval")
    assert page.chips == ["申报情况：进度滞后", "申报情况：待上级批复"]


def test_a_list_is_called_by_its_name_and_a_section_by_those_of_the_lists_meant(
    client: Client, reform_list: ReformList
) -> None:
    ReformList.objects.filter(pk=reform_list.pk).update(short_title="首批改革事项")
    other = ReformList.objects.create(slug="second", title="第二批清单", year=2023, open_to="public")
    Section.objects.create(reform_list=other, number=1, title="另一类别")
    first = reform_list.sections.get(number=1).title
    assert get(client, "/measures/?list=shenzhen-2022&section=1").chips == ["清单：首批改革事项", f"任务类别：{first}"]
    assert get(client, "/measures/?section=1").chips == [f"任务类别：另一类别 / {first}"]


def test_two_values_of_a_filter_are_two_chips(client: Client, demo: ReformList) -> None:
    page = get(client, "/measures/?section=1&section=2")
    assert len(page.chips) == 2
    assert [get(client, address).total for address in page.chip_addresses] == [17, 27]


def test_nothing_chosen_has_no_chips(client: Client, reform_list: ReformList) -> None:
    assert get(client, "/measures/?ordering=deadline&page=2").chips == []


def test_htmx_gets_the_results_alone(client: Client, demo: ReformList) -> None:
    whole = get(client, "/measures/?section=1")
    part = get(client, "/measures/?section=1", **HTMX)
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert part.text.lstrip().startswith('<div id="results"')
    assert (part.measure_ids, part.total, part.chips) == (whole.measure_ids, whole.total, whole.chips)
    assert part.facet_links == whole.facet_links


def test_restoring_history_gets_the_whole_page(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/measures/", **HTMX, **{"HX-History-Restore-Request": "true"})
    assert "<html" in page.text


def test_caches_are_told_that_the_two_differ(client: Client, reform_list: ReformList) -> None:
    for headers in ({}, HTMX):
        vary = client.get("/measures/", headers=headers)["Vary"]
        assert {"HX-Request", "HX-History-Restore-Request"} <= {name.strip() for name in vary.split(",")}


def test_every_htmx_address_is_a_real_link_too(client: Client, demo: ReformList) -> None:
    tree = get(client, "/measures/?section=1").tree
    links = tree.xpath("//a[@hx-get]")
    assert len(links) > 4
    assert all(link.get("href") == link.get("hx-get") for link in links)
    assert len(tree.xpath("//*[@hx-boost]//a[@href]")) > 30
    assert tree.xpath("//form[@hx-get]/@action") == tree.xpath("//form[@hx-get]/@hx-get")
    assert tree.xpath("//form[@hx-boost]/@action") == ["/measures/"]


def test_searching_keeps_the_filters_in_force(client: Client, demo: ReformList) -> None:
    tree = get(client, "/measures/?section=1&light=closed&search=改革&page=2").tree
    hidden = tree.xpath('//input[@type="hidden"][@form="search"]')
    assert [(field.get("name"), field.get("value")) for field in hidden] == [("section", "1"), ("light", "closed")]


def test_a_visitor_sees_no_status_where_it_is_not_public(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/measures/")
    assert page.headings == ["序号", "改革事项与具体举措", "牵头单位", "责任单位", "完成时限"]
    shown = plain(page.text)
    assert not [word for word in ("逾期", "临近到期", "待报送", "待核验", "已销号", "还有") if word in shown]


def test_an_official_sees_it(reform_list: ReformList, reporter: User, signed_in: Callable[[User], Client]) -> None:
    page = get(signed_in(reporter), "/measures/")
    assert page.headings[-1] == "亮灯"
    assert "待报送" in plain(page.text)


def test_a_withdrawn_measure_is_not_shown(client: Client, reform_list: ReformList, led: Measure) -> None:
    Measure.objects.filter(pk=led.pk).update(disposition="withdrawn")
    page = get(client, f"/measures/?item={led.item.number}")
    assert led.pk not in page.measure_ids
    assert get(client, "/measures/").total == 215


def test_it_is_read_only(client: Client, reform_list: ReformList) -> None:
    assert client.post("/measures/").status_code == 405
    assert client.post("/measures/export/csv/").status_code == 405


def test_signing_in_leads_back_to_the_page_with_its_filters(client: Client, demo: ReformList, reporter: User) -> None:
    reporter.set_password(PASSWORD)
    reporter.save()
    address = "/measures/?light=overdue&light=closed&page=1"
    link = get(client, address).tree.xpath('//header//a[starts-with(@href, "/sign-in/")]/@href')[0]
    form = get(client, link).tree.xpath("//main//form")[0]
    assert form.fields["next"] == address
    answer = client.post("/sign-in/", dict(form.fields) | {"username": reporter.username, "password": PASSWORD})
    assert answer["Location"] == form.fields["next"]


def test_the_page_of_signing_in_does_not_lead_back_to_itself(client: Client, demo: ReformList) -> None:
    for address in ("/sign-in/", "/sign-in/?next=/measures/", "/code/"):
        assert "next=" not in get(client, address).tree.xpath("//header//a[@data-comes-back]/@href")[0]
