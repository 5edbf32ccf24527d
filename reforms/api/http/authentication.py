"""Signing in to the API: an agency's bearer token, or the session of somebody signed in to the pages."""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from agencies.access import Acting, Principal, Verb, may, principal_of, today
from agencies.models import LEAD_IN, Token, digest_of

USE_RECORDED_EVERY = dt.timedelta(minutes=1)


class BearerTokenAuthentication(BaseAuthentication):
    """Authorization: Bearer rt_<prefix>_<secret>."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Token] | None:
        scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = _living(given.strip())
        if token is None:
            raise AuthenticationFailed(_("令牌无效、已停用或已过期。"), code="bad_token")
        _note_use(token)
        return AnonymousUser(), token

    # Where the first class names no scheme, REST framework answers 403 instead of 401.
    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PageSessionAuthentication(SessionAuthentication):
    """The session cookie of the pages; writes need the CSRF token as there."""


def principal(request: Request) -> Principal:
    """Who is asking, by token or by session."""
    if isinstance(request.auth, Token):
        return Principal.of_token(request.auth)
    return principal_of(request._request)


def acting(request: Request) -> Acting:
    """Who calls and on which business day, for the functions that write."""
    return Acting(who=principal(request), on=today())


def _living(given: str) -> Token | None:
    lead_in, _underscore, rest = given.partition("_")
    # A secret may hold underscores; lead-in and prefix do not.
    prefix, _underscore, secret = rest.partition("_")
    if lead_in != LEAD_IN or not secret:
        return None
    token = Token.objects.living(timezone.now()).select_related("agency").filter(prefix=prefix).first()
    if token is None or not secrets.compare_digest(token.digest, digest_of(secret)):
        return None
    return token


def _note_use(token: Token) -> None:
    """Last use, to the minute: a token that is used a lot must not write a lot."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USE_RECORDED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = BearerTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = PageSessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


Verbs = Mapping[str, Verb | tuple[Verb, ...]]


class DenyByDefault(BasePermission):
    """Several verbs for one action: any of them opens it, and the object says which one counts."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if view.action is None:  # a method this address does not have: answered with 405, nothing is run
            return True
        named = getattr(view, "verbs", {}).get(view.action, ())
        verbs = named if isinstance(named, tuple) else (named,)
        who = principal(request)
        return any(may(who, verb) for verb in verbs)
