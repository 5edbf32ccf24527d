"""Who really must act. Duties follow from what is printed, from who belongs to which group, and from who succeeded
whom: a dissolved agency holds nothing."""

from collections.abc import Sequence
from typing import NamedTuple

from agencies.models import Agency
from reforms.models import Assignment, Duty, Measure, Part, ProgressReport, Status
from reforms.standins import StandIns


class Share(NamedTuple):
    """The part an agency has in a measure, and the printed group or predecessor through which it has it (None when it
    is printed itself)."""

    part: Part
    via_id: int | None


Place = tuple[int, int]
Shares = dict[Place, Share]


def derive_duties(measure_ids: Sequence[int]) -> None:
    """Make the duties of these measures what they ought to be; the status of duties that stay is kept."""
    wanted = shares_of(measure_ids, StandIns.for_measures(measure_ids))
    existing = {(duty.measure_id, duty.agency_id): duty for duty in Duty.objects.filter(measure__in=measure_ids)}
    Duty.objects.filter(pk__in=[duty.pk for place, duty in existing.items() if place not in wanted]).delete()
    standing = set(Measure.objects.filter(pk__in=measure_ids, is_standing=True).values_list("pk", flat=True))
    kept = [existing[place] for place in wanted if place in existing]
    moved = [duty for duty in kept if _move(duty, wanted[duty.measure_id, duty.agency_id], standing=standing)]
    Duty.objects.bulk_update(moved, ["part", "via", "status"], batch_size=500)
    new = [
        Duty(
            measure_id=measure_id,
            agency_id=agency_id,
            part=share.part,
            via_id=share.via_id,
            status=Status.STANDING if measure_id in standing else Status.NOT_REPORTED,
        )
        for (measure_id, agency_id), share in wanted.items()
        if (measure_id, agency_id) not in existing
    ]
    Duty.objects.bulk_create(new, batch_size=1000)
    _take_up_reports(new)


def _take_up_reports(new: Sequence[Duty]) -> None:
    """An agency that comes back to a measure finds the reports it made there before."""
    places = {(duty.measure_id, duty.agency_id): duty for duty in new}
    loose = ProgressReport.objects.filter(duty=None, measure__in={duty.measure_id for duty in new}).order_by("on")
    taken = [report for report in loose if (report.measure_id, report.agency_id) in places]
    for report in taken:
        duty = places[report.measure_id, report.agency_id]
        report.duty, duty.last_report_on = duty, report.on
        if duty.status == Status.NOT_REPORTED:
            duty.status = Status.IN_PROGRESS
    ProgressReport.objects.bulk_update(taken, ["duty"], batch_size=500)
    found = {report.duty_id for report in taken}
    Duty.objects.bulk_update([duty for duty in new if duty.pk in found], ["status", "last_report_on"], batch_size=500)


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


def shares_of(measure_ids: Sequence[int], stand_ins: StandIns) -> Shares:
    """Strongest share per measure and agency: lead before responsible, printed itself before through another."""
    shares: Shares = {}
    for assignment in Assignment.objects.filter(measure__in=measure_ids).select_related("agency"):
        for agency_id in stand_ins.of(assignment):
            itself = agency_id == assignment.agency_id
            share = Share(Part(assignment.part), None if itself else assignment.agency_id)
            place = (assignment.measure_id, agency_id)
            if place not in shares or _strength(share) > _strength(shares[place]):
                shares[place] = share
    return shares


def _strength(share: Share) -> tuple[bool, bool]:
    return share.part == Part.LEAD, share.via_id is None
