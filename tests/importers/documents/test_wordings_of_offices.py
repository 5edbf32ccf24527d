"""Lists as offices write them: what was read without a word, and wrongly, until somebody looked."""

import pytest

from importers.documents.read import read_document
from importers.documents.values import ParsedList
from tests.importers.samples import ABOVE, OPENS, cell, check, para, row, table

HEADER = "序号\t改革事项\t具体举措\t牵头单位\t责任单位\t完成时限\n"


def read(text: str) -> ParsedList:
    return read_document(text.encode(), "清单.txt")


def said(parsed: ParsedList, kind: str) -> list[str | None]:
    return [problem.value for problem in parsed.warnings if problem.kind == kind]


@pytest.mark.parametrize(
    ("printed", "names", "asked"),
    [
        # Bodies that leave out the level in front would be agencies that do not exist.
        ("市委组织部、宣传部", ("市委组织部",), ["宣传部"]),
        ("市中级人民法院、检察院", ("市中级人民法院",), ["检察院"]),
        ("市外办、贸促会", ("市外办",), ["贸促会"]),
        ("县教体局、民政局等部门", ("县教体局",), ["民政局等部门"]),
        ("市文旅局、省市两级发改部门", ("市文旅局",), ["省市两级发改部门"]),
        # Who answers the telephone is no part of the name.
        ("市人社局（联系人：赵强，电话：87654321）", ("市人社局",), ["联系人：赵强，电话：87654321"]),
        # What names its level, or belongs to nobody's, stays.
        ("市委组织部、市委宣传部、团市委", ("市委组织部", "市委宣传部", "团市委"), []),
        ("宣传部、组织部", ("宣传部", "组织部"), []),
    ],
)
def test_an_agency_that_does_not_exist_is_not_made(printed: str, names: tuple[str, ...], asked: list[str]):
    measure, parsed = (
        (found := read(f"2023年清单\n{HEADER}1\t甲\t做\t市政府办\t{printed}\t2023年6月底\n")).measures[0],
        found,
    )
    assert measure.responsible == names
    assert said(parsed, "agency_review") == asked


def test_a_full_width_stroke_says_that_there_is_none():
    parsed = read(f"2023年清单\n{HEADER}1\t甲\t做\t市政府办\t／\t2023年6月底\n")
    assert (parsed.measures[0].responsible, said(parsed, "agency_review")) == ((), [])


def test_the_day_on_which_it_begins_is_not_the_deadline():
    parsed = check(
        para("2024年任务分解表"),
        table(
            row(
                cell("序号", OPENS),
                cell("重点任务", OPENS),
                cell("责任分工", '<w:gridSpan w:val="2"/>'),
                cell("时间进度", '<w:gridSpan w:val="2"/>'),
            ),
            row(cell("", ABOVE), cell("", ABOVE), "主办单位", "配合单位", "启动时间", "完成时间"),
            row("1", "建设算力中心", "市数据局", "市财政局", "2024年3月", "2024年11月"),
        ),
    )
    (measure,) = parsed.measures
    assert (measure.deadline_text, measure.other) == ("2024年11月", (("时间进度(启动时间)", "2024年3月"),))


def test_a_leader_named_on_a_line_of_their_own_stands_beside_the_task():
    parsed = read(
        "重点工作：建设产业园\n牵头领导：王刚\n牵头单位：市工信局\n完成时限：2024年8月底\n\n"
        "重点工作：办好博览会\n牵头单位：市商务局\n完成时限：2024年9月底\n"
    )
    first, second = parsed.measures
    assert (first.text, first.other, second.other) == ("建设产业园", (("牵头领导", "王刚"),), ())
    assert said(parsed, "column_not_read") == ["牵头领导"]


def test_a_task_without_a_date_among_tasks_with_one_is_asked_for_it():
    parsed = read(
        "2024年工作要点\n一、改革\n1.压减审批。缩短时限。（市住建局牵头，2024年9月底）\n"
        "2.强化服务。组织招聘。\n二、保障\n3.保障用地。盘活存量。（市自然资源局牵头，2024年10月底）\n"
    )
    doubts = {problem.item_no for problem in parsed.warnings if problem.kind == "missing_deadline"}
    assert (len(parsed.measures), doubts) == (3, {2})


@pytest.mark.parametrize("printed", ["视上级部署", "按省委统一部署", "待机构改革后确定部门", "落实到各单位"])
def test_half_a_sentence_that_ends_like_an_agency_is_none(printed: str):
    parsed = read(f"2023年清单\n{HEADER}1\t甲\t做\t市政府办\t市财政局、{printed}\t2023年6月底\n")
    assert parsed.measures[0].responsible == ("市财政局",)
    assert said(parsed, "agency_review") == [printed]
