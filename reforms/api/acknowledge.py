"""签收 by API."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agencies.access import Verb, agencies_for
from agencies.clock import today
from reforms.api.http import bodies
from reforms.api.http.authentication import principal
from reforms.api.http.base import ActionView, one_of, parse_body
from reforms.api.permissions import Verbs
from reforms.api.shapes import work as work_shapes
from reforms.models import Acknowledgement, Duty, ListEdition, ReformList
from reforms.reports.acknowledge import acknowledge


class AcknowledgeView(ActionView):
    """Taking note of a list."""

    verbs: ClassVar[Verbs] = {"acknowledge": Verb.REPORT}
    queryset = ReformList.objects.all()
    lookup_field = "slug"

    @extend_schema(request=bodies.ForAgency, responses=work_shapes.AcknowledgementShape)
    def acknowledge(self, request: Request, slug: str) -> Response:
        """签收: your agency has taken note of what the edition in force gives it to do. Again changes nothing."""
        edition = get_object_or_404(ListEdition, reform_list__slug=slug, is_in_force=True)
        who, named = principal(request), parse_body(bodies.ForAgency, request).get("agency", "")
        own = Duty.objects.of(agencies_for(who, Verb.REPORT)).filter(measure__reform_list=edition.reform_list_id)
        holding = sorted(own.order_by().values_list("agency_id", flat=True).distinct())
        made = acknowledge(edition.pk, one_of(holding, named), who=who, on=today())
        found = Acknowledgement.objects.select_related("agency", "edition__reform_list").get(pk=made.pk)
        return Response(work_shapes.of_acknowledgement(found))
