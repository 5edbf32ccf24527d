"""What spreadsheets do, one thing at a time."""

import datetime as dt

import pytest

from importers.documents.grid import Cell, State
from importers.documents.read import read_document
from importers.documents.readers.sheets.numberformat import shown
from importers.documents.readers.sheets.sheetrows import SheetRows
from importers.documents.readers.sheets.workbook import Area, SheetContent
from tests.importers.samples import kinds
from tests.importers.workbooks import (
    HEADER,
    MAIN,
    TITLE,
    YEAR_MONTH_DAY,
    SheetXml,
    check_rows,
    check_sheets,
    duty,
    listed,
    row,
    top,
    value,
    workbook,
)

DAY = (dt.date(2022, 12, 31) - dt.date(1899, 12, 30)).days


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (DAY, 'yyyy"年"m"月"d"日"', "2022年12月31日"),
        (DAY, '[$-804]yyyy"年"m"月"d"日";@', "2022年12月31日"),
        (DAY, 'yyyy"年"m"月"', "2022年12月"),
        (DAY, 'yyyy"年"m"月底"', "2022年12月底"),
        (DAY, "yyyy/m/d", "2022/12/31"),
        (DAY, "yyyy-mm-dd hh:mm:ss", "2022-12-31"),
        (DAY + 0.5, "yyyy-mm-dd hh:mm", "2022-12-31 12:00"),
        (DAY, '[DBNum1][$-804]yyyy"年"m"月"d"日"', "二〇二二年十二月三十一日"),
        (DAY, "mm-dd-yy", "2022年12月31日"),
        (DAY, "d-mmm-yyyy", "2022年12月31日"),
        (DAY, "mmm-yy", "2022年12月"),
        (DAY, "m/d", "12月31日"),
        (0.5, "h:mm", "12:00"),
        (7, "General", "7"),
        (0.1 + 0.2, "General", "0.3"),
        (7, '0"*"', "7*"),
        (7, '"第"0"项"', "第7项"),
        (7, "000", "007"),
        (7.5, "0.00", "7.50"),
        (1234.5, "#,##0.0", "1,234.5"),
        (0.5, "0%", "50%"),
        (-7, "0_);[Red]\\(0\\)", "(7)"),
        (120000, "0.00E+00", "120000"),
        (-1, "yyyy/m/d", "-1"),
    ],
)
def test_a_number_is_read_as_it_is_displayed(number, code, text):
    assert shown(number, code) == text


def test_a_day_in_the_calendar_of_1904():
    assert shown(DAY - 1462, "yyyy/m/d", from_1904=True) == "2022/12/31"


def test_an_item_number_is_shown_without_a_fraction():
    parsed = check_rows(duty(4, value("7.0")), duty(5, value("8.0"), "乙事"), duty(6, "9*", "丙事"))
    assert [one.printed.number for one in parsed.measures] == ["7", "8", "9*"]
    assert parsed.outcome == "ok"


def test_a_merged_cell_is_that_above_and_a_blank_one_is_nobody():
    rows = (duty(4, helps="市司法局"), duty(5, None, None, "又一举措"), duty(6, "2", "乙事"))
    parsed = check_rows(*rows, merged=["A4:A5", "E4:E5"])
    assert [one.responsible for one in parsed.measures] == [("市司法局",), ("市司法局",), ()]
    assert [one.printed.merged for one in parsed.measures] == [(), ("number", "responsible"), ()]


def test_a_merged_block_is_one_wide_cell_that_goes_on_below():
    content = SheetContent(
        rows={1: {0: "甲", 1: "乙", 2: "旧", 3: "丙"}, 2: {0: "丁", 1: "旧", 3: "戊"}}, merged=[Area(1, 1, 2, 2)]
    )
    first, second = SheetRows(content)
    assert first.cells[1] == Cell("乙", "乙", State.VALUE, 1, 2)
    assert second.cells[1] == Cell("", "乙", State.MERGED, 1, 2)
    assert [one.text for one in second.cells] == ["丁", "", "戊"]


def test_text_left_inside_a_merged_area_does_not_count():
    parsed = check_rows(duty(4), duty(5, "99", "旧标题", "又一举措"), merged=["A4:A5", "B4:B5"])
    assert [(one.item_no, one.item_title, one.seq_in_item) for one in parsed.measures] == [
        (1, "事项", 1),
        (1, "事项", 2),
    ]


def test_a_merge_that_begins_in_a_hidden_row_is_shown_below_it():
    rows = (duty(4, attributes='hidden="1"'), duty(5, None, None, "又一举措"))
    parsed = check_rows(*rows, merged=["A4:A5", "B4:B5"])
    assert [(one.item_no, one.item_title, one.text) for one in parsed.measures] == [(1, "事项", "又一举措")]


def test_sections_need_not_be_merged():
    parsed = check_sheets(SheetXml("清单", top() + duty(4)))
    assert [(one.no, one.title) for one in parsed.sections] == [(1, "准入")]


def test_sections_without_a_number_may_stand_in_the_first_cell():
    rows = row(1, TITLE) + row(2, *HEADER) + row(3, "准入") + duty(4) + row(5, "要素") + duty(6, "2", "乙事")
    parsed = check_sheets(SheetXml("清单", rows))
    assert [one.section for one in parsed.measures] == ["准入", "要素"]


def test_a_signature_under_the_table_is_no_measure():
    parsed = check_rows(duty(4), row(6, "填表人：某某"))
    assert len(parsed.measures) == 1
    assert parsed.outcome == "ok"


def test_a_table_need_not_begin_in_the_first_column():
    cells = [row(1, None, None, TITLE), row(3, None, None, *HEADER), row(4, None, None, "一、准入")]
    parsed = check_sheets(SheetXml("清单", "".join(cells) + row(5, None, None, "1", "事项", "举措", "市财政局")))
    assert [(one.section, one.item_no, one.row) for one in parsed.measures] == [("准入", 1, 5)]


def test_one_table_keeps_the_row_numbers_of_its_sheet():
    cover = SheetXml("封面", row(1, "某市") + row(9, "改革材料"))
    parsed = check_sheets(cover, listed(duty(7), duty(20, "2", "乙事")))
    assert [one.row for one in parsed.measures] == [7, 20]


def test_a_list_without_a_title_is_called_by_its_tab():
    rows = row(1, *HEADER) + duty(2)
    assert check_sheets(SheetXml("二〇二二年改革清单", rows)).title == "二〇二二年改革清单"
    assert check_sheets(SheetXml("Sheet1", rows)).title == ""
    assert check_sheets(SheetXml("清单", rows)).title == ""


def test_sheets_may_be_sections():
    sheets = [SheetXml(name, row(1, *HEADER) + duty(2, n, f"事{n}")) for n, name in ((1, "一、准入"), (2, "二、要素"))]
    parsed = check_sheets(*sheets)
    assert [(one.section, one.item_no) for one in parsed.measures] == [("准入", 1), ("要素", 2)]


def test_hidden_rows_are_reported():
    parsed = check_rows(duty(4), duty(5, "2", "乙事", attributes='hidden="1"'))
    assert kinds(parsed) == ["hidden_rows"]
    assert "有1行被隐藏" in parsed.warnings[0].message


def test_an_error_is_read_as_blank_and_kept_as_printed():
    parsed = check_rows(duty(4, lead=value("#N/A", kind="e")))
    one = parsed.measures[0]
    assert (one.lead, one.printed.lead) == ((), "#N/A")
    assert kinds(parsed) == ["error_cell", "missing_lead"]


def test_a_formula_that_gives_nothing_has_been_calculated():
    parsed = check_rows(duty(4, helps='<c r="{r}" t="str"><f>""</f><v></v></c>'))
    assert parsed.measures[0].responsible == ()
    assert parsed.outcome == "ok"


@pytest.mark.parametrize("cell", ['<c r="{r}"><f>A4+1</f></c>', '<c r="{r}"><f>A4+1</f><v></v></c>'])
def test_a_formula_never_calculated_is_refused_by_name(cell):
    parsed = check_rows(duty(4), duty(5, cell, "乙事"))
    assert parsed.error is not None
    assert (parsed.error.kind, parsed.error.cell) == ("formula_without_value", "清单!A5")
    assert "工作表“清单”的单元格A5是公式" in parsed.error.message


def test_a_formula_that_is_not_shown_is_nobodys_business():
    uncalculated = '<c r="{r}"><f>A4+1</f></c>'
    rows = (duty(4), duty(5, uncalculated, None, "又一举措"), duty(6, uncalculated, attributes='hidden="1"'))
    parsed = check_rows(*rows, merged=["A4:A5", "B4:B5"])
    assert [one.text for one in parsed.measures] == ["举措", "又一举措"]


def test_a_far_away_cell_costs_nothing():
    far = row(1_048_576, None, None, None).replace("></row>", '><c r="XFD1048576"><v>1</v></c></row>')
    parsed = check_sheets(SheetXml("清单", top() + duty(4) + far, ("A1:XFD1",)))
    assert [one.row for one in parsed.measures] == [4]


def test_too_many_rows_are_refused():
    rows = "".join(f"<row><c><v>{number}</v></c><c><v>{number * 7919}</v></c></row>" for number in range(50_001))
    parsed = check_sheets(SheetXml("清单", rows))
    assert parsed.error is not None
    assert parsed.error.kind == "too_many_rows"


def test_a_text_that_is_not_there_is_corrupt():
    parsed = check_rows(duty(4, title=value(5, kind="s")))
    assert parsed.error is not None
    assert parsed.error.kind == "corrupt_file"


def test_a_workbook_without_sheets_has_no_table():
    parsed = read_document(workbook(), "空.xlsx")
    assert parsed.error is not None
    assert parsed.error.kind == "no_table"


def test_a_dtd_in_a_sheet_is_refused():
    data = workbook(SheetXml("清单", top()), strings="<si><t>甲</t></si>", namespace=MAIN + '"><!DOCTYPE a><x a="')
    parsed = read_document(data, "清单.xlsx")
    assert parsed.error is not None
    assert parsed.error.kind == "dtd_forbidden"


def test_days_may_be_written_out():
    parsed = check_rows(duty(4, due=value("2022-12-31T00:00:00", YEAR_MONTH_DAY, kind="d")))
    assert parsed.measures[0].deadline_text == "2022年12月31日"
