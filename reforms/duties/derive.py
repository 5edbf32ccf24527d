"""Who really must act. Duties follow from what is printed, from who belongs to which group, and from who succeeded
whom: a dissolved agency holds nothing."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from agencies.lib.bulk import insert
from agencies.models import Agency
from reforms.duties.successors import ActingAgencies
from reforms.models import COUNTED, Assignment, Duty, Measure, Part, ProgressReport, Status


class Share(NamedTuple):
    """The part an agency has in a measure, and the printed group or predecessor through which it has it (None when it
    is printed itself)."""

    part: Part
    via_id: int | None


PARTS = {part.value: part for part in Part}
COLUMNS = ("measure_id", "agency_id", "part", "via_id", "status", "last_report_on", "outlook", "division", "officer")
BATCH = 5_000
Place = tuple[int, int]
Shares = dict[Place, Share]


def derive_duties(measure_ids: Sequence[int]) -> None:
    """Make the duties of these measures what they ought to be; the status of duties that stay is kept."""
    for at in range(0, len(measure_ids), BATCH):
        _derive(measure_ids[at : at + BATCH])


def _derive(measure_ids: Sequence[int]) -> None:
    wanted = shares_of(measure_ids, ActingAgencies.for_measures(measure_ids))
    existing = {(duty.measure_id, duty.agency_id): duty for duty in Duty.objects.filter(measure__in=measure_ids)}
    Duty.objects.filter(pk__in=[duty.pk for place, duty in existing.items() if place not in wanted]).delete()
    measures = list(Measure.objects.filter(pk__in=measure_ids).only("is_standing", "status"))
    standing = {measure.pk for measure in measures if measure.is_standing}
    closed = {measure.pk for measure in measures if measure.status == Status.CLOSED}
    kept = [existing[place] for place in wanted if place in existing]
    moved = [duty for duty in kept if _move(duty, wanted[duty.measure_id, duty.agency_id], standing=standing)]
    Duty.objects.bulk_update(moved, ["part", "via", "status"], batch_size=500)
    new = {place: share for place, share in wanted.items() if place not in existing}
    insert(Duty, COLUMNS, [_row(place, share, standing, closed) for place, share in new.items()])
    _take_up_reports(set(wanted))


def _row(place: Place, share: Share, standing: set[int], closed: set[int]) -> tuple[Any, ...]:
    """A new duty, in the order of COLUMNS."""
    status = Status.NOT_REPORTED
    if place[0] in standing:
        status = Status.STANDING
    elif place[0] in closed:
        status = Status.CLOSED
    return (*place, share.part, share.via_id, status, None, "", "", "")


def _take_up_reports(held: set[Place]) -> None:
    """An agency that comes back to a measure finds the reports it made there before; only what it said counts."""
    measures = {measure_id for measure_id, _agency in held}
    loose = ProgressReport.objects.filter(duty=None, measure__in=measures).order_by("on")
    taken = [report for report in loose if (report.measure_id, report.agency_id) in held]
    if not taken:
        return
    duties = Duty.objects.filter(measure__in={report.measure_id for report in taken})
    places = {(duty.measure_id, duty.agency_id): duty for duty in duties}
    for report in taken:
        duty = places[report.measure_id, report.agency_id]
        report.duty = duty
        if report.state not in COUNTED:
            continue
        duty.last_report_on = max(filter(None, (duty.last_report_on, report.on)))
        if duty.status == Status.NOT_REPORTED:
            duty.status = Status.IN_PROGRESS
    ProgressReport.objects.bulk_update(taken, ["duty"], batch_size=500)
    found = {report.duty_id for report in taken}
    back = [duty for duty in places.values() if duty.pk in found]
    Duty.objects.bulk_update(back, ["status", "last_report_on"], batch_size=500)


def holders(measure: Measure) -> list[Duty]:
    """The duties of one measure, leads first, in printed order; those through a group after those printed."""
    order = {
        (beside.agency_id, beside.part): beside.order
        for beside in Assignment.objects.filter(measure=measure).only("agency_id", "part", "order")
    }
    duties = Duty.objects.filter(measure=measure).select_related("agency", "via")
    return sorted(
        duties,
        key=lambda duty: (
            duty.part != Part.LEAD,
            order.get((duty.via_id or duty.agency_id, duty.part), 0),
            duty.agency_id,
        ),
    )


def derive_duties_of_group(group: Agency) -> None:
    """After the members of a group changed: the duties of every measure beside which it is printed."""
    derive_duties(measures_beside(group))


def measures_beside(agency: Agency) -> list[int]:
    """The ids of the measures beside which an agency is printed."""
    return list(Assignment.objects.filter(agency=agency).order_by().values_list("measure_id", flat=True).distinct())


def _move(duty: Duty, share: Share, *, standing: set[int]) -> bool:
    """Bring a duty in line with its share and with its measure's standing; whether anything changed."""
    before = (duty.part, duty.via_id, duty.status)
    duty.part, duty.via_id = share.part, share.via_id
    if duty.measure_id in standing:
        duty.status = Status.STANDING
    elif duty.status == Status.STANDING:
        duty.status = Status.IN_PROGRESS if duty.last_report_on else Status.NOT_REPORTED
    return before != (duty.part, duty.via_id, duty.status)


def shares_of(measure_ids: Sequence[int], stand_ins: ActingAgencies) -> Shares:
    """Strongest share per measure and agency: lead before responsible, printed itself before through another."""
    shares: Shares = {}
    printed = Assignment.objects.filter(measure__in=measure_ids)
    for measure_id, part, printed_id, kind in printed.values_list("measure_id", "part", "agency_id", "agency__kind"):
        for agency_id in stand_ins.of(printed_id, measure_id, collective=kind != Agency.Kind.SINGLE):
            share = Share(PARTS[part], None if agency_id == printed_id else printed_id)
            place = (measure_id, agency_id)
            if place not in shares or _strength(share) > _strength(shares[place]):
                shares[place] = share
    return shares


def _strength(share: Share) -> tuple[bool, bool]:
    return share.part == Part.LEAD, share.via_id is None
