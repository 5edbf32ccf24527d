"""The API's views: they read the address, ask the queries that the pages ask, and shape the answer."""

import datetime as dt
import hashlib
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from agencies.clock import today
from agencies.models import Agency
from agencies.rules import Verb, agencies_for
from reforms.api import shapes
from reforms.api.authentication import principal
from reforms.api.pages import CONTROLS, Page, page_of
from reforms.api.problems import BadParameters
from reforms.api.schema import CursorPages
from reforms.duties import holders
from reforms.filters import (
    AgencyFilter,
    FilterProblem,
    ItemFilter,
    MeasureFilter,
    SectionFilter,
    StrictFilter,
    read_agencies,
    read_day,
    read_slugs,
)
from reforms.life.reporting import Said, submit_report
from reforms.models import Duty, Item, Measure, ProgressReport, ReformList, Section
from reforms.overview import totals_of
from reforms.printed import with_counts
from reforms.reading import readable_reports
from reforms.rows import measure_rows
from reforms.viewpoint import viewpoint

READ = {"list": Verb.READ, "retrieve": Verb.READ}
Shaped = dict[str, Any]
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Sent again it makes no second report."
)


@method_decorator(conditional_page, name="dispatch")
class ReadView(GenericViewSet[Any]):
    """Lists by filters and cursor pages, and single objects."""

    verbs: ClassVar[dict[str, Verb]] = READ
    filters: ClassVar[type[StrictFilter] | None] = None
    order_by: ClassVar[tuple[str, ...]] = ("id",)
    pagination_class = CursorPages
    queryset: Any

    def list(self, request: Request) -> Response:
        data = request._request.GET
        found = self.read_filters(data)
        page = page_of(found, self.order_by, data)
        return self.answer(request, page, self.shape_all(found.model._default_manager.filter(pk__in=page.keys)))

    def read_filters(self, data: QueryDict) -> QuerySet[Any]:
        strict = (self.filters or StrictFilter)(data, queryset=self.queryset.all(), controls=CONTROLS)
        refuse(strict.problems())
        found: QuerySet[Any] = strict.qs
        return found

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        """Every object of a page in its shape, by primary key."""
        raise NotImplementedError

    def answer(self, request: Request, page: Page, shaped: dict[int, Shaped]) -> Response:
        return paged(request, page, shaped, self.serializer_class)


def paged(request: Request, page: Page, shaped: dict[int, Shaped], serializer: Any) -> Response:
    """The answer for one page: its objects in order, with the fields asked for."""
    results = [shaped[key] for key in page.keys if key in shaped]
    names = _wanted_fields(request._request.GET, serializer)
    if names:
        results = [{name: one[name] for name in names} for one in results]
    here = request.build_absolute_uri(request.path)
    body: Shaped = {
        "next": f"{here}?{page.next}" if page.next else None,
        "previous": f"{here}?{page.previous}" if page.previous else None,
    }
    if page.count is not None:
        body["count"] = page.count
    return Response(body | {"results": results})


def controls_of(request: Request) -> QueryDict:
    """The parameters of an address that takes no filters."""
    data = request._request.GET
    refuse(StrictFilter(data, queryset=ProgressReport.objects.none(), controls=CONTROLS).problems())
    return data


def refuse(problems: "list[FilterProblem]") -> None:
    """Answer 401 when signing in would help, else 400 naming every parameter."""
    if problems and all(problem.code in {"not_public", "not_signed_in"} for problem in problems):
        raise NotAuthenticated(problems[0].message)
    if problems:
        raise BadParameters(problems)


def _wanted_fields(data: QueryDict, serializer: Any) -> tuple[str, ...]:
    names = tuple(name for name in data.get("fields", "").split(",") if name)
    unknown = sorted(set(names) - set(serializer().fields))
    if unknown:
        refuse([FilterProblem("fields", "unknown_value", _("没有字段“%(name)s”。") % {"name": unknown[0]})])
    return names


class ListView(ReadView):
    """Published lists."""

    queryset = ReformList.objects.all()
    serializer_class = shapes.ReformListShape
    lookup_field = "slug"

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        rows = found.prefetch_related("editions")
        return {row.pk: self._shape(row) for row in rows}

    def _shape(self, row: ReformList) -> Shaped:
        edition = next((edition for edition in row.editions.all() if edition.is_in_force), None)
        return {
            "slug": row.slug,
            "title": row.title,
            "year": row.year,
            "public_status": row.public_status,
            "edition": edition.number if edition else None,
            "url": self.request.build_absolute_uri(row.get_absolute_url()),
        }

    def retrieve(self, request: Request, slug: str) -> Response:
        row = get_object_or_404(ReformList, slug=slug)
        return Response(self.shape_all(ReformList.objects.filter(pk=row.pk))[row.pk])


class SectionView(ReadView):
    """Sections of the editions in force."""

    verbs: ClassVar[dict[str, Verb]] = {"list": Verb.READ}
    queryset = Section.objects.filter(pk__in=Measure.objects.counted().values("section"))
    filters = SectionFilter
    order_by = ("reform_list_id", "number", "id")
    serializer_class = shapes.SectionShape

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        counted = Section.objects.filter(pk__in=found.values("pk")).with_counts()
        rows: QuerySet[Any] = counted.select_related("reform_list")
        return {
            row.pk: {
                "list": row.reform_list.slug,
                "number": row.number,
                "title": row.title,
                "title_en": row.title_en,
                "items": row.item_count,
                "measures": row.measure_count,
                "url": self.request.build_absolute_uri(row.get_absolute_url()),
            }
            for row in rows
        }


class ItemView(ReadView):
    """Items of the editions in force."""

    queryset = Item.objects.filter(pk__in=Measure.objects.counted().values("item"))
    filters = ItemFilter
    order_by = ("reform_list_id", "number", "id")
    serializer_class = shapes.ItemShape

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        measures = Prefetch("measures", Measure.objects.only("item_id", "disposition").order_by("seq_in_item"))
        rows = found.select_related("reform_list", "section").prefetch_related(measures)
        return {row.pk: shapes.of_item(row) for row in rows}

    def retrieve(self, request: Request, pk: int) -> Response:
        shaped = self.shape_all(Item.objects.filter(pk=pk))
        if not shaped:
            raise Http404
        return Response(shaped[pk])


class AgencyView(ReadView):
    """Agencies: every printed name, and the members of groups."""

    queryset = Agency.objects.known()
    filters = AgencyFilter
    serializer_class = shapes.AgencyShape

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        rows = with_counts(found.prefetch_related("other_names", "members"))
        return {row.pk: self._shape(row) for row in rows}

    def _shape(self, row: Any) -> Shaped:
        told = ("name", "full_name", "name_en", "credit_code", "kind", "lead", "responsible")
        return {
            "id": row.pk,
            **{name: getattr(row, name) for name in told},
            "other_names": [other.name for other in row.other_names.all()],
            "members": [member.pk for member in row.members.all()],
            "url": self.request.build_absolute_uri(row.get_absolute_url()),
        }

    def retrieve(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(Agency, pk=pk)
        if found.merged_into_id:  # a second spelling: its address leads on to the agency itself
            address = reverse("api-agency", args=[found.merged_into_id])
            return Response(status=301, headers={"Location": request.build_absolute_uri(address)})
        return Response(self.shape_all(Agency.objects.filter(pk=pk))[pk])


class MeasureView(ReadView):
    """Measures, and the reports made on them."""

    verbs: ClassVar[dict[str, Verb]] = {**READ, "reports": Verb.READ_REPORTS, "report": Verb.REPORT}
    queryset = Measure.objects.counted()
    filters = MeasureFilter
    serializer_class = shapes.MeasureShape

    def list(self, request: Request) -> Response:
        data = request._request.GET
        filters = MeasureFilter.read(data, who=principal(request), today=today(), controls=CONTROLS)
        refuse(filters.problems())
        page = page_of(filters.measures(), filters.order_by, data)
        rows = measure_rows(Measure.objects.filter(pk__in=page.keys), filters.view)
        via = self._via(request, page) if None in (filters.chosen("agency") or ()) else {}
        return self.answer(request, page, {row.id: shapes.of_measure(row, via.get(row.id)) for row in rows})

    def _via(self, request: Request, page: Page) -> dict[int, Agency]:
        """The group through which the caller has each measure of the page."""
        own = principal(request).agencies()
        duties = Duty.objects.of(own).filter(measure__in=page.keys).exclude(via=None).select_related("via")
        return {duty.measure_id: duty.via for duty in duties if duty.via}

    def retrieve(self, request: Request, pk: int) -> Response:
        measure = get_object_or_404(Measure.objects.select_related("reform_list"), pk=pk)
        view = viewpoint(principal(request), today(), [measure.reform_list.slug])
        return Response(shapes.of_measure(measure_rows(Measure.objects.filter(pk=pk), view)[0]))

    @extend_schema(responses=shapes.ReportShape(many=True))
    def reports(self, request: Request, pk: int) -> Response:
        """What its agencies reported, newest first: all of it for leads and the office, else one's own agency's."""
        measure = get_object_or_404(Measure, pk=pk)
        data = controls_of(request)
        readable = readable_reports(principal(request), holders(measure))
        if not readable:
            raise PermissionDenied
        page = page_of(readable.of(measure), ("-id",), data)
        reports = ProgressReport.objects.filter(pk__in=page.keys).select_related("agency")
        return paged(request, page, {report.pk: shapes.of_report(report) for report in reports}, shapes.ReportShape)

    @extend_schema(
        request=shapes.NewReport,
        responses={201: shapes.ReportShape},
        parameters=[IDEMPOTENCY_KEY],
    )
    def report(self, request: Request, pk: int) -> Response:
        """Report progress for your agency. Effective at once; the measure moves from not_reported to in_progress."""
        measure = get_object_or_404(Measure, pk=pk)
        new = shapes.NewReport(data=request.data)
        new.is_valid(raise_exception=True)
        facts = dict(new.validated_data)
        agency = _reporting_agency(request, measure, facts.pop("agency", ""))
        said = Said(**facts, form_key=form_key(request))
        report = submit_report(pk, agency, said, who=principal(request), on=today())
        return Response(shapes.of_report(report), status=201)


def form_key(request: Request) -> str:
    """The Idempotency-Key, of whatever length, as the key of a form; empty when there is none."""
    key = request.headers.get("Idempotency-Key", "")
    return hashlib.sha256(key.encode()).hexdigest()[:40] if key else ""


def _reporting_agency(request: Request, measure: Measure, named: str) -> int:
    """The caller's agency among those that must act; refused where there is none or it is not clear which."""
    own = agencies_for(principal(request), Verb.REPORT)
    holding = [duty.agency_id for duty in holders(measure) if duty.agency_id in own]
    wanted = read_agencies([named])[0] if named else None
    found = [agency for agency in holding if wanted in (None, agency)]
    if not found:
        raise PermissionDenied
    if len(found) > 1:
        raise BadParameters([FilterProblem("agency", "required", _("您代表多个单位，请写明 agency。"))])
    return found[0]


class MeView(ViewSet):
    """Who you are to the portal."""

    verbs: ClassVar[dict[str, Verb]] = {"retrieve": Verb.USE_DESK}

    @extend_schema(responses=shapes.MeShape)
    def retrieve(self, request: Request) -> Response:
        who = principal(request)
        agencies = Agency.objects.in_bulk(who.agencies())
        roles = [{"agency": {"id": pk, "name": agencies[pk].name}, "role": str(role)} for role, pk in sorted(who.roles)]
        kind = "token" if who.token_id else "person"
        return Response({"label": who.label, "kind": kind, "read_only": who.read_only, "roles": roles})


@method_decorator(conditional_page, name="dispatch")
class StatsView(ViewSet):
    """The counts of the overview."""

    verbs: ClassVar[dict[str, Verb]] = {"retrieve": Verb.READ}

    @extend_schema(
        responses=shapes.StatsShape,
        parameters=[
            OpenApiParameter("list", str, many=True, explode=True, description="Slugs of lists; all by default."),
            OpenApiParameter("on", dt.date, description="As of this business date; today by default."),
        ],
    )
    def retrieve(self, request: Request) -> Response:
        data = request._request.GET
        strangers = sorted(set(data) - {"list", "on"})
        refuse([FilterProblem(name, "unknown_parameter", _("没有这个参数。")) for name in strangers])
        try:
            slugs = read_slugs(data.getlist("list"))
        except ValidationError as error:
            raise BadParameters([FilterProblem("list", "unknown_value", error.messages[0])]) from None
        lists = list(ReformList.objects.filter(slug__in=slugs) if slugs else ReformList.objects.all())
        view = viewpoint(principal(request), _day(data.get("on", "")) or today(), slugs, today=today())
        return Response(_stats(lists, totals_of(lists, view), view.on))


def _day(text: str) -> dt.date | None:
    try:
        return read_day(text.strip()) if text.strip() else None
    except ValidationError as error:
        raise BadParameters([FilterProblem("on", "invalid_date", error.messages[0])]) from None


def _stats(lists: list[ReformList], totals: Any, on: Any) -> Shaped:
    counts = ("sections", "items", "national_items", "measures", "agency_names", "dated", "standing")
    return {
        "on": on,
        "lists": [found.slug for found in lists],
        **{name: getattr(totals, name) for name in counts},
        "lights": {counted.light.value: counted.count for counted in totals.lights} or None,
    }
