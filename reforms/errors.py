"""Error pages: each says what happened and what to do next."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from reforms.api.http.problems import is_api, plain_problem

MEGABYTE = 1_048_576


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Also what turned out too large while it was read: that is said."""
    is_too_large = isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent))
    return too_large(request, settings.BODY_LIMIT) if is_too_large else _page(request, 400)


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    """More than this address takes."""
    if is_api(request):
        return plain_problem(request, 413)
    return render(request, "errors/413.html", {"most": most // MEGABYTE}, status=413)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """They may not do this."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """There is no such page, or none that they may see."""
    return _page(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from elsewhere."""
    if is_api(request):
        return plain_problem(request, 403)
    return render(request, "errors/csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: whatever broke must not break this page too."""
    if is_api(request):
        return plain_problem(request, 500)
    return HttpResponse(render_to_string("errors/500.html"), status=500)


class BodyLimitMiddleware:
    """Refuses what is larger than its address takes (settings.BODY_LIMITS) before any of it is read or kept.

    Django reads no further than the length that was announced; a body without one is refused. Files are taken only from
    people who have signed in; by API the view asks who it is before it reads.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Once the address is known, and before the view reads anything; an answer only where it is refused."""
        length = request.headers.get("Content-Length", "")
        if not length and "Transfer-Encoding" in request.headers:
            # A body of unknown length cannot be refused before it is read.
            return _page(request, 411)
        most = _most(request)
        return too_large(request, most) if length.isdecimal() and int(length) > most else None


def _most(request: HttpRequest) -> int:
    name = request.resolver_match.view_name if request.resolver_match else ""
    most: int = settings.BODY_LIMITS.get(name, settings.BODY_LIMIT)
    if most > settings.BODY_LIMIT and not is_api(request) and not request.user.is_authenticated:
        return int(settings.BODY_LIMIT)
    return most


class NotAllowedMiddleware:
    """A page for whoever opens an address that only takes forms, by its link or after signing in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or is_api(request):
            return response
        page = _page(request, 405)
        # HTTP wants every 405 to say what is allowed (RFC 9110, 15.5.6).
        page["Allow"] = response["Allow"]
        return page


def _page(request: HttpRequest, status: int) -> HttpResponse:
    if is_api(request):
        return plain_problem(request, status)
    return render(request, f"errors/{status}.html", status=status)
