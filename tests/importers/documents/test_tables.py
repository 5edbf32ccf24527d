"""What real documents do to a table."""

import pytest

from importers.documents.schema import as_dict
from importers.documents.values import ParsedList
from tests.importers.samples import (
    ABOVE,
    HEADER,
    OPENS,
    STRICT,
    cell,
    check,
    check_rows,
    duty,
    header,
    kinds,
    numbering,
    para,
    row,
    run,
    styles,
    table,
    wide,
)


def test_a_merged_agency_is_that_above_and_a_blank_one_is_nobody():
    parsed = check_rows(
        row("1", "事项", "甲", "市财政局", cell("市司法局", OPENS), cell("2022年6月底", OPENS)),
        row("2", "事项二", "乙", "市财政局", cell("", ABOVE), cell("", ABOVE)),
        row("3", "事项三", "丙", "市财政局", "", ""),
    )
    assert [one.responsible for one in parsed.measures] == [("市司法局",), ("市司法局",), ()]
    assert [one.deadline_text for one in parsed.measures] == ["2022年6月底", "2022年6月底", ""]
    assert parsed.measures[1].printed.merged == ("responsible", "deadline")
    assert kinds(parsed) == ["missing_deadline"]


def test_text_left_inside_a_merged_away_cell_does_not_count():
    parsed = check_rows(
        row("1", cell("事项", OPENS), "甲", cell("市财政局", OPENS), "", "2022年6月底"),
        row("", cell("旧标题", ABOVE), "乙", cell("市公安局", ABOVE), "", "2022年6月底"),
    )
    second = parsed.measures[1]
    assert (second.item_no, second.item_title, second.lead, second.seq_in_item) == (
        1,
        "事项",
        ("市财政局",),
        2,
    )
    assert second.printed.title == ""


def test_a_merge_ends_where_a_cell_of_its_own_begins():
    parsed = check_rows(
        row("1", "事项", "甲", cell("市财政局", OPENS), "", "2022年6月底"),
        row("2", "事项二", "乙", "市公安局", "", "2022年6月底"),
        row("3", "事项三", "丙", cell("市司法局", ABOVE), "", "2022年6月底"),
    )
    assert [one.lead for one in parsed.measures] == [("市财政局",), ("市公安局",), ("市司法局",)]


def test_the_same_number_and_title_reopen_an_item():
    parsed = check_rows(duty("1*", "事项", "甲"), duty("2", "另一项", "乙"), duty("1*", "事项", "丙"))
    assert [(one.item_no, one.seq_in_item) for one in parsed.measures] == [(1, 1), (2, 1), (1, 2)]
    assert parsed.outcome == "ok"


def test_an_item_opens_again_under_any_of_its_titles():
    parsed = check_rows(duty("7*", "甲"), duty("", "乙"), duty("7*", "甲"), duty("7", "乙"))
    assert [(one.item_no, one.item_title, one.seq_in_item) for one in parsed.measures] == [
        (7, "甲", 1),
        (7, "乙", 2),
        (7, "甲", 3),
        (7, "乙", 4),
    ]
    assert parsed.outcome == "ok"


def test_the_same_number_with_another_title_is_left_to_a_person():
    parsed = check_rows(duty("1", "事项", "甲"), duty("1", "别的事项", "乙"))
    assert kinds(parsed) == ["duplicate_number"]
    assert [(one.item_title, one.seq_in_item) for one in parsed.measures] == [("事项", 1), ("别的事项", 1)]


def test_a_blank_number_with_a_new_title_stays_in_the_item():
    parsed = check_rows(duty("7*", "甲事", "甲"), duty("", "乙事", "乙"), duty("", "", "丙"))
    assert [(one.item_no, one.national, one.item_title, one.seq_in_item) for one in parsed.measures] == [
        (7, True, "甲事", 1),
        (7, True, "乙事", 2),
        (7, True, "乙事", 3),
    ]


def test_a_row_without_number_and_item_is_an_orphan():
    parsed = check_rows(duty("", "事项", "甲"))
    assert kinds(parsed) == ["orphan_continuation"]
    assert parsed.measures[0].item_no is None


def test_sections_may_be_paragraphs_between_tables():
    parsed = check(
        para("2022年改革清单"),
        para("一、准入"),
        table(header(), duty("1")),
        para("二、要素"),
        table(header(), duty("2", "事项二")),
    )
    assert [(one.no, one.title) for one in parsed.sections] == [(1, "准入"), (2, "要素")]
    assert [one.section for one in parsed.measures] == ["准入", "要素"]


def test_a_section_without_a_number_may_end_like_the_name_of_an_office():
    parsed = check(
        para("2022年改革清单"),
        para("优化市场准入"),
        table(header(), duty("1")),
        para("建设开放创新试验平台"),
        table(header(), duty("2", "事项二")),
        para("市发展和改革委员会"),
        table(header(), duty("3", "事项三")),
    )
    assert [one.section for one in parsed.measures] == ["优化市场准入", "建设开放创新试验平台", "建设开放创新试验平台"]


def test_a_section_may_stand_alone_in_the_column_of_titles():
    parsed = check(para("2022年改革清单"), table(header(), row("", "一、准入", "", "", "", ""), duty("1")))
    assert [(one.section, one.item_no) for one in parsed.measures] == [("准入", 1)]
    assert parsed.outcome == "ok"


def test_a_section_and_header_repeated_on_a_new_page_count_once():
    parsed = check_rows(duty("1"), header(), wide("一、准入（续）"), duty("2", "事项二"))
    assert [one.title for one in parsed.sections] == ["准入"]
    assert [one.item_no for one in parsed.measures] == [1, 2]
    assert parsed.measures[1].row == 6
    assert parsed.outcome == "ok"


def test_a_table_goes_on_after_a_page_without_its_header():
    parsed = check(
        para("2022年改革清单"),
        table(header(), wide("一、准入"), duty("1")),
        para(""),
        table(duty("", "", "续"), duty("2", "事项二")),
    )
    assert [(one.item_no, one.seq_in_item) for one in parsed.measures] == [(1, 1), (1, 2), (2, 1)]


def test_a_table_may_go_on_without_its_header_before_it_is_printed_again():
    parsed = check(
        para("2022年改革清单"),
        table(header(), wide("一、准入"), duty("1")),
        table(duty("", "", "续"), wide("二、要素"), duty("2", "事项二"), header(), duty("3", "事项三")),
    )
    assert [(one.section_no, one.item_no, one.seq_in_item) for one in parsed.measures] == [
        (1, 1, 1),
        (1, 1, 2),
        (2, 2, 1),
        (2, 3, 1),
    ]
    assert parsed.outcome == "ok"


def test_columns_may_be_renamed_reordered_and_added():
    parsed = check(
        para("2022年任务清单"),
        table(
            header("序号", "任务名称", "时间节点", "工作举措", "配合单位", "牵头部门", "备注"),
            wide("一、准入", 7),
            row("1", "事项", "2022年6月底", "举措", "市司法局", "市财政局", "无"),
        ),
    )
    one = parsed.measures[0]
    assert (one.item_title, one.text, one.lead, one.responsible) == (
        "事项",
        "举措",
        ("市财政局",),
        ("市司法局",),
    )
    assert one.deadline.isoformat() == "2022-06-30"
    assert parsed.outcome == "ok"


def test_a_duty_whose_words_read_like_labels_is_no_header():
    continued = ("", "企业注销改革", "公布事项清单", "市财政局牵头", "")
    parsed = check(
        para("2022年改革清单"),
        table(
            header("序号", "任务", "举措", "责任单位", "时限"),
            row("1", "企业开办改革", "一日办结", "市财政局", "2022年6月底"),
            row(*continued),
        ),
        table(row(*continued), row("2", "企业开办改革", "一日办结", "市财政局", "2022年6月底")),
    )
    assert [(one.item_no, one.seq_in_item) for one in parsed.measures] == [(1, 1), (1, 2), (1, 3), (2, 1)]


def test_the_column_of_numbers_may_have_no_label():
    for before in ((), ("类别",)):
        kind = ("准入",) * len(before)
        head, one, two = header(*before, "", *HEADER[1:]), row(*kind, "1*", "甲", "举措"), row(*kind, "2", "乙", "举措")
        parsed = check(para("2022年改革清单"), table(head, one, two))
        assert [(one.item_no, one.national, one.item_title) for one in parsed.measures] == [
            (1, True, "甲"),
            (2, False, "乙"),
        ]


def test_the_column_of_leads_may_follow_that_of_responsible_agencies():
    head = header("序号", "改革任务", "工作举措", "责任部门", "牵头责任单位", "时间节点")
    one = check(para("2022年改革清单"), table(head, duty(lead="市司法局", helps="市财政局"))).measures[0]
    assert (one.lead, one.responsible) == (("市财政局",), ("市司法局",))


def test_a_header_may_have_two_rows():
    parsed = check(
        para("2022年任务清单"),
        table(
            row(
                cell("序号", OPENS),
                cell("事项", OPENS),
                cell("举措", OPENS),
                cell("责任分工", '<w:gridSpan w:val="2"/>'),
                cell("完成时限", OPENS),
            ),
            row(cell("", ABOVE), cell("", ABOVE), cell("", ABOVE), "牵头单位", "配合单位", cell("", ABOVE)),
            wide("一、准入"),
            duty("1", "事项", "举措", "市财政局", "市司法局"),
        ),
    )
    assert parsed.measures[0].lead == ("市财政局",)
    assert parsed.measures[0].responsible == ("市司法局",)
    assert len(parsed.measures) == 1


def test_one_column_of_agencies_is_led_by_the_first_or_the_marked():
    parsed = check(
        para("2022年任务清单"),
        table(
            header("序号", "事项", "举措", "责任单位", "完成时限"),
            wide("一、准入", 5),
            row("1", "甲", "举措", "市财政局、市司法局", "2022年6月底"),
            row("2", "乙", "举措", "市财政局、市司法局（牵头）", "2022年6月底"),
            row("3", "丙", "举措", "市公安局牵头，市财政局、市司法局配合", "2022年6月底"),
        ),
    )
    assert [(one.lead, one.responsible) for one in parsed.measures] == [
        (("市财政局",), ("市司法局",)),
        (("市司法局",), ("市财政局",)),
        (("市公安局",), ("市财政局", "市司法局")),
    ]


def test_a_row_in_which_everybody_only_helps_has_no_lead():
    parsed = check(
        para("2022年任务清单"),
        table(
            header("序号", "事项", "举措", "责任单位", "完成时限"),
            wide("一、准入", 5),
            row("1", "甲", "举措", "市财政局、市司法局配合", "2022年6月底"),
        ),
    )
    assert parsed.measures[0].responsible == ("市财政局", "市司法局")
    problem = parsed.warnings[0]
    assert (problem.kind, problem.item_no, problem.row, problem.cell, problem.value) == (
        "missing_lead",
        1,
        3,
        "responsible",
        "市财政局、市司法局配合",
    )


def test_a_subheading_may_name_the_lead():
    parsed = check(
        para("2022年任务清单"),
        table(
            header("序号", "事项", "举措", "配合单位", "完成时限"),
            wide("一、准入", 5),
            wide("（一）市财政局牵头", 5),
            row("1", "甲", "举措", "市司法局", "2022年6月底"),
            wide("（二）市公安局牵头", 5),
            row("2", "乙", "举措", "", "2022年6月底"),
        ),
    )
    assert [(one.lead, one.responsible) for one in parsed.measures] == [
        (("市财政局",), ("市司法局",)),
        (("市公安局",), ()),
    ]


def test_cells_before_and_after_the_grid_are_counted():
    parsed = check_rows(
        duty("1", "事项", "甲"),
        row("乙", "市公安局", "", "2022年6月底", properties='<w:gridBefore w:val="2"/>'),
        row("2", "事项二", "丙", "市财政局", properties='<w:gridAfter w:val="2"/>'),
    )
    assert [(one.item_no, one.text, one.lead) for one in parsed.measures] == [
        (1, "甲", ("市财政局",)),
        (1, "乙", ("市公安局",)),
        (2, "丙", ("市财政局",)),
    ]
    assert parsed.measures[2].deadline is None
    assert "short_row" in kinds(parsed)


def test_rows_may_begin_a_little_further_right_than_the_header():
    beside = '<w:gridBefore w:val="1"/>'
    parsed = check(
        para("2022年改革清单"),
        table(
            row(cell("序号", '<w:gridSpan w:val="2"/>'), *HEADER[1:5], cell("完成时限", '<w:gridSpan w:val="2"/>')),
            row(cell("一、准入", '<w:gridSpan w:val="6"/>'), properties=beside + '<w:gridAfter w:val="1"/>'),
            row("1*", "事项", "举措", "市财政局", "", "2022年6月底", properties=beside),
            row("2", "事项二", "举措", "市司法局", "市财政局", "2022年6月底", properties=beside),
        ),
    )
    assert [(one.section, one.item_no, one.lead, one.responsible) for one in parsed.measures] == [
        ("准入", 1, ("市财政局",), ()),
        ("准入", 2, ("市司法局",), ("市财政局",)),
    ]
    assert parsed.outcome == "ok"


def test_cover_contents_and_other_tables_are_ignored():
    parsed = check(
        para("关于印发清单的通知"),
        table(row("密级", "内部"), row("期限", "一年")),
        para(run("一、准入") + "<w:r><w:tab/></w:r>" + run("3")),
        para("深圳市2022年改革事项清单"),
        table(header(), wide("一、准入"), duty("1")),
        para("注：标*的为国家事项"),
        table(row("联系人", "电话"), row("张三", "123")),
        para("抄送：各区政府"),
    )
    assert parsed.title == "深圳市2022年改革事项清单"
    assert parsed.notes == ("注：标*的为国家事项",)
    assert len(parsed.measures) == 1
    assert len(parsed.sections) == 1


def test_a_nested_table_is_not_mixed_in():
    inner = table(row("甲", "乙"), row("丙", "丁"))
    parsed = check_rows(
        row("1", "事项", cell(para("举措") + inner + para("")), "市财政局", "", "2022年6月底"),
        duty("2", "事项二"),
    )
    assert [one.text for one in parsed.measures] == ["举措", "举措"]
    assert parsed.measures[0].row < parsed.measures[1].row


def test_a_list_inside_a_layout_frame_is_found():
    inner = table(header(), wide("一、准入"), duty("1"))
    assert len(check(para("2022年清单"), table(row(cell(para("") + inner)))).measures) == 1


def test_content_controls_around_rows_cells_and_runs_are_read():
    def control(inside: str) -> str:
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{inside}</w:sdtContent></w:sdt>"

    parsed = check_rows(
        control(duty("1")),
        row("2", control(cell("事项二")), cell(para(control(run("举措")))), "市财政局", "", "2022年6月底"),
    )
    assert [(one.item_no, one.item_title, one.text) for one in parsed.measures] == [
        (1, "事项", "举措"),
        (2, "事项二", "举措"),
    ]


def test_a_placeholder_is_not_content():
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('请输入')}</w:sdtContent></w:sdt>"
    parsed = check_rows(row("1", "事项", "举措", "市财政局", cell(para(prompt)), "2022年6月底"))
    assert parsed.measures[0].printed.responsible == ""


def test_a_date_in_a_smart_tag_is_read():
    tag = '<w:smartTag w:uri="x" w:element="chsdate">' + run("2022") + run("年6月底") + "</w:smartTag>"
    parsed = check_rows(row("1", "事项", "举措", "市财政局", "", cell(para(tag))))
    assert parsed.measures[0].deadline.isoformat() == "2022-06-30"


def test_tracked_changes_are_read_as_accepted():
    old = '<w:del w:id="1"><w:r><w:delText>市公安局</w:delText></w:r></w:del>'
    new = f'<w:ins w:id="2">{run("市财政局")}</w:ins>'
    gone = row("9", "删去", "删去", "市财政局", "", "2022年6月底", properties='<w:del w:id="3"/>')
    parsed = check_rows(row("1", "事项", "举措", cell(para(old + new)), "", "2022年6月底"), gone, duty("2", "事项二"))
    assert [one.lead for one in parsed.measures] == [("市财政局",), ("市财政局",)]
    assert kinds(parsed) == ["tracked_changes_present"]


def test_a_deleted_paragraph_mark_joins_two_paragraphs():
    first = f'<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>{run("前")}</w:p>'
    parsed = check_rows(row("1", "事项", cell(first + para("后")), "市财政局", "", "2022年6月底"))
    assert parsed.measures[0].text == "前后"


def test_hidden_text_is_not_read_whether_hidden_directly_or_by_style():
    hidden = run("密", "<w:vanish/>") + run("显", '<w:vanish w:val="0"/>') + run("样", '<w:rStyle w:val="h"/>')
    parsed = check_rows(
        row("1", cell(para(hidden + run("事项"))), "举措", "市财政局", "", "2022年6月底"),
        styles=styles('<w:style w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>'),
    )
    assert parsed.measures[0].item_title == "显事项"


def test_one_branch_of_alternate_content_is_read():
    shape = '<mc:AlternateContent><mc:Choice Requires="wps">' + run("甲") + "</mc:Choice><mc:Fallback>" + run("甲")
    shape += "</mc:Fallback></mc:AlternateContent>"
    parsed = check_rows(row("1", cell(para(shape + run("事项"))), "举措", "市财政局", "", "2022年6月底"))
    assert parsed.measures[0].item_title == "甲事项"


def test_fields_show_their_result_only():
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    field = (
        mark("begin")
        + "<w:r><w:instrText>DATE</w:instrText></w:r>"
        + mark("separate")
        + run("2022年6月底")
        + mark("end")
    )
    parsed = check_rows(row("1", "事项", "举措", "市财政局", "", cell(para(field))))
    assert parsed.measures[0].deadline_text == "2022年6月底"


def test_a_mark_of_a_field_in_both_branches_counts_once():
    def in_branches(content: str) -> str:
        return (
            f'<mc:AlternateContent><mc:Choice Requires="wps">{content}</mc:Choice>'
            f"<mc:Fallback>{content}</mc:Fallback></mc:AlternateContent>"
        )

    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    field = in_branches(mark("begin")) + mark("separate") + run("2022年6月底") + mark("end")
    parsed = check_rows(row("1", "事项", "举措", "市财政局", "", cell(para(field))))
    assert parsed.measures[0].deadline_text == "2022年6月底"


def test_breaks_and_odd_spaces_do_not_change_a_title():
    title = run("开展\u200b“一照") + "<w:r><w:br/></w:r>" + run("多址”\u00a0") + run("改革\u3000")
    parsed = check_rows(
        row(
            cell(para(run("１") + "<w:r><w:tab/></w:r>" + run("＊"))),
            cell(para(title)),
            "举措",
            "市财政局",
            "",
            "2022年6月底",
        )
    )
    one = parsed.measures[0]
    assert (one.item_no, one.national, one.item_title) == (1, True, "开展“一照多址” 改革")
    assert one.printed.title == "开展\u200b“一照\n多址”\u00a0改革\u3000"


def test_no_break_hyphens_and_radicals_are_characters():
    text = run("5") + "<w:r><w:noBreakHyphen/></w:r>" + run("10年⼯作")
    parsed = check_rows(row("1", "事项", cell(para(text)), "市财政局", "", "2022年6月底"))
    assert parsed.measures[0].text == "5-10年工作"


NUMBERED = numbering(
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num>'
)


def test_automatic_numbers_in_the_paragraph_are_counted():
    auto = cell('<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="5"/></w:numPr></w:pPr></w:p>')
    starred = cell(f'<w:p><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr>{run("*")}</w:p>')
    parsed = check_rows(
        row(auto, "甲", "举措", "市财政局", "", "2022年6月底"),
        row(starred, "乙", "举措", "市财政局", "", "2022年6月底"),
        numbering=NUMBERED,
    )
    assert [(one.item_no, one.national) for one in parsed.measures] == [(1, False), (2, True)]


def test_automatic_numbers_in_a_style_are_counted():
    style = '<w:style w:styleId="n"><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr></w:style>'
    auto = cell('<w:p><w:pPr><w:pStyle w:val="n"/></w:pPr></w:p>')
    parsed = check_rows(
        row(auto, "甲", "举措", "市财政局", "", "2022年6月底"),
        row(auto, "乙", "举措", "市财政局", "", "2022年6月底"),
        numbering=NUMBERED,
        styles=styles(style),
    )
    assert [one.item_no for one in parsed.measures] == [1, 2]


def test_an_automatic_number_in_a_merged_away_cell_does_not_count():
    auto = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="5"/></w:numPr></w:pPr></w:p>'
    parsed = check_rows(
        row(cell(auto, OPENS), "甲", "举措", "市财政局", "", "2022年6月底"),
        row(cell(auto, ABOVE), "", "另一条", "市财政局", "", "2022年6月底"),
        row(cell(auto), "乙", "举措", "市财政局", "", "2022年6月底"),
        numbering=NUMBERED,
    )
    assert [(one.item_no, one.seq_in_item) for one in parsed.measures] == [(1, 1), (1, 2), (2, 1)]
    assert parsed.outcome == "ok"


def test_strict_documents_are_read_like_others():
    usual, strict = check_rows(duty("1*")), check_rows(duty("1*"), namespace=STRICT)
    assert as_dict(usual) == as_dict(strict)
    assert len(strict.measures) == 1


def test_another_list_in_the_same_file_is_named_and_not_mixed_in():
    parsed = check(
        para("甲清单"),
        table(header(), wide("一、准入"), duty("1"), duty("2", "事项二")),
        para("乙清单"),
        table(header(), wide("一、其他"), duty("1", "别的")),
    )
    assert parsed.title == "甲清单"
    assert len(parsed.measures) == 2
    assert kinds(parsed) == ["several_lists"]


def test_a_title_may_stand_behind_the_word_for_an_attachment():
    for line in ("附件：郑州市2022年改革任务清单", "附件2 郑州市2022年改革任务清单"):
        assert check(para(line), table(header(), duty())).title == "郑州市2022年改革任务清单"
    own = check(para("附件：1.改革任务清单"), para("郑州市改革任务清单"), table(header(), duty()))
    assert own.title == "郑州市改革任务清单"


def test_the_year_may_stand_in_a_row_above_the_header():
    parsed = check(table(wide("重点工作任务分解表"), wide("（2022年）"), header(), wide("一、准入"), duty(due="6月底")))
    assert parsed.title == "重点工作任务分解表（2022年）"
    assert [str(one.deadline) for one in parsed.measures] == ["2022-06-30"]
    assert kinds(parsed) == ["year_inferred"]


def test_the_year_may_stand_in_the_header():
    parsed = check(
        para("任务清单"), table(header(*HEADER[:5], "完成时限（2022年）"), wide("一、准入"), duty(due="6月底"))
    )
    assert [str(one.deadline) for one in parsed.measures] == ["2022-06-30"]
    assert kinds(parsed) == ["year_inferred"]


def test_gaps_and_order_of_numbers_are_reported():
    parsed = check_rows(duty("1"), duty("4", "四"), duty("2", "二"))
    assert kinds(parsed) == ["number_gap", "number_order"]
    assert "缺第3项" in parsed.warnings[0].message


def test_a_missing_column_is_reported():
    parsed = check(
        para("2022年清单"),
        table(header(*HEADER[:5]), wide("一、准入", 5), row("1", "事项", "举措", "市财政局", "")),
    )
    assert [(one.kind, one.cell) for one in parsed.warnings] == [("missing_column", "deadline")]


def test_a_warning_says_where_and_what_to_do():
    parsed = check_rows(duty("42", due="力争年内"))
    assert parsed.warnings[0].message == (
        "第42项（第3行）完成时限“力争年内”无法识别，原文已保留。请填写日期或选“持续巩固”；确认前不计逾期、不发提醒。"
    )


def flat(*rows: tuple[str, str, str, str]) -> ParsedList:
    """A sheet with a column of sections and the number on every row."""
    labels = ("序号", "任务类别", "改革事项", "具体举措", "牵头单位", "完成时限")
    return check(
        para("2022年改革清单"), table(header(*labels), *(row(*one, "市财政局", "2022年6月底") for one in rows))
    )


def test_a_sheet_that_repeats_the_number_on_each_row_has_one_item_for_it_also_under_different_titles():
    parsed = flat(
        ("1", "准入", "甲", "举措一"),
        ("1", "准入", "甲", "举措二"),
        ("2", "准入", "乙", "举措三"),
        ("2", "准入", "乙的另一面", "举措四"),
        ("3", "准入", "丙", "举措五"),
        ("3", "准入", "丁", "举措六"),
    )
    assert [(one.item_no, one.seq_in_item, one.item_title) for one in parsed.measures][2:] == [
        (2, 1, "乙"),
        (2, 2, "乙的另一面"),
        (3, 1, "丙"),
        (3, 2, "丁"),
    ]
    assert kinds(parsed) == ["duplicate_number"]
    assert "按同一事项的不同举措计；这样的共2处" in parsed.warnings[0].message


def test_a_number_that_is_repeated_under_another_title_alone_is_a_slip():
    parsed = flat(("1", "准入", "甲", "举措一"), ("2", "准入", "乙", "举措二"), ("2", "准入", "丙", "举措三"))
    assert [one.seq_in_item for one in parsed.measures] == [1, 1, 1]
    assert "未合并" in parsed.warnings[0].message


_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> SEQ 序号 </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)


@pytest.mark.parametrize(
    ("shown", "mark"),
    [
        (_FIELD, "〔域〕"),
        ('<w:fldSimple w:instr="SEQ a"/>', "〔域〕"),
        ("<w:r><w:drawing/></w:r>", "〔图片〕"),
        ("<w:r><w:pict/></w:r>", "〔图片〕"),
    ],
)
def test_a_number_that_cannot_be_read_is_named_and_not_the_item_above(shown, mark):
    parsed = check_rows(duty("1", "甲"), row(cell(f"<w:p>{shown}</w:p>"), "乙", "举措", "市财政局", "", "2022年6月底"))
    assert [one.item_no for one in parsed.measures] == [1, None]
    assert [(problem.kind, problem.value) for problem in parsed.warnings] == [("number_order", mark)]


def test_a_picture_beside_a_number_is_no_doubt():
    number = f"<w:p><w:r><w:drawing/></w:r>{run('2')}</w:p>"
    parsed = check_rows(duty("1", "甲"), row(cell(number), "乙", "举措", "市财政局", "", "2022年6月底"))
    assert ([one.item_no for one in parsed.measures], parsed.warnings) == ([1, 2], ())
