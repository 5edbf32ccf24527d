"""Holds every page to the rules: each view names its verb, and a view that names none is shut."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from agencies.models.people import User
from agencies.principal import NOBODY, Principal
from agencies.rules import Verb, may

View = TypeVar("View", bound=Callable[..., Any])


def access(verb: Verb) -> Callable[[View], View]:
    """Declare what a page does, so that the rules can answer who may open it."""

    def mark(view: View) -> View:
        view.verb = verb  # type: ignore[attr-defined]  # a function carries its verb as an attribute
        return view

    return mark


def principal_of(request: HttpRequest) -> Principal:
    """Who is asking; looked up once per request."""
    known: Principal | None = getattr(request, "_principal", None)
    if known is None:
        known = Principal.of_user(request.user) if isinstance(request.user, User) else NOBODY
        request._principal = known  # type: ignore[attr-defined]  # kept on the request for its lifetime
    return known


def require(request: HttpRequest, verb: Verb, agencies: frozenset[int]) -> Principal:
    """The principal, when they may do `verb` to an object of `agencies`; PermissionDenied otherwise."""
    who = principal_of(request)
    if not may(who, verb, agencies):
        raise PermissionDenied
    return who


class AccessMiddleware:
    """Asks the rules before any page runs. API views ask through reforms.api.permissions instead."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if hasattr(view, "cls"):
            return None
        verb: Verb | None = getattr(view, "verb", None)
        if verb is None:
            raise PermissionDenied
        if may(principal_of(request), verb):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url("sign-in"))
        raise PermissionDenied
