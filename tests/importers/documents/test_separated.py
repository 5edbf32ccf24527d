"""Rows with commas or semicolons between the cells."""

import pytest

from importers.documents.read import read_document
from importers.documents.readers.sheets.separated import separator_of
from importers.documents.values import ParsedList
from tests.conftest import FIXTURES
from tests.importers.samples import kinds

HEADER = "序号,改革事项,具体举措,牵头单位,责任单位,完成时限"


def check(*lines: str) -> ParsedList:
    return read_document("\n".join(["2022年改革清单", HEADER, "一、准入,,,,,", *lines]).encode(), "清单.csv")


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        (f"{HEADER}\n1,甲,乙,丙,丁,戊", ","),
        (HEADER.replace(",", ";"), ";"),
        (f"2022年改革清单\n{HEADER}", ","),
        ("sep=|\n序号|事项", "|"),
        ("a,b,c\n1,2,3", ","),
        ("a,b,c", None),
        ("序号\t事项,任务\t牵头单位,责任单位\n1\t甲\t乙", None),
        ("一段话，没有表格。\nFirst, second, and third.\nMore, of, it, here.", None),
        ("通知", None),
    ],
)
def test_what_stands_between_the_cells_is_found_by_content(text, separator):
    assert separator_of(text) == separator


def test_the_text_export_is_not_taken_for_separated_rows():
    assert separator_of((FIXTURES / "shenzhen-2022-first-batch.txt").read_text(encoding="utf-8")) is None


def test_cells_may_hold_separators_quotes_and_line_feeds():
    parsed = check('1,事项,"先""放"",\n再管","市财政局,市司法局",,2022年6月底')
    one = parsed.measures[0]
    assert (one.text, one.lead) == ('先"放",\n再管', ("市财政局", "市司法局"))


def test_a_row_counts_as_a_spreadsheet_counts_it():
    parsed = check('1,事项,"举\n措",市财政局,,2022年6月底', ",,,,,", "2,乙事,举措,市财政局,,2022年6月底")
    assert [one.row for one in parsed.measures] == [4, 6]


def test_a_row_cut_short_is_reported():
    assert kinds(check("1,事项,举措,市财政局")) == ["missing_deadline", "short_row"]


def test_blank_columns_around_the_table_do_not_matter():
    lines = ["2022年改革清单", HEADER, "一、准入,,,,,", "1,事项,举措,市财政局,,2022年6月底"]
    parsed = read_document("\n".join(f",{line},,," for line in lines).encode(), "清单.csv")
    assert [(one.section, one.item_no) for one in parsed.measures] == [("准入", 1)]
    assert parsed.outcome == "ok"


def test_notes_may_go_on_in_rows_of_their_own():
    parsed = check("1,事项,举措,市财政局,,2022年6月底", "注：1.甲,,,,,", "2.乙,,,,,", "联系人：某某,,,,,")
    assert parsed.notes == ("注：1.甲", "2.乙", "联系人：某某")
    assert len(parsed.measures) == 1


def test_an_endless_cell_is_corrupt():
    parsed = read_document((HEADER + '\n1,"' + "长" * 200_000).encode(), "清单.csv")
    assert parsed.error is not None
    assert parsed.error.kind == "corrupt_file"


@pytest.mark.parametrize("text", ["sep=,\n", "sep=;\n\n\n", "sep=,\n ,\n"])
def test_a_file_that_only_names_its_separator_has_no_table(text: str) -> None:
    parsed = read_document(text.encode(), "清单.csv")
    assert parsed.error is not None
    assert parsed.error.kind == "no_table"


@pytest.mark.parametrize("mark", ["|", "｜"])
def test_rows_between_upright_strokes_are_read_without_a_line_of_dashes(mark: str) -> None:
    rows = [
        HEADER.split(","),
        ["1", "事项", "举措，甲，乙", "市财政局", "", "2022年6月底"],
        ["合计", "1项", "", "", "", ""],
    ]
    lines = [f"{mark}{mark.join(cells)}{mark}" for cells in rows]
    parsed = read_document("\n".join(("2022年改革清单", *lines)).encode(), "清单.txt")
    assert [(one.item_no, one.text) for one in parsed.measures] == [(1, "举措，甲，乙")]
    assert (parsed.title, parsed.notes) == ("2022年改革清单", ("合计 1项",))
