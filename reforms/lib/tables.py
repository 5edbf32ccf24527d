"""Tables to download: cells, csv, names of files."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from openpyxl.styles import Alignment, Border, Font, Side

from agencies.lib.formulas import hold_text, marked
from agencies.lib.long_sheets import NOT_IN_XML

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
EDGE = Side(style="thin", color="999999")
HAIRLINE = Border(left=EDGE, right=EDGE, top=EDGE, bottom=EDGE)


def put(
    sheet: Any, row: int, column: int, value: Any, *, bold: bool = False, size: int = 11, boxed: bool = False
) -> Any:
    """A cell that holds its value and never a formula, whatever a document said. For headings, and for the model of
    `agencies.lib.long_sheets`: thousands of rows are not written cell by cell."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        hold_text(cell, NOT_IN_XML.sub("", value))
    else:
        cell.value = value
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


def download(name: str, write: Callable[[BinaryIO], None], content_type: str = XLSX) -> FileResponse:
    """A file of this name, written by way of the disk."""
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    write(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)


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
