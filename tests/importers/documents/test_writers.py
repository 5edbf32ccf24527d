"""A list written as a file says the same when it is read again."""

import csv
import io
from dataclasses import replace
from itertools import pairwise, zip_longest

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from importers.documents.grammar.text import parse_number
from importers.documents.read import check_file, read_document
from importers.documents.values import ParsedList, ParsedMeasure, measure_as_dict
from importers.documents.writers import write_csv, write_docx, write_xlsx
from importers.documents.writers.rows import DutyRow, rows_of
from tests.conftest import FIXTURES, REAL_LIST
from tests.importers.samples import ABOVE, HEADER, OPENS, cell, check, duty, header, kinds, para, row, run, table, wide
from tests.importers.text_editions import TextEdition

READABLE = [
    file
    for file in sorted((FIXTURES / "samples").iterdir())
    if file.suffix != ".json" and check_file(file).outcome != "rejected"
]
WRITERS = (write_docx, write_xlsx, write_csv)
each_format = pytest.mark.parametrize("write", WRITERS)


@pytest.fixture(scope="module")
def real() -> ParsedList:
    return check_file(REAL_LIST)


def said(parsed: ParsedList) -> list[object]:
    sections = [(one.no, one.title) for one in parsed.sections]
    return [parsed.error, parsed.title, parsed.notes, sections, *map(measure_as_dict, parsed.measures)]


def assert_kept(parsed: ParsedList, year: int | None = None) -> None:
    """Every format gives back what the list says; `year` where it was found outside the list."""
    assert parsed.error is None
    for write in WRITERS:
        again = read_document(write(parsed), "清单", year)
        for before, after in zip_longest(said(parsed), said(again)):
            assert after == before, write.__name__
        assert again.content_hash == parsed.content_hash


def test_an_edition_with_rows_reworded_moved_dropped_and_added_is_kept():
    edition = (
        TextEdition.real().with_text("1*", '新"举措"，\n第二段').with_lead("2*", "市财政局，市司法局按职责分工负责")
    )
    edition = edition.with_responsible("3*", "").with_deadline("4", "尽快").swapped("5*", "6*").without("8")
    edition = edition.with_row_after("9*", ("", "", "又一举措", "市财政局", "", "6月底"))
    assert_kept(edition.with_row_after("12*", ("12", "另一标题", "", "", "", "")).parsed())


def test_a_list_of_one_row_that_names_agencies_alone_is_a_table_and_no_form_to_be_filled_in():
    helped = row("", "", "", "", "市财政局", "")
    assert_kept(check(para(""), table(header(), wide("一、准入"), duty("1", "事", "甲"), wide("二、要素"), helped)))
    assert_kept(check(para(""), table(header(), helped, wide("一、准入"))))


@pytest.mark.parametrize("file", READABLE, ids=lambda file: file.name)
def test_every_sample_that_can_be_read_is_kept(file):
    parsed = check_file(file)
    assert_kept(parsed, 2022 if "year_inferred" in kinds(parsed) else None)


@each_format
def test_the_real_list_says_the_same(write, real):
    again = read_document(write(real), "清单")
    assert again.content_hash == real.content_hash
    assert again.outcome == "ok"


@pytest.mark.parametrize("write", [write_docx, write_xlsx])
def test_cells_and_merges_are_printed_again(write, real):
    again = read_document(write(real), "清单")
    assert [one.printed for one in again.measures] == [one.printed for one in real.measures]
    assert [one.printed for one in again.sections] == [one.printed for one in real.sections]


def test_a_merge_is_one_cell_in_word(real):
    rows = Document(io.BytesIO(write_docx(real))).tables[0].rows
    at = next(index for index, one in enumerate(rows) if one.cells[0].text == "7*")
    first, second = (rows[index]._tr.tc_lst[0].tcPr.find(qn("w:vMerge")) for index in (at, at + 1))
    assert (first.get(qn("w:val")), second.get(qn("w:val"))) == ("restart", None)


def test_the_header_stands_on_each_page_and_headings_across(real):
    document = Document(io.BytesIO(write_docx(real)))
    rows = document.tables[0].rows
    assert [one.text for one in rows[0].cells] == list(HEADER)
    assert rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert len(rows[1]._tr.tc_lst) == 1
    assert document.paragraphs[0].text == real.title
    assert document.paragraphs[-1].text == real.notes[0]


def test_a_spreadsheet_holds_texts_only():
    parsed = check(para("2022年清单"), table(header(), wide("一、准入"), duty("1", "=1+1", '=HYPERLINK("x")')))
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(parsed))).worksheets[0]
    assert [one.data_type for one in sheet[4][:3]] == ["s", "s", "s"]
    assert sheet["B4"].value == "=1+1"
    assert sheet.freeze_panes == "A3"
    assert "A1:F1" in sheet.merged_cells
    assert_kept(parsed)


def test_a_separated_file_writes_merged_agencies_out_and_leaves_number_and_title_blank():
    first = row("1*", cell("事项", OPENS), "甲", cell("市财政局", OPENS), cell("市司法局", OPENS), "2022年6月底")
    second = row(cell("", ABOVE), cell("", ABOVE), "乙", cell("", ABOVE), cell("", ABOVE), "")
    parsed = check(para("2022年清单"), table(header(), wide("一、准入"), first, second), para("注：标*的为国家事项"))
    data = write_csv(parsed)
    assert data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig")))) == [
        ["2022年清单", "", "", "", "", ""],
        list(HEADER),
        ["一、准入", "", "", "", "", ""],
        ["1*", "事项", "甲", "市财政局", "市司法局", "2022年6月底"],
        ["", "", "乙", "市财政局", "市司法局", ""],
        ["注：标*的为国家事项", "", "", "", "", ""],
    ]


HEADERS = {
    "the six": HEADER,
    "one column for agencies": ("序号", "改革事项", "具体举措", "责任单位", "完成时限"),
    "no numbers": HEADER[1:],
    "no measures": ("序号", "改革事项", "牵头单位", "责任单位", "完成时限"),
    "no titles": ("序号", "具体举措", "牵头单位", "责任单位", "完成时限"),
    "no deadlines": HEADER[:5],
    "a column of sections": ("序号", "任务类别", *HEADER[1:]),
    "two columns for helpers": (*HEADER[:5], "配合单位", "完成时限"),
    "another order": ("序号", "完成时限", "责任单位", "牵头单位", "具体举措", "改革事项", "备注"),
}
ONE_OF_EACH = {
    "序号": "3*",
    "改革事项": "某事",
    "具体举措": "某举措",
    "牵头单位": "市财政局、市公安局按职责分工负责",
    "责任单位": "市司法局牵头，市教育局配合",
    "完成时限": "2022年6月底",
    "任务类别": "要素",
    "配合单位": "市统计局",
    "备注": "无",
}


@pytest.mark.parametrize("labels", HEADERS.values(), ids=HEADERS)
def test_lists_with_other_columns_are_written_under_the_six(labels):
    first = row(*(ONE_OF_EACH[label] for label in labels))
    second = row(*("" if label == "序号" else ONE_OF_EACH[label] + "二" for label in labels))
    parsed = check(para("2022年清单"), table(header(*labels), first, second))
    assert_kept(parsed)
    width = 6 + ("备注" in labels)
    assert all(len(one.cells) == width for one in rows_of(parsed) if isinstance(one, DutyRow))


def test_leads_from_rows_of_their_own_are_kept():
    parsed = check(
        para("2022年清单"),
        table(
            header("序号", "改革事项", "具体举措", "责任单位", "完成时限"),
            wide("（一）市财政局牵头事项", 5),
            row("1", "甲", "乙", "", ""),
        ),
    )
    assert parsed.measures[0].lead == ("市财政局",)
    assert_kept(parsed)


@pytest.mark.parametrize(
    "headings", [("准入", "要素"), ("一、准入", "第二部分 要素"), ("第三章、准入",), ("一百二十、准入（续）",)]
)
def test_headings_of_every_kind_are_kept(headings):
    rows = [one for n, heading in enumerate(headings, 1) for one in (wide(heading), duty(str(n), f"事{n}"))]
    assert_kept(check(para("2022年清单"), table(header(), *rows)))


def test_sections_keep_their_order_when_the_first_holds_nothing_yet():
    rows = wide("一、准入"), wide("二、要素"), duty("1"), wide("一、准入"), duty("2", "乙事")
    parsed = check(para("2022年清单"), table(header(), *rows))
    assert [one.no for one in parsed.sections] == [1, 2]
    assert_kept(parsed)


@pytest.mark.parametrize("notes", [["注：甲"], ["注：1.甲", "2.乙"], ["注：甲", "备注：乙"]])
def test_notes_are_kept(notes):
    parsed = check(para("2022年清单"), table(header(), duty()), *map(para, notes))
    assert parsed.notes == tuple(notes)
    assert_kept(parsed)


def test_lines_of_a_note_that_stand_alone_are_kept():
    parsed = check(para("2022年清单"), table(header(), duty(), wide("</w:t><w:br/><w:t>".join(["注：甲", "乙", "丙"]))))
    assert parsed.notes == ("注：甲", "乙", "丙")
    assert_kept(parsed)


def test_a_list_without_title_sections_and_notes_is_kept():
    parsed = check(table(header(), duty("1"), duty("2", "乙事")))
    assert (parsed.title, parsed.sections, parsed.notes) == ("", (), ())
    assert_kept(parsed)


def test_characters_that_xml_cannot_hold_become_spaces(real):
    odd = replace(real.measures[0], text="甲\x0c乙", printed=replace(real.measures[0].printed, text="甲\x0c乙\uffff"))
    for write in (write_docx, write_xlsx):
        again = read_document(write(replace(real, measures=(odd,))), "清单")
        assert again.measures[0].text == "甲 乙"


TEXTS = st.one_of(
    st.sampled_from(
        ["", "举措", "甲\n乙", '"引号",逗号;分号', "=1+1", "+86", "-甲", "@甲", "_x000D_甲", "甲\t乙", "　甲", "#甲"]
    ),
    st.text("甲乙丙1.、，,;；\"'<&>\n\t =*_x", max_size=12),
)
NAMES = ("市财政局", "市公安局", "市税务局", "市教育局", "各有关单位", "市委军民融合办（市人防办）")
AGENCIES = st.one_of(
    st.sampled_from(["", "市财政局、市公安局按职责分工负责", "市财政局、厅", "市税务局等部门", "市财政局等各有关单位"]),
    st.lists(st.sampled_from(NAMES), max_size=4).map("、".join),
    st.lists(st.sampled_from(NAMES), max_size=3).map("\n".join),
)
DEADLINES = st.sampled_from(
    ["", "/", "2022年12月底", "2022年6月底前", "持续推进", "已完成", "2月30日", "6月底", "2022年3月、2022年9月", "尽快"]
)
NUMBERS = st.sampled_from(["", "", "1", "2*", "3", "4*", "４", "第5项", "6.", "（七）", "1 *", "甲", "*"])
TITLES = st.one_of(st.sampled_from(["", "", "事项", "另一事", "甲\n事", "2022"]), TEXTS)
HEADINGS = st.sampled_from(["一、准入", "二、要素", "第三部分 创新", "一、准入（续）", "（一）市财政局牵头", "注：甲"])


@st.composite
def tables(draw: st.DrawFn) -> list[str]:
    """Rows of a Word table in which any cell may be merged with that above."""
    rows = []
    for _ in range(draw(st.integers(1, 7))):
        if draw(st.integers(0, 3)) == 0:
            rows.append(wide(_escaped(draw(HEADINGS))))
            continue
        texts = [draw(one) for one in (NUMBERS, TITLES, TEXTS, AGENCIES, AGENCIES, DEADLINES)]
        merged = [draw(st.integers(0, 3)) == 0 for _ in texts]
        cells = (
            cell("", ABOVE) if above else cell(_lines(text), OPENS) for text, above in zip(texts, merged, strict=True)
        )
        rows.append(row(*cells))
    return rows


def _lines(text: str) -> str:
    runs = (run(_escaped(line).replace("\t", "</w:t><w:tab/><w:t>")) for line in text.split("\n"))
    return "".join(map(para, runs))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    tables(),
    st.sampled_from(["", "2022年清单", "某市改革事项清单"]),
    st.sampled_from([[], ["注：甲"], ["注：1.甲", "2.乙"]]),
)
def test_whatever_can_be_read_is_kept(rows, title, notes):
    parsed = check(para(title), table(header(), *rows), *map(para, notes))
    assume(
        parsed.error is None
        and not _parted_by_an_empty_section(parsed)
        and not _two_items_of_one_number(parsed)
        and all(map(_says_something, parsed.measures))
    )
    assert_kept(parsed)


def _two_items_of_one_number(parsed: ParsedList) -> bool:
    """Neighbours, which a sheet that repeats the number on every row has as one item (`duplicate_number` elsewhere)."""
    numbered = [one for one in parsed.measures if one.item_no is not None]
    return any(one.item_no == two.item_no and two.seq_in_item == 1 for one, two in pairwise(numbered))


def _parted_by_an_empty_section(parsed: ParsedList) -> bool:
    """A section without measures is not part of a list, so what stood around it cannot be kept apart."""
    orphans = (
        one.section == two.section and two.item_no is None and two.seq_in_item == 1 and parse_number(two.printed.number)
        for one, two in pairwise(parsed.measures)
    )
    return any(number.is_blank for number in orphans if number)


def _says_something(measure: ParsedMeasure) -> bool:
    """A row with nothing but a number that is none, or with that and a text (（七） | | 举措), is a line and no measure
    where cells cannot be merged with no cell."""
    who_or_when = measure.deadline_text, measure.printed.lead, measure.printed.responsible
    text = measure.item_title or measure.text
    return measure.item_no is not None or any(who_or_when) or bool(text and not measure.printed.number)
