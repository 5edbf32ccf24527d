"""补录: fill in what is already complete, in bulk and dated. Check, preview, confirm, receipt."""

import json
from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, acting, may, principal_of
from importers.backfill import LARGEST_FILE, ReadRows, of_text, read_rows, rows_of_file, rows_of_text, to_text
from importers.documents.limits import Rejected
from importers.jobs.decide import is_number
from importers.pages.problems import in_words
from reforms.models import Measure, ReformList, Status
from reforms.office.backfill import BackfillRow, NotFilledIn, Refusal, check_filling, fill_in
from reforms.reminders.start import filled_in

PAGE_SIZE = 100
RECENT = 20
PICKED = "pick"
TYPED = ("on", "note", "state")
ON_ALL = "all-on"
Typed = dict[str, str]
Table = list[tuple[int, list[str]]]


@access(Verb.MANAGE_REMINDERS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, slug: str) -> HttpResponse:
    """The open measures with a tick, a day and a note; or a file; or a pasted block. Who switches reminders on but does
    not fill in sees how far it is, and whose work it is."""
    reform_list = get_object_or_404(ReformList, slug=slug)
    if request.method == "POST" and not _may_fill(request):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, reform_list)
    # Another page of the table was asked for: what was typed on this one goes along.
    if "to" in request.POST:
        return _page(request, reform_list)
    if "confirmed" in request.POST:
        return _confirm(request, reform_list)
    try:
        read = _read(request, reform_list)
    except Rejected as rejection:
        return _page(request, reform_list, refusals=[Refusal(0, "", in_words(rejection.problem))])
    refusals = [*read.refusals, *check_filling(read.rows, **acting(request))]
    if not refusals and not read.rows:
        refusals = [Refusal(0, "", _("请勾选举措，或上传文件、粘贴表格。"))]
    if refusals:
        return _page(request, reform_list, refusals=sorted(refusals, key=lambda one: one.row))
    return _preview(request, reform_list, read.rows)


def _may_fill(request: HttpRequest) -> bool:
    who = principal_of(request)
    return may(who, Verb.ENTER_FOR) and may(who, Verb.REVIEW)


def _read(request: HttpRequest, reform_list: ReformList) -> ReadRows:
    # The form has three ways to say it; a file goes before a pasted block, and that before ticks.
    upload = request.FILES.get("file")
    if upload:
        return read_rows(rows_of_file(upload.read(LARGEST_FILE + 1)), reform_list)
    if request.POST.get("pasted", "").strip():
        return read_rows(rows_of_text(request.POST["pasted"]), reform_list)
    return read_rows(_ticked(request), reform_list)


def _ticked(request: HttpRequest) -> Table:
    """The rows of the page's own table, each by its measure and under the number of its item; those without a day of
    their own have that of all."""
    typed = {pk: said for pk, said in _typed(request.POST).items() if said["picked"] and is_number(pk)}
    for said in typed.values():
        said["on"] = said["on"] or request.POST.get(ON_ALL, "")
    numbers = dict(Measure.objects.filter(pk__in=typed).values_list("pk", "item__number"))
    return [(numbers.get(int(pk), 0), [f"#{pk}", *(said[name] for name in TYPED)]) for pk, said in typed.items()]


def _typed(data: QueryDict) -> dict[str, Typed]:
    """What was entered beside each measure, by its id: on the other pages, carried along, and on this one."""
    picked = data.getlist(PICKED)
    here = [key.removeprefix("on-") for key in data if key.startswith("on-")]
    return _carried(data.get("carried", "")) | {
        pk: {name: data.get(f"{name}-{pk}", "") for name in TYPED} | {"picked": "yes" if pk in picked else ""}
        for pk in (*here, *picked)
    }


def _carried(text: str) -> dict[str, Typed]:
    # It comes back from the browser, so anything may stand in it.
    try:
        carried = json.loads(text or "{}")
        return {str(pk): {name: str(said[name]) for name in (*TYPED, "picked")} for pk, said in carried.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _preview(request: HttpRequest, reform_list: ReformList, rows: Sequence[BackfillRow]) -> HttpResponse:
    ids = [row.measure_id for row in rows]
    measures = Measure.objects.select_related("item").prefetch_related("assignments__agency").in_bulk(ids)
    context = {
        "reform_list": reform_list,
        "rows": [(row, measures[row.measure_id]) for row in rows],
        "done": sum(row.done for row in rows),
        "under_way": sum(not row.done for row in rows),
        "text": to_text(rows),
        "ticked": _is_ticked(request),
    }
    return render(request, "backfill/preview.html", context)


def _confirm(request: HttpRequest, reform_list: ReformList) -> HttpResponse:
    try:
        rows = list(of_text(request.POST.get("rows", "")))
    except ValueError:
        rows = []
    if not rows:
        return _page(request, reform_list, refusals=[Refusal(0, "", _("核对内容不完整，请重新核对。"))])
    # The rows come back from the browser: only measures of this list are taken.
    of_list = Measure.objects.filter(reform_list=reform_list, pk__in=[row.measure_id for row in rows])
    if of_list.count() != len({row.measure_id for row in rows}):
        raise PermissionDenied
    try:
        receipt = fill_in(rows, **acting(request))
    except NotFilledIn as refused:
        return _page(request, reform_list, refusals=refused.refusals)
    said = _("已补录%(n)d条：已完成%(done)d条，推进中%(under_way)d条。没有发出任何提醒或消息。")
    counts = {"n": len(rows), "done": receipt.done, "under_way": receipt.under_way}
    messages.success(request, said % counts)
    return redirect("fill-in", slug=reform_list.slug)


def _page(request: HttpRequest, reform_list: ReformList, *, refusals: Sequence[Refusal] = ()) -> HttpResponse:
    measures = Measure.objects.counted().filter(reform_list=reform_list)
    # What is closed, waits to be verified or is standing has nothing to be filled in.
    unfinished = measures.exclude(status__in=(Status.CLOSED, Status.UNDER_REVIEW, Status.STANDING))
    pages = Paginator(unfinished.select_related("item").order_by("row", "pk"), PAGE_SIZE)
    page = pages.get_page(
        QueryDict(request.POST.get("to", "")).get("page") or request.POST.get("page") or request.GET.get("page")
    )
    typed = _typed(request.POST)
    here = {str(measure.pk) for measure in page}
    # Only what says something, so that the page does not carry every measure of the list.
    elsewhere = {
        pk: said for pk, said in typed.items() if pk not in here and (said["picked"] or said["on"] or said["note"])
    }
    filled = filled_in([reform_list])
    context = {
        "reform_list": reform_list,
        "may_fill": _may_fill(request),
        "open": unfinished.count(),
        "on_all": request.POST.get(ON_ALL, ""),
        "page": page,
        "rows": [(measure, typed.get(str(measure.pk))) for measure in page],
        "carried": json.dumps(elsewhere),
        "picked_elsewhere": sum(bool(said["picked"]) for said in elsewhere.values()),
        "pasted": request.POST.get("pasted", ""),
        "refusals": refusals,
        "ticked": _is_ticked(request),
        "filled": filled.values("measure").distinct().count(),
        "recent": filled.select_related("measure__item", "agency")[:RECENT],
    }
    return render(request, "backfill/backfill.html", context, status=422 if refusals else 200)


def _is_ticked(request: HttpRequest) -> bool:
    """Whether rows are called by the numbers of their items, not by those of a sheet."""
    return "ticked" in request.POST or any(said["picked"] for said in _typed(request.POST).values())
