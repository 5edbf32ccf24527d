"""The change log: who did what to which object, in commit order. Rows are added and never altered."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangeHead(models.Model):
    """The one row that every writing transaction advances last and holds to its commit.

    Because it is held, sequence order is commit order, and a reader going forward misses nothing.
    """

    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="", blank=True)

    def __str__(self) -> str:
        return str(self.sequence)

    @classmethod
    def reached(cls) -> tuple[int, str]:
        """Sequence and hash of the last entry; 0 and "" where nothing was logged yet. One query, without a lock:
        whoever asks before they read has seen at least this much."""
        return cls.objects.values_list("sequence", "hash").filter(pk=1).first() or (0, "")


class Change(models.Model):
    """One thing that was done to one object.

    `actor` and `role` are frozen as they were at that moment: the label, and the roles held, separated by commas. The
    database refuses to change or delete a row (agencies.log.locks).
    """

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("公开")
        STATUS = "status", _("随状态公开")
        INTERNAL = "internal", _("内部")

    sequence = models.BigIntegerField(primary_key=True)
    recorded_at = models.DateTimeField()
    on = models.DateField()
    actor = models.CharField(max_length=120)
    role = models.CharField(max_length=120, blank=True, default="")
    # No foreign keys: deleting a person or a token would have to alter the row.
    user_id = models.BigIntegerField(null=True)
    token_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    # change_by_agency begins with it; an index of its own would double that.
    agency = models.ForeignKey("Agency", models.PROTECT, null=True, related_name="+", db_index=False)
    visibility = models.CharField(max_length=10, choices=Visibility)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("sequence",)
        indexes = [
            models.Index(fields=("kind", "object_id", "sequence"), name="change_by_object"),
            models.Index(fields=("agency", "sequence"), name="change_by_agency"),
            models.Index(fields=("action", "sequence"), name="change_by_action"),
            models.Index(fields=("action", "on", "sequence"), name="change_by_action_and_day"),
            models.Index(fields=("on", "sequence"), name="change_by_day"),
            models.Index(fields=("recorded_at", "sequence"), name="change_by_moment"),
            models.Index(fields=("request_id", "sequence"), name="change_by_request"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.kind}:{self.object_id}"


class LogCheck(models.Model):
    """One time the whole log was verified (agencies.log.check), and with which result.

    `checked_at` is real time, `sequence` how far the log could be followed, `heads` how many exported heads were found
    in it. `faults` has what is wrong, worst first: code, first row that cannot be trusted (or null), and a sentence.
    """

    checked_at = models.DateTimeField()
    sequence = models.BigIntegerField()
    heads = models.PositiveIntegerField()
    faults = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M} {self.sequence}"

    @property
    def is_whole(self) -> bool:
        """Whether nothing was wrong."""
        return not self.faults
