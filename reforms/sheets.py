"""Small tables as csv, for the office's lists; UTF-8 with BOM, so that Excel and WPS read it as Chinese."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from reforms.catalogue.export import call_file, harmless


def csv_response(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A file called `name`.csv with these rows."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([harmless(value) for value in row] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    call_file(response, f"{name}.csv")
    return response
