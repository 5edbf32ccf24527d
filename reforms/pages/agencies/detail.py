"""Agencies: what each leads, what it is responsible for, and the groups it acts through."""

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, acting, may, principal_of
from agencies.models import Agency, Succession
from reforms.catalogue.rows import agencies_with_counts, counted_measures, viewpoint
from reforms.models import Duty, MeasureQuerySet, Part
from reforms.organisation.succession import people_of
from reforms.pages.office.unreported import owing_of
from reforms.pages.paging import PAGE_SIZE, page_of_rows
from reforms.reminders.letters import out_of_reach


@access(Verb.READ)
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """Every agency with how often it is printed as lead and as responsible; for administrators `?mailbox=none` keeps to
    those that no letter reaches."""
    only_unreached = request.GET.get("mailbox") == "none" and may(principal_of(request), Verb.MANAGE_AGENCIES)
    agencies = out_of_reach() if only_unreached else Agency.objects.known()
    counted = agencies_with_counts(agencies, viewpoint(**acting(request)))
    found = list(counted.order_by("-lead", "-responsible", "pk").prefetch_related("members"))
    printed = [agency for agency in found if agency.lead or agency.responsible]
    return render(
        request,
        "agencies/agencies.html",
        {
            "agencies": found,
            "printed": printed,
            "collective": [agency for agency in printed if agency.is_collective],
            "unprinted": [agency for agency in found if not (agency.lead or agency.responsible)],
            "only_unreached": only_unreached,
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
    counted = counted_measures(view)
    lead, responsible = counted.printed_for([pk], Part.LEAD), counted.printed_for([pk], Part.RESPONSIBLE)
    held = counted.held_by([pk])
    through = _through(found, counted)
    # A group holds no duty itself, its members do: its lights are those beside which it is printed.
    mine = held if not found.is_collective else counted.printed_for([pk])
    return render(
        request,
        "agencies/agency.html",
        {
            "agency": found,
            "view": view,
            "may_set_members": found.kind == Agency.Kind.GROUP and may(who, Verb.NAME_MEMBERS, ()),
            "lead": lead.count(),
            "responsible": responsible.count(),
            "held": held.count(),
            "extended": held.filter(view.tells_status()).extended().count() if view.sees_status else 0,
            "groups": [(group, through.get(group.pk, 0)) for group in _groups(found)],
            "inherited": [(old, through[old.pk]) for old in _predecessors(found) if old.pk in through],
            "members": found.members.select_related("successor"),
            "other_names": found.other_names.all(),
            "successions": _successions(found),
            "left_behind": people_of([found]) if found.dissolved_on and may(who, Verb.MANAGE_PEOPLE) else [],
            "lights": mine.filter(view.tells_status()).light_counts(view.on)
            if view.sees_status and not found.dissolved_on
            else {},
            "owing": Paginator(owing_of(found, who, view.on), PAGE_SIZE).get_page(request.GET.get("owing")),
            # A page of each, since both stand below one another.
            "led": page_of_rows(request, lead.order_by("reform_list", "row"), view, param="lead"),
            "shared": page_of_rows(request, responsible.order_by("reform_list", "row"), view, param="responsible"),
        },
    )


def _groups(agency: Agency) -> QuerySet[Agency]:
    """Those it belongs to, also by a place of an agency it succeeded."""
    if agency.dissolved_on:
        return Agency.objects.none()
    places = Q(member_places__member=agency) | Q(member_places__member__successor=agency)
    # An open group has no places: it is known by the duties that came through it.
    named = Duty.objects.of([agency.pk]).exclude(via__kind=Agency.Kind.SINGLE).order_by().values("via")
    return Agency.objects.filter(places | Q(pk__in=named)).distinct()


def _through(agency: Agency, counted: MeasureQuerySet) -> dict[int, int]:
    """On how many measures it acts through each group or dissolved agency, not being printed itself."""
    duties = Duty.objects.of([agency.pk]).filter(measure__in=counted.values("pk"), via__isnull=False)
    return dict(duties.order_by().values_list("via").annotate(n=Count("pk")))


def _predecessors(agency: Agency) -> QuerySet[Agency]:
    """The dissolved agencies through which it has duties."""
    through = Duty.objects.of([agency.pk]).filter(via__kind=Agency.Kind.SINGLE)
    return Agency.objects.filter(pk__in=through.order_by().values("via"))


def _successions(agency: Agency) -> QuerySet[Succession]:
    both = Succession.objects.filter(Q(predecessors=agency) | Q(successors=agency)).distinct()
    return both.prefetch_related("predecessors", "successors")
