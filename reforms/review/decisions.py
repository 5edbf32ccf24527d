"""申请销号: claimed by an agency, signed inside it where it wants that, verified by the office."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from reforms.duties import claimants, holders_of
from reforms.models import (
    DONE,
    LONGEST_RESULT,
    Disposition,
    Duty,
    Measure,
    Notice,
    ProgressReport,
    ReviewRequest,
    Status,
    check_version,
    lock_measure,
)
from reforms.notices.notify import notify, signed_no_longer
from reforms.reports.claims import (
    CLAIMED,
    check_may_claim,
    claim_entry,
    put_back,
    put_back_beside,
    reach_office,
    verified_claims,
)
from reforms.status.settle import measure_entry, settle

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
            signed_no_longer(request)
            record(self._signed(request, on), who=who, on=on)
        return request

    def send_back(self, pk: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> R:
        """The agency's approver does not sign; whoever wrote it is told why."""
        with transaction.atomic():
            request = self._to_sign(pk, seen, who)
            reason = required_reason(reason)
            entry = self._sent_back(request, reason, who, on)
            signed_no_longer(request)
            # What an agency's system sent has no person behind it.
            author = [request.author_user_id] if request.author_user_id else []
            facts = {"reason": reason, **self._told(request)}
            notify(Notice.Kind.SENT_BACK, on=on, users=author, measure=request.measure, facts=facts)
            record([entry], who=who, on=on)
        return request

    @abstractmethod
    def grant(self, pk: int, *, remark: str = "", seen: int | None, who: Principal, on: dt.date) -> R:
        """The office agrees."""

    def refuse(self, pk: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> R:
        """The office does not agree, with a reason."""
        with transaction.atomic():
            request = self._to_decide(pk, seen, who)
            record(self._refused(request, required_reason(reason), who, on), who=who, on=on)
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


State = ProgressReport.State


class ClaimProcedure(Procedure[ProgressReport]):
    """Claims: one that is granted (核验通过) counts, one that is refused (退回修改) is mended by its agency."""

    requests = ProgressReport.objects.select_related("measure__reform_list", "agency", "duty")

    def grant(
        self, pk: int, *, remark: str = "", result: str | None = None, seen: int | None, who: Principal, on: dt.date
    ) -> ProgressReport:
        """The office accepts a claim. The measure closes when all who must claim are accepted. `result` is what the
        public is told of it then; with None what was released before stays."""
        with transaction.atomic():
            claim = self._to_decide(pk, seen, who)
            claim.decide(State.VERIFIED, who, on, remark=remark.strip())
            claim.save()
            entries = [claim_entry("claim.verified", claim, reason=claim.reason)]
            entries += release_result(claim.measure_id, result) + _settle(claim)
            # Asked of the database: `settle` wrote the row, and not this object.
            closed = Measure.objects.filter(pk=claim.measure_id, status=Status.CLOSED).exists()
            told = holders_of(claim.measure) if closed else [claim.holder_id]
            notify(Notice.Kind.VERIFIED, on=on, agencies=told, measure=claim.measure, facts={"closed": closed})
            record(entries, who=who, on=on)
        return claim

    def _signed(self, request: ProgressReport, on: dt.date) -> list[Entry]:
        _check_active(request.measure)
        # Asked again: who must claim may be others since it was written.
        check_may_claim(request, request.measure)
        request.save()
        return [claim_entry("claim.signed", request), reach_office(request, on=on), *_settle(request)]

    def _sent_back(self, request: ProgressReport, reason: str, who: Principal, on: dt.date) -> Entry:
        """It is a draft again, with the reason."""
        request.decide(State.DRAFT, who, on, remark=reason)
        # Sent again it is another claim, also from the same form.
        request.form_key = ""
        request.save()
        return claim_entry("claim.sent_back", request, reason=reason)

    def _refused(self, request: ProgressReport, reason: str, who: Principal, on: dt.date) -> list[Entry]:
        """The agency finds it on its desk as a draft to be mended."""
        entries = [put_back(request, reason=reason, told=[request.holder_id], who=who, on=on)]
        entries += put_back_beside(request, reason=reason, who=who, on=on)
        return [*entries, *_settle(request)]

    def _to_decide(self, pk: int, seen: int | None, who: Principal) -> ProgressReport:
        claim = super()._to_decide(pk, seen, who)
        _check_active(claim.measure)
        return claim


CLAIMS = ClaimProcedure()
sign_claim, send_back, verify_claim, return_claim = CLAIMS.sign, CLAIMS.send_back, CLAIMS.grant, CLAIMS.refuse


def reopen(measure_id: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> Measure:
    """恢复督办: accepted claims no longer count. A closed measure is open again; one that still waited for other leads
    waits for those too whose claims were accepted. Raises PermissionDenied, Stale, ValidationError."""
    with transaction.atomic():
        measure = lock_measure(measure_id)
        holders = holders_of(measure)
        if not may(who, Verb.REVIEW, holders):
            raise PermissionDenied
        check_version(measure, seen)
        # A claim may be accepted while the measure is open, where other leads have not claimed yet.
        claims = list(verified_claims(measure))
        if measure.status != Status.CLOSED and not claims:
            raise ValidationError(_("该举措未销号，也没有核验通过的申请，无需恢复督办。"), code="not_closed")
        reason = required_reason(reason)
        for claim in claims:
            claim.state = State.REOPENED
            claim.mark_changed()
        ProgressReport.objects.bulk_update(claims, ["state", "version", "updated_at"])
        notify(Notice.Kind.REOPENED, on=on, agencies=holders, measure=measure, facts={"reason": reason})
        reopened = {"claims": [claim.pk for claim in claims]}
        entry = measure_entry("measure.reopened", measure.pk, after=reopened, reason=reason)
        record([entry, *release_result(measure.pk, ""), *settle([measure.pk])], who=who, on=on)
    return Measure.objects.get(pk=measure_id)


def release_result(measure_id: int, result: str | None) -> list[Entry]:
    """Tell the public this of how a measure turned out; an empty text takes back what was told, None leaves it. The
    entry to log."""
    measure = Measure.objects.filter(pk=measure_id)
    before = measure.values_list("result", flat=True).get()
    text = before if result is None else " ".join(result.split())
    if text == before:
        return []
    if len(text) > LONGEST_RESULT:
        said = _("结果摘要不能超过%(most)d字。") % {"most": LONGEST_RESULT}
        raise ValidationError({"result": ValidationError(said, code="too_long")})
    measure.update(result=text)
    measure.touch()
    # Internal: what was taken back, or waits for other leads, is not for everybody to read.
    return [measure_entry("measure.result_told", measure_id, before={"result": before}, after={"result": text})]


def _settle(claim: ProgressReport) -> list[Entry]:
    return settle([claim.measure_id], agency_id=claim.agency_id)


def _check_active(measure: Measure) -> None:
    if measure.disposition != Disposition.ACTIVE:
        raise ValidationError(_("该举措已中止、终止或调出清单，恢复后才能办理。"), code="not_active")


WHY = "两个单位承担的任务已合并，请就全部任务重新申请销号。"
Pair = tuple[Duty, Duty]


def return_half_claims(agency_id: int, heirs: Mapping[int, int], *, who: Principal, on: dt.date) -> list[Entry]:
    """Before the duties of `agency_id` are moved to the heir named for each measure: where the heir has a duty already,
    both had to claim and only one has, that claim comes back (退回修改), for the heir to claim for both; what one of
    them was about to sign is a draft again. The entries to log; `settle` must follow."""
    pairs = joined(agency_id, heirs)
    entries = [_unsign(claim) for claim in _claims(pairs, (State.AWAITING_SIGNATURE,))]
    for claim in _claims(half_claimed(pairs), CLAIMED):
        told = [claim.holder_id, heirs[claim.measure_id]]
        entries.append(put_back(claim, reason=WHY, told=told, who=who, on=on))
    return entries


def joined(agency_id: int, heirs: Mapping[int, int]) -> list[Pair]:
    """The duties of `agency_id` on open measures, each with the duty of the heir that it would become one with, where
    both must claim."""
    measures = Measure.objects.filter(pk__in=heirs).exclude(status=Status.CLOSED).select_related("reform_list")
    by_measure: dict[int, dict[int, Duty]] = {measure.pk: {} for measure in measures}
    for duty in Duty.objects.filter(measure__in=by_measure):
        by_measure[duty.measure_id][duty.agency_id] = duty
    must = claimants(measures, {pk: list(duties.values()) for pk, duties in by_measure.items()})
    return [
        (duties[agency_id], duties[heirs[pk]])
        for pk, duties in by_measure.items()
        # Of two duties of which only one must claim, nothing is left half done.
        if agency_id in duties and heirs[pk] in duties and {agency_id, heirs[pk]} <= must[pk]
    ]


def half_claimed(pairs: list[Pair]) -> list[Pair]:
    """Those of which one is claimed and the other is not."""
    return [(one, other) for one, other in pairs if (one.status in DONE) != (other.status in DONE)]


def _claims(pairs: list[Pair], states: Sequence[str]) -> list[ProgressReport]:
    duties = [duty.pk for pair in pairs for duty in pair]
    found = ProgressReport.objects.filter(duty__in=duties, state__in=states)
    return list(found.select_related("measure", "duty").order_by("pk"))


def _unsign(claim: ProgressReport) -> Entry:
    claim.state, claim.reason, claim.form_key, claim.version = State.DRAFT, WHY, "", claim.version + 1
    claim.save()
    signed_no_longer(claim)
    return claim_entry("claim.sent_back", claim, reason=WHY)
