"""How a list comes in: upload, look at what was understood and what would change, confirm, receipt."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import access, principal_of
from agencies.models import Agency
from agencies.rules import Verb
from importers import jobs
from importers.forms import AgencyChoice, DeadlineForm, NamesForm, UploadForm, is_number
from importers.jobs import NotAsShown, NotReady, Undecided, Upload
from importers.models import ImportJob, PlannedRow
from importers.review import Shown, review
from importers.settle import Answer
from importers.tasks import run_imports
from importers.watch import Watch
from reforms.tasks import wake

PAGE_SIZE = 50
# Up to these sizes the work is done while the administrator waits; beyond them by the worker.
SMALL_FILE, SMALL_LIST = 512 * 1024, 1_000


@access(Verb.MANAGE_IMPORTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Every import so far; the form takes a document in."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        return redirect(_start(request, form))
    pages = Paginator(
        ImportJob.objects.select_related("reform_list", "edition__reform_list").defer("reading"), PAGE_SIZE
    )
    context = {"form": form, "page": pages.get_page(request.GET.get("page"))}
    return render(request, "imports/imports.html", context, status=422 if form.is_bound else 200)


def _start(request: HttpRequest, form: UploadForm) -> ImportJob:
    facts = form.cleaned_data
    file = facts["file"]
    upload = Upload(
        name=file.name,
        data=file.read(),
        reform_list=form.reform_list,
        slug=facts["slug"],
        year=facts["year"],
    )
    job = jobs.start(upload, principal_of(request))
    _do(job, at_once=file.size <= SMALL_FILE)
    return job


def _do(job: ImportJob, *, at_once: bool) -> None:
    if at_once:
        jobs.run(job.pk)
    else:
        wake(run_imports)


@access(Verb.MANAGE_IMPORTS)
@never_cache
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an import is: under way, waiting for a decision, or done with its receipt."""
    job = get_object_or_404(ImportJob.objects.select_related("reform_list", "edition"), pk=pk)
    if job.is_under_way:
        return render(request, "imports/under_way.html", _progress(job))
    if job.state == ImportJob.State.READY:
        return _ready(request, job)
    return render(request, "imports/ended.html", {"job": job, "declined": _declined(job)})


@access(Verb.MANAGE_IMPORTS)
@never_cache
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress bar alone, asked for every second; when there is nothing to wait for, the page is loaded anew."""
    job = get_object_or_404(ImportJob.objects.defer("reading"), pk=pk)
    if job.is_under_way:
        return render(request, "imports/progress.html", _progress(job))
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response


def _progress(job: ImportJob) -> dict[str, Any]:
    return {"job": job, "reached": Watch(job.pk).reached()}


def _declined(job: ImportJob) -> QuerySet[PlannedRow]:
    return job.rows.filter(is_declined=True)


def _ready(
    request: HttpRequest, job: ImportJob, *, status: int = 200, wrong: dict[int, Any] | None = None
) -> HttpResponse:
    query = QueryDict(request.POST["back"]) if "back" in request.POST else request.GET
    shown = Shown.of(query, job)
    pages = Paginator(shown.rows(job), PAGE_SIZE)
    page = pages.get_page(query.get("page"))
    context = review(job, page, wrong or {}) | {"job": job, "shown": shown, "page": page}
    return render(request, "imports/review.html", context, status=status)


def _back(request: HttpRequest, job: ImportJob, anchor: str = "") -> HttpResponse:
    """To the same tab and page of the review."""
    query = request.POST.get("back", "")
    return redirect(f"{job.get_absolute_url()}?{query}{anchor}" if query else f"{job.get_absolute_url()}{anchor}")


def _gone(request: HttpRequest, job: ImportJob) -> HttpResponse:
    messages.error(request, _("该导入已被确认、取消或正在处理，未作改动。"))
    return redirect(job)


@access(Verb.MANAGE_IMPORTS)
@require_POST
def choose_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Which of the changes shown are made: those that are ticked."""
    job = get_object_or_404(ImportJob, pk=pk)
    shown, ticked = (set(map(int, filter(is_number, request.POST.getlist(name)))) for name in ("place", "accept"))
    whole = request.POST.get("whole", "")
    try:
        if whole in ("accept", "decline"):
            jobs.decline_all(job, declined=whole == "decline")
        else:
            jobs.decline(job, shown - ticked, declined=True)
            jobs.decline(job, shown & ticked, declined=False)
    except NotReady:
        return _gone(request, job)
    messages.success(request, _("已保存取舍。"))
    return _back(request, job)


@access(Verb.MANAGE_IMPORTS)
@require_POST
def choose_agencies(request: HttpRequest, pk: int) -> HttpResponse:
    """What each unseen name is."""
    job = get_object_or_404(ImportJob, pk=pk)
    decisions: dict[str, str | int] = {}
    for at, name in enumerate(job.unseen_names):
        form = AgencyChoice({"decision": request.POST.get(f"agency-{at}", "")})
        if form.is_valid() and request.POST.get(f"name-{at}") == name:
            decisions[name] = form.cleaned_data["decision"]
    decisions |= _named_by_hand(request, job)
    try:
        jobs.decide_agencies(job, decisions)
    except NotReady:
        return _gone(request, job)
    messages.success(request, _("已保存单位的认定。"))
    return _back(request, job, "#agencies")


def _named_by_hand(request: HttpRequest, job: ImportJob) -> dict[str, str | int]:
    """One unseen name for which a known agency was typed in; what is no agency's name decides nothing."""
    typed, at = request.POST.get("known", "").replace("\x00", "").strip(), request.POST.get("known-for", "")
    names = job.unseen_names
    if not typed or not is_number(at) or int(at) >= len(names):
        return {}
    found = Agency.objects.called([typed]).get(typed)
    if found is None:
        messages.error(request, _("没有名为“%(name)s”的单位，请从提示中选择。") % {"name": typed})
        return {}
    return {names[int(at)]: found.pk}


@access(Verb.MANAGE_IMPORTS)
@require_POST
def answer_row(request: HttpRequest, pk: int) -> HttpResponse:
    """What one unclear cell means."""
    job = get_object_or_404(ImportJob, pk=pk)
    place, cell = request.POST.get("place", ""), request.POST.get("cell", "")
    if job.state != ImportJob.State.READY:
        return _gone(request, job)
    row = get_object_or_404(PlannedRow, job=job, place=place if is_number(place) else 0, row__isnull=False)
    form = DeadlineForm(request.POST) if cell == "deadline" else NamesForm(request.POST)
    if cell not in ("deadline", "lead", "responsible") or not form.is_valid():
        return _ready(request, job, status=422, wrong={row.place: form})
    measure = next(one for one in job.parsed.measures if one.row == row.row)
    try:
        jobs.answer(job, [Answer.about(measure, cell, **form.cleaned_data)])
    except NotReady:
        return _gone(request, job)
    _do(job, at_once=job.totals["measures"] <= SMALL_LIST)
    messages.success(request, _("已记录，原文保留不变。"))
    return _back(request, job)


@access(Verb.MANAGE_IMPORTS)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what is shown; only now."""
    job = get_object_or_404(ImportJob, pk=pk)
    try:
        jobs.confirm(job, principal_of(request), request.POST.get("key", ""))
    except NotReady:
        return _gone(request, job)
    except NotAsShown:
        messages.error(request, _("清单、识别结果或取舍在您查看之后有变化，请重新核对后再确认。未写入任何数据。"))
        return redirect(job)
    except Undecided as still_open:
        messages.error(request, str(WHAT_IS_OPEN[still_open.what[0]]))
        return redirect(job)
    _do(job, at_once=job.totals["measures"] <= SMALL_LIST)
    return redirect(job)


WHAT_IS_OPEN = {
    "unnumbered": gettext_lazy("有的行没有序号，无法归入任何改革事项。请在文件中补上序号后重新上传。未写入任何数据。"),
    "agencies": gettext_lazy("有首次出现的单位尚未认定。请逐一认定后再确认。未写入任何数据。"),
    "nothing": gettext_lazy("没有任何采纳的变化，无需写入。"),
}


@access(Verb.MANAGE_IMPORTS)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(ImportJob.objects.defer("reading"), pk=pk)
    jobs.cancel(job)
    job.refresh_from_db(fields=["state"])
    if job.state == ImportJob.State.CANCELLED:
        messages.success(request, _("已取消。未写入任何数据。"))
    elif job.is_under_way:
        messages.success(request, _("正在取消，结果以本页显示的为准。"))
    else:
        messages.error(request, _("该导入已经结束或刚刚处理完，取消没有生效，请以本页显示的为准。"))
    return redirect(job)
