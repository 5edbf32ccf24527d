"""时限调整: the office moves a deadline in force itself, on the strength of a document, and corrects its own slips."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from reforms.duties import holders_of
from reforms.models import DeadlineAdjustment, Extension, Measure, Notice, check_version, lock_measure, takes_part
from reforms.notices.notify import notify
from reforms.review.extensions import check_plausible, move_deadline
from reforms.status.settle import measure_entry

# Of the real clock: from the adjustment itself, however often it is corrected meanwhile.
CORRECTED_WITHIN = dt.timedelta(hours=24)


def adjust_deadline(
    measure_id: int,
    deadline: dt.date,
    *,
    reference: str,
    reason: str = "",
    seen: int | None,
    who: Principal,
    on: dt.date,
    again: bool = False,
) -> bool:
    """The office sets another deadline. Whoever did so corrects it within a day by doing it again, which is no second
    adjustment unless they say so (`again`); whether it was a correction. Raises PermissionDenied, Stale,
    ValidationError."""
    with transaction.atomic():
        measure = lock_measure(measure_id)
        holders = holders_of(measure)
        if not may(who, Verb.STEER, holders):
            raise PermissionDenied
        check_version(measure, seen)
        earlier = check_may_adjust(measure, deadline, reference=reference, reason=reason, who=who, on=on, again=again)
        wanted = DeadlineAdjustment(
            measure=measure,
            former=measure.deadline_in_force,
            deadline=deadline,
            reference=reference.strip(),
            reason=reason.strip(),
            on=on,
            recorded_at=timezone.now(),
            author=who.label,
            author_user_id=who.user_id,
        )
        entries = _correct(earlier, wanted) if earlier else _adjust(wanted)
        facts = {"until": deadline.isoformat(), "reference": wanted.reference, "corrects": earlier is not None}
        notify(Notice.Kind.DEADLINE_ADJUSTED, on=on, agencies=holders, measure=measure, facts=facts)
        record(entries, who=who, on=on)
    return earlier is not None


def check_may_adjust(
    measure: Measure,
    deadline: dt.date,
    *,
    reference: str,
    reason: str,
    who: Principal,
    on: dt.date,
    again: bool = False,
) -> DeadlineAdjustment | None:
    """The adjustment that this would correct, None for a new one. Raises ValidationError where it cannot be made."""
    if measure.is_standing or not takes_part(measure):
        raise ValidationError(_("该举措持续巩固、已销号或已不在册，不能调整时限。"), code="not_open")
    if not reference.strip():
        raise ValidationError({"reference": ValidationError(_("请填写批准文号。"), code="required")})
    earlier = None if again else to_correct(measure, who)
    if deadline == measure.deadline_in_force and not (earlier and _corrects_words(earlier, reference, reason)):
        raise ValidationError({"deadline": ValidationError(_("与现行时限相同。"), code="same")})
    check_plausible("deadline", deadline, on)
    return earlier


def _corrects_words(earlier: DeadlineAdjustment, reference: str, reason: str) -> bool:
    return (reference.strip(), reason.strip()) != (earlier.reference, earlier.reason)


def to_correct(measure: Measure, who: Principal) -> DeadlineAdjustment | None:
    """The adjustment that `who` would correct now: their own, made within a day, and still what the deadline is."""
    last = DeadlineAdjustment.objects.filter(measure=measure).first()
    if last is None or who.user_id is None or last.author_user_id != who.user_id:
        return None
    # An extension granted since, or a new edition, is not undone by correcting what was before it.
    is_in_force = last.deadline == measure.deadline_in_force
    return last if is_in_force and timezone.now() - last.recorded_at < CORRECTED_WITHIN else None


def takes_back(earlier: DeadlineAdjustment, deadline: dt.date) -> bool:
    """Whether a correction to `deadline` leaves nothing of the adjustment."""
    measure = earlier.measure
    return deadline == earlier.former and (deadline == measure.deadline or _moved_besides(earlier))


def _moved_besides(earlier: DeadlineAdjustment) -> bool:
    others = DeadlineAdjustment.objects.filter(measure=earlier.measure_id).exclude(pk=earlier.pk)
    return others.exists() or Extension.objects.granted().filter(measure=earlier.measure_id).exists()


def _adjust(wanted: DeadlineAdjustment) -> list[Entry]:
    wanted.save()
    return move_deadline(wanted.measure, wanted.deadline, reason=_said(wanted))


def _correct(earlier: DeadlineAdjustment, wanted: DeadlineAdjustment) -> list[Entry]:
    """Put what is right in the place of the adjustment, so that it counts once; the log keeps both."""
    measure, old_reference = wanted.measure, earlier.reference
    taken_back = takes_back(earlier, wanted.deadline)
    is_moved = not taken_back or _moved_besides(earlier)
    if taken_back:
        earlier.delete()
    else:
        earlier.deadline, earlier.reference, earlier.reason = wanted.deadline, wanted.reference, wanted.reason
        earlier.save(update_fields=["deadline", "reference", "reason"])
    action, said = "measure.deadline_corrected", _said(wanted)
    moved = move_deadline(measure, wanted.deadline, reason=said, action=action, is_moved=is_moved)
    before, after = {"reference": old_reference}, {"reference": wanted.reference}
    return moved or [measure_entry(action, measure.pk, before=before, after=after, reason=said)]


def _said(adjustment: DeadlineAdjustment) -> str:
    return "　".join(part for part in (adjustment.reference, adjustment.reason) if part)
