"""How a list is worked on: its reporting periods and who must claim. A change of the latter moves open measures."""

import datetime as dt
from dataclasses import asdict, dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from agencies.models import Change
from reforms.models import Measure, ReformList, Stale, Status, lock_measures_of
from reforms.status.settle import settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """Values of Period and ClaimedBy."""

    report_every: str
    standing_every: str
    claimed_by: str

    @classmethod
    def of(cls, reform_list: ReformList) -> "Working":
        return cls(
            report_every=reform_list.report_every,
            standing_every=reform_list.standing_every,
            claimed_by=reform_list.claimed_by,
        )


def change_working(list_id: int, wanted: Working, *, seen: Working | None, who: Principal, on: dt.date) -> list[Entry]:
    """Set them; the measures whose standing changed with it. `seen` is what they were when they were looked at.

    Raises PermissionDenied, and Stale where somebody changed them meanwhile.
    """
    if not may(who, Verb.MANAGE_REMINDERS):
        raise PermissionDenied
    with transaction.atomic():
        entries, before = _change(list_id, wanted, seen)
        after = {name: value for name, value in asdict(wanted).items() if value != before[name]}
        if after:
            entry = Entry(
                action="list.settings_changed",
                kind="list",
                object_id=list_id,
                visibility=Change.Visibility.INTERNAL,
                before={name: before[name] for name in after},
                after=after,
            )
            record([entry, *entries], who=who, on=on)
    return entries


def would_change(list_id: int, wanted: Working) -> int:
    """How many open measures would change their standing: carried out and taken back."""
    with transaction.atomic():
        entries, _before = _change(list_id, wanted, None)
        transaction.set_rollback(True)
    return len(entries)


def _change(list_id: int, wanted: Working, seen: Working | None) -> tuple[list[Entry], dict[str, str]]:
    reform_list = ReformList.objects.select_for_update(no_key=True).get(pk=list_id)
    before = Working.of(reform_list)
    if seen is not None and seen != before:
        raise Stale(reform_list)
    if wanted == before:
        return [], asdict(before)
    for name, value in asdict(wanted).items():
        setattr(reform_list, name, value)
    reform_list.save(update_fields=list(asdict(wanted)))
    if wanted.claimed_by == before.claimed_by:
        return [], asdict(before)
    lock_measures_of(reform_list)
    still_open = Measure.objects.filter(reform_list=reform_list).exclude(status=Status.CLOSED)
    return settle(list(still_open.values_list("pk", flat=True))), asdict(before)
