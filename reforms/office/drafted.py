"""What 督办单 and 通报 have in common on their way from draft to issue."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agencies.log.write import Entry
from agencies.models import Change
from reforms.models import Bulletin, SupervisionOrder

Act = SupervisionOrder | Bulletin


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


def reason_for_voiding(reason: str) -> str:
    """The reason as it is kept. Raises ValidationError where there is none."""
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("请填写理由。"), code="required")})
    return reason.strip()


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
