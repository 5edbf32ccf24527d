"""Facets: what a value's count says is what choosing it shows, whatever else is chosen."""

from typing import Any

from django.core.management import call_command
from django.test import Client

from agencies.models import Agency
from reforms.models import ReformList
from tests.conftest import REAL_LIST
from tests.reforms.many import many_lists
from tests.reforms.shown import LEADS, RESPONSIBLE, Page, asked, get, plain

PUBLIC = ["亮灯", "任务类别", "牵头单位", "责任单位", "时限", "状态", "国家改革任务", "是否持续巩固"]


def wrong_counts(page: Page) -> dict[str, tuple[int, int]]:
    """Values that are not chosen, in facets where none is, whose count is not that of the rows behind the link."""
    taken = {link.facet for link in page.facet_links if link.chosen}
    return {
        f"{link.facet}：{link.label}": (link.count, found)
        for link in page.facet_links
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
        assert wrong_counts(page) == {}, query


def test_a_few_of_them_followed_in_the_browser(client: Client, demo: ReformList) -> None:
    links = get(client, "/measures/?section=5").facet_links
    for link in [links[0], links[8], links[25], links[-1]]:
        if link.facet != "任务类别":
            assert get(client, link.address).total == link.count


def test_an_open_facet_counts_as_if_nothing_were_chosen_in_it(client: Client, demo: ReformList) -> None:
    """Two sections chosen: each other section still says what it would add."""
    whole = {link.label: link.count for link in get(client, "/measures/").facet_links if link.facet == "任务类别"}
    page = get(client, "/measures/?section=1&section=2")
    links = [link for link in page.facet_links if link.facet == "任务类别"]
    assert {link.label: link.count for link in links} == whole
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
    for facet, printed in (("牵头单位", LEADS), ("责任单位", RESPONSIBLE)):
        shown = [(link.label, link.count) for link in links if link.facet == facet]
        assert dict(shown) == dict(printed)
        assert [n for _name, n in shown] == sorted(printed.values(), reverse=True)


def test_the_partitions_add_up(client: Client, demo: ReformList) -> None:
    links = get(client, "/measures/").facet_links
    for facet in ("亮灯", "任务类别", "时限", "状态", "国家改革任务", "是否持续巩固"):
        assert sum(link.count for link in links if link.facet == facet) == 216


def test_the_lights_are_those_of_the_day_asked_about(client: Client, demo: ReformList) -> None:
    lights = [link.count for link in get(client, "/measures/?on=2022-03-31").facet_links if link.facet == "亮灯"]
    assert sum(lights) == 216
    assert lights != [3, 52, 92, 8, 6, 24, 31]


def test_what_is_not_public_has_no_facet(client: Client, reform_list: ReformList) -> None:
    page = get(client, "/measures/")
    assert page.facet_names == ["任务类别", "牵头单位", "责任单位", "时限", "国家改革任务", "是否持续巩固"]
    assert wrong_counts(page) == {}


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
    assert wrong_counts(one) == {}


def test_with_one_list_there_is_none_to_choose(client: Client, demo: ReformList) -> None:
    assert "清单" not in get(client, "/measures/").facet_names


def test_of_very_many_values_some_are_offered_and_the_others_counted(client: Client, public: ReformList) -> None:
    many_lists(public, 150)
    page = get(client, "/measures/?list=many-3")
    offered = [link for link in page.facet_links if link.facet == "清单"]
    assert len(offered) == 101
    assert [link.label for link in offered if link.chosen] == ["第3份"]
    assert "另有50个未列出" in plain(page.text)
    assert wrong_counts(get(client, "/measures/")) == {}


def test_facets_in_which_nothing_is_chosen_are_counted_together(
    client: Client, public: ReformList, django_assert_max_num_queries: Any
) -> None:
    many_lists(public, 20)
    client.get("/measures/")
    with django_assert_max_num_queries(13):
        client.get("/measures/?search=企业")
