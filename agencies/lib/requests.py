"""Requests: their ids, which log lines and the change log carry, their language, what htmx says of them; and answers
made small on their way out."""

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django_htmx.middleware import HtmxDetails

_request_id: ContextVar[str] = ContextVar("request_id", default="")
# At most what Change.request_id holds, and no character by which a line of the log could be forged.
_acceptable = re.compile(r"[A-Za-z0-9._-]{8,40}")


class HtmxHttpRequest(HttpRequest):
    """A request as the middleware of django-htmx leaves it, for views that answer htmx with a fragment."""

    htmx: HtmxDetails


def is_number(text: str) -> bool:
    """Whether a text is a number that every database can hold."""
    return text.isascii() and text.isdecimal() and len(text) < 19  # 18 digits fit a bigint


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


class CompressionMiddleware(GZipMiddleware):
    """Text is sent compressed, also where no proxy does it; files that are compressed as they are, are left alone.

    A page's CSRF token is masked anew each time, so that the length of an answer tells nothing of it.
    """

    TEXT = re.compile(r"text/|application/([a-z.-]+\+)?(json|xml)\b|application/(x-ndjson|javascript)|image/svg")

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not self.TEXT.match(response.headers.get("Content-Type", "")):
            return response
        return super().process_response(request, response)


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
