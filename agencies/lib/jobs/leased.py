"""A row that is a job: who works on it and until when."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from agencies.lib.jobs.lease import Lease

Row = TypeVar("Row", bound=models.Model)


class LeasedQuerySet(models.QuerySet[Row]):
    """Jobs, and which of them somebody has to work on."""

    def free(self) -> Self:
        """Those that nobody works on: new ones, and ones whose worker died."""
        # By the clock of the database: those of two machines may differ.
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=Now()))

    def claim(self, holder: str) -> bool:
        """Take the one job that is meant, in the name of `holder`. The update is conditional, so one caller wins."""
        until = Now() + Lease.LENGTH
        return self.update(lease_until=until, holder=holder, attempts=F("attempts") + 1) == 1


class Leased(models.Model):
    """Who works on it, until when unless that is renewed, and how often somebody began."""

    lease_until = models.DateTimeField(null=True, blank=True)
    holder = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
