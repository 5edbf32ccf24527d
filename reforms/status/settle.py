"""Where measures and duties stand, derived from their reports. The one place that writes status and its dates.

尚未报送 until the first report, 推进中 from then on, 待核验 when all who must claim have, 已销号 when all their claims
are verified; the date of completion is that of the last accepted claim, not of its verification.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from django.utils import timezone

from agencies.lib.bulk import update
from agencies.log.write import Entry, Facts
from agencies.models import Change
from reforms.duties import claimants
from reforms.models import DONE, Duty, Measure, ProgressReport, Status


def measure_entry(
    action: str,
    measure_id: int,
    *,
    agency_id: int | None = None,
    before: Facts | None = None,
    after: Facts | None = None,
    reason: str = "",
    visibility: Change.Visibility = Change.Visibility.INTERNAL,
    on: dt.date | None = None,
) -> Entry:
    """An entry of the measure's history: internal unless `visibility` says who else reads it. `agency_id` is the agency
    whose deed or part it is, `on` the business date of what is entered later than it happened."""
    return Entry(
        action=action,
        kind="measure",
        object_id=measure_id,
        agency_id=agency_id,
        visibility=visibility,
        before=before or {},
        after=after or {},
        reason=reason,
        on=on,
    )


State = ProgressReport.State
STANDING_FACTS = (
    "status",
    "disposition",
    "deadline_in_force",
    "first_report_on",
    "last_report_on",
    "claimed_on",
    "closed_on",
    "is_standing",
)
DUTY_FACTS = ("status", "last_report_on", "outlook")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureState:
    """The facts of a measure that pages count and that any past date is asked for."""

    status: str
    disposition: str
    deadline_in_force: dt.date | None
    first_report_on: dt.date | None
    last_report_on: dt.date | None
    claimed_on: dt.date | None
    closed_on: dt.date | None
    is_standing: bool

    @classmethod
    def of(cls, measure: Measure) -> "MeasureState":
        """As the measure has them now."""
        return cls(**{field.name: getattr(measure, field.name) for field in fields(cls)})

    def changed(self, after: "MeasureState") -> tuple[Facts, Facts]:
        """What differs, as the log keeps it: before and after."""
        names = [name for name in STANDING_FACTS if getattr(self, name) != getattr(after, name)]
        return {name: _plain(getattr(self, name)) for name in names}, {
            name: _plain(getattr(after, name)) for name in names
        }


def _plain(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def state_entry(
    measure: Measure, before: MeasureState, *, agency_id: int | None = None, reason: str = "", action: str = ""
) -> list[Entry]:
    """What the log keeps of a changed standing; nothing when only the day of the last report moved on.

    `action` is measure.status_changed when the status changed and none is given, else measure.standing_changed.
    """
    old, new = before.changed(MeasureState.of(measure))
    if not set(new) - {"last_report_on"}:
        return []
    named = action or ("measure.status_changed" if "status" in new else "measure.standing_changed")
    return [
        measure_entry(
            named,
            measure.pk,
            agency_id=agency_id,
            visibility=Change.Visibility.STATUS,
            before=old,
            after=new,
            reason=reason,
        )
    ]


def settle(measure_ids: Collection[int], *, agency_id: int | None = None) -> list[Entry]:
    """Bring these measures (held by the caller) and their duties in line with their reports; the entries to log.

    Every one of them counts as changed, a duty only where a fact of it did. Four queries to read, two to write.
    """
    measures = list(Measure.objects.filter(pk__in=measure_ids).select_related("reform_list").order_by("pk"))
    duties = _by_measure(Duty.objects.filter(measure__in=measure_ids))
    reports = _by_measure(ProgressReport.objects.spoken().filter(measure__in=measure_ids).order_by("recorded_at", "pk"))
    must_claim = claimants(measures, duties)
    duties_before = {duty.pk: _values(duty, DUTY_FACTS) for found in duties.values() for duty in found}
    entries: list[Entry] = []
    for measure in measures:
        before = MeasureState.of(measure)
        _settle(measure, duties[measure.pk], reports[measure.pk], must_claim[measure.pk])
        measure.version += 1
        measure.updated_at = timezone.now()
        entries += state_entry(measure, before, agency_id=agency_id)
    columns = (*STANDING_FACTS, "version", "updated_at")
    update(Measure, columns, [_values(measure, columns) for measure in measures])
    duties_after = [_values(duty, DUTY_FACTS) for found in duties.values() for duty in found]
    update(Duty, DUTY_FACTS, [values for values in duties_after if values != duties_before[values[0]]])
    return entries


def _values(row: Measure | Duty, names: Iterable[str]) -> list[Any]:
    """The id and these columns; choices as the plain text that drivers take."""
    values = (getattr(row, name) for name in names)
    return [row.pk, *(str(value) if isinstance(value, str) else value for value in values)]


def settle_reported(measure_ids: Collection[int]) -> list[Entry]:
    """The same after duties were derived anew: who must claim may be others now, and with the last one missing gone,
    what the rest claimed is claimed. What is closed stays closed, what nobody reported on has nothing to settle."""
    reported = Measure.objects.filter(pk__in=measure_ids).exclude(status=Status.CLOSED).exclude(first_report_on=None)
    return settle(list(reported.values_list("pk", flat=True)))


Row = TypeVar("Row", Duty, ProgressReport)


def _by_measure(rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.measure_id].append(row)
    return found


def _settle(
    measure: Measure, duties: Sequence[Duty], reports: Sequence[ProgressReport], must_claim: frozenset[int]
) -> None:
    for duty in duties:
        _settle_duty(duty, [report for report in reports if report.duty_id == duty.pk], measure)
    days = [report.on for report in reports]
    measure.first_report_on, measure.last_report_on = min(days, default=None), max(days, default=None)
    if not _stays_closed(measure, reports):
        _settle_status(measure, duties, reports, must_claim)
    # Those who only help are done with it too.
    if measure.status == Status.CLOSED:
        for duty in duties:
            duty.status = Status.CLOSED


def _settle_status(
    measure: Measure, duties: Sequence[Duty], reports: Sequence[ProgressReport], must_claim: frozenset[int]
) -> None:
    measure.status = _status(measure, duties, must_claim)
    claiming = {duty.pk for duty in duties if duty.agency_id in must_claim}
    # Only what they claim who must: a claim of an agency that led it before moves no date.
    claims = [report.claimed_on for report in reports if _counts_as_claim(report) and report.duty_id in claiming]
    claimed = max((day for day in claims if day), default=None)
    measure.claimed_on = claimed if measure.status in DONE else None
    measure.closed_on = claimed if measure.status == Status.CLOSED else None


def _stays_closed(measure: Measure, reports: Sequence[ProgressReport]) -> bool:
    """What is closed stays closed, whoever must claim by now, until its claims are undone (恢复督办)."""
    closed = measure.status == Status.CLOSED and not measure.is_standing
    return closed and any(report.state == State.VERIFIED for report in reports)


def _status(measure: Measure, duties: Sequence[Duty], must_claim: frozenset[int]) -> Status:
    if measure.is_standing:
        return Status.STANDING
    claimed = {duty.status for duty in duties if duty.agency_id in must_claim}
    if claimed == {Status.CLOSED}:
        return Status.CLOSED
    # Empty where nobody leads it yet, and the empty set is part of every set.
    if claimed and claimed <= set(DONE):
        return Status.UNDER_REVIEW
    return Status.IN_PROGRESS if measure.first_report_on else Status.NOT_REPORTED


def _settle_duty(duty: Duty, own: Sequence[ProgressReport], measure: Measure) -> None:
    duty.last_report_on = max((report.on for report in own), default=None)
    duty.outlook = own[-1].outlook if own else ""
    if measure.is_standing:
        duty.status = Status.STANDING
    elif any(report.state == State.UNDER_REVIEW for report in own):  # also where two that were claimed became one
        duty.status = Status.UNDER_REVIEW
    elif any(report.state == State.VERIFIED for report in own):
        duty.status = Status.CLOSED
    else:
        duty.status = Status.IN_PROGRESS if own else Status.NOT_REPORTED


def _counts_as_claim(report: ProgressReport) -> bool:
    return report.state in (State.UNDER_REVIEW, State.VERIFIED)


def printed_deadline_changed(measure: Measure, *, text: str, day: dt.date | None, standing: bool) -> None:
    """Set the printed deadline. The one in force follows it unless the office had moved it; nothing is saved."""
    if not measure.is_deadline_moved and measure.deadline_in_force == measure.deadline:
        measure.deadline_in_force = day
    measure.deadline_text, measure.deadline = text, day
    if standing and not measure.is_standing:
        measure.is_standing, measure.status, measure.closed_on = True, Status.STANDING, None
    elif measure.is_standing and not standing:
        measure.is_standing = False
        measure.status = Status.IN_PROGRESS if measure.first_report_on else Status.NOT_REPORTED
