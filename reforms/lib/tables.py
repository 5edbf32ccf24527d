"""Tables to download: cells, csv, names of files."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side

from agencies.lib.formulas import hold_text, marked

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


EDGE = Side(style="thin", color="999999")


HAIRLINE = Border(left=EDGE, right=EDGE, top=EDGE, bottom=EDGE)


def cell(sheet: Any, value: Any, *, bold: bool = False, size: int = 11, boxed: bool = False) -> Any:
    """A cell that holds its value and never a formula, whatever a document said."""
    if isinstance(value, str):
        # openpyxl refuses control characters, and documents have some.
        hold_text(cell := WriteOnlyCell(sheet), ILLEGAL_CHARACTERS_RE.sub("", value))
    else:
        cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, dt.date):
        cell.number_format = "yyyy-mm-dd"
    cell.font = Font(bold=bold, size=size)
    if boxed:
        cell.alignment, cell.border = Alignment(wrap_text=True, vertical="top"), HAIRLINE
    return cell


class Echo:
    """A file that hands back what is written to it, so that csv can be streamed."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def call_file(response: HttpResponseBase, name: str) -> None:
    """The answer is a file to be saved under this name."""
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""


def csv_response(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A file called `name`.csv with these rows."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([marked(value) for value in row] for row in rows)
    # The byte order mark, by which Excel and WPS see that it is UTF-8.
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    call_file(response, f"{name}.csv")
    return response
