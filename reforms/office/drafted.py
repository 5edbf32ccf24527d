"""What 督办单 and 通报 have in common on their way from draft to issue."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from agencies.models import Change, Role, User
from reforms.models import Bulletin, Notice, SupervisionOrder, check_version, offices, signs_papers
from reforms.notices.notify import notify, wait_no_longer

Act = SupervisionOrder | Bulletin
Paper = TypeVar("Paper", SupervisionOrder, Bulletin)


def held(kind: type[Paper], pk: int, who: Principal, seen: int | None, *states: str, by_head: bool = False) -> Paper:
    """One to be changed by the office, or where that is said by its head, locked until commit. Raises PermissionDenied,
    Stale, and ValidationError where it is in none of these states."""
    if not may(who, Verb.STEER) and not (by_head and signs_papers(who)):
        raise PermissionDenied
    one = kind._default_manager.readable_by(who).select_for_update(no_key=True, of=("self",)).get(pk=pk)
    if not may_steer(one, who) and not (by_head and may_sign(one, who)):
        raise PermissionDenied
    check_version(one, seen)
    check_state(one, *states)
    return one


def may_steer(one: Act, who: Principal) -> bool:
    """Whether they take it on its way: never an order to an agency of their own, or to one that it succeeded, and no 函
    to their own."""
    if isinstance(one, SupervisionOrder):
        return may(who, Verb.STEER, one.holders)
    return may(who, Verb.STEER, [one.agency_id] if one.agency_id else None)


def check_state(one: Act, *states: str) -> None:
    """Raises ValidationError where it is in none of these states."""
    if one.state not in states:
        raise ValidationError(str(one.wrong_state) % {"state": one.get_state_display()}, code="wrong_state")


def wrong_signature(
    one: Act, signed_by: str, issued_on: dt.date, *, on: dt.date
) -> Iterator[tuple[str, ValidationError]]:
    """What is wrong with who signed it and when, by field: another than whoever drafted it, since then and by today."""
    if not signed_by:
        yield "signed_by", ValidationError(_("请填写签发人。"), code="required")
    elif signed_by == one.drafter:
        yield "signed_by", ValidationError(_("签发人不能是拟稿人本人。"), code="own_draft")
    if not one.drafted_on <= issued_on <= on:
        yield "issued_on", ValidationError(_("签发日期不能早于拟稿日期，也不能晚于今天。"), code="not_now")


def name_of_signer(who: Principal) -> str:
    """Of whoever signs in the portal, as it stands on the paper."""
    return str(User.objects.get(pk=who.user_id or 0))


def may_sign(one: Act, who: Principal) -> bool:
    """Whether they sign it as the office's head: never an order to an agency of their own."""
    holders = one.holders if isinstance(one, SupervisionOrder) else frozenset()
    return signs_papers(who) and who.agencies().isdisjoint(holders)


def hand_up(one: Act, moved: str, *, who: Principal, on: dt.date) -> None:
    """草稿 → 送审稿, logged as the action `moved`; whoever signs it is told."""
    _move(one, one.State.SUBMITTED, moved, who=who, on=on)
    tell_signers(one, who=who, on=on)


def send_back(one: Act, moved: str, *, reason: str, who: Principal, on: dt.date) -> None:
    """送审稿 → 草稿; whoever drafted it is told why. Raises ValidationError without a reason, which those who take back
    their own do not owe."""
    reason = reason.strip() if is_own(one, who) else reason_given(reason)
    _move(one, one.State.DRAFT, moved, reason=reason, who=who, on=on)
    tell_drafter(Notice.Kind.SENT_BACK, one, {"reason": reason}, who=who, on=on)


def _move(one: Act, to: str, moved: str, *, reason: str = "", who: Principal, on: dt.date) -> None:
    was, one.state = str(one.state), to
    save_next(one)
    entry = internal_entry(moved, one, {"order_state": was}, {"order_state": str(to)}, reason=reason)
    record([entry], who=who, on=on)


def tell_signers(one: Act, *, who: Principal, on: dt.date) -> None:
    """送审: the office's heads who may read and sign it are told; not whoever drafted it or hands it up."""
    others = _heads().filter(is_active=True).exclude(pk__in=[one.drafted_by_user_id or 0, who.user_id or 0]).distinct()
    signers = [head.pk for head in others if _waits_for(one, Principal.of_user(head))]
    _tell(Notice.Kind.TO_SIGN, one, signers, {}, by=who, on=on)


def _heads() -> QuerySet[User]:
    return User.objects.filter(memberships__role=Role.HEAD, memberships__agency__in=offices())


def waits_no_longer(one: Act) -> None:
    """签发, 退回修改, 作废: what the heads were told of it is seen and goes out by no letter any more."""
    name = "order" if isinstance(one, SupervisionOrder) else "bulletin"
    told = Notice.objects.filter(kind=Notice.Kind.TO_SIGN, user__in=_heads(), **{f"facts__{name}": one.pk})
    wait_no_longer(told, told.values_list("pk", "user"))


def _waits_for(one: Act, head: Principal) -> bool:
    readable = type(one)._default_manager.readable_by(head)
    return may_sign(one, head) and readable.filter(pk=one.pk).exists()


def tell_drafter(kind: Notice.Kind, one: Act, facts: Mapping[str, Any], *, who: Principal, on: dt.date) -> None:
    """签发, 退回修改: whoever drafted it is told, unless they did it; and it waits for nobody any more."""
    waits_no_longer(one)
    drafter = [one.drafted_by_user_id] if one.drafted_by_user_id not in (None, who.user_id) else []
    _tell(kind, one, drafter, facts, by=who, on=on)


def _tell(
    kind: Notice.Kind, one: Act, users: Sequence[int], facts: Mapping[str, Any], *, by: Principal, on: dt.date
) -> None:
    if isinstance(one, SupervisionOrder):
        known = {"order": one.pk, "paper": "order", "title": one.subject, "number": one.number}
    else:
        known = {"bulletin": one.pk, "paper": str(one.kind), "title": one.title, "number": one.number}
    notify(kind, on=on, users=users, by=by.user_id, lists=lists_of(one), facts=known | dict(facts))


def lists_of(one: Act) -> set[int]:
    """The ids of the lists that it is about."""
    if isinstance(one, SupervisionOrder):
        return set(one.lines.order_by().values_list("measure__reform_list", flat=True))
    return {one.reform_list_id}


def reason_given(reason: str) -> str:
    """The reason as it is kept. Raises ValidationError where there is none."""
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("请填写理由。"), code="required")})
    return reason.strip()


def is_own(one: Act, who: Principal) -> bool:
    """Whether they drafted it."""
    return who.user_id is not None and who.user_id == one.drafted_by_user_id


def save_next(one: Act) -> None:
    """Save it as its next version."""
    one.version += 1
    one.save()


def internal_entry(
    action: str,
    one: Act,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    *,
    reason: str = "",
) -> Entry:
    """What the log keeps of it, for the office alone and, of an order, for its agency."""
    return Entry(
        action=action,
        kind=one.log_kind,
        object_id=one.pk,
        agency_id=one.agency_id if isinstance(one, SupervisionOrder) else None,
        visibility=Change.Visibility.INTERNAL,
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
    )
