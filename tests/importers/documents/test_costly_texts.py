"""Texts made to keep a pattern busy: each is understood, or left to a person, at once.

Nothing here measures time. Before a rule could cope with its text the test did not come to an end.
"""

import pytest

from importers.documents.grammar.agencies import parse_agencies
from importers.documents.grammar.dates import in_figures
from importers.documents.grammar.deadlines import parse_deadline
from importers.documents.grammar.roles import parse_helpers_column, parse_lead_column, parse_roles
from importers.documents.grammar.text import chinese_to_int, parse_number
from importers.documents.grid import Paragraph
from importers.documents.layout.headings import is_contents_entry, is_note, leader_in, numbered_heading
from importers.documents.read import read_document
from importers.documents.readers.plain.text import read_text
from tests.importers.samples import check_rows, duty, header
from tests.importers.workbooks import check_sheets, listed, value
from tests.importers.workbooks import duty as sheet_duty

MANY = 100_000


@pytest.mark.parametrize("text", ["2022年" + "前完成" * 40 + "甲", "12月" + "和内" * 200 + "甲"])
def test_fillers_beside_a_date_are_left_out_in_one_go(text):
    assert str(parse_deadline(text, 2022).date) == "2022-12-31"


@pytest.mark.parametrize(
    "text", ["二" * MANY, "2022年" + "3、" * MANY, "已" * MANY + "，", "（" * MANY + "2022年12月", "每" * MANY]
)
def test_a_deadline_of_the_length_of_a_book_is_left_to_a_person(text):
    found = parse_deadline(text, 2022)
    assert (found.date, found.ongoing) == (None, False)
    assert [(problem.kind, problem.value) for problem in found.problems] == [("unparsed_deadline", text)]


@pytest.mark.parametrize("text", ["二〇" * MANY, "3、" * MANY, "一、" * MANY, "第1、" * MANY])
def test_numerals_without_a_date_stay_as_they_are(text):
    assert in_figures(text) == text


@pytest.mark.parametrize(
    "unit",
    [
        "甲 ",
        "（牵头",
        "牵头",
        "共同",
        "共同负责",
        "，",
        "，（",
        "（甲",
        "按职责",
        "等",
        "市财政局牵头",
        "分别",
        "各县、区、",
        "各县（区",
        "市局县",
        "（牵头）市",
        "①市财政局",
        "各委、",
        "市委、",
    ],
)
@pytest.mark.parametrize("parse", [parse_agencies, parse_lead_column, parse_helpers_column, parse_roles])
def test_agencies_without_end_come_to_an_end(parse, unit):
    assert parse(unit * 20_000 + "甲") is not None


def test_a_name_longer_than_a_name_can_be_is_left_to_a_person():
    found = parse_agencies("市" * 118 + "财政局、市商务局")
    assert (found.names, [problem.kind for problem in found.problems]) == (("市商务局",), ["agency_review"])


def test_a_thousand_names_on_lines_of_their_own_are_a_thousand_names():
    names = [f"第{number}管理局" for number in range(1000)]
    assert parse_agencies("\n".join(names)).names == tuple(names)


@pytest.mark.parametrize("digits", ["9" * 5000, "9" * 7, "千" * MANY, "九" * 7])
def test_a_number_of_thousands_of_digits_is_no_number(digits):
    assert parse_number(digits).value is None
    assert chinese_to_int(digits) is None
    heading = numbered_heading(f"第{digits}部分 准入", None)
    assert heading is not None
    assert heading.no is None


def test_a_row_numbered_with_thousands_of_digits_is_still_a_heading():
    parsed = check_rows(header(), duty("（" + "9" * 5000 + "）准入", "", "", "", "", ""), duty())
    assert [section.title for section in parsed.sections][-1] == "准入"
    assert len(parsed.measures) == 1


def test_white_space_without_end_is_neither_note_nor_contents():
    assert not is_note("注" + " " * MANY)
    assert not is_contents_entry("甲" + "\t" * MANY)
    assert is_contents_entry("甲" + "\t" * MANY + "7")
    assert leader_in("2" * MANY) == ""


def test_a_header_of_a_hundred_thousand_columns_is_looked_at_as_far_as_people_look():
    rows = (
        "序号,改革事项,具体举措,牵头单位,责任单位,完成时限"
        + ",责任单位" * MANY
        + "\n1,甲,乙,市财政局,,2022年6月底"
        + "," * MANY
    )
    assert [measure.text for measure in read_document(rows.encode(), "宽.csv").measures] == ["乙"]


def test_a_cell_of_a_novel_of_lines_is_one_cell():
    text = "\t序号\n\t事项\n\t举措\n\t牵头单位\n\t责任单位\n\t完成时限\n\n\t1\n\t甲\n\t乙" + "\n丙" * 300_000
    parsed = read_document((text + "\n\t市财政局\n\t\n\t2022年6月底\n").encode(), "长.txt")
    assert [len(measure.text) for measure in parsed.measures] == [600_001]


@pytest.mark.parametrize("text", ["\u3000" * MANY, "[bookmark: " * MANY])
def test_what_only_looks_like_the_beginning_of_a_bookmark_is_text(text):
    assert read_text(text).blocks == ((Paragraph(text.strip()),) if text.strip() else ())


@pytest.mark.parametrize(
    "line", ["|" * MANY, "**甲" * MANY, "-|" * MANY + "甲", " " * MANY + "|", "#" * MANY, "<br " * MANY]
)
def test_what_only_looks_like_markdown_without_end_is_text(line):
    assert read_text(f"# 甲\n|---|---|\n{line}").blocks[0] == Paragraph("甲")


@pytest.mark.parametrize("reference", ["-1", "inlineStr", "b4", "٣", "!", "AAAA1"])
def test_a_cell_whose_place_is_no_place_stands_beside_the_one_before(reference):
    row = sheet_duty(4, due=value(1, formula="1", kind="str")).replace('r="F4"', f'r="{reference}"')
    assert [measure.deadline_text for measure in check_sheets(listed(row)).measures] == [""]
    missing = sheet_duty(4, helps="市商务局").replace('r="B4"', f'r="{reference}"')
    assert [measure.item_title for measure in check_sheets(listed(missing)).measures] == ["事项"]


@pytest.mark.parametrize("unit", ["；", "（", "）", "甲（牵头单位：", "，6月", "1.", "牵头单位：甲局 ", "〔甲〕"])
def test_a_paragraph_without_end_is_read_or_refused(unit):
    text = f"2022年工作要点\n1.某事。（市财政局牵头）\n牵头单位：甲局{unit * 20_000}\n2.{unit * 20_000}（市财政局牵头）"
    assert read_document(text.encode(), "长.txt").outcome in ("ok_with_warnings", "rejected")


@pytest.mark.parametrize(
    "line", ["牵头单位：市财政局", "市财政局", "一、甲（市财政局牵头）\n1.乙", "1.甲（市财政局牵头）\n（1）乙"]
)
def test_lines_without_end_that_may_say_who_leads_are_read_or_refused(line):
    text = "2022年工作要点\n1.某事。\n" + f"{line}\n" * 8_000 + "2.某事。（市财政局牵头）"
    assert read_document(text.encode(), "长.txt").outcome in ("ok_with_warnings", "rejected")


def test_escaped_halves_of_characters_and_nul_do_not_get_into_a_list():
    parsed = check_sheets(listed(sheet_duty(4, text="甲_xD800_乙_x0000_丙_xFFFF_丁_x4E2D_")))
    assert [measure.text for measure in parsed.measures] == ["甲\ufffd乙\ufffd丙\ufffd丁中"]
    assert len(parsed.content_hash) == 64


@pytest.mark.parametrize(
    "unit",
    ["一、甲\n乙\n1.乙。\n（市财政局牵头）\n（一）丙\n", "1.甲（牵头单位：市财政局\n乙\n", "一、甲\n1.\n（牵头）\n"],
)
def test_short_paragraphs_without_end_come_to_an_end(unit):
    assert read_document((unit * 10_000).encode(), "a.txt").outcome
