"""Taking an edition back: what that would change, then do it. A long one is looked at and written by the worker."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Verb, access, acting, principal_of
from agencies.lib.requests import load_anew
from importers.editions.refusals import Refused, said_of
from importers.editions.taking_back import look, take_back, way_back
from importers.jobs import editions as jobs
from importers.jobs.decide import NotReady
from importers.models import EditionJob
from importers.pages import work
from importers.pages.editions import edition_open_to
from reforms.models import ListEdition


@access(Verb.MANAGE_IMPORTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def revert_edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Take the edition in force back: first what that would change, then do it."""
    edition = edition_open_to(request, slug, number)
    kind = way_back(edition)
    if not work.is_small(edition):
        return _by_the_worker(request, edition, kind)
    refused = _taken_back(request, edition, kind) if request.method == "POST" else None
    if isinstance(refused, HttpResponse):
        return refused
    try:
        shown = look(edition, kind)
    except Refused as hindrance:
        return _no(request, edition, hindrance)
    context = _context(edition, kind, shown.facts) | {"key": shown.key, "refused": refused}
    return render(request, "editions/take_back.html", context, status=409 if refused else 200)


def _taken_back(request: HttpRequest, edition: ListEdition, kind: EditionJob.Kind) -> HttpResponse | str:
    """Where to go after it; or why it has to be looked at once more."""
    title = str(edition.reform_list)
    try:
        take_back(edition, kind, shown=request.POST.get("key", ""), **acting(request))
    except Refused as hindrance:
        if hindrance.code == "not_as_shown":
            return said_of(hindrance.code)
        return _no(request, edition, hindrance)
    if kind == EditionJob.Kind.UNDO:
        messages.success(request, _("已撤销导入，“%(list)s”已删除。") % {"list": title})
        return redirect("imports")
    before = ListEdition.objects.get(reform_list=edition.reform_list_id, is_in_force=True)
    said = _("已撤回第%(old)s版，第%(new)s版恢复为现行版本。")
    messages.success(request, said % {"old": edition.number, "new": before.number})
    return redirect(before)


def _no(request: HttpRequest, edition: ListEdition, hindrance: Refused) -> HttpResponse:
    messages.error(request, said_of(hindrance.code, hindrance.names))
    return redirect(edition)


def _by_the_worker(request: HttpRequest, edition: ListEdition, kind: EditionJob.Kind) -> HttpResponse:
    """To the job that takes it back; where there is none, what it is for, and a button."""
    job = jobs.taking_back_of(edition)
    if job is None and not edition.is_in_force:
        return _no(request, edition, Refused("moved"))
    if job is None and request.method != "POST":
        return render(request, "editions/look_first.html", _context(edition, kind))
    return redirect(job or work.look(edition, kind))


def _context(edition: ListEdition | None, kind: str, facts: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"edition": edition, "kind": EditionJob.Kind(kind), "would": facts}


@access(Verb.MANAGE_IMPORTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def taking_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a taking back is: under way, waiting for a decision, or done with what came of it. Sent with `key` it is
    confirmed, without one given up."""
    job = get_object_or_404(_jobs(), pk=pk)
    if request.method == "POST":
        _decide(request, job)
        return redirect(job)
    context = _context(job.edition, job.kind, job.found) | _progress(job)
    context["refused"] = said_of(job.refusal, job.names)
    if job.state == EditionJob.State.READY:
        return render(request, "editions/take_back.html", context | {"key": job.key})
    return render(request, "editions/taking_back.html", context)


def _decide(request: HttpRequest, job: EditionJob) -> None:
    try:
        if "key" not in request.POST:
            _say_cancelled(request, heard=jobs.cancel(job))
        else:
            jobs.confirm(job, principal_of(request), request.POST["key"])
            work.take_back()
    except NotReady:
        messages.error(request, _("该撤回已被确认、取消或正在处理，或情况有变化。未作任何改动。"))


def _say_cancelled(request: HttpRequest, *, heard: bool) -> None:
    if heard:
        messages.success(request, _("正在取消，结果以本页显示的为准。"))
    else:
        messages.error(request, _("正在处理，暂时无法取消：共享缓存没有应答。请稍后再试，或待处理完后再取消。"))


@access(Verb.MANAGE_IMPORTS)
@never_cache
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress bar alone; when there is nothing to wait for, the page is loaded anew."""
    job = get_object_or_404(_jobs(), pk=pk)
    if job.is_under_way:
        return render(request, "editions/progress.html", _progress(job))
    return load_anew()


def _jobs() -> QuerySet[EditionJob]:
    return EditionJob.objects.exclude(kind=EditionJob.Kind.COMPARISON).select_related("edition__reform_list")


def _progress(job: EditionJob) -> dict[str, Any]:
    address = reverse("taking-back-progress", args=[job.pk])
    return {"job": job, "reached": jobs.watch_of(job.pk).reached(), "progress_address": address}
