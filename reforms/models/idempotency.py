"""Requests that came with an Idempotency-Key, and what was answered to each."""

from django.db import models


class IdempotentRequest(models.Model):
    """One key of one caller (`t` and a token's id, or `u` and a person's). Kept for a day (reforms.once).

    `key` and `fingerprint` are SHA-256 in hexadecimal. While `status` is empty somebody works on it until
    `leased_until`; whoever comes after that takes it over, and `turn` counts them.
    """

    caller = models.CharField(max_length=24)
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    turn = models.PositiveIntegerField(default=1)
    leased_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("caller", "key"), name="one_request_per_key")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key[:8]} {self.status or '…'}"
