"""佐证材料: adding files to a report, opening them, taking them off again."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import Verb, access, acting, principal_of
from agencies.lib.requests import HtmxHttpRequest, is_number
from reforms.files.responses import file_response
from reforms.models import ProgressReport
from reforms.pages.forms import form_key_of
from reforms.reports.drafts import Pen
from reforms.reports.evidence import add_evidence, remove_evidence
from reforms.reports.permissions import readable_evidence, readable_report, with_evidence


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """What became of one file, as a sentence."""

    level: int
    sentence: str

    @property
    def tag(self) -> str:
        return messages.DEFAULT_TAGS[self.level]


@access(Verb.READ_REPORTS)
@require_safe
def evidence(request: HtmxHttpRequest, pk: int) -> FileResponse:
    """The file itself; with ?view=1 a PDF or an image is shown instead of saved."""
    found = readable_evidence(principal_of(request), pk)
    return file_response(found, shown=request.GET.get("view") == "1")


@access(Verb.REPORT)
@require_POST
def add(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Several files at once: the good ones are kept when others are refused, each with its own sentence."""
    report = readable_report(principal_of(request), pk)
    uploads = request.FILES.getlist("files")
    # Each in a transaction of its own: one that is refused does not take back those before it.
    outcomes = [_added(request, pk, upload) for upload in uploads]
    if not uploads:
        outcomes = [UploadOutcome(messages.ERROR, _("没有选择文件。请选择要上传的佐证材料。"))]
    return _back(request, report, outcomes)


def _added(request: HttpRequest, report_id: int, upload: "UploadedFile[bytes]") -> UploadOutcome:
    try:
        found, is_new = add_evidence(report_id, upload, **acting(request), pen=_pen(request))
    except ValidationError as error:
        return UploadOutcome(messages.ERROR, error.messages[0])
    if is_new:
        return UploadOutcome(messages.SUCCESS, _("已添加“%(name)s”。") % {"name": found.name})
    return UploadOutcome(messages.INFO, _("“%(name)s”此前已添加，无需重复上传。") % {"name": found.name})


@access(Verb.REPORT)
@require_POST
def remove(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Take one file off its report."""
    found = readable_evidence(principal_of(request), pk)
    try:
        remove_evidence(pk, **acting(request), pen=_pen(request))
    except ValidationError as error:
        return _back(request, found.report, [UploadOutcome(messages.ERROR, error.messages[0])])
    done = UploadOutcome(messages.SUCCESS, _("已删除“%(name)s”。") % {"name": found.name})
    return _back(request, found.report, [done])


def _pen(request: HttpRequest) -> Pen:
    """The form in which the report is being written on the same page, if there is one."""
    seen = request.POST.get("draft_seen", "")
    key = form_key_of(request)
    return Pen(form_key=key, draft_seen=int(seen) if is_number(seen) else None)


def _draft_seen(request: HttpRequest, draft: ProgressReport) -> int | None:
    """The version that the form on the page has seen now; what colleagues wrote meanwhile it has not."""
    pen = _pen(request)
    # Adding a file moves the draft's version. The form on the page goes on with it, unless a colleague's text lies
    # between.
    return draft.version if pen.knows(draft) else pen.draft_seen


def _back(request: HtmxHttpRequest, report: ProgressReport, outcomes: list[UploadOutcome]) -> HttpResponse:
    """To the report on its measure's page; for htmx only its evidence, with what became of each file."""
    if request.htmx:
        shown = with_evidence(ProgressReport.objects.filter(pk=report.pk)).get()
        # Only the part about evidence is written anew: the text that is being typed beside it stays as it is.
        context = {"report": shown, "outcomes": outcomes, "draft_seen": _draft_seen(request, shown)}
        return render(request, "reports/evidence.html", context)
    for outcome in outcomes:
        messages.add_message(request, outcome.level, outcome.sentence)
    if report.state == ProgressReport.State.DRAFT:
        return redirect(f"{reverse('report', args=[report.measure_id])}?agency={report.agency_id}")
    return redirect(f"{report.measure.get_absolute_url()}#report-{report.pk}")
