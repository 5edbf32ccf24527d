"""What every page knows: the date, who is signed in, whether this is the demonstration."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from agencies.access import NOBODY, Verb, may, principal_of, today
from reforms.desk.agency import count_only_here
from reforms.models import ReformList
from reforms.notices.inbox import unread_count
from reforms.review.queue import count_to_review, count_to_sign


def portal(request: HttpRequest) -> dict[str, Any]:
    """For the context processors. What costs a query is lazy: many pages do not show it."""
    # An error page may be written before the middleware that knows the user has run.
    who = principal_of(request) if hasattr(request, "user") else NOBODY
    return {
        "today": today(),
        "demo": settings.DEMO,
        "who": who,
        "unread": SimpleLazyObject(lambda: unread_count(who)),
        "waits_here": SimpleLazyObject(lambda: count_only_here(who)),
        "waits_for_review": SimpleLazyObject(count_to_review),
        "waits_for_signature": SimpleLazyObject(lambda: count_to_sign(who)),
        "several_lists": SimpleLazyObject(lambda: ReformList.objects.readable_by(who).count() > 1),
        "sign_in_url": _sign_in_url(request),
        "verbs": {verb.value: may(who, verb) for verb in Verb},
    }


# From these one does not come back.
OF_SIGNING_IN = frozenset({"sign-in", "code", "welcome"})


def _sign_in_url(request: HttpRequest) -> str:
    """Where one signs in, to come back to this page with its filters; from the overview as such to one's desk."""
    url, match = reverse("sign-in"), request.resolver_match
    if request.get_full_path() == reverse("overview"):
        return url
    if request.method not in ("GET", "HEAD") or (match and match.view_name in OF_SIGNING_IN):
        return url
    return f"{url}?{urlencode({'next': request.get_full_path()})}"
