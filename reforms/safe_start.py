"""Safe start: before the reminders of a list were switched on for the first time, nothing about it leaves the house.

From then on notices about deeds go out always, also while the reminders are off again. What was told earlier stays in
the inboxes and is not sent later.
"""

from django.db.models import Q

from agencies.models import Change
from reforms.models import ReformList


def opened_lists() -> frozenset[int]:
    """The ids of the lists whose reminders are on or, by the log, have been."""
    switched = Change.objects.filter(action="reminders.switched", kind="list")
    been_on = switched.filter(Q(before__on=True) | Q(after__on=True))
    on_now = ReformList.objects.filter(reminders_on=True)
    return frozenset([*on_now.values_list("pk", flat=True), *been_on.values_list("object_id", flat=True)])
