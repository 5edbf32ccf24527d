"""To whom a 督办单 ought to be drafted: by a person, where the ladder of reminders came to its end."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from agencies.models import Agency
from reforms.models import Duty, DutyQuerySet, OrderedMeasure, Part, SupervisionOrder
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.owed import chaseable, steps_told
from reforms.reminders.rules import rules_of
from reforms.reminders.stages import order_due


@dataclass(frozen=True, slots=True)
class ToDraft:
    """An agency to which an order is due, and its duties that are the reason, the longest overdue first."""

    agency: Agency
    duties: Sequence[Duty]

    def longest(self, on: dt.date) -> int:
        """Days that the oldest is overdue."""
        return (on - min(day for duty in self.duties if (day := duty.measure.deadline_in_force))).days


def to_draft(on: dt.date, agencies: Collection[int] | None = None) -> list[ToDraft]:
    """To whom an order is due by the ladder (reforms.reminders.stages.ORDER), those with most first: to agencies of the
    government's line, about measures they lead, unless one is under way or was answered with a day still to come.
    A constant number of queries."""
    late = _late(on, agencies).select_related("measure__item", "measure__reform_list", "agency")
    # Without the long texts, which nobody reads before there is an order.
    duties = list(late.defer("measure__text", "measure__search_text"))
    told, days = steps_told({duty.agency for duty in duties}, duties), WorkingDays.stored()
    rules = rules_of(duty.measure.reform_list_id for duty in duties)
    by_agency: dict[Agency, list[Duty]] = {}
    for duty in duties:
        deadline = duty.measure.deadline_in_force
        steps = told.get((duty.measure_id, duty.agency_id, deadline), {}) if deadline else {}
        if deadline and order_due(deadline, on, steps, days, rules=rules[duty.measure.reform_list_id]):
            by_agency.setdefault(duty.agency, []).append(duty)
    found = [ToDraft(agency, held) for agency, held in by_agency.items()]
    return sorted(found, key=lambda one: (-len(one.duties), one.agency.pk))


def _late(on: dt.date, agencies: Collection[int] | None) -> DutyQuerySet:
    late = chaseable().filter(part=Part.LEAD, agency__outside_line=False, measure__deadline_in_force__lt=on)
    ordered = OrderedMeasure.objects.filter(
        Q(order__in=SupervisionOrder.objects.under_way()) | Q(order__state="answered", order__expected_on__gte=on),
        measure=OuterRef("measure"),
        order__agency=OuterRef("agency"),
        deadline=OuterRef("measure__deadline_in_force"),
    )
    if agencies is not None:
        late = late.filter(agency__in=agencies)
    return late.exclude(Exists(ordered)).order_by("measure__deadline_in_force", "measure__reform_list", "measure__row")
