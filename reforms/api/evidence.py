"""Evidence by API: the files of a report, and each file."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agencies.access.rules import Verb
from agencies.clock import today
from reforms.api.http import bodies
from reforms.api.http.authentication import principal
from reforms.api.http.base import ActionView, controls_of, form_key, paged
from reforms.api.http.cursors import page_of
from reforms.api.http.parsing import FileParser
from reforms.api.permissions import Verbs
from reforms.api.schema import CursorPages
from reforms.api.shapes import work as work_shapes
from reforms.files.responses import file_response
from reforms.models import Evidence
from reforms.reports.evidence import add_evidence, remove_evidence
from reforms.reports.permissions import readable_evidence, readable_report


class EvidenceOfReport(ActionView):
    """The files handed in with a report."""

    verbs: ClassVar[Verbs] = {"list": Verb.READ_REPORTS, "add": Verb.REPORT}
    parser_classes = (FileParser,)
    pagination_class = CursorPages
    serializer_class = work_shapes.EvidenceShape
    queryset = Evidence.objects.all()

    def list(self, request: Request, pk: int) -> Response:
        """The files of a report, in the order in which they were handed in; for whoever may read the report."""
        data = controls_of(request)
        report = readable_report(principal(request), pk)
        page = page_of(Evidence.objects.filter(report=report), ("id",), data)
        found = Evidence.objects.filter(pk__in=page.keys).select_related("stored", "report")
        return paged(request, page, {one.pk: work_shapes.of_evidence(one) for one in found}, work_shapes.EvidenceShape)

    @extend_schema(
        request={"multipart/form-data": bodies.NewEvidence},
        responses={201: work_shapes.EvidenceShape, 200: work_shapes.EvidenceShape},
    )
    def add(self, request: Request, pk: int) -> Response:
        """Hand in one file with a report of your agency. The same file again is the same evidence (200 instead of 201).
        Taken are PDF, OFD, Office and WPS documents without macros, PNG, JPEG and plain text, by their content."""
        readable_report(principal(request), pk)
        if sum(len(uploads) for _name, uploads in request.FILES.lists()) > 1:
            raise ValidationError({"file": ValidationError(_("一次只接受一个文件，请逐个上传。"), code="one_file")})
        new = bodies.NewEvidence(data=request.data)
        new.is_valid(raise_exception=True)
        upload = new.validated_data["file"]
        try:
            found, is_new = add_evidence(pk, upload, who=principal(request), on=today(), form_key=form_key(request))
        except ValidationError as error:
            raise ValidationError({"file": error}) from None
        return Response(work_shapes.of_evidence(found), status=201 if is_new else 200)


class WhateverIsAccepted(BaseContentNegotiation):
    """A file comes as what it is; only what goes wrong is written by a renderer."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class EvidenceView(ViewSet):
    """One file."""

    verbs: ClassVar[Verbs] = {"retrieve": Verb.READ_REPORTS, "remove": Verb.REPORT}
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "The file.")})
    def retrieve(self, request: Request, pk: int) -> FileResponse:
        """The file itself, with the content type that was found in it; for whoever may read the report."""
        return file_response(readable_evidence(principal(request), pk))

    @extend_schema(responses={204: None})
    def remove(self, request: Request, pk: int) -> Response:
        """Take a file off a report of your agency. One that no other report uses is deleted."""
        readable_evidence(principal(request), pk)
        remove_evidence(pk, who=principal(request), on=today())
        return Response(status=204)
