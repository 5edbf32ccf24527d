"""各单位办理情况表 as a workbook that prints on A4 across."""

import datetime as dt
from collections.abc import Iterable
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import override

from reforms.lib.printed_table import PrintedTable, write_table
from reforms.lib.words import day_text, share
from reforms.office.performance import Performance

TITLE = "各单位办理情况表"
COLUMNS = (
    *(("单位", 26.0), ("牵头举措", 10.0), ("已报完成", 10.0), ("已核验", 10.0), ("按期销号", 10.0)),
    *(("按期销号率", 12.0), ("现逾期", 10.0), ("时限经调整", 11.0)),
    *(("应报送", 10.0), ("按时报送", 10.0), ("按时报送率", 12.0), ("退回次数", 10.0)),
)
Cells = list[str | int | None]


def write_performance(rows: Iterable[Performance], name: str, on: dt.date, file: BinaryIO) -> None:
    """The xlsx, of the list of that name (empty: of all); in Chinese, as it is passed on. What is not told is empty."""
    with override(settings.LANGUAGE_CODE):
        of_list = f"{name}　" if name else ""
        said = f"{of_list}截至{day_text(on)}　按机构序列排列，不分先后　内部使用，请勿外传"
        centred = frozenset(range(2, len(COLUMNS) + 1))
        write_table(PrintedTable(TITLE, said, COLUMNS, centred), map(_cells, rows), file)


def _cells(row: Performance) -> Cells:
    done = [row.led, row.claimed, row.verified, row.in_time, share(row.in_time, row.judged)]
    reports = row.reports
    asked = [reports.asked, reports.in_time, share(reports.in_time, reports.asked)] if reports else [None] * 3
    return [row.agency.name, *done, row.overdue, row.moved, *asked, row.returned]
