"""The settings of a list: what it is called, whom it is open to, whether it is archived, and how it is worked on.

A change of who must claim moves open measures.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from agencies.models import Change
from reforms.models import Measure, ReformList, Stale, Status, lock_measures_of
from reforms.status.settle import settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """Values of Period and ClaimedBy; the day of the month by which reports are due, and whom agencies ask."""

    report_every: str
    standing_every: str
    report_day: int
    claimed_by: str
    contact: str
    contact_phone: str

    @classmethod
    def of(cls, reform_list: ReformList) -> "Working":
        """As the list has them."""
        return cls(**{field.name: getattr(reform_list, field.name) for field in fields(cls)})


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
        # Carried out for its figures, so that what is shown is what would be done.
        entries, _before = _change(list_id, wanted, None)
        transaction.set_rollback(True)
    return len(entries)


def _change(list_id: int, wanted: Working, seen: Working | None) -> tuple[list[Entry], dict[str, Any]]:
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
    # Only from here on do measures move: a change of periods leaves them as they are.
    lock_measures_of(reform_list)
    still_open = Measure.objects.filter(reform_list=reform_list).exclude(status=Status.CLOSED)
    return settle(list(still_open.values_list("pk", flat=True))), asdict(before)


DESCRIBED = (
    "title",
    "short_title",
    "year",
    "issuer",
    "document_number",
    "issued_on",
    "link",
    "licence",
    "public_contact",
    "open_to",
    "public_from",
    "public_until",
    "public_status",
    "public_agencies",
    "archived_on",
)


def description_of(reform_list: ReformList) -> dict[str, Any]:
    """What is said of a list, and to whom, by the names in DESCRIBED."""
    return {name: getattr(reform_list, name) for name in DESCRIBED}


def description_version(reform_list: ReformList) -> str:
    """Tells whether the description is still what it was."""
    text = json.dumps(description_of(reform_list), cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def describe_list(
    list_id: int, wanted: Mapping[str, Any], *, seen: str | None, who: Principal, on: dt.date
) -> dict[str, Any]:
    """Set what is said of a list, and to whom; what changed, as it was before. `seen` is the version looked at.

    Raises PermissionDenied, Stale where somebody changed it meanwhile, and ValidationError.
    """
    if not may(who, Verb.MANAGE_LISTS):
        raise PermissionDenied
    with transaction.atomic():
        reform_list = ReformList.objects.select_for_update(no_key=True).get(pk=list_id)
        if seen is not None and seen != description_version(reform_list):
            raise Stale(reform_list)
        before = {name: value for name, value in description_of(reform_list).items() if value != wanted[name]}
        for name in before:
            setattr(reform_list, name, wanted[name])
        if before:
            # Constraints too, so that whoever typed it reads their sentence.
            reform_list.full_clean()
            reform_list.save(update_fields=list(before))
            record([_described(reform_list, before)], who=who, on=on)
    return before


def _described(reform_list: ReformList, before: Mapping[str, Any]) -> Entry:
    """Public, so that whoever follows the changes of an open list reads it anew."""
    return Entry(
        action="list.settings_changed",
        kind="list",
        object_id=reform_list.pk,
        visibility=Change.Visibility.PUBLIC,
        before=_plain(before),
        after=_plain({name: getattr(reform_list, name) for name in before}),
    )


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in facts.items()}
