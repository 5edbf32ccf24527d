"""督办单: their way from draft to answer. What was issued is not changed any more."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import record
from reforms.models import (
    Duty,
    Notice,
    OrderedMeasure,
    Reminder,
    SupervisionOrder,
    check_version,
    lock_measures,
    signs_papers,
)
from reforms.notices.notify import notify
from reforms.office.drafted import (
    check_state,
    hand_up,
    held,
    internal_entry,
    lists_of,
    name_of_signer,
    reason_given,
    save_next,
    send_back,
    tell_drafter,
    waits_no_longer,
    wrong_signature,
)
from reforms.office.letterheads import in_use
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.owed import to_draft
from reforms.reminders.told import CHASES
from reforms.status.settle import measure_entry

State = SupervisionOrder.State
RECENT = 20  # numbers looked at for how the office writes them
_NUMBER = re.compile(r"(?P<series>.*)〔\d{4}〕\d+号")
REPLY_WITHIN = 5  # working days, as offices set it
WRITTEN = ("subject", "content", "leader", "contact", "contact_phone")
ANSWERED = ("situation", "cause", "next_step", "expected_on", "responsible")


def draft_order(
    agency_id: int, measure_ids: Collection[int], said: Mapping[str, str], *, who: Principal, on: dt.date
) -> SupervisionOrder:
    """A draft about these measures of what is due to the agency. Of two who draft at once the second is told.

    Raises PermissionDenied, and ValidationError where none is due about them (any more).
    """
    if not may(who, Verb.STEER, [agency_id]):
        raise PermissionDenied
    with transaction.atomic():
        # Held, so that two do not draft the same.
        lock_measures(measure_ids)
        due = [duty for one in to_draft(on, [agency_id]) for duty in one.duties if duty.measure_id in set(measure_ids)]
        if not due or len(due) != len(set(measure_ids)):
            raise ValidationError(_("所选举措中有的已办结、已报送或已有督办单，请重新核对。"), code="not_due")
        order = SupervisionOrder.objects.create(
            agency_id=agency_id,
            drafted_on=on,
            drafted_by=who.label,
            drafted_by_user_id=who.user_id,
            **{name: said.get(name, "").strip() for name in WRITTEN},
        )
        times = times_told(agency_id, due)
        lines = [
            OrderedMeasure(
                order=order,
                measure=duty.measure,
                deadline=deadline,
                times_told=times[duty.measure_id],
            )
            for duty in due
            if (deadline := duty.measure.deadline_in_force)
        ]
        OrderedMeasure.objects.bulk_create(lines)
        record([internal_entry("order.drafted", order, after={"measures": sorted(measure_ids)})], who=who, on=on)
    return order


def times_told(agency_id: int, duties: Iterable[Duty]) -> Counter[int]:
    """How often the agency was chased about each of these measures, by the ladder and by hand, by the measure's id."""
    deadlines = {duty.measure_id: duty.measure.deadline_in_force for duty in duties}
    reminders = Reminder.objects.filter(CHASES, agency=agency_id, measure__in=deadlines)
    found = Counter(pk for pk, day in reminders.values_list("measure", "deadline") if deadlines[pk] == day)
    for notice in Notice.objects.filter(agency=agency_id, kind=Notice.Kind.CHASED).only("facts", "measure_id"):
        asked = notice.facts.get("measures") or [notice.measure_id]
        found.update(pk for pk in asked if pk in deadlines)
    return found


def edit_order(pk: int, said: Mapping[str, str], *, seen: int | None, who: Principal, on: dt.date) -> SupervisionOrder:
    """What a draft says. Raises PermissionDenied, Stale, ValidationError."""
    with transaction.atomic():
        order = held(SupervisionOrder, pk, who, seen, State.DRAFT)
        before = {name: getattr(order, name) for name in WRITTEN}
        after = {name: said.get(name, "").strip() for name in WRITTEN}
        changed = [name for name in WRITTEN if before[name] != after[name]]
        for name in changed:
            setattr(order, name, after[name])
        if changed:
            save_next(order)
            facts = ({name: side[name] for name in changed} for side in (before, after))
            entry = internal_entry("order.edited", order, *facts)
            record([entry], who=who, on=on)
    return order


def submit_order(pk: int, *, seen: int | None, who: Principal, on: dt.date) -> SupervisionOrder:
    """草稿 → 送审稿. Raises PermissionDenied, Stale, ValidationError."""
    with transaction.atomic():
        order = held(SupervisionOrder, pk, who, seen, State.DRAFT)
        hand_up(order, "order.moved", who=who, on=on)
    return order


def back_to_draft(pk: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> SupervisionOrder:
    """送审稿 → 草稿, by the office or by its head; whoever drafted it is told why. Raises PermissionDenied, Stale,
    ValidationError."""
    with transaction.atomic():
        order = held(SupervisionOrder, pk, who, seen, State.SUBMITTED, by_head=True)
        send_back(order, "order.moved", reason=reason, who=who, on=on)
    return order


def void_order(pk: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> SupervisionOrder:
    """Not sent after all, or taken back: the agency is told where it had been issued. Raises PermissionDenied, Stale,
    ValidationError."""
    reason = reason_given(reason)
    with transaction.atomic():
        order = held(SupervisionOrder, pk, who, seen, State.DRAFT, State.SUBMITTED, State.ISSUED)
        was = order.state
        order.state = State.VOID
        save_next(order)
        # A draft was nobody's but the office's: there is nobody to tell.
        if was == State.ISSUED:
            _tell(order, Notice.Kind.ORDER_VOID, {"reason": reason}, on=on)
        waits_no_longer(order)
        record([internal_entry("order.voided", order, {"order_state": str(was)}, reason=reason)], who=who, on=on)
    return order


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """With what an order is issued; business dates."""

    number: str
    signed_by: str
    issued_on: dt.date
    reply_by: dt.date


def issue_order(pk: int, signed: Signature, *, seen: int | None, who: Principal, on: dt.date) -> SupervisionOrder:
    """送审稿 → 已签发: signed, numbered, and told to the agency, its heads too. Raises PermissionDenied, Stale, and
    ValidationError naming the field."""
    with transaction.atomic():
        order = held(SupervisionOrder, pk, who, seen, State.SUBMITTED)
        _issue(order, signed, who=who, on=on)
    return order


def sign_order(
    pk: int, *, number: str, reply_by: dt.date, seen: int | None, who: Principal, on: dt.date
) -> SupervisionOrder:
    """The same by the office's head, in their own name and as of today. Raises PermissionDenied, Stale,
    ValidationError."""
    if not signs_papers(who):
        raise PermissionDenied
    with transaction.atomic():
        order = held(SupervisionOrder, pk, who, seen, State.SUBMITTED, by_head=True)
        signed = Signature(number=number, signed_by=name_of_signer(who), issued_on=on, reply_by=reply_by)
        _issue(order, signed, who=who, on=on)
    return order


def _issue(order: SupervisionOrder, signed: Signature, *, who: Principal, on: dt.date) -> None:
    _check_in_work(order)
    if wrong := dict(_wrong(order, signed, on)):
        raise ValidationError(wrong)
    for name, value in asdict(signed).items():
        setattr(order, name, value)
    order.state = State.ISSUED
    order.letterhead = in_use(order)
    try:
        with transaction.atomic():
            save_next(order)
    except IntegrityError:
        taken = ValidationError(_("该文号已被另一份督办单使用。"), code="taken")
        raise ValidationError({"number": taken}) from None
    facts = {"order_number": order.number, "reply_by": signed.reply_by.isoformat()}
    measures = list(order.lines.values_list("measure", flat=True))
    _tell(order, Notice.Kind.ORDERED, facts | {"measures": measures}, on=on)
    tell_drafter(Notice.Kind.PAPER_SIGNED, order, {"signed_by": order.signed_by}, who=who, on=on)
    told = {"agency": order.agency.name, **facts}
    on_measures = [
        measure_entry("measure.ordered", measure, agency_id=order.agency_id, after=told, on=signed.issued_on)
        for measure in measures
    ]
    after = facts | {"signed_by": order.signed_by, "issued_on": signed.issued_on.isoformat()}
    record([internal_entry("order.issued", order, after=after), *on_measures], who=who, on=on)


def _wrong(order: SupervisionOrder, signed: Signature, on: dt.date) -> Iterator[tuple[str, ValidationError]]:
    """What is wrong, by field."""
    if not signed.number:
        yield "number", ValidationError(_("请填写文号。"), code="required")
    yield from wrong_signature(order, signed.signed_by, signed.issued_on, on=on)
    if signed.reply_by <= signed.issued_on:
        yield "reply_by", ValidationError(_("反馈时限应在签发日期之后。"), code="too_early")


def reply_until(issued_on: dt.date) -> dt.date:
    """反馈时限 by default: the fifth working day after it was issued."""
    return WorkingDays.stored().after(issued_on, REPLY_WITHIN)


def next_number(on: dt.date) -> str:
    """The number after the last one of this year's series, 督〔2022〕8号; the first where there is none.

    What stands before the year is as the office last wrote it (深营商督).
    """
    numbered = SupervisionOrder.objects.exclude(number="").values_list("number", flat=True)
    numbered = numbered.order_by("-issued_on", "-pk")
    last = next((found for one in numbered[:RECENT] if (found := _NUMBER.fullmatch(one))), None)
    head, tail = f"{last['series'] if last else '督'}〔{on.year}〕", "号"
    used = numbered.filter(number__startswith=head, number__endswith=tail)
    numbers = [int(middle) for one in used if (middle := one.removeprefix(head).removesuffix(tail)).isdecimal()]
    return f"{head}{max(numbers, default=0) + 1}{tail}"


def answer_order(
    pk: int, said: Mapping[str, Any], *, seen: int | None, who: Principal, on: dt.date
) -> SupervisionOrder:
    """回执, by the agency or, for what came on paper, by the office.

    Raises PermissionDenied, Stale, ValidationError.
    """
    with transaction.atomic():
        locked = SupervisionOrder.objects.select_for_update(no_key=True, of=("self",))
        order = locked.select_related("agency").get(pk=pk)
        if not may_answer(order, who):
            raise PermissionDenied
        check_version(order, seen)
        check_state(order, State.ISSUED)
        _check_in_work(order)
        if missing := [name for name in ANSWERED if not said.get(name)]:
            raise ValidationError({name: ValidationError(_("请填写。"), code="required") for name in missing})
        if order.issued_on and said["expected_on"] < order.issued_on:
            told = ValidationError(_("预计完成时间不能早于督办单的签发日期。"), code="too_early")
            raise ValidationError({"expected_on": told})
        for name in ANSWERED:
            setattr(order, name, said[name])
        order.state, order.answered_on, order.answered_by = State.ANSWERED, on, who.label
        save_next(order)
        facts = {"order": order.pk, "agency_name": order.agency.name, "order_number": order.number}
        lists = lists_of(order)
        notify(Notice.Kind.ORDER_ANSWERED, on=on, office=True, by=who.user_id, lists=lists, facts=facts)
        entry = internal_entry("order.answered", order, after={"expected_on": str(order.expected_on)})
        record([entry], who=who, on=on)
    return order


def may_answer(order: SupervisionOrder, who: Principal) -> bool:
    """Whether they answer it: whoever reports for its agency, or for one that succeeded it; the office what came on
    paper."""
    return any(may(who, verb, order.holders) for verb in (Verb.REPORT, Verb.ENTER_FOR))


def _check_in_work(order: SupervisionOrder) -> None:
    if order.rests():
        raise ValidationError(_("所涉清单已归档或收回，督办单随清单停止办理。"), code="resting")


def _tell(order: SupervisionOrder, kind: Notice.Kind, facts: Mapping[str, Any], *, on: dt.date) -> None:
    lines = order.lines.count()
    known = {"order": order.pk, "order_number": order.number, "count": lines, **facts}
    notify(kind, on=on, agencies=order.holders, lists=lists_of(order), facts=known)


def measures_of(order: SupervisionOrder) -> list[OrderedMeasure]:
    """The lines with what a page or the document says of each."""
    return list(order.lines.select_related("measure__item", "measure__reform_list"))
