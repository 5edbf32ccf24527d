"""The 台账 as xlsx: legible as it is printed on A3 across, and a table to filter and to work on."""

from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from agencies.lib.long_sheets import LAST, write_rows
from agencies.lib.progress import Progress, counted
from reforms.catalogue.export import scope_of
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.rows import all_rows
from reforms.ledger.table import LedgerColumn, LedgerColumns, ledger_columns, values_of
from reforms.lib.tables import put
from reforms.models import SHAPES, Light

# Every computer of an office has them; where one is missing another of its kind stands in.
TITLE, HEAD, BODY, NOTE = (
    Font(name=name, size=size) for name, size in (("方正小标宋简体", 20), ("黑体", 10.5), ("仿宋", 10), ("楷体", 10))
)
HEADING_ROW = 3
A3 = 8
MM_PER_INCH, POINTS_PER_INCH, PIXELS_PER_INCH = 25.4, 72, 96
LONGEST_IN_FOOTER = 60  # a footer holds 255 characters in all
# Text and tint of each light, as on the pages.
COLOURS = {
    Light.OVERDUE: ("9B1C1C", "FDECEC"),
    Light.DUE_SOON: ("7A4B00", "FFF3D6"),
    Light.ON_TRACK: ("14603A", "E6F4EC"),
    Light.CLOSED: ("0B4F94", "E6F0FA"),
    Light.UNDER_REVIEW: ("0B4F94", "FFFFFF"),
    Light.AWAITING_REPORT: ("4A5560", "EEF1F4"),
    Light.STANDING: ("4A5560", "EEF1F4"),
}


def write_xlsx(filters: MeasureFilter, file: BinaryIO, progress: Progress) -> None:
    """A title, what is shown and when, a heading that stays and is repeated on every page, then one row a measure."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _("台账")
    columns, total = ledger_columns(filters), filters.measures().count()
    _top(sheet, columns, scope_of(filters, total))
    _model(sheet, columns.all)
    _page(sheet, columns)
    _footer(sheet, filters)
    _colour(sheet, columns.all)
    rows = counted(all_rows(filters.ordered(), filters.view), total, progress)
    write_rows(book, values_of(rows, columns.all, filters), file)


def _top(sheet: Any, columns: LedgerColumns, scope: str) -> None:
    put(sheet, 1, 1, _("改革事项台账")).font = TITLE
    put(sheet, 2, 1, f"{scope}　{_('黄灯仅表示时限临近，不代表进度滞后。')}").font = NOTE
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height, sheet.row_dimensions[HEADING_ROW].height = (
        34,
        18,
        32,
    )
    # Over the printed columns, without joining cells.
    for place in range(1, len(columns.printed) + 1):
        sheet.cell(1, place).alignment = Alignment(horizontal="centerContinuous", vertical="center")
    for place, column in enumerate(columns.all, 1):
        cell = put(sheet, HEADING_ROW, place, column.heading, boxed=True)
        cell.font = HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(place)].width = _width(column)


def _width(column: LedgerColumn) -> float:
    """In characters of the standard font, each 7 pixels wide, with 5 beside them."""
    return round((column.width / MM_PER_INCH * PIXELS_PER_INCH - 5) / 7, 2)


def _model(sheet: Any, columns: tuple[LedgerColumn, ...]) -> None:
    """What each row looks like."""
    for place, column in enumerate(columns, 1):
        cell = put(sheet, HEADING_ROW + 1, place, None, boxed=True)
        cell.font = BODY
        across = "center" if column.centred else "left"
        cell.alignment = Alignment(horizontal=across, vertical="center", wrap_text=True)


def _page(sheet: Any, columns: LedgerColumns) -> None:
    """Up to the last printed column, as wide as the page, as many pages as it takes (0)."""
    # Title, scope and headings stay in sight, and the first columns up to the reform's name.
    sheet.freeze_panes = f"A{HEADING_ROW + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A3
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    margins = sheet.page_margins
    margins.left = margins.right = 15 / MM_PER_INCH
    margins.top, margins.bottom, margins.footer = 15 / MM_PER_INCH, 18 / MM_PER_INCH, 8 / MM_PER_INCH
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    sheet.print_area = f"A1:{get_column_letter(len(columns.printed))}{LAST}"
    sheet.auto_filter.ref = f"A{HEADING_ROW}:{get_column_letter(len(columns.all))}{LAST}"


def _footer(sheet: Any, filters: MeasureFilter) -> None:
    scope = scope_of(filters)
    short = scope if len(scope) <= LONGEST_IN_FOOTER else f"{scope[: LONGEST_IN_FOOTER - 1]}…"
    # & begins a code there.
    sheet.oddFooter.left.text = short.replace("&", "&&")
    sheet.oddFooter.center.text = _("第&P页　共&N页")
    sheet.oddFooter.right.text = _("制表时间：%(time)s") % {"time": f"{timezone.localtime():%Y-%m-%d %H:%M}"}


def _colour(sheet: Any, columns: tuple[LedgerColumn, ...]) -> None:
    """Each light in its colours, also when somebody edits or sorts the table."""
    place = next((place for place, column in enumerate(columns, 1) if column.heading == _("亮灯")), 0)
    if not place:
        return
    first = f"{get_column_letter(place)}{HEADING_ROW + 1}"
    for light, (text, tint) in COLOURS.items():
        rule = FormulaRule(  # type: ignore[no-untyped-call]  # openpyxl's
            formula=[f'LEFT({first},1)="{SHAPES[light]}"'],
            font=Font(color=text, bold=light is Light.OVERDUE),
            fill=PatternFill(bgColor=tint, fill_type="solid"),
        )
        sheet.conditional_formatting.add(f"{first}:{get_column_letter(place)}{LAST}", rule)
