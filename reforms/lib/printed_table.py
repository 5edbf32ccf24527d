"""A table as a workbook that prints on A4 across: a title, what it is of, columns as wide as a page together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from agencies.lib.long_sheets import LAST, write_rows
from reforms.lib.tables import put

HEADING_ROW, A4 = 3, 9
MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """`columns` are headings and widths in characters; `centred` their places, from 1."""

    title: str
    said: str
    columns: Sequence[tuple[str, float]]
    centred: frozenset[int] = frozenset()


def write_table(table: PrintedTable, rows: Iterable[Sequence[Any]], file: BinaryIO) -> None:
    """The xlsx with these rows."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = table.title
    _top(sheet, table)
    for place in range(1, len(table.columns) + 1):
        cell = put(sheet, HEADING_ROW + 1, place, None, boxed=True)
        cell.font = Font(name="仿宋", size=11)
        across = "center" if place in table.centred else "left"
        cell.alignment = Alignment(horizontal=across, vertical="center", wrap_text=True)
    _page(sheet, len(table.columns))
    write_rows(book, rows, file)


def _top(sheet: Any, table: PrintedTable) -> None:
    put(sheet, 1, 1, table.title).font = Font(name="方正小标宋简体", size=20)
    put(sheet, 2, 1, table.said).font = Font(name="楷体", size=10)
    sheet.row_dimensions[1].height, sheet.row_dimensions[HEADING_ROW].height = 34, 24
    for place, (heading, width) in enumerate(table.columns, 1):
        sheet.cell(1, place).alignment = Alignment(horizontal="centerContinuous", vertical="center")
        cell = put(sheet, HEADING_ROW, place, heading, boxed=True)
        cell.font = Font(name="黑体", size=11)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(place)].width = width


def _page(sheet: Any, columns: int) -> None:
    """As wide as a page, as many pages as it takes (0)."""
    sheet.freeze_panes = f"A{HEADING_ROW + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", A4, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = sheet.page_margins.top = 12 / MM_PER_INCH
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    last = get_column_letter(columns)
    sheet.print_area, sheet.auto_filter.ref = f"A1:{last}{LAST}", f"A{HEADING_ROW}:{last}{LAST}"
    sheet.oddFooter.center.text = "第&P页　共&N页"
    sheet.oddFooter.right.text = f"制表时间：{timezone.localtime():%Y-%m-%d %H:%M}"
