"""Signing in by username and password; demonstration people stay at home. Guessing is slowed in people.attempts."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from agencies.models import User


class PasswordBackend(ModelBackend):
    """Permissions come from agencies.access, never from Django's permission tables."""

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
