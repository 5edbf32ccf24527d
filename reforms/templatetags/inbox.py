"""What a page shows of the reader's own."""

from typing import Any

from django import template
from django.db.models import QuerySet

from agencies.access import principal_of
from reforms.desk.feeds import feeds_of
from reforms.desk.watching import watches_of
from reforms.models import PersonalFeed, Watching
from reforms.notices import inbox

register = template.Library()


@register.simple_tag(takes_context=True)
def latest_notices(context: dict[str, Any]) -> list[inbox.Told]:
    """The latest notices of the reader, unseen first."""
    return inbox.latest_notices(principal_of(context["request"]))


@register.simple_tag(takes_context=True)
def own_feeds(context: dict[str, Any]) -> QuerySet[PersonalFeed]:
    """The reader's personal addresses."""
    return feeds_of(principal_of(context["request"]))


@register.simple_tag(takes_context=True)
def own_watches(context: dict[str, Any]) -> QuerySet[Watching]:
    """What the reader wants to be told of."""
    return watches_of(principal_of(context["request"]))
