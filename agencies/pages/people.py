"""Everybody, for administrators: found, taken in, and how their roles are read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Verb, access, acting, principal_of, reach_table
from agencies.models import Language, Membership, Role, User
from agencies.pages.forms import DetailsForm, PeopleFilter, PersonForm, RoleForm
from agencies.people.accounts import (
    CONTACT,
    DETAILS,
    PersonChanged,
    add_person,
    details_of,
    edit_person,
    give_role,
    roles_version_of,
    take_role,
    version_of,
)
from agencies.people.accounts import invite as make_link
from agencies.people.accounts import set_active as change_active
from agencies.people.history import DETAILS as LABELS
from agencies.people.history import events_of
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
        # No redirect: the link is shown this once and kept nowhere.
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
        **{name: facts[name] for name in CONTACT},
        **acting(request),
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


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What is kept of a person; the form changes name and e-mail, unless somebody else did meanwhile."""
    found = get_object_or_404(User, pk=pk)
    if request.method != "POST":
        return _page(request, found)
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, details=form)
    facts = form.cleaned_data
    entered = {name: facts[name] for name in DETAILS}
    try:
        changed = edit_person(found, entered, seen=facts["version"], **acting(request))
    except PersonChanged as stale:
        return _page(
            request,
            stale.current,
            status=409,
            details=_again(entered, stale.current),
            differing=_beside(entered, stale.current),
        )
    messages.success(request, _("已保存。") if changed else _("没有变化。"))
    return redirect("person", pk)


def _beside(entered: dict[str, str], current: User) -> list[tuple[Any, str, str]]:
    """What was entered and differs from what is stored now: name, stored, entered; name and e-mail in any case."""
    stored = details_of(current)
    shown = [name for name in DETAILS if name not in CONTACT or stored[name] != entered[name]]
    return [(LABELS[name], _said(name, stored[name]), _said(name, entered[name])) for name in shown]


def _said(name: str, value: str) -> str:
    """What was chosen, as a reader knows it."""
    return str(Language(value).label) if name == "language" else value


def _again(entered: dict[str, str], current: User) -> DetailsForm:
    """The form as it was filled in, against what is stored now."""
    return DetailsForm(initial=entered | {"version": version_of(current)})


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_POST
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """One more role."""
    found = get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, role_form=form)
    facts = form.cleaned_data
    place = Membership(user=found, agency=facts["agency"], role=facts["role"])
    # Two may change somebody's roles at once: the second is shown what the first did before theirs is added.
    if facts["version"] != roles_version_of(found):
        again = RoleForm(initial=facts | {"version": roles_version_of(found)})
        return _page(request, found, status=409, role_form=again, not_done=_("增加角色"), not_done_place=place)
    try:
        give_role(found, agency=place.agency, role=Role(place.role), **acting(request))
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, found, status=422, role_form=form)
    messages.success(request, _("已增加角色。"))
    return redirect("person", pk)


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_POST
def take(request: HttpRequest, pk: int, place_id: int) -> HttpResponse:
    """Take one role away."""
    found = get_object_or_404(User, pk=pk)
    place = Membership.objects.select_related("user", "agency").filter(pk=place_id, user=found).first()
    # A place that is gone was taken away by somebody else: their roles have changed, too.
    if place is None or request.POST.get("version") != roles_version_of(found):
        return _page(request, found, status=409, not_done=_("移除角色"), not_done_place=place)
    try:
        take_role(place, **acting(request))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("已移除角色。"))
    return redirect("person", pk)


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time link for somebody who lost the first or forgot the password."""
    found = get_object_or_404(User, pk=pk, is_active=True)
    # As above: shown once, on the answer itself.
    return _page(request, found, link=make_link(found, **acting(request)))


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Shut a person out, after asking whether work is to be handed over first; or let them in again."""
    found = get_object_or_404(User, pk=pk)
    if request.method != "POST":
        return render(request, "people/deactivate.html", {"person": found, "places": _places(found)})
    try:
        change_active(found, active=request.POST.get("active") == "yes", **acting(request))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("已保存。"))
    return redirect("person", pk)


def _places(found: User) -> list[Membership]:
    return list(found.memberships.select_related("agency"))


def _page(request: HttpRequest, found: User, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page; `more` may hold forms that were filled in, and what is to be said above."""
    version = roles_version_of(found)
    forms = {
        "details": DetailsForm(initial=details_of(found) | {"version": version_of(found)}),
        "role_form": RoleForm(initial={"version": version}),
    }
    context = {
        "person": found,
        "places": _places(found),
        "version": version,
        "events": events_of(found),
        # Nobody shuts themselves out or stops being an administrator by themselves: the page does not offer it.
        "is_self": found.pk == principal_of(request).user_id,
    }
    return render(request, "people/person.html", context | forms | more, status=status)
