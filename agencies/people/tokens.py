"""Issuing and revoking bearer tokens, with what the log keeps of it."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from agencies.access import Principal
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, Token


def issue_token(
    *, agency: Agency, name: str, read_only: bool, days: int, who: Principal, on: dt.date
) -> tuple[Token, str]:
    """A new token and its secret, which is shown once and kept nowhere."""
    with transaction.atomic():
        token, secret = Token.issue(agency_id=agency.pk, name=name, read_only=read_only, days=days, by_id=who.user_id)
        record([_entry("token.issued", token)], who=who, on=on)
    return token, secret


def revoke_token(token: Token, *, who: Principal, on: dt.date) -> None:
    """A revoked token stops working at once and for good."""
    with transaction.atomic():
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record([_entry("token.revoked", token)], who=who, on=on)


def revoke_all(agency: Agency) -> list[Entry]:
    """Revoke what an agency that was dissolved still holds; the entries for the log of the same transaction."""
    living = list(Token.objects.living(timezone.now()).filter(agency=agency))
    Token.objects.filter(pk__in=[token.pk for token in living]).update(revoked_at=timezone.now())
    return [_entry("token.revoked", token) for token in living]


def _entry(action: str, token: Token) -> Entry:
    return Entry(
        action=action,
        kind="token",
        object_id=token.pk,
        agency_id=token.agency_id,
        visibility=Change.Visibility.INTERNAL,
        after={"name": token.name, "prefix": token.prefix, "read_only": token.read_only},
    )
