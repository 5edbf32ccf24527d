"""Signing in: tries, counted where every web process sees them, and what each person is told of their own."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SignInTries(models.Model):
    """How often signing in was tried since `since`, for an account or an address: `key` is a keyed hash of either.

    `next_at` is when an address that is let in one at a time may try again (agencies.people.attempts).
    """

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField(db_index=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key[:8]}… {self.tries}"


class SignInRecord(models.Model):
    """One time that somebody signed in, or that a wrong password was given for them.

    `origin` is the address, or the network of an IPv6 address (agencies.lib.addresses), `browser` the User-Agent as
    sent. While the session that began with it may still be open, `session_key` is its key; `seen_at` is its last
    request, up to ten minutes late.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_ins")
    at = models.DateTimeField(_("时间"), db_index=True)
    succeeded = models.BooleanField()
    origin = models.CharField(_("地址"), max_length=50, blank=True)
    browser = models.CharField(max_length=300, blank=True)
    session_key = models.CharField(max_length=40, blank=True, db_index=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=("user", "-at"), name="sign_ins_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d %H:%M}"
