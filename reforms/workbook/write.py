"""The workbook as it is handed out: what is given is locked, what may be filled in is yellow."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation

from agencies.lib.formulas import hold_text
from agencies.lib.long_sheets import NOT_IN_XML, write_rows
from reforms.lib.tables import HAIRLINE
from reforms.workbook.layout import (
    ADVICE,
    EDITABLE,
    HEADING_ROW,
    ID,
    LOCKED,
    OUTLOOKS,
    SHEET,
    TITLE,
    VERSION_SHEET,
    WIDTHS,
    WorkbookRow,
)

GREY, YELLOW = PatternFill("solid", "F1F3F5"), PatternFill("solid", "FFF8DC")
OPEN, SHUT = Protection(locked=False), Protection(locked=True)
WRAPPED = Alignment(wrap_text=True, vertical="top")
MAY_STAY = ("formatColumns", "formatRows", "sort", "autoFilter")


def workbook(lines: Sequence[WorkbookRow], *, said: str, version: Sequence[str]) -> bytes:
    """The file. `said` tells whose it is and of which day, `version` is the signed text that comes back with it."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEET
    _top(sheet, said)
    _model(sheet, HEADING_ROW + 1)
    _protect(sheet, HEADING_ROW + len(lines))
    hidden: Any = book.create_sheet(VERSION_SHEET)
    # Out of the way of whoever fills it in; that nobody changes it is seen to by the signature.
    hidden.sheet_state = "hidden"
    for at, piece in enumerate(version, 1):
        _put(hidden, at, 1, piece)
    hidden.protection.sheet = True
    buffer = BytesIO()
    write_rows(book, map(_values, lines), buffer)
    return buffer.getvalue()


def _top(sheet: Any, said: str) -> None:
    _put(sheet, 1, 1, f"{TITLE}　{said}").font = Font(bold=True, size=14)
    _put(sheet, 2, 1, ADVICE)
    for column, heading in enumerate((ID, *LOCKED.values(), *EDITABLE.values()), 1):
        cell = _put(sheet, HEADING_ROW, column, heading)
        cell.font, cell.border = Font(bold=True), HAIRLINE
        cell.fill = GREY if column <= len(LOCKED) + 1 else YELLOW
        sheet.column_dimensions[cell.column_letter].width = WIDTHS[column - 1]
    # Id, number and title stay in sight while one types.
    sheet.freeze_panes = f"D{HEADING_ROW + 1}"
    # On A3 (8) across: as wide as the page, as many pages as it takes (0).
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 8, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "&P / &N"
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"


def _model(sheet: Any, at: int) -> None:
    """What each row looks like."""
    for column in range(1, len(LOCKED) + 2):
        _boxed(sheet.cell(at, column), GREY, SHUT)
    for column in range(len(LOCKED) + 2, len(LOCKED) + len(EDITABLE) + 2):
        # Text: what is typed stays as it was typed, such as 3-1.
        _boxed(sheet.cell(at, column), YELLOW, OPEN).number_format = "@"


def _values(line: WorkbookRow) -> list[str | int]:
    return [line.measure_id, *line.locked.values(), *line.editable.values()]


def _put(sheet: Any, row: int, column: int, value: str) -> Any:
    """A cell that holds its text and never a formula."""
    hold_text(cell := sheet.cell(row, column), NOT_IN_XML.sub("", value))
    return cell


def _boxed(cell: Any, fill: PatternFill, protection: Protection) -> Any:
    cell.fill, cell.protection, cell.alignment, cell.border = fill, protection, WRAPPED, HAIRLINE
    return cell


def _protect(sheet: Any, last_row: int) -> None:
    """Only what is yellow can be changed; columns may be widened and rows sorted by hand."""
    sheet.protection.sheet = True
    for name in MAY_STAY:
        # Each of these says what is forbidden, so that False allows it.
        setattr(sheet.protection, name, False)
    column = len(LOCKED) + 2 + list(EDITABLE).index("outlook")
    letter = sheet.cell(row=HEADING_ROW, column=column).column_letter
    choice = DataValidation(type="list", formula1=f'"{",".join(OUTLOOKS.values())}"', allow_blank=True)
    choice.add(f"{letter}{HEADING_ROW + 1}:{letter}{max(last_row, HEADING_ROW + 1)}")
    sheet.add_data_validation(choice)
