"""The page on which an agency writes a report, as a browser would fill it in and send it."""

from typing import Any

from django.test import Client
from lxml import html

from reforms.models import Measure


def address_of(measure: Measure) -> str:
    return f"/measures/{measure.pk}/report/"


def fields_of(text: str) -> dict[str, str]:
    """What a browser would send of the report form on a page (which drops the first line end of a text area)."""
    form = html.fromstring(text).xpath('//form[@id="report-form"]')[0]
    return {name: value.removeprefix("\n") for name, value in form.form_values() if name != "csrfmiddlewaretoken"}


def opened(client: Client, measure: Measure, **asked: Any) -> dict[str, str]:
    """The form as the page hands it out."""
    return fields_of(client.get(address_of(measure), asked).content.decode())


def keep(client: Client, measure: Measure, form: dict[str, Any], *, typing: bool = True) -> Any:
    """Send the form as a draft: as it is typed, or by the button."""
    headers = {"HX-Request": "true"} if typing else {}
    return client.post(f"/measures/{measure.pk}/draft/", form, headers=headers)


def send(client: Client, measure: Measure, form: dict[str, Any]) -> Any:
    return client.post(address_of(measure), form)
