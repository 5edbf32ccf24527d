"""What an agency asks of the office and the office decides: that a measure is done, or that its deadline moves."""

import datetime as dt
from collections.abc import Callable, Collection
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.access import Principal, Verb, may
from agencies.models import Agency, Token
from reforms.models.measures import Measure

# For the agency's own signature, or for the office.
WAITING = ("awaiting_signature", "under_review")
QueueKey = tuple[dt.date, str, int]


class RequestKind(models.TextChoices):
    """What may be asked of the office."""

    CLAIM = "claim", gettext_lazy("销号申请")
    EXTENSION = "extension", gettext_lazy("延期申请")


class ReviewRequest(models.Model):
    """Written by one person, signed by another where the agency wants that, decided by a third in the office.

    Both kinds wait as `awaiting_signature` and `under_review`. The days are business dates in Asia/Shanghai,
    `recorded_at` is the real time; `version` counts every change, for whoever decides on what they saw. `noun` is what
    the log and the API call a row, `own_code` the error of whoever decides on what they wrote, `own_review` its words.
    """

    kind: ClassVar[RequestKind]
    noun: ClassVar[str]
    own_code: ClassVar[str]
    own_review: ClassVar[Promise]

    # Fields of the kinds themselves: their reverse names, states and words differ.
    id: int
    measure: "models.ForeignKey[Measure, Measure]"
    measure_id: int
    agency: "models.ForeignKey[Agency, Agency]"
    agency_id: int
    state: "models.CharField[str, str]"
    get_state_display: Callable[[], str]

    on = models.DateField(gettext_lazy("申请日期"))
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    author = models.CharField(gettext_lazy("申请人"), max_length=120)
    author_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    author_token = models.ForeignKey(Token, models.SET_NULL, null=True, blank=True)
    signed_by = models.CharField(gettext_lazy("审签人"), max_length=120, blank=True)
    signed_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    signed_on = models.DateField(gettext_lazy("审签日期"), null=True, blank=True)
    decided_by = models.CharField(gettext_lazy("处理人"), max_length=120, blank=True)
    decided_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField(gettext_lazy("处理日期"), null=True, blank=True)
    form_key = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True

    @property
    def asked_on(self) -> dt.date:
        """The day from which it counts as asked, on which its place in a queue and its being late rest."""
        return self.on

    @property
    def waiting_since(self) -> dt.date:
        """The day from which it waits where it is now."""
        return self.asked_on

    @property
    def deadline_to_ask(self) -> dt.date | None:
        """The deadline before which it was to be asked."""
        return self.measure.deadline_in_force

    @property
    def days_late(self) -> int:
        """Days between that deadline and the day it was asked; 0 when in time."""
        return max((self.asked_on - self.deadline_to_ask).days, 0) if self.deadline_to_ask else 0

    @property
    def queue_key(self) -> QueueKey:
        """Its place in a queue."""
        # Kind and id tell apart what was asked on one day, so that a place in the queue is found again.
        return (self.asked_on, self.kind, self.pk)

    def check_signer(self, who: Principal) -> None:
        """Raises PermissionDenied, or ValidationError saying why just this person does not sign."""
        if not may(who, Verb.SIGN, [self.agency_id]):
            raise PermissionDenied
        if who.user_id == self.author_user_id:
            raise ValidationError(_("不能审签本人填写的申请，请由另一位审核人审签。"), code=self.own_code)

    def check_reviewer(self, who: Principal, holders: Collection[int]) -> None:
        """Raises PermissionDenied, or ValidationError saying why just this person does not decide; `holders` are the
        ids of the agencies that act on the measure."""
        # Its own agency too: the duty may have gone to another since it was written.
        if not may(who, Verb.REVIEW, [*holders, self.agency_id]):
            raise PermissionDenied
        if who.user_id in (self.author_user_id, self.signed_by_user_id):
            raise ValidationError(str(self.own_review), code=self.own_code)

    def sign(self, who: Principal, on: dt.date) -> None:
        """Note who signed it; the caller saves."""
        self.signed_by, self.signed_by_user_id, self.signed_on = who.label, who.user_id, on
        self.mark_changed()

    def decide(self, state: str, who: Principal, on: dt.date, *, remark: str) -> None:
        """Move it to a state by somebody's decision; the caller saves."""
        self.state = state
        self.decided_by, self.decided_by_user_id, self.decided_on = who.label, who.user_id, on
        self.keep_remark(remark)
        self.mark_changed()

    def keep_remark(self, remark: str) -> None:
        """处理意见: what whoever decided wrote."""
        raise NotImplementedError

    def mark_changed(self) -> None:
        """Whoever decides on what they saw before is told; the caller saves."""
        self.version += 1
