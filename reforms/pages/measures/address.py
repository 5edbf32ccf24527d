"""The filters of an address, as pages of measures read them."""

from django.http import HttpRequest, QueryDict

from agencies.access import principal_of, today
from reforms.catalogue.layout import TableFilter
from reforms.lib.filters import is_ahead, without_empty

CONTROLS = frozenset({"page"})


def without_a_day_ahead(request: HttpRequest) -> QueryDict:
    """The address for a page: of a day that is to come it shows today, and says so by itself."""
    data = request.GET.copy()
    if is_ahead(data.get("on", ""), today()):
        del data["on"]
    else:
        request.answers_day = True  # type: ignore[attr-defined]  # for base.html
    return data


def read_filters(request: HttpRequest, asked: QueryDict) -> TableFilter:
    """The filters of the address, without parameters that were left empty in a form."""
    return TableFilter.read(without_empty(asked), who=principal_of(request), today=today(), controls=CONTROLS)
