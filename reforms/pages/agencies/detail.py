"""Agencies: what each leads, what it is responsible for, and the groups it acts through."""

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, acting, may, principal_of
from agencies.models import Agency, Succession
from reforms.catalogue.rows import PrintedCounts, Viewpoint, printed_counts, viewpoint
from reforms.lib.folding import words_of
from reforms.models import Assignment, Duty, Light, Part, light_case
from reforms.organisation.succession import people_of
from reforms.pages.office.unreported import owing_of, to_paste
from reforms.pages.paging import PAGE_SIZE, PageOfRows, page_of_keys
from reforms.reminders.letters import out_of_reach, rests_at
from reforms.reports.periods import by_agency
from reforms.search.agencies import KnownNames

AGENCIES_SHOWN = 200
LONGEST_SEARCH = 100


@access(Verb.READ)
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """Agencies with how often each is printed as lead and as responsible; `?search=` keeps to those that are called
    so, for administrators `?mailbox=none` to those that no letter reaches."""
    only_unreached = request.GET.get("mailbox") == "none" and may(principal_of(request), Verb.MANAGE_AGENCIES)
    agencies = out_of_reach() if only_unreached else Agency.objects.known()
    words = words_of(request.GET.get("search", "")[:LONGEST_SEARCH])
    if words:
        agencies = agencies.filter(pk__in=KnownNames().called_all(words))
    counts = printed_counts(viewpoint(**acting(request)))
    kinds = dict(agencies.order_by().values_list("pk", "kind"))
    printed = [pk for pk in kinds if pk in counts]
    printed.sort(key=lambda pk: (-counts[pk].lead, -counts[pk].responsible, pk))
    unprinted = sorted(pk for pk in kinds if pk not in counts)
    page = Paginator([*printed, *unprinted], AGENCIES_SHOWN).get_page(request.GET.get("page"))
    shown = agencies.prefetch_related("members").in_bulk(list(page))
    return render(
        request,
        "agencies/agencies.html",
        {
            "page": page,
            "rows": [(shown[pk], counts.get(pk, PrintedCounts())) for pk in page],
            "printed": len(printed),
            "collective": sum(1 for pk in printed if kinds[pk] != Agency.Kind.SINGLE),
            "unprinted": len(unprinted),
            "only_unreached": only_unreached,
            "search": request.GET["search"][:LONGEST_SEARCH] if words else "",
        },
    )


@access(Verb.READ)
@require_safe
def agency(request: HttpRequest, pk: int) -> HttpResponse:
    """What it leads, is responsible for and must act on, and whom it succeeded. A second spelling leads on to the
    agency itself."""
    found = get_object_or_404(Agency.objects.select_related("successor", "merged_into"), pk=pk)
    if found.merged_into:
        return redirect(found.merged_into, permanent=True)
    who = principal_of(request)
    view = viewpoint(**acting(request))
    counts = printed_counts(view, [pk]).get(pk, PrintedCounts())
    owing = owing_of(found, who, view.on)
    # What the office pastes into a chat; whoever may not chase an agency is offered nothing.
    chat = to_paste(by_agency(owing), owing, view.on, named=True) if may(who, Verb.STEER, [pk]) else None
    held = Duty.objects.of([pk]).filter(view.counts("measure__")).order_by()
    through = dict(held.exclude(via=None).values_list("via").annotate(n=Count("pk")).values_list("via", "n"))
    return render(
        request,
        "agencies/agency.html",
        {
            "agency": found,
            "view": view,
            "may_set_members": found.kind == Agency.Kind.GROUP and may(who, Verb.NAME_MEMBERS, ()),
            "lead": counts.lead,
            "responsible": counts.responsible,
            "held": held.count(),
            "extended": held.filter(view.tells_status("measure__"), measure__is_deadline_moved=True).count()
            if view.sees_status
            else 0,
            "groups": [(group, through.get(group.pk, 0)) for group in _groups(found)],
            "inherited": [(old, through[old.pk]) for old in _predecessors(found) if old.pk in through],
            "members": found.members.select_related("successor"),
            # Persons are named.
            "rests": rests_at(found, view.on) if may(who, Verb.READ_REPORTS, [pk]) else (),
            "other_names": found.other_names.all(),
            "successions": _successions(found),
            "left_behind": people_of([found]) if found.dissolved_on and may(who, Verb.MANAGE_PEOPLE) else [],
            "lights": _lights(found, view) if view.sees_status and not found.dissolved_on else {},
            "chat": chat,
            "owing": Paginator(owing, PAGE_SIZE).get_page(request.GET.get("owing")),
            # A page of each, since both stand below one another.
            "led": _page_beside(request, found, view, Part.LEAD, counts.lead),
            "shared": _page_beside(request, found, view, Part.RESPONSIBLE, counts.responsible),
        },
    )


# What follows asks an agency's own rows first: of a hundred thousand measures most are beside others.


def _page_beside(request: HttpRequest, agency: Agency, view: Viewpoint, part: Part, count: int) -> PageOfRows:
    """A page of the measures beside which it is printed, in list order."""
    beside = Assignment.objects.filter(view.counts("measure__"), agency=agency, part=part)
    keys = beside.order_by("measure__reform_list", "measure__row", "measure").values_list("measure", flat=True)
    return page_of_keys(request, keys, view, param=part.value, count=count)


def _lights(agency: Agency, view: Viewpoint) -> dict[Light, int]:
    """How many of its measures show each light. A group holds no duty itself, its members do: of it those beside which
    it is printed."""
    rows = Assignment.objects.filter(agency=agency) if agency.is_collective else Duty.objects.of([agency.pk])
    told = rows.filter(view.counts("measure__"), view.tells_status("measure__")).order_by()
    lights = told.annotate(light=light_case(view.on, prefix="measure__")).values_list("light")
    counts = lights.annotate(n=Count("measure", distinct=True)).values_list("light", "n")
    return dict.fromkeys(Light, 0) | {Light(light): n for light, n in counts}


def _groups(agency: Agency) -> QuerySet[Agency]:
    """Those it belongs to, also by a place of an agency it succeeded."""
    if agency.dissolved_on:
        return Agency.objects.none()
    places = Q(member_places__member=agency) | Q(member_places__member__successor=agency)
    # An open group has no places: it is known by the duties that came through it.
    named = Duty.objects.of([agency.pk]).exclude(via__kind=Agency.Kind.SINGLE).order_by().values("via")
    return Agency.objects.filter(places | Q(pk__in=named)).distinct()


def _predecessors(agency: Agency) -> QuerySet[Agency]:
    """The dissolved agencies through which it has duties."""
    through = Duty.objects.of([agency.pk]).filter(via__kind=Agency.Kind.SINGLE)
    return Agency.objects.filter(pk__in=through.order_by().values("via"))


def _successions(agency: Agency) -> QuerySet[Succession]:
    both = Succession.objects.filter(Q(predecessors=agency) | Q(successors=agency)).distinct()
    return both.prefetch_related("predecessors", "successors")
