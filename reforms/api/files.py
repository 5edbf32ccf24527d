"""A list as one file of JSON, at an address that stays."""

import json
from collections.abc import Iterator

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from agencies.access import Verb, access, principal_of, today
from reforms.catalogue.filters import MeasureFilter
from reforms.catalogue.objects import of_measure
from reforms.catalogue.rows import all_rows
from reforms.lib.filters import day_of_file
from reforms.models import ReformList


@access(Verb.READ)
@require_safe
def list_json(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """All measures of a list in the shape of the API, and the day they tell of; written as they are read."""
    found = get_object_or_404(ReformList.objects.readable_by(principal_of(request)), slug=slug)
    data = request.GET.copy()
    data.clear()
    data["list"] = slug
    on = day_of_file(request, today())
    if on:
        data["on"] = on.isoformat()
    filters = MeasureFilter.read(data, who=principal_of(request), today=today())
    response = StreamingHttpResponse(_parts(found, filters), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{filters.view.on.isoformat()}.json"'
    return response


def _parts(reform_list: ReformList, filters: MeasureFilter) -> Iterator[str]:
    about = {
        "list": reform_list.slug,
        "title": reform_list.title,
        "issuer": reform_list.issuer,
        "document_number": reform_list.document_number,
        "licence": reform_list.licence,
        "on": filters.view.on,
    }
    yield json.dumps(about, ensure_ascii=False, cls=DjangoJSONEncoder)[:-1] + ', "measures": ['
    for place, row in enumerate(all_rows(filters.ordered(), filters.view)):
        yield (",\n" if place else "\n") + json.dumps(of_measure(row), ensure_ascii=False, cls=DjangoJSONEncoder)
    yield "\n]}\n"
