"""The page on which an agency writes a report: shared by sending it and by keeping its draft."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from agencies.access import Verb, agencies_for, principal_of
from agencies.clock import today
from reforms.catalogue.rows import measure_rows
from reforms.catalogue.viewpoint import viewpoint
from reforms.duties.derive import holders
from reforms.lib.versions import Stale
from reforms.models import Duty, Measure, ProgressReport
from reforms.pages.reports.conflict import conflict
from reforms.pages.reports.forms import ReportForm
from reforms.pages.reports.worksheet import Worksheet, worksheet
from reforms.reports.permissions import readable_on


def open_sheet(request: HttpRequest, pk: int) -> Worksheet:
    """The worksheet on a measure of the agency that the address or the form names, else of the first own one that acts
    on it. Raises PermissionDenied where there is none."""
    measure = get_object_or_404(Measure.objects.select_related("reform_list"), pk=pk)
    who = principal_of(request)
    duties = holders(measure)
    said = request.POST if request.method == "POST" else request.GET
    asked = said.get("agency", "")
    for duty in own_duties(request, duties):
        if asked in ("", str(duty.agency_id)):
            readable = readable_on(who, duties)
            return worksheet(measure, duty, duties, readable=readable, replaces=_number(said.get("replaces")))
    raise PermissionDenied


def own_duties(request: HttpRequest, duties: list[Duty]) -> list[Duty]:
    """Those that whoever asks may report on."""
    own = agencies_for(principal_of(request), Verb.REPORT)
    return [duty for duty in duties if duty.agency_id in own]


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 19 else None


def address_of(sheet: Worksheet) -> str:
    return f"{reverse('report', args=[sheet.measure.pk])}?agency={sheet.agency.pk}"


def sheet_page(
    request: HttpRequest, sheet: Worksheet, form: ReportForm, *, status: int = 200, **more: object
) -> HttpResponse:
    """The page with the form on it."""
    return render(request, "reports/report.html", sheet_context(request, sheet, form) | more, status=status)


def sheet_context(request: HttpRequest, sheet: Worksheet, form: ReportForm) -> dict[str, Any]:
    """What the page shows. `draft` and `report` are for the evidence under the draft."""
    view = viewpoint(principal_of(request), today(), [sheet.measure.reform_list.slug])
    return {
        "form": form,
        "sheet": sheet,
        "draft": sheet.draft,
        "report": sheet.draft,
        "row": measure_rows(Measure.objects.filter(pk=sheet.measure.pk), view)[0],
        "view": view,
        "agencies": [duty.agency for duty in own_duties(request, holders(sheet.measure))],
        "address": address_of(sheet),
    }


def conflict_page(request: HttpRequest, form: ReportForm, stale: Stale, *, fragment: bool = False) -> HttpResponse:
    """Both versions, and the form with what its writer wrote, to be sent again or changed. Nothing was written."""
    theirs = report_of(stale)
    sheet = open_sheet(request, theirs.measure_id)
    found = conflict(theirs, form.sent)
    again = form.again(sheet, **found.seen)
    if fragment:
        context: Mapping[str, Any] = {"conflict": found, "form": again, "sheet": sheet, "address": address_of(sheet)}
        return render(request, "reports/conflict.html", context, status=409)
    return sheet_page(request, sheet, again, status=409, conflict=found)


def report_of(stale: Stale) -> ProgressReport:
    """The draft or report that moved on."""
    if not isinstance(stale.current, ProgressReport):
        raise TypeError(stale.current)
    return stale.current
