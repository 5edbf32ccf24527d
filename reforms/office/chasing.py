"""催办: the office's word to those who still have to act, and who was chased when.

What one agency is told at one time is a notice (kind `chased`). Its `facts`: `words`, `count` and `measures` (ids) of
what is asked for, `by` (who chased), and `outside_line` where the agency is asked and not chased. The change log says
the same measure by measure.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, agencies_for, may
from agencies.log.write import Entry, record
from agencies.models import Agency, Change
from reforms.duties import holders_of
from reforms.history.readable import readable_changes
from reforms.models import (
    Duty,
    DutyQuerySet,
    Measure,
    Notice,
    Reminder,
    Stale,
    Status,
    check_version,
    lock_measure,
    takes_part,
)
from reforms.notices.notify import notify
from reforms.reminders.stages import stage_of
from reforms.reminders.told import is_chase, told_by_measure
from reforms.reports.periods import asked_of, span_on
from reforms.status.settle import measure_entry

# Who has claimed waits for the office and is not chased.
TO_ACT = (Status.NOT_REPORTED, Status.IN_PROGRESS, Status.STANDING)


@dataclass(frozen=True, slots=True)
class Chase:
    """One word to one agency: `at` an aware time, `on` the business date, `measures` ids."""

    pk: int
    agency: Agency
    at: dt.datetime
    on: dt.date
    by: str
    words: str
    measures: tuple[int, ...]

    @classmethod
    def of(cls, notice: Notice) -> "Chase":
        """From a notice of kind `chased`, with its agency."""
        if notice.agency is None:
            raise ValueError("a chase goes to an agency")
        facts = notice.facts
        # Those of before this was kept named one measure, or none, and nobody.
        one = [notice.measure_id] if notice.measure_id else []
        return cls(
            pk=notice.pk,
            agency=notice.agency,
            at=notice.created_at,
            on=notice.on,
            by=facts.get("by") or settings.OFFICE_NAME,
            words=facts.get("words") or "",
            measures=tuple(facts.get("measures") or one),
        )


class ChasedMeanwhile(Exception):
    """Somebody else chased some of these agencies after they were looked at; `chases` are the latest of each."""

    def __init__(self, chases: Sequence[Chase]) -> None:
        super().__init__()
        self.chases = chases


@dataclass(frozen=True, slots=True)
class Chased:
    """How many agencies were told of how many measures; `apart` measures are those of the chaser's own agency, which
    somebody else must chase."""

    agencies: int
    measures: int
    apart: int


def chases(who: Principal) -> QuerySet[Notice]:
    """All that `who` may read, latest first: the office's all, agencies' what they were told."""
    found = Notice.objects.filter(kind=Notice.Kind.CHASED, agency__isnull=False)
    if not may(who, Verb.READ_REPORTS, ()):
        found = found.filter(agency__in=agencies_for(who, Verb.READ_REPORTS))
    return found.select_related("agency", "delivery").order_by("-pk")


def last_chases(agency_ids: Collection[int]) -> dict[int, Chase]:
    """The latest of each of these agencies, by the agency's id: two queries."""
    told = Notice.objects.filter(kind=Notice.Kind.CHASED, agency__in=agency_ids).order_by()
    # By id and not by day: several may go out on one day, and the last of them is meant.
    latest = told.values("agency").annotate(last=Max("pk")).values_list("last", flat=True)
    found = Notice.objects.filter(pk__in=list(latest)).select_related("agency")
    return {chase.agency.pk: chase for chase in map(Chase.of, found)}


@dataclass(frozen=True, slots=True)
class Word:
    """One time a measure was chased: the word, to whom (names of agencies), and by whom (empty: by the portal)."""

    on: dt.date
    label: str
    agencies: tuple[str, ...]
    by: str = ""


def words_on(changes: Iterable[Any], reminders: Iterable[Reminder]) -> list[Word]:
    """How often and by whom a measure was chased, latest first: by hand, as its `changes` tell (those of `changes_to`
    that somebody may read), and by those of its `reminders` that came after the deadline, each word of a day once."""
    found = [
        Word(one.on, _("催办"), tuple(one.after.get("agencies", ())), one.actor if one.is_named else "")
        for one in changes
        if one.action == "measure.chased"
    ]
    # A letter goes to each agency, but the measure was reminded once: agencies of one day and word are one.
    told: dict[tuple[dt.date, str], list[str]] = {}
    for reminder in filter(is_chase, reminders):
        told.setdefault((reminder.due_on, reminder.stage), []).append(reminder.agency.name)
    found += [Word(on, str(stage_of(stage).label), tuple(names)) for (on, stage), names in told.items()]
    return sorted(found, key=lambda word: word.on, reverse=True)


def words_by_measure(measures: Sequence[int], who: Principal, on: dt.date) -> dict[int, list[Word]]:
    """The same of several measures (ids), as `who` may read it, up to a business date: two queries."""
    changes: dict[int, list[Any]] = {pk: [] for pk in measures}
    chased = readable_changes(who).filter(action="measure.chased", kind="measure", object_id__in=measures, on__lte=on)
    for change in chased.order_by("-sequence"):
        changes[change.object_id].append(change)
    told = told_by_measure(measures, on)
    return {pk: words_on(changes[pk], told.get(pk, ())) for pk in measures}


def asked_in_period(owing: DutyQuerySet, on: dt.date) -> frozenset[int]:
    """The agencies that were asked in the present period already about something they owe: two queries."""
    # The period differs by list and by whether a measure stands, so that it is asked of each duty.
    spans = {
        (duty.agency_id, duty.measure_id): span
        for duty in owing.select_related("measure__reform_list")
        if (span := span_on(on, asked_of(duty.measure)))
    }
    # Since the longest of the periods: one query, and each chase is held against its own period below.
    first = min((span.first for span in spans.values()), default=on)
    told = Notice.objects.filter(
        kind=Notice.Kind.CHASED, agency__in={agency for agency, _measure in spans}, on__gte=first
    )
    asked = [Chase.of(notice) for notice in told.select_related("agency")]
    return frozenset(
        chase.agency.pk
        for chase in asked
        for measure in chase.measures
        if (span := spans.get((chase.agency.pk, measure))) and chase.on >= span.first
    )


def chase(
    measure_id: int,
    *,
    words: str = "",
    seen: int | None = None,
    since: int | None = None,
    who: Principal,
    on: dt.date,
) -> int:
    """Tell those who still have to act on this measure; how many agencies are told.

    None are where the measure is closed or does not count. `seen` is the version that was looked at, `since` the last
    change of its history then: whoever was chased after that is not chased again unasked. Raises PermissionDenied,
    Stale.
    """
    with transaction.atomic():
        measure = lock_measure(measure_id)
        if not takes_part(measure):
            return 0
        if not may(who, Verb.STEER, holders_of(measure)):
            raise PermissionDenied
        check_version(measure, seen)
        if since is not None and _history(measure).filter(sequence__gt=since).exists():
            raise Stale(measure)
        waiting = Duty.objects.filter(measure=measure, status__in=TO_ACT)
        agencies = list(Agency.objects.filter(pk__in=waiting.values("agency")).order_by("pk"))
        for agency in agencies:
            _tell(agency, [measure], words.strip(), who=who, on=on)
        if agencies:
            names = [agency.name for agency in agencies]
            record([_entry(measure.pk, names, words.strip())], who=who, on=on)
    return len(agencies)


def chases_of(measure: Measure) -> list[Change]:
    """When this measure was chased, alone or with others, the latest first."""
    return list(_history(measure).order_by("-sequence"))


def _history(measure: Measure) -> QuerySet[Change]:
    return Change.objects.filter(kind="measure", object_id=measure.pk, action="measure.chased")


def chase_owing(
    owing: DutyQuerySet,
    agency_ids: Collection[int],
    *,
    words: str = "",
    seen: Mapping[int, int] | None = None,
    who: Principal,
    on: dt.date,
) -> Chased:
    """Tell these agencies of what they still owe, as it is now: whoever reported meanwhile is not told.

    One notice an agency: about its measure where it is one, else about several. `seen` is the latest chase of each
    agency (0: none) when the page was made; without it nothing is compared. Raises PermissionDenied, ChasedMeanwhile.
    """
    if not may(who, Verb.STEER):
        raise PermissionDenied
    with transaction.atomic():
        # Of two who chase the same agency at once the second sees what the first did.
        agencies = {agency.pk: agency for agency in _locked(agency_ids)}
        _check_seen(agencies, seen)
        duties = list(owing.of(agencies).select_related("measure").order_by("agency", "measure"))
        own = _own(duties, who)
        owed: dict[int, list[Measure]] = {}
        for duty in duties:
            if duty.measure_id not in own:
                owed.setdefault(duty.agency_id, []).append(duty.measure)
        for agency_id, measures in owed.items():
            _tell(agencies[agency_id], measures, words.strip(), who=who, on=on)
        entries = [
            _entry(measure.pk, [agencies[agency_id].name], words.strip(), agency_id=agency_id)
            for agency_id, measures in owed.items()
            for measure in measures
        ]
        if entries:
            record(entries, who=who, on=on)
    return Chased(len(owed), len({measure.pk for found in owed.values() for measure in found}), len(own))


def _locked(agency_ids: Collection[int]) -> QuerySet[Agency]:
    return Agency.objects.select_for_update(no_key=True).filter(pk__in=agency_ids).order_by("pk")


def _check_seen(agency_ids: Collection[int], seen: Mapping[int, int] | None) -> None:
    if seen is None:
        return
    last = last_chases(agency_ids)
    unseen = [chase for pk, chase in sorted(last.items()) if chase.pk != seen.get(pk, chase.pk)]
    if unseen:
        raise ChasedMeanwhile(unseen)


def _own(duties: Sequence[Duty], who: Principal) -> set[int]:
    """The measures on which an agency of the chaser acts."""
    # What is chased may be more than a query takes.
    held = set(Duty.objects.of(who.agencies()).order_by().values_list("measure_id", flat=True))
    return held.intersection(duty.measure_id for duty in duties)


def _tell(agency: Agency, measures: Sequence[Measure], words: str, *, who: Principal, on: dt.date) -> None:
    facts = {"words": words, "by": who.label, "count": len(measures), "measures": [one.pk for one in measures]}
    if agency.outside_line:
        facts["outside_line"] = True
    # One notice an agency, however much it owes; about several it names no measure.
    only = measures[0] if len(measures) == 1 else None
    lists = {one.reform_list_id for one in measures}
    notify(Notice.Kind.CHASED, on=on, agencies=[agency.pk], measure=only, lists=lists, facts=facts)


def _entry(measure_id: int, names: list[str], words: str, *, agency_id: int | None = None) -> Entry:
    return measure_entry("measure.chased", measure_id, agency_id=agency_id, after={"agencies": names}, reason=words)
