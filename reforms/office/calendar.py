"""工作日历: days on which the office works or does not, against the official arrangement that is known."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.since import refuse_after
from agencies.log.write import Entry, advance_head, record
from agencies.models import Change
from reforms.models import CalendarDay

CHANGED = "calendar.changed"
LONGEST = 31  # days that are entered at once: a typing error in a year must not fill years


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Both included. Raises ValidationError where they are the wrong way round or far apart."""
    if not first <= last < first + dt.timedelta(days=LONGEST):
        raise ValidationError(
            {"last": ValidationError(_("应不早于开始日期，一次最多%(n)d天。") % {"n": LONGEST}, code="span")}
        )
    return [first + dt.timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def known_up_to() -> int:
    """The last entry of the log by which the calendar was changed; 0 where none did."""
    return _changes().order_by("-sequence").values_list("sequence", flat=True).first() or 0


def enter_days(
    days: Sequence[dt.date], *, works: bool, note: str, who: Principal, on: dt.date, as_of: int | None = None
) -> None:
    """One works, or does not, on these days, whatever was entered before. Raises PermissionDenied, and ChangedSince
    where others entered one of them, or took it back, after the entry `as_of` of the log."""
    if not may(who, Verb.MANAGE_REMINDERS):
        raise PermissionDenied
    with transaction.atomic():
        # Whoever else enters days waits here, so that neither misses the other's.
        advance_head()
        wanted = {day.isoformat() for day in days}
        since = _changes().filter(sequence__gt=as_of).order_by("sequence") if as_of is not None else []
        refuse_after(one for one in since if wanted & {*one.before.get("days", []), *one.after.get("days", [])})
        for day in days:
            entered, _new = CalendarDay.objects.update_or_create(day=day, defaults={"works": works, "note": note})
        after = {"works": works, "days": [day.isoformat() for day in days]}
        record([_entry(entered.pk, after=after, reason=note)], who=who, on=on)


def forget_day(day: dt.date, *, who: Principal, on: dt.date) -> bool:
    """The official arrangement holds again; False where nothing was entered. Raises PermissionDenied."""
    if not may(who, Verb.MANAGE_REMINDERS):
        raise PermissionDenied
    with transaction.atomic():
        entered = CalendarDay.objects.select_for_update().filter(day=day).first()
        if entered is None:
            return False
        before = {"works": entered.works, "days": [day.isoformat()]}
        record([_entry(entered.pk, before=before)], who=who, on=on)
        entered.delete()
    return True


def _changes() -> "QuerySet[Change]":
    return Change.objects.filter(action=CHANGED)


def _entry(pk: int, **facts: object) -> Entry:
    return Entry(
        action=CHANGED,
        kind="calendar_day",
        object_id=pk,
        visibility=Change.Visibility.INTERNAL,
        **facts,  # type: ignore[arg-type]  # before, after, reason
    )
