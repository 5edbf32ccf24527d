"""The way of a claim or a request for a later deadline: signed or sent back inside its agency, then granted or refused
by the office. Nobody does two of writing, signing and deciding.

Whoever decides says which version they saw, so that of two at once one is told (reforms.lib.versions).
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.log.write import Entry, record
from reforms.duties.claimants import holders_of
from reforms.lib.versions import check_version
from reforms.models import Notice, ReviewRequest, lock_measure
from reforms.notices.notify import notify

R = TypeVar("R", bound=ReviewRequest)


class Procedure(ABC, Generic[R]):
    """The steps of one kind of request, each a transaction that holds the measure. What a step does is the kind's own.

    All raise PermissionDenied, Stale where the request moved on since it was seen, and ValidationError.
    """

    requests: QuerySet[R]

    def sign(self, pk: int, *, seen: int | None, who: Principal, on: dt.date) -> R:
        """The agency's approver signs: it goes to the office with today's date."""
        with transaction.atomic():
            request = self._to_sign(pk, seen, who)
            request.sign(who, on)
            record(self._signed(request, on), actor=who, on=on)
        return request

    def send_back(self, pk: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> R:
        """The agency's approver does not sign; whoever wrote it is told why."""
        with transaction.atomic():
            request = self._to_sign(pk, seen, who)
            reason = required_reason(reason)
            entry = self._sent_back(request, reason, who, on)
            author = [request.author_user_id] if request.author_user_id else []
            facts = {"reason": reason, **self._told(request)}
            notify(Notice.Kind.SENT_BACK, on=on, users=author, measure=request.measure, facts=facts)
            record([entry], actor=who, on=on)
        return request

    @abstractmethod
    def grant(self, pk: int, *, remark: str = "", seen: int | None, who: Principal, on: dt.date) -> R:
        """The office agrees."""

    def refuse(self, pk: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> R:
        """The office does not agree, with a reason."""
        with transaction.atomic():
            request = self._to_decide(pk, seen, who)
            record(self._refused(request, required_reason(reason), who, on), actor=who, on=on)
        return request

    @abstractmethod
    def _signed(self, request: R, on: dt.date) -> list[Entry]:
        """Bring to the office what was just signed; the entries to log."""

    @abstractmethod
    def _sent_back(self, request: R, reason: str, who: Principal, on: dt.date) -> Entry: ...

    @abstractmethod
    def _refused(self, request: R, reason: str, who: Principal, on: dt.date) -> list[Entry]: ...

    def _told(self, request: R) -> Mapping[str, str]:
        """What a notice of it says beside the reason."""
        return {}

    def _held(self, pk: int) -> R:
        """The request, read once nobody else can change it or its measure."""
        lock_measure(self.requests.values_list("measure_id", flat=True).get(pk=pk))
        return self.requests.get(pk=pk)

    def _to_sign(self, pk: int, seen: int | None, who: Principal) -> R:
        request = self._held(pk)
        request.check_signer(who)
        check_waits(request, "awaiting_signature", seen)
        return request

    def _to_decide(self, pk: int, seen: int | None, who: Principal) -> R:
        request = self._held(pk)
        request.check_reviewer(who, holders_of(request.measure))
        check_waits(request, "under_review", seen)
        return request


def check_waits(request: ReviewRequest, state: str, seen: int | None) -> None:
    """Raises Stale where it moved on since it was seen, ValidationError where it is not in the state that is left."""
    check_version(request, seen)
    if request.state != state:
        facts = {"state": request.get_state_display()}
        raise ValidationError(_("该申请现为“%(state)s”，不能再这样处理。") % facts, code="not_waiting")


def required_reason(reason: str) -> str:
    """The reason as it is kept; raises ValidationError where none is given."""
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("请写明理由，对方会看到。"), code="required")})
    return reason.strip()
