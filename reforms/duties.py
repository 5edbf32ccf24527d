"""Who really must act. Duties follow from what is printed, from who belongs to which group, and from who succeeded
whom: a dissolved agency holds nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from django.db.models import QuerySet
from django.db.models.functions import Left

from agencies.lib.bulk import insert
from agencies.models import Agency, GroupMember
from reforms.lib.words import OPENING, opening_text
from reforms.models import (
    COUNTED,
    DONE,
    EACH_FOR_ITS_PART,
    TEXTS,
    UNSENT,
    Assignment,
    ClaimedBy,
    Duty,
    DutyQuerySet,
    Evidence,
    Extension,
    Measure,
    NamedMember,
    Part,
    ProgressReport,
    ReformList,
    Status,
    Successors,
    carry_evidence,
)

Members = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingAgencies:
    """Everything that says who acts for a printed agency."""

    members: Members
    named: Mapping[tuple[int, int], Sequence[int]]
    heirs: Successors

    @classmethod
    def for_measures(cls, measure_ids: Sequence[int], *, members: Members | None = None) -> Self:
        """As the database has it; `members` asks what would follow if groups had these members."""
        named: dict[tuple[int, int], list[int]] = {}
        for row in NamedMember.objects.filter(measure__in=measure_ids):
            named.setdefault((row.measure_id, row.group_id), []).append(row.member_id)
        return cls(
            members=members_of_groups() if members is None else members,
            named=named,
            heirs=Successors.for_measures(measure_ids),
        )

    def of(self, agency_id: int, measure_id: int, *, collective: bool) -> Iterator[int]:
        """The agencies that act for one printed beside a measure."""
        meant: Sequence[int] = (agency_id,)
        if collective:
            meant = (*self.members.get(agency_id, ()), *self.named.get((measure_id, agency_id), ()))
        for one in meant:
            yield self.heirs.of(one, measure_id)


def members_of_groups() -> dict[int, list[int]]:
    """The ids of the members, by group."""
    members: dict[int, list[int]] = {}
    for group_id, member_id in GroupMember.objects.values_list("group_id", "member_id"):
        members.setdefault(group_id, []).append(member_id)
    return members


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
    # The reports of a duty that goes stay, without a duty; `_take_up_reports` finds them should it come back.
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
    # Whoever comes to a measure that is done has nothing left to claim.
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


DutiesByMeasure = Mapping[int, Sequence[Duty]]


def claimants_of(measure: Measure) -> frozenset[int]:
    """The ids of the agencies that must claim this measure; empty where nobody leads it yet."""
    duties = list(Duty.objects.filter(measure=measure))
    return claimants([measure], {measure.pk: duties})[measure.pk]


def holders_of(measure: Measure) -> list[int]:
    """The ids of the agencies that act on a measure."""
    return list(Duty.objects.filter(measure=measure).values_list("agency_id", flat=True))


def leads_of(measure: Measure) -> frozenset[int]:
    """The ids of the agencies that lead a measure."""
    return frozenset(Duty.objects.filter(measure=measure, part=Part.LEAD).values_list("agency_id", flat=True))


def acting_in(reform_list: ReformList) -> QuerySet[Agency]:
    """Who has something to do in a list, in the order of the directory."""
    held = Duty.objects.in_work().filter(measure__reform_list=reform_list, measure__disposition="active")
    return Agency.objects.living().filter(pk__in=held.order_by().values("agency")).order_by("pk")


def claimants(measures: Collection[Measure], duties: DutiesByMeasure) -> dict[int, frozenset[int]]:
    """The same for many measures whose lists are loaded: one query."""
    printed: dict[int, list[int]] = {}
    leads = Assignment.objects.filter(measure__in=[measure.pk for measure in measures], part=Part.LEAD)
    for measure_id, agency_id in leads.order_by("measure", "order").values_list("measure_id", "agency_id"):
        printed.setdefault(measure_id, []).append(agency_id)
    return {
        measure.pk: _claimants(measure, printed.get(measure.pk, ()), duties.get(measure.pk, ())) for measure in measures
    }


def _claimants(measure: Measure, printed: Sequence[int], duties: Iterable[Duty]) -> frozenset[int]:
    leading = [duty for duty in duties if duty.part == Part.LEAD]
    if every_lead_claims(measure):
        return frozenset(duty.agency_id for duty in leading)
    # The first lead for which somebody acts: a group without members is passed over.
    for agency_id in printed:
        acting = frozenset(duty.agency_id for duty in leading if agency_id in (duty.agency_id, duty.via_id))
        if acting:
            return acting
    return frozenset(duty.agency_id for duty in leading)


def every_lead_claims(measure: Measure) -> bool:
    """What the list's setting means for this measure."""
    how = measure.reform_list.claimed_by
    return how == ClaimedBy.EVERY_LEAD or (how == ClaimedBy.AS_PRINTED and EACH_FOR_ITS_PART in measure.lead_note)


def move_duties(agency_id: int, heirs: Mapping[int, int]) -> None:
    """Give the duties of an agency to the heir named for each measure. Where the heir has a duty already the two
    become one, and every report stays with it. What waits for the agency's signature waits for the heir's; a request
    that the office has not decided is the heir's too. `derive_duties` must follow: it settles part and `via`."""
    duties = list(Duty.objects.filter(agency=agency_id, measure__in=heirs))
    held = Duty.objects.filter(measure__in=heirs, agency__in=set(heirs.values()))
    by_place = {(duty.measure_id, duty.agency_id): duty for duty in held}
    pairs = [(duty, by_place.get((duty.measure_id, heirs[duty.measure_id]))) for duty in duties]
    # First those that meet: a measure has one duty for each agency (one_duty_per_agency).
    _join([(duty, other) for duty, other in pairs if other])
    moved = [duty for duty, other in pairs if other is None]
    for duty in moved:
        duty.agency_id = heirs[duty.measure_id]
    Duty.objects.bulk_update(moved, ["agency"], batch_size=BATCH)
    unsent = ProgressReport.objects.filter(agency=agency_id, measure__in=heirs, state__in=UNSENT)
    for measure_id in set(unsent.values_list("measure_id", flat=True)):
        hand_on_drafts(measure_id, agency_id, heirs[measure_id])
    for extension in Extension.objects.waiting().filter(agency=agency_id, measure__in=heirs):
        # With another version, so that whoever has the request open is told before they decide on it.
        extension.agency_id, extension.version = heirs[extension.measure_id], extension.version + 1
        extension.save(update_fields=["agency", "version"])


def hand_on_drafts(measure_id: int, agency_id: int, heir_id: int) -> None:
    """What an agency had not sent yet goes to its heir; where both were writing, one draft holds both texts."""
    unsent = ProgressReport.objects.filter(measure=measure_id, state__in=UNSENT)
    for draft in unsent.filter(agency=agency_id):
        other = unsent.filter(agency=heir_id, by_office=draft.by_office).first()
        if other is None:
            # Both count within one agency, where the heir may have used them already.
            draft.agency_id, draft.external_ref, draft.form_key = heir_id, "", ""
            draft.save(update_fields=["agency", "external_ref", "form_key"])
            continue
        for name in TEXTS:
            texts = [getattr(other, name), getattr(draft, name)]
            # The same text stands once; the columns take 5,000 characters.
            setattr(other, name, "\n".join(dict.fromkeys(text for text in texts if text))[:5000])
        other.version += 1
        other.save(update_fields=[*TEXTS, "version"])
        carry_evidence(draft, other)
        Evidence.objects.filter(report=draft).delete()
        draft.delete()


def _join(pairs: Sequence[tuple[Duty, Duty]]) -> None:
    """Join the first duty of each pair into the second."""
    for duty, other in pairs:
        other.status = joint_status(other.status, duty.status)
        days = [day for day in (other.last_report_on, duty.last_report_on) if day]
        other.last_report_on = max(days, default=None)
    Duty.objects.bulk_update([other for _duty, other in pairs], ["status", "last_report_on"], batch_size=BATCH)
    into = {duty.pk: other for duty, other in pairs}
    reports = list(ProgressReport.objects.filter(duty__in=into))
    for report in reports:
        report.duty = into[report.duty_id] if report.duty_id else None
    ProgressReport.objects.bulk_update(reports, ["duty"], batch_size=BATCH)
    Duty.objects.filter(pk__in=into).delete()


def joint_status(one: str, other: str) -> str:
    """The status of two duties that become one: done only when both are, under way as soon as one is."""
    if one == other:
        return one
    return Status.UNDER_REVIEW if one in DONE and other in DONE else Status.IN_PROGRESS


def with_openings(duties: DutyQuerySet) -> DutyQuerySet:
    """Duties with how the text of their measure begins instead of the long texts; for `opening_of`."""
    short = duties.select_related("measure").defer("measure__text", "measure__search_text")
    return short.annotate(opening=Left("measure__text", OPENING + 1))


def opening_of(duty: Duty) -> str:
    """How the measure of one of them begins."""
    return opening_text(getattr(duty, "opening", ""))
