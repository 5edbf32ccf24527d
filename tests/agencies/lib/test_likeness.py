"""Which known agency a printed name may be: the same body under another spelling first, another level last."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from agencies.lib.likeness import suggestions
from agencies.models import Agency, AgencyName
from agencies.names import suggest
from tests.conftest import FIXTURES

DIRECTORY: list[dict[str, Any]] = json.loads((FIXTURES / "agencies-shenzhen.json").read_text(encoding="utf-8"))[
    "agencies"
]
OWN = {entry["name"]: number for number, entry in enumerate(DIRECTORY)}
# Other names that no reading could find: the body has two names, or a short form of its own.
UNLIKE = {
    *("市知识产权局", "深圳市知识产权局", "华南国际经济贸易仲裁委员会", "深圳仲裁委员会", "深交所"),
    *("市总商会", "深圳市总商会", "市纪委", "市监委", "中共深圳市纪律检查委员会", "深圳市监察委员会"),
}
SPELLINGS = [
    (name, entry["name"])
    for entry in DIRECTORY
    for name in (entry["full_name"], *entry["other_names"])
    if name and name not in UNLIKE
]


def likely(name: str, *known: str) -> list[str]:
    return [one.name for one in suggestions(name, {other: number for number, other in enumerate(known)})]


@pytest.mark.parametrize(("name", "agency"), SPELLINGS)
def test_every_other_spelling_of_the_directory_leads_to_its_agency_first(name: str, agency: str) -> None:
    assert suggestions(name, OWN)[0].name == agency


@pytest.mark.parametrize("name", sorted(set(OWN) - {"各有关单位", "市直有关单位"}))
def test_no_two_agencies_of_the_directory_are_taken_for_each_other(name: str) -> None:
    others = {other: number for other, number in OWN.items() if other != name}
    assert suggestions(name, others) == []


@pytest.mark.parametrize(
    ("name", "agency"),
    [
        ("市市场和质量监管委", "市市场监管局"),
        ("深圳市市场监督管理局", "市市场监管局"),
        ("市场监管局", "市市场监管局"),
        ("发改委", "市发展改革委"),
        ("市发展改革局", "市发展改革委"),
        ("市人社局", "市人力资源保障局"),
        ("规划自然资源局", "市规划和自然资源局"),
        ("市委军民融合办", "市委军民融合办（市人防办）"),
        ("市人民防空办公室（市委军民融合办）", "市委军民融合办（市人防办）"),
        ("市科技创新局", "市科技创新委"),
        ("市文化广电旅游局", "市文化广电旅游体育局"),
        ("深圳市 交通运输局", "市交通运输局"),
    ],
)
def test_a_name_leads_to_the_agency_it_abbreviates_or_outlived(name: str, agency: str) -> None:
    assert suggestions(name, OWN)[0].name == agency


@pytest.mark.parametrize("typo", ["市市场临管局", "市市场监局", "市市监场管局", "市市市场监管局", "市市场监管管局"])
def test_a_slip_of_one_character_is_seen_through(typo: str) -> None:
    assert suggestions(typo, OWN)[0].name == "市市场监管局"


def test_another_level_ranks_below_the_same_level() -> None:
    assert likely("省发展改革委", "市发展改革委", "广东省发展和改革委员会", "省发改局") == [
        "广东省发展和改革委员会",
        "省发改局",
        "市发展改革委",
    ]
    assert likely("市发改委", "省发展改革委", "深圳市发展和改革委员会")[0] == "深圳市发展和改革委员会"


def test_two_districts_are_never_the_same() -> None:
    assert likely("福田区政府", "罗湖区政府", "福田区人民政府") == ["福田区人民政府"]
    assert likely("龙华区发展改革局", "南山区发展改革局") == []


def test_a_group_company_is_not_the_bureau_of_that_name() -> None:
    assert likely("市水务局", "市水务集团") == []
    assert likely("深圳市水务（集团）有限公司", "市水务局", "市水务集团") == ["市水务集团"]


@pytest.mark.parametrize("name", ["市民政局", "市委组织部", "国务院", "", "（", "市", "局", "12345"])
def test_what_resembles_nothing_gets_no_suggestion(name: str) -> None:
    assert likely(name, "市财政局", "市公安局") == []


def test_each_agency_is_suggested_once_and_the_same_name_is_certain() -> None:
    known = {"市财政局": 1, "深圳市财政局": 1, "市财务局": 2}
    found = suggestions("市财政局", known)
    assert [(one.agency_id, one.likeness) for one in found] == [(1, 1.0), (2, 0.62)]


def test_no_more_are_suggested_than_asked_for() -> None:
    known = {f"{place}区政府": number for number, place in enumerate(("福田", "罗湖", "南山", "宝安"))}
    assert len(suggestions("区政府", known)) == 3
    assert len(suggestions("区政府", known, most=1)) == 1


def test_any_number_of_names_takes_one_query(db: None, django_assert_num_queries: Callable[..., Any]) -> None:
    agency = Agency.objects.create(name="市改革促进局")
    AgencyName.objects.create(agency=agency, name="市体改办")
    with django_assert_num_queries(1):
        found = suggest(["市改革促进委", "市体改办公室", "省体改办", "无此单位"])
    assert [[one.agency_id for one in ones] for ones in found.values()] == [[agency.pk]] * 3 + [[]]


def test_a_merged_duplicate_is_not_suggested(db: None) -> None:
    kept = Agency.objects.create(name="市改革促进局")
    Agency.objects.create(name="市改革促进办", merged_into=kept)
    assert [one.name for one in suggest(["市改革促进办"])["市改革促进办"]] == ["市改革促进局"]
