"""What lists of other cities do: a second header, headings below headings, what stands beside the list."""

import io

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from importers.documents.grammar.agencies import parse_agencies
from importers.documents.grammar.roles import parse_roles
from importers.documents.layout.given import names_of
from importers.documents.read import read_document
from importers.documents.values import ParsedList
from tests.importers.samples import (
    ABOVE,
    OPENS,
    W,
    cell,
    check,
    check_rows,
    document,
    duty,
    header,
    kinds,
    package,
    para,
    row,
    run,
    table,
    wide,
)

TITLE = para("某市2023年改革任务清单")


def told(parsed: ParsedList, kind: str) -> list[str]:
    return [problem.value or "" for problem in parsed.warnings if problem.kind == kind]


def test_a_second_header_with_its_columns_in_another_order_is_followed():
    parsed = check(
        TITLE,
        table(
            header(),
            duty("1", lead="市财政局", helps="市税务局"),
            row("序号", "改革事项", "具体举措", "责任单位", "牵头单位", "完成时限"),
            row("2", "乙", "推进乙。", "市人社局", "市教育局", "2023年9月"),
        ),
    )
    assert [(one.lead, one.responsible) for one in parsed.measures] == [
        (("市财政局",), ("市税务局",)),
        (("市教育局",), ("市人社局",)),
    ]


def test_a_second_header_may_name_more_columns_than_the_first():
    parsed = check(
        TITLE,
        table(
            row("序号", "改革事项", "具体举措", "牵头单位", cell("责任单位", '<w:gridSpan w:val="2"/>'), "完成时限"),
            row("1", "甲", "推进甲。", "市财政局", cell("市税务局", '<w:gridSpan w:val="2"/>'), "2023年6月"),
            row("序号", "改革事项", "具体举措", "牵头单位", "责任单位", "联系人", "完成时限"),
            row("2", "乙", "推进乙。", "市教育局", "市人社局", "张三", "2023年9月"),
        ),
    )
    assert (parsed.measures[1].responsible, parsed.measures[1].other) == (("市人社局",), (("联系人", "张三"),))


@pytest.mark.parametrize(
    "labels",
    [("一级任务", "二级任务", "三级任务"), ("一级指标", "二级指标", "三级指标"), ("大项", "中项", "小项")],
)
def test_three_levels_are_section_title_and_text(labels: tuple[str, ...]):
    parsed = check(
        TITLE,
        table(
            row("序号", *labels, "牵头单位", "完成时限"),
            row("1", cell("经济发展", OPENS), cell("财税改革", OPENS), "修订办法。", "市财政局", "2023年6月"),
            row("2", cell("", ABOVE), cell("", ABOVE), "开展评估。", "市税务局", "2023年9月"),
            row("3", cell("", ABOVE), "金融改革", "设立基金。", "市国资委", "2023年9月"),
        ),
    )
    assert [(one.section, one.item_title, one.text) for one in parsed.measures] == [
        ("经济发展", "财税改革", "修订办法。"),
        ("经济发展", "财税改革", "开展评估。"),
        ("经济发展", "金融改革", "设立基金。"),
    ]
    assert "column_not_read" not in kinds(parsed)


def test_two_levels_beside_a_column_of_texts_are_section_and_title():
    parsed = check(
        TITLE,
        table(row("序号", "大项", "小项", "具体举措", "责任单位"), row("1", "财税", "预算", "推进。", "市财政局")),
    )
    assert [(one.section, one.item_title, one.text) for one in parsed.measures] == [("财税", "预算", "推进。")]


def test_numbered_paragraphs_that_name_nobody_are_refused_with_what_to_write():
    parsed = check(TITLE, *map(para, ("一、重点任务", "1.修订办法。完善制度。", "2.开展评估。年底前完成。")))
    assert parsed.error is not None
    assert parsed.error.kind == "no_table"
    assert "3个编号段落（如“2.开展评估。年底前完成。”）都没有写明由谁负责" in parsed.error.message
    assert "责任单位：市财政局" in parsed.error.message


def test_when_work_begins_is_no_deadline():
    parsed = check(
        TITLE,
        table(
            row("序号", "项目名称", "建设内容", "责任单位", "开工时间", "竣工时间"),
            row("1", "甲桥", "建桥。", "市交通运输局", "2023年3月", "2023年12月"),
        ),
    )
    assert [(str(one.deadline), one.other) for one in parsed.measures] == [
        ("2023-12-31", (("开工时间", "2023年3月"),)),
    ]


@pytest.mark.parametrize("places", ["县区", "县（市、区）", "市县"])
def test_a_heading_that_is_a_kind_of_place_names_no_agency(places: str):
    parsed = check(
        TITLE,
        para("一、市级部门"),
        table(header("序号", "任务", "牵头单位", "完成时限"), row("1", "甲", "市财政局", "2023年6月")),
        para(f"二、{places}"),
        table(header("序号", "任务", "责任单位", "完成时限"), row("2", "乙", "各县区", "2023年6月")),
    )
    assert [(one.section, one.lead) for one in parsed.measures] == [("市级部门", ("市财政局",)), (places, ("各县区",))]


def test_numbers_in_brackets_or_circles_below_an_item_are_measures_of_it():
    parsed = check(
        TITLE,
        table(
            row("序号", "任务名称", "具体措施", "责任单位", "完成时限"),
            row("1", "产业", "做强产业。", "市工信局", "2023年6月"),
            row("2", "民生", "建学校。", "市教育局", "2023年6月"),
            row("（1）", "", "扩学位。", "市教育局", "2023年6月"),
            row("②", "", "招教师。", "市人社局", "2023年6月"),
            row("2.1", "", "修操场。", "市住建局", "2023年6月"),
        ),
    )
    assert [(one.item_no, one.seq_in_item, one.item_title) for one in parsed.measures] == [
        (1, 1, "产业"),
        (2, 1, "民生"),
        (2, 2, "民生"),
        (2, 3, "民生"),
        (2, 4, "民生"),
    ]
    assert "duplicate_number" not in kinds(parsed)


@pytest.mark.parametrize("said", ["注：责任单位中排在第一位的为牵头单位。", "说明：列首位的单位是牵头单位"])
def test_who_leads_is_not_asked_where_a_note_says_it(said: str):
    parsed = check(
        TITLE,
        table(header("序号", "任务", "责任单位", "完成时限"), row("1", "甲", "市财政局、市审计局", "2023年6月")),
        para(said),
    )
    assert [(one.lead, one.responsible) for one in parsed.measures] == [(("市财政局",), ("市审计局",))]
    assert "列第一位的为牵头单位" not in "".join(one.message for one in parsed.warnings)


def test_who_leads_is_not_asked_where_the_label_says_it():
    label = "责任单位\n（第一个为牵头单位）"
    parsed = check(
        TITLE, table(header("序号", "任务", label, "完成时限"), row("1", "甲", "市财政局、市审计局", "2023年6月"))
    )
    assert (parsed.measures[0].lead, "列第一位的为" in "".join(one.message for one in parsed.warnings)) == (
        ("市财政局",),
        False,
    )


def test_agencies_as_labels_of_columns_are_named_and_never_read_as_texts():
    parsed = check(
        TITLE,
        table(
            row("序号", "重点任务", "市发展改革委", "市财政局", "市教育局", "完成时限"),
            row("1", "甲", "●", "○", "", "2023年6月"),
        ),
    )
    assert [(one.text, one.other) for one in parsed.measures] == [("甲", (("市发展改革委", "●"), ("市财政局", "○")))]
    assert told(parsed, "column_not_read") == ["市发展改革委”“市财政局"]
    assert "missing_lead" in kinds(parsed)


@pytest.mark.parametrize("printed", ["市财政局（2项）", "市财政局\n(共12条)", "市财政局（3项任务）"])
def test_how_many_tasks_an_agency_has_is_no_part_of_its_name(printed: str):
    found = parse_agencies(printed)
    assert (found.names, found.problems) == (("市财政局",), ())


def test_a_deadline_above_the_table_is_named():
    parsed = check(
        TITLE,
        para("完成时限：2023年12月底前"),
        table(header("序号", "任务", "内容", "责任单位"), row("1", "甲", "推进甲。", "市财政局")),
    )
    assert told(parsed, "paragraph_not_read") == ["完成时限：2023年12月底前"]


def test_agencies_behind_each_line_of_a_cell_are_all_read():
    text = cell(para("1.推进甲一。（市财政局，6月底）") + para("2.推进甲二。（市教育局，9月底）"))
    parsed = check(TITLE, table(header("序号", "任务", "内容"), row("1", "甲", text), row("2", "乙", text)))
    (measure, _) = parsed.measures
    assert (measure.lead, measure.responsible) == (("市财政局",), ("市教育局",))
    assert (str(measure.deadline), list(map(str, measure.milestones))) == ("2023-09-30", ["2023-06-30"])
    assert measure.text == "1.推进甲一。（市财政局，6月底）\n2.推进甲二。（市教育局，9月底）"


@pytest.mark.parametrize(
    ("printed", "asked"),
    [
        ("市财政局（6月底前）", "6月底前"),
        ("市财政局（2023年第三季度）", "2023年第三季度"),
        ("市财政局（长期）", "长期"),
        ("市财政局（含市国资委）", "含市国资委"),
    ],
)
def test_a_date_or_another_agency_in_brackets_is_no_part_of_a_name(printed: str, asked: str):
    found = parse_agencies(printed)
    assert (found.names, [one.value for one in found.problems]) == (("市财政局",), [asked])


def _below(*labels: str) -> str:
    return row(*(cell(label) if label else cell("", ABOVE) for label in labels))


def test_quarters_below_one_label_are_milestones_and_the_deadline():
    upper = row(
        cell("序号", OPENS),
        cell("项目名称", OPENS),
        cell("进度安排", '<w:gridSpan w:val="2"/>'),
        cell("责任单位", OPENS),
    )
    parsed = check(
        TITLE,
        table(upper, _below("", "", "一季度", "四季度", ""), row("1", "新建小学", "完成立项", "竣工验收", "市教育局")),
    )
    (measure,) = parsed.measures
    assert measure.deadline_text == "一季度：完成立项；四季度：竣工验收"
    assert (str(measure.deadline), list(map(str, measure.milestones))) == ("2023-12-31", ["2023-03-31"])


def test_years_below_one_label_stay_with_what_they_say():
    upper = row(
        cell("序号", OPENS),
        cell("任务名称", OPENS),
        cell("年度目标", '<w:gridSpan w:val="2"/>'),
        cell("牵头单位", OPENS),
    )
    parsed = check(
        TITLE, table(upper, _below("", "", "2023年", "2024年", ""), row("1", "治理", "出台办法", "实施", "市国资委"))
    )
    assert [(one.item_no, one.text) for one in parsed.measures] == [(1, "2023年：出台办法\n2024年：实施")]


def test_a_sub_heading_that_is_no_section_stays_with_its_measures():
    parsed = check_rows(wide("（一）财税"), duty("1"), wide("（二）金融"), duty("2"), wide("二、社会"), duty("3"))
    assert [one.other for one in parsed.measures] == [(("小标题", "（一）财税"),), (("小标题", "（二）金融"),), ()]


def test_headings_of_two_levels_before_a_table_are_section_and_sub_heading():
    parsed = check(
        TITLE,
        para("一、经济"),
        para("（一）财税"),
        table(header(), duty("1")),
        para("（二）金融"),
        table(header(), duty("2")),
    )
    assert [(one.section, one.other) for one in parsed.measures] == [
        ("经济", (("小标题", "（一）财税"),)),
        ("经济", (("小标题", "（二）金融"),)),
    ]


def test_tables_and_paragraphs_that_are_not_read_are_named():
    task = "3.推进社区改革。完善机制。（市民政局牵头，2023年底前完成）"
    other = table(row("类型", "做什么", "谁来做"), row("甲", "推进某事", "市财政局"))
    parsed = check(TITLE, table(header(), duty("1"), duty("2")), para(task), table(header(), duty("4")), other)
    assert told(parsed, "paragraph_not_read") == [task]
    assert told(parsed, "table_not_read") == ["类型　做什么　谁来做　甲　推进某事　市财政局"]


def test_tasks_in_the_text_beside_a_table_are_named():
    task = "（一）深化改革。完善治理。（市国资委牵头，市财政局配合）"
    parsed = check(para("某市2023年实施方案"), para(task), para("附件"), TITLE, table(header(), duty("1")))
    assert told(parsed, "paragraph_not_read") == [task]


def test_headings_of_a_document_in_paragraphs_without_tasks_are_named():
    lines = (
        "一、重点任务",
        "1.推进甲事。做好甲。（市财政局牵头）",
        "二、保障措施",
        "（一）加强领导。各单位要高度重视。",
    )
    parsed = check(TITLE, *map(para, lines))
    assert told(parsed, "paragraph_not_read") == list(lines[2:])


def test_agencies_behind_the_sentence_of_a_task_are_read():
    parsed = check(
        TITLE, para("1.新建幼儿园10所。年内建成。责任单位：市教育局、各区政府"), para("2.改造小区。责任单位：市住建局")
    )
    assert [(one.item_title, one.lead, one.responsible) for one in parsed.measures] == [
        ("新建幼儿园10所", ("市教育局",), ("各区政府",)),
        ("改造小区", ("市住建局",), ()),
    ]


def test_a_table_of_labels_and_values_for_each_task_is_one_task_whatever_its_labels_are():
    tasks = [
        table(
            row("任务编号", number),
            row("任务名称", f"推进{name}改革"),
            row("工作目标", f"建成{name}平台"),
            row("牵头单位", "市数据局"),
        )
        for number, name in (("1", "甲"), ("2", "乙"))
    ]
    parsed = check(TITLE, tasks[0], para(""), tasks[1])
    assert [(one.item_no, one.item_title, one.text) for one in parsed.measures] == [
        (1, "推进甲改革", "建成甲平台"),
        (2, "推进乙改革", "建成乙平台"),
    ]


def test_problems_over_tables_of_labels_and_values_are_the_titles():
    rows = [
        part
        for number, name in (("一", "甲"), ("二", "乙"))
        for part in (
            wide(f"{number}、{name}问题突出。", 2),
            row("责任单位", "市水务局"),
            row("整改目标", f"{name}达标"),
            row("整改措施", "巡查"),
        )
    ]
    parsed = check(TITLE, table(*rows))
    assert [(one.item_title, one.other) for one in parsed.measures] == [
        ("甲问题突出", (("整改目标", "甲达标"),)),
        ("乙问题突出", (("整改目标", "乙达标"),)),
    ]


@pytest.mark.parametrize(
    ("printed", "read", "asked"),
    [
        ("东城区、西城区政府", ["西城区政府"], ["东城区"]),
        ("县委宣传部、文旅局、融媒体中心", ["县委宣传部"], ["文旅局", "融媒体中心"]),
        ("★市财政局、市审计局", ["市审计局"], ["★市财政局"]),
        ("市财政局为牵头单位，市审计局为配合单位", ["市财政局", "市审计局"], []),
        ("市财政局（主）、市税务局（配）", ["市财政局", "市税务局"], []),
        ("市财政局牵头、市税务局配合、各区落实", ["市财政局", "市税务局"], ["各区落实"]),
        ("第一责任单位：市财政局 配合单位：市审计局", ["市财政局", "市审计局"], []),
    ],
)
def test_a_mark_or_a_shared_ending_never_makes_an_agency(printed, read, asked):
    roles = parse_roles(printed)
    assert [*roles.lead.names, *roles.responsible.names] == read
    assert [problem.value for problem in (*roles.lead.problems, *roles.responsible.problems)] == asked


def test_places_that_wait_for_their_body_are_asked_about_in_one_column_too():
    found = parse_agencies("和平区、河西区人民政府")
    assert (found.names, [one.value for one in found.problems]) == (("河西区人民政府",), ["和平区"])


def test_struck_text_of_a_word_document_is_named():
    parsed = check_rows(
        row("1", "甲", para(run("推进甲。", "<w:strike/>") + run("推进乙。")), "市财政局", "", "2023年6月")
    )
    assert told(parsed, "struck_text") == ["推进甲。"]


def test_what_is_not_struck_is_not_named():
    parsed = check_rows(row("1", "甲", para(run("推进甲。", '<w:strike w:val="0"/>')), "市财政局", "", "2023年6月"))
    assert "struck_text" not in kinds(parsed)


def test_struck_cells_and_comments_of_a_sheet_are_named():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["序号", "改革事项", "具体举措", "牵头单位", "责任单位", "完成时限"])
    sheet.append([1, "甲", "推进甲。", "市财政局", "", "2023年6月"])
    sheet["D2"].font, sheet["C2"].comment = Font(strike=True), Comment("请核实", "某人")
    data = io.BytesIO()
    book.save(data)
    parsed = read_document(data.getvalue(), "台账.xlsx")
    assert (told(parsed, "struck_text"), told(parsed, "comments_not_read")) == (["市财政局"], ["请核实"])


def _part(name: str, opening: str, text: str, closing: str) -> str:
    return f'<w:{name} xmlns:w="{W}">{opening}{para(text)}{closing}</w:{name}>'


def test_footnotes_are_notes_and_comments_are_named():
    notes = _part("footnotes", '<w:footnote w:id="1">', "指新增部分。", "</w:footnote>")
    said = _part("comments", '<w:comment w:id="0">', "请改为市审计局", "</w:comment>")
    body = document(TITLE, table(header(), duty("1")))
    parsed = read_document(package(body, footnotes=notes, comments=said), "清单.docx")
    assert (parsed.notes, told(parsed, "comments_not_read")) == (("注1：指新增部分。",), ["请改为市审计局"])


def test_a_list_in_two_columns_of_items_is_refused_in_words():
    labels = ("序号", "事项", "责任单位", "时限")
    parsed = check(TITLE, table(row(*labels, *labels), row("1", "甲", "市财政局", "6月", "2", "乙", "市税务局", "9月")))
    assert parsed.error is not None
    assert "并排" in parsed.error.message


def test_the_number_of_an_item_is_the_one_that_every_row_has():
    label = cell("序号", '<w:gridSpan w:val="2"/>')
    rows = [
        row(cell(text, OPENS) if text else cell("", ABOVE), str(no), f"事{no}", "推进。", "市财政局", "2023年6月")
        for no, text in enumerate(("一", "", "二", ""), 1)
    ]
    parsed = check(TITLE, table(row(label, "改革事项", "具体举措", "牵头单位", "完成时限"), *rows))
    assert [(one.item_no, one.other) for one in parsed.measures] == [
        (no, (("序号", group),)) for no, group in enumerate("一一二二", 1)
    ]


def test_a_text_that_is_a_picture_is_named():
    picture = "<w:p><w:r><w:drawing/></w:r></w:p>"
    parsed = check_rows(row("1", "甲", picture, "市财政局", "", "2023年6月"))
    assert told(parsed, "error_cell") == ["〔图片〕"]


def test_the_titles_above_tables_of_sheets_are_their_sections():
    book = openpyxl.Workbook()
    for index, name in enumerate(("经济领域任务", "社会领域任务")):
        sheet = book.active if not index else book.create_sheet(name)
        sheet.append([name])
        sheet.append(["序号", "改革事项", "具体举措", "牵头单位", "责任单位", "完成时限"])
        sheet.append([index + 1, "甲", "推进甲。", "市财政局", "", "2023年6月"])
    data = io.BytesIO()
    book.save(data)
    parsed = read_document(data.getvalue(), "台账.xlsx")
    assert [one.section for one in parsed.measures] == ["经济领域任务", "社会领域任务"]


def test_columns_with_labels_that_say_nothing_are_proposed_by_what_stands_in_them():
    rows = (
        ("项", "做什么", "怎么做", "谁来做", "啥时候"),
        ("1", "甲事", "推进甲事落地见效并按季度通报。", "市财政局", "2023年6月"),
        ("2", "乙事", "推进乙事落地见效并按季度通报。", "市教育局", "9月底前"),
    )
    assert list(names_of(rows).values()) == ["序号", "事项", "举措", "牵头", "时限"]


def test_columns_are_proposed_by_the_row_of_labels_that_has_as_many_as_the_rows_below():
    rows = (
        ("序号", "重点任务", "责任单位", "完成时限"),
        ("序号", "重点任务", "牵头", "配合", "完成时限"),
        ("1", "甲事", "市财政局", "市税务局", "2023年6月"),
    )
    assert list(names_of(rows).values()) == ["序号", "事项", "牵头", "责任", "时限"]


@pytest.mark.parametrize("between", [" ", "\n", "　"])
def test_a_cell_below_agencies_and_deadline_is_read_as_both(between: str):
    def over_two(text: str) -> str:
        return cell(text, '<w:gridSpan w:val="2"/>')

    parsed = check_rows(
        row("1", "甲", "推进甲。", "市教育局", over_two(f"市财政局、市人社局{between}2023年6月底")),
        row("2", "乙", "推进乙。", "市教育局", over_two("2023年6月底")),
        row("3", "丙", "推进丙。", "市教育局", over_two("市财政局")),
    )
    assert [(one.responsible, str(one.deadline)) for one in parsed.measures] == [
        (("市财政局", "市人社局"), "2023-06-30"),
        ((), "2023-06-30"),
        (("市财政局",), "None"),
    ]


def test_the_first_tab_is_a_section_too_where_the_title_of_the_list_stands_above_its_header() -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "优化审批"
    first.append(["某市2025年营商环境改革任务清单"])
    header = ["序号", "事项", "举措", "牵头单位", "责任单位", "完成时限"]
    first.append(header)
    first.append([1, "甲事项", "推进甲", "市财政局", "市税务局", "2025年6月底"])
    second = book.create_sheet("强化监管")
    second.append(header)
    second.append([2, "乙事项", "推进乙", "市教育局", "", "2025年9月底"])
    data = io.BytesIO()
    book.save(data)
    parsed = read_document(data.getvalue(), "台账.xlsx")
    assert parsed.title == "某市2025年营商环境改革任务清单"
    assert [(one.no, one.title) for one in parsed.sections] == [(1, "优化审批"), (2, "强化监管")]
    assert [(one.item_no, one.section_no) for one in parsed.measures] == [(1, 1), (2, 2)]
