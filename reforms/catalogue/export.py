"""Exports of exactly what the measures page shows: the 台账 as xlsx, the same rows as csv."""

import csv
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, TypeVar

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook

from agencies.lib.formulas import marked
from reforms.catalogue.facets import chips
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.rows import MeasureRow, Party, all_rows
from reforms.lib.tables import XLSX, Echo, call_file, cell
from reforms.lib.words import day_text, in_language
from reforms.models import ReformList

Response = TypeVar("Response", bound=HttpResponseBase)
Column = tuple[str, int, Callable[[MeasureRow], Any]]


def columns(filters: MeasureFilter) -> list[Column]:
    """The columns of the 台账: heading, width in characters, value."""
    printed: list[Column] = [
        (_("序号"), 7, lambda row: row.number),
        (_("任务类别"), 16, lambda row: in_language(row.section_title, row.section_title_en)),
        (_("改革事项"), 24, lambda row: row.title),
        (_("具体举措"), 60, lambda row: row.text),
        (_("牵头单位"), 20, lambda row: _names(row.leads) + row.lead_note),
        (_("责任单位"), 24, lambda row: _names(row.responsible)),
        (_("完成时限"), 16, lambda row: row.deadline_text),
        (_("印发时限"), 12, lambda row: row.deadline),
    ]
    followed: list[Column] = [
        (_("现行时限"), 12, lambda row: row.deadline_in_force),
        (_("状态"), 10, lambda row: str(row.status.label) if row.status else ""),
        (_("亮灯"), 10, lambda row: f"{row.shape}{row.light.label}" if row.light else ""),
        (_("最近填报"), 12, lambda row: row.last_report_on),
        (_("销号日期"), 12, lambda row: row.closed_on),
    ]
    if filters.chosen("disposition"):
        followed.insert(1, (_("在册情况"), 10, lambda row: str(row.disposition.label)))
    lists = ReformList.objects.readable_by(filters.view.who)
    # With one list there is nothing to tell apart.
    several: list[Column] = [(_("清单"), 20, lambda row: row.list_said)] if lists.count() > 1 else []
    return several + printed + (followed if filters.view.sees_status else [])


def _names(parties: tuple[Party, ...]) -> str:
    return _("、").join(party.said for party in parties)


def as_xlsx(filters: MeasureFilter) -> HttpResponse:
    """The 台账: a title, what is shown and when, a heading that stays, then one row a measure."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(_("台账"))  # the stubs know little of write-only sheets
    cols = columns(filters)
    _page_setup(sheet, cols)
    sheet.append([cell(sheet, _("改革事项台账"), bold=True, size=16)])
    sheet.append([cell(sheet, _scope(filters))])
    sheet.append([cell(sheet, heading, bold=True, boxed=True) for heading, _width, _value in cols])
    for row in all_rows(filters.ordered(), filters.view):
        sheet.append([cell(sheet, value(row), boxed=True) for _heading, _width, value in cols])
    buffer = BytesIO()
    book.save(buffer)
    return _download(HttpResponse(buffer.getvalue(), content_type=XLSX), "xlsx", filters)


def _page_setup(sheet: Any, cols: list[Column]) -> None:
    # Title, scope and headings stay in sight. On A3 (8) across: as wide as the page, as many pages as it takes (0).
    sheet.freeze_panes = "A4"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 8
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
    sheet.oddFooter.center.text = "&P / &N"
    for index, (_heading, width, _value) in enumerate(cols):
        sheet.column_dimensions[chr(ord("A") + index)].width = width


def _scope(filters: MeasureFilter) -> str:
    said = _("；").join(f"{chip.label}{_('：')}{chip.value}" for chip in chips(filters)) or _("全部举措")
    return _("数据截至%(day)s　%(scope)s　共%(n)d条") % {
        "day": day_text(filters.view.on),
        "scope": said,
        "n": filters.measures().count(),
    }


def as_csv(filters: MeasureFilter) -> StreamingHttpResponse:
    """UTF-8 with BOM, so that Excel and WPS read it as Chinese."""
    return _download(StreamingHttpResponse(_csv_lines(filters), content_type="text/csv; charset=utf-8"), "csv", filters)


def _csv_lines(filters: MeasureFilter) -> Iterator[str]:
    writer = csv.writer(Echo())
    cols = columns(filters)
    yield "\ufeff" + str(writer.writerow([heading for heading, _width, _value in cols]))
    for row in all_rows(filters.ordered(), filters.view):
        yield str(writer.writerow([marked(value(row)) for _heading, _width, value in cols]))


def _download(response: Response, ending: str, filters: MeasureFilter) -> Response:
    name = _("改革事项台账") + f"-{filters.view.on.isoformat()}.{ending}"
    call_file(response, name)
    return response


EXPORTS: dict[str, Callable[[MeasureFilter], Any]] = {"xlsx": as_xlsx, "csv": as_csv}
