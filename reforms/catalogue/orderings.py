"""The orders in which measures may be asked for: by a column, one way or the other.

Each ends with the id: where values are equal, no row stands on two pages or on none. All columns of an order run in the
same direction, as cursors of the API need it; measures without a value come last either way.
"""

import datetime as dt
from collections.abc import Callable, Sequence

from django.db.models import Case, DateField, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from reforms.catalogue.rows import Viewpoint
from reforms.models import Assignment, Part, light_rank

ORDERINGS = {
    "number": ("reform_list_id", "row", "id"),
    "-number": ("-reform_list_id", "-row", "-id"),
    "lead": ("lead_or_last", "reform_list_id", "row", "id"),
    "-lead": ("-lead_or_first", "-reform_list_id", "-row", "-id"),
    "deadline": ("deadline_or_last", "id"),
    "-deadline": ("-deadline_or_first", "-id"),
    "light": ("light_rank", "deadline_or_last", "id"),
    "-light": ("-light_rank", "-deadline_or_first", "-id"),
    "last_report_on": ("reported_or_last", "id"),
    "-last_report_on": ("-reported_or_first", "-id"),
    "closed_on": ("closed_or_last", "id"),
    "-closed_on": ("-closed_or_first", "-id"),
    "updated_at": ("updated_at", "id"),
    "-updated_at": ("-updated_at", "-id"),
}
# The order alone would tell where measures stand and what moved last. No test can know which these are.
STATUS_ORDERINGS = frozenset(
    sign + name for name in ("light", "last_report_on", "closed_on", "updated_at") for sign in ("", "-")
)
# Beyond any id.
NO_LEAD_FIRST, NO_LEAD_LAST = 0, 2**31 - 1


def sort_keys(order_by: Sequence[str], view: Viewpoint) -> dict[str, Combinable]:
    """What of an order is no column of a measure, seen from there, by the names used above. The deadlines are with
    every query of the filters (`with_shown_deadline`)."""
    wanted = {name.removeprefix("-") for name in order_by}
    return {name: key(view) for name, key in KEYS.items() if name in wanted}


def _first_lead() -> Subquery:
    """The agency that is printed first as lead. By its id, in which order agencies stand everywhere."""
    leads = Assignment.objects.filter(measure=OuterRef("pk"), part=Part.LEAD).order_by("order")
    return Subquery(leads.values("agency_id")[:1], output_field=IntegerField())


def _reported_by(view: Viewpoint) -> Combinable:
    # As rows show it: of a past day today's, if it had come by then (PastState does not keep it).
    if not view.past:
        return F("last_report_on")
    return Case(When(Q(last_report_on__lte=view.on), then=F("last_report_on")), default=None)


def _day(day: dt.date) -> Value:
    return Value(day, output_field=DateField())


KEYS: dict[str, Callable[[Viewpoint], Combinable]] = {
    "lead_or_first": lambda _view: Coalesce(_first_lead(), NO_LEAD_FIRST),
    "lead_or_last": lambda _view: Coalesce(_first_lead(), NO_LEAD_LAST),
    "light_rank": lambda view: light_rank(view.on, prefix=view.facts),
    "reported_or_first": lambda view: Coalesce(_reported_by(view), _day(dt.date.min)),
    "reported_or_last": lambda view: Coalesce(_reported_by(view), _day(dt.date.max)),
    "closed_or_first": lambda view: Coalesce(F(f"{view.facts}closed_on"), _day(dt.date.min)),
    "closed_or_last": lambda view: Coalesce(F(f"{view.facts}closed_on"), _day(dt.date.max)),
}
