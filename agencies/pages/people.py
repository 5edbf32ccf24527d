"""Everybody, for administrators: found, taken in, and how their roles are read."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access.rules import Verb, reach_table
from agencies.access.views import access, principal_of
from agencies.clock import today
from agencies.models import Role, User
from agencies.pages.forms import PeopleFilter, PersonForm
from agencies.people.accounts import add_person
from agencies.people.links import one_time_link
from agencies.people.search import A_PAGE, people_found


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Those who were searched for, with their roles; the form adds one, and shows the one-time link to hand over."""
    form = PersonForm(request.POST or None)
    added = None
    if request.method == "POST" and form.is_valid():
        added, form = _add(request, form), PersonForm()
    wanted = PeopleFilter(request.GET, auto_id="filter-%s")  # the form below has fields of the same names
    context = {"form": form, "added": added, "link": one_time_link(added) if added else "", "filter": wanted}
    context |= _page_of(wanted, request.GET.get("page"))
    return render(request, "people/people.html", context, status=_status(form, wanted))


def _add(request: HttpRequest, form: PersonForm) -> User:
    facts = form.cleaned_data
    return add_person(
        username=facts["username"],
        full_name=facts["full_name"],
        email=facts["email"],
        agency=facts["agency"],
        role=Role(facts["role"]),
        actor=principal_of(request),
        on=today(),
    )


def _page_of(wanted: PeopleFilter, number: str | None) -> dict[str, Any]:
    """The page of that number; nobody when what is wanted makes no sense."""
    found = people_found(wanted.cleaned_data) if wanted.is_valid() else User.objects.none()
    page = Paginator(found, A_PAGE).get_page(number)
    return {"page": page, "is_filtered": any(wanted.cleaned_data.values()) or not wanted.is_valid()}


def _status(form: PersonForm, wanted: PeopleFilter) -> int:
    if form.is_bound and form.errors:
        return 422
    return 400 if wanted.errors else 200


@access(Verb.USE_DESK)
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """Who may do what, as the rules have it."""
    return render(request, "people/roles.html", {"roles": Role.labels, "rows": reach_table()})
