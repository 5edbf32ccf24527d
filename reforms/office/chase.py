"""催办: telling those who still have to act, on one measure, or on all that they owe in this period."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from agencies.models import Agency
from reforms.duties.claimants import holders_of
from reforms.lib.versions import check_version
from reforms.models import Duty, DutyQuerySet, Measure, Notice, Status
from reforms.notices.notify import notify
from reforms.status.entries import measure_entry


@dataclass(frozen=True, slots=True)
class Chased:
    """How many agencies were told of how many measures; `apart` measures are those of the chaser's own agency, which
    somebody else must chase."""

    agencies: int
    measures: int
    apart: int


def chase(measure_id: int, *, words: str = "", seen: int | None = None, who: Principal, on: dt.date) -> int:
    """Tell those who still have to act on this measure; how many agencies are told.

    None are where the measure is closed or does not count. `seen` is the version that was looked at. Raises
    PermissionDenied, Stale.
    """
    with transaction.atomic():
        measure = Measure.objects.counted().exclude(status=Status.CLOSED).filter(pk=measure_id).first()
        if measure is None:
            return 0
        if not may(who, Verb.STEER, holders_of(measure)):
            raise PermissionDenied
        check_version(measure, seen)
        waiting = Duty.objects.filter(measure=measure, status__in=("not_reported", "in_progress", "standing"))
        agencies = Agency.objects.filter(pk__in=waiting.values("agency")).order_by("pk")
        names = {agency.pk: agency.name for agency in agencies}
        if names:
            notify(Notice.Kind.CHASED, on=on, agencies=list(names), measure=measure, facts={"words": words.strip()})
            record([_entry(measure.pk, list(names.values()), words.strip())], actor=who, on=on)
    return len(names)


def chase_owing(
    owing: DutyQuerySet, agency_ids: Collection[int], *, words: str = "", who: Principal, on: dt.date
) -> Chased:
    """Tell these agencies of what they still owe, as it is now: whoever reported meanwhile is left in peace.

    One notice an agency: about its measure where it is one, else about how many (`facts`: words, count, measures).
    Raises PermissionDenied.
    """
    if not may(who, Verb.STEER):
        raise PermissionDenied
    with transaction.atomic():
        duties = list(owing.of(agency_ids).select_related("agency", "measure").order_by("agency", "measure"))
        own = _own(duties, who)
        chased = [duty for duty in duties if duty.measure_id not in own]
        for agency_id in sorted({duty.agency_id for duty in chased}):
            _tell([duty.measure for duty in chased if duty.agency_id == agency_id], agency_id, words.strip(), on)
        entries = [
            _entry(duty.measure_id, [duty.agency.name], words.strip(), agency_id=duty.agency_id) for duty in chased
        ]
        if entries:
            record(entries, actor=who, on=on)
    measures = {duty.measure_id for duty in chased}
    return Chased(len({duty.agency_id for duty in chased}), len(measures), len(own))


def _own(duties: Sequence[Duty], who: Principal) -> set[int]:
    """The measures on which an agency of the chaser acts."""
    held = Duty.objects.of(who.agencies()).filter(measure__in={duty.measure_id for duty in duties})
    return set(held.values_list("measure_id", flat=True))


def _tell(measures: Sequence[Measure], agency_id: int, words: str, on: dt.date) -> None:
    facts = {"words": words, "count": len(measures), "measures": [measure.pk for measure in measures]}
    only = measures[0] if len(measures) == 1 else None
    notify(Notice.Kind.CHASED, on=on, agencies=[agency_id], measure=only, facts=facts)


def _entry(measure_id: int, names: list[str], words: str, *, agency_id: int | None = None) -> Entry:
    return measure_entry("measure.chased", measure_id, agency_id=agency_id, after={"agencies": names}, reason=words)
