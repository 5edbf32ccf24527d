"""Keys that are no person's: bearer tokens of agencies' own systems, and the addresses of screens on a wall."""

import datetime as dt
import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

LEAD_IN = "rt"
PREFIX_LENGTH = 8


class TokenQuerySet(models.QuerySet["Token"]):
    def living(self, now: dt.datetime) -> Self:
        """Those neither revoked nor expired at `now`."""
        return self.filter(revoked_at=None).filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now))


class Token(models.Model):
    """Belongs to an agency and acts as its reporter. Only a keyed hash is kept; the prefix tells tokens apart."""

    agency = models.ForeignKey("Agency", models.CASCADE, related_name="tokens")
    name = models.CharField(_("用途"), max_length=80)
    prefix = models.CharField(max_length=PREFIX_LENGTH, unique=True)
    digest = models.CharField(max_length=64)
    read_only = models.BooleanField(_("只读"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    expires_at = models.DateTimeField(_("有效期至"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{LEAD_IN}_{self.prefix}…"

    @classmethod
    def issue(
        cls, *, agency_id: int, name: str, read_only: bool, days: int | None, by_id: int | None
    ) -> "tuple[Token, str]":
        """A new token and its secret, which is shown once and kept nowhere."""
        prefix, secret = secrets.token_hex(PREFIX_LENGTH // 2), secrets.token_urlsafe(32)
        expires = timezone.now() + dt.timedelta(days=days) if days else None
        token = cls.objects.create(
            agency_id=agency_id,
            name=name,
            prefix=prefix,
            digest=digest_of(secret),
            read_only=read_only,
            expires_at=expires,
            created_by_id=by_id,
        )
        return token, f"{LEAD_IN}_{prefix}_{secret}"

    @property
    def is_living(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


def digest_of(secret: str) -> str:
    """HMAC-SHA256 of the secret part under SECRET_KEY, in hexadecimal."""
    return salted_hmac("agencies.token", secret, algorithm="sha256").hexdigest()


class ScreenQuerySet(models.QuerySet["Screen"]):
    def living(self) -> Self:
        """Those whose address still opens."""
        return self.filter(revoked_at=None)


class Screen(models.Model):
    """大屏: a screen on a wall of `agency`, which shows how far the lists are without anybody signing in. It reads what
    a viewer of the agency reads. Of its address a keyed hash is kept; it opens only from `networks`, one a line."""

    agency = models.ForeignKey("Agency", models.CASCADE, related_name="screens")
    name = models.CharField(_("位置"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    networks = models.TextField(_("允许打开的地址"), max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("最近打开"), null=True, blank=True)

    objects = ScreenQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


def digest_of_screen(key: str) -> str:
    """HMAC-SHA256 of a screen's key under SECRET_KEY, in hexadecimal."""
    return salted_hmac("agencies.screen", key, algorithm="sha256").hexdigest()
