"""What the API's objects look like: the serializers write them and are what the OpenAPI document is made of."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers as s

from agencies.models import Agency, Role
from reforms.models import Disposition, Item, Light, Status


class Shape(s.Serializer[Any]):
    """A read-only object; every field is always there, null where there is nothing or it may not be seen."""


class ListRef(Shape):
    slug = s.CharField()
    title = s.CharField()


class SectionRef(Shape):
    number = s.IntegerField()
    title = s.CharField()


class ItemRef(Shape):
    number = s.IntegerField(help_text="The item's number in the edition in force.")
    title = s.CharField()
    national = s.BooleanField(help_text="Marked * : one of the national tasks.")


class PartyShape(Shape):
    """An agency as printed beside a measure."""

    id = s.IntegerField()
    name = s.CharField(help_text="As printed.")
    full_name = s.CharField()
    status = s.ChoiceField(choices=Status.choices, allow_null=True, help_text="Its own status; null for groups.")


class SourceShape(Shape):
    """Where the measure is printed."""

    edition = s.IntegerField()
    file = s.CharField()
    row = s.IntegerField()


class AgencyRef(Shape):
    id = s.IntegerField()
    name = s.CharField()


class MeasureShape(Shape):
    id = s.IntegerField()
    list = ListRef()
    section = SectionRef()
    item = ItemRef()
    seq_in_item = s.IntegerField()
    title = s.CharField(help_text="The measure's own title; for most the item's.")
    text = s.CharField()
    lead_note = s.CharField(help_text="As printed after the leads: each answers for its part; or empty.")
    lead = PartyShape(many=True)
    responsible = PartyShape(many=True)
    via = AgencyRef(allow_null=True, help_text="With agency=me: the group through which you have the duty, else null.")
    deadline_text = s.CharField(help_text="As printed.")
    deadline = s.DateField(allow_null=True, help_text="As printed: the last day on time.")
    deadline_in_force = s.DateField(allow_null=True, help_text="After extensions and adjustments.")
    standing = s.BooleanField(help_text="Printed as in place and to be kept so: never overdue.")
    status = s.ChoiceField(choices=Status.choices, allow_null=True)
    light = s.ChoiceField(choices=Light.choices, allow_null=True, help_text="Derived, as of `on`.")
    disposition = s.ChoiceField(choices=Disposition.choices)
    last_report_on = s.DateField(allow_null=True)
    closed_on = s.DateField(allow_null=True)
    result = s.CharField(allow_null=True, help_text="What the office released of how a closed measure turned out.")
    updated_at = s.DateTimeField(allow_null=True)
    version = s.IntegerField(allow_null=True)
    source = SourceShape()  # type: ignore[assignment]  # a Field has an attribute of this name
    url = s.URLField()


class ReformListShape(Shape):
    slug = s.CharField()
    title = s.CharField()
    short_title = s.CharField()
    year = s.IntegerField()
    issuer = s.CharField()
    document_number = s.CharField()
    issued_on = s.DateField(allow_null=True, help_text="Date of the document by which the list was issued.")
    link = s.CharField(help_text="Where the document is published.")
    licence = s.CharField()
    archived_on = s.DateField(allow_null=True, help_text="No longer worked on since then; listed where it is named.")
    public_status = s.BooleanField(help_text="Whether status, lights and counts are shown to everyone.")
    edition = s.IntegerField(allow_null=True, help_text="Number of the edition in force.")
    url = s.URLField()


class SectionShape(Shape):
    list = s.CharField(help_text="Slug of the list.")
    number = s.IntegerField()
    title = s.CharField()
    title_en = s.CharField()
    items = s.IntegerField()
    measures = s.IntegerField()
    url = s.URLField()


class ItemShape(Shape):
    id = s.IntegerField()
    list = s.CharField(help_text="Slug of the list.")
    section = s.IntegerField(help_text="Number of the section.")
    number = s.IntegerField()
    title = s.CharField()
    national = s.BooleanField()
    measures = s.ListField(child=s.IntegerField(), help_text="Ids of its measures in order.")
    url = s.URLField()


class AgencyShape(Shape):
    id = s.IntegerField()
    name = s.CharField()
    full_name = s.CharField()
    name_en = s.CharField()
    credit_code = s.CharField(help_text="Unified social credit code.")
    kind = s.ChoiceField(choices=Agency.Kind.choices)
    other_names = s.ListField(child=s.CharField())
    members = s.ListField(child=s.IntegerField(), help_text="Ids of a group's members.")
    lead = s.IntegerField(help_text="Measures beside which it is printed as lead.")
    responsible = s.IntegerField(help_text="Measures beside which it is printed as responsible.")
    url = s.URLField()


class LightCountsShape(Shape):
    overdue = s.IntegerField()
    due_soon = s.IntegerField()
    on_track = s.IntegerField()
    awaiting_report = s.IntegerField()
    under_review = s.IntegerField()
    closed = s.IntegerField()
    standing = s.IntegerField()


class StatsShape(Shape):
    on = s.DateField(help_text="Business date in Asia/Shanghai.")
    lists = s.ListField(child=s.CharField())
    sections = s.IntegerField()
    items = s.IntegerField()
    national_items = s.IntegerField()
    measures = s.IntegerField()
    agency_names = s.IntegerField()
    dated = s.IntegerField()
    standing = s.IntegerField()
    lights = LightCountsShape(allow_null=True)


class MyPlaceShape(Shape):
    agency = AgencyRef()
    role = s.ChoiceField(choices=Role.choices)


class MeShape(Shape):
    label = s.CharField()  # type: ignore[assignment]  # as above
    kind = s.ChoiceField(choices=[("token", "token"), ("person", "person")])
    read_only = s.BooleanField()  # type: ignore[assignment]  # as above
    roles = MyPlaceShape(many=True)
    reach = s.CharField(help_text="Another one when your roles or agencies are: a copy begins anew.")
    sequence = s.IntegerField(help_text="Where the change log stands: `changes?after=` goes on from here.")
    on = s.DateField(help_text="Business date in Asia/Shanghai.")


def refuse_unknown(serializer: s.Serializer[Any], attrs: dict[str, Any]) -> dict[str, Any]:
    """What was sent, when it holds only fields that exist. Raises ValidationError naming the others."""
    # JSON can name half a surrogate pair ("\ud800"), which no answer in UTF-8 could repeat.
    sent = {name.encode("utf-8", "backslashreplace").decode() for name in serializer.initial_data}
    unknown = sorted(sent - set(serializer.fields))
    if unknown:
        raise s.ValidationError({name: s.ErrorDetail(_("没有这个字段。"), code="unknown_field") for name in unknown})
    return attrs


def of_item(item: Item) -> dict[str, Any]:
    """An item with `section` and the `measures` that count loaded, in the shape of ItemShape."""
    return {
        "id": item.pk,
        "list": item.reform_list.slug,
        "section": item.section.number,
        "number": item.number,
        "title": item.title,
        "national": item.is_national,
        "measures": [measure.pk for measure in item.measures.all()],
        "url": settings.SITE_URL + item.get_absolute_url(),
    }
