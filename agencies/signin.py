"""Signing in by username and password, with two brakes: guessing is slowed, demonstration people stay at home."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.http import HttpRequest

from agencies.models.people import User

TRIES = 10
PAUSE = 15 * 60


class PasswordBackend(ModelBackend):
    """Permissions come from agencies.rules, never from Django's permission tables."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if not isinstance(user, User) or (user.is_demo and not _demo_may_enter(request)):
            return None
        return user


def _demo_may_enter(request: HttpRequest | None) -> bool:
    """Demonstration passwords are printed for all to read: they open the door on the machine itself only."""
    return bool(settings.DEMO) and request is not None and is_loopback(request)


def is_loopback(request: HttpRequest) -> bool:
    """Whether the request was made on this machine and came through no proxy."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a unix socket has no address
        return False


def is_paused(username: str) -> bool:
    """Whether a username has used up its tries for now."""
    return int(cache.get(_key(username), 0)) >= TRIES


def count_failure(username: str) -> None:
    """One more wrong password for this username; TRIES of them pause it for PAUSE seconds."""
    cache.add(_key(username), 0, PAUSE)
    try:
        cache.incr(_key(username))
    except ValueError:  # it ran out between the two calls
        cache.set(_key(username), 1, PAUSE)


def forget_failures(username: str) -> None:
    cache.delete(_key(username))


def _key(username: str) -> str:
    return f"sign-in-failures:{username.strip().casefold().encode().hex()}"
