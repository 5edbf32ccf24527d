"""Holds every page to the rules: each view names its verb, and a view that names none is shut."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from agencies.access.principal import NOBODY, Principal
from agencies.access.rules import Verb, may
from agencies.models.people import User

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
            return _to_sign_in(request)
        raise PermissionDenied


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Signing in leads back to the page one was on. What a form sent was not done, which is said; what was sent from
    within a page is answered with 401, so that the text stays where it was typed."""
    sent = request.method not in ("GET", "HEAD")
    within = request.headers.get("HX-Request") == "true"
    if within and sent:
        return HttpResponse(_("登录已失效，尚未报送；这里的文字还在，请先复制，再重新登录。"), status=401)
    back = _page_before(request) if sent or within else request.get_full_path()
    if sent:
        messages.warning(request, _("登录已失效，刚才提交的内容没有保存。请登录后重新提交。"))
    answer = redirect_to_login(back, resolve_url("sign-in"))
    return HttpResponse(status=401, headers={"HX-Redirect": answer["Location"]}) if within else answer


def _page_before(request: HttpRequest) -> str:
    """The page of ours on which the form stood, as the browser tells it; else the address that was asked for."""
    told = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(told, {request.get_host()}, require_https=request.is_secure())
    parts = urlsplit(told if own else request.get_full_path())
    return urlunsplit(("", "", parts.path, parts.query, ""))
