"""Error pages: each says what happened and what to do next."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from reforms.api.http.problems import is_api, plain_problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
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


class NotAllowedMiddleware:
    """A page for whoever opens an address that only takes forms, by its link or after signing in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or is_api(request):
            return response
        page = _page(request, 405)
        page["Allow"] = response["Allow"]
        return page


def _page(request: HttpRequest, status: int) -> HttpResponse:
    if is_api(request):
        return plain_problem(request, status)
    return render(request, f"errors/{status}.html", status=status)
