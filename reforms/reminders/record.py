"""消息 as the record: that an agency was reminded stands in its inbox, whatever becomes of the letter."""

import datetime as dt
from collections.abc import Collection

from django.utils import timezone

from agencies.models import Agency
from reforms.models import Notice
from reforms.reminders.digest import duties_due
from reforms.reminders.owed import switched_on


def keep_in_inboxes(agency_ids: Collection[int], on: dt.date) -> None:
    """A notice to each of these agencies whose digest is written `on` that day, with the numbers of the state as they
    are now. Once a day: doing it again, or twice at once, adds none. At most four queries."""
    if not agency_ids:
        return
    deadlines: dict[int, list[dt.date]] = {}
    lists = {pk for pk, _first in switched_on()}
    due = duties_due(lists, on).filter(agency__in=agency_ids).order_by()
    for agency_id, deadline in due.values_list("agency", "measure__deadline_in_force"):
        if deadline:
            deadlines.setdefault(agency_id, []).append(deadline)
    outside = set(Agency.objects.filter(pk__in=deadlines, outside_line=True).values_list("pk", flat=True))
    notices = [_notice(pk, days, on, outside_line=pk in outside) for pk, days in sorted(deadlines.items())]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)


def _notice(agency_id: int, deadlines: Collection[dt.date], on: dt.date, *, outside_line: bool) -> Notice:
    late = [(on - day).days for day in deadlines if day < on]
    facts = {"late": len(late), "longest": max(late, default=0), "near": len(deadlines) - len(late)}
    return Notice(
        kind=Notice.Kind.REMINDED,
        agency_id=agency_id,
        on=on,
        created_at=timezone.now(),
        facts=facts | ({"outside_line": True} if outside_line else {}),
        # Its letter is the digest.
        by_mail=False,
        once=f"reminded {on} {agency_id}",
    )
