"""Agencies: what each leads, what it is responsible for, and the groups it acts through."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agencies.access import access, principal_of
from agencies.clock import today
from agencies.models import Agency
from agencies.rules import Verb
from reforms.models import Measure, Part
from reforms.printed import with_counts
from reforms.rows import measure_rows
from reforms.viewpoint import viewpoint


@access(Verb.READ)
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """Every agency with how often it is printed as lead and as responsible."""
    found = list(with_counts(Agency.objects.all()).order_by("-lead", "-responsible", "pk").prefetch_related("members"))
    printed = [agency for agency in found if agency.lead or agency.responsible]
    return render(
        request,
        "agencies/agencies.html",
        {
            "printed": printed,
            "collective": [agency for agency in printed if agency.is_collective],
            "unprinted": [agency for agency in found if not (agency.lead or agency.responsible)],
        },
    )


@access(Verb.READ)
@require_safe
def agency(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Agency, pk=pk)
    view = viewpoint(principal_of(request), today())
    counted = Measure.objects.counted()
    lead, responsible = counted.printed_for([pk], Part.LEAD), counted.printed_for([pk], Part.RESPONSIBLE)
    held = counted.held_by([pk])
    mine = held if not found.is_collective else counted.printed_for([pk])
    return render(
        request,
        "agencies/agency.html",
        {
            "agency": found,
            "view": view,
            "lead": lead.count(),
            "responsible": responsible.count(),
            "held": held.count(),
            "groups": [(group, counted.printed_for([group.pk]).count()) for group in found.groups.all()],
            "members": found.members.all(),
            "other_names": found.other_names.all(),
            "lights": mine.light_counts(view.on) if view.sees_status else {},
            "lead_rows": measure_rows(lead.order_by("reform_list", "row"), view),
            "responsible_rows": measure_rows(responsible.order_by("reform_list", "row"), view),
        },
    )
