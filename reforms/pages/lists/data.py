"""What a list gives away: its data as files at addresses that stay, what their columns mean, and how it is counted."""

import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, principal_of, today
from reforms.catalogue.dictionary import FIELDS
from reforms.catalogue.export import as_csv, json_parts
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.rows import all_rows
from reforms.lib.filters import asked_day, day_of_file
from reforms.lib.tables import call_file
from reforms.models import Light, ReformList
from reforms.pages.files import at_once_or_ordered
from reforms.pages.visitors import kept_for_visitors


def filters_of_list(request: HttpRequest, slug: str, on: dt.date | None) -> MeasureFilter:
    """All measures of a list, as whoever asks may see them, today or on a past day."""
    data = QueryDict(mutable=True)
    data["list"] = slug
    if on:
        data["on"] = on.isoformat()
    return MeasureFilter.read(data, who=principal_of(request), today=today())


def _open(request: HttpRequest, slug: str) -> ReformList:
    return get_object_or_404(ReformList.objects.readable_by(principal_of(request)), slug=slug)


@access(Verb.READ)
@require_safe
@kept_for_visitors
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the files are, on whose terms, and what their columns mean."""
    found = _open(request, slug)
    on = asked_day(request, today())
    filters = filters_of_list(request, slug, on)
    return render(
        request,
        "lists/data.html",
        {
            "reform_list": found,
            "view": filters.view,
            "asked_day": on,
            "measures": filters.measures().count(),
            "fields": [field for field in FIELDS if filters.view.sees_status or not field.is_status],
        },
    )


@access(Verb.READ)
@require_safe
def data_file(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The whole list as csv or xlsx, its status where that may be seen."""
    _open(request, slug)
    if kind not in ("csv", "xlsx"):
        raise Http404
    filters = filters_of_list(request, slug, day_of_file(request, today()))
    if kind == "csv":
        return as_csv(filters)
    query = filters.data.urlencode()
    csv = f"{reverse('list-data-file', args=[slug, 'csv'])}?{query.partition('&')[2]}"
    return at_once_or_ordered(request, "measures", query, csv=csv, back=reverse("list-data", args=[slug]))


@access(Verb.READ)
@require_safe
def data_json(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """All measures of a list in the shape of the API, and the day they tell of; written as they are read."""
    found = _open(request, slug)
    filters = filters_of_list(request, slug, day_of_file(request, today()))
    about = {
        "list": found.slug,
        "title": found.title,
        "issuer": found.issuer,
        "document_number": found.document_number,
        "licence": found.licence,
        "on": filters.view.on,
    }
    parts = json_parts(about, "measures", all_rows(filters.ordered(), filters.view))
    response = StreamingHttpResponse(parts, content_type="application/json")
    call_file(response, f"{slug}-{filters.view.on.isoformat()}.json")
    return response


# The rule of reforms.models.lights in words, in its order.
RULES = (
    (Light.CLOSED, _("须申请销号的单位均已申请，并经督办部门核验通过。")),
    (Light.STANDING, _("印发时已落地、持续巩固提升；不计逾期。")),
    (Light.UNDER_REVIEW, _("在时限内申请销号，等待核验；核验期间不转为逾期。")),
    (Light.OVERDUE, _("现行时限已过，尚未销号；时限过后才申请的，核验通过前仍为逾期。")),
    (Light.DUE_SOON, _("现行时限为今天或今后30天以内。")),
    (Light.ON_TRACK, _("时限未到，已有填报。")),
    (Light.AWAITING_REPORT, _("时限未到，尚无填报。")),
)


@access(Verb.READ)
@require_safe
@kept_for_visitors
def method(request: HttpRequest) -> HttpResponse:
    """What the lights mean and what is counted."""
    return render(request, "lists/method.html", {"rules": RULES})
