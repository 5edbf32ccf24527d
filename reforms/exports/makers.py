"""What can be made: each kind asks the rules and reads the query again, whenever it is asked.

`importers` adds the files of editions.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import override

from agencies.access import Principal, Verb, may
from agencies.lib.progress import Progress, counted, unwatched
from agencies.lib.requests import is_number
from agencies.lib.untrusted import libreoffice
from agencies.models import Agency
from reforms.bulletins import document as bulletins
from reforms.catalogue import export as catalogue
from reforms.catalogue.filters import MeasureFilter
from reforms.duties import acting_in
from reforms.history import audit_export as log
from reforms.history.audit import AuditFilter
from reforms.ledger import sheet as ledger
from reforms.ledger.document import write_docx
from reforms.ledger.table import MOST_PRINTED
from reforms.lib.tables import DOCX, PDF, XLSX
from reforms.models import Bulletin, ReformList, SupervisionOrder
from reforms.office.order_document import write_order
from reforms.workbook.layout import sign
from reforms.workbook.rows import editions_in_force, lines_of, may_have
from reforms.workbook.write import workbook

ZIP = "application/zip"
TASKS, FORM = "任务清单", "进展填报表"
LONGEST_NAME = 60  # characters of an agency's: a path in Windows has 260 in all
# What no file may be called in Windows, control characters, and those that turn the direction of writing.
_NO_NAME = re.compile(
    '[\\\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]'
)


def write_zip(
    reform_list: ReformList, who: Principal, on: dt.date, file: BinaryIO, progress: Progress = unwatched
) -> None:
    """Of each agency its 任务清单 (docx), and the 填报表 (xlsx) where `who` may have it; one after another, so that
    memory stays flat. In Chinese, whatever the language of whoever asks."""
    agencies = list(acting_in(reform_list))
    # What is in it is compressed already.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package, override(settings.LANGUAGE_CODE):
        for number, agency in enumerate(counted(agencies, len(agencies), progress), 1):
            start = f"{number:0{len(str(len(agencies)))}}-{safe_name(agency.name)}"
            package.writestr(f"{start}-{TASKS}.docx", _tasks(reform_list, agency, who, on))
            if may_have(who, agency.pk):
                package.writestr(f"{start}-{FORM}.xlsx", _form(reform_list, agency, who, on))


def safe_name(name: str) -> str:
    """A name as part of that of a file, on any system; nothing of it leads elsewhere."""
    return _NO_NAME.sub("_", name).strip(" .")[:LONGEST_NAME].strip(" .") or "_"


def _tasks(reform_list: ReformList, agency: Agency, who: Principal, on: dt.date) -> bytes:
    query = QueryDict(mutable=True)
    query.update({"list": reform_list.slug, "holder": str(agency.pk)})
    filters = MeasureFilter.read(query, who=who, today=on, controls=frozenset())
    made = BytesIO()
    write_docx(filters, made, unwatched, title=f"{agency.name}{TASKS}")
    return made.getvalue()


def _form(reform_list: ReformList, agency: Agency, who: Principal, on: dt.date) -> bytes:
    lines = lines_of(agency.pk, by_office=not may(who, Verb.REPORT, [agency.pk]), reform_list=reform_list)
    said = f"{agency.name}　{on.isoformat()}"
    return workbook(lines, said=said, version=sign(agency.pk, editions_in_force(), lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which part of it, by whom, on which business date."""

    query: QueryDict
    who: Principal
    on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file that can be made: its name, what counts its rows, of which a file holds at `most` so many, and what writes
    it."""

    name: str
    count: Callable[[], int]
    write: Callable[[BinaryIO, Progress], None]
    content_type: str = XLSX
    most: int | None = None
    takes_long: bool = False  # however few rows it has

    def rows(self) -> int:
        """How many it has: not asked by those who only watch. Raises Http404 where there are more than a file holds."""
        rows = self.count()
        if self.most is not None and rows > self.most:
            raise Http404
        return rows


# Raises PermissionDenied or Http404 where whoever asks may not have it, or there is no such thing.
Maker = Callable[[Order], Made]


def of_the_log(asked: Order) -> Made:
    """变更日志."""
    if not may(asked.who, Verb.READ_LOG):
        raise PermissionDenied
    filters = AuditFilter.read(asked.query)
    if filters.problems():
        raise Http404
    return Made(
        name=log.name_of("xlsx"),
        count=partial(log.count, filters),
        write=partial(log.write_xlsx, filters),
        most=log.MOST_IN_A_SHEET,
    )


def of_measures(asked: Order) -> Made:
    """台账."""
    filters = _filters(asked)
    return Made(
        name=catalogue.name_of("xlsx", filters),
        count=lambda: filters.measures().count(),
        write=partial(ledger.write_xlsx, filters),
    )


def measures_as_json(asked: Order) -> Made:
    """The same rows for programs."""
    filters = _filters(asked)
    return Made(
        name=catalogue.name_of("json", filters),
        count=lambda: filters.measures().count(),
        write=partial(catalogue.write_json, filters),
        content_type="application/json",
    )


def measures_as_docx(asked: Order) -> Made:
    """What is printed of them, for Word and WPS."""
    filters = _filters(asked)
    return Made(
        name=catalogue.name_of("docx", filters),
        count=lambda: filters.measures().count(),
        write=partial(write_docx, filters),
        content_type=DOCX,
        most=MOST_PRINTED,
    )


def _as_pdf(name: str, suffix: str, write: Callable[[BinaryIO], None], count: Callable[[], int] = lambda: 1) -> Made:
    """What is written with that ending, printed by LibreOffice. Raises Http404 where that is not installed."""
    if not libreoffice.program():
        raise Http404

    def print_it(file: BinaryIO, progress: Progress) -> None:
        written = BytesIO()
        write(written)
        progress(0, 0)
        file.write(libreoffice.convert(written.getvalue(), suffix, "pdf"))

    return Made(name=name, count=count, write=print_it, content_type=PDF, most=MOST_PRINTED, takes_long=True)


def measures_as_pdf(asked: Order) -> Made:
    """台账 as it is printed on A3."""
    filters = _filters(asked)
    write = partial(ledger.write_xlsx, filters, progress=unwatched)
    return _as_pdf(catalogue.name_of("pdf", filters), "xlsx", write, lambda: filters.measures().count())


def bulletin_as_pdf(asked: Order) -> Made:
    """通报, 专报 or 函."""
    readable = Bulletin.objects.readable_by(asked.who).select_related("reform_list", "agency")
    found = get_object_or_404(readable, pk=_pk(asked))
    return _as_pdf(f"{bulletins.name_of(found)}.pdf", "docx", partial(bulletins.write_bulletin, found))


def order_as_pdf(asked: Order) -> Made:
    """督办单 with its 回执."""
    readable = SupervisionOrder.objects.readable_by(asked.who).select_related("agency")
    found = get_object_or_404(readable, pk=_pk(asked))
    return _as_pdf(f"督办单-{found.number or found.pk}.pdf", "docx", partial(write_order, found, asked.on))


def _pk(asked: Order) -> str:
    pk = asked.query.get("pk", "")
    if not is_number(pk):
        raise Http404
    return pk


def sheets_of_agencies(asked: Order) -> Made:
    """任务清单 and 填报表 of each agency of a list."""
    if not may(asked.who, Verb.ENTER_FOR):
        raise PermissionDenied
    found = get_object_or_404(ReformList.objects.readable_by(asked.who), slug=asked.query.get("list", ""))
    return Made(
        name=f"{safe_name(found.title)}-各单位任务清单-{asked.on.isoformat()}.zip",
        count=acting_in(found).count,
        write=partial(write_zip, found, asked.who, asked.on),
        content_type=ZIP,
        takes_long=True,
    )


def _filters(asked: Order) -> MeasureFilter:
    filters = MeasureFilter.read(asked.query, who=asked.who, today=asked.on, controls=frozenset({"page"}))
    if filters.problems():
        raise Http404
    return filters


MAKERS: dict[str, Maker] = {
    "log": of_the_log,
    "measures": of_measures,
    "measures-json": measures_as_json,
    "measures-docx": measures_as_docx,
    "measures-pdf": measures_as_pdf,
    "bulletin-pdf": bulletin_as_pdf,
    "order-pdf": order_as_pdf,
    "sheets": sheets_of_agencies,
}


def made(kind: str, asked: Order) -> Made:
    """What is to be made. Raises PermissionDenied or Http404."""
    if kind not in MAKERS:
        raise Http404
    return MAKERS[kind](asked)
