"""Drafts of reports: kept on the server as they are typed, and thrown away."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import Verb, access, principal_of
from agencies.clock import today
from reforms.lib.versions import Stale
from reforms.models import ProgressReport
from reforms.pages.forms import add_errors
from reforms.pages.reports.forms import ReportForm
from reforms.pages.reports.sheet import address_of, conflict_page, open_sheet, sheet_page
from reforms.pages.reports.worksheet import Worksheet
from reforms.reports.drafts import discard_draft, save_draft


@access(Verb.REPORT)
@never_cache
@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is written so far: for htmx a word that it is kept, else the form again."""
    sheet = open_sheet(request, pk)
    form = ReportForm(_merged(request.POST, sheet), sheet=sheet)
    if not form.is_valid():
        return _not_kept(request, sheet, form)
    try:
        draft = _keep(request, sheet, form)
    except Stale as stale:
        return conflict_page(request, form, stale, fragment=bool(request.htmx))  # type: ignore[attr-defined]
    except ValidationError as error:
        add_errors(form, error)
        return _not_kept(request, sheet, form)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "reports/draft_saved.html", {"draft": draft})
    return redirect(f"{address_of(sheet)}#draft-state")


def _keep(request: HttpRequest, sheet: Worksheet, form: ReportForm) -> ProgressReport:
    return save_draft(
        sheet.measure.pk,
        sheet.agency.pk,
        form.written(),
        seen=form.cleaned_data["draft_seen"],
        who=principal_of(request),
        on=today(),
        pen=form.pen(),
    )


def _not_kept(request: HttpRequest, sheet: Worksheet, form: ReportForm) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "reports/draft_refused.html", {"complaints": form.complaints()}, status=422)
    return sheet_page(request, sheet, form, status=422)


def _merged(data: QueryDict, sheet: Worksheet) -> QueryDict:
    """The form with the report of another agency, named by `merge`, added to its progress."""
    added = next((report for report in sheet.others if str(report.pk) == data.get("merge")), None)
    if added is None:
        return data
    merged = data.copy()
    merged["progress"] = f"{data.get('progress', '').rstrip()}\n{added.agency}：{added.progress}".lstrip()
    return merged


@access(Verb.REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away, once its text was shown."""
    sheet = open_sheet(request, pk)
    if sheet.draft is None:
        messages.info(request, _("没有草稿。"))
        return redirect("measure", pk=pk)
    seen = request.POST.get("seen", "")
    if request.method == "POST" and seen == str(sheet.draft.version):
        return _discard(request, sheet, int(seen))
    context = {"sheet": sheet, "draft": sheet.draft, "moved_on": bool(seen), "address": address_of(sheet)}
    return render(request, "reports/discard_draft.html", context, status=409 if seen else 200)


def _discard(request: HttpRequest, sheet: Worksheet, seen: int) -> HttpResponse:
    try:
        discard_draft(sheet.measure.pk, sheet.agency.pk, seen=seen, who=principal_of(request))
    except Stale:
        return redirect("discard-draft", pk=sheet.measure.pk)
    messages.success(request, _("草稿已放弃。"))
    return redirect("measure", pk=sheet.measure.pk)
