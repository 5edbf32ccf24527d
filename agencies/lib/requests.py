"""Requests: their ids, which log lines and the change log carry, their language, and what htmx says of them."""

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django_htmx.middleware import HtmxDetails

_request_id: ContextVar[str] = ContextVar("request_id", default="")
# At most what Change.request_id holds, and no character by which a line of the log could be forged.
_acceptable = re.compile(r"[A-Za-z0-9._-]{8,40}")


class HtmxHttpRequest(HttpRequest):
    """A request as the middleware of django-htmx leaves it, for views that answer htmx with a fragment."""

    htmx: HtmxDetails


def current_request_id() -> str:
    """The id of the request being answered; empty outside one."""
    return _request_id.get()


def load_anew() -> HttpResponse:
    """What htmx is answered when what it waited for is over: nothing, and to load the page again."""
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response


class RequestIdMiddleware:
    """Takes X-Request-ID from the proxy when it looks like one, else makes one; answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _acceptable.fullmatch(given) else secrets.token_hex(8)
        mark = _request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(mark)
        response["X-Request-ID"] = request_id
        return response


class LanguageMiddleware(LocaleMiddleware):
    """Pages speak Chinese until a cookie says otherwise, whatever the browser prefers; the API asks the header."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith("/api/v1/"):
            super().process_request(request)
            return
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = chosen in dict(settings.LANGUAGES)
        translation.activate(chosen if known else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


class RequestIdFilter(logging.Filter):
    """Puts the request id on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True
