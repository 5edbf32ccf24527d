"""Where measures stood on past days: a reading of the change log that can be asked in SQL (reforms.status.past)."""

from django.db import models

from reforms.models.measures import Disposition, Measure, Status


class PastState(models.Model):
    """How a measure stood from `since` on, up to the day before `until` (null: to this day).

    Business dates in Asia/Shanghai. Derived from the log, rebuilt from it, and never written by anything else.
    """

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
