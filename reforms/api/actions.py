"""Deeds on reports and measures by API. Each says in If-Match which version was seen."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.access import Verb, agencies_for
from reforms.api.filters import ExtensionFilter
from reforms.api.http import bodies
from reforms.api.http.authentication import Verbs, acting, principal
from reforms.api.http.base import ActionView, ReadView, Shaped, acting_agency, form_key, one_of, parse_body, refuse
from reforms.api.http.cursors import CONTROLS
from reforms.api.http.etags import seen_version, tagged
from reforms.api.shapes import lists as shapes
from reforms.api.shapes import work as work_shapes
from reforms.api.snapshots import AnswersOutdated, extension_as_is, measure_as_seen, report_as_is
from reforms.models import (
    Acknowledgement,
    Disposition,
    Duty,
    Extension,
    ListEdition,
    Measure,
    ProgressReport,
    ReformList,
    is_open_to,
)
from reforms.office.steer import dispose
from reforms.reports.acknowledge import acknowledge
from reforms.reports.drafts import submit_draft
from reforms.reports.permissions import readable_extension, readable_report
from reforms.reports.submit import withdraw_report
from reforms.review.decisions import reopen, return_claim, send_back, sign_claim, verify_claim
from reforms.review.extensions import (
    ExtensionTerms,
    adjust_deadline,
    ask_extension,
    grant_extension,
    refuse_extension,
    send_back_extension,
    sign_extension,
    withdraw_extension,
)

# What carries a decision out on an object: its id first, then what is said, `seen`, `who` and `on`.
Deed = Callable[..., object]


class ReportDeeds(AnswersOutdated, ActionView):
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

    @extend_schema(request=bodies.Verified, responses=work_shapes.ReportShape)
    def verify(self, request: Request, pk: int) -> Response:
        """核验: the office accepts a claim. The measure closes when all who must claim are accepted."""
        return self._done(request, pk, verify_claim, bodies.Verified)

    @extend_schema(request=bodies.Reason, responses=work_shapes.ReportShape)
    def return_(self, request: Request, pk: int) -> Response:
        """退回修改: the office returns a claim with a reason."""
        return self._done(request, pk, return_claim, bodies.Reason)

    def _done(self, request: Request, pk: int, deed: Deed, body: type[bodies.Body]) -> Response:
        who = principal(request)
        # First, so that whoever may not read it gets 404 and learns nothing from another refusal.
        readable_report(who, pk)
        seen, facts = seen_version(request), parse_body(body, request)
        deed(pk, **facts, seen=seen, **acting(request))
        return tagged(report_as_is(pk))


class MeasureDeeds(AnswersOutdated, ActionView):
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
        """时限调整: another deadline in force, on the strength of a document. The printed one stays. Sent again by the
        same person within 24 hours it corrects the earlier one and is not counted again."""
        return self._done(request, pk, adjust_deadline, parse_body(bodies.Adjustment, request))

    @extend_schema(request=bodies.NewDisposition, responses=shapes.MeasureShape)
    def dispose(self, request: Request, pk: int) -> Response:
        """中止, 终止 or 恢复: what is suspended or cancelled no longer counts and is not reported on."""
        facts = parse_body(bodies.NewDisposition, request)
        return self._done(request, pk, dispose, facts | {"disposition": Disposition(facts["disposition"])})

    def _done(self, request: Request, pk: int, deed: Deed, facts: dict[str, Any]) -> Response:
        who = principal(request)
        measure_as_seen(pk, who)
        deed(pk, **facts, seen=seen_version(request), **acting(request))
        return tagged(measure_as_seen(pk, who))


class ExtensionsOfMeasure(AnswersOutdated, ActionView):
    """Asking for a later deadline."""

    verbs: ClassVar[Verbs] = {"ask": Verb.REPORT}
    queryset = Measure.objects.all()

    @extend_schema(request=bodies.NewExtension, responses={201: work_shapes.ExtensionShape})
    def ask(self, request: Request, pk: int) -> Response:
        """Ask for a later deadline before the one in force has passed. It goes to your agency's approver, or to the
        office where it is signed already or needs no signing."""
        measure = get_object_or_404(Measure.objects.readable_by(principal(request)), pk=pk)
        facts = parse_body(bodies.NewExtension, request)
        agency = acting_agency(request, measure, facts.pop("agency", ""))
        wanted = ExtensionTerms(**facts, form_key=form_key(request))
        made = ask_extension(pk, agency, wanted, **acting(request))
        return tagged(extension_as_is(made.pk), status=201)


class ExtensionView(ReadView):
    """Requests for a later deadline: for the office and the leads of the measure what was sent, all one's own."""

    verbs: ClassVar[Verbs] = {"list": Verb.READ_REPORTS, "retrieve": Verb.READ_REPORTS}
    queryset = Extension.objects.all()
    filters = ExtensionFilter
    order_by = ("-id",)
    serializer_class = work_shapes.ExtensionShape

    def read_filters(self, data: QueryDict) -> QuerySet[Any]:
        who = principal(self.request)
        found = Extension.objects.readable_by(who)
        strict = ExtensionFilter.read(data, queryset=found, own=who.agencies(), controls=CONTROLS)
        refuse(strict.problems())
        return strict.qs  # type: ignore[no-any-return]  # django-filter is not typed

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        return {one.pk: work_shapes.of_extension(one) for one in found.select_related("agency")}

    def retrieve(self, request: Request, pk: int) -> Response:
        return tagged(extension_as_is(readable_extension(principal(request), pk).pk))


class ExtensionDeeds(AnswersOutdated, ActionView):
    """What becomes of a request. 404 for those who may not read it."""

    verbs: ClassVar[Verbs] = {
        "sign": Verb.SIGN,
        "send_back": Verb.SIGN,
        "withdraw": Verb.REPORT,
        "grant": Verb.REVIEW,
        "refuse": Verb.REVIEW,
    }
    if_match = frozenset(verbs)
    queryset = Extension.objects.all()

    @extend_schema(request=bodies.Nothing, responses=work_shapes.ExtensionShape)
    def sign(self, request: Request, pk: int) -> Response:
        """审签: your agency's approver signs; the request goes to the office."""
        return self._done(request, pk, sign_extension, bodies.Nothing)

    @extend_schema(request=bodies.Reason, responses=work_shapes.ExtensionShape)
    def send_back(self, request: Request, pk: int) -> Response:
        """Your agency's approver does not sign; the request ends here."""
        return self._done(request, pk, send_back_extension, bodies.Reason)

    @extend_schema(request=bodies.Nothing, responses=work_shapes.ExtensionShape)
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take your agency's request back before it is decided."""
        return self._done(request, pk, withdraw_extension, bodies.Nothing)

    @extend_schema(request=bodies.Grant, responses=work_shapes.ExtensionShape)
    def grant(self, request: Request, pk: int) -> Response:
        """The office moves the deadline in force, to the day that was asked for or to another."""
        return self._done(request, pk, grant_extension, bodies.Grant)

    @extend_schema(request=bodies.Reason, responses=work_shapes.ExtensionShape)
    def refuse(self, request: Request, pk: int) -> Response:
        """The office refuses, with a reason; the deadline stays."""
        return self._done(request, pk, refuse_extension, bodies.Reason)

    def _done(self, request: Request, pk: int, deed: Deed, body: type[bodies.Body]) -> Response:
        who = principal(request)
        # First, for the same reason as with reports.
        readable_extension(who, pk)
        seen, facts = seen_version(request), parse_body(body, request)
        deed(pk, **facts, seen=seen, **acting(request))
        return tagged(extension_as_is(pk))


class AcknowledgeView(AnswersOutdated, ActionView):
    """Taking note of a list."""

    verbs: ClassVar[Verbs] = {"acknowledge": Verb.REPORT}
    queryset = ReformList.objects.all()
    lookup_field = "slug"

    @extend_schema(request=bodies.ForAgency, responses=work_shapes.AcknowledgementShape)
    def acknowledge(self, request: Request, slug: str) -> Response:
        """签收: your agency has taken note of what the edition in force gives it to do. Again changes nothing."""
        open_ones = ListEdition.objects.filter(is_open_to(principal(request), "reform_list__"), is_in_force=True)
        edition = get_object_or_404(open_ones, reform_list__slug=slug)
        who, named = principal(request), parse_body(bodies.ForAgency, request).get("agency", "")
        own = Duty.objects.of(agencies_for(who, Verb.REPORT)).filter(measure__reform_list=edition.reform_list_id)
        holding = sorted(own.order_by().values_list("agency_id", flat=True).distinct())
        made = acknowledge(edition.pk, one_of(holding, named), **acting(request))
        found = Acknowledgement.objects.select_related("agency", "edition__reform_list").get(pk=made.pk)
        return Response(work_shapes.of_acknowledgement(found))
