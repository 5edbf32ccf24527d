"""延期申请, and moving a deadline. The printed one never moves; the one in force does, and every move is counted.

An extension is asked for before the deadline in force has passed, by an agency that must claim the measure, and decided
by the office. 时限调整 is the office's own move, on the strength of a document, and the correction of its own slips.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from agencies.models import Agency
from reforms.duties import claimants_of, holders_of
from reforms.models import (
    WAITING,
    DeadlineAdjustment,
    Extension,
    Measure,
    Notice,
    check_version,
    lock_measure,
    takes_part,
)
from reforms.notices.notify import notify, signed_no_longer
from reforms.reports.claims import check_signature
from reforms.review.decisions import Procedure
from reforms.status.settle import MeasureState, measure_entry, state_entry

State = Extension.State
PLAUSIBLE_YEARS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionTerms:
    """What an agency asks for. `signed_by` and `signed_on` as in a report; `form_key` makes a doubly sent form one."""

    until: dt.date
    reason: str
    signed_by: str = ""
    signed_on: dt.date | None = None
    form_key: str = ""


def ask_extension(measure_id: int, agency_id: int, wanted: ExtensionTerms, *, who: Principal, on: dt.date) -> Extension:
    """Ask for a later deadline. Raises PermissionDenied, ValidationError where it is too late or cannot be asked."""
    if not may(who, Verb.REPORT, [agency_id]):
        raise PermissionDenied
    with transaction.atomic():
        measure = lock_measure(measure_id)
        if agency_id not in holders_of(measure):
            raise PermissionDenied
        # Before `check_may_ask`, which would refuse the second of a form sent twice.
        earlier = Extension.objects.filter(measure=measure, agency=agency_id, form_key=wanted.form_key).first()
        if earlier and wanted.form_key:
            return earlier
        former = check_may_ask(measure, agency_id, on)
        extension = _write(measure, agency_id, wanted, former=former, who=who, on=on)
        if extension.state == State.AWAITING_SIGNATURE:
            facts = {"until": wanted.until.isoformat()}
            notify(Notice.Kind.TO_SIGN, on=on, agencies=[agency_id], measure=measure, facts=facts)
        record([extension_entry("extension.asked", extension)], who=who, on=on)
    return extension


def check_may_ask(
    measure: Measure, agency_id: int, on: dt.date, *, claimants: Collection[int] | None = None
) -> dt.date:
    """The deadline in force, where this agency may ask for a later one today; ValidationError says why not. Who must
    claim is asked unless `claimants` are given."""
    deadline = measure.deadline_in_force
    if not takes_part(measure):
        raise ValidationError(_("该举措已销号或已不在册，不能申请延期。"), code="not_open")
    if deadline is None:
        raise ValidationError(_("该举措没有完成时限，无需申请延期。"), code="no_deadline")
    # The last day on time is still in time to ask.
    if deadline < on:
        raise ValidationError(_("现行时限已过，只能在到期前申请延期；请联系督办人员。"), code="expired")
    # Who answers for the whole asks for more time for it.
    if agency_id not in (claimants_of(measure) if claimants is None else claimants):
        raise ValidationError(_("该举措由牵头单位申请延期，请与牵头单位联系。"), code="not_claimant")
    if Extension.objects.waiting().filter(measure=measure).exists():
        raise ValidationError(_("这条举措已有一份延期申请在办理。"), code="already_asked")
    return deadline


def refusal_to_ask(measure: Measure, agency_id: int, on: dt.date, *, claimants: Collection[int] | None = None) -> str:
    """Why this agency may not ask for a later deadline today; empty where it may."""
    try:
        check_may_ask(measure, agency_id, on, claimants=claimants)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def _write(
    measure: Measure, agency_id: int, wanted: ExtensionTerms, *, former: dt.date, who: Principal, on: dt.date
) -> Extension:
    signs = Agency.objects.get(pk=agency_id).signs_claims
    extension = Extension(
        measure=measure,
        agency_id=agency_id,
        state=State.AWAITING_SIGNATURE if signs and not wanted.signed_by else State.UNDER_REVIEW,
        former=former,
        proposed=wanted.until,
        reason=wanted.reason.strip(),
        on=on,
        recorded_at=timezone.now(),
        author=who.label,
        author_user_id=who.user_id,
        author_token_id=who.token_id,
        signed_by=wanted.signed_by.strip(),
        signed_on=wanted.signed_on,
        form_key=wanted.form_key,
    )
    if wanted.until <= former:
        raise ValidationError({"until": ValidationError(_("申请延期的日期必须晚于现行时限。"), code="not_later")})
    check_plausible("until", wanted.until, on)
    extension.full_clean(validate_unique=False, validate_constraints=False)
    check_signature(wanted, on)
    extension.save()
    return extension


class ExtensionProcedure(Procedure[Extension]):
    """Requests for a later deadline: one that is granted moves it, one that is sent back or refused ends there."""

    requests = Extension.objects.select_related("measure__reform_list", "agency")

    def grant(
        self, pk: int, *, until: dt.date | None = None, remark: str = "", seen: int | None, who: Principal, on: dt.date
    ) -> Extension:
        """The office moves the deadline in force to `until`, or to the day that was asked for."""
        with transaction.atomic():
            extension = self._to_decide(pk, seen, who)
            measure, until = extension.measure, until or extension.proposed
            _check_may_move(extension, until)
            check_plausible("until", until, on)
            # The office may have moved the deadline itself since it was asked.
            extension.granted, extension.former = until, measure.deadline_in_force or extension.former
            extension.decide(State.GRANTED, who, on, remark=remark.strip())
            extension.save()
            moved = move_deadline(measure, until, agency_id=extension.agency_id, reason=extension.decision)
            facts = {"until": until.isoformat(), "remark": extension.decision}
            notify(Notice.Kind.EXTENSION_GRANTED, on=on, agencies=holders_of(measure), measure=measure, facts=facts)
            granted = extension_entry("extension.granted", extension, reason=extension.decision)
            record([granted, *moved], who=who, on=on)
        return extension

    def withdraw(self, pk: int, *, seen: int | None, who: Principal, on: dt.date) -> Extension:
        """Take an own request back before it is decided."""
        with transaction.atomic():
            extension = self._held(pk)
            if not may(who, Verb.REPORT, [extension.agency_id]):
                raise PermissionDenied
            check_version(extension, seen)
            if extension.state not in WAITING:
                raise ValidationError(_("该申请已办结，不能撤回。"), code="not_waiting")
            signed_no_longer(extension)
            extension.state = State.WITHDRAWN
            extension.mark_changed()
            extension.save()
            record([extension_entry("extension.withdrawn", extension)], who=who, on=on)
        return extension

    def _signed(self, request: Extension, on: dt.date) -> list[Entry]:
        request.state = State.UNDER_REVIEW
        request.save()
        return [extension_entry("extension.signed", request)]

    def _sent_back(self, request: Extension, reason: str, who: Principal, on: dt.date) -> Entry:
        request.decide(State.SENT_BACK, who, on, remark=reason)
        request.save()
        return extension_entry("extension.sent_back", request, reason=reason)

    def _refused(self, request: Extension, reason: str, who: Principal, on: dt.date) -> list[Entry]:
        request.decide(State.REFUSED, who, on, remark=reason)
        request.save()
        told, facts = [request.agency_id], {"reason": reason}
        notify(Notice.Kind.EXTENSION_REFUSED, on=on, agencies=told, measure=request.measure, facts=facts)
        return [extension_entry("extension.refused", request, reason=reason)]

    def _told(self, request: Extension) -> Mapping[str, str]:
        return {"until": request.proposed.isoformat()}


EXTENSIONS = ExtensionProcedure()
sign_extension, send_back_extension, withdraw_extension = EXTENSIONS.sign, EXTENSIONS.send_back, EXTENSIONS.withdraw
grant_extension, refuse_extension = EXTENSIONS.grant, EXTENSIONS.refuse


def _check_may_move(extension: Extension, until: dt.date) -> None:
    measure = extension.measure
    if not takes_part(measure):
        raise ValidationError(_("该举措已销号或已不在册，不能申请延期。"), code="not_open")
    if until <= max(extension.former, measure.deadline_in_force or extension.former):
        raise ValidationError({"until": ValidationError(_("必须晚于现行时限。"), code="not_later")})


def check_plausible(field: str, day: dt.date, on: dt.date) -> None:
    """Raises ValidationError for a day that can only be a slip of the keyboard."""
    if abs(day.year - on.year) > PLAUSIBLE_YEARS:
        said = _("该日期距今超过%(years)d年，请核对年份。") % {"years": PLAUSIBLE_YEARS}
        raise ValidationError({field: ValidationError(said, code="implausible")})


def move_deadline(
    measure: Measure,
    until: dt.date,
    *,
    agency_id: int | None = None,
    reason: str,
    action: str = "measure.deadline_moved",
    is_moved: bool = True,
) -> list[Entry]:
    """Set the deadline in force of a measure held by the caller; the entries to log. `is_moved` says whether it is
    still another one than printed, by an extension or an adjustment."""
    before = MeasureState.of(measure)
    # `deadline`, the printed one, stays.
    measure.deadline_in_force, measure.is_deadline_moved = until, is_moved
    measure.version, measure.updated_at = measure.version + 1, timezone.now()
    measure.save(update_fields=["deadline_in_force", "is_deadline_moved", "version", "updated_at"])
    return state_entry(measure, before, agency_id=agency_id, reason=reason, action=action)


def extension_entry(action: str, extension: Extension, *, reason: str = "") -> Entry:
    """What the log keeps of a request at each of its steps."""
    after: dict[str, object] = {
        "extension": extension.pk,
        "former": extension.former.isoformat(),
        "proposed": extension.proposed.isoformat(),
        "state": str(extension.state),
    }
    if extension.granted:
        after["granted"] = extension.granted.isoformat()
    said = reason or (extension.reason if action == "extension.asked" else "")
    return measure_entry(action, extension.measure_id, agency_id=extension.agency_id, after=after, reason=said)


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
