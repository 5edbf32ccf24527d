"""Who really must act. Duties follow from what is printed and from who belongs to which group."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agencies.models import Agency, GroupMember
from reforms.models import Assignment, Duty, Measure, Part, Status


class Share(NamedTuple):
    """The part an agency has in a measure, and the group through which it has it (None when printed itself)."""

    part: Part
    via_id: int | None


Shares = dict[tuple[int, int], Share]


def derive_duties(measure_ids: Sequence[int]) -> None:
    """Make the duties of these measures what they ought to be; the status of duties that stay is kept."""
    wanted = _wanted(measure_ids)
    existing = {(duty.measure_id, duty.agency_id): duty for duty in Duty.objects.filter(measure__in=measure_ids)}
    Duty.objects.filter(pk__in=[duty.pk for place, duty in existing.items() if place not in wanted]).delete()
    standing = set(Measure.objects.filter(pk__in=measure_ids, is_standing=True).values_list("pk", flat=True))
    kept = [existing[place] for place in wanted if place in existing]
    moved = [duty for duty in kept if _move(duty, wanted[duty.measure_id, duty.agency_id], standing=standing)]
    Duty.objects.bulk_update(moved, ["part", "via", "status"], batch_size=500)
    Duty.objects.bulk_create(
        [
            Duty(
                measure_id=measure_id,
                agency_id=agency_id,
                part=share.part,
                via_id=share.via_id,
                status=Status.STANDING if measure_id in standing else Status.NOT_REPORTED,
            )
            for (measure_id, agency_id), share in wanted.items()
            if (measure_id, agency_id) not in existing
        ],
        batch_size=1000,
    )


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
    derive_duties(list(Assignment.objects.filter(agency=group).values_list("measure_id", flat=True).distinct()))


def _move(duty: Duty, share: Share, *, standing: set[int]) -> bool:
    """Bring a duty in line with its share and with its measure's standing; whether anything changed."""
    before = (duty.part, duty.via_id, duty.status)
    duty.part, duty.via_id = share.part, share.via_id
    if duty.measure_id in standing:
        duty.status = Status.STANDING
    elif duty.status == Status.STANDING:
        duty.status = Status.IN_PROGRESS if duty.last_report_on else Status.NOT_REPORTED
    return before != (duty.part, duty.via_id, duty.status)


def _wanted(measure_ids: Sequence[int]) -> Shares:
    """Strongest share per measure and agency: lead before responsible, printed itself before through a group."""
    members = _members()
    shares: Shares = {}
    for assignment in Assignment.objects.filter(measure__in=measure_ids).select_related("agency"):
        part = Part(assignment.part)
        for agency_id, share in _shares(assignment.agency, part, members):
            place = (assignment.measure_id, agency_id)
            if place not in shares or _strength(share) > _strength(shares[place]):
                shares[place] = share
    return shares


def _shares(agency: Agency, part: Part, members: dict[int, list[int]]) -> Iterable[tuple[int, Share]]:
    if not agency.is_collective:
        return [(agency.pk, Share(part, None))]
    return [(member, Share(part, agency.pk)) for member in members.get(agency.pk, [])]


def _strength(share: Share) -> tuple[bool, bool]:
    return share.part == Part.LEAD, share.via_id is None


def _members() -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    for group_id, member_id in GroupMember.objects.values_list("group_id", "member_id"):
        members.setdefault(group_id, []).append(member_id)
    return members
