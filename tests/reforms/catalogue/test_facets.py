"""Facets: what a value's count says is what choosing it shows, whatever else is chosen."""

from dataclasses import replace
from typing import Any

from django.core.management import call_command
from django.test import Client

from agencies.models import Agency
from reforms.models import ReformList
from tests.conftest import REAL_LIST
from tests.reforms.many import many_lists
from tests.reforms.shown import LEADS, RESPONSIBLE, FacetLink, asked, get, plain, words

PUBLIC = ["亮灯", "任务类别", "牵头单位", "责任单位", "时限", "状态", "国家改革任务", "是否持续巩固"]


def whole(client: Client, name: str, query: str = "") -> list[FacetLink]:
    """All values of a facet under the filters of a query."""
    return get(client, f"/measures/facets/{name}/?{query}").whole_facet


def wrong_counts(links: list[FacetLink]) -> dict[str, tuple[int, int]]:
    """Values that are not chosen, in facets where none is, whose count is not that of the rows behind the link."""
    taken = {link.facet for link in links if link.chosen}
    return {
        f"{link.facet}：{link.label}": (link.count, found)
        for link in links
        if link.facet not in taken and (found := asked(link.address).ordered().count()) != link.count
    }


def test_every_count_is_the_number_of_rows_behind_it(client: Client, demo: ReformList, market: Agency) -> None:
    for query in (
        "",
        f"?light=on_track&responsible={market.pk}",
        "?section=1&deadline=2022-12-31",
        "?on=2022-03-31",
        "?status=closed&section=3&section=4",
    ):
        page = get(client, f"/measures/{query}")
        assert page.facet_names == PUBLIC
        assert len(page.facet_links) > 10
        assert wrong_counts(page.facet_links) == {}, query


def test_a_few_of_them_followed_in_the_browser(client: Client, demo: ReformList) -> None:
    links = get(client, "/measures/?section=5").facet_links
    for link in [links[0], links[8], links[25], links[-1]]:
        if link.facet != "任务类别":
            assert get(client, link.address).total == link.count


def test_an_open_facet_counts_as_if_nothing_were_chosen_in_it(client: Client, demo: ReformList) -> None:
    """Two sections chosen: each other section still says what it would add."""
    before = {link.label: link.count for link in get(client, "/measures/").facet_links if link.facet == "任务类别"}
    page = get(client, "/measures/?section=1&section=2")
    links = [link for link in page.facet_links if link.facet == "任务类别"]
    assert {link.label: link.count for link in links} == before
    assert sum(link.count for link in links if link.chosen) == page.total == 44
    added = next(link for link in links if link.label.startswith("5 "))
    assert asked(added.address).ordered().count() == 44 + added.count


def test_choosing_a_chosen_value_lets_go_of_it(client: Client, demo: ReformList) -> None:
    page = get(client, "/measures/?section=1&light=closed&page=2")
    chosen = {link.facet: link for link in page.facet_links if link.chosen}
    assert set(chosen) == {"任务类别", "亮灯"}
    assert chosen["任务类别"].address == "/measures/?light=closed"
    assert chosen["亮灯"].address == "/measures/?section=1"


def test_an_agency_given_by_name_is_seen_to_be_chosen(client: Client, public: ReformList, market: Agency) -> None:
    page = get(client, "/measures/?lead=市市场监管局")
    chosen = [link for link in page.facet_links if link.chosen]
    assert [(link.facet, link.label, link.count) for link in chosen] == [("牵头单位", "市市场监管局", 60)]
    assert chosen[0].address in {"/measures/", "/measures/?"}


def test_agencies_stand_with_what_is_printed_most_first(client: Client, reform_list: ReformList) -> None:
    links = get(client, "/measures/").facet_links
    for name, facet, printed in (("lead", "牵头单位", LEADS), ("responsible", "责任单位", RESPONSIBLE)):
        every = [(link.label, link.count) for link in whole(client, name)]
        assert dict(every) == dict(printed)
        assert [n for _name, n in every] == sorted(printed.values(), reverse=True)
        assert [(link.label, link.count) for link in links if link.facet == facet] == every[:8]


def test_the_partitions_add_up(client: Client, demo: ReformList) -> None:
    for name in ("light", "section", "deadline", "status", "national", "standing"):
        assert sum(link.count for link in whole(client, name)) == 216


def test_every_value_leads_to_its_rows_under_the_filters_in_force(client: Client, demo: ReformList) -> None:
    query = "section=5&on=2022-05-31&columns=lead&page_size=20"
    for name in ("lead", "deadline"):
        links = whole(client, name, f"{query}&page=3")
        shown = [get(client, link.address) for link in (links[0], links[-1])]
        assert [page.total for page in shown] == [links[0].count, links[-1].count]
        assert shown[0].chips[:2] == ["任务类别：建立以信用为基础的新型智慧监管机制", "截至：2022年5月31日"]
        plain_links = [replace(link, address=link.address.replace("&columns=lead&page_size=20", "")) for link in links]
        assert wrong_counts(plain_links) == {}


def test_a_long_facet_is_searched_by_any_name_and_offers_all(client: Client, demo: ReformList, market: Agency) -> None:
    page = get(client, "/measures/?light=on_track")
    form = page.tree.xpath("//details[@id='facet-lead']/form")[0]
    assert (form.get("action"), ("light", "on_track") in form.form_values()) == ("/measures/facets/lead/", True)
    count = len(whole(client, "lead", "light=on_track"))
    assert words(form.xpath("./button")[0]) == f"全部{count}个 牵头单位"
    # By its other and its English name, and by a part of one.
    for find in ("市知识产权局", "Market Supervision", "市场监管"):
        assert market.name in [link.label for link in whole(client, "lead", f"light=on_track&find={find}")]
    assert [link.label for link in whole(client, "section", "find=信用")] == ["5 建立以信用为基础的新型智慧监管机制"]
    assert "没有找到" in get(client, "/measures/facets/section/?find=没有这个").text
    assert not page.tree.xpath("//details[@id='facet-light']/form")


def test_htmx_gets_the_values_alone(client: Client, demo: ReformList) -> None:
    response = client.get("/measures/facets/section/?find=信用", headers={"HX-Request": "true"})
    text = response.content.decode()
    assert "<html" not in text
    assert text.count("<li>") == 1
    assert "HX-Request" in response["Vary"]


def test_what_is_no_facet_here_is_not_there(client: Client, reform_list: ReformList) -> None:
    for name in ("light", "status", "disposition", "list", "search", "colour"):
        assert client.get(f"/measures/facets/{name}/").status_code == 404


def test_a_condition_that_cannot_be_used_is_struck_beside_a_whole_facet_too(client: Client, demo: ReformList) -> None:
    page = get(client, "/measures/facets/lead/?light=purple&section=5&utm_source=x")
    assert (page.struck, page.unknown) == (["亮灯：purple"], ["utm_source"])
    assert wrong_counts(page.whole_facet) == {}


def test_deadlines_are_asked_for_from_a_day_to_a_day(client: Client, demo: ReformList) -> None:
    page = get(client, "/measures/?section=5&columns=lead&deadline_after=2022-06-01&deadline_before=2022-06-30")
    form = page.tree.xpath("//form[@class='range']")[0]
    sent = dict(form.form_values())
    assert sent == {
        "section": "5",
        "columns": "lead",
        "deadline_after": "2022-06-01",
        "deadline_before": "2022-06-30",
    }
    june = asked("?section=5").measures().filter(shown_deadline__range=("2022-06-01", "2022-06-30"))
    assert page.total == june.count() > 0
    wrong = get(client, "/measures/?section=5&deadline_after=2022-06-31")
    assert (wrong.struck, wrong.total) == (["时限不早于：2022-06-31"], 30)


def test_the_lights_are_those_of_the_day_asked_about(client: Client, demo: ReformList) -> None:
    lights = [link.count for link in get(client, "/measures/?on=2022-03-31").facet_links if link.facet == "亮灯"]
    assert sum(lights) == 216
    assert lights != [3, 52, 92, 8, 6, 24, 31]


def test_what_is_not_public_has_no_facet(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/measures/")
    assert page.facet_names == ["任务类别", "牵头单位", "责任单位", "时限", "国家改革任务", "是否持续巩固"]
    assert wrong_counts(page.facet_links) == {}


def test_with_several_lists_each_can_be_chosen_and_sections_wait_for_one(client: Client, demo: ReformList) -> None:
    call_command("import_list", str(REAL_LIST), slug="second", yes=True, verbosity=0)
    ReformList.objects.update(open_to="public", public_status=True)
    page = get(client, "/measures/")
    lists = {link.label: link.count for link in page.facet_links if link.facet == "清单"}
    assert lists == {str(demo): 216, str(ReformList.objects.get(slug="second")): 216}
    assert "任务类别" not in page.facet_names
    one = get(client, "/measures/?list=second")
    assert one.total == 216
    assert "任务类别" in one.facet_names
    assert wrong_counts(one.facet_links) == {}


def test_with_one_list_there_is_none_to_choose(client: Client, demo: ReformList) -> None:
    assert "清单" not in get(client, "/measures/").facet_names


def test_of_very_many_values_a_few_stand_on_the_page_and_all_behind_it(client: Client, public: ReformList) -> None:
    many_lists(public, 150)
    page = get(client, "/measures/?list=many-3&page_size=200")
    offered = [link for link in page.facet_links if link.facet == "清单"]
    assert len(offered) == 9
    assert [link.label for link in offered if link.chosen] == ["第3份"]
    assert "全部151个" in plain(page.text)
    first, second = (whole(client, "list", f"page={n}") for n in (1, 2))
    assert (len(first), len({link.label for link in [*first, *second]})) == (100, 151)
    assert [link.label for link in whole(client, "list", "find=第99份")] == ["第99份"]
    assert wrong_counts(get(client, "/measures/").facet_links) == {}


def test_facets_in_which_nothing_is_chosen_are_counted_together(
    client: Client, public: ReformList, django_assert_max_num_queries: Any
) -> None:
    many_lists(public, 20)
    client.get("/measures/")
    with django_assert_max_num_queries(15):
        client.get("/measures/?search=企业")
