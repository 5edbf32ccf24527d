"""任务清单 and 填报表 of every agency of a list, in one zip."""

import datetime as dt
import re
import zipfile
from io import BytesIO
from typing import BinaryIO

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import override

from agencies.access import Principal, Verb, may
from agencies.lib.progress import Progress, counted, unwatched
from agencies.models import Agency
from reforms.catalogue.filters import MeasureFilter
from reforms.duties import acting_in
from reforms.ledger.document import write_docx
from reforms.models import ReformList
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
