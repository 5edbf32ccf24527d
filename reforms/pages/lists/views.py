"""An item, a section, a list: as printed, and where its measures stand."""

from django.core.paginator import Paginator
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, acting, principal_of, today
from reforms.catalogue.overview import progress_of_lists, progress_of_sections, sections_of
from reforms.catalogue.rows import Viewpoint, counted_measures, sections_with_counts, viewpoint
from reforms.models import Item, ListEdition, ReformList, Section
from reforms.pages.overview.charts import ProgressLine, bar, line
from reforms.pages.paging import PAGE_SIZE, page_of_rows
from reforms.pages.visitors import kept_for_visitors
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.report_days import days_of_report

ARCHIVED_LAST = (ExpressionWrapper(Q(archived_on__isnull=False), BooleanField()), "-year", "id")


def _open_list(request: HttpRequest, slug: str) -> ReformList:
    """A list that is open to whoever asks; Http404 for all others, whether they exist or not."""
    return get_object_or_404(ReformList.objects.readable_by(principal_of(request)), slug=slug)


@access(Verb.READ)
@require_safe
@kept_for_visitors
def reform_lists(request: HttpRequest) -> HttpResponse:
    """The lists that are open to whoever asks, archived ones last: the edition in force and how many measures count;
    for those who keep lists also whom it is open to and whether its reminders are on."""
    lists = ReformList.objects.readable_by(principal_of(request)).order_by(*ARCHIVED_LAST)
    page = Paginator(lists, PAGE_SIZE).get_page(request.GET.get("page"))
    found = list(page)
    view = viewpoint(**acting(request), slugs=[one.slug for one in found])
    counted = counted_measures(view).filter(reform_list__in=found).order_by().values_list("reform_list")
    measures: dict[int, int] = dict(counted.annotate(n=Count("pk")).values_list("reform_list", "n"))
    in_force = ListEdition.objects.filter(is_in_force=True, reform_list__in=found)
    editions = {one.reform_list_id: one for one in in_force}
    rows = [(one, editions.get(one.pk), measures.get(one.pk, 0)) for one in found]
    return render(request, "lists/lists.html", {"page": page, "rows": rows})


@access(Verb.READ)
@require_safe
@kept_for_visitors
def item(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One item of the edition in force with its measures; where it has one only, the page of that."""
    reform_list = _open_list(request, slug)
    view = viewpoint(**acting(request), slugs=[slug])
    items = Item.objects.filter(Exists(counted_measures(view).filter(item=OuterRef("pk"))), reform_list=reform_list)
    found = items.filter(number=number).select_related("section").order_by("pk").first()
    if found is None:
        raise Http404
    shown = page_of_rows(request, counted_measures(view).filter(item=found).order_by("seq_in_item"), view)
    if shown.page.paginator.count == 1:
        return redirect("measure", pk=shown.rows[0].id)
    return render(
        request,
        "lists/item.html",
        {
            "item": found,
            "reform_list": reform_list,
            "page": shown.page,
            "rows": shown.rows,
            "view": view,
            "previous": items.filter(number__lt=number).order_by("-number").first(),
            "next": items.filter(number__gt=number).order_by("number").first(),
        },
    )


@access(Verb.READ)
@require_safe
@kept_for_visitors
def section(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One section with its measures."""
    reform_list = _open_list(request, slug)
    found = get_object_or_404(Section, reform_list=reform_list, number=number)
    view = viewpoint(**acting(request), slugs=[slug])
    measures = counted_measures(view).filter(section=found)
    shown = page_of_rows(request, measures.order_by("row"), view)
    return render(
        request,
        "lists/section.html",
        {
            "section": found,
            "reform_list": reform_list,
            "page": shown.page,
            "rows": shown.rows,
            "view": view,
            "lights": measures.light_counts(view.on) if view.sees_status else {},
        },
    )


@access(Verb.READ)
@require_safe
@kept_for_visitors
def reform_list(request: HttpRequest, slug: str) -> HttpResponse:
    """A list: where it stands, its sections and its editions."""
    found = _open_list(request, slug)
    view = viewpoint(**acting(request), slugs=[slug])
    stands = progress_of_lists([found], view)[0] if view.sees_status else None
    page = Paginator(sections_of(found, view), PAGE_SIZE).get_page(request.GET.get("page"))
    # How it is worked on is for those who work on it.
    reported = found.is_in_work and view.who.signed_in
    return render(
        request,
        "lists/list.html",
        {
            "reform_list": found,
            "reporting": days_of_report(found, today(), WorkingDays.stored()) if reported else None,
            "view": view,
            "lights": {one.light: one.count for one in stands.lights} if stands else {},
            "bar": bar(stands.lights) if stands else [],
            "page": page,
            "totals": stands,
            "lines": _sections_in_lines(list(page), view),
            "editions": _with_the_one_before(found),
        },
    )


def _sections_in_lines(sections: list[Section], view: Viewpoint) -> list[tuple[ProgressLine, int]]:
    """Each of these sections with its measures by light, and how many items it has."""
    counted = sections_with_counts(Section.objects.filter(pk__in=[one.pk for one in sections]), view)
    items = dict(counted.values_list("pk", "item_count"))
    found = progress_of_sections(sections, view)
    return [(line(one, f"section={one.subject.number}"), items[one.subject.pk]) for one in found]


def _with_the_one_before(reform_list: ReformList) -> list[tuple[ListEdition, ListEdition | None]]:
    """The editions of a list, the latest first, each with the one before it."""
    editions = list(reform_list.editions.select_related("reform_list").order_by("-number"))
    return list(zip(editions, [*editions[1:], None], strict=False))
