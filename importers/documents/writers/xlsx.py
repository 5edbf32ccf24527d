"""A list as a spreadsheet. Every cell is a text, so that nothing in it is ever calculated."""

import io
import re

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from agencies.lib.formulas import hold_text
from importers.documents.values import ParsedList
from importers.documents.writers.areas import merged_runs
from importers.documents.writers.rows import HeadingRow, labels_of, rows_of, without_controls

_WIDTHS = (8, 28, 70, 24, 32, 18)
_WIDTH_BESIDE = 24
# _x0041_ in a text would be read back as A; its first underscore is written escaped.
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LINE = Side(style="thin")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_WRAPPED = Alignment(vertical="center", wrap_text=True)


def write_xlsx(parsed: ParsedList) -> bytes:
    """One sheet with title, header (frozen, and printed on each page), headings, measures and notes."""
    book = Workbook()
    sheet = book.worksheets[0]
    # A name of its own would be taken for the title of a list that has none.
    sheet.title = "清单" if parsed.title else "Sheet1"
    if parsed.title:
        _write_across(sheet, 1, parsed.title, len(labels_of(parsed)), bold=True)
    header = sheet.max_row + 1 if parsed.title else 1
    _write_table(sheet, header, parsed)
    if parsed.notes:
        _write_across(sheet, sheet.max_row + 1, "\n".join(parsed.notes), len(labels_of(parsed)))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_table(sheet: Worksheet, header: int, parsed: ParsedList) -> None:
    labels = labels_of(parsed)
    widths = (*_WIDTHS, *[_WIDTH_BESIDE] * len(labels))
    for column, label in enumerate(labels, 1):
        _write(sheet, header, column, label, _CENTRED)
        sheet.column_dimensions[get_column_letter(column)].width = widths[column - 1]
    sheet.freeze_panes = f"A{header + 1}"
    sheet.print_title_rows = f"{header}:{header}"
    sheet.page_setup.orientation = "landscape"
    rows = rows_of(parsed)
    for number, row in enumerate(rows, header + 1):
        if isinstance(row, HeadingRow):
            _write_across(sheet, number, row.text, len(labels), bold=True)
            continue
        for column, cell in enumerate(row.cells, 1):
            _write(sheet, number, column, "" if cell.continues else cell.value, _WRAPPED)
    for run in merged_runs(rows):
        first, last = header + 1 + run.first, header + 1 + run.last
        sheet.merge_cells(start_row=first, end_row=last, start_column=run.column + 1, end_column=run.column + 1)


def _write_across(sheet: Worksheet, row: int, text: str, columns: int, *, bold: bool = False) -> None:
    _write(sheet, row, 1, text, _CENTRED if bold else _WRAPPED)
    sheet.cell(row, 1).font = Font(bold=bold)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)


def _write(sheet: Worksheet, row: int, column: int, text: str, alignment: Alignment) -> None:
    cell = sheet.cell(row, column)
    cell.alignment, cell.border = alignment, _BORDER
    if text:
        hold_text(cell, _LOOKS_ESCAPED.sub("_x005F_", without_controls(text)))
