"""Lists like those of other offices, laid out or worded a little differently: each was read wrongly, or not at all."""

import pytest

from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.read import read_document
from importers.documents.values import ParsedList
from importers.documents.writers import write_csv, write_docx, write_xlsx
from tests.importers.samples import ABOVE, OPENS, cell, check, header, para, row, table

TITLE = para("某市2024年重点任务清单")


def told(parsed: ParsedList, kind: str) -> list[str]:
    return [problem.value or "" for problem in parsed.warnings if problem.kind == kind]


def lines(text: str) -> ParsedList:
    return check(*(para(line) for line in text.strip().split("\n")))


def who(parsed: ParsedList) -> list[tuple[tuple[str, ...], tuple[str, ...], str]]:
    return [(one.lead, one.responsible, str(one.deadline or "")) for one in parsed.measures]


def wide(label: str, columns: int) -> str:
    return cell(label, f'<w:gridSpan w:val="{columns}"/>')


@pytest.mark.parametrize(
    ("printed", "day", "kinds"),
    [
        ("2024年Ⅲ季度", "2024-09-30", []),
        ("2024年12月底或按上级规定时间", "2024-12-31", ["deadline_inferred"]),
        ("2024年12月底前，根据上级要求调整", "2024-12-31", ["deadline_inferred"]),
        ("2024.1", "2024-01-31", ["deadline_inferred"]),
        ("202年6月", "2024-06-30", ["year_inferred", "deadline_inferred"]),
        ("2024年6月1日、15日", "2024-06-01", ["deadline_inferred"]),
        ("2024年6月上旬、中旬", "2024-06-10", ["deadline_inferred"]),
    ],
)
def test_a_date_that_may_be_another_is_doubted(printed: str, day: str, kinds: list[str]):
    found = parse_deadline(printed, 2024)
    assert (str(found.date), [problem.kind for problem in found.problems]) == (day, kinds)


def test_units_below_who_leads_and_who_helps_beside_persons():
    parsed = check(
        TITLE,
        table(
            row(cell("序号", OPENS), cell("改革任务", OPENS), wide("牵头", 2), wide("配合", 2), cell("时限", OPENS)),
            row(*[cell("", ABOVE)] * 2, "领导", "单位", "领导", "单位", cell("", ABOVE)),
            row("1", "甲", "王刚", "市财政局", "李强", "各区", "2024年6月"),
        ),
    )
    assert who(parsed) == [(("市财政局",), ("各区",), "2024-06-30")]
    assert parsed.measures[0].other == (("牵头(领导)", "王刚"), ("配合(领导)", "李强"))


def test_offices_that_assist_and_labels_of_one_word():
    offices = check(
        TITLE,
        table(
            header("序号", "任务", "要求", "责任处室", "配合处室", "时限"),
            row("1", "甲", "编制。", "预算处", "国库处、各处室", "2024年3月"),
        ),
    )
    words = check(
        TITLE,
        table(
            header("序号", "任务", "措施", "主办", "协办", "时限"),
            row("1", "甲", "编制。", "市财政局", "各区", "2024年3月"),
        ),
    )
    assert who(offices) == [(("预算处",), ("国库处", "各处室"), "2024-03-31")]
    assert who(words) == [(("市财政局",), ("各区",), "2024-03-31")]


def test_numbers_without_a_label_beside_sections_without_one():
    parsed = check(
        TITLE,
        table(
            header("", "", "项目", "内容", "责任单位", "时限"),
            row(cell("教育", OPENS), "1", "甲", "两所。", "市教育局", "2024年8月"),
            row(cell("", ABOVE), "2", "乙", "三所。", "市教育局", "2024年8月"),
            row("卫生", "3", "丙", "一家。", "市卫健委", "2024年8月"),
        ),
    )
    assert [(one.section, one.item_no, one.item_title) for one in parsed.measures] == [
        ("教育", 1, "甲"),
        ("教育", 2, "乙"),
        ("卫生", 3, "丙"),
    ]


def test_problems_are_numbered_in_words():
    parsed = check(
        TITLE,
        table(
            header("编号", "问题", "整改措施", "责任单位", "时限"),
            row("问题1", "甲", "做。", "市财政局", "2024年6月"),
            row("问题2", "乙", "做。", "市审计局", "2024年6月"),
        ),
    )
    assert [one.item_no for one in parsed.measures] == [1, 2]


@pytest.mark.parametrize(
    "said",
    [
        "牵头单位：市财政局；责任单位：各区；完成时限：2024年6月底。",
        "\n【牵头单位】市财政局\n【责任单位】各区\n【完成时限】2024年6月底",
        "【牵头单位】市财政局【责任单位】各区【完成时限】2024年6月底",
        "\n牵头单位 市财政局\n责任单位 各区\n完成时限：2024年6月底",
    ],
)
def test_labels_below_or_behind_a_numbered_task(said: str):
    parsed = lines(f"某市2024年重点任务清单\n1.设立基金。募集一亿元。{said}\n2.降低费用。{said}")
    assert who(parsed) == [(("市财政局",), ("各区",), "2024-06-30")] * 2
    assert parsed.measures[0].text == "募集一亿元。"


def test_labels_behind_a_comma():
    parsed = lines(
        "某市2024年重点任务清单\n1.设立基金，责任单位：市财政局、各区；完成时限：2024年6月底；\n2.降费，责任单位：市财政局"
    )
    assert who(parsed)[0] == (("市财政局",), ("各区",), "2024-06-30")
    assert [one.item_title for one in parsed.measures] == ["设立基金", "降费"]


def test_labels_behind_a_sentence_in_a_cell():
    parsed = check(
        TITLE,
        table(
            header("序号", "任务", "措施"),
            row("1", "甲", "双随机。牵头单位：市财政局；责任单位：各区；完成时限：2024年6月底。"),
        ),
    )
    assert who(parsed) == [(("市财政局",), ("各区",), "2024-06-30")]
    assert parsed.measures[0].text == "双随机。"


SHARED = "（牵头单位：市财政局；责任单位：各区；完成时限：2024年6月底）"


def test_a_bracket_behind_the_last_task_of_a_section_holds_for_all_of_them():
    parsed = lines(
        f"某市2024年方案\n一、甲\n1.设立基金。\n募集一亿元。\n2.降费。\n{SHARED}\n二、乙\n3.公开。（市审计局，2024年9月）"
    )
    all_of_it = (("市财政局",), ("各区",), "2024-06-30")
    assert who(parsed) == [all_of_it, all_of_it, (("市审计局",), (), "2024-09-30")]
    assert parsed.measures[0].text == "募集一亿元。"
    assert told(parsed, "bracket_shared") == [SHARED]
    assert next(one.rows for one in parsed.warnings if one.kind == "bracket_shared") == (3, 5)
    assert all(SHARED in dict(one.printed.other)["原文段落"] for one in parsed.measures[:2])


@pytest.mark.parametrize(
    "tasks",
    [
        f"1.设立基金。（市审计局）\n2.降费。\n{SHARED}",
        f"1.设立基金。\n2.降费。\n{SHARED}\n3.公开。\n{SHARED}",
        f"1.设立基金。\n2.降费。\n（1）甲。\n（2）乙。\n{SHARED}",
    ],
)
def test_a_bracket_that_may_belong_to_one_task_is_that_of_the_last(tasks: str):
    parsed = lines(f"某市2024年方案\n一、甲\n{tasks}")
    assert told(parsed, "bracket_shared") == []
    assert any(one.lead != ("市财政局",) for one in parsed.measures)


def test_the_day_in_the_bracket_of_a_heading_holds_for_its_tasks():
    parsed = lines(
        "某市2024年方案\n一、甲（市财政局牵头，2024年6月底前完成）\n1.设立基金。\n2.降费。\n二、乙（市审计局牵头）\n3.公开。"
    )
    assert who(parsed) == [(("市财政局",), (), "2024-06-30")] * 2 + [(("市审计局",), (), "")]


def test_a_title_and_sections_by_separated_rows():
    data = "类别\t编号\t任务\t措施\t主办\t协办\t时限\n政务\t1\t甲\t做。\t市财政局\t各区\t2024年6月\n"
    assert who(read_document(data.encode(), "a.txt")) == [(("市财政局",), ("各区",), "2024-06-30")]


def test_marks_below_the_names_of_offices():
    parsed = check(
        TITLE,
        table(
            header("序号", "任务", "办公室", "财务科", "人事科", "时限"),
            row("1", "甲", "牵头", "配合", "", "2024年6月"),
            row("2", "乙", "", "牵头", "配合", "2024年6月"),
        ),
    )
    assert [one[:2] for one in who(parsed)] == [(("办公室",), ("财务科",)), (("财务科",), ("人事科",))]


def test_the_name_of_the_first_sheet_is_a_section_like_those_of_the_others():
    blocks = [
        part
        for name, title in (("政务服务", "甲"), ("监管执法", "乙"))
        for part in (para(name), table(header(), row("1", title, "做。", "市财政局", "", "2024年6月")))
    ]
    assert [(one.section, one.item_title) for one in check(*blocks).measures] == [
        ("政务服务", "甲"),
        ("监管执法", "乙"),
    ]


def test_the_name_of_a_sheet_below_the_title_is_no_title():
    parsed = check(TITLE, para("重点任务清单"), table(header(), row("1", "甲", "做。", "市财政局", "", "2024年6月")))
    assert parsed.title == "某市2024年重点任务清单"
    assert told(parsed, "paragraph_not_read") == []


def test_a_bracket_over_several_lines_is_one():
    parsed = lines(
        "某市2024年清单\n1.设立基金。\n（牵头单位：市财政局\n责任单位：各区\n完成时限：2024年6月底）\n"
        "2.降费（牵头单位：市财政局\n责任单位：各区；完成时限：2024年6月底）。\n3.公开。\n责任单位：\n市审计局"
    )
    assert who(parsed) == [(("市财政局",), ("各区",), "2024-06-30")] * 2 + [(("市审计局",), (), "")]
    assert [one.text for one in parsed.measures] == ["设立基金。", "降费", "公开。"]


def test_a_year_may_stand_behind_the_number_and_articles_are_tasks():
    dated = lines("某市2024年清单\n一、甲\n1.2024年6月底前，设立基金。（市财政局牵头）\n2.2024年底前降费。（各区负责）")
    articles = lines("某市2024年措施\n第一章 甲\n第一条 设立基金。（市财政局牵头）\n第二条 降费。（各区负责）")
    for parsed in (dated, articles):
        assert [(one.section, one.item_no, one.lead) for one in parsed.measures] == [
            ("甲", 1, ("市财政局",)),
            ("甲", 2, ("各区",)),
        ]


def test_further_notes_and_annexes_are_no_tasks():
    parsed = lines(
        "某市2024年清单\n1.设立基金。（市财政局）\n2.降费。（市审计局）\n注：1.排在第一位的为牵头单位。\n2.未注明的均为年底。\n"
        "附件：1.名单\n2.电话"
    )
    assert len(parsed.measures) == 2
    assert parsed.notes == ("注：1.排在第一位的为牵头单位。", "2.未注明的均为年底。")
    assert told(parsed, "paragraph_not_read") == ["附件：1.名单", "2.电话"]


def test_who_acts_within_a_text_is_told_where_only_the_end_is_read():
    parsed = lines(
        "某市2024年清单\n1.设窗口（市数据局负责，6月底前）；优化流程（市司法局负责）。\n2.降费（各区负责）。"
    )
    assert who(parsed)[0][0] == ("市司法局",)
    assert told(parsed, "agency_review") == ["市数据局负责，6月底前"]


def test_agencies_wholly_in_brackets_and_a_label_without_any():
    parsed = lines(
        "某市2024年清单\n1.设立基金。募集。责任单位：（市财政局、各区）\n2.降费。\n责任单位：\n3.公开。\n责任单位：市审计局"
    )
    assert [one.lead for one in parsed.measures] == [("市财政局",), (), ("市审计局",)]
    assert parsed.measures[1].text == "降费。"


def test_bodies_and_offices_that_are_named_in_one():
    body = [
        row(
            "1",
            "甲",
            "做。",
            "市财政局",
            "武陵区委区政府、市直各委、办、局、各设区市、县（市、区）人民政府",
            "2024年6月",
        )
    ]
    parsed = check(TITLE, table(header(), *body))
    assert parsed.measures[0].responsible == ("市直各委、办、局", "各设区市、县（市、区）人民政府")
    assert told(parsed, "agency_review") == ["武陵区委区政府"]


@pytest.mark.parametrize(
    ("labels", "lead"),
    [(("改革举措及成果", "主办部门", "会办部门"), "市财政局"), (("实施步骤", "主管部门", "实施单位"), "市财政局")],
)
def test_labels_of_other_cities(labels: tuple[str, str, str], lead: str):
    body = row("1", "甲", "做。", "市财政局", "各区", "2024年6月")
    parsed = check(TITLE, table(header("序号", "改革任务名称", *labels, "时限"), body))
    assert (parsed.measures[0].text, *who(parsed)[0]) == ("做。", (lead,), ("各区",), "2024-06-30")
    assert bool(told(parsed, "missing_column")) == ("主管部门" in labels)


@pytest.mark.parametrize(
    ("said", "lead", "others", "day"),
    [
        ("（市财政局牵头负责，各区分别负责；2024年6月）", "市财政局", ("各区",), "2024-06-30"),
        ("（市财政局会同市教育局，2024年6月）", "市财政局", ("市教育局",), "2024-06-30"),
        ("[牵头单位：市财政局；配合单位：各区]", "市财政局", ("各区",), ""),
        ("责任单位为市财政局，配合单位为市教育局，完成时间为2024年6月底。", "市财政局", ("市教育局",), "2024-06-30"),
        ("（市财政局牵头）（各区配合）（2024年6月底前）", "市财政局", ("各区",), "2024-06-30"),
        ("（2024年6月底前完成试点）。（市财政局牵头）", "市财政局", (), ""),
    ],
)
def test_who_and_when_behind_a_sentence(said: str, lead: str, others: tuple[str, ...], day: str):
    parsed = lines(f"某市2024年清单\n1.推进改革。{said}\n2.降费。（市审计局，2024年6月）")
    assert who(parsed)[0] == ((lead,), others, day)


def test_a_section_that_says_in_brackets_who_leads_its_rows():
    parsed = check(
        TITLE,
        table(
            header("序号", "任务", "措施", "责任单位", "时限"),
            row(wide("一、甲（牵头单位：市财政局）", 5)),
            row("1", "甲", "做。", "市司法局、各区", "2024年6月"),
            row(wide("二、乙", 5)),
            row("2", "乙", "做。", "市审计局", "2024年6月"),
        ),
    )
    assert [one[:2] for one in who(parsed)] == [(("市财政局",), ("市司法局", "各区")), (("市审计局",), ())]


def test_year_and_month_in_columns_of_their_own():
    above = cell("", ABOVE)
    parsed = check(
        TITLE,
        table(
            row(cell("序号", OPENS), cell("任务", OPENS), cell("牵头单位", OPENS), wide("完成时限", 2)),
            row(above, above, above, "年", "月"),
            row("1", "甲", "市财政局", "2024", "6"),
        ),
    )
    assert [(one.deadline_text, str(one.deadline)) for one in parsed.measures] == [("2024年6月", "2024-06-30")]


def test_labels_of_one_word_and_two_labels_of_a_task_on_one_line():
    short = lines("某市2024年清单\n1.甲\n举措：做。\n牵头：市财政局\n责任：各区\n时限：2024年6月\n2.乙\n牵头：市审计局")
    joined = lines(
        "任务：甲；措施：做。牵头单位：市财政局；责任单位：各区；时限：2024年6月\n任务：乙；牵头单位：市审计局"
    )
    for parsed in (short, joined):
        assert who(parsed)[0] == (("市财政局",), ("各区",), "2024-06-30")
        assert [one.item_title for one in parsed.measures] == ["甲", "乙"]


def test_a_cell_that_is_divided_is_written_whole_and_read_back_as_it_was():
    parsed = check(
        TITLE,
        table(
            header("序号", "任务", "措施", "责任分工"),
            row("1", "甲", "做。", "市财政局牵头，各区配合，2024年6月底"),
            row("2", "乙", "做。", "市审计局，2024年9月"),
        ),
    )
    assert who(parsed)[0] == (("市财政局",), ("各区",), "2024-06-30")
    for write in (write_docx, write_xlsx, write_csv):
        assert read_document(write(parsed), "清单").content_hash == parsed.content_hash


def test_points_below_a_label_are_what_it_holds():
    parsed = lines(
        "某市整改方案\n一、甲不足\n责任单位：市财政局\n整改目标：达标。\n整改措施：\n1.排查。\n2.改造。\n"
        "二、乙不足\n责任单位：市审计局\n整改目标：达标。\n整改措施：\n1.落实。"
    )
    assert [(one.item_title, one.text) for one in parsed.measures] == [
        ("甲不足", "甲不足\n1.排查。\n2.改造。"),
        ("乙不足", "乙不足\n1.落实。"),
    ]
    assert [dict(one.other) for one in parsed.measures] == [{"整改目标": "达标。"}] * 2


def test_offices_beside_a_day_and_who_only_sees_to_it():
    parsed = lines(
        "某大学2024年要点\n1.设立基金。（教务处、各学院，2024年6月）\n2.降费（市政府办公室督办）。\n3.公开。（党委宣传部）"
    )
    assert who(parsed)[0] == (("教务处",), ("各学院",), "2024-06-30")
    assert [one.lead for one in parsed.measures[1:]] == [(), ("党委宣传部",)]


@pytest.mark.parametrize(
    ("printed", "first", "last"),
    [
        ("2024年6月\n2024年9月", "2024-06-30", "2024-09-30"),
        ("2024年12月\n2025年3月", "2024-12-31", "2025-03-31"),
        ("2024年12月2025年3月", "2024-12-31", "2025-03-31"),
        ("2024.6.30\n2024.9.30", "2024-06-30", "2024-09-30"),
        ("6月\n9月", "2024-06-30", "2024-09-30"),
        ("２０２４年６月\n２０２４年９月", "2024-06-30", "2024-09-30"),
        ("1.2024年12月\n2.2024年9月", "2024-09-30", "2024-12-31"),
        ("1、6月\n2、9月底", "2024-06-30", "2024-09-30"),
    ],
)
def test_dates_on_lines_of_their_own_do_not_run_into_each_other(printed: str, first: str, last: str):
    found = parse_deadline(printed, 2024)
    assert ([str(one) for one in found.milestones], str(found.date)) == ([first], last)


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("2024年\n6月底", "2024-06-30"),
        ("2024年6月\n30日", "2024-06-30"),
        ("2024年1\n2月底", "2024-12-31"),
        ("2024年度 6月底", "2024-06-30"),
        ("2024年6月1\n5日", "2024-06-15"),
    ],
)
def test_a_date_over_two_lines_is_one(printed: str, day: str):
    found = parse_deadline(printed, 2024)
    assert (found.milestones, str(found.date)) == ((), day)


def test_marks_in_a_column_of_leads_and_numbers_of_a_year():
    parsed = check(
        TITLE,
        table(
            header("总序号", "改革事项", "具体举措", "牵头单位", "责任单位", "完成时限"),
            row("2024-01", "甲", "做。", "市财政局*", "各区", "2024年6月"),
            row("2024-02", "乙", "做。责任单位：市审计局", "市审计局", "", "2024年6月"),
        ),
        para("注：带*的为总牵头单位。"),
    )
    assert [(one.item_no, one.lead) for one in parsed.measures] == [(1, ("市财政局",)), (2, ("市审计局",))]


def test_labels_at_the_end_of_a_line_and_on_the_next_in_a_cell():
    body = row("1", "甲", "抽查。责任单位：市财政局、各区\n完成时限：2024年6月".replace("\n", "</w:t><w:br/><w:t>"))
    parsed = check(TITLE, table(header("序号", "任务", "措施"), body))
    assert (parsed.measures[0].text, *who(parsed)) == ("抽查。", (("市财政局",), ("各区",), "2024-06-30"))


def test_who_and_when_behind_one_label():
    parsed = lines(
        "某市2024年清单\n1.甲。做。\n责任分工：市财政局牵头，各区配合，2024年6月底前完成。\n2.乙。\n责任单位：市审计局"
    )
    assert who(parsed)[0] == (("市财政局",), ("各区",), "2024-06-30")


@pytest.mark.parametrize(
    ("labels", "fields"),
    [
        (("提案编号", "提案题目"), ("第12号", "甲", "")),
        (("事项类型", "事项名称"), ("行政许可", "甲", "行政许可")),
    ],
)
def test_the_number_and_the_type_of_an_item_are_not_its_title(labels: tuple[str, str], fields: tuple[str, str, str]):
    body = row("1", fields[0], "甲", "市财政局", "2024年6月")
    parsed = check(TITLE, table(header("序号", *labels, "实施机关", "时限"), body))
    (measure,) = parsed.measures
    assert (measure.item_title, measure.section, measure.lead) == (fields[1], fields[2], ("市财政局",))


def test_a_day_among_the_lines_below_a_heading_holds_for_its_tasks():
    parsed = lines(
        "某市2024年方案\n一、甲\n牵头单位：市财政局\n责任单位：各区\n完成时限：2024年6月\n1.设立基金。\n2.降费。\n"
        "二、乙\n牵头单位：市审计局；完成时限：2024年9月\n3.公开。"
    )
    assert who(parsed) == [(("市财政局",), ("各区",), "2024-06-30")] * 2 + [(("市审计局",), (), "2024-09-30")]
    assert [(one.section, one.item_title) for one in parsed.measures] == [
        ("甲", "设立基金"),
        ("甲", "降费"),
        ("乙", "公开"),
    ]
    assert told(parsed, "paragraph_not_read") == []


@pytest.mark.parametrize(
    "bracket",
    ["（以上任务由市财政局牵头，各区配合，2024年6月）", "【牵头单位：市财政局；责任单位：各区；时限：2024年6月】"],
)
def test_a_bracket_for_a_section_in_other_words(bracket: str):
    parsed = lines(f"某市2024年方案\n一、甲\n1.设立基金。\n2.降费。\n{bracket}")
    assert who(parsed) == [(("市财政局",), ("各区",), "2024-06-30")] * 2
    assert told(parsed, "bracket_shared") == [bracket]
