"""我的工作台: what waits for the person who signed in."""

import secrets
from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agencies.access import access, principal_of
from agencies.clock import today
from agencies.models import Agency
from agencies.rules import Verb, agencies_for, may
from reforms.lights import Light
from reforms.models import Duty, Measure, ProgressReport
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
            "agencies": Agency.objects.filter(pk__in=own),
            "groups": [(light, found) for light, found in groups if found],
            "held": len(rows),
            "settled": sum(1 for row in rows if row.light in {Light.CLOSED, Light.STANDING}),
            "may_report": bool(agencies_for(who, Verb.REPORT)),
            "unchanged": _may_say_unchanged(agencies_for(who, Verb.REPORT)),
            "form_key": secrets.token_hex(16),
            "reports": _latest(own) if may(who, Verb.READ_REPORTS, own) else [],
            "heading": _("我的工作台"),
        },
    )


def _may_say_unchanged(agencies: frozenset[int]) -> set[int]:
    """The measures of which one click says 本期无变化: one own agency acts on them, and has reported before."""
    held = Counter(Duty.objects.of(agencies).exclude(last_report_on=None).values_list("measure_id", flat=True))
    return {measure for measure, count in held.items() if count == 1}


def _latest(agencies: frozenset[int]) -> list[ProgressReport]:
    return list(ProgressReport.objects.sent().filter(agency__in=agencies).select_related("measure__item", "agency")[:5])
