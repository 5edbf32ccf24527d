"""One-time codes on slips of paper, for those whom no mail reaches: with a username they let a password be chosen."""

import datetime as dt
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from agencies.access import Principal
from agencies.log.write import Entry, record
from agencies.models import AccessCode, Change, User
from agencies.people.sessions import end_sessions

# Without 0 and O, 1 and I: 16 of 32 signs are 80 bits.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH, GROUP = 16, 4
DAYS = 7


class CodeIsGone(Exception):
    """The code was used, replaced or ended while the form was being filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What is printed for one person. `code` is known here and nowhere else."""

    user: User
    code: str
    expires_at: dt.datetime


def issue_codes(user_ids: Iterable[int], *, who: Principal, on: dt.date) -> list[Slip]:
    """A new code for each of these who is not shut out; earlier ones of theirs are dead."""
    with transaction.atomic():
        users = User.objects.select_for_update(no_key=True).filter(pk__in=list(user_ids), is_active=True)
        slips = new_slips(users.order_by("pk"))
        if slips:
            record([issued(slip) for slip in slips], who=who, on=on)
    return slips


def new_slips(users: Iterable[User]) -> list[Slip]:
    """The codes of `users`, whose rows the transaction holds; the caller logs them with `issued`."""
    expires = timezone.now() + dt.timedelta(days=DAYS)
    slips = [Slip(user=user, code=_new_code(), expires_at=expires) for user in users]
    AccessCode.objects.filter(user__in=[slip.user.pk for slip in slips]).delete()
    codes = [AccessCode(user=slip.user, digest=digest_of(slip.code), expires_at=expires) for slip in slips]
    AccessCode.objects.bulk_create(codes, batch_size=500)
    return slips


def issued(slip: Slip) -> Entry:
    """The log's entry for a new code."""
    return _entry("person.code_issued", slip.user, {"expires_at": slip.expires_at.isoformat()})


def _entry(action: str, user: User, after: dict[str, str]) -> Entry:
    return Entry(action=action, kind="user", object_id=user.pk, visibility=Change.Visibility.INTERNAL, after=after)


def _new_code() -> str:
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(signs[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def tidy(code: str) -> str:
    """A code as typed, without spaces and hyphens, in capitals; full-width signs as plain ones."""
    plain = unicodedata.normalize("NFKC", code).upper()
    return "".join(sign for sign in plain if sign.isalnum())


def digest_of(code: str) -> str:
    """HMAC-SHA256 of the tidied code under SECRET_KEY, in hexadecimal."""
    return salted_hmac("agencies.access_code", tidy(code), algorithm="sha256").hexdigest()


def find_code(username: str, code: str) -> AccessCode | None:
    """The living code of that person when it is this one."""
    living = AccessCode.objects.filter(user__is_active=True, expires_at__gt=timezone.now())
    found = living.select_related("user").filter(user__username=username).first()
    # Compared also where nobody was found, so that the time taken does not tell.
    fits = constant_time_compare(found.digest if found else "", digest_of(code))
    return found if fits else None


def use_code(code: AccessCode, password: str, *, on: dt.date) -> User:
    """Set the password that was chosen; the code is used up. Raises CodeIsGone when it was already."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=code.user_id)
        living = AccessCode.objects.filter(pk=code.pk, digest=code.digest, expires_at__gt=timezone.now())
        # Of two that use a code at once only one deletes it; the digest sees that it is still the same code.
        ended, _by_model = living.delete()
        if not (user.is_active and ended):
            raise CodeIsGone
        user.set_password(password)
        user.save(update_fields=["password"])
        end_sessions(user)
        record([_entry("person.code_used", user, {})], who=Principal.of_user(user), on=on)
    return user


def end_code(user: User) -> None:
    """Delete the code of somebody who has chosen a password or is shut out."""
    AccessCode.objects.filter(user=user).delete()
