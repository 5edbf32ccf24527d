"""Tries at signing in, counted where every web process sees them."""

from django.db import models


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
