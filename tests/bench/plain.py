"""The average project over the same tables: DRF with a serializer, prefetch and numbered pages; django-filter; a list
page whose facets are each a GROUP BY. It shows what the portal's pages show, knows no rights and no past days."""

import datetime as dt

import django_filters as df
from django.core.paginator import Paginator
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from rest_framework import generics, pagination, renderers, serializers

from agencies.access import Verb, access, today
from agencies.models import Agency
from reforms.models import DUE_SOON_DAYS, Assignment, Item, Measure, ReformList, Section
from tests.bench import bare

PAGE = 50


class AgencySerializer(serializers.ModelSerializer[Agency]):
    class Meta:
        model = Agency
        fields = ("id", "name", "full_name")


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    agency = AgencySerializer()

    class Meta:
        model = Assignment
        fields = ("part", "printed_name", "agency")


class ListSerializer(serializers.ModelSerializer[ReformList]):
    class Meta:
        model = ReformList
        fields = ("slug", "title")


class SectionSerializer(serializers.ModelSerializer[Section]):
    class Meta:
        model = Section
        fields = ("number", "title")


class ItemSerializer(serializers.ModelSerializer[Item]):
    class Meta:
        model = Item
        fields = ("number", "title", "is_national")


class MeasureSerializer(serializers.ModelSerializer[Measure]):
    list = ListSerializer(source="reform_list")
    section = SectionSerializer()
    item = ItemSerializer()
    assignments = AssignmentSerializer(many=True)

    class Meta:
        model = Measure
        fields = (
            *("id", "list", "section", "item", "seq_in_item", "title", "text", "lead_note", "assignments"),
            *("deadline_text", "deadline", "deadline_in_force", "is_standing", "status", "disposition"),
            *("last_report_on", "closed_on", "result", "updated_at", "version", "row"),
        )


class MeasureFilters(df.FilterSet):
    lead = df.NumberFilter(method="by_lead")
    deadline_before = df.DateFilter(field_name="deadline_in_force", lookup_expr="lte")
    search = df.CharFilter(method="by_words")

    class Meta:
        model = Measure
        fields = ("reform_list", "section", "status", "is_standing", "item__is_national")

    def by_lead(self, found: QuerySet[Measure], _name: str, value: int) -> QuerySet[Measure]:
        return found.filter(assignments__agency=value, assignments__part="lead").distinct()

    def by_words(self, found: QuerySet[Measure], _name: str, value: str) -> QuerySet[Measure]:
        return found.filter(Q(title__icontains=value) | Q(text__icontains=value) | Q(item__title__icontains=value))


class Pages(pagination.PageNumberPagination):
    page_size = PAGE


def measures() -> QuerySet[Measure]:
    return Measure.objects.filter(disposition="active").order_by("reform_list_id", "row", "id")


class MeasureApi(generics.ListAPIView[Measure]):
    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (renderers.JSONRenderer,)
    serializer_class = MeasureSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Measure]:
        beside = measures().select_related("reform_list", "section", "item")
        found: QuerySet[Measure] = MeasureFilters(self.request.GET, beside.prefetch_related("assignments__agency")).qs
        return found


FACETS = ("reform_list__title", "section__title", "deadline_in_force", "status", "light", "item__is_national")
PLAIN_PAGE = """<!doctype html><title>Measures</title><form><input name="search"></form>
{% for name, values in facets %}<h2>{{ name }}</h2><ul>{% for value, n in values %}
<li><a href="?{{ name }}={{ value }}">{{ value }}</a> {{ n }}</li>{% endfor %}</ul>{% endfor %}
<table>{% for measure in page %}<tr><td>{{ measure.item.number }}</td>
<td><a href="/measures/{{ measure.pk }}/">{{ measure.title }}</a> {{ measure.text }}</td>
<td>{% for beside in measure.assignments.all %}{{ beside.part }} {{ beside.agency.name }} {% endfor %}</td>
<td>{{ measure.deadline_text }}</td><td>{{ measure.deadline_in_force|date:"Y-m-d" }}</td><td>{{ measure.light }}</td>
</tr>{% endfor %}</table>
<p>{{ page.number }} / {{ page.paginator.num_pages }}, {{ page.paginator.count }}</p>"""


def light() -> Case:
    """By deadline and status alone."""
    on = today()
    cases = (
        When(status="closed", then=Value("closed")),
        When(is_standing=True, then=Value("standing")),
        When(deadline_in_force__lt=on, then=Value("overdue")),
        When(deadline_in_force__lte=on + dt.timedelta(days=DUE_SOON_DAYS), then=Value("due_soon")),
    )
    return Case(*cases, default=Value("on_track"), output_field=CharField())


@access(Verb.READ)
def measures_page(request: HttpRequest) -> HttpResponse:
    """A page of 50 with six facets."""
    found: QuerySet[Measure] = MeasureFilters(request.GET, measures().annotate(light=light())).qs
    counted = [
        (name, list(found.order_by().values_list(name).annotate(n=Count("pk", distinct=True)).order_by("-n")[:100]))
        for name in FACETS
    ]
    rows = found.select_related("item").prefetch_related("assignments__agency").annotate(number=F("item__number"))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    template = engines["django"].from_string(PLAIN_PAGE)
    return HttpResponse(template.render({"facets": counted, "page": page}, request))


urlpatterns = [
    *bare.urlpatterns,
    path("plain/measures/", measures_page),
    path("plain/api/measures", access(Verb.READ)(MeasureApi.as_view())),
]
handler400, handler403, handler404, handler500 = bare.handler400, bare.handler403, bare.handler404, bare.handler500
