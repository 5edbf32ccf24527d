"""Reporting progress on a measure."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agencies.access import access, principal_of
from agencies.clock import today
from agencies.rules import Verb, agencies_for
from reforms.duties import holders
from reforms.forms import ReportForm
from reforms.life.reporting import Said, submit_report
from reforms.models import Measure, ProgressReport
from reforms.rows import measure_rows
from reforms.viewpoint import viewpoint


@access(Verb.REPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The form with the agency's last text prefilled; sent, it is a report and back to the measure."""
    measure = get_object_or_404(Measure, pk=pk)
    who = principal_of(request)
    own = agencies_for(who, Verb.REPORT)
    agencies = [(duty.agency_id, duty.agency.name) for duty in holders(measure) if duty.agency_id in own]
    if not agencies:
        raise PermissionDenied
    last = ProgressReport.objects.filter(measure=measure, agency=agencies[0][0]).first()
    form = ReportForm(request.POST or None, agencies=agencies, initial=_prefilled(last))
    if request.method == "POST" and form.is_valid():
        sent = _submit(request, form, pk)
        if sent:
            return sent
    view = viewpoint(who, today())
    row = measure_rows(Measure.objects.filter(pk=pk), view)[0]
    context = {"form": form, "row": row, "view": view, "last": last, "agencies": agencies}
    return render(request, "measures/report.html", context, status=422 if form.is_bound else 200)


def _submit(request: HttpRequest, form: ReportForm, pk: int) -> HttpResponse | None:
    said = Said(**{name: value for name, value in form.cleaned_data.items() if name != "agency"})
    try:
        submit_report(pk, form.cleaned_data["agency"], said, who=principal_of(request), on=today())
    except ValidationError as error:
        form.add_error(None, error.messages[0])
        return None
    messages.success(request, _("已报送，进展已生效并记入历史。"))
    return redirect("measure", pk=pk)


def _prefilled(last: ProgressReport | None) -> dict[str, str]:
    if last is None:
        return {}
    return {name: getattr(last, name) for name in ("progress", "next_step", "problems", "outlook")}
