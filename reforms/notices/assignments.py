"""任务交办: agencies that must act where they had not are told, once each and not once for each measure."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Count, Max

from reforms.models import Disposition, Duty, DutyQuerySet, Measure, Notice
from reforms.notices.notify import opened_lists, tell_each


def newest_duty() -> int:
    """Asked before duties are derived: those that come have higher ids."""
    return Duty.objects.aggregate(newest=Max("pk"))["newest"] or 0


def tell_new_holders_of_list(list_id: int, since: int, *, facts: Mapping[str, Any], on: dt.date) -> None:
    """Whoever got duties on this list after the duty `since`, which `newest_duty` gave in the same transaction, that
    holds the list's measures. Before the list's reminders were first switched on nobody is told."""
    # So that the first import and the setting up of groups tell nobody (docs/reminders.md, “Safe start”).
    if list_id in opened_lists():
        _tell(Duty.objects.filter(measure__reform_list=list_id), since, facts=facts, on=on)


def tell_new_holders(measure_ids: Collection[int], since: int, *, facts: Mapping[str, Any], on: dt.date) -> None:
    """The same for measures of any lists."""
    opened = opened_lists()
    if opened:
        duties = Duty.objects.filter(measure__in=measure_ids, measure__reform_list__in=opened)
        _tell(duties, since, facts=facts, on=on)


def tell_new_holders_of(measure: Measure, since: int, *, facts: Mapping[str, Any], on: dt.date) -> None:
    """The same for one measure, by name."""
    _tell(Duty.objects.filter(measure=measure), since, facts=facts, on=on, measure=measure)


def duties_held(agency_ids: Collection[int]) -> Counter[int]:
    """How many measures each of these agencies must act on, in lists that may be told of."""
    duties = Duty.objects.of(agency_ids).filter(
        measure__disposition=Disposition.ACTIVE, measure__reform_list__in=opened_lists()
    )
    return Counter(dict(duties.order_by("agency").values_list("agency").annotate(n=Count("pk"))))


def tell_heirs(agency_ids: Collection[int], before: Counter[int], *, facts: Mapping[str, Any], on: dt.date) -> None:
    """Those of these agencies that hold more than `before`, which `duties_held` gave in the same transaction."""
    # A Counter's difference keeps only who gained: an heir whose duties joined has no more than before.
    gained = duties_held(agency_ids) - before
    told = [({"agency_id": agency_id}, {**facts, "count": count}) for agency_id, count in sorted(gained.items())]
    tell_each(Notice.Kind.ASSIGNED, told, on=on)


def _tell(
    duties: DutyQuerySet, since: int, *, facts: Mapping[str, Any], on: dt.date, measure: Measure | None = None
) -> None:
    new = duties.filter(pk__gt=since, measure__disposition=Disposition.ACTIVE)
    counts = new.order_by("agency").values_list("agency").annotate(n=Count("pk"))
    told = [({"agency_id": agency_id}, {**facts, "count": count}) for agency_id, count in counts]
    tell_each(Notice.Kind.ASSIGNED, told, on=on, measure=measure)
