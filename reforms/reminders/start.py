"""安全启用: how far a list is on the way to its reminders (docs/reminders.md, “Safe start”)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from reforms.models import FILLED_IN, ProgressReport, ReformList


@dataclass(frozen=True, slots=True)
class SafeStart:
    """The steps of one list: the first day that counts, how many measures were filled in (补录), and the switch."""

    reform_list: ReformList
    since: dt.date | None
    filled: int
    is_on: bool


def filled_in(lists: Sequence[ReformList]) -> QuerySet[ProgressReport]:
    """The reports by which measures of these lists were filled in, the latest first."""
    return ProgressReport.objects.spoken().filter(measure__reform_list__in=lists, source=FILLED_IN)


def safe_starts(lists: Sequence[ReformList]) -> list[SafeStart]:
    """The steps of each list as they are stored, in two queries."""
    by_list = filled_in(lists).order_by().values_list("measure__reform_list")
    filled = dict(by_list.annotate(n=Count("measure", distinct=True)))
    # Asked of the database: a form that was sent has written on its instance.
    stored = ReformList.objects.in_bulk([one.pk for one in lists])
    return [
        SafeStart(one, stored[one.pk].reminders_from, filled.get(one.pk, 0), stored[one.pk].reminders_on)
        for one in lists
    ]
