"""Reports by API: reading them, making them, and writing on drafts; 阶段节点 and 待办 beside them."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from agencies.access import Verb, agencies_for, may, today
from reforms.api.filters import MilestoneFilter, ReportFilter, TaskFilter
from reforms.api.http import bodies
from reforms.api.http.authentication import Verbs, acting, principal
from reforms.api.http.base import (
    ActionView,
    ReadView,
    Shaped,
    acting_agency,
    controls_of,
    form_key,
    only_parameters,
    paged,
    parse_body,
    refuse,
)
from reforms.api.http.cursors import CONTROLS, page_of, page_of_rows
from reforms.api.http.etags import Conditional, DraftExists, seen_version, tagged
from reforms.api.http.parsing import FileParser
from reforms.api.schema import CursorPages
from reforms.api.shapes import work as work_shapes
from reforms.api.snapshots import AnswersOutdated, report_as_is
from reforms.desk.tasks import Task, TaskParty, tasks_of
from reforms.duties import holders
from reforms.files.responses import file_response
from reforms.models import Duty, Evidence, Measure, Milestone, ProgressReport, Stale
from reforms.reports.drafts import change_draft, save_draft, throw_away
from reforms.reports.evidence import add_evidence, remove_evidence
from reforms.reports.permissions import readable_evidence, readable_on, readable_report, sent_reports, with_evidence
from reforms.reports.submit import ReportContent, submit_report

WRITERS = (Verb.REPORT, Verb.ENTER_FOR)
TEXTS = ("progress", "next_step", "problems", "outlook", "result")
SAID = (*TEXTS, "signed_by", "signed_on", "division", "officer", "external_ref")


class ReportView(AnswersOutdated, ReadView):
    """Reports over all measures, and each of them."""

    verbs: ClassVar[Verbs] = {
        "list": Verb.READ_REPORTS,
        "retrieve": Verb.READ_REPORTS,
        "change": Verb.REPORT,
        "discard": Verb.REPORT,
    }
    if_match = frozenset({"change", "discard"})
    queryset = ProgressReport.objects.all()
    filters = ReportFilter
    order_by = ("-id",)
    serializer_class = work_shapes.ReportShape

    def read_filters(self, data: QueryDict) -> QuerySet[Any]:
        who = principal(self.request)
        found = ProgressReport.objects.readable_by(who)
        strict = ReportFilter.read(data, queryset=found, own=who.agencies(), controls=CONTROLS)
        refuse(strict.problems())
        return strict.qs  # type: ignore[no-any-return]  # django-filter is not typed

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        return {report.pk: work_shapes.of_report(report) for report in with_evidence(found)}

    def retrieve(self, request: Request, pk: int) -> Response:
        """A report, for whoever may read it; drafts for those who write and sign for its agency."""
        return tagged(report_as_is(readable_report(principal(request), pk).pk))

    @extend_schema(request=bodies.Written, responses=work_shapes.ReportShape)
    def change(self, request: Request, pk: int) -> Response:
        """Write on your agency's draft. Fields that are left out stay as they are."""
        who = principal(request)
        readable_report(who, pk)
        change_draft(pk, _written(parse_body(bodies.Written, request)), seen=seen_version(request), **acting(request))
        return tagged(report_as_is(pk))

    @extend_schema(request=None, responses={204: None})
    def discard(self, request: Request, pk: int) -> Response:
        """Throw your agency's draft away, with its evidence."""
        who = principal(request)
        readable_report(who, pk)
        throw_away(pk, seen=seen_version(request), who=who)
        return Response(status=204)


class ReportsOfMeasure(AnswersOutdated, ActionView):
    """What the agencies of one measure reported."""

    verbs: ClassVar[Verbs] = {"reports": Verb.READ_REPORTS, "report": WRITERS}
    queryset = Measure.objects.all()
    pagination_class = CursorPages
    serializer_class = work_shapes.ReportShape

    @extend_schema(responses=work_shapes.ReportShape(many=True))
    def reports(self, request: Request, pk: int) -> Response:
        """What its agencies reported, newest first: all of it for leads and the office, else one's own agency's."""
        measure = get_object_or_404(Measure.objects.readable_by(principal(request)), pk=pk)
        data = controls_of(request)
        who = principal(request)
        if not readable_on(who, holders(measure)):
            raise PermissionDenied
        page = page_of(sent_reports(who, measure), ("-id",), data)
        reports = with_evidence(ProgressReport.objects.filter(pk__in=page.keys))
        return paged(request, page, {one.pk: work_shapes.of_report(one) for one in reports}, work_shapes.ReportShape)

    @extend_schema(request=bodies.NewReport, responses={201: work_shapes.ReportShape})
    def report(self, request: Request, pk: int) -> Response:
        """Report progress for your agency, claim that its part is done, or begin a draft. A report is effective at
        once; a claim goes to your agency's approver, or to the office where it is signed already or needs no signing.
        The office enters reports on an agency's behalf and says in `source` how it came to know them."""
        measure = get_object_or_404(Measure.objects.readable_by(principal(request)), pk=pk)
        facts = parse_body(bodies.NewReport, request)
        agency = acting_agency(request, measure, facts.get("agency", ""), for_office=bool(facts.get("source")))
        make = _begin_draft if facts.get("draft") else _send
        return tagged(report_as_is(make(request, measure, agency, facts).pk), status=201)


def _send(request: Request, measure: Measure, agency: int, facts: Shaped) -> ProgressReport:
    words = {name: facts[name] for name in SAID if name in facts}
    report = ReportContent(
        **words, is_claim=facts.get("claim", False), source=facts.get("source", ""), form_key=form_key(request)
    )
    replaces = facts.get("replaces")
    if replaces:
        _check_replaced(request, replaces)
    return submit_report(measure.pk, agency, report, **acting(request), replaces=replaces)


def _check_replaced(request: Request, pk: int) -> None:
    try:
        readable_report(principal(request), pk)
    except Http404:
        # The address is right: what is wrong is a field of the body.
        text = _("没有这份填报，或您无权查看。")
        raise ValidationError({"replaces": ValidationError(text, code="unknown_value")}) from None


def _begin_draft(request: Request, measure: Measure, agency: int, facts: Shaped) -> ProgressReport:
    for name in ("source", "replaces", "signed_by", "signed_on", "division", "officer", "external_ref"):
        if facts.get(name):
            text = _("草稿不带这一项，请在提交时给出。")
            raise ValidationError({name: ValidationError(text, code="not_with_a_draft")})
    try:
        # 0 says that no draft is known: one that is there is Stale.
        return save_draft(measure.pk, agency, _written(facts), seen=0, **acting(request))
    except Stale as known:
        raise DraftExists(known.current) from None


def _written(facts: Shaped) -> Shaped:
    """What a draft keeps of a body."""
    words = {name: facts[name] for name in TEXTS if name in facts}
    return words | ({"is_claim": facts["claim"]} if "claim" in facts else {})


class EvidenceOfReport(AnswersOutdated, ActionView):
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
            found, is_new = add_evidence(pk, upload, **acting(request), form_key=form_key(request))
        except ValidationError as error:
            raise ValidationError({"file": error}) from None
        return Response(work_shapes.of_evidence(found), status=201 if is_new else 200)


class WhateverIsAccepted(BaseContentNegotiation):
    """A file comes as what it is; only what goes wrong is written by a renderer."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class EvidenceView(AnswersOutdated, ViewSet):
    """One file."""

    verbs: ClassVar[Verbs] = {"retrieve": Verb.READ_REPORTS, "remove": Verb.REPORT}
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "The file.")})
    def retrieve(self, request: Request, pk: int) -> FileResponse:
        """The file itself, with the content type that was found in it; for whoever may read the report."""
        only_parameters(request)
        return file_response(readable_evidence(principal(request), pk))

    @extend_schema(responses={204: None})
    def remove(self, request: Request, pk: int) -> Response:
        """Take a file off a report of your agency. One that no other report uses is deleted."""
        readable_evidence(principal(request), pk)
        remove_evidence(pk, **acting(request))
        return Response(status=204)


class TaskView(Conditional, GenericViewSet[Any]):
    """What waits for whom."""

    verbs: ClassVar[Verbs] = {"list": Verb.USE_DESK}
    filters = TaskFilter
    pagination_class = CursorPages
    serializer_class = work_shapes.TaskShape
    queryset = Measure.objects.none()  # tasks are no table, and the filter wants one

    def list(self, request: Request) -> Response:
        """待办: what waits for your agency, and for the office where you review; what is due first comes first. A task
        that was done is gone."""
        who, data = principal(request), request._request.GET
        strict = TaskFilter(data, queryset=self.queryset, controls=CONTROLS)
        refuse(strict.problems())
        named, kinds = strict.chosen("agency"), strict.chosen("kind")
        # None among them stands for agency=me: all of the own agencies, as without the parameter.
        wanted = None if not named or None in named else frozenset(named)
        if wanted and not wanted <= who.agencies():
            raise PermissionDenied
        tasks = tasks_of(who, today(), wanted)
        tasks = tasks.of_kinds(kinds) if kinds else tasks
        page = page_of_rows(tasks.keys, "tasks", data)
        read = {task.key: task for task in tasks.read([tasks.keys[at] for at in page.keys])}
        shown = {at: of_task(read[tasks.keys[at]]) for at in page.keys if tasks.keys[at] in read}
        return paged(request, page, shown, work_shapes.TaskShape)


def of_task(task: Task) -> dict[str, Any]:
    """In the shape of TaskShape."""
    return {
        "id": task.id,
        "kind": task.kind.value,
        "title": task.title,
        "sender": _of_party(task.sender),
        "receiver": _of_party(task.receiver),
        "created": task.created,
        "due": task.due,
        "address": settings.SITE_URL + task.address,
        "state": "overdue" if task.is_overdue else "open",
        "measure": task.measure_id,
        "subject": {"kind": task.subject, "id": task.subject_id},
    }


def _of_party(party: TaskParty) -> dict[str, Any]:
    return {"agency": party.agency_id, "name": party.name}


class MilestoneView(ReadView):
    """Steps of measures (阶段节点) that are planned or printed, of lists whose status you see. One that was withdrawn
    is gone. Writing them is for people."""

    told_by_log = True
    verbs: ClassVar[Verbs] = {"list": Verb.READ}
    queryset = Milestone.objects.all()
    filters = MilestoneFilter
    order_by = ("due_on", "id")
    serializer_class = work_shapes.MilestoneShape

    def read_filters(self, data: QueryDict) -> QuerySet[Any]:
        who, view = principal(self.request), self.view
        told = Milestone.objects.standing().filter(view.counts("measure__"), view.tells_status("measure__"))
        found = told if view.sees_status else Milestone.objects.none()
        strict = MilestoneFilter.read(data, queryset=found, own=who.agencies(), controls=CONTROLS)
        strict.on = view.on
        refuse(strict.problems())
        return strict.qs  # type: ignore[no-any-return]  # django-filter is not typed

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        rows = list(found.select_related("agency", "measure"))
        inner = self._inner([one.measure_id for one in rows])
        on = self.view.on
        return {one.pk: work_shapes.of_milestone(one, on, inner=one.measure_id in inner) for one in rows}

    def _inner(self, measures: list[int]) -> set[int]:
        """Those of the measures on which the caller may read what was written: the office, and who acts on them."""
        who = principal(self.request)
        if may(who, Verb.READ_REPORTS, ()):
            return set(measures)
        own = Duty.objects.of(agencies_for(who, Verb.READ_REPORTS)).filter(measure__in=measures)
        return set(own.values_list("measure_id", flat=True))
