"""Where measures stood on past days: a reading of the change log that can be asked in SQL (reforms.status.past)."""

from typing import ClassVar

from django.db import models

from reforms.models.lights import Light
from reforms.models.measures import Disposition, Measure, Status


class PastState(models.Model):
    """How a measure stood from `since` on, up to the day before `until` (null: to this day).

    Business dates in Asia/Shanghai. Derived from the log, rebuilt from it, and never written by anything else.
    """

    # As they are called on a measure as well.
    FACTS: ClassVar = (
        "status",
        "disposition",
        "deadline_in_force",
        "first_report_on",
        "claimed_on",
        "closed_on",
        "is_standing",
    )

    measure = models.ForeignKey(Measure, models.CASCADE, db_index=False, related_name="standings")
    since = models.DateField()
    until = models.DateField(null=True)
    status = models.CharField(max_length=20, choices=Status)
    disposition = models.CharField(max_length=20, choices=Disposition)
    deadline_in_force = models.DateField(null=True)
    first_report_on = models.DateField(null=True)
    claimed_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    is_standing = models.BooleanField()

    class Meta:
        # Tables keep the names by which databases in use have them (docs/adr/0010-rooms-by-the-job.md).
        db_table = "reforms_paststanding"
        ordering = ("measure", "since")
        constraints = [models.UniqueConstraint(fields=("measure", "since"), name="one_standing_at_a_time")]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.since} {self.status}"


class PastRead(models.Model):
    """The one row that says up to which sequence of the log it has been read."""

    sequence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.sequence)


class LightFlow(models.Model):
    """By how many more measures of a list show a light at the end of a month than at the end of the month before
    (`month` is its first day): of those that are in the list and worked on.

    Derived from PastState together with it (reforms.status.trend), and never written by anything else. What follows
    from deadlines alone stands there for months to come as well.
    """

    reform_list = models.ForeignKey("ReformList", models.CASCADE, db_index=False, related_name="+")
    month = models.DateField()
    light = models.CharField(max_length=20, choices=Light)
    change = models.IntegerField()

    class Meta:
        ordering = ("reform_list", "month", "light")
        constraints = [models.UniqueConstraint(fields=("reform_list", "month", "light"), name="one_flow_a_month")]

    def __str__(self) -> str:
        return f"{self.reform_list_id} {self.month:%Y-%m} {self.light} {self.change:+}"
