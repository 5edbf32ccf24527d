"""The desk's few notices."""

from typing import Any

from django import template

from agencies.access import principal_of
from reforms.notices import inbox

register = template.Library()


@register.simple_tag(takes_context=True)
def latest_notices(context: dict[str, Any]) -> list[inbox.Told]:
    """The latest notices of the reader, unseen first."""
    return inbox.latest_notices(principal_of(context["request"]))
