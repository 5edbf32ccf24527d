"""To whom a 督办单 ought to be drafted: by a person, where the ladder of reminders came to its end."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from agencies.models import Agency
from reforms.models import Duty, DutyQuerySet, OrderedMeasure, Part, SupervisionOrder
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.owed import chaseable, day_told, steps_told
from reforms.reminders.rules import rules_of
from reforms.reminders.stages import AFTER, order_due

# The day on which a duty was told the ladder's last word before its end.
LAST_WORD = day_told(AFTER[-1].name)


@dataclass(frozen=True, slots=True)
class OrderDue:
    """An agency to which an order is due: about how many duties, and the oldest of their deadlines."""

    agency: Agency
    count: int
    first: dt.date

    def longest(self, on: dt.date) -> int:
        """Days that the oldest is overdue."""
        return (on - self.first).days


@dataclass(frozen=True, slots=True)
class ToDraft:
    """An agency to which an order is due, and its duties that are the reason, the longest overdue first."""

    agency: Agency
    duties: Sequence[Duty]


def orders_due(on: dt.date, agencies: Collection[int] | None = None) -> list[OrderDue]:
    """As `to_draft`, without the duties: they are counted by how far they were told, and none is read."""
    place = ("agency", "measure__reform_list", "measure__deadline_in_force")
    told = _late(on, agencies).order_by().annotate(told=LAST_WORD).exclude(told=None)  # type: ignore[misc]  # annotated
    rows = list(told.values_list(*place, "told").annotate(n=Count("pk")))
    days, rules = WorkingDays.stored(), rules_of({list_id for _agency, list_id, *_rest in rows})
    counts: Counter[int] = Counter()
    first: dict[int, dt.date] = {}
    for agency_id, list_id, deadline, last, n in rows:
        if order_due(deadline, on, {AFTER[-1].name: last}, days, rules=rules[list_id]):
            counts[agency_id] += n
            first[agency_id] = min(deadline, first.get(agency_id, deadline))
    named = Agency.objects.in_bulk(counts)
    return [OrderDue(named[pk], counts[pk], first[pk]) for pk in sorted(counts, key=lambda pk: (-counts[pk], pk))]


def to_draft(on: dt.date, agencies: Collection[int] | None = None) -> list[ToDraft]:
    """To whom an order is due by the ladder (reforms.reminders.stages.ORDER), those with most first: to agencies of the
    government's line, about measures they lead, unless one is under way or was answered with a day still to come.
    A constant number of queries."""
    told_last = _late(on, agencies).annotate(told=LAST_WORD).exclude(told=None)  # type: ignore[misc]  # annotated
    late = told_last.select_related("measure__item", "measure__reform_list", "agency")
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
