"""Who leads and who helps, where one cell names both."""

import pytest

from importers.documents.grammar.roles import parse_helpers_column, parse_lead_column, parse_roles


@pytest.mark.parametrize(
    ("text", "lead", "responsible"),
    [
        ("市发展改革委、市财政局", ("市发展改革委",), ("市财政局",)),
        ("市发展改革委牵头；市财政局、各区政府参加", ("市发展改革委",), ("市财政局", "各区政府")),
        ("市发展改革委、市财政局牵头，市商务局配合", ("市发展改革委", "市财政局"), ("市商务局",)),
        ("市发展改革委牵头，会同市财政局、市商务局", ("市发展改革委",), ("市财政局", "市商务局")),
        ("由市发展改革委牵头负责，市财政局配合落实", ("市发展改革委",), ("市财政局",)),
        ("（牵头）市发展改革委，市财政局", ("市发展改革委",), ("市财政局",)),
        ("市财政局，市发展改革委【牵头】", ("市发展改革委",), ("市财政局",)),
        ("市发展改革委（市营商办）（牵头）、市财政局", ("市发展改革委（市营商办）",), ("市财政局",)),
        ("牵头单位:市发展改革委,配合单位:市财政局", ("市发展改革委",), ("市财政局",)),
        ("牵头部门为市发展改革委，配合部门为市财政局", ("市发展改革委",), ("市财政局",)),
        ("责任单位：市发展改革委、市教育局；配合单位：市财政局", ("市发展改革委", "市教育局"), ("市财政局",)),
        ("市发展改革委负责，市财政局配合", ("市发展改革委",), ("市财政局",)),
        ("市发展改革委、市财政局分别负责", ("市发展改革委", "市财政局"), ()),
        ("市发展改革委、市财政局共同负责，市商务局配合", ("市发展改革委", "市财政局"), ("市商务局",)),
        ("市财政局、市商务局配合", (), ("市财政局", "市商务局")),
        ("市发展改革委", ("市发展改革委",), ()),
        ("", (), ()),
    ],
)
def test_one_column_names_lead_and_helpers(text, lead, responsible):
    roles = parse_roles(text)
    assert (roles.lead.names, roles.responsible.names) == (lead, responsible)
    assert roles.lead.problems + roles.responsible.problems == ()


def test_all_lead_where_each_acts_by_its_duty():
    roles = parse_roles("市发展改革委、市财政局（按职责分工负责）")
    assert (roles.lead.names, roles.lead.note) == (("市发展改革委", "市财政局"), "按职责分工负责")


def test_a_leader_beside_those_who_act_by_their_duty():
    roles = parse_roles("市发展改革委牵头，市财政局、各区按职责分工负责")
    assert (roles.lead.names, roles.lead.note) == (("市发展改革委",), "按职责分工负责")
    assert roles.responsible.names == ("市财政局", "各区")


@pytest.mark.parametrize(
    ("text", "lead", "asked"),
    [
        ("永顺县委、县政府", ("永顺县委",), ["县政府"]),
        ("市教育局、民政局", ("市教育局",), ["民政局"]),
        ("各区委、区政府", ("各区委、区政府",), []),
    ],
)
def test_in_one_column_an_ending_is_no_agency_of_its_own(text, lead, asked):
    roles = parse_roles(text)
    assert (roles.lead.names, roles.responsible.names) == (lead, ())
    assert [problem.value for problem in roles.responsible.problems] == asked


@pytest.mark.parametrize(
    "text", ["市发展改革委、市财政局（共同牵头）", "市发展改革委（牵头）、市财政局", "市发展改革委、市财政局分别牵头"]
)
def test_in_a_column_of_leads_everybody_leads(text):
    assert parse_lead_column(text).lead.names == ("市发展改革委", "市财政局")


def test_who_helps_in_a_column_of_leads_is_responsible():
    roles = parse_lead_column("市发展改革委牵头，市财政局配合")
    assert (roles.lead.names, roles.responsible.names) == (("市发展改革委",), ("市财政局",))


def test_a_mark_is_no_part_of_a_name():
    assert parse_helpers_column("市财政局（配合）、市商务局配合").names == ("市财政局", "市商务局")
