"""延期申请 by API."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.access import Verb
from agencies.clock import today
from reforms.api.decisions import Deed
from reforms.api.filters import ExtensionFilter
from reforms.api.http import bodies
from reforms.api.http.authentication import principal
from reforms.api.http.base import ActionView, ReadView, Shaped, acting_agency, form_key, parse_body, refuse
from reforms.api.http.cursors import CONTROLS
from reforms.api.http.etags import seen_version, tagged
from reforms.api.permissions import Verbs
from reforms.api.shapes import work as work_shapes
from reforms.api.snapshots import extension_as_is
from reforms.models import Extension, Measure
from reforms.reports.permissions import readable_extension
from reforms.review.extensions import (
    ExtensionTerms,
    ask_extension,
    grant_extension,
    refuse_extension,
    send_back_extension,
    sign_extension,
    withdraw_extension,
)


class ExtensionsOfMeasure(ActionView):
    """Asking for a later deadline."""

    verbs: ClassVar[Verbs] = {"ask": Verb.REPORT}
    queryset = Measure.objects.all()

    @extend_schema(request=bodies.NewExtension, responses={201: work_shapes.ExtensionShape})
    def ask(self, request: Request, pk: int) -> Response:
        """Ask for a later deadline before the one in force has passed. It goes to your agency's approver, or to the
        office where it is signed already or needs no signing."""
        measure = get_object_or_404(Measure, pk=pk)
        facts = parse_body(bodies.NewExtension, request)
        agency = acting_agency(request, measure, facts.pop("agency", ""))
        wanted = ExtensionTerms(**facts, form_key=form_key(request))
        made = ask_extension(pk, agency, wanted, who=principal(request), on=today())
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


class ExtensionDeeds(ActionView):
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
        readable_extension(who, pk)
        seen, facts = seen_version(request), parse_body(body, request)
        deed(pk, **facts, seen=seen, who=who, on=today())
        return tagged(extension_as_is(pk))
