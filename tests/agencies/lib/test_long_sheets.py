"""Long sheets are written without the library that reads them back here."""

import datetime as dt
import io
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from agencies.lib.long_sheets import write_rows

VALUES: list[list[Any]] = [
    ["甲\n乙", 7, dt.date(2022, 6, 30), None],
    ["=1+1", -3, "力争年内", ""],
    [" 前后有空格 ", 0, "＠", 'A&B <c> "d"'],
    ["\x01控制\x0b符\ud800", 12_345_678_901, dt.date(1990, 1, 1), "\r回车"],
]


def written(values: list[list[Any]]) -> io.BytesIO:
    book = Workbook()
    sheet: Any = book.active
    for column in range(1, 5):
        sheet.cell(1, column, f"栏{column}")
        sheet.cell(2, column).font = Font(bold=True)
    sheet.freeze_panes = "A2"
    held = io.BytesIO()
    write_rows(book, iter(values), held)
    return held


def sheet_of(values: list[list[Any]]) -> Any:
    return load_workbook(written(values)).worksheets[0]


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, dt.datetime) else value


def test_every_value_comes_back_as_what_it_is() -> None:
    rows = [list(map(_plain, row)) for row in sheet_of(VALUES).iter_rows(min_row=2, values_only=True)]
    assert rows == [
        ["甲\n乙", 7, dt.date(2022, 6, 30), None],
        ["=1+1", -3, "力争年内", None],
        [" 前后有空格 ", 0, "＠", 'A&B <c> "d"'],
        ["控制符", 12_345_678_901, dt.date(1990, 1, 1), "\r回车"],
    ]


def test_a_formula_is_a_text_also_when_somebody_edits_it() -> None:
    sheet = sheet_of(VALUES)
    assert (sheet["A3"].data_type, sheet["A3"].quotePrefix) == ("s", True)
    assert (sheet["C4"].data_type, sheet["C4"].quotePrefix) == ("s", True)
    assert not sheet["A2"].quotePrefix


def test_each_row_looks_like_the_model_and_takes_its_place() -> None:
    sheet = sheet_of(VALUES)
    assert [cell.value for cell in sheet[1]] == ["栏1", "栏2", "栏3", "栏4"]
    assert all(cell.font.bold for row in sheet.iter_rows(min_row=2) for cell in row)
    assert not sheet["A1"].font.bold
    assert sheet["C2"].number_format == "yyyy-mm-dd"
    assert sheet["B2"].number_format == "General"
    assert sheet.freeze_panes == "A2"


def test_without_rows_there_are_the_headings_alone() -> None:
    assert sheet_of([]).max_row == 1


def test_it_says_nothing_wrong_of_its_size() -> None:
    """Who reads row by row, or sets the heights of rows, goes by what is said."""
    sheet = load_workbook(written(VALUES), read_only=True).worksheets[0]
    assert len(list(sheet.iter_rows())) == len(VALUES) + 1
    assert sheet.max_row is None
