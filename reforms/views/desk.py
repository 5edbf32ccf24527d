"""我的工作台: what waits for the person who signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agencies.access import access, principal_of
from agencies.clock import today
from agencies.models import Agency
from agencies.rules import Verb, agencies_for, may
from reforms.lights import Light
from reforms.models import Measure, ProgressReport
from reforms.office import office_groups
from reforms.rows import measure_rows
from reforms.viewpoint import viewpoint

GROUPS = (Light.OVERDUE, Light.DUE_SOON, Light.AWAITING_REPORT, Light.ON_TRACK, Light.UNDER_REVIEW)


@access(Verb.USE_DESK)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The measures one's agencies must act on by light, what is late first, and the latest own reports."""
    who = principal_of(request)
    view = viewpoint(who, today())
    own = who.agencies()
    held = (
        Measure.objects.counted().held_by(own).with_light(view.on).order_by("deadline_in_force", "reform_list", "row")
    )
    rows = measure_rows(held, view)
    groups = [(light, [row for row in rows if row.light == light]) for light in GROUPS]
    return render(
        request,
        "desk/desk.html",
        {
            "view": view,
            "office": office_groups(who, view.on),
            "agencies": Agency.objects.filter(pk__in=own),
            "groups": [(light, found) for light, found in groups if found],
            "held": len(rows),
            "settled": sum(1 for row in rows if row.light in {Light.CLOSED, Light.STANDING}),
            "may_report": bool(agencies_for(who, Verb.REPORT)),
            "reports": _latest(own) if may(who, Verb.READ_REPORTS, own) else [],
            "heading": _("我的工作台"),
        },
    )


def _latest(agencies: frozenset[int]) -> list[ProgressReport]:
    return list(ProgressReport.objects.sent().filter(agency__in=agencies).select_related("measure__item", "agency")[:5])
