"""Lists written as offices write them and read by eye: each was wrong without a word, until somebody looked."""

import pytest

from importers.documents.grammar.agencies import parse_agencies
from importers.documents.grammar.roles import parse_roles
from importers.documents.read import read_document
from importers.documents.values import ParsedList
from tests.importers.samples import ABOVE, OPENS, cell, check, duty, header, para, row, table

TITLE = para("某市2024年重点任务清单")


def told(parsed: ParsedList, kind: str) -> list[str]:
    return [problem.value or "" for problem in parsed.warnings if problem.kind == kind]


def wide(label: str, columns: int) -> str:
    return cell(label, f'<w:gridSpan w:val="{columns}"/>')


@pytest.mark.parametrize("begins", ["交办时间", "下达时间", "批复时间", "时间", "日期"])
def test_when_a_task_was_handed_out_is_not_its_deadline(begins: str):
    labels = ("序号", "督办事项", begins, "办理要求", "承办单位", "办结时限")
    body = row("1", "甲", "2024年3月5日", "拿出方案。", "市住建局", "2024年5月底")
    (measure,) = check(TITLE, table(header(*labels), body)).measures
    assert (measure.text, str(measure.deadline)) == ("拿出方案。", "2024-05-31")
    assert measure.other == ((begins, "2024年3月5日"),)


def test_the_time_at_which_work_begins_is_no_text_below_a_label_of_time():
    parsed = check(
        TITLE,
        table(
            row(cell("序号", OPENS), cell("改革任务", OPENS), cell("牵头单位", OPENS), wide("时间安排", 2)),
            row(*[cell("", ABOVE)] * 3, "启动时间", "完成时间"),
            row("1", "甲", "市财政局", "2024年3月", "2024年12月"),
        ),
    )
    assert [(one.text, str(one.deadline)) for one in parsed.measures] == [("甲", "2024-12-31")]


def test_problems_that_are_counted_in_their_labels_are_tasks_of_their_own():
    rows = [
        part
        for number, agency in (("一", "市财政局"), ("二", "市审计局"))
        for part in (row(f"问题{number}", f"甲{number}不足"), row("整改措施", f"做{number}。"), row("责任单位", agency))
    ]
    parsed = check(TITLE, table(*rows))
    assert [(one.item_title, one.text, one.lead) for one in parsed.measures] == [
        ("甲一不足", "做一。", ("市财政局",)),
        ("甲二不足", "做二。", ("市审计局",)),
    ]


def test_a_header_in_three_rows_keeps_its_dates():
    above = cell("", ABOVE)
    parsed = check(
        TITLE,
        table(
            row(cell("序号", OPENS), cell("重点工作", OPENS), wide("工作安排", 3), wide("责任分工", 2)),
            row(
                above, above, cell("目标", OPENS), wide("时间节点", 2), cell("牵头单位", OPENS), cell("配合单位", OPENS)
            ),
            row(above, above, above, "6月底", "12月底", above, above),
            row("1", "甲", "建成", "开工", "竣工", "市住建局", "市财政局"),
        ),
    )
    (measure,) = parsed.measures
    assert (measure.deadline_text, str(measure.deadline)) == ("6月底：开工；12月底：竣工", "2024-12-31")
    assert (measure.lead, measure.responsible) == (("市住建局",), ("市财政局",))


def test_what_a_figure_is_counted_in_is_no_agency():
    labels = ("序号", "指标名称", "单位", "年度目标", "责任单位")
    parsed = check(TITLE, table(header(*labels), row("1", "生产总值", "亿元", "增长6%", "市统计局")))
    assert (parsed.measures[0].lead, parsed.measures[0].other) == (("市统计局",), (("单位", "亿元"),))
    assert not told(parsed, "agency_review")


@pytest.mark.parametrize("label", ["牵头领导及单位", "牵头领导、牵头单位", "责任人、牵头单位"])
@pytest.mark.parametrize("printed", ["王刚 市财政局", "王刚\n市财政局", "（王刚）市财政局", "王刚、市财政局"])
def test_a_person_in_front_of_an_agency_is_no_part_of_its_name(label: str, printed: str):
    labels = ("序号", "任务", "措施", label, "责任单位", "时限")
    parsed = check(TITLE, table(header(*labels), row("1", "甲", "做。", printed, "市税务局", "6月")))
    (measure,) = parsed.measures
    assert (measure.lead, measure.responsible) == (("市财政局",), ("市税务局",))
    assert told(parsed, "agency_review") == ["王刚"]


@pytest.mark.parametrize("printed", ["江阴市财政局", "安阳市\n财政局", "房山区政府", "市市场监管局"])
def test_a_place_that_begins_like_a_person_stays_in_the_name(printed: str):
    assert parse_agencies(printed).names == (printed.replace("\n", ""),)


@pytest.mark.parametrize(
    ("printed", "read", "asked"),
    [
        ("市发改、市财政局", ("市财政局",), ["市发改"]),
        ("市、县（区）教育局", (), ["市", "县（区）教育局"]),
        ("省发展改革、财政厅", (), ["省发展改革", "财政厅"]),
        ("市住建局（房管局）", ("市住建局（房管局）",), []),
    ],
)
def test_a_clear_name_stays_beside_one_that_is_cut_short(printed: str, read: tuple[str, ...], asked: list[str]):
    found = parse_agencies(printed)
    assert (found.names, [one.value for one in found.problems]) == (read, asked)


@pytest.mark.parametrize(
    ("printed", "lead", "responsible", "asked"),
    [
        ("牵头领导：王刚；牵头单位：市发改委；责任单位：市统计局", "市发改委", ("市统计局",), ["牵头领导：王刚"]),
        ("责任领导：王刚；责任单位：市发改委", "市发改委", (), ["责任领导：王刚"]),
        ("第一责任单位：市发改委 第二责任单位：市财政局", "市发改委", ("市财政局",), []),
    ],
)
def test_who_stands_behind_a_label_is_read_as_what_it_says(
    printed: str, lead: str, responsible: tuple[str, ...], asked: list[str]
):
    roles = parse_roles(printed)
    assert (roles.lead.names, roles.responsible.names) == ((lead,), responsible)
    assert [one.value for one in (*roles.lead.problems, *roles.responsible.problems)] == asked


def test_both_lead_where_two_lead_together():
    roles = parse_roles("市发改委、市财政局双牵头，市税务局配合")
    assert (roles.lead.names, roles.responsible.names) == (("市发改委", "市财政局"), ("市税务局",))


def test_nothing_in_the_column_of_helpers_is_not_asked_about_beside_a_helper_among_the_leads():
    parsed = check(TITLE, table(header(), row("1", "甲", "做。", "市住建局牵头，市城管局参与", "无", "2024年6月")))
    assert (parsed.measures[0].responsible, told(parsed, "agency_review")) == (("市城管局",), [])


def test_a_table_that_goes_on_below_a_line_that_says_so_is_no_loss():
    parsed = check(TITLE, table(header(), duty("1", due="6月")), para("续表"), table(header(), duty("2", due="6月")))
    assert (len(parsed.measures), told(parsed, "paragraph_not_read")) == (2, [])


def test_offices_and_centres_within_one_agency_act():
    text = "某局2024年任务\n序号\t任务\t要求\t责任科室\t时限\n1\t甲\t按期完成\t国库科、信息中心\t6月\n"
    (measure,) = read_document(text.encode(), "清单.txt").measures
    assert (measure.lead, measure.responsible) == (("国库科",), ("信息中心",))


@pytest.mark.parametrize(
    ("printed", "lead", "responsible"),
    [
        ("市发改委（市财政局、市税务局配合）", ("市发改委",), ("市财政局", "市税务局")),
        ("市发改委为主，市财政局协助", ("市发改委",), ("市财政局",)),
        ("市发改委（牵头）、市财政局（配合）", ("市发改委",), ("市财政局",)),
    ],
)
def test_helpers_in_brackets_and_whoever_acts_for_the_most_part_are_told_apart(printed, lead, responsible):
    roles = parse_roles(printed)
    assert (roles.lead.names, roles.responsible.names) == (lead, responsible)
    assert roles.lead.problems + roles.responsible.problems == ()


@pytest.mark.parametrize("printed", ["市发改委→各县区", "市发改委会商市财政局", "市发改委＞市财政局"])
def test_two_agencies_with_any_sign_between_them_are_not_one(printed: str):
    found = parse_agencies(printed)
    assert (found.names, [one.value for one in found.problems]) == ((), [printed])


def test_whether_something_is_so_is_no_text():
    labels = ("序号", "任务", "责任单位", "时限", "是否省级改革")
    parsed = check(TITLE, table(header(*labels), row("1", "甲", "市财政局", "6月", "☑是 □否")))
    assert [(one.text, one.other) for one in parsed.measures] == [("甲", (("是否省级改革", "☑是 □否"),))]


def test_points_of_a_task_are_its_text_where_one_line_behind_them_says_who_acts():
    lines = (
        "1.优化流程。",
        "（1）梳理清单。",
        "（2）压减材料。",
        "牵头单位：市政务局；完成时限：2024年9月",
        "2.强化监管。",
        "（1）随机抽查。",
        "牵头单位：市市场监管局；完成时限：2024年11月",
    )
    parsed = check(TITLE, para("一、任务"), *map(para, lines))
    assert [(one.item_no, one.item_title, one.text, one.lead) for one in parsed.measures] == [
        (1, "优化流程", "（1）梳理清单。\n（2）压减材料。", ("市政务局",)),
        (2, "强化监管", "（1）随机抽查。", ("市市场监管局",)),
    ]
    assert not told(parsed, "missing_lead")


@pytest.mark.parametrize(
    ("line", "text", "lead", "helps", "day"),
    [
        (
            "推进甲，建立台账，市财政局牵头，市税务局配合，9月底前完成。",
            "推进甲，建立台账",
            "市财政局",
            ("市税务局",),
            "9",
        ),
        ("推进甲。完善机制。市教育局负责，9月底前完成。", "完善机制。", "市教育局", (), "9"),
        ("推进甲，由市民政局牵头，市人社局、各县区配合。", "推进甲", "市民政局", ("市人社局", "各县区"), ""),
    ],
)
def test_who_acts_may_stand_at_the_end_of_a_paragraph_without_brackets(line, text, lead, helps, day):
    parsed = check(TITLE, para(f"1.{line}"), para("2.推进乙。（市审计局，6月）"))
    measure = parsed.measures[0]
    assert (measure.text, measure.lead, measure.responsible) == (text, (lead,), helps)
    assert str(measure.deadline) == ("2024-09-30" if day else "None")


@pytest.mark.parametrize(
    "line",
    ["压实责任，2024年底前完成。", "由分管领导负责。", "本方案由市发改委负责解释。", "落实牵头负责制，各负其责。"],
)
def test_sentences_that_name_nobody_stay_text(line: str):
    parsed = check(TITLE, para(f"1.推进甲。{line}"), para("2.推进乙。（市审计局，6月）"))
    assert (parsed.measures[0].text, parsed.measures[0].lead) == (line, ())
    assert "missing_lead" in [one.kind for one in parsed.warnings]


@pytest.mark.parametrize(
    ("printed", "asked"),
    [
        ("市教育局（李四 处长）", ["李四处长"]),
        ("市教育局（局长：李四）", ["局长：李四"]),
        ("市教育局王校长", ["王校长"]),
        ("市教育局（共2家）", []),
    ],
)
def test_a_person_with_a_post_and_a_count_are_no_part_of_a_name(printed: str, asked: list[str]):
    found = parse_agencies(printed)
    assert (found.names, [one.value for one in found.problems]) == (("市教育局",), asked)


@pytest.mark.parametrize("printed", ["同上，长期坚持", "同第1项，持续推进"])
def test_a_deadline_that_points_elsewhere_is_not_standing(printed: str):
    parsed = check(TITLE, table(header(), row("1", "甲", "做。", "市财政局", "", printed)))
    assert (parsed.measures[0].ongoing, told(parsed, "unparsed_deadline")) == (False, [printed])


def test_lines_of_a_cell_below_its_task_are_read_each():
    lines = ("推进乙。", "牵头单位：市教育局", "责任单位：各县区", "完成时限：2024年9月")
    body = table(
        header("序号", "工作内容"), row("1", "推进甲。（市财政局，6月）"), row("2", cell("".join(map(para, lines))))
    )
    measure = check(TITLE, body).measures[1]
    assert (measure.lead, measure.responsible, str(measure.deadline)) == (("市教育局",), ("各县区",), "2024-09-30")


@pytest.mark.parametrize("label", ["2024年度工作要点", "2024年重点任务", "2024年工作安排"])
def test_a_label_with_a_year_is_no_date(label: str):
    labels = ("序号", "主要任务", label, "牵头部门", "时限")
    parsed = check(TITLE, table(header(*labels), row("1", "甲", "推进甲。", "市财政局", "6月")))
    assert [(one.item_title, one.text) for one in parsed.measures] == [("甲", "推进甲。")]


def test_labelled_lines_at_the_end_of_a_cell_say_who_and_when_where_no_column_does():
    def task(text: str, *lines: str) -> str:
        return cell("".join(map(para, (text, *lines))))

    body = table(
        header("序号", "任务", "具体措施"),
        row("1", "甲", task("做甲。", "责任单位：市教育局、各县区；", "完成时限：2024年9月")),
        row("2", "乙", task("做乙一。", "做乙二。", "牵头单位：市财政局", "完成时限：长期")),
    )
    parsed = check(TITLE, body)
    assert [(one.item_title, one.text, one.lead, one.responsible) for one in parsed.measures] == [
        ("甲", "做甲。", ("市教育局",), ("各县区",)),
        ("乙", "做乙一。\n做乙二。", ("市财政局",), ()),
    ]
    assert [(str(one.deadline), one.ongoing) for one in parsed.measures] == [("2024-09-30", False), ("None", True)]


def test_a_label_of_time_in_a_bracket_may_stand_behind_a_space():
    parsed = check(
        TITLE, para("1.推进甲。（牵头单位：市财政局 完成时限：2024年12月）"), para("2.推进乙。（市审计局，6月）")
    )
    assert (parsed.measures[0].lead, str(parsed.measures[0].deadline)) == (("市财政局",), "2024-12-31")


def test_a_row_that_says_only_who_acts_is_named():
    body = table(header(), duty("1", due="6月"), row("", "", "", "市税务局", "", ""), duty("2", due="6月"))
    assert [one.row for one in check(TITLE, body).warnings if one.kind == "short_row"] == [3]


def test_a_bracket_on_a_line_of_its_own_leaves_no_full_stop_for_a_text():
    lines = (
        "1.推进甲改革。",
        "（牵头单位：市财政局；完成时限：2024年6月）",
        "2.推进乙改革。",
        "（牵头单位：市教育局）",
    )
    assert [one.text for one in check(TITLE, *map(para, lines)).measures] == ["推进甲改革。", "推进乙改革。"]


@pytest.mark.parametrize("behind", ["（市财政局牵头）（2024年6月底前）", "（2024年6月底前）（市财政局牵头）"])
def test_who_and_when_may_have_a_bracket_each(behind: str):
    parsed = check(TITLE, para(f"1.推进甲（试点）。{behind}"), para("2.推进乙。（市审计局，6月）"))
    (measure, _) = parsed.measures
    assert (measure.text, measure.lead, str(measure.deadline)) == ("推进甲（试点）。", ("市财政局",), "2024-06-30")


@pytest.mark.parametrize("labels", [("责任单位（协办）", "责任单位（主办）"), ("配合单位", "任务分工")])
def test_of_two_columns_of_agencies_the_one_that_does_not_help_leads(labels: tuple[str, str]):
    body = row("1", "甲", "做。", "市税务局", "市财政局", "6月")
    (measure,) = check(TITLE, table(header("序号", "任务", "措施", *labels, "时限"), body)).measures
    assert (measure.lead, measure.responsible) == (("市财政局",), ("市税务局",))


def test_a_division_of_tasks_names_agencies():
    labels = ("序号", "重点任务", "任务分工", "完成时限及责任人")
    body = row("1", "推进甲", "市财政局牵头，市税务局配合", "2024年6月 张三")
    (measure,) = check(TITLE, table(header(*labels), body)).measures
    assert (measure.lead, measure.responsible, str(measure.deadline)) == (("市财政局",), ("市税务局",), "2024-06-30")


@pytest.mark.parametrize(
    "printed",
    ["推进粤港澳大湾区建设领导小组办公室", "加强基层治理工作专班", "视频监控中心", "结合部管委会", "需求侧管理中心"],
)
def test_a_body_called_by_what_it_does_is_no_half_sentence(printed: str):
    assert parse_agencies(printed).names == (printed,)


def test_whoever_acts_for_the_most_part_is_no_agency_called_by_it():
    assert parse_roles("以市财政局为主，市税务局参与").lead.names == ("市财政局",)


def test_labelled_lines_at_the_end_of_a_cell_stay_where_a_column_says_who_as_well():
    task = "<w:tc>" + "".join(map(para, ("推进甲。", "责任单位：市税务局", "完成时限：2023年6月底"))) + "</w:tc>"
    parsed = check(ABOVE, table(header("序号", "事项", "举措", "牵头单位"), row("1", "甲", task, "市教育局")))
    assert parsed.measures[0].text == "推进甲。\n责任单位：市税务局\n完成时限：2023年6月底"
    assert (parsed.measures[0].lead, str(parsed.measures[0].deadline)) == (("市教育局",), "2023-06-30")


def read_text(text: str) -> ParsedList:
    return read_document(text.encode(), "清单.txt")


def who(parsed: ParsedList) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(measure.lead, measure.responsible) for measure in parsed.measures]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("一、县教育局（2项）", ("县教育局",)),
        ("（一）县教育局", ("县教育局",)),
        ("一、县教育局、县人社局", ("县教育局", "县人社局")),
    ],
)
def test_an_agency_as_heading_leads_the_tasks_below_it(heading: str, names: tuple[str, ...]):
    parsed = read_text(f"2024年任务分解\n{heading}\n1.建学校。选址。\n2.招教师。（县财政局配合，8月底）\n")
    assert who(parsed) == [(names, ()), (names, ("县财政局",))]
    assert not told(parsed, "missing_lead")


def test_another_heading_ends_what_an_agency_leads_and_a_task_may_say_it_itself():
    parsed = read_text(
        "2024年任务分解\n一、市教育局\n1.建学校\n2.办展会（市商务局牵头）\n二、推进乡村振兴\n3.建村道（市交通局）\n4.建村史馆\n"
    )
    assert who(parsed) == [(("市教育局",), ()), (("市商务局",), ()), (("市交通局",), ()), ((), ())]


def test_names_of_agencies_on_lines_of_their_own_lead_what_is_below():
    parsed = read_text(
        "2024年任务分解\n市教育局：\n1.建学校\n市民政局\n2.建敬老院\n以上请落实。\n市政府办公室\n2024年1月2日\n"
    )
    assert who(parsed) == [(("市教育局",), ()), (("市民政局",), ())]
    assert told(parsed, "paragraph_not_read") == ["以上请落实。", "市政府办公室", "2024年1月2日"]


@pytest.mark.parametrize("line", ["市教育局：", "各区人民政府，市政府各部门：", "某市人民政府办公室"])
def test_whom_a_document_is_sent_to_or_who_issues_it_leads_nothing(line: str):
    parsed = read_text(f"2024年任务分解\n{line}\n1.建学校（市住建局）\n2.建公园（市城管局）\n")
    assert who(parsed) == [(("市住建局",), ()), (("市城管局",), ())]
    assert told(parsed, "paragraph_not_read") == [line]


@pytest.mark.parametrize(
    "above", ["一、教育改革\n牵头单位：市教育局\n责任单位：各区", "一、教育改革（市教育局牵头，各区配合）"]
)
def test_who_leads_said_at_a_heading_holds_for_the_tasks_below_it(above: str):
    parsed = read_text(f"2024年任务分解\n{above}\n1.建学校。\n2.招教师。\n二、便民\n3.建公园。（市城管局）\n")
    assert who(parsed) == [(("市教育局",), ("各区",)), (("市教育局",), ("各区",)), (("市城管局",), ())]
    assert [one.section for one in parsed.measures] == ["教育改革", "教育改革", "便民"]


def test_an_agency_in_front_of_a_task_leads_it():
    parsed = read_text("2024年任务分解\n1.市教育局：新建学校，8月底前完成。\n2.市民政局、市财政局：提高低保标准。\n")
    assert [one.text for one in parsed.measures] == ["新建学校，8月底前完成。", "提高低保标准。"]
    assert [one.lead for one in parsed.measures] == [("市教育局",), ("市民政局",)]


def test_points_of_a_task_that_say_who_acts_are_measures_of_it():
    parsed = read_text(
        "2024年任务分解\n1.推进甲\n①立项（区发改局，3月）\n②招标（区住建局，5月）\n2.推进乙（区交通局）\n"
    )
    assert [(one.item_no, one.item_title, one.lead) for one in parsed.measures] == [
        (1, "推进甲", ()),
        (1, "立项", ("区发改局",)),
        (1, "招标", ("区住建局",)),
        (2, "推进乙", ("区交通局",)),
    ]


@pytest.mark.parametrize(
    ("clauses", "lead", "responsible"),
    [
        ("由市医保局牵头，会同市财政局、市卫健委，于2024年9月底前完成。", "市医保局", ("市财政局", "市卫健委")),
        ("牵头单位市医保局，配合单位市财政局、市卫健委，2024年9月底前完成。", "市医保局", ("市财政局", "市卫健委")),
    ],
)
def test_last_clauses_say_who_acts_also_without_colons(clauses: str, lead: str, responsible: tuple[str, ...]):
    parsed = read_text(f"2024年要点\n1.医保改革。推进付费改革。{clauses}\n2.医改。抓紧推进。（市卫健委）\n")
    assert who(parsed)[0] == ((lead,), responsible)
    assert str(parsed.measures[0].deadline) == "2024-09-30"


def test_who_only_helps_does_not_lead():
    body = table(header("序号", "任务", "配合单位", "完成时限"), row("1", "甲", "市公安局", "2024年6月"))
    assert who(check(TITLE, body)) == [((), ("市公安局",))]
    parsed = read_text("2024年要点\n1.甲。抓紧。\n配合单位：市公安局\n2.乙。抓紧。\n责任单位：市司法局\n")
    assert who(parsed) == [((), ("市公安局",)), (("市司法局",), ())]
    assert len(told(parsed, "missing_lead")) == 1


def test_rows_below_the_name_of_an_agency_are_led_by_it():
    labels = header("序号", "任务", "要求", "时限")
    above = table(
        row(wide("市财政局", 4)), labels, row("1", "甲", "做甲", "2024年6月"), row(wide("市教育局", 4)), labels
    )
    (measure, *_) = check(TITLE, above, table(row("2", "乙", "做乙", "2024年9月"))).measures
    assert (measure.lead, measure.other) == (("市财政局",), (("小标题", "市财政局"),))
    tables = (
        para("市教育局"),
        table(labels, row("1", "甲", "做甲", "6月")),
        para("市民政局"),
        table(labels, duty4("2")),
    )
    parsed = check(TITLE, *tables)
    assert (who(parsed), parsed.title) == ([(("市教育局",), ()), (("市民政局",), ())], "某市2024年重点任务清单")


def duty4(no: str) -> str:
    return row(no, f"事{no}", "做。", "2024年9月")


def test_a_table_with_numbers_of_its_own_is_no_part_of_the_list_before_it():
    tasks = table(header("序号", "任务", "牵头单位", "时限"), row("1", "甲", "市财政局", "2024年6月"))
    contacts = table(header("序号", "单位", "姓名", "电话"), row("1", "市财政局", "张三", "138"))
    parsed = check(TITLE, tasks, para("联系人名单"), contacts)
    assert len(parsed.measures) == len(told(parsed, "table_not_read")) == 1


def test_headings_behind_the_last_table_are_named():
    tasks = table(header("序号", "任务", "牵头单位", "时限"), row("1", "甲", "市财政局", "2024年6月"))
    parsed = check(TITLE, tasks, para("一、工作要求"), para("各单位要加强领导。"))
    assert told(parsed, "paragraph_not_read") == ["一、工作要求", "各单位要加强领导。"]


def test_a_sub_heading_without_rows_is_named():
    labels = header("序号", "任务", "牵头单位", "时限")
    body = (row("1", "甲", "市财政局", "2024年6月"), row(wide("本表由市委改革办负责解释", 4)))
    parsed = check(TITLE, table(labels, row(wide("一、财税", 4)), *body))
    assert told(parsed, "paragraph_not_read") == ["本表由市委改革办负责解释"]


def test_cards_with_four_cells_in_a_row_are_tasks():
    def card(title: str, lead: str) -> str:
        return table(
            row("任务名称", wide(title, 3)),
            row("牵头单位", lead, "配合单位", ""),
            row("主要内容", wide("推进落实。", 3)),
            row("完成时限", wide("2024年10月", 3)),
        )

    parsed = check(TITLE, card("医保改革", "市医保局"), card("教育改革", "市教育局"))
    assert [(one.item_title, one.text, one.lead) for one in parsed.measures] == [
        ("医保改革", "推进落实。", ("市医保局",)),
        ("教育改革", "推进落实。", ("市教育局",)),
    ]


def test_a_group_on_a_line_of_its_own_is_no_part_of_the_name_above_it():
    assert parse_agencies("市统计局\n各县（市、区）").names == ("市统计局", "各县（市、区）")


def test_the_offices_of_all_counties_and_districts_are_one_group():
    assert parse_agencies("各县（市）、区委组织部").names == ("各县（市）、区委组织部",)
    assert parse_agencies("各乡镇、县财政局").names == ("各乡镇", "县财政局")


def test_what_is_to_be_done_is_no_agency():
    assert parse_agencies("推行全程网办").names == ()
    assert parse_agencies("优化营商环境工作专班、市优化办").names == ("优化营商环境工作专班", "市优化办")


def test_the_number_of_a_document_counts_by_its_last_figure():
    body = (row(f"督〔2024〕{no}号", f"事{no}", "市公安局", "2024年6月") for no in (1, 2))
    parsed = check(TITLE, table(header("编号", "督查事项", "承办单位", "办结时限"), *body))
    assert [one.item_no for one in parsed.measures] == [1, 2]


@pytest.mark.parametrize("label", ["责任分工", "责任单位", "责任落实", "牵头单位"])
def test_dates_among_the_agencies_are_deadlines_where_no_column_has_any(label: str):
    rows = (row("1", "甲", "做甲。", "市财政局（2024年6月底前）"), row("2", "乙", "做乙。", "市教育局"))
    first, second = check(TITLE, table(header("序号", "任务", "举措", label), *rows)).measures
    assert (first.lead, str(first.deadline)) == (("市财政局",), "2024-06-30")
    assert first.printed.other == ((label, "市财政局（2024年6月底前）"),)
    assert (second.lead, second.deadline) == (("市教育局",), None)


def test_a_legend_in_the_label_above_holds():
    labels = row(cell("序号", OPENS), cell("任务", OPENS), wide("责任单位（▲牵头 △配合）", 2), cell("时限", OPENS))
    below = row(cell("", ABOVE), cell("", ABOVE), "市发改委", "市财政局", cell("", ABOVE))
    rows = (row("1", "甲", "▲", "△", "2024年6月"), row("2", "乙", "△", "▲", "2024年9月"))
    parsed = check(TITLE, table(labels, below, *rows))
    assert who(parsed) == [(("市发改委",), ("市财政局",)), (("市财政局",), ("市发改委",))]


def test_marks_of_markdown_are_no_part_of_a_list_in_paragraphs():
    lines = ("# 某市2024年任务清单", "## 一、教育", "1. **建设学校。**新建2所。（市教育局牵头，2024年6月底前）")
    parsed = read_document("\n".join(lines).encode(), "清单.md")
    assert (parsed.title, [one.title for one in parsed.sections]) == ("某市2024年任务清单", ["教育"])
    assert [(one.item_title, one.text) for one in parsed.measures] == [("建设学校", "新建2所。")]


def test_two_stars_are_marks_of_agencies_where_nothing_is_markdown():
    parsed = read_document(
        "1.建设学校。（牵头单位：市教育局**、市住建局**，6月底前）\n2.乙。（市财政局牵头）".encode(), "清单"
    )
    assert "市教育局**、市住建局**" in parsed.measures[0].printed.text
