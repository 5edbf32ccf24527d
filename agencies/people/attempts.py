"""Counting tries at signing in, before a password is looked at: by account, and far above that by address.

The count is a row of the database, moved on by one conditional statement: so all web processes share it, of any number
that come at once no more than the limit get past, and neither a cache nor a queue has a part in it.
"""

import datetime as dt
import math
import unicodedata
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from agencies.lib.addresses import origin_of
from agencies.models import SignInTries

LONGEST_NAME = 150
PAUSE = 15 * 60
TRIES = 5
# Who signs in gives their tries back, so only guesses and those who gave up add to these.
ADDRESS_TRIES = 100
# A password costs half a second of a core, more when others work too. Behind so many failures an address gets one at a
# time looked at, and then rests REST times as long as that took; what it floods us with meanwhile is refused before it
# costs anything. A process that dies over a password holds its address up for LEASE seconds.
ADDRESS_FREE = TRIES
REST = 3
LEASE = 10


class TooManyTries(Exception):
    """Signing in is paused, for this account or for this address."""

    def __init__(self, seconds: float, *, by_address: bool, is_full: bool) -> None:
        super().__init__(f"paused for {seconds} s")
        self.seconds = max(1, math.ceil(seconds))
        self.minutes = math.ceil(self.seconds / 60)
        self.by_address = by_address
        self.is_full = is_full


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How often something may be tried within PAUSE seconds; from `free` on only one at a time."""

    key: str
    most: int
    free: int
    by_address: bool

    def lets_in(self, now: dt.datetime) -> Q:
        """What holds of the row while there is a try left."""
        slowly = Q(tries__lt=self.most, next_at__lte=now)
        return Q(tries__lt=self.free) | slowly | Q(since__lte=now - dt.timedelta(seconds=PAUSE))

    def take(self, now: dt.datetime) -> bool:
        """One more try, unless there is none left."""
        # The statement that counts needs a row; whoever comes second finds that of the first.
        SignInTries.objects.bulk_create([SignInTries(key=self.key, since=now, next_at=now)], ignore_conflicts=True)
        is_new = Q(tries=0) | Q(since__lte=now - dt.timedelta(seconds=PAUSE))
        open_row = SignInTries.objects.filter(self.lets_in(now), key=self.key)
        return bool(
            open_row.update(
                tries=Case(When(is_new, then=Value(1)), default=F("tries") + 1),
                since=Case(When(is_new, then=Value(now)), default=F("since")),
                next_at=now + dt.timedelta(seconds=LEASE),
            )
        )

    def refusal(self, row: SignInTries, now: dt.datetime) -> TooManyTries:
        """Until when the row stands in the way."""
        is_full = row.tries >= self.most
        until = row.since + dt.timedelta(seconds=PAUSE) if is_full else row.next_at
        return TooManyTries((until - now).total_seconds(), by_address=self.by_address, is_full=is_full)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAttempt:
    """A try that was counted, until it is known what came of it."""

    account: str
    address: str | None
    began: dt.datetime

    def failed(self) -> None:
        """It stays counted."""
        self._end(given_back=0)

    def succeeded(self) -> None:
        """The account starts anew, and the address gets back what this person mistyped on the way."""
        with transaction.atomic():
            row = SignInTries.objects.select_for_update().filter(key=self.account).first()
            _give_back(self.account, row.tries if row else 0)
            self._end(given_back=row.tries if row else 0)

    def was_no_guess(self) -> None:
        """What was asked for was known; only something else about the form was wrong."""
        with transaction.atomic():
            _give_back(self.account, 1)
            self._end(given_back=1)

    def _end(self, *, given_back: int) -> None:
        """What the address gets back; it rests now if it is let in one by one."""
        row = SignInTries.objects.filter(key=self.address)
        row.update(tries=Greatest(F("tries") - given_back, 0), next_at=rest_until(self.began))


def begin(request: HttpRequest | None, username: str) -> SignInAttempt:
    """Count one more try, before anything is compared. Raises TooManyTries when there is none left."""
    now = timezone.now()
    limits = _limits(request, username)
    _refuse(limits, now)
    with transaction.atomic():
        # Both or none: what the address is refused is not counted against the account.
        taken = all(limit.take(now) for limit in limits)
        transaction.set_rollback(not taken)
    if not taken:
        _refuse(limits, now)
        raise TooManyTries(1, by_address=True, is_full=False)  # somebody gave a try back just now
    return SignInAttempt(account=limits[0].key, address=limits[1].key if limits[1:] else None, began=timezone.now())


def rest_until(began: dt.datetime) -> dt.datetime:
    """When an address that is let in one by one may try again."""
    now = timezone.now()
    return now + REST * (now - began)


def prune() -> int:
    """Delete what no longer counts; the number of rows. A day later nobody is about to count there again."""
    rows, _by_model = SignInTries.objects.filter(since__lt=timezone.now() - dt.timedelta(days=1)).delete()
    return rows


def same_name(username: str) -> str:
    """One spelling for all that the sign-in may take for one name: full-width letters, capitals, spaces around.

    Django normalises no name that is longer than a name can be; nor is more than the beginning of it looked at here.
    """
    return unicodedata.normalize("NFKC", username.strip()[:LONGEST_NAME]).strip().casefold()


def _limits(request: HttpRequest | None, username: str) -> list[Limit]:
    """The account's and then the address's, always in this order: two that wait for each other would never end."""
    limits = [Limit(key=_key("account", same_name(username)), most=TRIES, free=TRIES, by_address=False)]
    if request and (origin := origin_of(request)):
        limits.append(Limit(key=_key("address", origin), most=ADDRESS_TRIES, free=ADDRESS_FREE, by_address=True))
    return limits


def _refuse(limits: list[Limit], now: dt.datetime) -> None:
    """One read, so that refusing costs little; who gets past it is let in or not by the statement that counts."""
    in_the_way = Q()
    for limit in limits:
        in_the_way |= Q(key=limit.key) & ~limit.lets_in(now)
    rows = {row.key: row for row in SignInTries.objects.filter(in_the_way)}
    for limit in limits:
        if row := rows.get(limit.key):
            raise limit.refusal(row, now)


def _give_back(key: str, tries: int) -> None:
    SignInTries.objects.filter(key=key).update(tries=Greatest(F("tries") - tries, 0))


def _key(kind: str, what: str) -> str:
    """Of one length, and no name, address or password typed into the wrong field can be read from it."""
    return salted_hmac("agencies.people.attempts", f"{kind}:{what}", algorithm="sha256").hexdigest()
