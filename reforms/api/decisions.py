"""Deeds on reports and measures by API. Each says in If-Match which version was seen."""

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.access import Verb
from agencies.clock import today
from reforms.api.http import bodies
from reforms.api.http.authentication import principal
from reforms.api.http.base import ActionView, parse_body
from reforms.api.http.etags import seen_version, tagged
from reforms.api.permissions import Verbs
from reforms.api.shapes import lists as shapes
from reforms.api.shapes import work as work_shapes
from reforms.api.snapshots import measure_as_seen, report_as_is
from reforms.models import Disposition, Measure, ProgressReport
from reforms.office.steer import dispose
from reforms.reports.drafts import submit_draft
from reforms.reports.permissions import readable_report
from reforms.reports.submit import withdraw_report
from reforms.review.claims import reopen, return_claim, send_back, sign_claim, verify_claim
from reforms.review.extensions import adjust_deadline

# What carries a decision out on an object: its id first, then what is said, `seen`, `who` and `on`.
Deed = Callable[..., object]


class ReportDeeds(ActionView):
    """What becomes of a report. 404 for those who may not read it."""

    verbs: ClassVar[Verbs] = {
        "submit": Verb.REPORT,
        "withdraw": (Verb.REPORT, Verb.ENTER_FOR),
        "sign": Verb.SIGN,
        "send_back": Verb.SIGN,
        "verify": Verb.REVIEW,
        "return_": Verb.REVIEW,
    }
    if_match = frozenset(verbs)
    queryset = ProgressReport.objects.all()

    @extend_schema(request=bodies.Sent, responses=work_shapes.ReportShape)
    def submit(self, request: Request, pk: int) -> Response:
        """Send your agency's draft just as it is."""
        return self._done(request, pk, submit_draft, bodies.Sent)

    @extend_schema(request=bodies.Nothing, responses=work_shapes.ReportShape)
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take back an own report on which nobody has acted; a claim that waits to be signed is a draft again."""
        return self._done(request, pk, withdraw_report, bodies.Nothing)

    @extend_schema(request=bodies.Nothing, responses=work_shapes.ReportShape)
    def sign(self, request: Request, pk: int) -> Response:
        """审签: your agency's approver signs a claim that somebody else wrote; it goes to the office."""
        return self._done(request, pk, sign_claim, bodies.Nothing)

    @extend_schema(request=bodies.Reason, responses=work_shapes.ReportShape)
    def send_back(self, request: Request, pk: int) -> Response:
        """Your agency's approver does not sign: the claim is a draft again, with the reason."""
        return self._done(request, pk, send_back, bodies.Reason)

    @extend_schema(request=bodies.Remark, responses=work_shapes.ReportShape)
    def verify(self, request: Request, pk: int) -> Response:
        """核验: the office accepts a claim. The measure closes when all who must claim are accepted."""
        return self._done(request, pk, verify_claim, bodies.Remark)

    @extend_schema(request=bodies.Reason, responses=work_shapes.ReportShape)
    def return_(self, request: Request, pk: int) -> Response:
        """退回修改: the office returns a claim with a reason."""
        return self._done(request, pk, return_claim, bodies.Reason)

    def _done(self, request: Request, pk: int, deed: Deed, body: type[bodies.Body]) -> Response:
        who = principal(request)
        readable_report(who, pk)
        seen, facts = seen_version(request), parse_body(body, request)
        deed(pk, **facts, seen=seen, who=who, on=today())
        return tagged(report_as_is(pk))


class MeasureDeeds(ActionView):
    """What the office does to a measure."""

    verbs: ClassVar[Verbs] = {"reopen": Verb.REVIEW, "adjust_deadline": Verb.STEER, "dispose": Verb.STEER}
    if_match = frozenset(verbs)
    queryset = Measure.objects.all()

    @extend_schema(request=bodies.Reason, responses=shapes.MeasureShape)
    def reopen(self, request: Request, pk: int) -> Response:
        """恢复督办: a closed measure is open again, and its accepted claims no longer count."""
        return self._done(request, pk, reopen, parse_body(bodies.Reason, request))

    @extend_schema(request=bodies.Adjustment, responses=shapes.MeasureShape)
    def adjust_deadline(self, request: Request, pk: int) -> Response:
        """时限调整: another deadline in force, on the strength of a document. The printed one stays."""
        return self._done(request, pk, adjust_deadline, parse_body(bodies.Adjustment, request))

    @extend_schema(request=bodies.NewDisposition, responses=shapes.MeasureShape)
    def dispose(self, request: Request, pk: int) -> Response:
        """中止, 终止 or 恢复: what is suspended or cancelled no longer counts and is not reported on."""
        facts = parse_body(bodies.NewDisposition, request)
        return self._done(request, pk, dispose, facts | {"disposition": Disposition(facts["disposition"])})

    def _done(self, request: Request, pk: int, deed: Deed, facts: dict[str, Any]) -> Response:
        who = principal(request)
        measure_as_seen(pk, who)
        deed(pk, **facts, seen=seen_version(request), who=who, on=today())
        return tagged(measure_as_seen(pk, who))
