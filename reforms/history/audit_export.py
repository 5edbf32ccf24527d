"""Exports of exactly what the audit page shows, on all its pages: csv streamed, xlsx by way of a temporary file."""

import csv
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook

from agencies.lib.formulas import marked
from reforms.history.audit import AuditFilter, AuditRow, all_rows
from reforms.history.facts import FactChange
from reforms.lib.tables import XLSX, Echo, call_file, cell

MOST_IN_A_SHEET = 100_000
Column = tuple[str, int, Callable[[AuditRow], Any]]


def is_too_long(filters: AuditFilter) -> bool:
    """Whether there is more than a person can use, and a program can open, as a sheet."""
    # Counted no further than the answer needs.
    return filters.changes().order_by()[: MOST_IN_A_SHEET + 1].count() > MOST_IN_A_SHEET


def columns() -> list[Column]:
    """Heading, width in characters, value. Times are Asia/Shanghai's."""
    return [
        (_("编号"), 9, lambda row: row.change.sequence),
        (_("记录时间"), 25, lambda row: timezone.localtime(row.change.recorded_at).isoformat(timespec="microseconds")),
        (_("业务日期"), 12, lambda row: row.change.on),
        (_("操作人"), 28, lambda row: row.change.actor),
        (_("角色"), 14, lambda row: row.roles),
        (_("动作"), 32, lambda row: row.sentence),
        (_("动作代码"), 24, lambda row: row.change.action),
        (_("对象类别"), 10, lambda row: row.kind),
        (_("对象编号"), 9, lambda row: row.change.object_id),
        (_("对象"), 32, lambda row: row.object.name),
        (pgettext("one", "单位"), 20, lambda row: row.change.agency.name if row.change.agency else ""),
        (_("变更前"), 32, lambda row: _side(row.differences, "before")),
        (_("变更后"), 32, lambda row: _side(row.differences, "after")),
        (_("理由"), 24, lambda row: row.change.reason),
        (_("请求编号"), 18, lambda row: row.change.request_id),
        (_("校验值"), 20, lambda row: row.change.hash),
    ]


def _side(found: list[FactChange], side: str) -> str:
    said = ((one.name, getattr(one, side)) for one in found)
    return _("；").join(f"{name}{_('：')}{value}" for name, value in said if value)


def as_csv(filters: AuditFilter) -> HttpResponseBase:
    """UTF-8 with BOM, as the measures' csv."""
    response = StreamingHttpResponse(_csv_lines(filters), content_type="text/csv; charset=utf-8")
    call_file(response, _name("csv"))
    return response


def _csv_lines(filters: AuditFilter) -> Iterator[str]:
    writer, cols = csv.writer(Echo()), columns()
    yield "\ufeff" + str(writer.writerow([heading for heading, _width, _value in cols]))
    for row in all_rows(filters):
        yield str(writer.writerow([marked(value(row)) for _heading, _width, value in cols]))


def as_xlsx(filters: AuditFilter) -> HttpResponseBase:
    """One sheet with a heading that stays. Rows go to the disk as they are made."""
    book, cols = Workbook(write_only=True), columns()
    sheet: Any = book.create_sheet(_("日志"))  # the stubs know little of write-only sheets
    sheet.freeze_panes = "A2"
    for index, (_heading, width, _value) in enumerate(cols):
        sheet.column_dimensions[chr(ord("A") + index)].width = width
    sheet.append([cell(sheet, heading, bold=True) for heading, _width, _value in cols])
    for row in all_rows(filters):
        sheet.append([cell(sheet, value(row)) for _heading, _width, value in cols])
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_name("xlsx"), content_type=XLSX)


def _name(ending: str) -> str:
    return f"{_('变更日志')}-{timezone.localdate().isoformat()}.{ending}"


EXPORTS: dict[str, Callable[[AuditFilter], HttpResponseBase]] = {"csv": as_csv, "xlsx": as_xlsx}
