"""Cells of agencies as they are typed: each of these named an agency that does not exist, or lost what it says."""

import pytest

from importers.documents.grammar.agencies import BY_DUTY, parse_agencies
from importers.documents.grammar.roles import parse_roles, read_columns


def doubts(cell: str) -> list[str | None]:
    return [problem.value for problem in parse_agencies(cell).problems]


@pytest.mark.parametrize(
    "cell", ["①市财政局②市教育局", "（1）市财政局（2）市教育局", "1.市财政局2.市教育局", "1．市财政局\n2．市教育局"]
)
def test_numbers_alone_stand_between_names(cell: str):
    assert parse_agencies(cell).names == ("市财政局", "市教育局")


def test_a_dash_between_two_agencies_is_asked_about():
    assert parse_agencies("市教育局—市财政局").names == ()
    assert doubts("市教育局—市财政局") == ["市教育局—市财政局"]


@pytest.mark.parametrize("beside", ["负责资金保障", "资金", "统筹"])
def test_a_bracket_that_is_no_other_name_is_no_part_of_the_name(beside: str):
    assert parse_agencies(f"市财政局（{beside}）、市教育局").names == ("市财政局", "市教育局")
    assert doubts(f"市财政局（{beside}）、市教育局") == [beside]


@pytest.mark.parametrize(
    "name",
    [
        "市文化和旅游局（市文物局）",
        "市财政局（预算科）",
        "前海管理局（深圳片区）",
        "各区政府（新区管委会）",
        "县（市、区）人民政府",
    ],
)
def test_a_bracket_with_another_name_belongs_to_it(name: str):
    assert parse_agencies(name).names == (name,)
    assert doubts(name) == []


def test_the_office_of_a_consultative_conference_does_not_assist():
    cell = "市人大常委会办公室、市政协办公室、市残协办"
    assert parse_agencies(cell).names == ("市人大常委会办公室", "市政协办公室", "市残协办")
    assert parse_roles("市政协办").lead.names == ("市政协办",)


@pytest.mark.parametrize(
    ("cell", "doubted"),
    [
        ("市委、市政府办公室", ["市委"]),
        ("县委、县政府办", ["县委"]),
        ("石门县委、县政府办公室", ["石门县委", "县政府办公室"]),
    ],
)
def test_a_committee_before_the_office_of_the_government_leaves_its_own_office_out(cell: str, doubted: list[str]):
    assert doubts(cell) == doubted
    assert doubts("市委、市政府") == []


def test_there_is_one_high_tech_zone_behind_the_governments_of_all_counties():
    found = parse_agencies("各县（市、区）人民政府、高新区管委会、经开区管委会").names
    assert found == ("各县（市、区）人民政府", "高新区管委会", "经开区管委会")
    assert parse_agencies("各盟行政公署、市人民政府").names == ("各盟行政公署、市人民政府",)


@pytest.mark.parametrize(
    "ending",
    [
        "根据职责分工抓好落实",
        "各司其职",
        "按部门职责分工负责",
        "按照各自职能职责推进",
        "在各自职责范围内负责",
        "（按职责分工）",
    ],
)
def test_by_duty_is_said_in_many_words(ending: str):
    found = parse_agencies(f"市财政局、市审计局{ending}")
    assert (found.names, found.note, found.problems) == (("市财政局", "市审计局"), BY_DUTY, ())


def test_groups_of_a_university_and_of_the_place_concerned():
    assert doubts("各二级学院（部）、属地镇街") == []


@pytest.mark.parametrize("cell", ["牵头单位：市财政局\n责任单位：市教育局", "市财政局【牵头】市教育局【配合】"])
def test_who_helps_in_a_column_of_leads_is_responsible(cell: str):
    found = read_columns(cell, "")
    assert (found.lead.names, found.responsible.names) == (("市财政局",), ("市教育局",))


def test_what_is_open_among_those_who_help_in_a_column_of_leads_is_told():
    found = read_columns("市发展改革委牵头，市财政局、市教育局等部门配合", "各区政府")
    assert found.responsible.names == ("市财政局", "市教育局", "各区政府")
    assert [problem.value for problem in found.responsible.problems] == ["市教育局等部门"]


def test_main_and_other_responsible_units():
    found = parse_roles("主要责任单位：市财政局，其他责任单位：市教育局")
    assert (found.lead.names, found.responsible.names) == (("市财政局",), ("市教育局",))


@pytest.mark.parametrize(
    "cell", ["市住建局＼市城管局", "2市住建局", "暂定市住建局", "原市规划局", "市住建局及其他有关部门"]
)
def test_what_is_no_name_is_asked_about(cell: str):
    assert parse_agencies(cell).names == ()
    assert doubts(cell) == [cell]


@pytest.mark.parametrize("ending", ["分工负责", "各负其责", "按分工负责"])
def test_dividing_the_work_is_by_duty(ending: str):
    found = parse_agencies(f"市住建局、市城管局{ending}")
    assert (found.names, found.note, found.problems) == (("市住建局", "市城管局"), BY_DUTY, ())


def test_who_leads_above_all_leads_with_the_others():
    assert parse_roles("市住建局总牵头，市城管局、市交通局分别牵头").lead.names == ("市住建局", "市城管局", "市交通局")
    assert doubts("市委财经办、120急救中心") == []
