"""The API's views of lists and measures: they read the address, ask what the pages ask, and shape the answer."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from agencies.access import Verb, today
from agencies.models import Agency, ChangeHead
from reforms.api.http.authentication import principal
from reforms.api.http.base import ReadView, Shaped, only_parameters, refuse
from reforms.api.http.cursors import CONTROLS, Page, page_of
from reforms.api.http.etags import Conditional, etag_of, tagged
from reforms.api.http.problems import BadParameters
from reforms.api.measure_json import MEASURES
from reforms.api.schema import SequencedPages
from reforms.api.shapes import lists as shapes
from reforms.api.snapshots import measure_as_seen
from reforms.catalogue.filters import AgencyFilter, ItemFilter, MeasureFilter, SectionFilter, read_slugs
from reforms.catalogue.found import searched_first
from reforms.catalogue.overview import (
    PrintedCounts,
    Stats,
    counted_and_later,
    lists_of_overview,
    printed_counts,
    stats_of,
)
from reforms.catalogue.rows import (
    Viewpoint,
    counted_measures,
    measure_rows,
    of_measure,
    sections_with_counts,
    viewpoint,
)
from reforms.lib.filters import FilterProblem, check_not_ahead, read_day
from reforms.models import Duty, Item, Measure, ReformList, ReformListQuerySet, Section, is_open_to


class ListView(ReadView):
    """Published lists."""

    told_by_log = True
    queryset = ReformList.objects.all()
    serializer_class = shapes.ReformListShape
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Any]:
        return ReformList.objects.readable_by(principal(self.request))

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        rows = found.prefetch_related("editions")
        return {row.pk: self._shape(row) for row in rows}

    def _shape(self, row: ReformList) -> Shaped:
        edition = next((edition for edition in row.editions.all() if edition.is_in_force), None)
        return {
            "slug": row.slug,
            "title": row.title,
            "short_title": row.short_title,
            "year": row.year,
            "issuer": row.issuer,
            "document_number": row.document_number,
            "issued_on": row.issued_on,
            "link": row.link,
            "licence": row.licence,
            "archived_on": row.archived_on,
            "public_status": row.public_status,
            "edition": edition.number if edition else None,
            "url": self.request.build_absolute_uri(row.get_absolute_url()),
        }

    def retrieve(self, request: Request, slug: str) -> Response:
        row = get_object_or_404(self.get_queryset(), slug=slug)
        return Response(self.shape_all(ReformList.objects.filter(pk=row.pk))[row.pk])


class SectionView(ReadView):
    """Sections of the editions in force."""

    told_by_log = True
    verbs: ClassVar[dict[str, Verb]] = {"list": Verb.READ}
    queryset = Section.objects.all()
    filters = SectionFilter
    order_by = ("reform_list_id", "number", "id")
    serializer_class = shapes.SectionShape

    def get_queryset(self) -> QuerySet[Any]:
        return Section.objects.filter(Exists(counted_measures(self.view).filter(section=OuterRef("pk"))))

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        counted = sections_with_counts(found, self.view)
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

    told_by_log = True
    queryset = Item.objects.all()
    filters = ItemFilter
    order_by = ("reform_list_id", "number", "id")
    serializer_class = shapes.ItemShape

    def get_queryset(self) -> QuerySet[Any]:
        return Item.objects.filter(Exists(counted_measures(self.view).filter(item=OuterRef("pk"))))

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        return self._shapes(found, self.view)

    def _shapes(self, found: QuerySet[Any], view: Viewpoint) -> dict[int, Shaped]:
        measures = Prefetch("measures", counted_measures(view).only("item_id").order_by("seq_in_item"))
        rows = found.select_related("reform_list", "section").prefetch_related(measures)
        return {row.pk: shapes.of_item(row) for row in rows}

    def retrieve(self, request: Request, pk: int) -> Response:
        found = Item.objects.filter(is_open_to(principal(request), "reform_list__"), pk=pk)
        # Named by its id, it is shown from an archived list too.
        shaped = self._shapes(found, replace(self.view, archived=True))
        if not shaped:
            raise Http404
        return Response(shaped[pk])


class AgencyView(ReadView):
    """Agencies: every printed name, and the members of groups."""

    told_by_log = True
    queryset = Agency.objects.known()
    filters = AgencyFilter
    serializer_class = shapes.AgencyShape

    def shape_all(self, found: QuerySet[Any]) -> dict[int, Shaped]:
        rows = list(found.prefetch_related("other_names", "members"))
        counts = printed_counts(self.view)
        return {row.pk: self._shape(row, counts.get(row.pk, PrintedCounts())) for row in rows}

    def _shape(self, row: Agency, counts: PrintedCounts) -> Shaped:
        told = ("name", "full_name", "name_en", "credit_code", "kind")
        return {
            "id": row.pk,
            **{name: getattr(row, name) for name in told},
            "lead": counts.lead,
            "responsible": counts.responsible,
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
    """Measures. The first page of a list names the sequence from which `changes` goes on."""

    told_by_log = True
    queryset = Measure.objects.counted()
    filters = MeasureFilter
    pagination_class = SequencedPages
    serializer_class = shapes.MeasureShape

    def list(self, request: Request) -> Response:
        data = request._request.GET
        filters = MeasureFilter.read(data, who=principal(request), today=today(), controls=CONTROLS)
        refuse(filters.problems())
        page = page_of(searched_first(filters.sortable(), filters), filters.order_by, data)
        answer = self.answer(request, page, self._shaped(request, page, filters))
        answer.headers["ETag"] = etag_of(answer.data, on=filters.view.on)
        if not data.get("cursor"):
            # The sequence of before the rows were read: what is written meanwhile comes with `changes`, and is not
            # missed. Not part of the ETag: from an earlier sequence on nothing is missed either.
            answer.data |= {"sequence": self.head.sequence, "on": filters.view.on}
        return answer

    def _shaped(self, request: Request, page: Page, filters: MeasureFilter) -> Mapping[int, Any]:
        # None among the agencies stands for agency=me.
        via = self._via(request, page) if None in (filters.chosen("agency") or ()) else {}
        # A part of an object is taken from its values, and so is what somebody sees otherwise than others.
        apart = frozenset(page.keys if request._request.GET.get("fields") else via)
        kept = MEASURES.of([pk for pk in page.keys if pk not in apart], filters.view, self.head)
        rows = measure_rows(Measure.objects.filter(pk__in=apart), filters.view) if apart else []
        return {**kept, **{row.id: of_measure(row, via.get(row.id)) for row in rows}}

    def _via(self, request: Request, page: Page) -> dict[int, Agency]:
        """The group through which the caller has each measure of the page."""
        own = principal(request).agencies()
        duties = Duty.objects.of(own).filter(measure__in=page.keys).exclude(via=None).select_related("via")
        return {duty.measure_id: duty.via for duty in duties if duty.via}

    def retrieve(self, request: Request, pk: int) -> Response:
        return tagged(measure_as_seen(pk, principal(request)))


class MeView(ViewSet):
    """Who you are to the portal."""

    verbs: ClassVar[dict[str, Verb]] = {"retrieve": Verb.USE_DESK}

    @extend_schema(responses=shapes.MeShape)
    def retrieve(self, request: Request) -> Response:
        only_parameters(request)
        who, (sequence, _hash) = principal(request), ChangeHead.reached()
        agencies = Agency.objects.in_bulk(who.agencies())
        roles = [{"agency": {"id": pk, "name": agencies[pk].name}, "role": str(role)} for role, pk in sorted(who.roles)]
        kind = "token" if who.token_id else "person"
        said = {"label": who.label, "kind": kind, "read_only": who.read_only, "roles": roles, "reach": who.reach}
        return Response(said | {"sequence": sequence, "on": today()})


class StatsView(Conditional, ViewSet):
    """The counts of the overview."""

    told_by_log = True
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
        only_parameters(request, "list", "on")
        try:
            slugs = read_slugs(data.getlist("list"))
        except ValidationError as error:
            raise BadParameters([FilterProblem("list", "unknown_value", error.messages[0])]) from None
        lists = lists_of_overview(principal(request), slugs)
        if slugs and not lists.exists():
            raise BadParameters([FilterProblem("list", "unknown_value", _("没有这份清单。"))])
        view = viewpoint(principal(request), _day(data.get("on", "")) or today(), slugs, today=today())
        counted, _later = counted_and_later(lists, view)
        return Response(_stats(counted, stats_of(view, slugs), view.on))


def _day(text: str) -> dt.date | None:
    try:
        day = read_day(text.strip()) if text.strip() else None
        check_not_ahead(day or today(), today())
    except ValidationError as error:
        raise BadParameters([FilterProblem("on", error.code or "", error.messages[0])]) from None
    return day


def _stats(lists: ReformListQuerySet, stats: Stats, on: dt.date) -> Shaped:
    totals = stats.totals
    return {
        "on": on,
        "lists": list(lists.values_list("slug", flat=True)),
        "sections": stats.sections,
        "items": totals.items,
        "national_items": stats.national_items,
        "measures": totals.measures,
        "agency_names": stats.agency_names,
        "dated": totals.dated,
        "standing": totals.standing,
        "lights": {counted.light.value: counted.count for counted in totals.lights} or None,
    }
