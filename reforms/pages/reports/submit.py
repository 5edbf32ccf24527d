"""Reporting progress on a measure: sent, said to be unchanged, withdrawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import Verb, access, acting, agencies_for, principal_of
from agencies.lib.requests import HtmxHttpRequest, is_number
from reforms.catalogue.rows import measure_rows, viewpoint
from reforms.duties import holders
from reforms.models import Duty, Measure, ProgressReport, Stale
from reforms.pages.forms import add_errors, answered, form_key_of, measure_named
from reforms.pages.reports.conflict import conflict
from reforms.pages.reports.worksheet import ReportForm, Worksheet, worksheet
from reforms.reports.drafts import discard_draft, draft_of, save_draft
from reforms.reports.permissions import may_write, readable_on, readable_report
from reforms.reports.submit import last_sent, report_unchanged, submit_report, withdraw_report


def open_sheet(request: HttpRequest, pk: int) -> Worksheet:
    """The worksheet on a measure of the agency that the address or the form names, else of the first own one that acts
    on it. Raises PermissionDenied where there is none."""
    who = principal_of(request)
    measure = get_object_or_404(Measure.objects.readable_by(who).select_related("reform_list"), pk=pk)
    duties = holders(measure)
    said = request.POST if request.method == "POST" else request.GET
    asked = said.get("agency", "")
    for duty in own_duties(request, duties):
        if asked in ("", str(duty.agency_id)):
            readable = readable_on(who, duties)
            return worksheet(measure, duty, duties, readable=readable, replaces=_number(said.get("replaces")))
    raise PermissionDenied


def own_duties(request: HttpRequest, duties: Sequence[Duty]) -> list[Duty]:
    """Those that whoever asks may report on."""
    own = agencies_for(principal_of(request), Verb.REPORT)
    return [duty for duty in duties if duty.agency_id in own]


def _number(value: str | None) -> int | None:
    return int(value) if value and is_number(value) else None


def address_of(sheet: Worksheet) -> str:
    """Where the form of this agency on this measure is."""
    return f"{reverse('report', args=[sheet.measure.pk])}?agency={sheet.agency.pk}"


def sheet_page(
    request: HttpRequest, sheet: Worksheet, form: ReportForm, *, status: int = 200, **more: object
) -> HttpResponse:
    """The page with the form on it."""
    return render(request, "reports/report.html", sheet_context(request, sheet, form) | more, status=status)


def sheet_context(request: HttpRequest, sheet: Worksheet, form: ReportForm) -> dict[str, Any]:
    """What the page shows. `draft` and `report` are for the evidence under the draft."""
    view = viewpoint(**acting(request), slugs=[sheet.measure.reform_list.slug])
    return {
        "form": form,
        "sheet": sheet,
        "draft": sheet.draft,
        "report": sheet.draft,
        "row": measure_rows(Measure.objects.filter(pk=sheet.measure.pk), view)[0],
        "view": view,
        "agencies": [duty.agency for duty in own_duties(request, sheet.duties)],
        "address": address_of(sheet),
    }


def conflict_page(request: HttpRequest, form: ReportForm, stale: Stale, *, fragment: bool = False) -> HttpResponse:
    """Both versions, and the form with what its writer wrote, to be sent again or changed. Nothing was written."""
    theirs = report_of(stale)
    # Opened anew: the sheet that the request began with still shows what was there before the other's.
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
        sent = submit_report(measure, agency, form.said(), **acting(request), **seen)
    except Stale as stale:
        return conflict_page(request, form, stale)
    except ValidationError as error:
        return _refused(request, sheet, form, error)
    messages.success(request, answered(sheet.measure, _sent_text(sent)))
    return redirect("measure", pk=measure)


def _refused(request: HttpRequest, sheet: Worksheet, form: ReportForm, error: ValidationError) -> HttpResponse:
    code = getattr(error, "code", "")
    made = last_sent(sheet.measure.pk, sheet.agency.pk)
    # This form was sent before and said something else: both are shown, instead of a sentence about a number.
    if code == "reference_taken" and made:
        return conflict_page(request, form, Stale(made))
    # What was to be corrected is decided by now: the text stays, to be sent as a report of its own.
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
    key = form_key_of(request)
    try:
        report_unchanged(pk, sheet.agency.pk, **acting(request), form_key=key)
    except Stale:
        # A draft is text that a colleague is writing: one click must not go past it.
        messages.warning(request, _("本单位有一份尚未报送的草稿，请先报送或放弃。"))
        return redirect(address_of(sheet))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("%(measure)s已报送“本期无变化”。") % {"measure": measure_named(sheet.measure)})
    return redirect("desk") if request.POST.get("back") == "desk" else redirect("measure", pk=pk)


@access(Verb.READ_REPORTS)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an own report on which nobody has acted; a claim that waits for signature is a draft again."""
    who = principal_of(request)
    found = readable_report(who, pk)
    # A draft is discarded, not taken back; by this address it is as if it were not there.
    if found.state == State.DRAFT:
        raise Http404
    # The page is open to all who read reports, since the office takes back what it entered for an agency.
    if not may_write(who, found):
        raise PermissionDenied
    said = request.POST.get("seen", "")
    seen = int(said) if is_number(said) else 0
    try:
        taken = withdraw_report(pk, seen=seen if said else None, **acting(request))
    except Stale as stale:
        return _not_done(request, report_of(stale), _("这份填报刚刚有了变化，没有撤回。"), status=409)
    except ValidationError as error:
        return _not_done(request, found, error.messages[0], status=422)
    # What the office entered it does not find in the agency's draft.
    if taken.is_claim and not taken.by_office and draft_of(taken.measure_id, taken.holder_id):
        messages.success(request, answered(found.measure, _("已撤回，文字保留在草稿中。")))
        return redirect("report", pk=taken.measure_id)
    messages.success(request, answered(found.measure, _("已撤回。")))
    return redirect("measure", pk=taken.measure_id)


def _not_done(request: HttpRequest, found: ProgressReport, why: str, *, status: int) -> HttpResponse:
    return render(request, "reports/not_withdrawn.html", {"report": found, "why": why}, status=status)


@access(Verb.REPORT)
@never_cache
@require_POST
def draft(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Keep what is written so far: for htmx a word that it is kept, else the form again."""
    sheet = open_sheet(request, pk)
    form = ReportForm(_merged(request.POST, sheet), sheet=sheet)
    if not form.is_valid():
        return _not_kept(request, sheet, form)
    try:
        draft = _keep(request, sheet, form)
    except Stale as stale:
        return conflict_page(request, form, stale, fragment=bool(request.htmx))
    except ValidationError as error:
        add_errors(form, error)
        return _not_kept(request, sheet, form)
    if request.htmx:
        return render(request, "reports/draft_saved.html", {"draft": draft})
    return redirect(f"{address_of(sheet)}#draft-state")


def _keep(request: HttpRequest, sheet: Worksheet, form: ReportForm) -> ProgressReport:
    return save_draft(
        sheet.measure.pk,
        sheet.agency.pk,
        form.written(),
        seen=form.cleaned_data["draft_seen"],
        **acting(request),
        pen=form.pen(),
    )


def _not_kept(request: HtmxHttpRequest, sheet: Worksheet, form: ReportForm) -> HttpResponse:
    if request.htmx:
        return render(request, "reports/draft_refused.html", {"complaints": form.complaints()}, status=422)
    return sheet_page(request, sheet, form, status=422)


def _merged(data: QueryDict, sheet: Worksheet) -> QueryDict:
    """The form with the report of another agency, named by `merge`, added to its progress."""
    # Looked for among what may be read on this sheet, so that no number of another report leads to its text.
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
    # Only what was shown is thrown away: a colleague may have written on meanwhile, and then it is shown again.
    if request.method == "POST" and seen == str(sheet.draft.version):
        return _discard(request, sheet, int(seen))
    context = {"sheet": sheet, "draft": sheet.draft, "moved_on": bool(seen), "address": address_of(sheet)}
    return render(request, "reports/discard_draft.html", context, status=409 if seen else 200)


def _discard(request: HttpRequest, sheet: Worksheet, seen: int) -> HttpResponse:
    try:
        discard_draft(sheet.measure.pk, sheet.agency.pk, seen=seen, who=principal_of(request))
    except Stale:
        return redirect("discard-draft", pk=sheet.measure.pk)
    messages.success(request, answered(sheet.measure, _("草稿已放弃。")))
    return redirect("measure", pk=sheet.measure.pk)
