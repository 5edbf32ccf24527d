"""What the office does to a measure: suspends, cancels or resumes it, gives it to another agency, settles its
matters."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import record
from agencies.models import Agency, Change
from reforms.duties import derive_duties, holders_of, move_duties
from reforms.models import (
    Disposition,
    Matter,
    Measure,
    Notice,
    Status,
    Successors,
    Takeover,
    check_version,
    lock_measure,
    takes_part,
)
from reforms.notices.notify import notify
from reforms.review.decisions import required_reason, return_half_claims
from reforms.status.settle import MeasureState, measure_entry, settle, state_entry

ACTIONS = {
    Disposition.SUSPENDED: "measure.suspended",
    Disposition.CANCELLED: "measure.cancelled",
    Disposition.ACTIVE: "measure.resumed",
}


def dispose(
    measure_id: int, disposition: Disposition, *, reason: str, seen: int | None, who: Principal, on: dt.date
) -> Measure:
    """中止, 终止 or 恢复 a measure. What is suspended or cancelled no longer counts and is not reported on.
    Raises PermissionDenied, Stale, ValidationError."""
    with transaction.atomic():
        measure, holders = _held(measure_id, who, seen)
        if disposition not in ACTIONS or measure.disposition == Disposition.WITHDRAWN:
            raise ValidationError(_("该举措已调出清单，不能中止、终止或恢复。"), code="withdrawn")
        if measure.disposition == disposition:
            raise ValidationError(
                _("该举措已是“%(what)s”。") % {"what": measure.get_disposition_display()}, code="same"
            )
        if measure.status == Status.CLOSED:
            raise ValidationError(_("该举措已销号，请先恢复督办。"), code="closed")
        reason = required_reason(reason)
        before = MeasureState.of(measure)
        # Kept for the time when one edition leaves the measure out and a later one prints it again.
        measure.disposition = measure.disposition_when_listed = disposition
        measure.version, measure.updated_at = measure.version + 1, timezone.now()
        measure.save(update_fields=["disposition", "disposition_when_listed", "version", "updated_at"])
        facts = {"disposition": str(disposition), "reason": reason}
        notify(Notice.Kind.DISPOSED, on=on, agencies=holders, measure=measure, facts=facts)
        record(state_entry(measure, before, reason=reason, action=ACTIONS[disposition]), who=who, on=on)
    return measure


def reassign(
    measure_id: int, holder_id: int, heir_id: int, *, reason: str, seen: int | None, who: Principal, on: dt.date
) -> None:
    """改派: `heir_id` acts from now on where `holder_id` did. What is printed stays, and so do the reports; the status
    moves with the duty. Raises PermissionDenied, Stale, ValidationError."""
    with transaction.atomic():
        measure, holders = _held(measure_id, who, seen)
        heir = Agency.objects.living().filter(pk=heir_id, kind=Agency.Kind.SINGLE).first()
        if heir is None or holder_id not in holders or heir_id == holder_id:
            raise ValidationError({"heir": ValidationError(_("请选择另一个现有单位。"), code="not_an_agency")})
        if not takes_part(measure):
            raise ValidationError(_("该举措已销号或已不在册，不能改派。"), code="not_open")
        reason, holder = required_reason(reason), Agency.objects.get(pk=holder_id)
        _take_over(measure, holder_id, heir_id)
        # While the two duties are still two: once joined they have one status.
        returned = return_half_claims(holder_id, {measure.pk: heir_id}, who=who, on=on)
        move_duties(holder_id, {measure.pk: heir_id})
        derive_duties([measure.pk])
        notify(
            Notice.Kind.ASSIGNED,
            on=on,
            agencies=[heir_id],
            measure=measure,
            facts={"old": holder.name, "reason": reason},
        )
        entry = measure_entry(
            "measure.reassigned",
            measure.pk,
            visibility=Change.Visibility.STATUS,
            before={"agency": holder.name},
            after={"agency": heir.name},
            reason=reason,
        )
        record([entry, *returned, *settle([measure.pk])], who=who, on=on)


def _take_over(measure: Measure, holder_id: int, heir_id: int) -> None:
    """Chains are kept short: whoever came to `holder_id`, by succession too, comes to the heir. An agency that
    gets its own measure back needs no row."""
    came = Successors.for_measures([measure.pk]).before({holder_id}, measure.pk)
    Takeover.objects.filter(measure=measure, predecessor=heir_id, successor=holder_id).delete()
    for pk in {holder_id, *came} - {heir_id}:
        Takeover.objects.update_or_create(measure=measure, predecessor_id=pk, defaults={"successor_id": heir_id})


def _held(measure_id: int, who: Principal, seen: int | None) -> tuple[Measure, list[int]]:
    measure = lock_measure(measure_id)
    holders = holders_of(measure)
    if not may(who, Verb.STEER, holders):
        raise PermissionDenied
    check_version(measure, seen)
    return measure, holders


def handle_matter(
    pk: int, *, state: Matter.State, answer: str, seen: int | None, who: Principal, on: dt.date
) -> Matter:
    """The office takes a matter up or settles it with an answer, which the agency is told.

    Raises PermissionDenied, Stale, and ValidationError where it is closed or settled without an answer.
    """
    with transaction.atomic():
        matter = Matter.objects.select_for_update(no_key=True, of=("self",)).select_related("measure").get(pk=pk)
        if not may(who, Verb.STEER, holders_of(matter.measure)):
            raise PermissionDenied
        check_version(matter, seen)
        # A matter lives until it is settled or no longer raised; a problem that comes back is another one.
        if matter.state in (Matter.State.SETTLED, Matter.State.DROPPED):
            raise ValidationError(_("该事项已办结，不能再修改。"), code="not_open")
        # The other states are not the office's to set: they follow from what agencies report.
        if state not in (Matter.State.TAKEN, Matter.State.SETTLED) or (
            state == Matter.State.SETTLED and not answer.strip()
        ):
            raise ValidationError({"answer": ValidationError(_("请填写协调情况。"), code="required")})
        before = {"state": str(matter.state), "answer": matter.answer}
        matter.state, matter.answer, matter.version = state, answer.strip(), matter.version + 1
        matter.handled_on, matter.handled_by = on, who.label
        matter.save()
        notify(
            Notice.Kind.MATTER_ANSWERED,
            on=on,
            agencies=[matter.agency_id],
            measure=matter.measure,
            facts={"text": matter.answer},
        )
        after = {"matter": matter.pk, "state": str(state), "answer": matter.answer}
        entry = measure_entry(
            "matter.handled", matter.measure_id, agency_id=matter.agency_id, before=before, after=after
        )
        record([entry], who=who, on=on)
    return matter
