"""Text that a spreadsheet might calculate is marked wherever it is written, and comes back without the mark."""

import csv
import io

import openpyxl
import pytest

from agencies.lib.formulas import looks_like_formula, marked, unmarked
from importers.documents.read import read_document
from importers.documents.writers import write_csv, write_xlsx
from tests.importers.documents.test_writers import assert_kept
from tests.importers.samples import check, duty, header, para, table, wide

RISKY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\n文字",
    " =1",
    "　=1",
]
HARMLESS = ["", "市财政局", "2022年12月底", "1-2", "a=b", "'引文'", "（=1）"]


@pytest.mark.parametrize("text", RISKY)
def test_it_is_marked_and_unmarked(text: str) -> None:
    assert marked(text) == "'" + text
    assert unmarked(marked(text)) == text


@pytest.mark.parametrize("text", ["'=1", "''＝1"])
def test_a_mark_of_its_own_is_kept(text: str) -> None:
    assert unmarked(marked(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_nothing_else_is_touched(text: str) -> None:
    assert (marked(text), unmarked(text)) == (text, text)


def test_numbers_stay_numbers() -> None:
    assert marked(-1) == -1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_an_edition_to_download_holds_no_formula(start: str) -> None:
    text = f'{start}HYPERLINK("http://example.org","点此")'
    parsed = check(para(f"{start}清单（2022年）"), table(header(), wide("一、准入"), duty("1", text, text)))
    written = list(csv.reader(io.StringIO(write_csv(parsed).decode("utf-8-sig"))))
    assert not [cell for row in written for cell in row if looks_like_formula(cell)]
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(parsed))).worksheets[0]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == text)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert read_document(write_csv(parsed), "清单.csv").measures[0].text == parsed.measures[0].text
    assert_kept(parsed)
