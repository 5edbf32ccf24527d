"""离线填报: the duties as a workbook, and what comes back: checked, shown, confirmed."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Principal, Verb, access, acting, agencies_for, may, principal_of, today
from agencies.lib.requests import is_number
from agencies.models import Agency
from reforms.lib.tables import XLSX, call_file
from reforms.lib.words import day_text
from reforms.models import Duty
from reforms.pages.desk.forms import SourceForm, WorkbookForm
from reforms.workbook.compare import propose
from reforms.workbook.layout import sign
from reforms.workbook.read import LARGEST_FILE, Returned, WorkbookRefused, read
from reforms.workbook.rows import editions_in_force, lines_of, may_have
from reforms.workbook.submit import LARGEST, MOST_AT_ONCE, seal, send, unseal
from reforms.workbook.write import workbook


@access(Verb.USE_DESK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """Where the workbook is handed out and comes back; what came back is shown and nothing is written yet."""
    who = principal_of(request)
    _check_may(who)
    form = WorkbookForm(request.POST, request.FILES) if request.method == "POST" else WorkbookForm()
    if request.method == "POST" and form.is_valid():
        try:
            return _preview(request, _returned(form.cleaned_data["file"]))
        except WorkbookRefused as refused:
            form.add_error("file", str(refused))
    context = {"form": form, "agencies": Agency.objects.filter(pk__in=_agencies(who))}
    return render(request, "workbook/workbook.html", context, status=422 if form.is_bound else 200)


@access(Verb.USE_DESK)
@never_cache
@require_safe
def file(request: HttpRequest) -> HttpResponse:
    """The workbook of one agency."""
    who = principal_of(request)
    _check_may(who)
    asked = request.GET.get("agency", "")
    pk = int(asked) if is_number(asked) else min(agencies_for(who, Verb.REPORT), default=0)
    _check_may(who, pk)
    agency = get_object_or_404(Agency, pk=pk)
    lines = lines_of(pk, by_office=_on_behalf(who, pk))
    said = f"{agency.name}　{today().isoformat()}"
    data = workbook(lines, said=said, version=sign(pk, editions_in_force(), lines))
    response = HttpResponse(data, content_type=XLSX)
    call_file(response, f"进展填报表-{agency.name}-{today().isoformat()}.xlsx")
    return response


@access(Verb.USE_DESK)
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Report the rows that were shown and stayed ticked; the receipt says what became of each."""
    who = principal_of(request)
    _check_may(who)
    try:
        agency_id, rows = unseal(request.POST.get("shown", ""), who)
    except ValidationError as error:
        context = {"form": WorkbookForm(), "agencies": [], "refused": error.messages[0]}
        return render(request, "workbook/workbook.html", context, status=422)
    # Again: up to a day lies between looking and confirming, and roles may have changed.
    _check_may(who, agency_id)
    form = SourceForm(request.POST)
    behalf = _on_behalf(who, agency_id)
    if behalf and not form.is_valid():
        return _ask_source(request, agency_id)
    source = form.cleaned_data["source"] if behalf else ""
    chosen = {int(pk) for pk in request.POST.getlist("rows") if is_number(pk)}
    receipts = send(rows, chosen, agency_id=agency_id, **acting(request), source=source)
    context = {
        "agency": Agency.objects.get(pk=agency_id),
        "done": [one for one in receipts if not one.problem],
        "failed": [one for one in receipts if one.problem],
        "left": len(rows) - len(receipts),
    }
    return render(request, "workbook/receipt.html", context)


def _preview(request: HttpRequest, returned: Returned) -> HttpResponse:
    who, agency_id = principal_of(request), returned.version.agency_id
    if not may_have(who, agency_id):
        raise WorkbookRefused(_("这是另一单位的填报表，您不能代其报送。"))
    behalf = _on_behalf(who, agency_id)
    findings = propose(returned, lines_of(agency_id, by_office=behalf))
    sealed = seal(findings.proposals, agency_id=agency_id, who=who)
    # It comes back as a field of a form, and Django takes 2.5 MB of fields in all.
    if len(sealed) > LARGEST:
        raise WorkbookRefused(_("一次改动的内容过多。请分成几个文件，分次上传。"))
    if len(findings.proposals) > MOST_AT_ONCE:
        said = {"n": len(findings.proposals), "most": MOST_AT_ONCE}
        raise WorkbookRefused(_("文件中有%(n)d条举措有改动，一次最多报送%(most)d条。请分成几个文件，分次上传。") % said)
    context: dict[str, Any] = {
        "agency": Agency.objects.get(pk=agency_id),
        "findings": findings,
        "sealed": sealed,
        "new_edition": list(returned.version.editions) != editions_in_force(),
        "source": SourceForm() if behalf else None,
        "day": day_text(today()),
    }
    return render(request, "workbook/preview.html", context)


def _ask_source(request: HttpRequest, agency_id: int) -> HttpResponse:
    """The same rows again: what was ticked is kept, and the source is asked for."""
    form = SourceForm(request.POST)
    context = {
        "form": form,
        "agency": Agency.objects.get(pk=agency_id),
        "sent": [(name, value) for name in ("shown", "rows") for value in request.POST.getlist(name)],
    }
    return render(request, "workbook/source.html", context, status=422)


def _returned(file: "UploadedFile[bytes]") -> Returned:
    """Not more of it than a workbook may have."""
    if (file.size or 0) > LARGEST_FILE:
        raise WorkbookRefused(_("文件超过2MB。请删去图片等附加内容后上传。"))
    return read(file.read())


def _check_may(who: Principal, agency_id: int | None = None) -> None:
    allowed = may_have(who, agency_id) if agency_id is not None else may(who, Verb.REPORT) or may(who, Verb.ENTER_FOR)
    if not allowed or agency_id == 0:
        raise PermissionDenied


def _on_behalf(who: Principal, agency_id: int) -> bool:
    return not may(who, Verb.REPORT, [agency_id])


def _agencies(who: Principal) -> frozenset[int]:
    """Whose workbook one may have: one's own, for the office that of everybody who holds a duty."""
    if not may(who, Verb.ENTER_FOR):
        return agencies_for(who, Verb.REPORT)
    holding = Duty.objects.order_by().values_list("agency", flat=True).distinct()
    return frozenset(pk for pk in holding if may_have(who, pk))
