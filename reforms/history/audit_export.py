"""Exports of exactly what the audit page shows, on all its pages: csv streamed, xlsx as a file."""

import csv
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from agencies.lib.formulas import marked
from agencies.lib.long_sheets import write_rows
from agencies.lib.progress import Progress, counted
from reforms.history.audit import AuditFilter, AuditRow, all_rows
from reforms.history.facts import FactChange
from reforms.lib.tables import Echo, call_file, put

MOST_IN_A_SHEET = 100_000
Column = tuple[str, int, Callable[[AuditRow], Any]]


def count(filters: AuditFilter) -> int:
    """How many entries there are, counted no further than MOST_IN_A_SHEET and one: more than that a person cannot use,
    and a program cannot open, as a sheet."""
    return filters.changes().order_by()[: MOST_IN_A_SHEET + 1].count()


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
    call_file(response, name_of("csv"))
    return response


def _csv_lines(filters: AuditFilter) -> Iterator[str]:
    writer, cols = csv.writer(Echo()), columns()
    yield "\ufeff" + str(writer.writerow([heading for heading, _width, _value in cols]))
    for row in all_rows(filters):
        yield str(writer.writerow([marked(value(row)) for _heading, _width, value in cols]))


def write_xlsx(filters: AuditFilter, file: BinaryIO, progress: Progress) -> None:
    """One sheet with a heading that stays."""
    book, cols = Workbook(), columns()
    sheet: Any = book.active
    sheet.title = _("日志")
    sheet.freeze_panes = "A2"
    for index, (heading, width, _value) in enumerate(cols, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
        put(sheet, 1, index, heading, bold=True)
        put(sheet, 2, index, None)
    rows = counted(all_rows(filters), count(filters), progress)
    write_rows(book, ([value(row) for _heading, _width, value in cols] for row in rows), file)


def name_of(ending: str) -> str:
    """The name of the file, with its day."""
    return f"{_('变更日志')}-{timezone.localdate().isoformat()}.{ending}"
