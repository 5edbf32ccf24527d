"""Editions of a list: what each printed, what changed between two, and the files. Taking one back: what that would
change, then do it; a long one is looked at and written by the worker."""

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Verb, access, acting, may, principal_of
from agencies.lib.requests import load_anew
from importers.editions.refusals import Refused, said_of
from importers.editions.taking_back import look, take_back, way_back
from importers.jobs import editions as jobs
from importers.jobs.decide import NotReady
from importers.models import EditionJob, EditionReading
from importers.pages import work
from importers.pages.review import changed
from importers.plans.compare import Comparison, Difference, compare, of_dict
from importers.plans.doubts import NAMES, doubts_by_kind
from reforms.models import ListEdition, PrintedRow, is_open_to
from reforms.pages.files import at_once_or_ordered

PAGE_SIZE = 100


def edition_open_to(request: HttpRequest, slug: str, number: int) -> ListEdition:
    """An edition of a list that is open to whoever asks; Http404 for all others."""
    known = ListEdition.objects.filter(is_open_to(principal_of(request), "reform_list__"))
    return get_object_or_404(known.select_related("reform_list"), reform_list__slug=slug, number=number)


@access(Verb.READ)
@require_safe
def edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One edition row by row, as printed, with its files and what to compare it with; for administrators with
    `?doubt=` the rows about which something was in doubt."""
    found = edition_open_to(request, slug, number)
    doubt = request.GET.get("doubt", "")
    # What the importer doubted is the office's to know; for all others the parameter is as if it were not there.
    doubt = doubt if doubt in NAMES and may(principal_of(request), Verb.MANAGE_IMPORTS) else ""
    pages = Paginator(_rows(found, doubt), PAGE_SIZE)
    return render(
        request,
        "editions/edition.html",
        {
            "edition": found,
            "reform_list": found.reform_list,
            "page": pages.get_page(request.GET.get("page")),
            "others": _comparisons(found),
            "doubt": _(NAMES[doubt]) if doubt else "",
            "query": urlencode({"doubt": doubt}) if doubt else "",
            "declined": found.rows.filter(is_declined=True).count(),
            "has_reading": EditionReading.objects.filter(edition=found).exists(),
        },
    )


def _rows(edition: ListEdition, doubt: str) -> QuerySet[PrintedRow]:
    rows = edition.rows.select_related("measure")
    if not doubt:
        return rows
    reading = EditionReading.objects.filter(edition=edition).first()
    kinds = doubts_by_kind(reading.parsed) if reading else []
    return rows.filter(row__in=[row for one in kinds if one.kind == doubt for row in one.rows])


def _comparisons(edition: ListEdition) -> list[tuple[ListEdition, str]]:
    """Every other edition of the list, with where the two are compared: the older one first."""
    others = edition.reform_list.editions.exclude(pk=edition.pk).order_by("-number")
    # One address for each pair, whichever of the two somebody comes from.
    places = [(other, sorted((other.number, edition.number))) for other in others]
    return [(other, reverse("compare-editions", args=[edition.reform_list.slug, *both])) for other, both in places]


@access(Verb.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def comparison(request: HttpRequest, slug: str, old: int, new: int) -> HttpResponse:
    """What changed between two editions, for anyone. Long ones are compared by the worker, for whoever asks first."""
    before, after = edition_open_to(request, slug, old), edition_open_to(request, slug, new)
    readings = {one.edition_id: one for one in EditionReading.objects.filter(edition__in=(before, after))}
    if before.pk not in readings or after.pk not in readings:
        # Of editions from before readings were kept nothing but the rows is left.
        raise Http404(_("该版本没有保存可供比较的识别结果。"))
    if work.is_small(before) and work.is_small(after):
        return _compared(request, before, after, compare(readings[before.pk].parsed, readings[after.pk].parsed))
    if request.method == "POST":
        work.compare(before, after)
        return redirect(request.path)
    job = jobs.comparison_of(before, after)
    if job is not None and job.state == EditionJob.State.READY:
        return _compared(request, before, after, of_dict(job.found))
    address = reverse("comparison-progress", args=[slug, old, new])
    context = {"old": before, "new": after, "reform_list": before.reform_list}
    return render(request, "editions/not_compared.html", context | _progress(job, address))


@access(Verb.READ)
@never_cache
@require_safe
def comparison_progress(request: HttpRequest, slug: str, old: int, new: int) -> HttpResponse:
    """The progress bar alone; when there is nothing to wait for, the page is loaded anew."""
    job = jobs.comparison_of(edition_open_to(request, slug, old), edition_open_to(request, slug, new))
    if job is not None and job.is_under_way:
        return render(request, "editions/progress.html", _progress(job, request.path))
    return load_anew()


def _progress(job: EditionJob | None, address: str) -> dict[str, Any]:
    return {"job": job, "reached": jobs.watch_of(job.pk).reached() if job else None, "progress_address": address}


def _compared(request: HttpRequest, before: ListEdition, after: ListEdition, found: Comparison) -> HttpResponse:
    kind = request.GET.get("kind", "")
    wanted = [change for change in found.changes if not kind or change.kind == kind]
    page = Paginator(wanted, PAGE_SIZE).get_page(request.GET.get("page"))
    measures = _measures({change.item_no for change in page}, before, after)
    return render(
        request,
        "editions/comparison.html",
        {
            "old": before,
            "new": after,
            "reform_list": before.reform_list,
            "found": found,
            "kind": kind,
            "reordered": len(found.changes) - found.of_substance,
            "counts": [
                (name, changed({"kind": name, "old": None, "new": None}).label, n) for name, n in found.counts.items()
            ],
            "page": page,
            "changes": [_shown(change, measures) for change in page],
        },
    )


def _measures(numbers: Collection[int | None], *editions: ListEdition) -> dict[tuple[int, int], int]:
    """Number and sequence → measure, of the items of these numbers; of the later edition where both have it."""
    found: dict[tuple[int, int], int] = {}
    for one in editions:
        rows = one.rows.filter(item_no__in=[number for number in numbers if number is not None]).exclude(measure=None)
        # In order of the editions: the later one writes over the earlier.
        found |= {(no, seq): pk for no, seq, pk in rows.values_list("item_no", "seq_in_item", "measure_id")}
    return found


def _shown(change: Difference, measures: dict[tuple[int, int], int]) -> dict[str, Any]:
    value = {
        "kind": change.kind,
        "old": change.old,
        "new": change.new,
        "added": change.added,
        "removed": change.removed,
    }
    return {
        "change": change,
        "words": changed(value),
        "measure": measures.get((change.item_no or 0, change.seq_in_item)),
    }


@access(Verb.READ_ORIGINALS)
@never_cache
@require_safe
def original(request: HttpRequest, slug: str, number: int) -> HttpResponse | FileResponse:
    """The file as it was brought in. It is only ever a download: whatever it holds must not run here."""
    found = edition_open_to(request, slug, number)
    # The row outlives its file where a backup was restored without the uploads.
    if not found.original.name or not found.original.storage.exists(found.original.name):
        raise Http404
    file = found.original.open("rb")
    # Whatever type it claims, a browser must not show it in our origin.
    return FileResponse(file, as_attachment=True, filename=found.file_name, content_type="application/octet-stream")


@access(Verb.READ)
@require_safe
def written(request: HttpRequest, slug: str, number: int, kind: str) -> HttpResponseBase:
    """The edition written out again, in the six columns of the list."""
    query = QueryDict(mutable=True)
    query.update({"list": slug, "number": str(number), "as": kind})
    back = reverse("edition", args=[slug, number])
    return at_once_or_ordered(request, "edition", query.urlencode(), back=back)


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
        # Something moved between looking and confirming: shown anew, and asked once more.
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
    # Another edition came in, or this one was taken back already: there is nothing to look at.
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
    context = _context(job.edition, job.kind, job.found) | _how_far(job)
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
        return render(request, "editions/progress.html", _how_far(job))
    return load_anew()


def _jobs() -> QuerySet[EditionJob]:
    # Comparisons have no owner and no address of their own; they are asked for by their two editions.
    return EditionJob.objects.exclude(kind=EditionJob.Kind.COMPARISON).select_related("edition__reform_list")


def _how_far(job: EditionJob) -> dict[str, Any]:
    address = reverse("taking-back-progress", args=[job.pk])
    return {"job": job, "reached": jobs.watch_of(job.pk).reached(), "progress_address": address}
