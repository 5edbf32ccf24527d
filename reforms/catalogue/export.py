"""Exports of exactly what the measures page shows, as csv and JSON; and what a column says, here and in the 台账."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from agencies.lib.formulas import marked
from agencies.lib.progress import Progress, counted
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.rows import MeasureRow, Party, all_rows, of_measure
from reforms.catalogue.said import chips
from reforms.lib.tables import Echo, call_file
from reforms.lib.words import day_text, in_language
from reforms.models import ReformList

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
        (_("结果摘要"), 40, lambda row: row.result or ""),
    ]
    if filters.chosen("disposition"):
        followed.insert(1, (_("在册情况"), 10, lambda row: str(row.disposition.label)))
    lists = ReformList.objects.readable_by(filters.view.who)
    # With one list there is nothing to tell apart.
    several: list[Column] = [(_("清单"), 20, lambda row: row.list_said)] if lists.count() > 1 else []
    return several + printed + (followed if filters.view.sees_status else [])


def _names(parties: tuple[Party, ...]) -> str:
    return _("、").join(party.said for party in parties)


def scope_of(filters: MeasureFilter, total: int | None = None) -> str:
    """What is shown, of which day, and how many where that is told."""
    told = _("数据截至%(day)s　%(scope)s") % {"day": day_text(filters.view.on), "scope": conditions_of(filters)}
    return told if total is None else told + _("　共%(n)d条") % {"n": total}


def conditions_of(filters: MeasureFilter) -> str:
    """What is asked for, of whichever day: 任务类别：…；亮灯：逾期、临近到期."""
    day, asked = str(MeasureFilter.base_filters["on"].label), dict[str, list[str]]()
    for chip in chips(filters):
        asked.setdefault(str(chip.label), []).append(str(chip.value))
    said = _("；").join(f"{label}{_('：')}{_('、').join(values)}" for label, values in asked.items() if label != day)
    return said or _("全部举措")


def as_csv(filters: MeasureFilter) -> StreamingHttpResponse:
    """UTF-8 with BOM, so that Excel and WPS read it as Chinese."""
    response = StreamingHttpResponse(_csv_lines(filters), content_type="text/csv; charset=utf-8")
    call_file(response, name_of("csv", filters))
    return response


def _csv_lines(filters: MeasureFilter) -> Iterator[str]:
    writer = csv.writer(Echo())
    cols = columns(filters)
    yield "\ufeff" + str(writer.writerow([heading for heading, _width, _value in cols]))
    for row in all_rows(filters.ordered(), filters.view):
        yield str(writer.writerow([marked(value(row)) for _heading, _width, value in cols]))


def write_json(filters: MeasureFilter, file: BinaryIO, progress: Progress) -> None:
    """The day, the page that shows the same, how many there are and all of them, as the API has them."""
    count = filters.measures().count()
    page = f"{settings.SITE_URL}{reverse('measures')}?{filters.data.urlencode()}"
    head = {"on": filters.view.on, "page": page, "count": count}
    rows = counted(all_rows(filters.ordered(), filters.view), count, progress)
    file.writelines(part.encode() for part in json_parts(head, "results", rows))


def json_parts(head: Mapping[str, Any], name: str, rows: Iterable[MeasureRow]) -> Iterator[str]:
    """An object with what stands in its head and, under a name, these measures as the API has them; in parts, so that
    it can be written as they are read."""
    said = ",\n".join(f"{_json(key)}: {_json(value)}" for key, value in head.items())
    yield f"{{{said},\n{_json(name)}: ["
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{_json(of_measure(row))}"
    yield "\n]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)


def name_of(ending: str, filters: MeasureFilter) -> str:
    """The name of the file, with the day it tells of."""
    return _("改革事项台账") + f"-{filters.view.on.isoformat()}.{ending}"
