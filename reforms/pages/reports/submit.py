"""Reporting progress on a measure: sent, said to be unchanged, withdrawn."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import Verb, access, principal_of
from agencies.clock import today
from reforms.lib.versions import Stale
from reforms.models import ProgressReport
from reforms.pages.forms import add_errors, is_number
from reforms.pages.reports.forms import ReportForm
from reforms.pages.reports.sheet import address_of, conflict_page, open_sheet, report_of, sheet_page
from reforms.pages.reports.worksheet import Worksheet
from reforms.reports.permissions import may_write, readable_report
from reforms.reports.submit import last_sent, report_unchanged, submit_report, withdraw_report

State = ProgressReport.State


@access(Verb.REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The form with the agency's draft or last text prefilled; sent, it is a report and back to the measure."""
    sheet = open_sheet(request, pk)
    form = ReportForm(request.POST if request.method == "POST" else None, sheet=sheet)
    if request.method == "POST" and form.is_valid():
        return _send(request, sheet, form)
    return sheet_page(request, sheet, form, status=422 if form.is_bound else 200)


def _send(request: HttpRequest, sheet: Worksheet, form: ReportForm) -> HttpResponse:
    measure, agency, given = sheet.measure.pk, sheet.agency.pk, form.cleaned_data
    seen = {name: given[name] for name in ("last_seen", "draft_seen", "replaces")}
    try:
        sent = submit_report(measure, agency, form.said(), who=principal_of(request), on=today(), **seen)
    except Stale as stale:
        return conflict_page(request, form, stale)
    except ValidationError as error:
        return _refused(request, sheet, form, error)
    messages.success(request, _sent_text(sent))
    return redirect("measure", pk=measure)


def _refused(request: HttpRequest, sheet: Worksheet, form: ReportForm, error: ValidationError) -> HttpResponse:
    code = getattr(error, "code", "")
    made = last_sent(sheet.measure.pk, sheet.agency.pk)
    if code == "reference_taken" and made:
        return conflict_page(request, form, Stale(made))
    if code == "acted_on":
        form = form.again(open_sheet(request, sheet.measure.pk), replaces=None)
    add_errors(form, error)
    return sheet_page(request, sheet, form, status=422)


def _sent_text(sent: ProgressReport) -> str:
    if sent.state == State.AWAITING_SIGNATURE:
        return _("已提交本单位审核人审签，审签后送督办人员核验。")
    if sent.state == State.UNDER_REVIEW:
        return _("已申请销号，待督办人员核验。")
    return _("已报送，进展已生效并记入历史。")


@access(Verb.REPORT)
@require_POST
def unchanged(request: HttpRequest, pk: int) -> HttpResponse:
    """本期无变化 in one click; back to the page where it was pressed."""
    sheet = open_sheet(request, pk)
    key = request.POST.get("form_key", "").replace("\x00", "")[:40]
    try:
        report_unchanged(pk, sheet.agency.pk, who=principal_of(request), on=today(), form_key=key)
    except Stale:
        messages.warning(request, _("本单位有一份尚未报送的草稿，请先报送或放弃。"))
        return redirect(address_of(sheet))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("已报送“本期无变化”。"))
    return redirect("desk") if request.POST.get("back") == "desk" else redirect("measure", pk=pk)


@access(Verb.READ_REPORTS)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an own report on which nobody has acted; a claim that waits for signature is a draft again."""
    who = principal_of(request)
    found = readable_report(who, pk)
    if found.state == State.DRAFT:
        raise Http404
    if not may_write(who, found):
        raise PermissionDenied
    said = request.POST.get("seen", "")
    seen = int(said) if is_number(said) else 0
    try:
        taken = withdraw_report(pk, seen=seen if said else None, who=who, on=today())
    except Stale as stale:
        return _not_done(request, report_of(stale), _("这份填报刚刚有了变化，没有撤回。"), status=409)
    except ValidationError as error:
        return _not_done(request, found, error.messages[0], status=422)
    if taken.state == State.DRAFT:
        messages.success(request, _("已撤回，文字保留在草稿中。"))
        return redirect("report", pk=taken.measure_id)
    messages.success(request, _("已撤回。"))
    return redirect("measure", pk=taken.measure_id)


def _not_done(request: HttpRequest, found: ProgressReport, why: str, *, status: int) -> HttpResponse:
    return render(request, "reports/not_withdrawn.html", {"report": found, "why": why}, status=status)
