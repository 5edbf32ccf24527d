"""Editions of a list: what each printed, what changed between two, the files, and taking one back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
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
from importers.editions.apply import BaseMoved, NamesGone, NothingBefore, plan_revert, revert
from importers.editions.undo import undo_first_import, would_undo
from importers.models import EditionReading
from importers.pages.review import changed
from importers.plans.compare import Difference, compare
from importers.plans.doubts import NAMES, doubts_by_kind
from reforms.models import ListEdition, PrintedRow, is_open_to
from reforms.pages.exports import at_once_or_ordered

PAGE_SIZE = 100


def _edition(request: HttpRequest, slug: str, number: int) -> ListEdition:
    """An edition of a list that is open to whoever asks; Http404 for all others."""
    known = ListEdition.objects.filter(is_open_to(principal_of(request), "reform_list__"))
    return get_object_or_404(known.select_related("reform_list"), reform_list__slug=slug, number=number)


@access(Verb.READ)
@require_safe
def edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One edition row by row, as printed, with its files and what to compare it with; for administrators with
    `?doubt=` the rows about which something was in doubt."""
    found = _edition(request, slug, number)
    doubt = request.GET.get("doubt", "")
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
    places = [(other, sorted((other.number, edition.number))) for other in others]
    return [(other, reverse("compare-editions", args=[edition.reform_list.slug, *both])) for other, both in places]


@access(Verb.READ)
@require_safe
def comparison(request: HttpRequest, slug: str, old: int, new: int) -> HttpResponse:
    """What changed between two editions, for anyone."""
    before, after = _edition(request, slug, old), _edition(request, slug, new)
    readings = {one.edition_id: one for one in EditionReading.objects.filter(edition__in=(before, after))}
    if before.pk not in readings or after.pk not in readings:
        raise Http404(_("该版本没有保存可供比较的识别结果。"))
    found = compare(readings[before.pk].parsed, readings[after.pk].parsed)
    kind = request.GET.get("kind", "")
    wanted = [change for change in found.changes if not kind or change.kind == kind]
    page = Paginator(wanted, PAGE_SIZE).get_page(request.GET.get("page"))
    measures = _measures(before, after)
    return render(
        request,
        "editions/comparison.html",
        {
            "old": before,
            "new": after,
            "reform_list": before.reform_list,
            "found": found,
            "kind": kind,
            "counts": [
                (name, changed({"kind": name, "old": None, "new": None}).label, n) for name, n in found.counts.items()
            ],
            "page": page,
            "changes": [_shown(change, measures) for change in page],
        },
    )


def _measures(*editions: ListEdition) -> dict[tuple[int, int], int]:
    """Number and sequence → measure; of the later edition where both have it."""
    found: dict[tuple[int, int], int] = {}
    for one in editions:
        rows = one.rows.exclude(measure=None).values_list("item_no", "seq_in_item", "measure_id")
        found |= {(item_no, seq): pk for item_no, seq, pk in rows}
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
    found = _edition(request, slug, number)
    if not found.original.name or not found.original.storage.exists(found.original.name):
        raise Http404
    file = found.original.open("rb")
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
    found = _edition(request, slug, number)
    # A list's only edition has none to go back to: it goes with its list, or not at all.
    if found.before() is None and found.is_in_force:
        return _undo(request, found)
    try:
        plan, before = plan_revert(found)
    except NothingBefore:
        messages.error(request, _("该版本不能撤回：它不是现行版本，或之前没有可以恢复的版本。"))
        return redirect(found)
    if request.method == "POST":
        return _revert(request, found)
    return render(request, "editions/revert.html", {"edition": found, "before": before, "plan": plan})


def _undo(request: HttpRequest, edition: ListEdition) -> HttpResponse:
    """A first import goes with its list and its agencies, once that was shown."""
    try:
        if request.method == "POST":
            undone = undo_first_import(edition, **acting(request))
            messages.success(request, _("已撤销导入，“%(list)s”已删除。") % {"list": undone.title})
            return redirect("imports")
        undone = would_undo(edition)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(edition)
    return render(request, "editions/undo.html", {"edition": edition, "undone": undone})


def _revert(request: HttpRequest, edition: ListEdition) -> HttpResponse:
    try:
        before = revert(edition, **acting(request))
    except (BaseMoved, NothingBefore):
        messages.error(request, _("该版本已不是现行版本。未作任何改动。"))
        return redirect(edition)
    except NamesGone as gone:
        said = _("要恢复的版本印有“%(names)s”，现已不是任何单位的名称。请先在“单位”页补为别名。未作任何改动。")
        messages.error(request, said % {"names": _("、").join(gone.names)})
        return redirect(edition)
    messages.success(
        request, _("已撤回第%(old)s版，第%(new)s版恢复为现行版本。") % {"old": edition.number, "new": before.number}
    )
    return redirect(before)
