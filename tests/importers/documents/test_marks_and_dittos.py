"""Cells that say something only beside others: 同上, a mark with its legend, one column for who and when."""

import pytest

from importers.documents.layout.given import GivenColumns
from importers.documents.read import read_document
from importers.documents.values import ParsedList
from importers.documents.writers import write_csv, write_docx, write_xlsx
from tests.importers.samples import cell, check, document, duty, header, package, para, row, table, wide

TITLE = para("某市2023年改革任务清单")


def told(parsed: ParsedList, kind: str) -> list[str]:
    return [problem.value or "" for problem in parsed.warnings if problem.kind == kind]


def read(text: str) -> ParsedList:
    return read_document(text.encode(), "清单.txt")


@pytest.mark.parametrize(
    "printed", ["同上", " 同　上 ", "（同上）", "同前", "同上。", "〃", "″", "—〃—", "--〃--", "“", '"']
)
def test_a_cell_that_says_it_is_like_the_one_above_is_read_as_that_one(printed: str):
    like = row("2", "乙", "推进乙。", printed, printed, printed)
    parsed = check(TITLE, table(header(), duty("1", helps="市税务局"), like))
    _, measure = parsed.measures
    assert (measure.lead, measure.responsible, str(measure.deadline)) == (("市财政局",), ("市税务局",), "2022-06-30")
    assert measure.printed.lead == measure.printed.deadline == printed
    assert told(parsed, "same_as_above") == [printed.strip()]
    assert not told(parsed, "agency_review")


def test_it_means_the_last_row_of_the_table_before_where_a_page_ends_between():
    parsed = check(TITLE, table(header(), duty("1")), table(header(), row("2", "乙", "推进。", "同上", "", "同上")))
    assert (parsed.measures[1].lead, str(parsed.measures[1].deadline)) == (("市财政局",), "2022-06-30")


def test_where_nothing_stands_above_it_is_named_and_makes_no_agency():
    parsed = check(TITLE, table(header(), row("1", "同上", "推进。", "同上", "", "同上"), duty("2")))
    assert parsed.measures[0].lead == ()
    assert [told(parsed, kind) for kind in ("error_cell", "agency_review", "unparsed_deadline")] == [["同上"]] * 3


def test_sections_titles_and_numbers_go_on_as_well():
    parsed = read(
        "2023年清单\n序号\t类别\t事项\t举措\t牵头单位\t完成时限\n1\t经济\t甲\t做一。\t市财政局\t6月底\n"
        "同上\t同上\t同上\t做二。\t市教育局\t9月底\n2\t〃\t乙\t做三。\t同上\t〃\n"
    )
    assert [(one.section, one.item_no, one.seq_in_item, one.item_title) for one in parsed.measures] == [
        ("经济", 1, 1, "甲"),
        ("经济", 1, 2, "甲"),
        ("经济", 2, 1, "乙"),
    ]


def test_a_line_below_a_task_in_paragraphs_may_say_it_too():
    parsed = read(
        "2023年要点\n1.建设甲。\n牵头单位：市财政局\n完成时限：6月底\n2.建设乙。\n牵头单位：同上\n完成时限：同上\n"
    )
    assert [(one.lead, str(one.deadline)) for one in parsed.measures] == [(("市财政局",), "2023-06-30")] * 2


@pytest.mark.parametrize("printed", ["同第1项", "市教育局、同上", "下同"])
def test_what_points_elsewhere_goes_to_a_person(printed: str):
    parsed = check(TITLE, table(header(), duty("1"), row("2", "乙", "推进。", "市财政局", printed, "2023年6月")))
    assert told(parsed, "agency_review") == [printed.removeprefix("市教育局、")]


@pytest.mark.parametrize(
    "label",
    [
        "责任单位及完成时限",
        "责任分工和时限",
        "责任单位\n（完成时限）",
        "完成时限/责任单位",
        "责任单位完成时限",
        "责任单位、责任人及完成时限",
    ],
)
@pytest.mark.parametrize(
    ("printed", "lead", "deadline"),
    [
        ("市财政局牵头，市税务局配合，2023年6月底前完成", "市财政局", "2023-06-30"),
        ("市财政局 2023年 9月", "市财政局", "2023-09-30"),
        ("2023年9月，市财政局", "市财政局", "2023-09-30"),
        ("市财政局（市国资委）2023年6月底前完成", "市财政局（市国资委）", "2023-06-30"),
        ("牵头单位：市财政局；完成时限：9月", "市财政局", "2023-09-30"),
        ("市财政局/2023年9月", "市财政局", "2023-09-30"),
        ("市财政局/2023/9/30", "市财政局", "2023-09-30"),
    ],
)
def test_agencies_and_deadline_in_one_column_are_both_read(label: str, printed: str, lead: str, deadline: str):
    parsed = check(TITLE, table(header("序号", "事项", "举措", label), row("1", "甲", "推进甲。", printed)))
    (measure,) = parsed.measures
    assert (measure.lead, str(measure.deadline)) == ((lead,), deadline)
    assert "missing_column" not in [one.kind for one in parsed.warnings]


@pytest.mark.parametrize(
    "printed",
    [
        "市教育局（2022年6月底前）",
        "市教育局；2022年6月",
        "市教育局负责，2022年6月底前完成",
        "市教育局/2022年9月",
        "市教育局",
        "2022年9月",
    ],
)
@pytest.mark.parametrize("label", ["责任单位及完成时限", "责任单位完成时限", "牵头单位（时限）"])
def test_a_cell_for_agencies_and_deadline_is_kept_whole_under_its_label(label: str, printed: str):
    parsed = check(TITLE, table(header("序号", "事项", "举措", label), row("1", "甲", "推进甲。", printed)))
    (measure,) = parsed.measures
    assert measure.printed.other == ((label.replace("（", "(").replace("）", ")"), printed),)
    assert measure.other == ()
    for write in (write_docx, write_xlsx, write_csv):
        again = read_document(write(parsed), "清单")
        assert [one.printed.other for one in again.measures] == [measure.printed.other]
        assert again.content_hash == parsed.content_hash
        assert not told(again, "column_not_read")


def test_a_cell_across_agencies_and_deadline_is_kept_whole_under_both_labels():
    across = cell("市财政局，2023年6月底前", '<w:gridSpan w:val="2"/>')
    labels = header("序号", "事项", "举措", "责任单位", "完成时限")
    first = row("1", "甲", "推进甲。", "市教育局", "2023年6月")
    parsed = check(TITLE, table(labels, first, row("2", "乙", "推进乙。", across)))
    assert [one.printed.other for one in parsed.measures] == [(), (("责任单位、完成时限", "市财政局，2023年6月底前"),)]


def test_what_is_like_the_cell_above_is_kept_as_printed_in_columns_without_a_role_too():
    labels = ("序号", "事项", "举措", "牵头单位", "完成时限", "备注")
    rows = (row("1", "甲", "做。", "市财政局", "6月", "注意"), row("2", "乙", "做。", "同上", "同上", "同上"))
    (_, measure) = check(TITLE, table(header(*labels), *rows)).measures
    assert (measure.other, measure.printed.other) == ((("备注", "注意"),), (("备注", "同上"),))


def test_paragraphs_of_a_task_are_kept_whole():
    parsed = read(
        "2023年要点\n1.建设甲：抓紧开工。（市财政局2023年9月底前完成）\n2.建设乙。加快。\n主办单位：市教育局；完成时限：9月\n"
        "联系人：张三\n联系人：李四\n（1）细目。（市水务局）\n"
    )
    assert [dict(one.printed.other)["原文段落"] for one in parsed.measures] == [
        "1.建设甲：抓紧开工。（市财政局2023年9月底前完成）",
        "2.建设乙。加快。\n主办单位：市教育局；完成时限：9月\n联系人：张三\n联系人：李四",
        "（1）细目。（市水务局）",
    ]
    assert parsed.measures[1].other == (("联系人", "张三\n李四"),)
    again = read_document(write_docx(parsed), "清单", 2023)
    assert again.content_hash == parsed.content_hash
    assert [dict(one.printed.other) for one in again.measures] == [dict(one.printed.other) for one in parsed.measures]


def test_a_date_alone_under_the_leads_leaves_those_beside_responsible():
    labels = ("序号", "事项", "举措", "牵头单位及时限", "配合单位")
    parsed = check(TITLE, table(header(*labels), row("1", "甲", "推进甲。", "2023年9月", "市税务局、市教育局")))
    assert (parsed.measures[0].lead, parsed.measures[0].responsible) == ((), ("市税务局", "市教育局"))
    assert told(parsed, "missing_lead") == [""]


def test_agencies_and_dates_below_one_label_may_have_a_column_each():
    label = cell("责任单位及完成时限", '<w:gridSpan w:val="2"/>')
    rows = [row(str(no), f"甲{no}", "推进甲。", "市财政局", f"2023年{no}月") for no in (1, 2, 3)]
    parsed = check(TITLE, table(row("序号", "事项", "举措", label), *rows))
    assert [(one.lead, str(one.deadline)) for one in parsed.measures][-1] == (("市财政局",), "2023-03-31")
    assert not told(parsed, "agency_review")


@pytest.mark.parametrize("label", ["工作措施及完成时限", "目标任务和时限"])
def test_measures_and_time_under_one_label_are_the_text_with_its_date(label: str):
    labels = ("序号", "事项名称", label, "责任单位")
    parsed = check(TITLE, table(header(*labels), row("1", "甲", "推进甲。（2023年9月底前完成）", "市税务局")))
    assert [(one.text, str(one.deadline)) for one in parsed.measures] == [("推进甲。", "2023-09-30")]


@pytest.mark.parametrize("label", ["任务完成时限", "完成时限及要求", "时间进度安排", "整改时限（年月）"])
def test_a_label_that_only_says_when_stays_one_of_deadlines(label: str):
    labels = ("序号", "事项", "举措", "责任单位", label)
    parsed = check(TITLE, table(header(*labels), row("1", "甲", "推进甲。", "市财政局", "2023年9月")))
    assert str(parsed.measures[0].deadline) == "2023-09-30"


@pytest.mark.parametrize("line", ["责任单位及时限：市财政局，2023年9月底前", "责任单位：市财政局 完成时限：2023年9月"])
def test_agencies_and_date_on_one_line_below_a_task_are_both_read(line: str):
    parsed = read(f"2023年要点\n1.建设甲。\n{line}\n2.建设乙。\n{line}\n")
    assert [(one.lead, str(one.deadline)) for one in parsed.measures] == [(("市财政局",), "2023-09-30")] * 2


def test_a_date_that_an_agency_runs_into_is_cut_off_in_brackets_too():
    parsed = read("2023年要点\n1.建设甲。抓紧开工。（市财政局2023年9月底前完成）\n2.建设乙。（市教育局，9月）\n")
    assert [(one.lead, one.deadline_text) for one in parsed.measures] == [
        (("市财政局",), "2023年9月底前完成"),
        (("市教育局",), "9月"),
    ]


def _of_agencies(printed: str, *notes: str, label: str = "责任单位", before: tuple[str, ...] = ()) -> ParsedList:
    body = table(header("序号", "事项", "举措", label, "完成时限"), row("1", "甲", "推进甲。", printed, "2023年6月"))
    return check(TITLE, *map(para, before), body, *map(para, notes))


@pytest.mark.parametrize(
    "note",
    [
        "注：标*的为牵头单位。",
        "注：1.带*号的单位为牵头单位",
        "备注：责任单位中标注“*”者为牵头单位",
        "标＊为牵头单位",
        "（牵头单位用*表示）",
    ],
)
@pytest.mark.parametrize(
    "printed", ["市财政局、市审计局*", "市财政局、*市审计局", "市财政局、市审计局（＊）", "市财政局\n* 市审计局"]
)
def test_who_carries_the_mark_leads_where_a_note_says_so(note: str, printed: str):
    parsed = _of_agencies(printed, note)
    (measure,) = parsed.measures
    assert (measure.lead, measure.responsible) == (("市审计局",), ("市财政局",))
    assert [one.kind for one in parsed.warnings] == ["no_section"]


@pytest.mark.parametrize("before", ["（▲为牵头单位，△为配合单位）", "▲牵头、△配合", "▲：牵头单位；△：责任单位"])
def test_a_legend_above_the_table_tells_both_marks(before: str):
    (measure,) = _of_agencies("△市财政局 ▲市审计局 △市教育局", before=(before,)).measures
    assert (measure.lead, measure.responsible) == (("市审计局",), ("市财政局", "市教育局"))


@pytest.mark.parametrize(
    "note",
    [
        "责任单位中排在第一位的为牵头单位",
        "注：首个单位为牵头单位，其他为配合单位",
        "说明：各项任务排名第一的责任单位为牵头单位",
        "注：责任单位列首位的牵头负责",
        "备注：牵头单位排在首位",
    ],
)
def test_who_leads_is_not_asked_where_a_note_says_it_is_the_first(note: str):
    parsed = _of_agencies("市财政局、市审计局", note)
    assert (parsed.measures[0].lead, parsed.notes) == (("市财政局",), (note,))
    assert [one.kind for one in parsed.warnings] == ["no_section"]


@pytest.mark.parametrize(
    "note", ["注：加粗的为牵头单位", "注：第一批改革任务由市委改革办牵头推进", "注：标*的为国家级事项"]
)
def test_other_notes_leave_the_question_who_leads(note: str):
    assert "列第一位的为牵头单位" in "".join(one.message for one in _of_agencies("市财政局、市审计局", note).warnings)


def test_a_mark_that_nothing_explains_is_no_part_of_a_name():
    parsed = _of_agencies("市财政局（*）、市审计局")
    assert (parsed.measures[0].lead, told(parsed, "agency_review")) == ((), ["市财政局（*）"])


def _by_level(*labels: str) -> ParsedList:
    body = row("1", "甲", "省财政厅", "市财政局、市审计局", "各县区", "2023年6月")
    return check(TITLE, table(header("序号", "任务", *labels, "完成时限"), body))


@pytest.mark.parametrize(
    "labels", [("省级责任单位", "市级责任单位", "县级责任单位"), ("省级", "市直部门", "县（市、区）")]
)
def test_agencies_of_several_levels_are_all_responsible_and_who_leads_is_asked(labels: tuple[str, ...]):
    parsed = _by_level(*labels)
    (measure,) = parsed.measures
    assert (measure.lead, measure.responsible) == ((), ("省财政厅", "市财政局", "市审计局", "各县区"))
    assert len(told(parsed, "columns_joined")) == 1
    assert [one.rows for one in parsed.warnings if one.cell == "lead"] == [(2,)]


def test_leads_of_two_levels_lead_together():
    (measure,) = _by_level("省级牵头单位", "市级牵头单位", "县级责任单位").measures
    assert (measure.lead, measure.responsible) == (("省财政厅", "市财政局", "市审计局"), ("各县区",))


def test_amounts_below_levels_of_government_are_no_agencies():
    body = row("1", "甲", "市财政局", "100万元", "20", "2023年6月")
    parsed = check(TITLE, table(header("序号", "任务", "责任单位", "省级", "市级", "完成时限"), body))
    assert (parsed.measures[0].lead, told(parsed, "column_not_read")) == (("市财政局",), ["省级", "市级"])


def _matrix(cells: tuple[str, str, str], *notes: str, labels: tuple[str, ...] = ("市发改委", "市教育局", "各县区")):
    return check(TITLE, table(header("序号", "任务", *labels), row("1", "甲", *cells)), *map(para, notes))


@pytest.mark.parametrize(
    ("cells", "notes"),
    [
        (("●", "○", "○"), ("注：●牵头 ○配合",)),
        (("▲", "△", "△"), ("▲为牵头单位，△为责任单位。",)),
        (("★", "☆", "☆"), ("说明：牵头单位用“★”表示，配合单位用“☆”表示",)),
        (("★", "✓", "√"), ("注：★表示牵头；√表示配合",)),
        (("牵头", "配合", "协办"), ()),
        (("主", "配", "配"), ()),
    ],
)
def test_marks_below_the_names_of_agencies_are_read_by_their_legend(
    cells: tuple[str, str, str], notes: tuple[str, ...]
):
    parsed = _matrix(cells, *notes)
    (measure,) = parsed.measures
    assert (measure.lead, measure.responsible) == (("市发改委",), ("市教育局", "各县区"))
    assert not told(parsed, "column_not_read")


@pytest.mark.parametrize("labels", [("市发改委", "重点项目办", "各县区"), ("改革办", "项目中心", "工作专班")])
def test_marks_without_a_legend_are_named_once_with_their_columns(labels: tuple[str, ...]):
    parsed = _matrix(("√", "√", ""), labels=labels)
    (measure,) = parsed.measures
    assert (measure.text, measure.lead, measure.responsible) == ("甲", (), ())
    assert measure.other == ((labels[0], "√"), (labels[1], "√"))
    (told_once,) = [one for one in parsed.warnings if one.kind == "column_not_read"]
    assert all(label in told_once.message for label in labels[:2])
    assert "2个单元格（√×2）" in told_once.message


def _matrix_said(said: str, *rows: tuple[str, ...]) -> ParsedList:
    labels = ("市发改委", "市教育局", "各县区")
    body = table(
        header("序号", "任务", *labels), *(row(str(no), f"事{no}", *cells) for no, cells in enumerate(rows, 1))
    )
    return read_document(package(document(TITLE, body)), "清单.docx", given=GivenColumns.of_text(said))


def test_marks_that_nothing_explains_are_read_as_a_person_says():
    parsed = _matrix_said("●=牵头,○=配合,√=不导入", ("●", "○", "√"), ("", "●", "✓"))
    assert [(one.lead, one.responsible) for one in parsed.measures] == [
        (("市发改委",), ("市教育局",)),
        (("市教育局",), ()),
    ]
    assert not told(parsed, "column_not_read")


def test_of_marks_none_of_which_says_who_leads_a_single_one_leads_and_of_several_it_is_asked():
    parsed = _matrix_said("√=责任", ("√", "", ""), ("√", "√", ""))
    assert [(one.lead, one.responsible) for one in parsed.measures] == [
        (("市发改委",), ()),
        (("市发改委",), ("市教育局",)),
    ]
    assert [one.rows for one in parsed.warnings if one.cell == "lead"] == [(3,)]


def test_who_only_helps_by_the_marks_never_leads():
    parsed = _matrix_said("√=配合", ("√", "", ""), ("", "√", ""))
    assert (parsed.measures[0].lead, parsed.measures[0].responsible) == ((), ("市发改委",))
    assert told(parsed, "missing_lead")


@pytest.mark.parametrize("ditto", ["〃", "同上", "—〃—"])
def test_a_mark_like_the_one_above_leaves_the_matrix_read(ditto: str):
    labels = ("市发改委", "市教育局", "各县区")
    rows = (row("1", "甲", "●", "○", ""), row("2", "乙", ditto, "", "○"))
    parsed = check(TITLE, table(header("序号", "任务", *labels), *rows), para("注：●牵头 ○配合"))
    assert [(one.lead, one.responsible) for one in parsed.measures][1] == (("市发改委",), ("各县区",))
    assert parsed.measures[1].printed.other == (("市发改委", ditto), ("各县区", "○"))
    assert told(parsed, "same_as_above") == [ditto]


def test_a_mark_that_the_legend_leaves_out_is_named():
    parsed = _matrix(("●", "○", "○"), "注：●为牵头单位")
    assert (parsed.measures[0].lead, "2个单元格（○×2）" in parsed.warnings[0].message) == (("市发改委",), False)
    assert any("2个单元格（○×2）" in one.message for one in parsed.warnings)


def test_columns_of_marks_may_be_said_to_hold_those_who_are_responsible():
    data = package(document(TITLE, table(header("序号", "任务", "市发改委", "各县区"), row("1", "甲", "√", "√"))))
    given = GivenColumns.of_text("序号=1,事项=2,牵头=3,责任=4")
    (measure,) = read_document(data, "清单.docx", given=given).measures
    assert (measure.lead, measure.responsible) == (("市发改委",), ("各县区",))


@pytest.mark.parametrize(
    "printed",
    ["◆落实惠企政策", "★压实责任", "◆市发展改革委牵头任务", "■参与国际合作", "●责任落实", "▲主办重大会展活动"],
)
def test_a_sign_in_front_of_a_heading_explains_no_mark(printed: str):
    parsed = check(TITLE, table(header(), wide(printed), duty("1"), duty("2")))
    assert [measure.section for measure in parsed.measures] == [printed] * 2


@pytest.mark.parametrize(
    "note",
    [
        "●牵头 ○配合",
        "标●的为牵头单位",
        "带●号的为牵头单位",
        "●表示由该单位牵头",
        "带“●”号的单位为牵头单位",
        "●表示牵头，○表示配合",
        "牵头单位用●表示，配合单位用○表示",
        "●：牵头单位；○：责任单位",
        "牵头（●）、配合（○）",
        "●代表主办部门",
    ],
)
def test_a_line_that_explains_marks_is_a_note_and_no_section(note: str):
    marked = row("1", "甲", "推进甲。", "", "市财政局●、市税务局", "2022-06-30")
    parsed = check(TITLE, table(header(), marked, wide(note), duty("2")))
    first, last = parsed.measures
    assert (first.lead, first.responsible, last.section) == (("市财政局",), ("市税务局",), "")


def test_several_marks_in_columns_said_to_hold_who_leads_are_told():
    rows = (row("1", "甲", "★", "○"), row("2", "乙", "○", "○"))
    data = package(document(TITLE, table(header("序号", "任务", "市发改委", "各县区"), *rows)))
    parsed = read_document(data, "清单.docx", given=GivenColumns.of_text("序号=1,事项=2,牵头=3,责任=4"))
    assert [measure.lead for measure in parsed.measures] == [("市发改委",), ("市发改委",)]
    (warned,) = [one for one in parsed.warnings if one.kind == "columns_joined"]
    assert "指定为“牵头单位”的各列以单位为列名，其中有2种符号（★×1 / ○×1）" in warned.message
