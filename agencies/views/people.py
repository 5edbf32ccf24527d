"""People and their roles, for administrators."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import access, principal_of
from agencies.clock import today
from agencies.forms import PersonForm
from agencies.models import Membership, Role, User
from agencies.people import add_person, one_time_link
from agencies.people import set_active as change_active
from agencies.rules import Verb


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with their roles; the form adds one, and shows the one-time link to hand over."""
    form = PersonForm(request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        user = add_person(
            username=facts["username"],
            full_name=facts["full_name"],
            email=facts["email"],
            agency=facts["agency"],
            role=Role(facts["role"]),
            actor=principal_of(request),
            on=today(),
        )
        link, form = one_time_link(user), PersonForm()
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "people/people.html", {"form": form, "people": _everybody(), "link": link}, status=status)


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time link for somebody who lost the first or forgot the password."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    context = {"form": PersonForm(), "people": _everybody(), "link": one_time_link(user)}
    return render(request, "people/people.html", context)


@access(Verb.MANAGE_PEOPLE)
@require_POST
def set_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Shut a person out, or let them in again; nobody shuts out themselves."""
    user = get_object_or_404(User, pk=pk)
    if user.pk == principal_of(request).user_id:
        messages.error(request, _("不能停用自己的账号，请由另一位系统管理员操作。"))
    else:
        change_active(user, active=not user.is_active, actor=principal_of(request), on=today())
        messages.success(request, _("已保存。"))
    return redirect("people")


def _everybody() -> list[User]:
    places = Prefetch("memberships", Membership.objects.select_related("agency"))
    return list(User.objects.order_by("-is_active", "pk").prefetch_related(places))
