"""The change log for the auditor: what was done, by whom, and whether the log is as it was written."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agencies.access import Verb, access
from agencies.log.check import log_state
from agencies.models import Agency
from reforms.history import audit_export
from reforms.history.actions import ACTIONS
from reforms.history.audit import AuditFilter, audit_page
from reforms.history.objects import KINDS
from reforms.history.weighty import WEIGHTY
from reforms.lib.filters import usable_filters
from reforms.pages.files import at_once_or_ordered

# What is seldom asked: it stands under 更多条件.
SELDOM = ("object", "recorded_after", "recorded_before", "request", "reason")


@access(Verb.READ_LOG)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Newest first, fifty at a time, filtered as the address says."""
    filters, left_out = usable_filters(AuditFilter.read, request.GET)
    context = {
        "left_out": left_out,
        "filters": filters,
        "asked_more": any(filters.data.get(name) for name in SELDOM),
        "page": audit_page(filters),
        "query": filters.same_but(),
        "actions": ACTIONS,
        "kinds": KINDS,
        "weighty": WEIGHTY,
        "agencies": Agency.objects.known().order_by("name"),
        "log": log_state(),
    }
    return render(request, "audit/audit.html", context)


@access(Verb.READ_LOG)
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Everything the page shows under the same address, on all its pages, as a file."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    filters, left_out = usable_filters(AuditFilter.read, request.GET)
    # A file cannot say what was left out of it; the page can.
    if left_out.struck:
        return redirect(f"{reverse('audit')}?{request.GET.urlencode()}")
    if kind == "csv":
        return audit_export.as_csv(filters)
    query = filters.same_but()
    if audit_export.count(filters) > audit_export.MOST_IN_A_SHEET:
        context = {"most": audit_export.MOST_IN_A_SHEET, "query": query}
        return render(request, "audit/too_long.html", context, status=422)
    csv = f"{reverse('audit-export', args=['csv'])}?{query}"
    return at_once_or_ordered(request, "log", query, csv=csv, back=f"{reverse('audit')}?{query}")
