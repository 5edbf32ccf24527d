"""What every page knows: the date, who is signed in, whether this is the demonstration."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from agencies.access import NOBODY, Verb, may, principal_of, today
from reforms.models import ReformList
from reforms.notices.inbox import unread_count


def portal(request: HttpRequest) -> dict[str, Any]:
    """For the context processors. What costs a query is lazy: many pages do not show it."""
    # An error page may be written before the middleware that knows the user has run.
    who = principal_of(request) if hasattr(request, "user") else NOBODY
    return {
        "today": today(),
        "demo": settings.DEMO,
        "who": who,
        "unread": SimpleLazyObject(lambda: unread_count(who)),
        "several_lists": SimpleLazyObject(lambda: ReformList.objects.readable_by(who).count() > 1),
        "verbs": {verb.value: may(who, verb) for verb in Verb},
    }
