"""Pages as visitors see them: made once for each address as long as nothing was logged, and not sent again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control

from agencies.access import principal_of
from agencies.models import ChangeHead
from reforms.lib.answers import ANSWERS, state_of

Page = Callable[..., HttpResponseBase]
# What htmx says of the page it asks from: a part of the page is another answer.
HTMX = ("HX-Request", "HX-History-Restore-Request", "HX-Boosted", "HX-Target")


def kept_for_visitors(page: Page) -> Page:
    """For pages that are told by the log. Whoever has signed in, or has a message waiting, gets a page of their own."""

    @wraps(page)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not _is_visitor(request):
            return page(request, *args, **kwargs)
        # Before anything is read: what is written meanwhile makes the next state another one.
        state = _state(request)
        found = ANSWERS.again(state)
        if found is None:
            made = page(request, *args, **kwargs)
            if not isinstance(made, HttpResponse) or made.status_code != 200 or _is_personal(request):
                return made
            ANSWERS.keep(state, made)
            found = made
        found.headers["ETag"] = f'"{state}"'
        # Whoever keeps the page asks each time whether it still is what it was.
        patch_cache_control(found, no_cache=True)
        return get_conditional_response(request, etag=f'"{state}"', response=found) or found

    return answer


def _is_visitor(request: HttpRequest) -> bool:
    cookies = {"sessionid", "messages"} & request.COOKIES.keys()
    return request.method in {"GET", "HEAD"} and not cookies and not principal_of(request).signed_in


def _is_personal(request: HttpRequest) -> bool:
    """Whether the page has a form with a token, which is one visitor's alone."""
    return "CSRF_COOKIE_NEEDS_UPDATE" in request.META


def _state(request: HttpRequest) -> str:
    return state_of(
        ChangeHead.reached(), [], [request.build_absolute_uri(), *(request.headers.get(name) for name in HTMX)]
    )
