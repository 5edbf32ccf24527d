"""需协调事项 as lists: which of them somebody may read, narrowed down by state, agency and list."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from agencies.access.principal import Principal
from agencies.models import Agency
from reforms.models import Matter, ReformList
from reforms.reports.permissions import readable_matters

LIVING = "living"


class MatterForm(forms.Form):
    """The filters of the address; without `state` those that live are meant."""

    state = forms.ChoiceField(choices=[(LIVING, LIVING), *Matter.State.choices], required=False)
    agency = forms.ModelChoiceField(Agency.objects.known(), required=False)
    list = forms.ModelChoiceField(ReformList.objects.all(), to_field_name="slug", required=False)
    measure = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


@dataclass(frozen=True, slots=True)
class ShownMatters:
    """The matters an address asks for, the oldest first, and what it asked for."""

    matters: QuerySet[Matter]
    state: str
    agency: Agency | None
    reform_list: ReformList | None
    query: str


def shown_matters(data: QueryDict, who: Principal) -> ShownMatters | None:
    """None where the address cannot be read."""
    form = MatterForm(data)
    if not form.is_valid() or set(data) - {*form.fields, "page"}:
        return None
    said = form.cleaned_data
    state = said["state"] or LIVING
    found = readable_matters(who)
    found = found.filter(state__in=("open", "taken")) if state == LIVING else found.filter(state=state)
    if said["agency"]:
        found = found.filter(agency=said["agency"])
    if said["list"]:
        found = found.filter(measure__reform_list=said["list"])
    if said["measure"]:
        found = found.filter(measure=said["measure"])
    query = urlencode([(name, value) for name, value in data.items() if value and name != "page"])
    found = found.select_related("agency", "measure__item", "measure__reform_list").order_by("raised_on", "pk")
    return ShownMatters(found, state, said["agency"], said["list"], query)
