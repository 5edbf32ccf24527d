"""总览: one sentence first, then the lights, and every number is a link to its rows."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, principal_of, today
from reforms.catalogue.overview import Overview, Progress, lists_of_overview, overview_of
from reforms.catalogue.rows import Viewpoint, viewpoint
from reforms.history.measure import public_news
from reforms.lib.filters import asked_day
from reforms.models import Light
from reforms.pages.overview.charts import curve, line_of_lead, line_of_section

LEADS_SHOWN = 15


@access(Verb.READ)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Over all lists, or over the one named by ?list=."""
    who, slug = principal_of(request), request.GET.get("list", "")
    lists = lists_of_overview(who)
    shown = lists_of_overview(who, [slug]) if slug else lists
    if slug and not shown:
        raise Http404
    if not shown:
        return render(request, "overview/empty.html")
    on = asked_day(request, today())
    view = viewpoint(who, on or today(), [slug] if slug else [], today=today())
    numbers = overview_of(shown, view)
    leads = _sorted(numbers, request.GET.get("leads", ""), view)
    scope = (f"list={slug}&" if slug else "") + (f"on={on.isoformat()}&" if on else "")
    return render(
        request,
        "overview/overview.html",
        {
            "numbers": numbers,
            "view": view,
            "all_lists": lists,
            # A list that came later than the day is named apart, and not counted as nothing.
            "counted_lists": [found for found in shown if not view.past or found.counts_on(view.on)],
            "later_lists": [found for found in shown if view.past and not found.counts_on(view.on)],
            "slug": slug,
            "scope": scope,
            "soon_query": _due_soon(numbers, view),
            "asked_day": on,
            "sections": [line_of_section(progress, in_one_list=bool(slug)) for progress in numbers.sections],
            "leads": [line_of_lead(progress) for progress in leads[:LEADS_SHOWN]],
            "more_leads": [line_of_lead(progress) for progress in leads[LEADS_SHOWN:]],
            "may_rank": view.who.signed_in,
            "leads_by": request.GET.get("leads", ""),
            "curve": curve(numbers.deadlines, numbers.closings, view.on),
            "news": public_news(shown, view),
        },
    )


def _due_soon(numbers: Overview, view: Viewpoint) -> str:
    """The query of what is due soon; by days for those who see no lights."""
    if view.sees_status:
        return "light=due_soon"
    return f"deadline_after={view.on.isoformat()}&deadline_before={numbers.soon_until.isoformat()}"


def _sorted(numbers: Overview, by: str, view: Viewpoint) -> tuple[Progress, ...]:
    """Leading agencies by a light; ranking agencies is internal, so visitors get the plain order."""
    if not view.who.signed_in or by not in Light.values:
        return numbers.leads
    return tuple(sorted(numbers.leads, key=lambda progress: -progress.count(Light(by))))
