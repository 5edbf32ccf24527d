"""批量填报: the duties that owe a report as the rows of a table."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, agencies_for, principal_of
from agencies.clock import today
from agencies.models import Agency
from reforms.catalogue.viewpoint import viewpoint
from reforms.desk.agency import DeskRow, desk_rows
from reforms.pages.desk.entry import EntryOutcome, EntryRow, fresh_entries, keep, posted_entries, send
from reforms.pages.forms import is_number

PAGE_SIZE = 50
OWING, OPEN = "owing", "open"


@access(Verb.REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest) -> HttpResponse:
    """A row for each duty of one agency that owes a report (`?scope=open`: that is open at all). Sent, each edited row
    is reported for itself; those that were not taken stay with their text and the reason."""
    who = principal_of(request)
    agency = own_agency(request, agencies_for(who, Verb.REPORT))
    rows = [row for row in desk_rows(viewpoint(who, today())) if row.duty.agency_id == agency.pk and row.acts]
    if request.method == "POST":
        return _posted(request, agency, rows)
    return _page(request, agency, rows, EntryOutcome(), status=200)


def own_agency(request: HttpRequest, allowed: frozenset[int]) -> Agency:
    """The one in the address, else the first that is allowed."""
    asked = request.GET.get("agency", "")
    pk = int(asked) if is_number(asked) else min(allowed, default=0)
    if pk not in allowed:
        raise PermissionDenied
    return Agency.objects.get(pk=pk)


def _posted(request: HttpRequest, agency: Agency, rows: list[DeskRow]) -> HttpResponse:
    who = principal_of(request)
    sent = [int(pk) for pk in request.POST.getlist("duty") if is_number(pk)]
    posted = [row for row in desk_rows(viewpoint(who, today()), only=sent) if row.duty.agency_id == agency.pk]
    entries = posted_entries(posted, request.POST)
    if "draft" in request.POST:
        return _kept(request, agency, rows, [keep(one, who=who, on=today()) for one in entries if one.form.edited])
    outcome = send(entries, who=who, on=today())
    if outcome.kept:
        return _page(request, agency, rows, outcome, status=409 if any(one.current for one in outcome.kept) else 422)
    count = len(outcome.sent)
    if count:
        messages.success(request, ngettext("已报送%(n)d条举措。", "已报送%(n)d条举措。", count) % {"n": count})
    else:
        messages.warning(request, ngettext("没有改动，未报送。", "没有改动，未报送。", 1))
    return redirect(request.get_full_path())


def _kept(request: HttpRequest, agency: Agency, rows: list[DeskRow], entries: list[EntryRow]) -> HttpResponse:
    failed = [entry for entry in entries if entry.form.errors]
    if failed:
        return _page(request, agency, rows, EntryOutcome(kept=failed), status=422)
    count = len(entries)
    messages.success(request, ngettext("已保存%(n)d份草稿。", "已保存%(n)d份草稿。", count) % {"n": count})
    return redirect(request.get_full_path())


def _page(
    request: HttpRequest, agency: Agency, rows: list[DeskRow], outcome: EntryOutcome, *, status: int
) -> HttpResponse:
    who = principal_of(request)
    scope = OPEN if request.GET.get("scope") == OPEN else OWING
    done = {entry.row.duty.pk for entry in (*outcome.sent, *outcome.kept)}
    wanted = [row for row in rows if (scope == OPEN or row.period) and row.duty.pk not in done]
    page = Paginator(wanted, PAGE_SIZE).get_page(request.GET.get("page"))
    here = list(page.object_list)
    short = [row for row in here if row.opens_here][: PAGE_SIZE - len(outcome.kept)]
    context: dict[str, Any] = {
        "agency": agency,
        "agencies": Agency.objects.filter(pk__in=agencies_for(who, Verb.REPORT)),
        "scope": scope,
        "page": page,
        "outcome": outcome,
        "entries": [*outcome.kept, *fresh_entries(short)],
        "long": [row for row in here if not row.opens_here],
        "owing": sum(1 for row in rows if row.period),
        "open": len(rows),
    }
    return render(request, "desk/table.html", context, status=status)
