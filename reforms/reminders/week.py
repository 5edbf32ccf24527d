"""本周督办情况: on the first working day of a week the office is told how things stand, once, in 消息 and by mail."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Min
from django.utils import timezone

from reforms.models import Duty, Extension, Light, Measure, Notice, ProgressReport, ReformList
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.owed import orders_due, switched_on
from reforms.reminders.report_days import not_on_time
from reforms.reports.acknowledge import to_acknowledge
from reforms.reports.periods import unreported


def tell_the_office(on: dt.date) -> int:
    """Write this week's notice where it is not there and there is something to say; how many were written. A constant
    number of queries, one where it is there."""
    days = WorkingDays.stored()
    begun = days.week_start(on)
    if Notice.objects.filter(once=f"week {begun}").exists():
        return 0
    # A list that came to it later in the week is told of from the next.
    lists = [pk for pk, first in switched_on() if first <= begun]
    facts = week_facts(on, lists, days) if lists else {}
    if not any(facts.values()):
        return 0
    # With them the numbers lead to their rows.
    slugs = ReformList.objects.filter(pk__in=lists).order_by("pk").values_list("slug", flat=True)
    notice = Notice(
        kind=Notice.Kind.WEEK,
        on=on,
        created_at=timezone.now(),
        facts={**facts, "lists": list(slugs), "day": on.isoformat()},
        by_mail=True,
        once=f"week {begun}",
    )
    # Of two that run at once one writes it.
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return 1


def week_facts(on: dt.date, lists: Collection[int], days: WorkingDays) -> dict[str, int]:
    """How things stand in these lists: measures (`late`, `near`), agencies (`agencies` that act on what is late,
    `not_on_time`, `orders` to be drafted), pairs of an agency and an edition (`unsigned`), and what waits for the
    office (`waiting`)."""
    lights = Measure.objects.counted().filter(reform_list__in=lists).light_counts(on)
    late = Measure.objects.counted().with_light(on).filter(light=Light.OVERDUE)  # type: ignore[misc]  # annotated
    late = late.filter(reform_list__in=lists)
    first = late.aggregate(first=Min("deadline_in_force"))["first"]
    held = Duty.objects.filter(measure__in=late.order_by().values("pk"))
    silent = not_on_time(unreported(on).filter(measure__reform_list__in=lists), on, on, days)
    queues = (ProgressReport.objects, Extension.objects)
    return {
        "late": lights[Light.OVERDUE],
        "longest": (on - first).days if first else 0,
        "agencies": held.order_by().values("agency").distinct().count(),
        "near": lights[Light.DUE_SOON],
        "not_on_time": silent.order_by().values("agency").distinct().count(),
        "orders": len(orders_due(on)),
        "unsigned": len(to_acknowledge(lists=lists)),
        "waiting": sum(queue.in_queue("under_review").count() for queue in queues),
    }
