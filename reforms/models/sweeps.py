"""When the outbox was looked through, by which clock, and when a clock was not to be trusted."""

import datetime as dt

from django.db import models
from django.db.models import ExpressionWrapper, F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SweepRunQuerySet(models.QuerySet["SweepRun"]):
    """Sweeps by the database's clock."""

    def age_of_last(self) -> dt.timedelta | None:
        """How long ago the last sweep began; None where there was none."""
        age = ExpressionWrapper(Now() - F("began_at"), output_field=models.DurationField())
        found: dt.timedelta | None = self.order_by("-pk").values_list(age, flat=True).first()
        return found


class SweepRun(models.Model):
    """巡检: one look through the outbox.

    `began_at` is the database's time; `host_at` and `uptime` (seconds since the machine named by `boot` started) are
    what `host` had on its clocks. `sequence` is how far the change log went when what is owed on `on` had been
    written; None where that was not looked at. `held` says why nothing was sent, `trouble` what ended it early.
    """

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    host = models.CharField(max_length=100)
    host_at = models.DateTimeField()
    boot = models.CharField(max_length=40, blank=True)
    uptime = models.FloatField(default=0)
    on = models.DateField()
    sequence = models.BigIntegerField(null=True, blank=True)
    looked = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    held = models.CharField(max_length=20, blank=True)
    trouble = models.TextField(blank=True)

    objects = SweepRunQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("host", "-id"), name="sweep_by_host"),
            models.Index(fields=("on", "-id"), condition=~models.Q(sequence=None), name="sweep_of_what_is_owed"),
        ]

    def __str__(self) -> str:
        return f"{self.host} {self.host_at}"


class ClockStop(models.Model):
    """A clock that cannot be right: nothing is sent until somebody has confirmed the time."""

    class Kind(models.TextChoices):
        BACK = "back", _("时钟倒退")
        APART = "apart", _("时钟与运行时长不符")

    kind = models.CharField(max_length=10, choices=Kind)
    host = models.CharField(max_length=100)
    # What the host's clock said at the sweep before, and then; `expected` is what it ought to have been at least.
    before = models.DateTimeField()
    expected = models.DateTimeField()
    after = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.host} {self.kind} {self.after}"
