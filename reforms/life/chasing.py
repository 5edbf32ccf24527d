"""催办 over many measures at once: those who have not reported in this period are told, each agency once."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agencies.log import Entry, record
from agencies.models import Agency, Change
from agencies.principal import Principal
from agencies.rules import Verb, may
from reforms.life.notices import tell
from reforms.models import Duty, Measure, Notice
from reforms.models.querysets import DutyQuerySet


@dataclass(frozen=True, slots=True)
class Chased:
    """How many agencies were told of how many measures; `apart` measures are those of the chaser's own agency, which
    somebody else must chase."""

    agencies: int
    measures: int
    apart: int


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
        entries = [_entry(duty.measure_id, duty.agency, words.strip()) for duty in chased]
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
    tell(Notice.Kind.CHASED, on=on, agencies=[agency_id], measure=only, facts=facts)


def _entry(measure_id: int, agency: Agency, words: str) -> Entry:
    return Entry(
        action="measure.chased",
        kind="measure",
        object_id=measure_id,
        agency_id=agency.pk,
        visibility=Change.Visibility.INTERNAL,
        after={"agencies": [agency.name]},
        reason=words,
    )
