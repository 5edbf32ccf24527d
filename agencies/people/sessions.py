"""Sessions and sign-ins, as their person is told of them and can end them.

A session lasts SESSION_COOKIE_AGE from the last request, not from signing in: nobody is shut out while they work.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from agencies.access import Principal
from agencies.lib.addresses import origin_of
from agencies.log.write import Entry, record
from agencies.models import Change, SignInRecord, User

MOVED_ON = "moved_on"
EVERY = 10 * 60  # seconds; so that not every page writes the session
SHOWN = 20
# Whoever guesses fills no table: of one account's wrong passwords so many a day are kept.
MOST_FAILED = 20
KEPT = dt.timedelta(days=365)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("UOS", "统信UOS"),
    ("Kylin", "麒麟"),
    ("Linux", "Linux"),
)
# The first that fits: most browsers also name those that they were made from.
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("wxwork", "企业微信"),
    ("DingTalk", "钉钉"),
    ("Edg/", "Edge"),
    ("QQBrowser", "QQ浏览器"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


class LivingSessionMiddleware:
    """Moves the end of a signed-in person's session on, at most every EVERY seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = int(time.time())
        if isinstance(request.user, User) and now - request.session.get(MOVED_ON, 0) >= EVERY:
            request.session[MOVED_ON] = now
            _seen(request, request.user)
        return self.get_response(request)


def _seen(request: HttpRequest, user: User) -> None:
    own = SignInRecord.objects.filter(session_key=request.session.session_key, user=user)
    if not own.update(seen_at=timezone.now()):
        _remember(request, user)  # a session from before sessions were told of


def _remember(request: HttpRequest | None, user: User, *, succeeded: bool = True) -> None:
    now = timezone.now()
    SignInRecord.objects.create(
        user=user,
        at=now,
        seen_at=now,
        succeeded=succeeded,
        origin=(origin_of(request) if request else None) or "",
        browser=request.META.get("HTTP_USER_AGENT", "")[:300] if request else "",
        session_key=(request.session.session_key or "") if request and succeeded else "",
    )


def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """For Django's signal."""
    if not request.session.session_key:
        request.session.create()
    # The first page after it need not write the session again.
    request.session[MOVED_ON] = int(time.time())
    _remember(request, user)


def signed_out(request: HttpRequest, **kwargs: Any) -> None:
    """For Django's signal, which comes before the session is deleted."""
    if key := request.session.session_key:
        SignInRecord.objects.filter(session_key=key).update(session_key="", seen_at=timezone.now())


def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """For Django's signal: a wrong password for somebody there is."""
    user = User.objects.filter(username=credentials.get("username", ""), is_active=True).first()
    if user is None:
        return
    lately = SignInRecord.objects.filter(user=user, succeeded=False, at__gt=timezone.now() - dt.timedelta(days=1))
    if lately.count() < MOST_FAILED:
        _remember(request, user, succeeded=False)


def connect() -> None:
    """Be told of signing in and out."""
    user_logged_in.connect(signed_in, dispatch_uid="agencies.people.sessions")
    user_logged_out.connect(signed_out, dispatch_uid="agencies.people.sessions")
    user_login_failed.connect(sign_in_failed, dispatch_uid="agencies.people.sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRow:
    """A sign-in as it is shown. Times are aware; `browser` is 麒麟 · Chrome, or empty."""

    pk: int
    at: dt.datetime
    seen_at: dt.datetime
    succeeded: bool
    origin: str
    browser: str
    is_this: bool


def open_sessions(user: User, this: str | None) -> list[SignInRow]:
    """Where somebody is signed in now, this session (its key) first."""
    rows = [_row(one, this) for one in _open(user)]
    return sorted(rows, key=lambda row: not row.is_this)


def sign_ins_of(user: User, this: str | None) -> list[SignInRow]:
    """The last SHOWN times that somebody signed in, or a wrong password was given for them, newest first."""
    return [_row(one, this) for one in SignInRecord.objects.filter(user=user)[:SHOWN]]


def _open(user: User) -> list[SignInRecord]:
    begun = list(SignInRecord.objects.filter(user=user).exclude(session_key=""))
    keys = [one.session_key for one in begun]
    living = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    still = set(living.values_list("session_key", flat=True))
    return [one for one in begun if one.session_key in still]


def _row(one: SignInRecord, this: str | None) -> SignInRow:
    return SignInRow(
        pk=one.pk,
        at=one.at,
        seen_at=one.seen_at,
        succeeded=one.succeeded,
        origin=one.origin,
        browser=browser_in_words(one.browser),
        is_this=bool(one.session_key) and one.session_key == this,
    )


def browser_in_words(agent: str) -> str:
    """Windows · Chrome of a User-Agent; what is not known of it is left out."""
    found = [next((name for sign, name in names if sign in agent), "") for names in (SYSTEMS, BROWSERS)]
    return " · ".join(filter(None, found))


def last_visit(user: User, this: str | None) -> dt.datetime | None:
    """When somebody was here before the session with this key: its last request or up to ten minutes before it, and no
    later than that session began; None for the first visit of what is kept."""
    records = SignInRecord.objects.filter(user=user, succeeded=True)
    here = records.filter(session_key=this).first() if this else None
    if here is None:
        return None
    seen = records.filter(at__lt=here.at).aggregate(seen=Max("seen_at"))["seen"]
    return min(seen, here.at) if seen else None


def end_sessions(user: User, *, keep: str | None = None, only: int | None = None) -> int:
    """End somebody's sessions but the one with the key `keep`, or the one of record `only`; how many were open."""
    ended = [one for one in _open(user) if one.session_key != keep and only in (None, one.pk)]
    Session.objects.filter(session_key__in=[one.session_key for one in ended]).delete()
    SignInRecord.objects.filter(pk__in=[one.pk for one in ended]).update(session_key="")
    return len(ended)


def end_own_sessions(user: User, *, keep: str | None, only: int | None = None, who: Principal, on: dt.date) -> int:
    """End one's own other sessions, or the one of record `only`; how many, which the log tells of."""
    with transaction.atomic():
        ended = end_sessions(user, keep=keep, only=only)
        if ended:
            after = {"sessions": ended}
            entry = Entry(
                action="person.sessions_ended",
                kind="user",
                object_id=user.pk,
                visibility=Change.Visibility.INTERNAL,
                after=after,
            )
            record([entry], who=who, on=on)
    return ended


def moved_to(old: str | None, new: str | None) -> None:
    """A session goes on under another key."""
    if old and new:
        SignInRecord.objects.filter(session_key=old).update(session_key=new)


def forget_old_sessions() -> tuple[int, int]:
    """Delete sessions that have expired, and what is kept of sign-ins of KEPT ago; how many of each."""
    now = timezone.now()
    sessions, _by_model = Session.objects.filter(expire_date__lt=now).delete()
    records, _by_model = SignInRecord.objects.filter(at__lt=now - KEPT).delete()
    return sessions, records
