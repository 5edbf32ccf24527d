"""Error pages: each says what happened and what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from reforms.api.problems import is_api, plain_problem


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


def _page(request: HttpRequest, status: int) -> HttpResponse:
    if is_api(request):
        return plain_problem(request, status)
    return render(request, f"errors/{status}.html", status=status)
